//! Refuses requests of an address beyond its limits.

use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use nicol_server::ClientAddress;

use crate::app::AppState;
use crate::config::RequestKind;
use crate::error::AppError;

/// Counts the request before its body is read or the database is queried for it.
pub(crate) async fn rate_limit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let ip = request.extensions().get::<ClientAddress>().and_then(|address| address.ip);
    let kind = kind(request.method(), request.uri().path(), state.auth.base_path());
    let admitted = match (kind, state.rate_limits) {
        (Some(kind), Some(limits)) => state.limiter.admit(kind, limits.of(kind), ip, Instant::now()),
        _ => Ok::<(), Duration>(()),
    };
    match admitted {
        Ok(()) => next.run(request).await,
        Err(wait) => AppError::TooMany(wait).into_response(),
    }
}

/// The kind of a request; `None` for health checks and assets, which are not limited.
fn kind(method: &Method, path: &str, auth: &str) -> Option<RequestKind> {
    if matches!(path, "/healthz" | "/readyz") || path.starts_with("/assets/") {
        return None;
    }
    let is_read = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    Some(match path.strip_prefix(auth) {
        Some(rest) if rest.starts_with("/callback") || (rest.starts_with("/signin") && !is_read) => {
            RequestKind::SignIn
        }
        _ if is_read => RequestKind::Read,
        _ => RequestKind::Write,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_what_they_do() {
        for (method, path, expected) in [
            (Method::GET, "/healthz", None),
            (Method::GET, "/readyz", None),
            (Method::GET, "/assets/people-1.css", None),
            (Method::GET, "/people", Some(RequestKind::Read)),
            (Method::HEAD, "/people", Some(RequestKind::Read)),
            (Method::POST, "/people", Some(RequestKind::Write)),
            (Method::DELETE, "/api/people/1", Some(RequestKind::Write)),
            (Method::GET, "/api/auth/signin", Some(RequestKind::Read)),
            (Method::POST, "/api/auth/signin/email", Some(RequestKind::SignIn)),
            (Method::GET, "/api/auth/callback/email", Some(RequestKind::SignIn)),
            (Method::POST, "/api/auth/callback/email", Some(RequestKind::SignIn)),
            (Method::POST, "/api/auth/signout", Some(RequestKind::Write)),
        ] {
            assert_eq!(kind(&method, path, "/api/auth"), expected, "{method} {path}");
        }
    }
}
