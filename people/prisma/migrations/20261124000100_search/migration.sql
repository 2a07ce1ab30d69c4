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

-- CreateFunction: where the order by name is cut into stretches: where a list of people of many countries is cut into pieces of
-- similar size. Names beyond the Latin letters are in the last.
CREATE FUNCTION "people_bounds"() RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN string_to_array('a ab abe abi ad ag ai al am an ank ar as b be br c car ce ch d dar de di e el em er f fe fr g gr h har he hu i in j jac jan jav jay je ji jo jon jos ju jur k kat ke '
    || 'l lar le li lo lu m mae mal mar mart mat max me mi mik mo mor n ni no o om p pau pe pi q r re ro ru s sar se so su t the ti u v w wen wo x y yu z zh {', ' ');

-- CreateFunction: the stretch, counted from 1, in which a sort key is.
CREATE FUNCTION "people_stretch"("key" text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN width_bucket("key" COLLATE "C", "people_bounds"()) + 1;

-- CreateFunction: the words once more, each behind a mark, so that an index of words can give one stretch of the order
-- after the other, and those people alone whom the order by name does not show:
--   "!"             the first word of the name
--   "1" to "9"      the e-mail address, if it begins with so many letters of the name
--   "À" and so on   everything else: the stretch, as a character
CREATE FUNCTION "people_marked"("name" text, "email" text, "rest" text, "bounds" text[]) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    -- Nothing but what is in "pg_catalog" is used here, which every search path has.
    "first" CONSTANT text := split_part("name", ' ', 1);
    "address" CONSTANT text := split_part("email", ' ', 1);
    "stretch" CONSTANT text := chr(192 + width_bucket("name" COLLATE "C", "bounds"));
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
    || ' ' || translate(left("phone_number", 500), '+-./()', '      ')), "people_bounds"());

-- CreateFunction: the tsquery for all of some words, or one of others, in the stretches from one to another. Words at the
-- beginning of a name, and at the beginning of an address that goes with it, are found whatever the stretch. In plpgsql,
-- because a search builds it before anything else: in SQL, that took longer than to look it up.
CREATE FUNCTION "people_query"("every" text[], "one" text[], "first" integer, "last" integer, "with_first" boolean) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
    "words" CONSTANT text[] := "every" || "one";
    "after" CONSTANT text := chr(1114111);
    "begins" text[];
    "from_letter" integer[];
    "to_letter" integer[];
    "stretch" text;
    "part" text;
    "all_of" text;
    "query" text := '';
