//! The problem details with which the API answers failed requests.
//!
//! Source: RFC 9457 (problem details); RFC 6901 (JSON pointers).

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::actions::ChangeError;
use crate::error::AppError;
use crate::validate::FieldErrors;

/// The media type of problems.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// A problem as it is sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Problem", examples(json!({
    "type": "/api/problems/not-found",
    "title": "Not found",
    "status": 404,
    "detail": "There is nothing at this address, or the person was deleted.",
    "instance": "5f0c3a9be2d14786",
})))]
pub(crate) struct Problem {
    /// The kind of problem; the URL leads to its description.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference")]
    kind: String,
    /// A short text for people.
    title: &'static str,
    /// The status of the response.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What is wrong with this request and what to do about it.
    detail: String,
    /// The id of the request, as in the server log and the header `x-request-id`.
    #[schema(format = "uri-reference")]
    instance: String,
    /// The invalid fields of the body, if any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldProblem>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldProblem {
    /// Where the field is in the body (RFC 6901).
    #[schema(examples("/email"), format = "json-pointer")]
    pub(crate) pointer: String,
    /// What is wrong with the field.
    #[schema(examples("Enter an e-mail address."))]
    pub(crate) detail: String,
}

/// The kinds of problems. Their names are stable, because clients compare them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Malformed,
    SignedOut,
    CrossSite,
    NotFound,
    Method,
    Slow,
    EmailTaken,
    Changed,
    TooLarge,
    WrongHost,
    MediaType,
    Invalid,
    KeyReused,
    VersionMissing,
    TooMany,
    Internal,
    Unavailable,
}

impl Kind {
    pub(crate) const ALL: [Self; 17] = [
        Self::Malformed,
        Self::SignedOut,
        Self::CrossSite,
        Self::NotFound,
        Self::Method,
        Self::Slow,
        Self::EmailTaken,
        Self::Changed,
        Self::TooLarge,
        Self::MediaType,
        Self::WrongHost,
        Self::Invalid,
        Self::KeyReused,
        Self::VersionMissing,
        Self::TooMany,
        Self::Internal,
        Self::Unavailable,
    ];

    /// Name, status, title, and what it means.
    fn facts(self) -> (&'static str, u16, &'static str, &'static str) {
        match self {
            Self::Malformed => (
                "malformed",
                400,
                "Malformed request",
                "A parameter, a header or the body does not match this document.",
            ),
            Self::SignedOut => ("signed-out", 401, "Signed out", "Sign in first."),
            Self::CrossSite => (
                "cross-site",
                403,
                "Cross-site request",
                "A browser sent this request for a page of another site. Such requests are refused.",
            ),
            Self::NotFound => (
                "not-found",
                404,
                "Not found",
                "There is nothing at this address, or the person was deleted.",
            ),
            Self::Method => (
                "method",
                405,
                "Method not allowed",
                "This address does not support the method. The header Allow lists the methods that it supports.",
            ),
            Self::Slow => (
                "slow",
                408,
                "Timed out",
                "Nothing was done because the body did not arrive in time. Send it again.",
            ),
            Self::EmailTaken => {
                ("email-taken", 409, "E-mail address taken", "Another person has this e-mail address.")
            }
            Self::Changed => (
                "changed",
                412,
                "Changed in the meantime",
                "If-Match does not name the current version of the person. Get the person again before you change it.",
            ),
            Self::TooLarge => ("too-large", 413, "Too large", "The body is larger than 64 KiB. Shorten it."),
            Self::MediaType => (
                "media-type",
                415,
                "Unsupported media type",
                "Send uncompressed JSON in UTF-8 with the header Content-Type: application/json.",
            ),
            Self::WrongHost => ("wrong-host", 421, "Wrong host", "People does not serve this host name."),
            Self::Invalid => {
                ("invalid", 422, "Invalid details", "Some fields are invalid; errors lists which and why.")
            }
            Self::KeyReused => (
                "key-reused",
                422,
                "Idempotency key used before",
                "This Idempotency-Key was used to add another person. Use a new key for each person.",
            ),
            Self::VersionMissing => (
                "version-missing",
                428,
                "Version missing",
                "Send If-Match with the version that you have seen: the ETag of the person, or * for any version.",
            ),
            Self::TooMany => (
                "too-many",
                429,
                "Too many requests",
                "Wait for the number of seconds in the header Retry-After.",
            ),
            Self::Internal => (
                "internal",
                500,
                "Internal error",
                "This is our fault. The error was logged with the request id in instance.",
            ),
            Self::Unavailable => (
                "unavailable",
                503,
                "Temporarily unavailable",
                "The database is not responding or took too long. Try again after the number of seconds in the header \
                 Retry-After; with an Idempotency-Key, nobody is added twice.",
            ),
        }
    }

