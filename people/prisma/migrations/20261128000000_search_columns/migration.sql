-- Replaces the functions and indexes of the migration "search" by two generated columns. It can run twice: People also runs
-- it on a database that `db push` made, which has the columns, but not what they are generated from.

-- DropIndex
DROP INDEX IF EXISTS "people_by_name", "people_by_time", "people_by_word",
    "people_sort_key_id_idx", "people_created_at_id_idx", "people_words_idx";

-- AlterTable
ALTER TABLE "people" DROP COLUMN IF EXISTS "sort_key", DROP COLUMN IF EXISTS "words";

-- DropFunction
DROP FUNCTION IF EXISTS "people_search", "people_query", "people_lexemes", "people_marked", "people_stretch", "people_bounds",
    "people_words"(text, text, text), "people_words"(text, text, text, text), "people_parts", "people_sort_key", "people_fold",
    "people_index", "people_part";

-- CreateFunction: ignores case and accents. ASCII, the usual case, takes the short way. The length is limited before, because
-- this is slow, and after, because compatibility characters become several and a word of a tsvector has at most 2046 bytes.
--
-- Bodies in the form RETURN are parsed here, so that they mean the same under every "search_path".
CREATE FUNCTION "people_fold"("value" text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN left(CASE WHEN octet_length("value") = char_length("value") THEN lower("value" COLLATE "C")
    ELSE replace(replace(replace(replace(lower(translate(
        regexp_replace(normalize(left("value", 500), NFKD), '[\u0300-\u036f\U0010ffff]', '', 'g'),
        '’‘ʼ‐–ŁłØøĐđŦŧĦħıIÆŒÞẞς', '''''''--LlOoDdTtHhiiæœþßσ')), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th') END, 500);

-- CreateFunction: the words that a person is found by: those of the name, the parts of a word with a hyphen or the like inside
-- and what follows the first such mark; the e-mail address and its domain; all digits of the phone number and its groups.
CREATE FUNCTION "people_words"("name" text, "email" text, "digits" text, "groups" text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_to_tsvector(array_remove(string_to_array("name"
    || CASE WHEN "name" ~ '[-''.(\u2010-\u2019]' THEN ' ' || translate("name", '-''.(', '    ')
        || ' ' || regexp_replace("name", '(^| )[^- ''.(\u2010-\u2019]*[-''.(\u2010-\u2019]+', ' ', 'g') ELSE '' END
    || ' ' || "email" || ' ' || split_part("email", '@', -1) || ' ' || "digits" || ' ' || "groups", ' '), ''));

-- AlterTable
ALTER TABLE "people"
ADD COLUMN "sort_key" text COLLATE "C" GENERATED ALWAYS AS (left("people_fold"("name"), 200)) STORED,
ADD COLUMN "words" tsvector GENERATED ALWAYS AS ("people_words"("people_fold"("name"), "people_fold"("email"),
    "people_fold"(translate("phone_number", '+ -./()', '')), "people_fold"(translate("phone_number", '+-./()', '      ')))) STORED;

-- CreateIndex
CREATE INDEX "people_sort_key_id_idx" ON "people"("sort_key", "id");

-- CreateIndex
CREATE INDEX "people_created_at_id_idx" ON "people"("created_at", "id");

-- CreateFunction: which part of the order by name a sort key is in, from 0.
CREATE FUNCTION "people_part"("sort_key" text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN width_bucket("sort_key" COLLATE "C", string_to_array('a ai b bi c ci d di e ei f fi g gi h hi i in j ji k ki l li m mi n ni o oi p pi q r ri s si t ti u v vi w x y z {', ' '));

-- CreateFunction: words after a character for the part.
CREATE FUNCTION "people_index"("words" tsvector, "part" integer) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT array_to_tsvector(coalesce(array_agg(chr(192 + "part") || "word"), '{}')) FROM unnest(tsvector_to_array("words")) "word");

-- CreateIndex: it has a frequent word for one part of the order after the other, so that the first page is not found among all
-- its people. There is no list of pending entries, which every search would read.
CREATE INDEX "people_words_idx" ON "people" USING GIN ("people_index"("words", "people_part"("sort_key"))) WITH (fastupdate = off);
