//! Drops everything in a database.

use std::future::Future;
use std::pin::{Pin, pin};

use nicol_pg::tokio_postgres::Row;
use nicol_pg::{ConnectionUrl, quote_ident, sqlstate};

use crate::error::{Error, describe};
use crate::progress::Progress;
use crate::session::lock::{self, Lock};
use crate::session::watch::{Observer, attend_work, or_stop};
use crate::session::{Missing, Session, store};

/// The result of [`reset`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reset {
    /// The emptied schemas.
    pub schemas: Vec<String>,
    /// Whether the database did not exist and has been created.
    pub is_created: bool,
    /// Whether the schemas could not be dropped as a whole, so that their objects were dropped one by one.
    pub is_piecemeal: bool,
}

/// Drops everything in the given schemas (default: the URL's schema) and the migration history. Creates the database if it
/// does not exist. Does not ask for confirmation: that is up to the caller. Reports long statements, and cancels the running
/// one when `interrupt` completes.
///
/// Each schema is dropped and recreated. If the user lacks the privilege, its tables, views, sequences, types and functions
/// are dropped instead, except those of extensions.
///
/// Source: Prisma 6.19, `flavour/postgres.rs`.
///
/// # Errors
///
/// [`Error::ResetFailed`], [`Error::Stopped`], [`Error::LockHeld`], [`Error::Pooled`], [`Error::Connect`] and [`Error::Database`].
pub async fn reset(
    url: &ConnectionUrl,
    schemas: &[String],
    progress: impl FnMut(Progress<'_>),
    interrupt: impl Future<Output = ()>,
) -> Result<Reset, Error> {
    lock::check_url(url, "emptying a database")?;
    let (session, is_created) = Session::open(url, Missing::Create).await?;
    let observer = Observer::beside(&session).await;
    let emptied = empty_locked(&session, observer.as_ref(), schemas, progress, pin!(interrupt)).await;
    if let Some(observer) = observer {
        observer.close().await;
    }
    session.close().await;
    let (schemas, is_piecemeal) = emptied?;
    Ok(Reset { schemas, is_created, is_piecemeal })
}

async fn empty_locked(
    session: &Session,
    observer: Option<&Observer>,
    schemas: &[String],
    mut progress: impl FnMut(Progress<'_>),
    mut interrupt: Pin<&mut impl Future<Output = ()>>,
) -> Result<(Vec<String>, bool), Error> {
    let acquired = lock::acquire(session, Lock::Session, lock::WAIT, |holder, waited| {
        progress(Progress::Waiting { holder, waited });
    });
    or_stop(interrupt.as_mut(), acquired).await?;
    let emptied = attend_work(session, observer, interrupt, progress, empty(session, schemas)).await;
    lock::release(session, Lock::Session).await;
    emptied
}

/// Returns the schemas, and whether their objects were dropped one by one.
pub(crate) async fn empty(session: &Session, schemas: &[String]) -> Result<(Vec<String>, bool), Error> {
    let schemas = match schemas {
        [] => vec![session.schema().to_owned()],
        schemas => schemas.to_vec(),
    };
    // Otherwise an open transaction of another session would block it forever.
    session.batch("set lock_timeout to '10s'", "cannot set `lock_timeout`").await?;
    // One command is one transaction: it drops all of the schemas or none.
    let script: String = schemas.iter().map(|schema| recreate(schema)).collect();
    let refused = session.client.batch_execute(&script).await.err();
    let is_piecemeal = refused.is_some();
    if let Some(source) = refused {
        // A lock on an object blocks dropping it alone, too; and a cancelled command must not continue.
        let is_stopped = source.code().is_some_and(|state| {
            [sqlstate::QUERY_CANCELED, sqlstate::LOCK_NOT_AVAILABLE].contains(&state.code())
        });
        if is_stopped {
            return Err(Error::ResetFailed { failure: describe(&source), source });
        }
        drop_contents(session, &schemas).await?;
    }
    // It may be in another schema.
    let history = format!("drop table if exists {}", session.qualified(store::TABLE));
    session.batch(&history, "cannot drop the migration history").await?;
    session.batch("reset lock_timeout", "cannot reset `lock_timeout`").await?;
    Ok((schemas, is_piecemeal))
}

fn recreate(schema: &str) -> String {
    let schema = quote_ident(schema);
    format!("drop schema if exists {schema} cascade; create schema {schema};")
}

/// Drops each object in its own transaction, since the server limits the number of locks.
async fn drop_contents(session: &Session, schemas: &[String]) -> Result<(), Error> {
    let failed = |source| Error::ResetFailed { failure: describe(&source), source };
    let statements = session.client.query(CONTENTS, &[&schemas]).await.map_err(failed)?;
    for statement in statements.iter().map(|row: &Row| row.get::<_, &str>(0)) {
        session.client.batch_execute(statement).await.map_err(failed)?;
    }
    Ok(())
}

/// Returns the statements that drop all objects of some schemas, except those of extensions. An object may be gone when its
/// statement runs, because `cascade` dropped it.
const CONTENTS: &str = "
    with spaces (oid, name) as (
        select oid, nspname from pg_catalog.pg_namespace where nspname = any($1)
    ),
    things (class, oid, rank, statement) as (
        select 'pg_catalog.pg_class'::regclass, c.oid, case c.relkind when 'v' then 1 when 'm' then 1 when 'S' then 3 else 2 end,
            format('drop %s if exists %I.%I cascade',
                case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
                    when 'f' then 'foreign table' when 'c' then 'type' else 'table' end,
                s.name, c.relname)
        from pg_catalog.pg_class c join spaces s on s.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S', 'c')
        union all
        select 'pg_catalog.pg_proc'::regclass, p.oid, 4,
            format('drop routine if exists %I.%I(%s) cascade', s.name, p.proname,
                pg_catalog.pg_get_function_identity_arguments(p.oid))
        from pg_catalog.pg_proc p join spaces s on s.oid = p.pronamespace
        union all
        select 'pg_catalog.pg_type'::regclass, t.oid, 5,
            format('drop %s if exists %I.%I cascade', case t.typtype when 'd' then 'domain' else 'type' end, s.name, t.typname)
        from pg_catalog.pg_type t join spaces s on s.oid = t.typnamespace
        where t.typtype in ('e', 'd', 'r')
    )
    select statement from things
    where not exists (
        select from pg_catalog.pg_depend d
        where d.classid = things.class and d.objid = things.oid and d.deptype = 'e'
    )
    order by rank, statement";
