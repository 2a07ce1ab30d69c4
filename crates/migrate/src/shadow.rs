//! The shadow database, in which migrations run to see the catalog they lead to.

mod same;

use std::future::{Future, pending};
use std::pin::{Pin, pin};
use std::time::Duration;

use nicol_pg::tokio_postgres::{self, Client};
use nicol_pg::{ConnectError, ConnectionUrl, quote_ident, sqlstate};
use uuid::Uuid;

use crate::catalog::Catalog;
use crate::error::{Error, describe, line};
use crate::history::Migration;
use crate::introspect::{Scope, read};
use crate::reset;
use crate::run::run_without_history;
use crate::session::store::TABLE;
use crate::session::watch::attend_work;
use crate::session::{Missing, Session, literal};
use same::Unclear;

/// Where and how migrations are tested.
#[derive(Debug, Clone, Default)]
pub struct Shadow {
    /// An existing shadow database, which is emptied each time: `shadowDatabaseUrl` of the datasource. Without it, a
    /// database is created on the server of the main one, and dropped at the end.
    pub url: Option<ConnectionUrl>,
    /// SQL that runs before the first migration, for objects that every database of the server has.
    pub init_script: Option<String>,
    /// Databases that must not be emptied, in addition to the main one.
    pub never: Vec<ConnectionUrl>,
}

impl Shadow {
    /// Opens the existing shadow database, and checks that it is neither `main` nor one of [`Shadow::never`]. Creates it if it
    /// does not exist.
    async fn open(
        &self,
        url: &ConnectionUrl,
        main: Option<&ConnectionUrl>,
        schemas: &[String],
    ) -> Result<Session, Error> {
        // Change nothing until the database is known to be the right one.
        let session = match Session::open(url, Missing::Look).await {
            Ok((session, _)) => session,
            Err(Error::Connect(ConnectError::DatabaseMissing { .. })) => {
                return Session::open(url, Missing::Create).await.map(|(session, _)| session);
            }
            Err(error) => return Err(error),
        };
        // Compare on the connection that empties it: a URL with several hosts may lead elsewhere next time.
        let mut checked = Ok(());
        for other in main.into_iter().chain(&self.never) {
            checked = checked.and(check_apart(&session, url, other, schemas).await);
        }
        if main.is_none() && self.never.is_empty() {
            checked = check_history(&session, url, schemas).await;
        }
        if checked.is_ok() {
            checked = session.prepare(Missing::Create).await;
        }
        match checked {
            Ok(()) => Ok(session),
            Err(error) => {
                session.close().await;
                Err(error)
            }
        }
    }
}

/// Checks that the database of the session, which will be emptied, is not `other`.
async fn check_apart(
    session: &Session,
    url: &ConnectionUrl,
    other: &ConnectionUrl,
    schemas: &[String],
) -> Result<(), Error> {
    let database = url.database().to_owned();
    if url.hosts() == other.hosts() && url.database() == other.database() {
        return Err(Error::ShadowIsMain { database });
    }
    match same::is_same(session, other).await {
        Ok(false) => Ok(()),
        Ok(true) => Err(Error::ShadowIsMain { database }),
        // An empty shadow database has nothing to lose, so the other database need not be reachable.
        Err(Unclear::Unreachable(_)) if !has_relations(session, schemas, None).await? => Ok(()),
        Err(unclear) => {
            Err(Error::ShadowUnclear { database, other: other.to_string(), reason: unclear.reason() })
        }
    }
}

/// Refuses a database with a history if no other database is known: it may be the main one.
async fn check_history(session: &Session, url: &ConnectionUrl, schemas: &[String]) -> Result<(), Error> {
    if !has_relations(session, schemas, Some(TABLE)).await? {
        return Ok(());
    }
    Err(Error::ShadowUnclear {
        database: url.database().to_owned(),
        other: "the database of the project".to_owned(),
        reason: "its URL is unknown, and the shadow database has a migration history".to_owned(),
    })
}

/// Whether the schemas contain relations, or one with the given name.
async fn has_relations(session: &Session, schemas: &[String], name: Option<&str>) -> Result<bool, Error> {
    let own = [session.schema().to_owned()];
    let names: Vec<_> =
        if schemas.is_empty() { &own } else { schemas }.iter().map(|it| literal(it)).collect();
    let sql = format!(
        "select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ({}) and {} limit 1",
        names.join(", "),
        name.map_or_else(|| "true".to_owned(), |name| format!("c.relname = {}", literal(name)))
    );
    let rows = session.rows(&sql, "cannot inspect the shadow database").await?;
    Ok(!rows.is_empty())
}

/// The prefix of the name of a shadow database.
///
/// Source: Prisma 6.19, `sql-schema-connector/src/lib.rs`.
const PREFIX: &str = "prisma_migrate_shadow_db_";

/// How often creating the database is retried while its template is in use.
const ATTEMPTS: u32 = 50;
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(100);

