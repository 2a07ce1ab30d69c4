//! The SQL that the client cannot express yet. Each statement names the call it waits for.
//!
//! Every value is bound; every name comes from this file or from the client.

use nicol::AssertSafe;
use nicol::types::DateTime;
use nicol_pg::quote_qualified;

use crate::db::Person;
use crate::search::Sort;

/// The [version](crate::version::Version) of a row of `people`.
///
/// Source: PostgreSQL manual, 9.5 (binary string functions): `sha256`, `convert_to`, `encode`.
pub const VERSION: &str = "encode(substring(sha256(convert_to(concat_ws(chr(31), name, email, phone_number, \
    (extract(epoch from updated_at) * 1000)::bigint), 'UTF8')) for 16), 'hex')";

/// A row of `people` with all its columns.
#[derive(Debug, nicol::FromRow)]
pub struct PersonRow {
    id: String,
    name: String,
    email: String,
    phone_number: String,
    created_at: DateTime,
    updated_at: DateTime,
}

impl From<PersonRow> for Person {
    fn from(row: PersonRow) -> Self {
        let PersonRow { id, name, email, phone_number, created_at, updated_at } = row;
        Self { id, name, email, phone_number, created_at, updated_at }
    }
}

/// A person whom a search found, with the sort key; or, if it found nobody, the total alone.
#[derive(Debug, nicol::FromRow)]
pub(crate) struct FoundRow {
    /// How many there are on all pages, unless that was not asked.
    pub(crate) total: Option<i64>,
    /// Whether the total is counted and not estimated.
    pub(crate) exact: bool,
    key: Option<String>,
    id: Option<String>,
    name: Option<String>,
    email: Option<String>,
    phone_number: Option<String>,
    created_at: Option<DateTime>,
    updated_at: Option<DateTime>,
}

impl FoundRow {
    /// The sort key by name, and the person.
    pub(crate) fn into_person(self) -> Option<(String, Person)> {
        let person = Person {
            id: self.id?,
            name: self.name?,
            email: self.email?,
            phone_number: self.phone_number?,
            created_at: self.created_at?,
            updated_at: self.updated_at?,
        };
        Some((self.key?, person))
    }
}

/// Folds case and accents: see the function `people_fold` of the migration `search`, of which this is the body.
fn fold(text: &str) -> String {
    format!(
        "case when octet_length({text}) = char_length({text}) then lower({text} collate \"C\") \
         else lower(replace(replace(replace(replace(translate(regexp_replace(normalize({text}, nfkd), \
         '[\\u0300-\\u036f\\U0010ffff]', '', 'g'), '\u{2019}\u{2018}\u{2bc}\u{2010}\u{2013}ŁłØøĐđŦŧĦħıI', \
         '''''''--LlOoDdTtHhii'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')) end"
    )
}

/// By what names are sorted: the function `people_sort_key` of the migration `search`.
fn sort_key(name: &str) -> String {
    format!("left({}, 200) collate \"C\"", fold(&format!("left({name}, 200)")))
}

/// The words that a search finds, each after a blank, before they are [folded](fold): the function `people_words` of
/// the migration `search`.
///
/// A name gives its words, the parts of those with a hyphen or the like inside, and what follows the first such mark.
const WORDS: &str = "' ' || left(name, 500) \
    || case when name ~ '[-''.(\\u2010-\\u2019]' \
       then ' ' || translate(left(name, 500), '-''.(\u{2010}\u{2013}\u{2018}\u{2019}', '        ') \
         || ' ' || regexp_replace(left(name, 500), \
            '(^| )[^- ''.(\\u2010-\\u2019]*[-''.(\\u2010-\\u2019]+', ' ', 'g') \
       else '' end \
    || ' ' || left(email, 500) || ' ' || left(split_part(email, '@', -1), 500) \
    || ' ' || translate(left(phone_number, 500), '+ -./()', '') \
    || ' ' || translate(left(phone_number, 500), '+-./()', '      ')";

/// Escapes what `like` would read as a pattern.
const AS_PATTERN: &str =
    "'% ' || replace(replace(replace(word, '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%'";

/// Finds people by the function of the migration `search`; the parameters are those of [`search_plainly`].
pub(crate) fn search(schema: &str, sort: Sort, backward: bool) -> AssertSafe {
    let people = quote_qualified(schema, "people");
    let function = quote_qualified(schema, "people_search");
    let sort_key = quote_qualified(schema, "people_sort_key");
    AssertSafe(format!(
        "
select total, exact, {sort_key}(name) as key, people.id, name, email, phone_number, created_at, updated_at
from {function}('{sort}', {forward}, $1::text[], $2::text[], $3::bigint::integer, $4::boolean,
    $5::text, $6::timestamp, $7::text)
left join unnest(ids) with ordinality as places (id, place) on true
left join {people} people on people.id = places.id
order by place",
        forward = !backward
    ))
}

