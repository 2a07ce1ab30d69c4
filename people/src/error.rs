//! Errors of requests, and the texts of their pages.
//!
//! A handler returns an [`AppError`]. It becomes a status and an [`ErrorText`] for the page that
//! `layers::error_pages` renders; the cause is only logged.

use std::time::Duration;

use axum::extract::rejection::FormRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::actions::ChangeError;

/// The value of `Retry-After`, in seconds, when the database is unavailable or busy.
pub(crate) const RETRY_AFTER: &str = "5";

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// There is no such page or person.
    #[error("there is nothing at this address")]
    NotFound,
    /// The form cannot be read.
    #[error("the form cannot be read")]
    BadRequest,
    /// The form did not come from a page of this server.
    #[error("the form did not come from a page of People")]
    Forged,
    /// The body is larger than any form of People.
    #[error("the request is too large")]
    TooLarge,
    /// The person was changed in the meantime.
    #[error("the person was changed in the meantime")]
    Conflict,
    /// There is no deletion to undo.
    #[error("there is no deletion to undo")]
    NothingToUndo,
    /// The upload does not exist, or no longer.
    #[error("there is no such upload")]
    ImportGone,
    /// The answer took too long.
    #[error("the answer took too long")]
    Timeout,
    /// The body of the request took too long to arrive.
    #[error("the request took too long to arrive")]
    Slow,
    /// No memory is left for another import.
    #[error("too many files are imported at once")]
    Busy,
    /// The rate limit is exceeded; holds the time to wait.
    #[error("too many requests from one address")]
    TooMany(Duration),
    /// The request names a host that People does not serve.
    #[error("the request is for another host")]
    WrongHost,
    /// The database query failed.
    #[error("the database query failed")]
    Database(#[source] nicol::Error),
    /// The session cannot be read.
    #[error("the session cannot be read")]
    Session(#[source] nicol_auth::Error),
}

impl From<nicol::Error> for AppError {
    fn from(error: nicol::Error) -> Self {
        Self::Database(error)
    }
}

impl From<ChangeError> for AppError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Invalid(_) | ChangeError::EmailTaken(_) => Self::BadRequest,
            ChangeError::NotFound => Self::NotFound,
            ChangeError::Conflict(_) => Self::Conflict,
            ChangeError::Database(error) => Self::Database(error),
        }
    }
}

impl From<FormRejection> for AppError {
    fn from(rejection: FormRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE { Self::TooLarge } else { Self::BadRequest }
    }
}

impl AppError {
    /// Whether a change may or may not have been saved.
    pub(crate) fn is_uncertain(&self) -> bool {
        matches!(self, Self::Database(error) if error.is_uncertain())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::ImportGone => StatusCode::NOT_FOUND,
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Forged => StatusCode::FORBIDDEN,
            Self::Conflict => StatusCode::CONFLICT,
            Self::NothingToUndo => StatusCode::GONE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::WrongHost => StatusCode::MISDIRECTED_REQUEST,
            Self::Database(error) if !error.is_unavailable() => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Timeout | Self::Busy | Self::Database(_) | Self::Session(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }

    /// Logs errors that need attention. Their texts contain no values and no addresses.
    fn log(&self) {
        let cause = std::error::Error::source(self).map(ToString::to_string).unwrap_or_default();
        match self {
            Self::Database(error) => {
                tracing::error!(code = error.code(), sqlstate = error.sqlstate(), cause, "{self}");
            }
            Self::Session(_) => tracing::error!(cause, "{self}"),
            Self::Timeout => tracing::error!("{self}"),
            Self::Forged | Self::WrongHost | Self::Busy => tracing::warn!("{self}"),
            Self::NotFound
            | Self::ImportGone
            | Self::BadRequest
            | Self::Conflict
            | Self::NothingToUndo
            | Self::TooLarge
            | Self::Slow
            | Self::TooMany(_) => {}
        }
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        self.log();
        let status = self.status();
        let mut response = status.into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
        }
        match self {
            error if error.is_uncertain() => drop(response.extensions_mut().insert(ErrorText::UNCERTAIN)),
            Self::Forged => drop(response.extensions_mut().insert(ErrorText::FORGED)),
            Self::Timeout => drop(response.extensions_mut().insert(ErrorText::TIMEOUT)),
            Self::Busy => drop(response.extensions_mut().insert(ErrorText::BUSY)),
            Self::ImportGone => drop(response.extensions_mut().insert(ErrorText::IMPORT_GONE)),
            Self::TooMany(wait) => {
                let seconds = wait.as_millis().div_ceil(1000).max(1);
                let seconds = HeaderValue::try_from(seconds.to_string()).expect("digits may be in a header");
                response.headers_mut().insert(header::RETRY_AFTER, seconds);
            }
            _ => {}
        }
        response
    }
}

