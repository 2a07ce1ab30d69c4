//! The errors of queries as Prisma answers them: its codes, and its `meta`.
//!
//! `meta` repeats what PostgreSQL reported, as Prisma's does. Only those who sent a request see its answer.
//!
//! Source: Prisma 6.19, `packages/adapter-pg/src/errors.ts` and `packages/client-engine-runtime/src/user-facing-error.ts`.

use nicol::__private::{ReportedError, reported};
use nicol::{Error as QueryError, Kind};
use serde_json::{Map, Value, json};

use crate::error::Error;

/// Returns the answer for the error of a query.
pub(crate) fn of_query(error: &QueryError) -> Error {
    let message = error.to_string();
    if let Some(reported) = reported(error) {
        let (code, cause) = cause(reported);
        let answer = match code {
            Some(code) => Error::new(code, message),
            // Prisma has no code for the other errors of the database.
            None => return Error::without_code(message),
        };
        let answer = adapter(answer, &cause);
        return match error.kind() {
            // The older engines have these two.
            Kind::UniqueViolation { fields, .. } => answer.with("target", fields.clone()),
            Kind::ForeignKey { constraint: Some(name) } => {
                answer.with("field_name", format!("{name} (index)"))
            }
            _ => answer,
        };
    }
    if let Kind::Unsupported { message } = error.kind() {
        // To Prisma Client, P2009 is an error of the request, whose `meta` it shows.
        return Error::new("P2026", *message).with("feature", *message);
    }
    let answer = Error::new(error.code(), message);
    match error.kind() {
        Kind::NotFound { .. } => answer.with("operation", "a query"),
        _ => answer,
    }
}

/// Returns the answer for the error of SQL that the application wrote. It shows PostgreSQL's message, without which the SQL is hard to mend.
pub(crate) fn of_raw(error: &QueryError) -> Error {
    let Some(reported) = reported(error) else { return of_query(error) };
    let ReportedError { sqlstate, message, .. } = reported;
    let answer =
        Error::new("P2010", format!("the database refused the raw query (SQLSTATE {sqlstate}): {message}"));
    // The older engines have these two.
    let answer = answer.with("code", sqlstate.clone()).with("message", message.clone());
    adapter(answer, &cause(reported).1)
}

/// Adds the details of the database's error.
pub(crate) fn adapter(answer: Error, cause: &Value) -> Error {
    answer.with("driverAdapterError", json!({ "name": "DriverAdapterError", "cause": cause }))
}

/// Returns Prisma's code for what PostgreSQL reported, and its details.
fn cause(reported: &ReportedError) -> (Option<&'static str>, Value) {
    let message = &*reported.message;
    let mut cause = Map::new();
    cause.insert("originalCode".into(), reported.sqlstate.clone().into());
    cause.insert("originalMessage".into(), message.into());
    let code = match &*reported.sqlstate {
        "22001" => {
            cause.insert("kind".into(), "LengthMismatch".into());
            insert(&mut cause, "column", reported.column.as_deref());
            "P2000"
        }
        "22003" => {
            cause.insert("kind".into(), "ValueOutOfRange".into());
            cause.insert("cause".into(), message.into());
            "P2020"
        }
        "23505" => {
            cause.insert("kind".into(), "UniqueConstraintViolation".into());
            insert_key(&mut cause, reported);
            "P2002"
        }
        "23502" => {
            cause.insert("kind".into(), "NullConstraintViolation".into());
            insert_key(&mut cause, reported);
            "P2011"
        }
        "23503" => {
            cause.insert("kind".into(), "ForeignKeyConstraintViolation".into());
            let constraint = match (&reported.column, &reported.constraint) {
                (Some(column), _) => json!({ "fields": [column] }),
                (None, Some(constraint)) => json!({ "index": constraint }),
                (None, None) => Value::Null,
            };
            if !constraint.is_null() {
                cause.insert("constraint".into(), constraint);
            }
            "P2003"
        }
        "40001" => {
            cause.insert("kind".into(), "TransactionWriteConflict".into());
            "P2034"
        }
        "42P01" => {
            cause.insert("kind".into(), "TableDoesNotExist".into());
            insert(&mut cause, "table", quoted(message));
            "P2021"
        }
        "42703" => {
            cause.insert("kind".into(), "ColumnNotFound".into());
            insert(&mut cause, "column", quoted(message));
            "P2022"
        }
        "53300" => {
            cause.insert("kind".into(), "TooManyConnections".into());
            cause.insert("cause".into(), message.into());
            "P2037"
        }
        sqlstate => {
            cause.insert("kind".into(), "postgres".into());
            cause.insert("code".into(), sqlstate.into());
            cause.insert("severity".into(), reported.severity.clone().into());
            cause.insert("message".into(), message.into());
            insert(&mut cause, "detail", reported.detail.as_deref());
            insert(&mut cause, "column", reported.column.as_deref());
            insert(&mut cause, "hint", reported.hint.as_deref());
            return (None, cause.into());
        }
    };
    (Some(code), cause.into())
}

fn insert(cause: &mut Map<String, Value>, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        cause.insert(name.to_owned(), text.into());
    }
}

/// Inserts the columns of a violated key, which PostgreSQL names in the detail: `Key (email)=(…) already exists.`
fn insert_key(cause: &mut Map<String, Value>, reported: &ReportedError) {
    let detail = reported.detail.as_deref().and_then(|detail| detail.split_once("Key ("));
    if let Some((columns, _)) = detail.and_then(|(_, rest)| rest.split_once(')')) {
        let fields: Vec<&str> = columns.split(", ").collect();
        cause.insert("constraint".into(), json!({ "fields": fields }));
    }
}

/// Returns the name in quotes after the first word of a message: `relation "users" does not exist`.
fn quoted(message: &str) -> Option<&str> {
    message.split(' ').nth(1)?.split('"').nth(1)
}