/// Finds people without the functions and indexes of the migration `search`: all rows are looked at.
///
/// `$1` are the words, `$2` those that suffice alone, `$3` is how many rows, `$4` whether to count them all; `$5` and
/// `$6` are the sort key by name or by time after (or before) which the page begins, `$7` the id there.
pub(crate) fn search_plainly(schema: &str, sort: Sort, backward: bool) -> AssertSafe {
    let people = quote_qualified(schema, "people");
    let words = fold("raw");
    let typed = fold("array_to_string($1::text[], ' ')");
    let alternative = fold("typed");
    let sort_key = sort_key("name");
    let (place, key, descending) = match sort {
        Sort::Name => ("$5::text collate \"C\"", "key", backward),
        Sort::Newest => ("$6::timestamp", "created_at", !backward),
    };
    let (comparison, order) = if descending { ("<", " desc") } else { (">", "") };
    AssertSafe(format!(
        "
with patterns as materialized (
    select
        array(select {AS_PATTERN} from unnest(string_to_array({typed}, ' ')) word where word <> '') as every,
        array(select {AS_PATTERN} from (select {alternative} as word from unnest($2::text[]) typed) word) as one
),
found as (
    select people.*, {sort_key} as key
    from (select *, {words} as words from (select *, {WORDS} as raw from {people} offset 0) people offset 0) people, patterns
    where words like all (every) or words like any (one)
),
page as (
    select * from found
    where coalesce($5::text, $6::timestamp::text) is null or ({key}, id) {comparison} ({place}, $7::text)
    order by {key}{order}, id{order}
    limit $3::bigint
)
select total, exact, key, id, name, email, phone_number, created_at, updated_at
from (select case when $4::boolean then (select count(*) from found) end as total, true as exact) totals
left join page on true
order by {key}{order}, id{order}"
    ))
}

/// What the server knows of writes to the table `$1`, a quoted name: [`TableActivity`].
///
/// Stays raw: it reads system catalogs, which are no models.
///
/// Source: PostgreSQL manual, 9.27.8 (snapshots) and 27.2 (statistics).
pub(crate) const TABLE_ACTIVITY: &str = "
select pg_catalog.pg_current_snapshot()::text as snapshot,
       (select concat_ws(' ', t.oid, pg_catalog.pg_relation_filenode(t.oid), pg_catalog.pg_stat_get_tuples_inserted(t.oid),
                         pg_catalog.pg_stat_get_tuples_updated(t.oid), pg_catalog.pg_stat_get_tuples_deleted(t.oid))
        from (select pg_catalog.to_regclass($1)::oid as oid) as t) as counters,
       exists (select from pg_catalog.pg_trigger
               where tgrelid = pg_catalog.to_regclass($1) and tgname = 'people_changed' and tgenabled in ('O', 'A'))
           as notifies";

/// What the server knows of writes to a table.
#[derive(Clone, Debug, Default, nicol::FromRow)]
pub(crate) struct TableActivity {
    /// Which transactions have ended, of all on the server.
    pub(crate) snapshot: String,
    /// Which table it is, and how often its rows were written.
    pub(crate) counters: Option<String>,
    /// Whether changes are notified.
    pub(crate) notifies: bool,
}

/// How many bytes an upload has.
#[derive(Debug, nicol::FromRow)]
pub(crate) struct FileSize {
    pub(crate) size: i32,
}

/// How many bytes the upload `$1` of the user `$2` has, without reading them.
///
/// Waits for: selecting an expression (`octet_length`) instead of a column.
pub(crate) fn size_of_import(schema: &str) -> AssertSafe {
    let imports = quote_qualified(schema, "imports");
    AssertSafe(format!("select octet_length(data) as size from {imports} where id = $1 and user_id = $2"))
}

/// Gives the people with the e-mail addresses `$1` the names `$2` and the phone numbers `$3`, updated at `$4`.
///
/// Waits for: updating many rows, each with its own values, in one statement.
pub(crate) fn update_listed(schema: &str) -> AssertSafe {
    let people = quote_qualified(schema, "people");
    AssertSafe(format!(
        "
update {people} as listed
set name = given.name, phone_number = given.phone_number, updated_at = $4
from unnest($1::text[], $2::text[], $3::text[]) as given (email, name, phone_number)
where listed.email = given.email
  and (listed.name, listed.phone_number) is distinct from (given.name, given.phone_number)"
    ))
}

/// A person after a statement with a condition: changed or deleted by it, or as it was when the condition did not hold.
#[derive(Debug, nicol::FromRow)]
pub struct Attempt {
    done: bool,
    id: String,
    name: String,
    email: String,
    phone_number: String,
    created_at: DateTime,
    updated_at: DateTime,
}

impl From<Attempt> for (bool, Person) {
    fn from(row: Attempt) -> Self {
        let Attempt { done, id, name, email, phone_number, created_at, updated_at } = row;
        (done, Person { id, name, email, phone_number, created_at, updated_at })
    }
}

