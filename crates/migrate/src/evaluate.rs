//! What a plan would do to the data of a database: Plan → findings, on a connection.

mod count;
mod dependent;

use std::future::Future;
use std::pin::pin;

use nicol_pg::ConnectionUrl;
use nicol_pg::tokio_postgres::Client;

use crate::error::Error;
use crate::plan::Plan;
use crate::plan::hazard::{Finding, Hazard};
use crate::progress::Progress;
use crate::session::watch::{Observer, attend_work};
use crate::session::{Missing, Session};

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
    if let Some(observer) = observer {
        observer.close().await;
    }
    session.close().await;
    findings
}

async fn find(client: &Client, plan: &Plan<'_>) -> Result<Vec<Finding>, Error> {
    let mut findings = dependents(client, plan).await?;
    findings.extend(check(client, &plan.hazards()).await?);
    Ok(findings)
}

/// Finds objects in a database that depend on what a plan drops or changes, and that the plan does not know: views,
/// functions, policies, triggers, generated columns, constraints.
///
/// # Errors
///
/// [`Error::Database`].
pub async fn dependents(client: &Client, plan: &Plan<'_>) -> Result<Vec<Finding>, Error> {
    dependent::find(client, plan.ordered()).await
}

/// Asks a database which of the hazards are real: those with no rows or values behind them are left out.
///
/// Each query takes a minute at most: what is not counted by then is taken to be real. The connection must not be in a
/// transaction.
///
/// # Errors
///
/// [`Error::Database`]: the database has not the tables that the plan begins with, or does not answer.
pub async fn check(client: &Client, hazards: &[Hazard]) -> Result<Vec<Finding>, Error> {
    count::check(client, hazards).await
}
