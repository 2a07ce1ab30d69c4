//! Bringing a database to what a schema says, without a migration.

use std::future::Future;

use nicol_pg::ConnectionUrl;
use nicol_pg::tokio_postgres::Client;

use crate::align::align;
use crate::apply::run_without_history;
use crate::catalog::Catalog;
use crate::error::Error;
use crate::hazard::{Finding, check, dependents, hazards};
use crate::introspect::{Scope, introspect_with};
use crate::lock;
use crate::lock::Lock;
use crate::plan::Plan;
use crate::session::{Missing, Session};

/// What a database holds in the `schemas` of a datasource, or in the URL's without any; in the words of `next`, where that
/// is given. A missing database is created; gives whether it was.
///
/// # Errors
///
/// [`Error::Connect`], [`Error::Database`], [`Error::CreateDatabase`].
pub async fn current(
    url: &ConnectionUrl,
    schemas: &[String],
    next: Option<&Catalog>,
) -> Result<(Catalog, bool), Error> {
    let (session, is_created) = Session::open(url, Missing::Create).await?;
    let catalog = read(&session.client, &Scope::of(schemas, url), next).await;
    session.close().await;
    Ok((catalog?, is_created))
}

/// As [`current`], but a missing database is an error, and nothing is changed.
///
/// # Errors
///
/// [`Error::Connect`] and [`Error::Database`].
pub async fn live(url: &ConnectionUrl, schemas: &[String], next: Option<&Catalog>) -> Result<Catalog, Error> {
    let (session, _) = Session::open(url, Missing::Keep).await?;
    let catalog = read(&session.client, &Scope::of(schemas, url), next).await;
    session.close().await;
    catalog
}

/// What a database holds, in the words of `next` where that is given.
pub(crate) async fn read(client: &Client, scope: &Scope, next: Option<&Catalog>) -> Result<Catalog, Error> {
    let mut catalog = introspect_with(client, scope).await?;
    if let Some(next) = next {
        align(client, &mut catalog, next).await?;
    }
    Ok(catalog)
}

/// Asks the database that a plan begins with which of the plan's hazards its data make real, and which of its objects
/// stand in the way.
///
/// # Errors
///
/// [`Error::Connect`] and [`Error::Database`].
pub async fn evaluate(url: &ConnectionUrl, plan: &Plan<'_>) -> Result<Vec<Finding>, Error> {
    if plan.is_empty() {
        return Ok(Vec::new());
    }
    let (session, _) = Session::open(url, Missing::Keep).await?;
    let findings = find(&session.client, plan).await;
    session.close().await;
    findings
}

async fn find(client: &Client, plan: &Plan<'_>) -> Result<Vec<Finding>, Error> {
    let mut findings = dependents(client, plan).await?;
    findings.extend(check(client, &hazards(plan)).await?);
    Ok(findings)
}

/// Runs the script of a plan, under the lock of migrations, as a migration would be run. The history is not touched.
///
/// Source: Prisma 6.19, `commands/schema_push.rs`.
///
/// # Errors
///
/// [`Error::Script`], [`Error::Stopped`], [`Error::LockHeld`], [`Error::Pooled`] and [`Error::Connect`].
pub async fn push(
    url: &ConnectionUrl,
    script: &str,
    interrupt: impl Future<Output = ()>,
) -> Result<(), Error> {
    lock::check_url(url, "a push")?;
    let (session, _) = Session::open(url, Missing::Keep).await?;
    let pushed = match lock::acquire(&session, Lock::Session, lock::WAIT, |_, _| {}).await {
        Ok(()) => {
            let pushed = run_without_history(&session, "", script, interrupt).await.map_err(without_name);
            lock::release(&session, Lock::Session).await;
            pushed
        }
        Err(error) => Err(error),
    };
    session.close().await;
    pushed
}

/// A script that is no migration has no name.
fn without_name(error: Error) -> Error {
    match error {
        Error::Failed { failure, line, source, .. } => Error::Script { failure, line, source },
        Error::Interrupted { .. } => Error::Stopped,
        error => error,
    }
}
