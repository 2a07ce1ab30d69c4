//! Why a request of the page failed.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// An error as the page gets it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    pub(crate) message: String,
    /// The field whose value is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
    /// Prisma's code of a database error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<&'static str>,
}

/// The kinds of errors that the page treats differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Kind {
    /// The request is not one of the page.
    Request,
    /// A value does not fit its column.
    Value,
    /// The database refused the statement, or cannot be reached.
    Database,
    /// The statement took too long.
    TimeLimit,
    /// Another program has changed the row.
    Changed,
    /// Another program has deleted the row.
    Gone,
    /// This studio does not write.
    ReadOnly,
}

impl Failure {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), field: None, code: None }
    }

    pub(crate) fn request(message: impl Into<String>) -> Self {
        Self::new(Kind::Request, message)
    }

    pub(crate) fn value(field: &str, message: String) -> Self {
        Self { field: Some(field.to_owned()), ..Self::new(Kind::Value, message) }
    }

    fn status(&self) -> StatusCode {
        match self.kind {
            Kind::Request => StatusCode::BAD_REQUEST,
            Kind::Value => StatusCode::UNPROCESSABLE_ENTITY,
            Kind::Changed | Kind::Gone => StatusCode::CONFLICT,
            Kind::ReadOnly => StatusCode::FORBIDDEN,
            Kind::TimeLimit => StatusCode::GATEWAY_TIMEOUT,
            Kind::Database => StatusCode::BAD_GATEWAY,
        }
    }
}

/// What the engine says of a statement that PostgreSQL has stopped.
const TIMED_OUT: &str = "the database did not answer in time";

impl From<nicol_engine::Error> for Failure {
    fn from(error: nicol_engine::Error) -> Self {
        let meta = |path: &str| error.meta().get("driverAdapterError")?.pointer(path)?.as_str();
        let sqlstate = meta("/cause/originalCode").or_else(|| meta("/cause/code"));
        let said = meta("/cause/originalMessage").or_else(|| meta("/cause/message"));
        // Prisma has no code for it.
        if sqlstate == Some("57014") || error.to_string() == TIMED_OUT {
            let message = "the statement reached the time limit and was stopped";
            return Self { code: error.code(), ..Self::new(Kind::TimeLimit, message) };
        }
        if error.code() == Some("P2034") || sqlstate == Some("40001") {
            let message = "another program has changed the row at the same moment";
            return Self { code: error.code(), ..Self::new(Kind::Changed, message) };
        }
        let message = match said {
            Some(said) if !error.to_string().contains(said) => format!("{error}\n{said}"),
            _ => error.to_string(),
        };
        Self { code: error.code(), ..Self::new(Kind::Database, message) }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.status(), Json(self)).into_response()
    }
}
