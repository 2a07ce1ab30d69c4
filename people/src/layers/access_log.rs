//! The access log: one record per request.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use nicol_auth::{Random as _, SystemRandom};
use nicol_server::ClientAddress;
use tracing::Instrument as _;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request, in the log, in a header and on error pages, so that they can be matched.
#[derive(Clone)]
pub(crate) struct RequestId(pub(crate) String);

/// Logs method, route, status and time. The route is the router's pattern, such as `/people/{id}`, never the path: that
/// may contain anything, such as an address, and the query of a sign-in link contains its token.
pub(crate) async fn access_log(mut request: Request, next: Next) -> Response {
    let by_proxy = request.extensions().get::<ClientAddress>().is_some_and(|address| address.by_proxy);
    let id = by_proxy.then(|| given_id(request.headers())).flatten().unwrap_or_else(request_id);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!("request", id);
    async {
        let start = Instant::now();
        let mut response = next.run(request).await;
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(X_REQUEST_ID, value);
        }
        let status = response.status().as_u16();
        let ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        if matches!(&*route, "/healthz" | "/readyz" | "/assets/{name}") {
            tracing::debug!(%method, route, status, ms, "answered");
        } else {
            tracing::info!(%method, route, status, ms, "answered");
        }
        response
    }
    .instrument(span)
    .await
}

/// The id from a trusted proxy, if it has the form of one: it is shown in the log and on error pages.
fn given_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(X_REQUEST_ID)?.to_str().ok()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    ((8..=64).contains(&id.len()) && id.bytes().all(is_plain)).then(|| id.to_owned())
}

fn request_id() -> String {
    let mut bytes = [0; 8];
    SystemRandom.fill(&mut bytes);
    format!("{:016x}", u64::from_be_bytes(bytes))
}
