//! SQL that the application wrote.

use crate::codec::Param;
use crate::error::{Error, Kind};
use crate::value::Value;
use crate::wire::{Executor, Form, Outcome, References, Statement};

/// PostgreSQL's limit: it counts parameters in 16 bits.
const MAX_PARAMETERS: usize = 65_535;

/// Runs a statement and returns its rows and columns. PostgreSQL infers the types of the parameters, and reads texts as it reads literals.
///
/// # Errors
/// The database refuses the statement, or a parameter does not fit.
pub async fn query_raw(executor: &Executor, sql: String, params: Vec<Value>) -> Result<Outcome, Error> {
    executor.statement(&statement(sql, Form::Described, params)?).await
}

/// Runs a statement and returns the number of affected rows. Without parameters, it may also be a script of several statements, which counts
/// as no row.
///
/// # Errors
/// The database refuses the statement, or a parameter does not fit.
pub async fn execute_raw(executor: &Executor, sql: String, params: Vec<Value>) -> Result<u64, Error> {
    let form = if params.is_empty() { Form::Script } else { Form::Query };
    Ok(executor.statement(&statement(sql, form, params)?).await?.affected)
}

fn statement(text: String, form: Form, params: Vec<Value>) -> Result<Statement, Error> {
    if params.len() > MAX_PARAMETERS {
        return Err(Kind::TooManyParameters.into());
    }
    Ok(Statement {
        text,
        params: params.into_iter().map(Param::literal).collect(),
        form,
        returns_rows: form == Form::Described,
        read_only: false,
        may_lag: false,
        model: None,
        operation: if form == Form::Described { "query_raw" } else { "execute_raw" },
        references: References::None,
        requires_row: false,
    })
}