BEGIN
    FOR "n" IN 1..cardinality("words") LOOP
        "begins"["n"] := replace(replace("words"["n"], '\', '\\'), '''', '''''') || ''':*';
        "from_letter"["n"] := people_stretch(left("words"["n"], 1));
        "to_letter"["n"] := people_stretch(left("words"["n"], 1) || "after");
    END LOOP;
    FOR "s" IN "first".."last" LOOP
        "stretch" := chr(191 + "s");
        "all_of" := '';
        FOR "n" IN 1..cardinality("words") LOOP
            "part" := '''' || "stretch" || "begins"["n"];
            IF "s" BETWEEN "from_letter"["n"] AND "to_letter"["n"] THEN
                IF "with_first" AND "s" BETWEEN people_stretch("words"["n"]) AND people_stretch("words"["n"] || "after") THEN
                    "part" := "part" || '|''!' || "begins"["n"];
                END IF;
                -- An address that shares the whole word with the name is found by the name.
                FOR "shared" IN 1..least(length("words"["n"]) - 1, 9) LOOP
                    EXIT WHEN "s" NOT BETWEEN people_stretch(left("words"["n"], "shared")) AND people_stretch(left("words"["n"], "shared") || "after");
                    "part" := "part" || '|''' || "shared" || "begins"["n"];
                END LOOP;
            END IF;
            "all_of" := "all_of" || CASE WHEN "n" <= cardinality("every") THEN '&' ELSE '|' END || '(' || "part" || ')';
        END LOOP;
        "query" := "query" || '|' || substr("all_of", 2);
    END LOOP;
    RETURN substr("query", 2)::tsquery;
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
    -- Up to so many people are looked at one after the other, whatever is searched.
    "small" CONSTANT integer := 10000;
    -- How far the first walk goes.
    "short" CONSTANT integer := 1000;
    -- How many are read from the whole index of words and sorted: by time the other way is long.
    "rare" CONSTANT integer := CASE "sort" WHEN 'name' THEN 250 ELSE 3000 END;
    -- How many are read from a stretch.
    "most" integer := 10 * "size";
    "few" integer;
    "after" CONSTANT text := chr(1114111);
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
    "rarest" text[];
    "rarer" text[];
    "least" integer;
    "looked_up" text[];
    "queries" tsquery[];
    "stretches" CONSTANT integer := cardinality(people_bounds()) + 1;
    "done" integer;
    "next" integer;
    "widest" integer;
    "everywhere" boolean;
    "low" integer;
    "high" integer;
    "begin" text;
    "end" text;
    "lower" text;
    "upper" text;
    "with_first" boolean;
    "more" text[];
    "near" text[];
BEGIN
    "every" := ARRAY(SELECT DISTINCT w FROM unnest(string_to_array(people_fold(array_to_string("typed", ' ')), ' ')) w WHERE w <> '');
    "one" := ARRAY(SELECT DISTINCT people_fold(w) FROM unnest("alternatives") w WHERE ARRAY[people_fold(w)] <> "every");
    "every_pattern" := ARRAY(SELECT '% ' || replace(replace(replace(w, '\', '\\'), '%', '\%'), '_', '\_') || '%' FROM unnest("every") w);
    "one_pattern" := ARRAY(SELECT '% ' || replace(replace(replace(w, '\', '\\'), '%', '\%'), '_', '\_') || '%' FROM unnest("one") w);
    "end" := CASE WHEN "forward" THEN "after" ELSE '' END;
    IF "sort" = 'name' THEN
        "at_key" := coalesce("at_key", '');
        "at_id" := coalesce("at_id", '');
    ELSE
        "key_column" := 'created_at';
        "at_time" := coalesce("at_time", 'infinity');
        "at_id" := coalesce("at_id", '');
    END IF;
    -- $1 key and $2 id to begin after, $3 and $4 patterns, $5 rows of the page, $6 rows to look at, $7 key to end at. One condition
    -- for the beginning: of two, the index scan takes the first.
    "walk" := format(
        'SELECT ARRAY(SELECT id FROM (
            SELECT id, people_words(name, email, phone_number) AS words FROM people
            WHERE (%1$s, id) %2$s ($1, $2)%4$s ORDER BY %1$s%3$s, id%3$s LIMIT $6) walked
        WHERE %5$s LIMIT $5)',
        "key_column", "comparison", "direction",
        CASE WHEN "sort" = 'newest' THEN ' AND $7 = ''''' WHEN "forward" THEN ' AND people_sort_key(name) COLLATE "C" < $7' ELSE ' AND people_sort_key(name) COLLATE "C" >= $7' END,
        -- One by one they are compared in half the time.
        (SELECT coalesce(string_agg(format('words LIKE ($3)[%s]', place), ' AND '), 'true') FROM generate_subscripts("every", 1) place)
            || (SELECT coalesce(string_agg(format(' OR words LIKE ($4)[%s]', place), ''), '') FROM generate_subscripts("one", 1) place));
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
            EXECUTE "walk" INTO "ids" USING "at_key", "at_id", "every_pattern", "one_pattern", "size", "steps", "end";
        ELSE
            EXECUTE "walk" INTO "ids" USING "at_time", "at_id", "every_pattern", "one_pattern", "size", "steps", '';
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
    -- Of several words only the rarest are looked up in the whole index, and in a stretch all but the most frequent: reading much
    -- of it is slower than looking at the people whom those leave.
    "rarest" := "every";
    "rarer" := "every";
    "least" := "hits";
    IF cardinality("every") > 1 THEN
        WITH counted AS MATERIALIZED (
            SELECT w, (SELECT count(*) FROM unnest("sample") words WHERE words LIKE pattern) AS met
            FROM unnest("every", "every_pattern") AS words(w, pattern))
        SELECT array_agg(w) FILTER (WHERE met <= 4 * least_met + 12 OR place = 2 AND words > 2), array_agg(w) FILTER (WHERE met <= 4 * least_met + 200), min(met)
        INTO "rarest", "rarer", "least"
        FROM (SELECT *, min(met) OVER () AS least_met, row_number() OVER (ORDER BY met) AS place, count(*) OVER () AS words FROM counted) AS ranked;
    END IF;

    -- Along the order: a short way by name, where the first of those who are met often are near, or else all in one place.
    "branch" := 'walk';
    IF "hits" >= 3 AND "sort" = 'name' THEN
        EXECUTE "walk" INTO "ids" USING "at_key", "at_id", "every_pattern", "one_pattern", "size", "short", "end";
        IF cardinality("ids") >= "size" THEN RETURN; END IF;
    ELSIF "hits" >= 3 THEN
        EXECUTE "walk" INTO "ids" USING "at_time", "at_id", "every_pattern", "one_pattern", "size", 2000000000, '';
        RETURN;
    END IF;

    -- Stretch after stretch by the index of words, more of them at a time where few are found; what is rare, all of them at once.
    "branch" := 'words';
    "ids" := '{}';
    "done" := 0;
    -- Two who are frequent and seldom meet would have the whole index read; by name they are read stretch by stretch, too.
    "next" := CASE WHEN "hits" < 3 AND ("least" < 20 OR "sort" = 'newest') THEN "stretches" ELSE 1 END;
    -- As many stretches at a time as few people are expected in; the more words, the longer each takes.
    "widest" := CASE WHEN "next" = "stretches" THEN 16 ELSE greatest(1, least(16 / cardinality("every" || "one") ^ 2, 10 * "size" * "stretches" / greatest("total", 1)))::integer END;
    LOOP
        IF "next" < "stretches" AND "done" = 0 AND "at_id" <> '' THEN
            "done" := CASE WHEN "forward" THEN people_stretch("at_key") - 1 ELSE "stretches" - people_stretch("at_key") END;
        END IF;
        "next" := least("next", "stretches" - "done");
        "everywhere" := "next" = "stretches";
        "few" := CASE WHEN "everywhere" THEN "rare" ELSE "most" END;
        "low" := CASE WHEN "forward" OR "everywhere" THEN "done" + 1 ELSE "stretches" + 1 - "done" - "next" END;
        "high" := "low" + "next" - 1;
        -- A single word at the beginning of names is one piece of the order, which is read below; if all are counted, it is not.
        "with_first" := "everywhere" OR cardinality("every") > 1 OR "one" <> '{}';
        "looked_up" := CASE WHEN "everywhere" THEN "rarest" ELSE "rarer" END;
        -- A query for many stretches takes long for each person that it finds.
        "queries" := ARRAY(SELECT people_query("looked_up", "one", s, least(s + "widest" - 1, "high"), "with_first")
            FROM generate_series("low", "high", "widest") s);
        WITH found AS MATERIALIZED (
            SELECT id, key, time FROM (
                SELECT id, people_sort_key(name) COLLATE "C" AS key, created_at AS time, part,
                    CASE WHEN cardinality("looked_up") < cardinality("every") THEN people_words(name, email, phone_number) END AS words
                FROM unnest("queries") WITH ORDINALITY AS parts(query, part), people
                WHERE people_lexemes(name, email, phone_number) @@ query OFFSET 0) asked
            -- The beginnings of names are found whatever the stretch.
            WHERE (people_stretch(key) - "low") / "widest" = part - 1 AND people_stretch(key) BETWEEN "low" AND "high"
                AND (words IS NULL OR words LIKE ALL ("every_pattern") OR words LIKE ANY ("one_pattern"))
            LIMIT "few" + 1)
        SELECT (SELECT count(*) FROM found), CASE "sort"
            WHEN 'name' THEN ARRAY(SELECT id FROM found
                WHERE CASE WHEN "forward" THEN (key, id) > ("at_key", "at_id") ELSE (key, id) < ("at_key", "at_id") END
                ORDER BY CASE WHEN "forward" THEN key END, CASE WHEN "forward" THEN id END, key DESC, id DESC LIMIT "size")
            ELSE ARRAY(SELECT id FROM found
                WHERE CASE WHEN "forward" THEN (time, id) < ("at_time", "at_id") ELSE (time, id) > ("at_time", "at_id") END
                ORDER BY CASE WHEN NOT "forward" THEN time END, CASE WHEN NOT "forward" THEN id END, time DESC, id DESC LIMIT "size") END
        INTO "seen", "more";
        IF "everywhere" AND "seen" <= "few" THEN
            "ids" := "more";
            "total" := "seen";
            "exact" := true;
            RETURN;
        ELSIF "sort" = 'newest' THEN
            "branch" := 'walk';
            "total" := greatest("total", "seen");
            EXECUTE "walk" INTO "ids" USING "at_time", "at_id", "every_pattern", "one_pattern", "size", 2000000000, '';
            RETURN;
        ELSIF "seen" > "few" AND "next" > 1 THEN
            "branch" := 'stretches';
            "total" := greatest("total", "seen");
            "next" := 1;
            "widest" := CASE WHEN "everywhere" THEN greatest(1, 16 / cardinality("every" || "one") ^ 2)::integer ELSE 1 END;
            CONTINUE;
        END IF;
        "branch" := 'stretches';
        "lower" := CASE WHEN "low" = 1 THEN '' ELSE (people_bounds())["low" - 1] END;
        "upper" := CASE WHEN "high" = "stretches" THEN "after" ELSE (people_bounds())["high"] END;
        IF "seen" > "few" THEN
            -- Where there are many, the first of them are near; or else they are all in one place, and are read after all.
            "begin" := CASE WHEN "forward" THEN greatest("at_key" COLLATE "C", "lower") ELSE least("at_key" COLLATE "C", "upper") END;
            EXECUTE "walk" INTO "more" USING "begin", CASE WHEN "begin" = "at_key" THEN "at_id" ELSE '' END,
                "every_pattern", "one_pattern", "size", 2 * "short", CASE WHEN "forward" THEN "upper" ELSE "lower" END;
            IF cardinality("more") < "size" THEN
                "most" := 2000000000;
                CONTINUE;
            END IF;
        ELSIF NOT "with_first" AND "low" <= people_stretch("every"[1] || "after") AND people_stretch("every"[1]) <= "high" THEN
            "lower" := greatest("every"[1] COLLATE "C", "lower");
            "upper" := least(("every"[1] || "after") COLLATE "C", "upper");
            "begin" := CASE WHEN "forward" THEN greatest("at_key" COLLATE "C", "lower") ELSE least("at_key" COLLATE "C", "upper") END;
            EXECUTE "walk" INTO "near" USING "begin", CASE WHEN "begin" = "at_key" THEN "at_id" ELSE '' END,
                "every_pattern", "one_pattern", "size", "size", CASE WHEN "forward" THEN "upper" ELSE "lower" END;
            EXECUTE format('SELECT ARRAY(SELECT id FROM (SELECT id, %1$s AS key FROM people WHERE id = ANY ($1) OFFSET 0) both_of_them
                ORDER BY key%2$s, id%2$s LIMIT $2)', "key_column", "direction")
                INTO "more" USING "more" || "near", "size";
        END IF;
        "ids" := ("ids" || "more")[1:"size"];
        "most" := 10 * "size";
        "done" := "done" + "next";
        EXIT WHEN cardinality("ids") >= "size" OR "done" = "stretches";
        "next" := CASE WHEN 4 * "seen" < "few" THEN least(2 * "next", "widest") ELSE 1 END;
    END LOOP;
END
$$;
