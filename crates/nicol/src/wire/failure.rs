//! Converts errors of the driver. Only this module maps SQLSTATEs to a [`Kind`].

use std::error::Error as _;

use nicol_pg::{ConnectError, sqlstate};
use tokio_postgres::error::{DbError, Severity};

use crate::codec::EncodeError;
use crate::error::{Effect, Error, Kind, Reported};
use crate::meta::{ModelMeta, UniqueMeta};

/// Converts the error of opening a connection.
pub(crate) fn of_connecting(error: ConnectError) -> Error {
    Error::caused(Kind::Connect { code: error.code() }, error)
}

/// Converts the error of a statement.
pub(crate) fn of_statement(error: &tokio_postgres::Error, model: Option<&'static ModelMeta>) -> Error {
    if let Some(reported) = error.as_db_error() {
        let code = reported.code().code();
        let kind = if is_stale_plan(code, reported.routine()) {
            Kind::StalePlan
        } else if code == sqlstate::PROTOCOL_VIOLATION && reported.parsed_severity() == Some(Severity::Error)
        {
            // Not a lost connection, but a wrong number of parameters.
            Kind::Database
        } else {
            kind(code, reported.constraint(), reported.column(), model)
        };
        let effect = if matches!(kind, Kind::Closed) { effect(reported) } else { Effect::Unknown };
        return Error::reported(kind, texts(reported)).with_effect(effect);
    }
    let source = error.source();
    if let Some(encode) = source.and_then(|source| source.downcast_ref::<EncodeError>()) {
        return match encode {
            EncodeError::OutOfRange => Kind::OutOfRange.into(),
            EncodeError::WrongType { .. } => Kind::Inconsistent { message: encode.to_string() }.into(),
        };
    }
    let io = source.and_then(|source| source.downcast_ref::<std::io::Error>()).is_some();
    if error.is_closed() || io {
        return Kind::Closed.into();
    }
    // The remaining errors (an unexpected message, a wrong number of parameters) contain no values.
    Error::caused(Kind::Database, error.to_string())
}

fn texts(reported: &DbError) -> Reported {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Reported {
        sqlstate: reported.code().code().to_owned(),
        severity: reported.severity().to_owned(),
        message: reported.message().to_owned(),
        detail: owned(reported.detail()),
        hint: owned(reported.hint()),
        column: owned(reported.column()),
        constraint: owned(reported.constraint()),
    }
}

fn kind(
    code: &str,
    constraint: Option<&str>,
    column: Option<&str>,
    model: Option<&'static ModelMeta>,
) -> Kind {
    let constraint_name = || constraint.map(str::to_owned);
    match code {
        sqlstate::UNIQUE_VIOLATION => unique_violation(constraint, model),
        sqlstate::FOREIGN_KEY_VIOLATION | sqlstate::RESTRICT_VIOLATION => {
            Kind::ForeignKey { constraint: constraint_name() }
        }
        sqlstate::NOT_NULL_VIOLATION => Kind::NullViolation { column: column.map(str::to_owned) },
        sqlstate::CHECK_VIOLATION
        | sqlstate::EXCLUSION_VIOLATION
        | sqlstate::INTEGRITY_CONSTRAINT_VIOLATION => Kind::Constraint { constraint: constraint_name() },
        sqlstate::STRING_DATA_RIGHT_TRUNCATION => Kind::TooLong,
        sqlstate::NUMERIC_VALUE_OUT_OF_RANGE | sqlstate::DATETIME_FIELD_OVERFLOW => Kind::OutOfRange,
        sqlstate::UNDEFINED_TABLE => Kind::MissingTable,
        sqlstate::UNDEFINED_COLUMN => Kind::MissingColumn,
        sqlstate::SERIALIZATION_FAILURE | sqlstate::DEADLOCK_DETECTED => Kind::Conflict,
        sqlstate::QUERY_CANCELED => Kind::Timeout,
        sqlstate::LOCK_NOT_AVAILABLE => Kind::Locked,
        sqlstate::IN_FAILED_SQL_TRANSACTION => Kind::TransactionFailed,
        // Not repaired silently: a name of this client may belong to another client's statement, which would then run instead.
        sqlstate::INVALID_SQL_STATEMENT_NAME | sqlstate::DUPLICATE_PREPARED_STATEMENT => Kind::StatementClash,
        code if sqlstate::is_connection_lost(code) => Kind::Closed,
        _ => Kind::Database,
    }
}

/// What the last words of a session say about the statement that they answer.
///
/// | words | the statement |
/// |---|---|
/// | 57P03 (starting up or shutting down), 57P05 and 25P03 (idle for too long) | was not started |
/// | 57P01 (shut down) and others, from the server | was rolled back, if it was started at all: they come from where the server checks for interrupts, which it does not do between the commit and the answer |
/// | 08P01 from PgBouncer, for a client that waits for a server | was not sent to a server |
/// | any others from a pooler, such as `server conn crashed?` | may have been executed |
/// | none: the connection ends, or is reset | may have been executed |
///
/// PostgreSQL names the routine that reports an error; poolers do not.
///
/// Source: PostgreSQL 17 sources, `ProcessInterrupts` and `exec_execute_message` (`postgres.c`), `CommitTransaction` (`xact.c`); PgBouncer 1.24
/// sources, `check_fast_fail` (`objects.c`), `pool_client_maint` (`janitor.c`).
fn effect(reported: &DbError) -> Effect {
    let from_server = reported.routine().is_some();
    match reported.code().code() {
        sqlstate::CANNOT_CONNECT_NOW
        | sqlstate::IDLE_SESSION_TIMEOUT
        | sqlstate::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => Effect::None,
        sqlstate::PROTOCOL_VIOLATION if !from_server && was_waiting(reported.message()) => Effect::None,
        code if from_server && !code.starts_with("08") => Effect::Undone,
        _ => Effect::Unknown,
    }
}

/// Whether PgBouncer says this only to a client that waits for a server.
fn was_waiting(message: &str) -> bool {
    matches!(message, "query_wait_timeout" | "server shutting down")
        || message.ends_with("(server_login_retry)")
}

/// The constraint may belong to the model of the query or to a model of its nested writes.
fn unique_violation(constraint: Option<&str>, model: Option<&'static ModelMeta>) -> Kind {
    let Some(name) = constraint else { return Kind::UniqueViolation { model: None, fields: Vec::new() } };
    let mut models: Vec<&'static ModelMeta> = model.into_iter().collect();
    let mut next = 0;
    while let Some(&model) = models.get(next) {
        next += 1;
        let found = model.uniques.iter().find(|unique| unique.constraint == name);
        if let Some(UniqueMeta { columns, .. }) = found {
            let field = |column: &u16| model.columns[usize::from(*column)].field.to_owned();
            let fields = columns.iter().map(field).collect();
            return Kind::UniqueViolation { model: Some(model.name), fields };
        }
        for relation in model.relations {
            if !models.iter().any(|known| std::ptr::eq(*known, relation.target())) {
                models.push(relation.target());
            }
        }
    }
    Kind::UniqueViolation { model: None, fields: vec![name.to_owned()] }
}

/// Whether a prepared statement is stale, so that preparing it again helps: "cached plan must not change result type". Other unsupported
/// features stay unsupported.
///
/// Source: PostgreSQL 17 sources, `RevalidateCachedQuery` (`plancache.c`).
fn is_stale_plan(code: &str, routine: Option<&str>) -> bool {
    code == sqlstate::FEATURE_NOT_SUPPORTED && routine == Some("RevalidateCachedQuery")
}
