//! The SQL that the client cannot express. Each statement says why.
//!
//! Every value is bound but for limits; every name comes from this file or from the client.

use nicol::types::DateTime;
use nicol::{AssertSafe, Filter, Ident, Sql, sql, table};
use nicol_pg::{quote_literal, quote_qualified};

use crate::db::{IdempotencyKey, Import, Person};
use crate::sort::Sort;

/// The [version](crate::version::Version) of a row of `people`.
///
/// Source: PostgreSQL manual, 9.5 (binary string functions): `sha256`, `convert_to`, `encode`.
pub const VERSION: &str = "encode(substring(sha256(convert_to(concat_ws(chr(31), name, email, phone_number, \
    (extract(epoch from updated_at) * 1000)::bigint), 'UTF8')) for 16), 'hex')";

/// Matches a person whose version is one of these.
///
/// Stays raw: the client compares columns, not expressions.
pub(crate) fn has_version(versions: &[String]) -> Filter<Person> {
    Filter::sql(sql!("{} = any({versions})", Sql::raw(VERSION)))
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

/// Where a page begins, and how it is ordered.
#[derive(Debug)]
pub(crate) struct Place {
    sort: Sort,
    backward: bool,
    /// The sort key or the time at the edge.
    edge: Sql,
    /// The condition on the rows of the page.
    after: Sql,
    order: Sql,
}

impl Place {
    /// Returns the place after the person with this sort key by name, or this time, and this id; without an id, it is the first page.
    pub(crate) fn new(
        sort: Sort,
        backward: bool,
        (name, time, id): (Option<String>, Option<DateTime>, Option<String>),
    ) -> Self {
        let (key, edge, descending) = match sort {
            Sort::Name => (sql!("sort_key"), sql!("coalesce({name}::text, '')"), backward),
            Sort::Newest => (sql!("created_at"), sql!("coalesce({time}::timestamp, 'infinity')"), !backward),
        };
        let (comparison, direction) =
            if descending { (sql!("<"), sql!("desc")) } else { (sql!(">"), Sql::empty()) };
        let after = sql!("({key}, id) {comparison} ({edge}, coalesce({id}::text, ''))");
        Self { sort, backward, edge, after, order: sql!("{key} {direction}, id {direction}") }
    }
}

/// A limit is a literal in these statements: for a bound one, the planner assumes a tenth of the table.
fn literal(number: u32) -> Sql {
    Sql::raw(AssertSafe(number.to_string()))
}

/// Lists everybody: `limit` people from a place on.
///
/// Stays raw: `and_count` of the client counts all rows, and here counting ends at [`COUNT_MAX`]. The sort key is hidden from
/// the client.
pub(crate) fn list(place: &Place, limit: u32) -> Sql {
    let (people, limit, counted) = (table::<Person>(), literal(limit), literal(COUNT_MAX + 1));
    let Place { after, order, .. } = place;
    sql!(
        "
select total, sort_key as key, id, name, email, phone_number, created_at, updated_at
from (select count(*) as total from (select from {people} limit {counted}) as counted) as totals
left join (select * from {people} where {after} order by {order} limit {limit}) as page on true
order by {order}"
    )
}

/// Finds the people who have all of the words, or one of the alternatives: `limit` of them from a place on. A word is found by its
/// beginning.
///
/// Stays raw: the plan is written by hand.
///
/// People with a frequent word are soon met on a walk along the order. If the walk comes to nothing, the index of words is
/// read: all of it if there are few matches, otherwise for one part of the order by name after the other.
pub(crate) fn search(
    schema: &str,
    place: &Place,
    words: &[String],
    alternatives: &[String],
    limit: u32,
) -> Sql {
    let people = table::<Person>();
    let function = |name: &str| sql!("{}.{}", Ident(schema), Ident(name));
    let [fold, index, part] = ["people_fold", "people_index", "people_part"].map(function);
    let name_of_table = Sql::raw(AssertSafe(quote_literal(&quote_qualified(schema, "people"))));
    let Place { sort, backward, edge, after, order } = place;
    // A tsvector quotes its words as a tsquery does.
    let query = |every: Sql, mark: Sql| {
        let begin = sql!("array_to_tsvector(array[{mark} || word])::text || ':*'");
        sql!(
            "concat_ws(' | ', (select string_agg({begin}, ' & ') from unnest({every}) as word),
        (select string_agg({begin}, ' | ') from unnest(alternatives) as word))"
        )
    };
    let typed = query(sql!("every"), sql!("''"));
    let looked_up = query(sql!("rarest"), sql!("chr(192 + part)"));
    // `coalesce` hides the operator from the planner, which would expect few of these people to match, and start JIT.
    let matches = |query: Sql| {
        sql!(
            "select * from {people} where {index}(words, {part}(sort_key)) @@ {query}
          and coalesce(words @@ (select query from typed), false) offset 0"
        )
    };
    let in_part = matches(sql!("query"));
    let in_all = matches(sql!("(select string_agg(query::text, ' | ')::tsquery from queries)"));
    let (rows, counted) = (literal(limit), literal(COUNT_MAX + 1));
    let first = match sort {
        // One part after the other until the page is full: a sort of them all would read all.
        Sort::Name => {
            let (comparison, direction) =
                if *backward { (sql!("<="), sql!("desc")) } else { (sql!(">="), Sql::empty()) };
            sql!(
                "select first.* from (
        select query from queries where part {comparison} {part}({edge}) order by part {direction}) as parts,
    lateral (
        select * from ({in_part}) as found
        where {after} order by {order} limit {rows}) as first
    where"
            )
        }
        Sort::Newest => sql!("select * from ({in_all}) as found where {after} and"),
    };
    let newest = if *sort == Sort::Newest { sql!("order by {order}") } else { Sql::empty() };
    // Names are in clusters along their own order, but not along time.
    let walk = literal(limit * if *sort == Sort::Name { 50 } else { 500 });
    let (few, most) = (literal(FEW_PEOPLE), literal(COUNT_MAX));
    sql!(
        "
with words as materialized (
    select array_remove(string_to_array({fold}(array_to_string({words}::text[], ' ')), ' '), '') as every,
        array_remove(string_to_array({fold}(array_to_string({alternatives}::text[], ' ')), ' '), '') as alternatives
),
typed as materialized (select {typed}::tsquery as query from words),
walked as materialized (
    select * from (select * from {people} where {after} order by {order} limit {walk}) as next
    where words @@ (select query from typed)
    limit {rows}
),
walk as materialized (select count(*) = {rows} as is_enough from walked),
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
       or (select reltuples < {few} from pg_catalog.pg_class where oid = {name_of_table}::regclass)
    limit {counted}
),
total as materialized (select nullif(count(*), 0) as total from matches),
page as (
    select * from walked where (select is_enough from walk)
    union all
    select * from matches
    where not (select is_enough from walk) and (select total from total) <= {most} and {after}
    union all (
    {first} not (select is_enough from walk) and (select total from total) > {most}
    {newest} limit {rows})
    order by {order}
    limit {rows}
)
select total, sort_key as key, id, name, email, phone_number, created_at, updated_at
from total left join page on true
order by {order}"
    )
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

