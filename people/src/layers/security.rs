//! What browsers are told to keep to, and for whom People answers at all.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::app::Site;
use crate::error::AppError;

/// Nothing but our own stylesheet, script and images; forms and requests to ourselves; in nobody's frame.
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What a page could ask a person or the machine for; People needs none of it.
const PERMISSIONS_POLICY: &str = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), \
    display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), \
    publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()";

const HEADERS: [(HeaderName, &str); 9] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    // Pages hold personal data: no cache keeps them, the browser's included.
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    // No page of another site embeds an answer, whatever its browser makes of it.
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

/// Sends a browser that came by another name (127.0.0.1, say) to the one that cookies and links are for, and
/// answers no form that was sent to a foreign one.
///
/// Scripts may use this machine's addresses as they like: the danger is a name of somebody else's that leads here.
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

/// Whether this is an address of this machine, with or without a port, and not a name that only leads to one.
fn is_loopback(host: &str) -> bool {
    let address = host.parse().map(|address: SocketAddr| address.ip());
    address.or_else(|_| host.trim_matches(['[', ']']).parse()).is_ok_and(|ip: IpAddr| ip.is_loopback())
}
