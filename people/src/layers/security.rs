//! Security headers, and the check of the host.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::app::Site;
use crate::error::AppError;
use crate::views::CONTENT_SECURITY_POLICY;

/// Denies all permissions that a page could ask for; People needs none.
const PERMISSIONS_POLICY: &str = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), \
    display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), \
    publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()";

const HEADERS: [(HeaderName, &str); 9] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    // Pages contain personal data: no cache may store them, not even the browser's.
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    // Pages of other sites may not embed a response, whatever its type.
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("origin-agent-cluster"), "?1"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY),
];

/// Adds the headers that a response does not have already.
pub(crate) async fn security_headers(
    State(site): State<Arc<Site>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if site.is_https() {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(year);
    }
    response
}

/// Redirects a browser that uses another host name, such as 127.0.0.1, to the one for cookies and links, and refuses forms
/// sent to another host name.
///
/// Programs may use this machine's addresses: the danger is a foreign name that resolves to this machine (DNS rebinding).
pub(crate) async fn own_host(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let asked = header_text(&request, &header::HOST);
    if !site.checks_host || asked.eq_ignore_ascii_case(site.host()) {
        return next.run(request).await;
    }
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_browser = header_text(&request, &header::ACCEPT).contains("text/html");
    if is_loopback(asked) && !(is_read && is_browser) {
        return next.run(request).await;
    }
    if is_read {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        return Redirect::temporary(&format!("{}{path}", site.origin)).into_response();
    }
    AppError::WrongHost.into_response()
}

fn header_text<'a>(request: &'a Request, name: &HeaderName) -> &'a str {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Whether the host is a loopback address, with or without a port, rather than a name that may resolve to one.
fn is_loopback(host: &str) -> bool {
    let address = host.parse().map(|address: SocketAddr| address.ip());
    address.or_else(|_| host.trim_matches(['[', ']']).parse()).is_ok_and(|ip: IpAddr| ip.is_loopback())
}
