//! The table `_prisma_migrations`, which records the migrations of a database.
//!
//! Source: Prisma 6.19, `flavour/postgres.rs` and `sql_migration_persistence.rs`.

use std::time::{Duration, SystemTime};

use nicol_pg::tokio_postgres::SimpleQueryRow;
use uuid::Uuid;

use super::connection::{Session, literal};
use crate::error::Error;

pub(crate) const TABLE: &str = "_prisma_migrations";

/// One row: an attempt to apply a migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) checksum: String,
    pub(crate) is_finished: bool,
    pub(crate) is_rolled_back: bool,
    /// When it started, in UTC, as readable text.
    pub(crate) started: String,
    pub(crate) logs: Option<String>,
}

impl Record {
    /// Whether it is neither finished nor rolled back.
    pub(crate) fn is_failed(&self) -> bool {
        !self.is_finished && !self.is_rolled_back
    }
}

/// Returns the rows in the order in which they started, or `None` if the table does not exist.
pub(crate) async fn load(session: &Session) -> Result<Option<Vec<Record>>, Error> {
    if !exists(session).await? {
        return Ok(None);
    }
    let sql = format!(
        "select id, migration_name, checksum, finished_at is not null, rolled_back_at is not null,
            pg_catalog.to_char(started_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'), logs
        from {} order by started_at, migration_name",
        session.qualified(TABLE)
    );
    let rows = session.rows(&sql, "cannot read the migration history").await?;
    let record = |row: &SimpleQueryRow| {
        let text = |column| row.get(column).unwrap_or_default().to_owned();
        Record {
            id: text(0),
            name: text(1),
            checksum: text(2),
            is_finished: row.get(3) == Some("t"),
            is_rolled_back: row.get(4) == Some("t"),
            started: text(5),
            logs: row.get(6).map(str::to_owned),
        }
    };
    Ok(Some(rows.iter().map(record).collect()))
}

async fn exists(session: &Session) -> Result<bool, Error> {
    let sql = format!(
        "select 1 from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname = {} and c.relname = {}",
        literal(session.schema()),
        literal(TABLE)
    );
    let rows = session.rows(&sql, "cannot look up the migration history").await?;
    Ok(!rows.is_empty())
}

/// Whether the schema contains nothing that a migration could collide with. Objects of extensions do not count.
pub(crate) async fn is_schema_empty(session: &Session) -> Result<bool, Error> {
    let schema = literal(session.schema());
    let sql = format!(
        "with things (classid, oid) as (
            select 'pg_catalog.pg_class'::regclass, oid from pg_catalog.pg_class
                where relnamespace = (select oid from pg_catalog.pg_namespace where nspname = {schema})
                    and relkind in ('r', 'p', 'v', 'm', 'f')
            union all
            select 'pg_catalog.pg_type'::regclass, oid from pg_catalog.pg_type
                where typnamespace = (select oid from pg_catalog.pg_namespace where nspname = {schema}) and typtype = 'e'
        )
        select 1 from things where not exists (
            select from pg_catalog.pg_depend d
            where d.classid = things.classid and d.objid = things.oid and d.deptype = 'e'
        ) limit 1"
    );
    let rows = session.rows(&sql, "cannot inspect the schema").await?;
    Ok(rows.is_empty())
}

/// Creates the table.
pub(crate) async fn create(session: &Session) -> Result<(), Error> {
    let sql = format!(
        "CREATE TABLE {} (
    id                      VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum                VARCHAR(64) NOT NULL,
    finished_at             TIMESTAMPTZ,
    migration_name          VARCHAR(255) NOT NULL,
    logs                    TEXT,
    rolled_back_at          TIMESTAMPTZ,
    started_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count     INTEGER NOT NULL DEFAULT 0
)",
        session.qualified(TABLE)
    );
    session.batch(&sql, "cannot create the table of the migration history").await
}

/// Returns the id of a new row.
pub(crate) fn new_id() -> String {
    Uuid::new_v4().to_string()
}

/// Records that a migration starts.
pub(crate) async fn start(
    session: &Session,
    id: &str,
    name: &str,
    checksum: &str,
    logs: Option<&str>,
) -> Result<(), Error> {
    let sql = format!(
        "insert into {} (id, checksum, started_at, migration_name, logs) values ({}, {}, {}, {}, {})",
        session.qualified(TABLE),
        literal(id),
        literal(checksum),
        now(),
        literal(name),
        logs.map_or_else(|| "null".to_owned(), literal),
    );
    write(session, &sql).await.map(drop)
}

/// Records that a script has finished. Returns the number of changed rows: 0 if `condition` is false.
pub(crate) async fn finish(session: &Session, id: &str, condition: &str) -> Result<u64, Error> {
    let set = format!("applied_steps_count = applied_steps_count + 1, finished_at = {}, logs = null", now());
    update(session, &set, id, condition).await
}

/// Records how far a script has come, or why it failed. Until [`finish`], the row counts as failed. Returns the number of
/// changed rows: 0 if `condition` is false.
pub(crate) async fn note(session: &Session, id: &str, logs: &str, condition: &str) -> Result<u64, Error> {
    update(session, &format!("logs = {}", literal(logs)), id, condition).await
}

/// Records the checksum of a script whose rest has been fixed.
pub(crate) async fn set_checksum(session: &Session, id: &str, checksum: &str) -> Result<(), Error> {
    update(session, &format!("checksum = {}", literal(checksum)), id, "").await.map(drop)
}

async fn update(session: &Session, set: &str, id: &str, condition: &str) -> Result<u64, Error> {
    let sql = format!("update {} set {set} where id = {}{condition}", session.qualified(TABLE), literal(id));
    write(session, &sql).await
}

/// Marks all failed rows of a migration as rolled back.
pub(crate) async fn roll_back(session: &Session, name: &str) -> Result<(), Error> {
    let sql = format!(
        "update {} set rolled_back_at = {} where migration_name = {} and finished_at is null and rolled_back_at is null",
        session.qualified(TABLE),
        now(),
        literal(name)
    );
    write(session, &sql).await.map(drop)
}

/// Records a migration as applied without running it.
pub(crate) async fn mark_applied(session: &Session, name: &str, checksum: &str) -> Result<(), Error> {
    let now = now();
    let sql = format!(
        "insert into {} (id, checksum, started_at, finished_at, migration_name, logs) values ({}, {}, {now}, {now}, {}, '')",
        session.qualified(TABLE),
        literal(&new_id()),
        literal(checksum),
        literal(name)
    );
    write(session, &sql).await.map(drop)
}

async fn write(session: &Session, sql: &str) -> Result<u64, Error> {
    // A script may have switched to a role without privileges on the history. The switch outlasts its transaction.
    let role = literal(session.role());
    let sql = format!(
        "select pg_catalog.set_config('role', {role}, true) where pg_catalog.current_setting('role') <> {role};\n{sql}"
    );
    session.execute(&sql, "cannot write the migration history").await
}

/// Returns the time of this machine as SQL, as Prisma writes it.
fn now() -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    // A product, because before PostgreSQL 15 no field of an interval's text may exceed 32 bits.
    format!("(timestamptz 'epoch' + {} * interval '1 microsecond')", since.as_micros())
}
