//! Responses.
//!
//! Source: @auth/core 0.41.3 `index.js`, `lib/utils/web.js`.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use serde::Serialize;

use crate::redirect;

/// A request header: scripts set it to get `{"url": …}` instead of a redirect.
const RETURN_REDIRECT: &str = "x-auth-return-redirect";

/// The answer of an endpoint, without cookies.
#[derive(Debug)]
pub(crate) enum Answer {
    Redirect(String),
    /// JSON. `private` forbids caching.
    Json {
        body: String,
        private: bool,
    },
    /// A redirect to another site. Browsers get a page that redirects by itself, because Chromium applies a page's
    /// `form-action` to redirects.
    #[cfg(feature = "oauth")]
    Leave {
        target: String,
        html: String,
        policy: &'static str,
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

    /// Builds the response, in the form that the request asks for.
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
            #[cfg(feature = "oauth")]
            Self::Leave { target, html, policy } if accepts_html(asked) => {
                let mut response = page(StatusCode::OK, html, policy);
                let refresh = redirect::location(&format!("0;url={target}"));
                response.headers_mut().insert(header::REFRESH, refresh);
                response
            }
            #[cfg(feature = "oauth")]
            Self::Leave { target, .. } => Self::Redirect(target).into_response(asked, Vec::new()),
            Self::Page { status, html, policy } => page(status, html, policy),
        };
        for cookie in cookies {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

/// Whether the request is a browser's navigation and not a script's.
#[cfg(feature = "oauth")]
fn accepts_html(asked: &HeaderMap) -> bool {
    let accept = asked.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    accept.contains("text/html") && !asked.contains_key(RETURN_REDIRECT)
}

fn page(status: StatusCode, html: String, policy: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    insert(headers, header::CONTENT_TYPE, "text/html; charset=utf-8");
    insert(headers, header::CONTENT_SECURITY_POLICY, policy);
    // Pages contain tokens in fields or in their URL, which must reach neither caches nor other sites.
    insert(headers, header::CACHE_CONTROL, "no-store");
    insert(headers, header::REFERRER_POLICY, "no-referrer");
    insert(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    response
}

/// Redirects to an error page, without cookies. For scripts, there is no `Location`.
pub(crate) fn error_redirect(target: &str, asked: &HeaderMap) -> Response<Bytes> {
    let mut response = redirect_response(target, asked);
    if response.status().is_redirection() {
        response.headers_mut().insert(header::LOCATION, redirect::location(target));
    }
    response
}

/// Builds a JSON response from a serialized body.
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
