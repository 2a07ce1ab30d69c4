-- Tells every process that listens on the channel "people_changed" that something in "people" is not what it was.
--
-- Once for each statement and without a payload: a row trigger would ruin bulk loads, and equal notifications of one
-- transaction are sent as one. PostgreSQL lets one notifying transaction after the other commit, so nothing but "people"
-- notifies. Neither this function nor its trigger is part of the schema file: comparing schemas leaves them alone.

-- CreateFunction
CREATE FUNCTION "people_changed"() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pg_catalog.pg_notify('people_changed', '');
    RETURN NULL;
END
$$;

-- CreateTrigger
CREATE TRIGGER "people_changed"
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "people"
FOR EACH STATEMENT EXECUTE FUNCTION "people_changed"();
