//! Runs queries: those of one statement, and writes that take several.

mod raw;

use crate::error::{Error, Kind};
use crate::query::{Aggregate, CreateMany, Find, GroupBy, Returning, UpdateMany, Write};
use crate::sql;
use crate::wire::{Executor, Outcome};

pub use raw::{execute_raw, query_raw};

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

/// Writes, in a transaction if it takes several statements.
///
/// # Errors
/// A row is missing, a constraint is violated, or the database refuses a statement. Nothing is written then.
pub async fn write(executor: &Executor, write: Write) -> Result<Outcome, Error> {
    let schema = executor.schema();
    let statement = match write {
        Write::Create(create, returning) => sql::create(schema, create, &returning)?,
        Write::CreateMany(CreateMany { model, rows, skip_duplicates }, Returning::Count) => {
            let statements = sql::create_many(schema, model, rows, skip_duplicates)?;
            return executor.statements(statements).await;
        }
        Write::Update(unique, changes, returning) if changes.nested.is_empty() => {
            sql::update(schema, &unique.condition(), &changes, &returning)?
        }
        Write::UpdateMany(UpdateMany { filter, changes, limit: None }, Returning::Count) => {
            sql::update_many(schema, &filter, &changes)?
        }
        Write::Delete(unique, returning) => sql::delete(schema, &unique.condition(), &returning)?,
        Write::DeleteMany { model, filter, limit: None } => sql::delete_many(schema, model, &filter)?,
        _ => return Err(Kind::Unsupported { message: "this write takes several statements" }.into()),
    };
    executor.statement(&statement).await
}
