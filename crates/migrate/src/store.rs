//! The table `_prisma_migrations`: which migrations a database has seen.
//!
//! Source: Prisma 6.19, `flavour/postgres.rs` and `sql_migration_persistence.rs`.

use std::time::SystemTime;

use nicol_pg::tokio_postgres::Row;
use nicol_pg::tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::error::Error;
use crate::session::Session;

pub(crate) const TABLE: &str = "_prisma_migrations";

/// One row: an attempt to apply a migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) name: String,
    pub(crate) checksum: String,
    pub(crate) is_finished: bool,
    pub(crate) is_rolled_back: bool,
}

impl Record {
    /// Begun, neither finished nor rolled back.
    pub(crate) fn is_failed(&self) -> bool {
        !self.is_finished && !self.is_rolled_back
    }
}

/// The rows in the order of their beginning; `None` where there is no such table.
pub(crate) async fn load(session: &Session) -> Result<Option<Vec<Record>>, Error> {
    if !exists(session).await? {
        return Ok(None);
    }
    let sql = format!(
        "select migration_name, checksum, finished_at is not null, rolled_back_at is not null from {} order by started_at, migration_name",
        session.qualified(TABLE)
    );
    let rows = query(session, &sql, &[], "cannot read the migration history").await?;
    let record = |row: &Row| Record {
        name: row.get(0),
        checksum: row.get(1),
        is_finished: row.get(2),
        is_rolled_back: row.get(3),
    };
    Ok(Some(rows.iter().map(record).collect()))
}

async fn exists(session: &Session) -> Result<bool, Error> {
    let sql = "select 1 from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and c.relname = $2";
    let rows =
        query(session, sql, &[&session.schema(), &TABLE], "cannot look for the migration history").await?;
    Ok(!rows.is_empty())
}

/// Whether the schema holds something that a migration could collide with: what belongs to an extension does not
/// count.
pub(crate) async fn is_schema_empty(session: &Session) -> Result<bool, Error> {
    let sql = "with things (classid, oid) as (
            select 'pg_catalog.pg_class'::regclass, oid from pg_catalog.pg_class
                where relnamespace = (select oid from pg_catalog.pg_namespace where nspname = $1)
                    and relkind in ('r', 'p', 'v', 'm', 'f')
            union all
            select 'pg_catalog.pg_type'::regclass, oid from pg_catalog.pg_type
                where typnamespace = (select oid from pg_catalog.pg_namespace where nspname = $1) and typtype = 'e'
        )
        select 1 from things where not exists (
            select from pg_catalog.pg_depend d
            where d.classid = things.classid and d.objid = things.oid and d.deptype = 'e'
        ) limit 1";
    let rows = query(session, sql, &[&session.schema()], "cannot look into the schema").await?;
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

/// Notes that a migration begins, and gives the id of the row.
pub(crate) async fn start(session: &Session, name: &str, checksum: &str) -> Result<String, Error> {
    let id = Uuid::new_v4().to_string();
    let sql = format!(
        "insert into {} (id, checksum, started_at, migration_name) values ($1, $2, $3, $4)",
        session.qualified(TABLE)
    );
    write(session, &sql, &[&id, &checksum, &SystemTime::now(), &name]).await?;
    Ok(id)
}

/// Notes that the script ran to its end.
pub(crate) async fn finish(session: &Session, id: &str) -> Result<(), Error> {
    let table = session.qualified(TABLE);
    let sql = format!("update {table} set applied_steps_count = applied_steps_count + 1 where id = $1");
    write(session, &sql, &[&id]).await?;
    write(session, &format!("update {table} set finished_at = $2 where id = $1"), &[&id, &SystemTime::now()])
        .await
}

/// Notes why the script did not run to its end; the row counts as failed from then on.
pub(crate) async fn fail(session: &Session, id: &str, logs: &str) -> Result<(), Error> {
    let sql = format!("update {} set logs = $2 where id = $1", session.qualified(TABLE));
    write(session, &sql, &[&id, &logs]).await
}

/// Notes of all failed rows of a migration that nothing of it is in the database.
pub(crate) async fn roll_back(session: &Session, name: &str) -> Result<(), Error> {
    let sql = format!(
        "update {} set rolled_back_at = $2 where migration_name = $1 and finished_at is null and rolled_back_at is null",
        session.qualified(TABLE)
    );
    write(session, &sql, &[&name, &SystemTime::now()]).await
}

/// Notes that a migration is in the database, although it was not applied by us.
pub(crate) async fn mark_applied(session: &Session, name: &str, checksum: &str) -> Result<(), Error> {
    let sql = format!(
        "insert into {} (id, checksum, started_at, finished_at, migration_name, logs) values ($1, $2, $3, $3, $4, '')",
        session.qualified(TABLE)
    );
    let id = Uuid::new_v4().to_string();
    write(session, &sql, &[&id, &checksum, &SystemTime::now(), &name]).await
}

async fn query(
    session: &Session,
    sql: &str,
    parameters: &[&(dyn ToSql + Sync)],
    doing: &'static str,
) -> Result<Vec<Row>, Error> {
    session.client.query(sql, parameters).await.map_err(|source| Error::Database { doing, source })
}

async fn write(session: &Session, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<(), Error> {
    let written = session.client.execute(sql, parameters).await;
    written
        .map(drop)
        .map_err(|source| Error::Database { doing: "cannot write the migration history", source })
}