/// How many bytes an upload of a user has, without reading them.
///
/// Stays raw: the client reads columns, not expressions.
pub(crate) fn size_of_import(id: &str, user_id: &str) -> Sql {
    let imports = table::<Import>();
    sql!("select octet_length(data) from {imports} where id = {id} and user_id = {user_id}")
}

/// The stored request and response of an idempotency key.
#[derive(Debug, nicol::FromRow)]
pub struct Kept {
    /// The hash of the request.
    pub request_hash: String,
    /// The response.
    pub response: String,
}

/// Adds a person, unless the user has used the key before; gives the hash and the response that are kept under the key, which are those
/// given here if it is new.
///
/// One statement, so that key and person are there together or not at all. The update that changes nothing has another
/// request with the same key wait for this one, and see what it kept.
///
/// Stays raw: the client creates a row only together with rows that a relation connects to it, and the person is not connected
/// to the key. A transaction would take three statements.
pub(crate) fn add_once(user_id: &str, key: &str, kept: &Kept, person: &Person) -> Sql {
    let (people, keys) = (table::<Person>(), table::<IdempotencyKey>());
    let Kept { request_hash, response } = kept;
    let Person { id, name, email, phone_number, created_at, updated_at } = person;
    sql!(
        "
with kept as (
  insert into {keys} (user_id, key, request_hash, response, created_at)
  values ({user_id}, {key}, {request_hash}, {response}, {created_at})
  on conflict (user_id, key) do update set key = excluded.key
  returning request_hash, response
), added as (
  insert into {people} (id, name, email, phone_number, created_at, updated_at)
  select {id}, {name}, {email}, {phone_number}, {created_at}, {updated_at} from kept where response = {response}
)
select request_hash, response from kept"
    )
}

// The statements of `people seed --count N`. `copy` and maintenance commands are not queries: they stay raw.

/// How many people there are.
#[cfg(feature = "seed")]
pub(crate) fn count_people(schema: &str) -> String {
    format!("select count(*) from {}", quote_qualified(schema, "people"))
}

/// Where invented people are put first: `copy` cannot pass over those who are there already. For one transaction, because behind a
/// pooler the session may belong to another program afterwards.
#[cfg(feature = "seed")]
pub(crate) const SEED_TABLE: &str = "
create temporary table seed_people (id text, name text, email text, phone_number text, created_at timestamp(3))
on commit drop";

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
