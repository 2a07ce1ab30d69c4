//! Generates clients.

use crate::error::Error;
use crate::output::{Options, OutputFile};
use crate::{emit, plan, print};

/// Generates the client of a schema. The output is deterministic.
///
/// # Errors
/// A model has more fields than a table can have columns, a generator omits a field that does not exist, or the Auth.js models do not fit the requested adapter.
pub fn generate(schema: &nicol_schema::Schema, options: &Options) -> Result<Vec<OutputFile>, Error> {
    let client = plan::plan(schema, options)?;
    Ok(print::print(&emit::emit(&client), options.layout))
}
