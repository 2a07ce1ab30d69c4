//! Access to the API: for signed-in users, but not for pages of other sites on their behalf.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use nicol_auth::Authenticated;

use super::problem::{ApiError, Kind};
use crate::app::AppState;
use crate::error::AppError;

/// Whether a path belongs to the API, even if no route matches it. Sign-in has its own rules, and the page at `/api` is
/// for browsers.
pub(crate) fn is_api(path: &str) -> bool {
    path.strip_prefix("/api/").is_some_and(|rest| rest != "auth" && !rest.starts_with("auth/"))
}

/// Answers requests without a session with 401 before anything else is checked, so that the response does not reveal
/// what exists.
///
/// Browsers can send the cookie with requests of other sites' pages; `Sec-Fetch-Site` identifies those. Browsers without
/// that header send a preflight request first, because of the JSON content type.
pub(crate) async fn access(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    if !is_api(request.uri().path()) {
        return next.run(request).await;
    }
    let session = match state.auth.session(request.headers()).await {
        Ok(session) => session,
        Err(error) => return AppError::Session(error).into_response(),
    };
    let mut response = match session.authenticated {
        None => signed_out(),
        Some(_) if is_cross_site(&request) => ApiError::of(Kind::CrossSite).into_response(),
        Some(proof) => {
            request.extensions_mut().insert(proof);
            next.run(request).await
        }
    };
    for cookie in session.set_cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Source: RFC 9110, 15.5.2, which wants the header; no scheme for cookies is registered.
fn signed_out() -> Response {
    let mut response = ApiError::of(Kind::SignedOut).into_response();
    let challenge = HeaderValue::from_static("Cookie realm=\"People\"");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    // Where there is none, axum adds that of the route to answers to other methods, after every layer.
    let all = HeaderValue::from_static("GET,HEAD,POST,PUT,PATCH,DELETE");
    response.headers_mut().insert(header::ALLOW, all);
    response
}

/// Source: W3C Fetch Metadata Request Headers, 2.4.
fn is_cross_site(request: &Request) -> bool {
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE);
    let mut sites = request.headers().get_all("sec-fetch-site").iter();
    !is_safe && sites.any(|site| site != "same-origin" && site != "none")
}

/// The user of the API, as found by [`access`].
pub(crate) struct ApiUser(pub(crate) Authenticated);

impl<S: Send + Sync> FromRequestParts<S> for ApiUser {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        // Only a route outside `/api` has none.
        parts.extensions.get().cloned().map(Self).ok_or_else(|| ApiError::of(Kind::SignedOut))
    }
}