/// Changes what is not null of name `$3`, e-mail `$4` and phone number `$5` of the person `$1`, at `$6`, if its version
/// is one of `$2` or `$2` is null. Without a difference `updated_at` stays, so that the version does, too.
///
/// Waits for: updating a row only if it is unchanged, and returning the current row if it is not.
pub(crate) fn change_if(schema: &str) -> AssertSafe {
    let people = quote_qualified(schema, "people");
    AssertSafe(format!(
        "
with changed as (
  update {people}
  set name = coalesce($3, name), email = coalesce($4, email), phone_number = coalesce($5, phone_number),
    updated_at = case
      when (coalesce($3, name), coalesce($4, email), coalesce($5, phone_number)) = (name, email, phone_number)
      then updated_at else $6 end
  where id = $1 and ($2::text[] is null or {VERSION} = any($2))
  returning id, name, email, phone_number, created_at, updated_at
)
select true as done, * from changed
union all
select false, id, name, email, phone_number, created_at, updated_at
from {people} where id = $1 and not exists (select from changed)"
    ))
}

/// Deletes the person `$1` if its version is one of `$2` or `$2` is null.
///
/// Waits for: deleting a row only if it is unchanged, and returning the current row if it is not.
pub(crate) fn delete_if(schema: &str) -> AssertSafe {
    let people = quote_qualified(schema, "people");
    AssertSafe(format!(
        "
with deleted as (
  delete from {people}
  where id = $1 and ($2::text[] is null or {VERSION} = any($2))
  returning id, name, email, phone_number, created_at, updated_at
)
select true as done, * from deleted
union all
select false, id, name, email, phone_number, created_at, updated_at
from {people} where id = $1 and not exists (select from deleted)"
    ))
}

/// The stored request and response of an idempotency key.
#[derive(Debug, nicol::FromRow)]
pub struct Kept {
    /// The hash of the request.
    pub request_hash: String,
    /// The response.
    pub response: String,
}

/// Adds the person `$6` with name `$7`, e-mail `$8` and phone number `$9` at `$5`, unless the user `$1` has used the key
/// `$2` before; gives the hash and the response that are kept under the key, which are `$3` and `$4` if it is new.
///
/// One statement, so that key and person are there together or not at all. The update that changes nothing has another
/// request with the same key wait for this one, and see what it kept.
///
/// Waits for: creating a row once, or returning the one that is there, with a create that runs only if it is new.
pub(crate) fn add_once(schema: &str) -> AssertSafe {
    let (people, keys) = (quote_qualified(schema, "people"), quote_qualified(schema, "idempotency_keys"));
    AssertSafe(format!(
        "
with kept as (
  insert into {keys} (user_id, key, request_hash, response, created_at) values ($1, $2, $3, $4, $5)
  on conflict (user_id, key) do update set key = excluded.key
  returning request_hash, response
), added as (
  insert into {people} (id, name, email, phone_number, created_at, updated_at)
  select $6, $7, $8, $9, $5, $5 from kept where response = $4
)
select request_hash, response from kept"
    ))
}

// The statements of `people seed --count N`. `copy` and maintenance commands are not queries: they stay raw.

/// How many people there are.
#[cfg(feature = "seed")]
pub(crate) fn count_people(schema: &str) -> String {
    format!("select count(*) from {}", quote_qualified(schema, "people"))
}

/// Where invented people are put first: `copy` cannot pass over those who are there already.
#[cfg(feature = "seed")]
pub(crate) const SEED_TABLE: &str = "
create temporary table seed_people (id text, name text, email text, phone_number text, created_at timestamp(3))
on commit delete rows";

/// Fills [`SEED_TABLE`].
#[cfg(feature = "seed")]
pub(crate) const SEED_COPY: &str = "copy pg_temp.seed_people from stdin";

/// Adds them.
#[cfg(feature = "seed")]
pub(crate) fn seed_insert(schema: &str) -> String {
    let people = quote_qualified(schema, "people");
    format!(
        "
insert into {people} (id, name, email, phone_number, created_at, updated_at)
select id, name, email, phone_number, created_at, created_at from pg_temp.seed_people
on conflict do nothing"
    )
}

/// Before many people are added: the index of words gathers what is new and takes it in by the thousand, which is half the
/// work. Searches see no difference but some milliseconds, so it does no harm if nobody comes to say [`seed_end`].
#[cfg(feature = "seed")]
pub(crate) fn seed_begin(schema: &str) -> String {
    let index = quote_qualified(schema, "people_by_word");
    format!("alter index if exists {index} set (fastupdate = on)")
}

/// After it: the index takes in what was gathered, and is as before.
#[cfg(feature = "seed")]
pub(crate) fn seed_end(schema: &str) -> String {
    let index = quote_qualified(schema, "people_by_word");
    let name = nicol_pg::quote_literal(&index);
    format!(
        "
select gin_clean_pending_list(index) from to_regclass({name}) index where index is not null;
alter index if exists {index} set (fastupdate = off)"
    )
}

/// Lets the planner, and the estimates of a search, know how many there are.
#[cfg(feature = "seed")]
pub(crate) fn analyze_people(schema: &str) -> String {
    format!("vacuum (analyze) {}", quote_qualified(schema, "people"))
}
