//! The handlers, by what they are about.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};

pub(crate) mod account;
pub(crate) mod events;
pub(crate) mod export;
pub(crate) mod health;
pub(crate) mod import;
pub(crate) mod mailbox;
pub(crate) mod people;

/// Returns a file to download. The name has ASCII letters, digits, dashes and dots only.
fn attachment(content_type: &'static str, name: &str, body: Body) -> Response {
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
    let disposition = disposition.expect("ASCII letters, digits, dashes and dots are valid in a header");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    (headers, body).into_response()
}
