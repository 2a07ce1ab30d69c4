//! The errors of queries as Prisma answers them: its codes, and its `meta`.
//!
//! `meta` repeats what PostgreSQL reported, as Prisma's does. Only those who sent a request see its answer.
//!
//! Source: Prisma 6.19, `packages/adapter-pg/src/errors.ts` and `packages/client-engine-runtime/src/user-facing-error.ts`.

use nicol::__private::query::Write;
use nicol::__private::{ConnectError, ReportedError, WriteCause, connect_error, reported, write_cause};
use nicol::{Error as QueryError, Kind, RelationField};
use nicol_schema::model::{self, RelationKind};
use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::schema::Schema;

/// Returns the answer for the error of a query.
pub(crate) fn of_query(error: &QueryError) -> Error {
    if let Some(failed) = connect_error(error) {
        return of_connecting(error.code(), failed);
    }
    let message = error.to_string();
    if let Some(reported) = reported(error)
        // Whether the server's last words arrive before the end of the connection is chance.
        && !is_lost(error)
    {
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

fn is_lost(error: &QueryError) -> bool {
    matches!(error.kind(), Kind::Closed | Kind::Uncertain { .. })
}

/// Returns the answer for a connection that cannot be opened: where, why, and what to do.
fn of_connecting(code: &'static str, error: &ConnectError) -> Error {
    let text = error.to_string();
    let (what, help) = text.split_once('\n').unwrap_or((&text, ""));
    let mut message = what.to_owned();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        // An error of the driver repeats its source.
        if !message.ends_with(&error.to_string()) {
            message = format!("{message}: {error}");
        }
        source = error.source();
    }
    let reason = message.strip_prefix(what).unwrap_or_default().trim_start_matches(": ").to_owned();
    if !help.is_empty() {
        message = format!("{message}\n{help}");
    }
    let answer = Error::new(code, message);
    let cause = match error {
        ConnectError::Unreachable { host, .. }
        | ConnectError::NotReady { host, .. }
        | ConnectError::Rejected { host, .. } => {
            let (name, port) = place(host);
            json!({ "kind": "DatabaseNotReachable", "host": name, "port": port })
        }
        ConnectError::Authentication { user, .. } => json!({ "kind": "AuthenticationFailed", "user": user }),
        ConnectError::DatabaseMissing { database, .. } => {
            json!({ "kind": "DatabaseDoesNotExist", "db": database })
        }
        ConnectError::Denied { database, .. } => json!({ "kind": "DatabaseAccessDenied", "db": database }),
        ConnectError::Tls { .. } | ConnectError::TlsSetup(_) => {
            json!({ "kind": "TlsConnectionError", "reason": reason })
        }
        ConnectError::TooManyConnections { .. } => json!({ "kind": "TooManyConnections", "cause": reason }),
        ConnectError::Closed { .. } => json!({ "kind": "ConnectionClosed" }),
        _ => return answer,
    };
    adapter(answer, &cause)
}

/// Splits `host:port`; a socket has no port.
fn place(host: &str) -> (&str, Option<u16>) {
    match host.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => (name, port.parse().ok()),
        _ => (host, None),
    }
}

/// Returns Prisma's name for a write.
pub(crate) fn operation(write: &Write) -> &'static str {
    match write {
        Write::Update(..) => "an update",
        Write::Upsert(..) => "an upsert",
        Write::Delete(..) => "a delete",
        _ => "a query",
    }
}

/// Returns the answer for the error of a write.
///
/// Source: Prisma 6.19, `packages/client-engine-runtime/src/query-plan.ts` (`ValidationError`).
pub(crate) fn of_write(schema: &Schema, operation: &str, error: &QueryError) -> Error {
    let answer = || Error::new(error.code(), error.to_string());
    let relation = |field: &RelationField| relation(schema, field);
    match (error.kind(), write_cause(error)) {
        (Kind::NotFound { model }, Some(WriteCause::Missing { relation: field, operation, needed_for })) => {
            let relation = relation(field);
            answer()
                .with("model", *model)
                .with("relation", name_of(relation))
                .with("relationType", type_of(relation))
                .with("operation", *operation)
                .with("neededFor", needed_for.clone())
        }
        (Kind::NotFound { .. }, Some(WriteCause::Incomplete { expected })) => {
            answer().with("expectedRows", *expected)
        }
        (Kind::NotFound { .. }, None) => answer().with("operation", operation),
        (Kind::ConnectedNotFound { relation: field }, Some(WriteCause::Incomplete { expected })) => {
            let relation = relation(field);
            answer()
                .with("expectedRows", *expected)
                .with("relation", name_of(relation))
                .with("relationType", type_of(relation))
        }
        (Kind::NotConnected { relation: field }, _) => {
            let ends = relation(field).map(|relation| [relation.from, relation.to]);
            let names = ends.map(|ends| ends.map(|end| &*schema.source.model(end).name));
            let child = names.and_then(|names| names.into_iter().find(|name| *name != field.model));
            answer()
                .with("relation", name_of(relation(field)))
                .with("parent", field.model)
                .with("child", child.unwrap_or(field.model))
        }
        (Kind::RequiredRelation { relation: field }, cause) => {
            let relation = relation(field);
            let name = |end: model::ModelId| schema.source.model(end).name.clone();
            let from = relation.map(|relation| name(relation.from));
            let to = relation.map(|relation| name(relation.to));
            // Prisma has two forms: one for what its compiler refuses, and one for what it finds in the database.
            let names = match cause {
                Some(WriteCause::Impossible) => ["relation_name", "model_a_name", "model_b_name"],
                _ => ["relation", "modelA", "modelB"],
            };
            answer().with(names[0], name_of(relation)).with(names[1], from).with(names[2], to)
        }
        _ => of_query(error),
    }
}

fn relation<'a>(schema: &'a Schema, field: &RelationField) -> Option<&'a model::Relation> {
    let model = schema.source.model(schema.find(field.model)?);
    let mut ends = model.relation_fields();
    let (_, _, end) = ends.find(|(_, other, _)| other.name == field.field)?;
    Some(schema.source.relation(end.relation))
}

fn name_of(relation: Option<&model::Relation>) -> Option<String> {
    relation.map(|relation| relation.effective_name.clone())
}

fn type_of(relation: Option<&model::Relation>) -> Option<&'static str> {
    relation.map(|relation| match relation.kind {
        RelationKind::OneToOne(_) => "one-to-one",
        RelationKind::OneToMany(_) => "one-to-many",
        RelationKind::ManyToMany => "many-to-many",
    })
}

/// Returns the answer for the error of SQL that the application wrote. It shows PostgreSQL's message, without which the SQL is hard to mend.
pub(crate) fn of_raw(error: &QueryError) -> Error {
    let Some(reported) = reported(error).filter(|_| !is_lost(error)) else {
        return of_query(error);
    };
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
