//! Bringing a database to what a schema says, without a migration.

use std::future::Future;
use std::pin::{Pin, pin};

use nicol_pg::ConnectionUrl;
use nicol_pg::tokio_postgres::Client;

use crate::align::align;
use crate::apply::{Observer, Progress, attend_work, or_stop, run_without_history};
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
/// stand in the way. What takes long is told, and cancelled when `interrupt` ends.
///
/// # Errors
///
/// [`Error::Connect`], [`Error::Database`] and [`Error::Stopped`].
pub async fn evaluate(
    url: &ConnectionUrl,
    plan: &Plan<'_>,
    progress: impl FnMut(Progress<'_>),
    interrupt: impl Future<Output = ()>,
) -> Result<Vec<Finding>, Error> {
    let interrupt = pin!(interrupt);
    if plan.is_empty() {
        return Ok(Vec::new());
    }
    let (session, _) = Session::open(url, Missing::Keep).await?;
    let observer = Observer::beside(&session).await;
    let finding = find(&session.client, plan);
    let findings = attend_work(&session, observer.as_ref(), interrupt, progress, finding).await;
    close(session, observer).await;
    findings
}

async fn find(client: &Client, plan: &Plan<'_>) -> Result<Vec<Finding>, Error> {
    let mut findings = dependents(client, plan).await?;
    findings.extend(check(client, &hazards(plan)).await?);
    Ok(findings)
}

/// Runs the script of a plan, under the lock of migrations, as a migration would be run. The history is not touched. What
/// takes long is told, and cancelled when `interrupt` ends.
///
/// Source: Prisma 6.19, `commands/schema_push.rs`.
///
/// # Errors
///
/// [`Error::Script`], [`Error::Stopped`], [`Error::PushStopped`], [`Error::LockHeld`], [`Error::Pooled`] and [`Error::Connect`].
pub async fn push(
    url: &ConnectionUrl,
    script: &str,
    progress: impl FnMut(Progress<'_>),
    interrupt: impl Future<Output = ()>,
) -> Result<(), Error> {
    lock::check_url(url, "a push")?;
    let (session, _) = Session::open(url, Missing::Keep).await?;
    let observer = Observer::beside(&session).await;
    let pushed = push_locked(&session, observer.as_ref(), script, progress, pin!(interrupt)).await;
    close(session, observer).await;
    pushed
}

async fn push_locked(
    session: &Session,
    observer: Option<&Observer>,
    script: &str,
    mut progress: impl FnMut(Progress<'_>),
    mut interrupt: Pin<&mut impl Future<Output = ()>>,
) -> Result<(), Error> {
    let acquired = lock::acquire(session, Lock::Session, lock::WAIT, |holder, waited| {
        progress(Progress::Waiting { holder, waited });
    });
    or_stop(interrupt.as_mut(), acquired).await?;
    let pushed = run_without_history(session, observer, "", script, interrupt, progress).await;
    lock::release(session, Lock::Session).await;
    pushed.map_err(without_name)
}

async fn close(session: Session, observer: Option<Observer>) {
    if let Some(observer) = observer {
        observer.close().await;
    }
    session.close().await;
}

/// A script that is no migration has no name.
fn without_name(error: Error) -> Error {
    match error {
        Error::Failed { failure, line, source, .. } => Error::Script { failure, line, source },
        Error::Interrupted { left, .. } => Error::PushStopped { left },
        error => error,
    }
}
