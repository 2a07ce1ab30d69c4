//! The SQL that the client cannot express. Each statement says why.
//!
//! Every value is bound; every name comes from this file or from the client.

use nicol::AssertSafe;
use nicol::types::DateTime;
use nicol_pg::{quote_literal, quote_qualified};

use crate::db::Person;
use crate::sort::Sort;

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

/// A person on a page of the list, with the sort key; on an empty page, a row with the total alone.
#[derive(Debug, nicol::FromRow)]
pub(crate) struct FoundRow {
    /// How many people there are on all pages, at most [`COUNT_MAX`] + 1. Null if they were not counted.
    pub(crate) total: Option<i64>,
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

/// How far people are counted.
pub(crate) const COUNT_MAX: u32 = 1000;

/// Up to about this many people, all matches of a frequent word are counted, too: reading so much of the index is fast.
const FEW_PEOPLE: u32 = 50_000;

/// Returns where a page begins and how it is ordered: `$1` is the sort key or the time at its edge, `$2` the id
/// there; both are null for the first page.
///
/// Limits are literals in these statements: for a bound limit, the planner assumes a tenth of the table.
fn place_and_order(sort: Sort, backward: bool) -> (String, String) {
    let (key, edge, descending) = match sort {
        Sort::Name => ("sort_key", "coalesce($1::text, '')", backward),
        Sort::Newest => ("created_at", "coalesce($1::timestamp, 'infinity')", !backward),
    };
    let (comparison, order) = if descending { ("<", " desc") } else { (">", "") };
    let place = format!("({key}, id) {comparison} ({edge}, coalesce($2::text, ''))");
    (place, format!("{key}{order}, id{order}"))
}

/// Lists everybody: `limit` people from a place on (see [`place_and_order`]).
///
/// Stays raw: `and_count` of the client counts all rows, and here counting ends at [`COUNT_MAX`]. The sort key is hidden from
/// the client.
pub(crate) fn list(schema: &str, sort: Sort, backward: bool, limit: u32) -> AssertSafe {
    let people = quote_qualified(schema, "people");
    let (place, order) = place_and_order(sort, backward);
    AssertSafe(format!(
        "
select total, sort_key as key, id, name, email, phone_number, created_at, updated_at
from (select count(*) as total from (select from {people} limit {COUNT_MAX} + 1) as counted) as totals
left join (select * from {people} where {place} order by {order} limit {limit}) as page on true
order by {order}"
    ))
}

/// Finds the people who have all words `$3`, or one of the words `$4`: `limit` of them from a place on (see
/// [`place_and_order`]). A word is found by its beginning.
///
/// Stays raw: the plan is written by hand.
///
/// People with a frequent word are soon met on a walk along the order. If the walk comes to nothing, the index of words is
/// read: all of it if there are few matches, otherwise for one part of the order by name after the other.
pub(crate) fn search(schema: &str, sort: Sort, backward: bool, limit: u32) -> AssertSafe {
    let people = quote_qualified(schema, "people");
    let [fold, index, part] =
        ["people_fold", "people_index", "people_part"].map(|name| quote_qualified(schema, name));
    let table = quote_literal(&people);
    let (place, order) = place_and_order(sort, backward);
    // A tsvector quotes its words as a tsquery does.
    let query = |every: &str, mark: &str| {
        let begin = format!("array_to_tsvector(array[{mark} || word])::text || ':*'");
        format!(
            "concat_ws(' | ', (select string_agg({begin}, ' & ') from unnest({every}) as word),
        (select string_agg({begin}, ' | ') from unnest(alternatives) as word))"
        )
    };
    let (typed, looked_up) = (query("every", "''"), query("rarest", "chr(192 + part)"));
    // `coalesce` hides the operator from the planner, which would expect few of these people to match, and start JIT.
    let matches = |query: &str| {
        format!(
            "select * from {people} where {index}(words, {part}(sort_key)) @@ {query}
          and coalesce(words @@ (select query from typed), false) offset 0"
        )
    };
    let (in_part, in_all) =
        (matches("query"), matches("(select string_agg(query::text, ' | ')::tsquery from queries)"));
    let first = match sort {
        // One part after the other until the page is full: a sort of them all would read all.
        Sort::Name => {
            let (comparison, direction) = if backward { ("<=", " desc") } else { (">=", "") };
            format!(
                "select first.* from (
        select query from queries where part {comparison} {part}(coalesce($1::text, '')) order by part{direction}) as parts,
    lateral (
        select * from ({in_part}) as found
        where {place} order by {order} limit {limit}) as first
    where"
            )
        }
        Sort::Newest => format!("select * from ({in_all}) as found where {place} and"),
    };
    let newest = if sort == Sort::Newest { format!("order by {order}") } else { String::new() };
    // Names are in clusters along their own order, but not along time.
    let walk = limit * if sort == Sort::Name { 50 } else { 500 };
    AssertSafe(format!(
        "
with words as materialized (
    select array_remove(string_to_array({fold}(array_to_string($3::text[], ' ')), ' '), '') as every,
        array_remove(string_to_array({fold}(array_to_string($4::text[], ' ')), ' '), '') as alternatives
),
typed as materialized (select {typed}::tsquery as query from words),
walked as materialized (
    select * from (select * from {people} where {place} order by {order} limit {walk}) as next
    where words @@ (select query from typed)
    limit {limit}
),
walk as materialized (select count(*) = {limit} as is_enough from walked),
-- Reading a frequent word from the index takes longer than looking at the people whom the others leave.
sample as materialized (
    select word, case when cardinality(every) > 1 then (
        select count(*) from (select words from {people} limit 1000) as people
        where words @@ (array_to_tsvector(array[word])::text || ':*')::tsquery) else 0 end as hits
    from words, unnest(every) as word
),
rarest as materialized (
    select array(select word from sample where hits <= 10 * (select min(hits) from sample) order by hits limit 2) as rarest,
        alternatives
    from words
),
queries as materialized (
    select part, {looked_up}::tsquery as query
    from rarest, generate_series(0, {part}(chr(1114111))) as part
),
matches as materialized (
    select found.* from queries, lateral ({in_part}) as found
    where not (select is_enough from walk)
       or (select reltuples < {FEW_PEOPLE} from pg_catalog.pg_class where oid = {table}::regclass)
    limit {COUNT_MAX} + 1
),
total as materialized (select nullif(count(*), 0) as total from matches),
page as (
    select * from walked where (select is_enough from walk)
    union all
    select * from matches
    where not (select is_enough from walk) and (select total from total) <= {COUNT_MAX} and {place}
    union all (
    {first} not (select is_enough from walk) and (select total from total) > {COUNT_MAX}
    {newest} limit {limit})
    order by {order}
    limit {limit}
)
select total, sort_key as key, id, name, email, phone_number, created_at, updated_at
from total left join page on true
order by {order}"
    ))
}