/// The text of an error page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorText {
    /// The heading.
    pub title: &'static str,
    /// A sentence or two, with the next step.
    pub text: &'static str,
}

impl ErrorText {
    const FORGED: Self = Self {
        title: "This form is out of date",
        text: "Nothing was saved. Go back, reload the page and submit the form again. Cookies must be enabled.",
    };

    const TIMEOUT: Self = Self {
        title: "Timed out",
        text: "The server took too long to answer. Check whether your change was saved before you try again.",
    };

    const UNCERTAIN: Self = Self {
        title: "Perhaps saved",
        text: "The connection to the database was lost while your change was saved. Check whether it was saved before you try again.",
    };

    const BUSY: Self = Self {
        title: "One import at a time",
        text: "Nothing was imported because other files are being processed. Wait a few seconds, then try again.",
    };

    const IMPORT_GONE: Self = Self {
        title: "This file is no longer available",
        text: "An upload is kept for an hour, for the user who sent it. Choose the file again; you can skip people who are already listed.",
    };

    /// Returns the text for a status.
    pub fn of(status: StatusCode) -> Self {
        let (title, text) = match status {
            StatusCode::BAD_REQUEST
            | StatusCode::UNPROCESSABLE_ENTITY
            | StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                ("Invalid request", "Nothing was saved. Go back, reload the page and try again.")
            }
            StatusCode::UNAUTHORIZED => ("Sign in first", "You must be signed in to see this page."),
            StatusCode::FORBIDDEN => ("Not allowed", "Nothing was saved. Sign in and try again."),
            StatusCode::NOT_FOUND => {
                ("Page not found", "This page does not exist, or the person was deleted.")
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                ("Method not allowed", "This page does not accept this kind of request.")
            }
            StatusCode::CONFLICT => (
                "Changed in the meantime",
                "Nothing was saved: someone else has changed this person. Reload the page to see the current details.",
            ),
            StatusCode::GONE => (
                "Nothing to undo",
                "You can undo a deletion once, within ten minutes, in the browser that made it.",
            ),
            StatusCode::REQUEST_TIMEOUT => {
                ("Timed out", "Nothing was done because the request did not arrive in time. Try again.")
            }
            StatusCode::PAYLOAD_TOO_LARGE => (
                "Request too large",
                "Nothing was saved because the form is too large. Go back and shorten it.",
            ),
            StatusCode::TOO_MANY_REQUESTS => (
                "Too many requests",
                "Nothing was done because your network has sent too many requests. Wait a moment, then try again.",
            ),
            StatusCode::MISDIRECTED_REQUEST => ("Wrong address", "People does not serve this host name."),
            StatusCode::SERVICE_UNAVAILABLE => {
                ("Temporarily unavailable", "The database is not responding. Try again in a few seconds.")
            }
            _ if status.is_server_error() => {
                ("Something went wrong", "This is our fault. The error was logged; try again later.")
            }
            _ => ("Request failed", "Go back and try again."),
        };
        Self { title, text }
    }
}
