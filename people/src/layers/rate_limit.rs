//! Refuses an address that asks for too much.

use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::client_address::ClientAddress;
use crate::app::AppState;
use crate::error::AppError;
use crate::rate_limit::Kind;

/// Counts the request before anything is read or asked for it.
pub(crate) async fn rate_limit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let ip = request.extensions().get::<ClientAddress>().and_then(|address| address.ip);
    let kind = kind(request.method(), request.uri().path(), state.auth.base_path());
    match kind.map_or(Ok(()), |kind| state.limiter.admit(kind, ip, Instant::now())) {
        Ok(()) => next.run(request).await,
        Err(wait) => AppError::TooMany(wait).into_response(),
    }
}

/// What is counted: neither those who watch over People nor what comes from memory.
fn kind(method: &Method, path: &str, auth: &str) -> Option<Kind> {
    if matches!(path, "/healthz" | "/readyz") || path.starts_with("/assets/") {
        return None;
    }
    let is_read = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    Some(match path.strip_prefix(auth) {
        Some(rest) if rest.starts_with("/callback") || (rest.starts_with("/signin") && !is_read) => {
            Kind::SignIn
        }
        _ if is_read => Kind::Read,
        _ => Kind::Write,
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
            (Method::GET, "/people", Some(Kind::Read)),
            (Method::HEAD, "/people", Some(Kind::Read)),
            (Method::POST, "/people", Some(Kind::Write)),
            (Method::DELETE, "/api/people/1", Some(Kind::Write)),
            (Method::GET, "/api/auth/signin", Some(Kind::Read)),
            (Method::POST, "/api/auth/signin/email", Some(Kind::SignIn)),
            (Method::GET, "/api/auth/callback/email", Some(Kind::SignIn)),
            (Method::POST, "/api/auth/callback/email", Some(Kind::SignIn)),
            (Method::POST, "/api/auth/signout", Some(Kind::Write)),
        ] {
            assert_eq!(kind(&method, path, "/api/auth"), expected, "{method} {path}");
        }
    }
}