/// Whether the columns that a search reads are generated. `db push` makes plain ones.
pub(crate) fn has_search_columns(schema: &str) -> String {
    let people = quote_literal(&quote_qualified(schema, "people"));
    format!(
        "
select count(*) = 2 from pg_catalog.pg_attribute
where attrelid = {people}::regclass and attname in ('sort_key', 'words') and attgenerated = 's'"
    )
}

/// Makes these columns: the migration, which can run twice.
pub(crate) const SEARCH_COLUMNS: &str =
    include_str!("../prisma/migrations/20261128000000_search_columns/migration.sql");

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
/// Stays raw: it reads an expression (`octet_length`) instead of a column.
pub(crate) fn size_of_import(schema: &str) -> AssertSafe {
    let imports = quote_qualified(schema, "imports");
    AssertSafe(format!("select octet_length(data) as size from {imports} where id = $1 and user_id = $2"))
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
/// Stays raw: it is `update(…).or_current()` of the client, but the condition is [`VERSION`], which is no filter. It locks
/// the row first, as that does, so that a person who is not changed is returned as the other change left it.
pub(crate) fn change_if(schema: &str) -> AssertSafe {
    let people = quote_qualified(schema, "people");
    AssertSafe(format!(
        "
with current as (
  select id, name, email, phone_number, created_at, updated_at, $2::text[] is null or {VERSION} = any($2) as expected
  from {people} where id = $1
  for no key update
), wanted as (
  select id, coalesce($3, name) as name, coalesce($4, email) as email, coalesce($5, phone_number) as phone_number,
    case
      when (coalesce($3, name), coalesce($4, email), coalesce($5, phone_number)) = (name, email, phone_number)
      then updated_at else $6 end as updated_at
  from current where expected
), changed as (
  update {people} as person
  set name = wanted.name, email = wanted.email, phone_number = wanted.phone_number, updated_at = wanted.updated_at
  from wanted where person.id = wanted.id
  returning person.id, person.name, person.email, person.phone_number, person.created_at, person.updated_at
)
select true as done, * from changed
union all
select false, id, name, email, phone_number, created_at, updated_at from current where not expected"
    ))
}

/// Deletes the person `$1` if its version is one of `$2` or `$2` is null.
///
/// Stays raw: see [`change_if`].
pub(crate) fn delete_if(schema: &str) -> AssertSafe {
    let people = quote_qualified(schema, "people");
    AssertSafe(format!(
        "
with current as (
  select id, name, email, phone_number, created_at, updated_at, $2::text[] is null or {VERSION} = any($2) as expected
  from {people} where id = $1
  for update
), deleted as (
  delete from {people} as person using current where person.id = current.id and expected
)
select expected as done, id, name, email, phone_number, created_at, updated_at from current"
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
/// Stays raw: the client creates a row only together with rows that a relation connects to it, and the person is not connected
/// to the key. A transaction would take three statements.
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

/// Tells the planner, and the search, about how many people there are.
#[cfg(feature = "seed")]
pub(crate) fn analyze_people(schema: &str) -> String {
    format!("vacuum (analyze) {}", quote_qualified(schema, "people"))
}
