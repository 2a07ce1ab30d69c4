//! Requests: checks them against the schema, and makes them queries as data.

use crate::error::Error;
use crate::json::Json;
use crate::plan::Plan;
use crate::schema::Schema;

/// Makes a plan of a request.
///
/// # Errors
/// The request does not fit the schema (P2009 and others).
pub(crate) fn plan(schema: &Schema, model: &str, action: &str, query: &Json) -> Result<Plan, Error> {
    let _ = (schema, model, query);
    Err(Error::new("P2009", format!("the action `{action}` is unknown")))
}
