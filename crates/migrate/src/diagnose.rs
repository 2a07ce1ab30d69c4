//! How a database stands to a project's migrations, before a new one is made.

use std::future::Future;
use std::pin::pin;

use nicol_pg::ConnectionUrl;

use crate::catalog::Catalog;
use crate::error::Error;
use crate::history::{Migration, Migrations};
use crate::introspect::{Scope, introspect_with};
use crate::plan::{Plan, plan};
use crate::session::{Missing, Session, store};
use crate::shadow::{self, Shadow};
use crate::status::{Status, compare};

/// What [`diagnose`] has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// Whether the database was not there and has been created.
    pub is_created: bool,
    /// The migrations that the database has seen.
    pub status: Status,
    /// What the database should hold after the migrations that were applied to it, and what it does hold.
    pub drift: Drift,
    /// What all migrations at hand lead to: where the next one begins.
    pub end: Catalog,
    /// Shadow databases that earlier runs have left behind, because they were killed.
    pub leftovers: Vec<String>,
}

/// What a database should hold, and what it does hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// What the applied migrations lead to.
    pub expected: Catalog,
    /// What is there.
    pub actual: Catalog,
}

impl Drift {
    /// The changes that somebody has made without a migration.
    pub fn plan(&self) -> Plan<'_> {
        plan(&self.expected, &self.actual)
    }
}

impl Diagnosis {
    /// Whether the database has gone another way than the migrations, so that none can be added for it.
    ///
    /// Source: Prisma 6.19, `commands/dev_diagnostic.rs`.
    pub fn needs_reset(&self) -> bool {
        let Status { failed, edited, unknown, .. } = &self.status;
        !failed.is_empty() || !edited.is_empty() || !unknown.is_empty() || !self.drift.plan().is_empty()
    }
}

/// Compares a database with the migrations at hand, which are run in a shadow database for it. A missing database is
/// created; beyond that, the database is not changed. `schemas` are those of the datasource; `next` is the catalog that
/// [`Diagnosis::end`] will be compared with.
///
/// Source: Prisma 6.19, `commands/diagnose_migration_history.rs`.
///
/// # Errors
///
/// [`Error::ShadowFailed`] for a migration that does not work, [`Error::ShadowCreate`], [`Error::ShadowIsMain`],
/// [`Error::ShadowUnclear`], [`Error::ScriptMissing`], [`Error::Stopped`], and what a connection may bring.
pub async fn diagnose(
    url: &ConnectionUrl,
    migrations: &Migrations,
    shadow: &Shadow,
    schemas: &[String],
    next: Option<&Catalog>,
    interrupt: impl Future<Output = ()>,
) -> Result<Diagnosis, Error> {
    let (session, is_created) = Session::open(url, Missing::Create).await?;
    let found = look(&session, url, migrations, schemas).await;
    session.close().await;
    let (status, mut actual, leftovers) = found?;

    let mut interrupt = pin!(interrupt);
    let applied: Vec<&Migration> =
        migrations.iter().filter(|it| status.applied.iter().any(|name| name == it.name())).collect();
    let all: Vec<&Migration> = migrations.iter().collect();
    let (mut expected, end) = if all.starts_with(&applied) {
        let stages = [applied.clone(), all[applied.len()..].to_vec()];
        let catalogs = shadow::replay(Some(url), shadow, schemas, &stages, next, interrupt).await?;
        two(catalogs)
    } else {
        // One that comes before an applied one is new: it takes two databases to see both.
        let expected =
            shadow::replay(Some(url), shadow, schemas, &[applied], None, interrupt.as_mut()).await?;
        let end = shadow::replay(Some(url), shadow, schemas, &[all], next, interrupt).await?;
        two(expected.into_iter().chain(end).collect())
    };
    // Where an extension lies and which version of it there is, is the server's matter, not that of a history.
    expected.extensions.clear();
    actual.extensions.clear();
    Ok(Diagnosis { is_created, status, drift: Drift { expected, actual }, end, leftovers })
}

/// What a folder of migrations leads to, found out in a shadow database; `main` says on which server, where `shadow` names
/// none.
///
/// # Errors
///
/// As [`diagnose`], and [`Error::ShadowNowhere`].
pub async fn end_of(
    main: Option<&ConnectionUrl>,
    migrations: &Migrations,
    shadow: &Shadow,
    schemas: &[String],
    next: Option<&Catalog>,
    interrupt: impl Future<Output = ()>,
) -> Result<Catalog, Error> {
    let catalogs =
        shadow::replay(main, shadow, schemas, &[migrations.iter().collect()], next, interrupt).await?;
    Ok(catalogs.into_iter().next().unwrap_or_default())
}

fn two(catalogs: Vec<Catalog>) -> (Catalog, Catalog) {
    let mut catalogs = catalogs.into_iter();
    (catalogs.next().unwrap_or_default(), catalogs.next().unwrap_or_default())
}

async fn look(
    session: &Session,
    url: &ConnectionUrl,
    migrations: &Migrations,
    schemas: &[String],
) -> Result<(Status, Catalog, Vec<String>), Error> {
    let records = store::load(session).await?;
    let has_history = records.is_some();
    let compared = compare(migrations, &records.unwrap_or_default());
    let status = Status { has_database: true, has_history, ..compared };
    let actual = introspect_with(&session.client, &Scope::of(schemas, url)).await?;
    Ok((status, actual, shadow::leftovers(&session.client).await?))
}
