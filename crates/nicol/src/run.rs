//! Runs queries: those of one statement, and writes that take several.

mod actions;
mod arrange;
mod link;
mod missing;
mod nested;
mod raw;
mod request;
mod row;
mod session;
mod single;
mod step;
mod steps;
mod write;
mod written;

use crate::error::Error;
use crate::query::{Aggregate, Find, GroupBy};
use crate::sql;
use crate::wire::{Executor, Outcome};

pub use raw::{execute_raw, query_raw};
pub(crate) use request::{Extend, Request, Running, Work, extended, extensions};
pub use write::write;
pub(crate) use written::{RowChange, Watched, WrittenRow};

/// Reads rows.
///
/// # Errors
/// The query cannot be written as SQL, or the database refuses it.
pub async fn find(executor: &Executor, find: &Find) -> Result<Outcome, Error> {
    executor.statement(&sql::find(executor.schema(), find)?).await
}

/// Returns PostgreSQL's plan for a read, as JSON, without running it.
///
/// # Errors
/// The query cannot be written as SQL, or the database refuses it.
pub async fn explain(executor: &Executor, find: &Find) -> Result<String, Error> {
    let mut statement = sql::find(executor.schema(), find)?;
    statement.text.insert_str(0, "EXPLAIN (FORMAT JSON) ");
    let outcome = executor.statement(&statement).await?;
    let plan = outcome.rows().next().map(|mut cells| cells.next_cell()?.json_text().map(str::to_owned));
    Ok(plan.transpose()?.unwrap_or_default())
}

/// Aggregates rows.
///
/// # Errors
/// The query cannot be written as SQL, or the database refuses it.
pub async fn aggregate(executor: &Executor, query: &Aggregate) -> Result<Outcome, Error> {
    executor.statement(&sql::aggregate(executor.schema(), query)?).await
}

/// Aggregates groups of rows.
///
/// # Errors
/// The query cannot be written as SQL, or the database refuses it.
pub async fn group_by(executor: &Executor, query: &GroupBy) -> Result<Outcome, Error> {
    executor.statement(&sql::group_by(executor.schema(), query)?).await
}
