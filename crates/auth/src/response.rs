//! An answer, and how it becomes a response.
//!
//! Source: @auth/core 0.41.3 `index.js`, `lib/utils/web.js`.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use serde::Serialize;

use crate::redirect;

/// Asks for `{"url": …}` instead of a redirect; scripts set it.
const RETURN_REDIRECT: &str = "x-auth-return-redirect";

/// What an endpoint answers, its cookies aside.
#[derive(Debug)]
pub(crate) enum Answer {
    Redirect(String),
    /// JSON that may be kept by nobody, or, without `private`, of which nothing is said.
    Json {
        body: String,
        private: bool,
    },
    Page {
        status: StatusCode,
        html: String,
        policy: &'static str,
    },
}

impl Answer {
    pub(crate) fn json(body: &impl Serialize, private: bool) -> Self {
        let body = serde_json::to_string(body).expect("texts and nulls can always be written as JSON");
        Self::Json { body, private }
    }

    /// The response, in the form that the request asks for.
    pub(crate) fn into_response(self, asked: &HeaderMap, cookies: Vec<HeaderValue>) -> Response<Bytes> {
        let mut response = match self {
            Self::Redirect(target) => {
                let mut response = redirect_response(&target, asked);
                response.headers_mut().insert(header::LOCATION, redirect::location(&target));
                response
            }
            Self::Json { body, private } => {
                let mut response = json(StatusCode::OK, body);
                if private {
                    let headers = response.headers_mut();
                    insert(headers, header::CACHE_CONTROL, "private, no-cache, no-store");
                    insert(headers, header::EXPIRES, "0");
                    insert(headers, header::PRAGMA, "no-cache");
                }
                response
            }
            Self::Page { status, html, policy } => {
                let mut response = Response::new(Bytes::from(html));
                *response.status_mut() = status;
                let headers = response.headers_mut();
                insert(headers, header::CONTENT_TYPE, "text/html; charset=utf-8");
                insert(headers, header::CONTENT_SECURITY_POLICY, policy);
                // Pages hold tokens, in fields or in their address: neither a cache nor the next site gets them.
                insert(headers, header::CACHE_CONTROL, "no-store");
                insert(headers, header::REFERRER_POLICY, "no-referrer");
                insert(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
                response
            }
        };
        for cookie in cookies {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

/// A redirect to the page of an error: without cookies, and for scripts without a `Location`.
pub(crate) fn error_redirect(target: &str, asked: &HeaderMap) -> Response<Bytes> {
    let mut response = redirect_response(target, asked);
    if response.status().is_redirection() {
        response.headers_mut().insert(header::LOCATION, redirect::location(target));
    }
    response
}

/// A JSON response, its body written already.
pub(crate) fn json(status: StatusCode, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    insert(response.headers_mut(), header::CONTENT_TYPE, "application/json");
    response
}

fn redirect_response(target: &str, asked: &HeaderMap) -> Response<Bytes> {
    if asked.contains_key(RETURN_REDIRECT) {
        return json(StatusCode::OK, serde_json::json!({ "url": target }).to_string());
    }
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::FOUND;
    response
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
