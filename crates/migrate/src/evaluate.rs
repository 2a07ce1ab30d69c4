//! Plan → findings: which hazards the data of a database make real.

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

/// Returns which hazards of a plan are real in a database, and which of its objects block the plan. The database is the one
/// that the plan changes. Reports long statements, and cancels the running one when `interrupt` completes.
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

/// Finds objects of a database that depend on what a plan drops or changes, and that catalogs do not contain: views,
/// functions, policies, triggers, generated columns, constraints.
///
/// # Errors
///
/// [`Error::Database`].
pub async fn dependents(client: &Client, plan: &Plan<'_>) -> Result<Vec<Finding>, Error> {
    dependent::find(client, plan.ordered()).await
}

/// Returns the hazards that concern rows or values of a database, with their number.
///
/// Each query may take 60 s. A hazard whose query times out counts as real. The connection must not be in a transaction.
///
/// # Errors
///
/// [`Error::Database`] if the database lacks the tables of the previous catalog, or the connection is lost.
pub async fn check(client: &Client, hazards: &[Hazard]) -> Result<Vec<Finding>, Error> {
    count::check(client, hazards).await
}
