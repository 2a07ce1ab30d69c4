//! Compares a database with the migrations of a project, before a new migration is created.

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

/// The result of [`diagnose`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// Whether the database did not exist and has been created.
    pub is_created: bool,
    /// The migrations of the project compared with the history.
    pub status: Status,
    /// The expected and the actual catalog of the database.
    pub drift: Drift,
    /// The catalog after all migrations of the project, from which the next one starts.
    pub end: Catalog,
    /// Shadow databases of earlier runs that were killed.
    pub leftovers: Vec<String>,
}

/// The expected and the actual catalog of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The catalog after the applied migrations, as the shadow database shows it.
    pub expected: Catalog,
    /// The catalog of the database itself.
    pub actual: Catalog,
}

impl Drift {
    /// Returns the changes that were made without a migration.
    pub fn plan(&self) -> Plan<'_> {
        plan(&self.expected, &self.actual)
    }
}

impl Diagnosis {
    /// Whether the database has drifted from the migration history, so that no migration can be added before a reset.
    ///
    /// Source: Prisma 6.19, `commands/dev_diagnostic.rs`.
    pub fn needs_reset(&self) -> bool {
        let Status { failed, edited, unknown, .. } = &self.status;
        !failed.is_empty() || !edited.is_empty() || !unknown.is_empty() || !self.drift.plan().is_empty()
    }
}

/// Compares a database with the migrations of a project, which run in a shadow database. Creates the database if it does not
/// exist, and does not change it otherwise. `schemas` are those of the datasource. `next` is the catalog that
/// [`Diagnosis::end`] will be compared with.
///
/// Source: Prisma 6.19, `commands/diagnose_migration_history.rs`.
///
/// # Errors
///
/// [`Error::ShadowFailed`] for a migration that fails, [`Error::ShadowCreate`], [`Error::ShadowIsMain`],
/// [`Error::ShadowUnclear`], [`Error::ScriptMissing`], [`Error::Stopped`],
/// [`Error::Connect`] and [`Error::Database`].
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
        // A new migration sorts before an applied one: replay twice to see both catalogs.
        let expected =
            shadow::replay(Some(url), shadow, schemas, &[applied], None, interrupt.as_mut()).await?;
        let end = shadow::replay(Some(url), shadow, schemas, &[all], next, interrupt).await?;
        two(expected.into_iter().chain(end).collect())
    };
    // The schema and version of an extension depend on the server, not on the history.
    expected.extensions.clear();
    actual.extensions.clear();
    Ok(Diagnosis { is_created, status, drift: Drift { expected, actual }, end, leftovers })
}

/// Returns the catalog after all migrations, which run in a shadow database. If `shadow` has no URL, that is created on the
/// server of `main`.
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