    /// The last part of its address.
    pub(crate) fn name(self) -> &'static str {
        self.facts().0
    }

    pub(crate) fn status(self) -> u16 {
        self.facts().1
    }

    pub(crate) fn title(self) -> &'static str {
        self.facts().2
    }

    pub(crate) fn meaning(self) -> &'static str {
        self.facts().3
    }

    /// Returns the usual kind for a status.
    fn of(status: StatusCode) -> Self {
        let usual = Self::ALL.into_iter().find(|kind| kind.status() == status.as_u16());
        usual.unwrap_or(if status.is_server_error() { Self::Internal } else { Self::Malformed })
    }
}

/// Why a request to the API failed.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// An error that the client can correct.
    Said(Said),
    /// Any other error; the status decides what the client is told.
    App(AppError),
}

/// The problem that [`draw`] writes into the body.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    kind: Kind,
    detail: Cow<'static, str>,
    errors: Vec<FieldProblem>,
}

impl ApiError {
    /// Makes a problem with the usual text.
    pub(crate) fn of(kind: Kind) -> Self {
        Self::because(kind, kind.meaning())
    }

    /// Makes a problem with a text of its own.
    pub(crate) fn because(kind: Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::Said(Said { kind, detail: detail.into(), errors: Vec::new() })
    }

    /// Makes a problem with fields.
    pub(crate) fn with_fields(kind: Kind, errors: Vec<FieldProblem>) -> Self {
        Self::Said(Said { kind, detail: kind.meaning().into(), errors })
    }
}

impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

impl From<ChangeError> for ApiError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Invalid(errors) => Self::with_fields(Kind::Invalid, fields(&errors)),
            ChangeError::EmailTaken(errors) => Self::with_fields(Kind::EmailTaken, fields(&errors)),
            ChangeError::NotFound => Self::of(Kind::NotFound),
            ChangeError::Conflict(_) => Self::of(Kind::Changed),
            ChangeError::Database(error) => Self::App(AppError::Database(error)),
        }
    }
}

/// The errors of a form as pointers into the body.
fn fields(errors: &FieldErrors) -> Vec<FieldProblem> {
    let fields = [("/name", errors.name), ("/email", errors.email), ("/phoneNumber", errors.phone_number)];
    let wrong = fields.into_iter().filter_map(|(pointer, detail)| {
        Some(FieldProblem { pointer: pointer.to_owned(), detail: detail?.to_owned() })
    });
    wrong.collect()
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            Self::App(error) if error.is_uncertain() => {
                let said = Said {
                    kind: Kind::Unavailable,
                    detail: "The connection to the database was lost while the change was saved, so it may or may not have \
                             been saved. Look before you repeat the request; with an Idempotency-Key, nobody is added twice."
                        .into(),
                    errors: Vec::new(),
                };
                let mut response = error.into_response();
                response.extensions_mut().insert(said);
                response
            }
            Self::App(error) => error.into_response(),
            Self::Said(said) => {
                let status = StatusCode::from_u16(said.kind.status()).expect("the table has statuses only");
                let mut response = status.into_response();
                response.extensions_mut().insert(said);
                response
            }
        }
    }
}

/// Gives an error below `/api` its body, whether a handler, a layer or axum made it.
pub(crate) fn draw(response: Response, instance: &str) -> Response {
    let (mut parts, _) = response.into_parts();
    let said = parts.extensions.remove::<Said>().unwrap_or_else(|| {
        let kind = Kind::of(parts.status);
        Said { kind, detail: kind.meaning().into(), errors: Vec::new() }
    });
    let problem = Problem {
        kind: format!("/api/problems/{}", said.kind.name()),
        title: said.kind.title(),
        status: parts.status.as_u16(),
        detail: said.detail.into_owned(),
        instance: instance.to_owned(),
        errors: said.errors,
    };
    let body = serde_json::to_vec(&problem).expect("texts and numbers can be written as JSON");
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    (parts, Body::from(body)).into_response()
}
