//! `queryRaw` and `executeRaw`: SQL of the application.

mod literal;
mod parameter;
mod rows;

use nicol::__private::{Executor, run};
use nicol::Value;
use serde_json::json;

use crate::error::Error;
use crate::failure;
use crate::json::Json;

/// SQL to run.
#[derive(Debug)]
pub(crate) struct Raw {
    sql: String,
    params: Vec<Value>,
    returns_rows: bool,
}

impl Raw {
    /// Reads a request, or returns `None` if the action is another one.
    ///
    /// # Errors
    /// An argument is missing, unknown or of the wrong type (P2009, P2012).
    pub(crate) fn of_request(action: &str, query: &Json) -> Result<Option<Self>, Error> {
        let returns_rows = match action {
            "queryRaw" => true,
            "executeRaw" => false,
            _ => return Ok(None),
        };
        let (mut sql, mut params) = (None, Vec::new());
        for (name, value) in query.get("arguments").map(Json::entries).unwrap_or_default() {
            match (&**name, value) {
                ("query", Json::Text(text)) => sql = Some(text.clone()),
                ("query", other) => return Err(wrong_type(action, other)),
                ("parameters", value) => params = parameters(action, value)?,
                (name, _) => return Err(unknown_argument(action, name)),
            }
        }
        let sql = sql.ok_or_else(|| missing_query(action))?;
        Ok(Some(Self { sql, params, returns_rows }))
    }

    /// Runs the SQL and writes its rows, or their number, as JSON.
    ///
    /// # Errors
    /// The database refuses the statement, or Prisma has no type for a column (P2010).
    pub(crate) async fn run(self, executor: &Executor, out: &mut Vec<u8>) -> Result<(), Error> {
        let Self { sql, params, returns_rows } = self;
        if returns_rows {
            let outcome = run::query_raw(executor, sql, params).await;
            return rows::write(out, &outcome.map_err(|error| failure::of_raw(&error))?);
        }
        let affected = run::execute_raw(executor, sql, params).await;
        let affected = affected.map_err(|error| failure::of_raw(&error))?;
        out.extend_from_slice(affected.to_string().as_bytes());
        Ok(())
    }
}

/// Reads the parameters: a JSON array, or its text.
fn parameters(action: &str, value: &Json) -> Result<Vec<Value>, Error> {
    let parsed;
    let list = match value {
        Json::Text(text) => {
            parsed = serde_json::from_str(text).unwrap_or(Json::Null);
            &parsed
        }
        value => value,
    };
    let invalid = |expected: &str, message: &str| {
        Error::new("P2009", message)
            .with("kind", "InvalidArgumentValue")
            .with("argumentPath", json!(["parameters"]))
            .with("argument", json!({ "name": "parameters", "typeNames": [expected] }))
            .with("selectionPath", json!([action]))
    };
    let Json::List(values) = list else {
        return Err(invalid("JSON array", "the parameters of the raw query are not an array"));
    };
    let unreadable = || {
        let message = "a parameter of the raw query does not have the type that its tag names";
        invalid("Flat JSON array (no nesting)", message).with("underlyingError", message)
    };
    values.iter().map(|value| parameter::value(value).ok_or_else(unreadable)).collect()
}

fn wrong_type(action: &str, value: &Json) -> Error {
    let inferred = match value {
        Json::Null => "Null",
        Json::Bool(_) => "Boolean",
        Json::Int(_) => "Int",
        Json::Float(_) => "Float",
        Json::Text(_) => "String",
        Json::List(_) => "List",
        Json::Object(_) => "Object",
    };
    Error::new("P2009", "the argument `query` is not a text")
        .with("kind", "InvalidArgumentType")
        .with("argumentPath", json!(["query"]))
        .with("argument", json!({ "name": "query", "typeNames": ["String"] }))
        .with("selectionPath", json!([action]))
        .with("inferredType", inferred)
}

fn missing_query(action: &str) -> Error {
    Error::new("P2012", "the argument `query` is missing")
        .with("kind", "RequiredArgumentMissing")
        .with("inputTypes", json!([{ "kind": "scalar", "name": "String" }]))
        .with("argumentPath", json!(["query"]))
        .with("selectionPath", json!([action]))
}

fn unknown_argument(action: &str, name: &str) -> Error {
    let known = json!([{ "name": "query", "typeNames": ["String"] }, { "name": "parameters", "typeNames": ["Json"] }]);
    Error::new("P2009", format!("the argument `{name}` is unknown"))
        .with("kind", "UnknownArgument")
        .with("argumentPath", json!([name]))
        .with("arguments", known)
        .with("selectionPath", json!([action]))
}