/// Runs stages of migrations in a shadow database of `main`, and returns the catalog of `schemas` after each stage. The last
/// one is aligned with `next`.
///
/// A created database is always dropped, also after an error or interrupt.
pub(crate) async fn replay(
    main: Option<&ConnectionUrl>,
    shadow: &Shadow,
    schemas: &[String],
    stages: &[Vec<&Migration>],
    next: Option<&Catalog>,
    interrupt: impl Future<Output = ()>,
) -> Result<Vec<Catalog>, Error> {
    let database = Database::provide(main, shadow).await?;
    let is_dropped = database.owner.is_some();
    let interrupt = pin!(interrupt);
    // Boxed because the future is large, and would make those of all callers large.
    let work = Box::pin(in_database(&database, main, shadow, schemas, stages, next, interrupt));
    let replayed = work.await.map_err(|error| match error {
        Error::Stopped => Error::ShadowStopped { is_dropped },
        error => error,
    });
    let dropped = database.release().await;
    // The first error matters more.
    replayed.and_then(|catalogs| dropped.map(|()| catalogs))
}

async fn in_database(
    database: &Database,
    main: Option<&ConnectionUrl>,
    shadow: &Shadow,
    schemas: &[String],
    stages: &[Vec<&Migration>],
    next: Option<&Catalog>,
    interrupt: Pin<&mut impl Future<Output = ()>>,
) -> Result<Vec<Catalog>, Error> {
    let url = &database.url;
    let session = match database.owner {
        Some(_) => Session::open(url, Missing::Create).await?.0,
        None => shadow.open(url, main, schemas).await?,
    };
    let work = in_session(&session, url, shadow, schemas, stages, next);
    let replayed = attend_work(&session, None, interrupt, |_| {}, work).await;
    session.close().await;
    replayed
}

async fn in_session(
    session: &Session,
    url: &ConnectionUrl,
    shadow: &Shadow,
    schemas: &[String],
    stages: &[Vec<&Migration>],
    next: Option<&Catalog>,
) -> Result<Vec<Catalog>, Error> {
    if shadow.url.is_some() {
        reset::empty(session, schemas).await?;
    }
    if let Some(script) = &shadow.init_script {
        let failed =
            |source| Error::ShadowInit { failure: describe(&source), line: line(&source, script), source };
        session.client.batch_execute(script).await.map_err(failed)?;
    }
    let scope = Scope::of(schemas, url);
    let mut catalogs = Vec::with_capacity(stages.len());
    for (place, stage) in stages.iter().enumerate() {
        for migration in stage {
            try_out(session, migration).await?;
        }
        // Only the last one is compared with `next`; the others with what a server reports in the same wording.
        let next = next.filter(|_| place + 1 == stages.len());
        catalogs.push(read(&session.client, &scope, next).await?);
    }
    Ok(catalogs)
}

/// Runs a migration without recording it.
async fn try_out(session: &Session, migration: &Migration) -> Result<(), Error> {
    session.set_search_path().await?;
    let never = pin!(pending());
    let ran = run_without_history(session, None, migration.name(), migration.script()?, never, |_| {}).await;
    ran.map_err(|error| match error {
        Error::Failed { migration, failure, line, source, .. } => {
            Error::ShadowFailed { migration, failure, line, source }
        }
        error => error,
    })
}

/// A shadow database, and the session that drops it if it was created.
struct Database {
    url: ConnectionUrl,
    owner: Option<Session>,
}

impl Database {
    async fn provide(main: Option<&ConnectionUrl>, shadow: &Shadow) -> Result<Self, Error> {
        if let Some(url) = &shadow.url {
            return Ok(Self { url: url.clone(), owner: None });
        }
        let main = main.ok_or(Error::ShadowNowhere)?;
        let (session, _) = Session::open(main, Missing::Keep).await?;
        let name = format!("{PREFIX}{}", Uuid::new_v4());
        match create(&session.client, &name).await {
            Ok(()) => Ok(Self { url: main.with_database(&name), owner: Some(session) }),
            Err(source) => {
                session.close().await;
                Err(Error::ShadowCreate {
                    user: main.user().unwrap_or("the operating system user").to_owned(),
                    failure: describe(&source),
                    may_not: source
                        .code()
                        .is_some_and(|state| state.code() == sqlstate::INSUFFICIENT_PRIVILEGE),
                    source,
                })
            }
        }
    }

    async fn release(self) -> Result<(), Error> {
        let Some(session) = self.owner else { return Ok(()) };
        // By force, because an interrupted script may still be running.
        let sql = format!("drop database if exists {} with (force)", quote_ident(self.url.database()));
        let dropped = session.batch(&sql, "cannot drop the shadow database").await;
        session.close().await;
        dropped
    }
}

/// Creates a database. Retries while another session uses or copies the template.
async fn create(client: &Client, name: &str) -> Result<(), tokio_postgres::Error> {
    let sql = format!("create database {}", quote_ident(name));
    let mut attempts = 0;
    loop {
        match client.batch_execute(&sql).await {
            Err(error) if attempts < ATTEMPTS && is_in_use(&error) => {
                attempts += 1;
                tokio::time::sleep(BETWEEN_ATTEMPTS).await;
            }
            result => return result,
        }
    }
}

fn is_in_use(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|state| state.code() == sqlstate::OBJECT_IN_USE)
}

/// Returns the shadow databases of killed processes: those without connections.
///
/// They can be dropped, since a running process is connected to its own, except for the moment after it has created it.
pub(crate) async fn leftovers(client: &Client) -> Result<Vec<String>, Error> {
    let sql = format!(
        "select datname::text from pg_catalog.pg_database d
        where datname like '{}%' and not exists (select from pg_catalog.pg_stat_activity a where a.datid = d.oid)
        order by 1",
        PREFIX.replace('_', "\\_")
    );
    let rows = client.query(&sql, &[]).await;
    let rows = rows.map_err(|source| Error::Database { doing: "cannot list the databases", source })?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
