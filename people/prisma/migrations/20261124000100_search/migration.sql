-- What makes the search of "people" fast: functions that say which words a person is found by, and indexes of them. None
-- of it is part of the schema file: comparing schemas leaves functions and indexes of expressions alone, and without them
-- (after `db push`) People looks at every row instead.
--
-- Bodies in the form RETURN are read when the function is made, so that they mean the same under every "search_path";
-- maintenance, for one, evaluates indexes under an almost empty one.

-- CreateFunction: case and accents do not matter. Text of ASCII alone, which is most, takes the short way.
CREATE FUNCTION "people_fold"("value" text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN octet_length("value") = char_length("value") THEN lower("value" COLLATE "C")
    ELSE lower(replace(replace(replace(replace(translate(
        regexp_replace(normalize("value", NFKD), '[\u0300-\u036f\U0010ffff]', '', 'g'),
        '’‘ʼ‐–ŁłØøĐđŦŧĦħıI', '''''''--LlOoDdTtHhii'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')) END;

-- CreateFunction: by what names are sorted.
CREATE FUNCTION "people_sort_key"("name" text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN left("people_fold"(left("name", 200)), 200);

-- CreateFunction: what a name gives besides its words: the parts of those with a hyphen or the like inside, and what
-- follows the first such mark.
CREATE FUNCTION "people_parts"("name" text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN "name" ~ '[-''.(\u2010-\u2019]'
    THEN ' ' || translate(left("name", 500), '-''.(‐–‘’', '        ')
      || ' ' || regexp_replace(left("name", 500), '(^| )[^- ''.(\u2010-\u2019]*[-''.(\u2010-\u2019]+', ' ', 'g')
    ELSE '' END;

-- CreateFunction: the words that a person is found by, each after a blank.
CREATE FUNCTION "people_words"("name" text, "email" text, "phone_number" text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN "people_fold"(' ' || left("name", 500) || "people_parts"("name")
    || ' ' || left("email", 500) || ' ' || left(split_part("email", '@', -1), 500)
    || ' ' || translate(left("phone_number", 500), '+ -./()', '')
    || ' ' || translate(left("phone_number", 500), '+-./()', '      '));

-- CreateFunction: a stretch of the order by name: a letter, "`" for all that comes before "a", "{" for all after "z".
CREATE FUNCTION "people_stretch"("folded" text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN "folded" COLLATE "C" < 'a' THEN '`' WHEN "folded" COLLATE "C" < '{' THEN left("folded", 1) ELSE '{' END;

-- CreateFunction: the words once more, each behind a mark, so that an index of words can give one stretch of the order
-- after the other, and those people alone whom the order by name does not show:
--   "!"         the first word of the name
--   "1" to "9"  the e-mail address, if it begins with so many letters of the name
--   a stretch   everything else
CREATE FUNCTION "people_marked"("name" text, "email" text, "rest" text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    -- Nothing but what is in "pg_catalog" is used here, which every search path has.
    "first" CONSTANT text := split_part("name", ' ', 1);
    "address" CONSTANT text := split_part("email", ' ', 1);
    "stretch" CONSTANT text :=
        CASE WHEN "name" COLLATE "C" < 'a' THEN '`' WHEN "name" COLLATE "C" < '{' THEN left("name", 1) ELSE '{' END;
    "mark" CONSTANT text := CASE
        WHEN left("address", 1) <> left("name", 1) OR "address" = '' THEN "stretch"
        WHEN left("address", 2) <> left("name", 2) THEN '1'
        WHEN left("address", 3) <> left("name", 3) THEN '2'
        WHEN left("address", 4) <> left("name", 4) THEN '3'
        WHEN left("address", 5) <> left("name", 5) THEN '4'
        WHEN left("address", 6) <> left("name", 6) THEN '5'
        WHEN left("address", 7) <> left("name", 7) THEN '6'
        WHEN left("address", 8) <> left("name", 8) THEN '7'
        WHEN left("address", 9) <> left("name", 9) THEN '8'
        ELSE '9' END;
BEGIN
    RETURN array_to_tsvector(array_remove(string_to_array(
        '!' || "first" || ' ' || "mark" || "address"
        || replace(substr("name", length("first") + 1) || substr("email", length("address") + 1) || "rest",
            ' ', ' ' || "stretch"), ' '), ''));
END
$$;

-- CreateFunction
CREATE FUNCTION "people_lexemes"("name" text, "email" text, "phone_number" text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN "people_marked"("people_fold"(left("name", 500)), "people_fold"(left("email", 500)),
    "people_fold"("people_parts"("name") || ' ' || left(split_part("email", '@', -1), 500)
    || ' ' || translate(left("phone_number", 500), '+ -./()', '')
    || ' ' || translate(left("phone_number", 500), '+-./()', '      ')));

-- CreateFunction: the text of a tsquery for what begins with a word, in one stretch of the order.
CREATE FUNCTION "people_begins"("word" text, "stretch" text, "with_first" boolean) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT '(' || string_agg('''' || "mark" || replace(replace("word", '\', '\\'), '''', '''''') || ''':*', ' | ') || ')'
    FROM (SELECT "stretch" AS "mark"
        UNION ALL SELECT '!' WHERE "with_first" AND "people_stretch"("word") = "stretch"
        -- An address that shares the whole word with the name is found by the name.
        UNION ALL SELECT "shared"::text FROM generate_series(1, least(length("word") - 1, 9)) "shared"
            WHERE "people_stretch"("word") = "stretch") "marks"
);

-- CreateFunction: the tsquery for all of some words, or one of others, in one stretch of the order.
CREATE FUNCTION "people_query"("every" text[], "one" text[], "stretch" text, "with_first" boolean) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT string_agg("part", ' | ') FROM (
        SELECT '(' || string_agg("people_begins"("word", "stretch", "with_first"), ' & ') || ')' AS "part"
        FROM unnest("every") "word"
        UNION ALL SELECT "people_begins"("word", "stretch", "with_first") FROM unnest("one") "word"
    ) "parts"
)::tsquery;

-- CreateFunction: the tsquery of each stretch, in order. Only those in which a word would begin a name are written one by
-- one; for the others the stretch is put in.
CREATE FUNCTION "people_queries"("every" text[], "one" text[], "with_first" boolean, "forward" boolean,
    OUT "stretch" text, OUT "query" tsquery)
RETURNS SETOF record
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
    "own" CONSTANT text[] := ARRAY(SELECT people_stretch(w) FROM unnest("every" || "one") w);
    -- A mark that nothing else has stands for the stretch.
    "other" CONSTANT text := people_query("every", "one", chr(1), false)::text;
BEGIN
    FOREACH "stretch" IN ARRAY string_to_array(
        CASE WHEN "forward" THEN '`abcdefghijklmnopqrstuvwxyz{' ELSE '{zyxwvutsrqponmlkjihgfedcba`' END, NULL)
    LOOP
        "query" := CASE WHEN "stretch" = ANY ("own") THEN people_query("every", "one", "stretch", "with_first")
            ELSE replace("other", chr(1), "stretch")::tsquery END;
        RETURN NEXT;
    END LOOP;
END
$$;

-- CreateIndex: in order, with the words: to walk along, without a look at the table.
CREATE INDEX "people_by_name" ON "people" (("people_sort_key"("name")) COLLATE "C", "id", ("people_words"("name", "email", "phone_number"))) INCLUDE ("name", "email", "phone_number");

-- CreateIndex
CREATE INDEX "people_by_time" ON "people" ("created_at", "id", ("people_words"("name", "email", "phone_number"))) INCLUDE ("name", "email", "phone_number");

-- CreateIndex: by words. A list of pending entries would be read by every search.
CREATE INDEX "people_by_word" ON "people" USING gin ("people_lexemes"("name", "email", "phone_number")) WITH (fastupdate = off);

-- CreateFunction: finds one page, and says how many there are.
--
-- What is frequent is met soon on a walk along the order; what is rare is found by the index of words, and sorted. Between
-- the two, and where the frequent is all in one place (everybody called Zoe), the order is taken in stretches: those of
-- which the index of words has little are read from it, the others are walked. The settings below choose the plans: each
-- statement here is written for one.
CREATE FUNCTION "people_search"(
    "sort" text, "forward" boolean, "typed" text[], "alternatives" text[], "size" integer, "with_total" boolean,
    "at_key" text, "at_time" timestamp, "at_id" text,
    OUT "ids" text[], OUT "total" bigint, OUT "exact" boolean, OUT "branch" text
)
LANGUAGE plpgsql STABLE
SET search_path FROM CURRENT
SET enable_seqscan = off
SET enable_sort = off
SET jit = off
SET max_parallel_workers_per_gather = 0
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    "small" CONSTANT integer := 10000;
    "few" CONSTANT integer := 1000;
    "every" text[];
    "one" text[];
    "every_pattern" text[];
    "one_pattern" text[];
    "walk" text;
    "key_column" text := 'people_sort_key(name) COLLATE "C"';
    "comparison" text := CASE WHEN ("sort" = 'name') = "forward" THEN '>' ELSE '<' END;
    "direction" text := CASE WHEN ("sort" = 'name') = "forward" THEN '' ELSE ' DESC' END;
    "people" double precision;
    "sample" text[];
    "hits" integer;
    "seen" integer;
    "steps" integer;
    "driving" text[];
    "query" tsquery;
    "stretch" text;
    "more" text[];
    "near" text[];
    "long" CONSTANT integer := 10000 * greatest("size" / 20, 1);
BEGIN
    "every" := ARRAY(SELECT DISTINCT w FROM unnest(string_to_array(people_fold(array_to_string("typed", ' ')), ' ')) w WHERE w <> '');
    "one" := ARRAY(SELECT DISTINCT people_fold(w) FROM unnest("alternatives") w WHERE ARRAY[people_fold(w)] <> "every");
    "every_pattern" := ARRAY(SELECT '% ' || replace(replace(replace(w, '\', '\\'), '%', '\%'), '_', '\_') || '%' FROM unnest("every") w);
    "one_pattern" := ARRAY(SELECT '% ' || replace(replace(replace(w, '\', '\\'), '%', '\%'), '_', '\_') || '%' FROM unnest("one") w);
    IF "sort" = 'name' THEN
        "at_key" := coalesce("at_key", '');
        "at_id" := coalesce("at_id", '');
    ELSE
        "key_column" := 'created_at';
        "at_time" := coalesce("at_time", 'infinity');
        "at_id" := coalesce("at_id", '');
    END IF;
    -- $1 key, $2 id, $3 and $4 patterns, $5 rows of the page, $6 rows to look at, $7 and $8 the stretch.
    "walk" := format(
        'SELECT ARRAY(SELECT id FROM (
            SELECT id, people_words(name, email, phone_number) AS words FROM people
            WHERE (%1$s, id) %2$s ($1, $2)%4$s ORDER BY %1$s%3$s, id%3$s LIMIT $6) walked
        WHERE %5$s LIMIT $5)',
        "key_column", "comparison", "direction",
        CASE WHEN "sort" = 'name' THEN ' AND people_sort_key(name) COLLATE "C" >= $7 AND people_sort_key(name) COLLATE "C" < $8' ELSE ' AND $7 < $8' END,
        -- One by one they are compared in half the time.
        (SELECT coalesce(string_agg(format('words LIKE $3[%s]', place), ' AND '), 'true') FROM generate_subscripts("every", 1) place)
            || (SELECT coalesce(string_agg(format(' OR words LIKE $4[%s]', place), ''), '') FROM generate_subscripts("one", 1) place));
    "exact" := false;
    SELECT reltuples INTO "people" FROM pg_catalog.pg_class WHERE oid = 'people'::regclass;

    IF "with_total" AND "people" < "small" THEN
        SELECT count(*) FILTER (WHERE words LIKE ALL ("every_pattern") OR words LIKE ANY ("one_pattern")), count(*)
        INTO "total", "seen"
        FROM (SELECT people_words(name, email, phone_number) AS words FROM people ORDER BY people_sort_key(name) COLLATE "C", id LIMIT "small" + 1) all_people;
        "exact" := "seen" <= "small";
        "people" := greatest("people", "seen");
    END IF;

    IF "every" = '{}' THEN
        "branch" := 'walk';
        "steps" := "size";
        IF NOT "exact" THEN "total" := "people"; END IF;
    ELSIF "exact" THEN
        "branch" := 'walk';
        "steps" := "small" + 1;
    END IF;
    IF "steps" IS NOT NULL THEN
        IF "sort" = 'name' THEN
            EXECUTE "walk" INTO "ids" USING "at_key", "at_id", "every_pattern", "one_pattern", "size", "steps", '', chr(1114111);
        ELSE
            EXECUTE "walk" INTO "ids" USING "at_time", "at_id", "every_pattern", "one_pattern", "size", "steps", '', 'x';
        END IF;
        RETURN;
    END IF;

    -- How frequent it is: from four places in the order of time.
    SELECT array_agg(words) INTO "sample"
    FROM (SELECT min(created_at) AS first, max(created_at) AS last FROM people) span,
        generate_series(0, 3) quarter,
        LATERAL (SELECT people_words(name, email, phone_number) AS words FROM people
            WHERE created_at >= first + quarter * (last - first) / 4 ORDER BY created_at, id LIMIT 250) few_people;
    SELECT count(*) INTO "hits" FROM unnest("sample") words WHERE words LIKE ALL ("every_pattern") OR words LIKE ANY ("one_pattern");
    "total" := "people" * "hits" / greatest(cardinality("sample"), 1);
    -- Of several words only the rarest are looked up: reading much of the index is slower than looking at the people whom
    -- those leave.
    "driving" := "every";
    IF cardinality("every") > 1 THEN
        WITH counted AS MATERIALIZED (
            SELECT w, (SELECT count(*) FROM unnest("sample") words WHERE words LIKE pattern) AS met
            FROM unnest("every", "every_pattern") AS words(w, pattern))
        SELECT array_agg(w) INTO "driving" FROM counted WHERE met <= (SELECT 4 * min(met) + 12 FROM counted);
    END IF;

    IF "hits" < 3 THEN
        "branch" := 'words';
        WITH found AS MATERIALIZED (
            SELECT id, CASE "sort" WHEN 'name' THEN people_sort_key(name) COLLATE "C" END AS key, created_at AS time
            FROM (SELECT people.*, CASE WHEN cardinality("driving") < cardinality("every") THEN people_words(name, email, phone_number) END AS words
                FROM people_queries("driving", "one", true, true) queries, people
                WHERE people_lexemes(name, email, phone_number) @@ queries.query OFFSET 0) asked
            WHERE cardinality("driving") = cardinality("every") OR words LIKE ALL ("every_pattern") OR words LIKE ANY ("one_pattern")
            LIMIT "few" + 1)
        SELECT (SELECT count(*) FROM found), CASE "sort"
            WHEN 'name' THEN ARRAY(SELECT id FROM found
                WHERE CASE WHEN "forward" THEN (key, id) > ("at_key", "at_id") ELSE (key, id) < ("at_key", "at_id") END
                ORDER BY CASE WHEN "forward" THEN key END, CASE WHEN "forward" THEN id END, key DESC, id DESC LIMIT "size")
            ELSE ARRAY(SELECT id FROM found
                WHERE CASE WHEN "forward" THEN (time, id) < ("at_time", "at_id") ELSE (time, id) > ("at_time", "at_id") END
                ORDER BY CASE WHEN NOT "forward" THEN time END, CASE WHEN NOT "forward" THEN id END, time DESC, id DESC LIMIT "size") END
        INTO "seen", "ids";
        IF "seen" <= "few" THEN
            "total" := "seen";
            "exact" := true;
            RETURN;
        END IF;
        "total" := greatest("total", "seen");
    END IF;

    -- Along the order: what is very frequent at once, the others a short way, and a long one if that promises enough.
    FOREACH "steps" IN ARRAY CASE WHEN "hits" >= 30 THEN ARRAY[2 * "long"] ELSE ARRAY[1000, "long"] END LOOP
        "branch" := 'walk';
        IF "sort" = 'name' THEN
            EXECUTE "walk" INTO "ids" USING "at_key", "at_id", "every_pattern", "one_pattern", "size", "steps", '', chr(1114111);
        ELSE
            EXECUTE "walk" INTO "ids" USING "at_time", "at_id", "every_pattern", "one_pattern", "size", "steps", '', 'x';
        END IF;
        IF cardinality("ids") >= "size" THEN RETURN; END IF;
        EXIT WHEN "sort" = 'newest' OR cardinality("ids") * 10 < "size";
    END LOOP;

    IF "sort" = 'newest' THEN
        "branch" := 'long walk';
        EXECUTE "walk" INTO "ids" USING "at_time", "at_id", "every_pattern", "one_pattern", "size", 2000000000, '', 'x';
        RETURN;
    END IF;

    "branch" := 'stretches';
    "ids" := '{}';
    -- A single word at the beginning of names is one piece of the order, which is read below.
    FOR "stretch", "query" IN
        SELECT * FROM people_queries("driving", "one", cardinality("every") > 1 OR "one" <> '{}', "forward")
    LOOP
        CONTINUE WHEN "at_id" <> '' AND CASE WHEN "forward" THEN "stretch" < people_stretch("at_key") COLLATE "C" ELSE "stretch" > people_stretch("at_key") COLLATE "C" END;
        WITH found AS MATERIALIZED (
            SELECT id, people_sort_key(name) COLLATE "C" AS key FROM people
            WHERE people_lexemes(name, email, phone_number) @@ "query"
                AND (cardinality("driving") = cardinality("every") OR people_words(name, email, phone_number) LIKE ALL ("every_pattern") OR people_words(name, email, phone_number) LIKE ANY ("one_pattern"))
            LIMIT 3 * "few" + 1)
        SELECT (SELECT count(*) FROM found), ARRAY(SELECT id FROM found
            WHERE CASE WHEN "forward" THEN (key, id) > ("at_key", "at_id") ELSE (key, id) < ("at_key", "at_id") END
            ORDER BY CASE WHEN "forward" THEN key END, CASE WHEN "forward" THEN id END, key DESC, id DESC LIMIT "size")
        INTO "seen", "more";
        IF "seen" > 3 * "few" THEN
            -- Where there are many, the first of them are near.
            EXECUTE "walk" INTO "more" USING "at_key", "at_id", "every_pattern", "one_pattern", "size", 2000000000,
                CASE "stretch" WHEN '`' THEN '' ELSE "stretch" END,
                CASE "stretch" WHEN '{' THEN chr(1114111) ELSE chr(ascii("stretch") + 1) END;
        ELSIF cardinality("every") = 1 AND "one" = '{}' AND people_stretch("every"[1]) = "stretch" THEN
            EXECUTE "walk" INTO "near" USING "at_key", "at_id", "every_pattern", "one_pattern", "size", "size",
                "every"[1], "every"[1] || chr(1114111);
            EXECUTE format('SELECT ARRAY(SELECT id FROM (SELECT id, %1$s AS key FROM people WHERE id = ANY ($1) OFFSET 0) both_of_them
                ORDER BY key%2$s, id%2$s LIMIT $2)', "key_column", "direction")
                INTO "more" USING "more" || "near", "size";
        END IF;
        "ids" := "ids" || "more";
        EXIT WHEN cardinality("ids") >= "size";
    END LOOP;
    "ids" := "ids"[1:"size"];
END
$$;
