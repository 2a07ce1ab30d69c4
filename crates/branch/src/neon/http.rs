//! Requests to Neon's API: limits, and what is tried again.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep};
use url::{Host, Url};

use crate::error::Error;

/// The time limit of a request, which is that of Neon's own command line.
const TIME_LIMIT: Duration = Duration::from_mins(1);

/// The time limit of a connection attempt.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// The maximum size of an answer, in bytes.
const SIZE_LIMIT: usize = 16 << 20;

/// How long a request is tried again.
const PATIENCE: Duration = Duration::from_mins(1);

/// The first pause between two attempts; each is half as long again as the one before, up to 5 s.
const PAUSE: Duration = Duration::from_millis(400);

const USER_AGENT: &str = concat!("nicol/", env!("CARGO_PKG_VERSION"));

pub(super) struct Http {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    base: Url,
    authorization: HeaderValue,
    time_limit: Duration,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

/// A request that failed without an answer.
struct Lost {
    reason: String,
    /// Whether it cannot have reached the server.
    is_unsent: bool,
}

impl Http {
    pub(super) fn new(base: &str, key: &str, time_limit: Option<Duration>) -> Result<Self, Error> {
        let base = Url::parse(base).ok().filter(is_safe).ok_or(Error::InsecureHost)?;
        let mut authorization =
            HeaderValue::try_from(format!("Bearer {key}")).map_err(|_| Error::Unauthorized)?;
        authorization.set_sensitive(true);
        let mut http = HttpConnector::new();
        http.set_connect_timeout(Some(CONNECT_LIMIT));
        http.enforce_http(false);
        let provider = rustls::crypto::ring::default_provider();
        let tls = HttpsConnectorBuilder::new().with_provider_and_native_roots(provider).map_err(|_| {
            let reason = "this machine has no trusted root certificates".to_owned();
            Error::Unreachable { action: "use its API", reason }
        })?;
        // `is_safe` decides which URLs may use http.
        let connector = tls.https_or_http().enable_http1().wrap_connector(http);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { client, base, authorization, time_limit: time_limit.unwrap_or(TIME_LIMIT) })
    }

    /// Sends a request, and again where Neon's description says that this is safe.
    ///
    /// | outcome | tried again |
    /// |---|---|
    /// | 423, 503 | always |
    /// | 429 | always: the request was not carried out; after `Retry-After`, if given |
    /// | other 5xx, no answer | GET only, because other requests may have been carried out |
    pub(super) async fn send<T: DeserializeOwned>(
        &self,
        action: &'static str,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&serde_json::Value>,
    ) -> Result<T, Error> {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let (deadline, mut pause) = (Instant::now() + PATIENCE, PAUSE);
        let is_read = method == Method::GET;
        loop {
            let outcome = self.once(&method, &url, body).await;
            let wait = match &outcome {
                Ok((status, headers, _)) => match status.as_u16() {
                    423 | 503 => Some(pause),
                    429 => Some(retry_after(headers).unwrap_or(pause)),
                    500.. if is_read => Some(pause),
                    _ => None,
                },
                Err(_) if is_read => Some(pause),
                Err(_) => None,
            };
            if let Some(wait) = wait
                && Instant::now() + wait < deadline
                // Without an answer, the time limit has usually passed already.
                && (outcome.is_ok() || pause < PAUSE * 3)
            {
                sleep(wait).await;
                pause = (pause * 3 / 2).min(Duration::from_secs(5));
                continue;
            }
            return match outcome {
                Ok((status, _, bytes)) => read(action, is_read, status, &bytes),
                Err(Lost { reason, is_unsent }) if is_read || is_unsent => {
                    Err(Error::Unreachable { action, reason })
                }
                Err(Lost { reason, .. }) => Err(Error::Uncertain { action, reason }),
            };
        }
    }

    async fn once(
        &self,
        method: &Method,
        url: &Url,
        body: Option<&serde_json::Value>,
    ) -> Result<(StatusCode, HeaderMap, Bytes), Lost> {
        let mut request = Request::builder()
            .method(method)
            .uri(url.as_str())
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, USER_AGENT)
            .header(header::AUTHORIZATION, &self.authorization);
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let request = request.body(Full::new(body));
        let request = request.map_err(|error| Lost { reason: error.to_string(), is_unsent: true })?;
        let exchange = async {
            // hyper's messages name the failed step, and contain neither headers nor the body.
            let response = self.client.request(request).await;
            let response =
                response.map_err(|error| Lost { is_unsent: error.is_connect(), reason: chain(&error) })?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, SIZE_LIMIT).collect().await;
            let body = body.map_err(|error| Lost { reason: chain(&*error), is_unsent: false })?;
            Ok((parts.status, parts.headers, body.to_bytes()))
        };
        let timed = tokio::time::timeout(self.time_limit, exchange).await;
        timed.unwrap_or_else(|_| {
            Err(Lost { reason: format!("no answer within {:?}", self.time_limit), is_unsent: false })
        })
    }
}

/// Turns an answer into its value or an error.
fn read<T: DeserializeOwned>(
    action: &'static str,
    is_read: bool,
    status: StatusCode,
    bytes: &[u8],
) -> Result<T, Error> {
    if status.is_success() {
        let bytes = if bytes.is_empty() { b"null" } else { bytes };
        // The error's text may quote a value, which may be a password.
        return serde_json::from_slice(bytes).map_err(|error| {
            let reason = format!("it is not the expected JSON, at byte {}", error.column());
            Error::Answer { action, reason }
        });
    }
    let message =
        message(bytes).unwrap_or_else(|| status.canonical_reason().unwrap_or("no message").to_owned());
    Err(match status.as_u16() {
        401 => Error::Unauthorized,
        423 | 429 | 503 => Error::Busy { action, message },
        500.. if !is_read => {
            Error::Uncertain { action, reason: format!("{message} (status {})", status.as_u16()) }
        }
        _ => Error::Refused { action, status: status.as_u16(), message },
    })
}

/// Returns the message of an error, on one line.
fn message(bytes: &[u8]) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let text: String = answer.get("message")?.as_str()?.chars().take(500).collect();
    let text = text.replace(|it: char| it.is_control(), " ");
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

/// Returns how long the server asks to wait. A date instead of a number of seconds is ignored, as Neon sends none.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

/// Whether requests to a URL cannot be intercepted: it uses https, or is on this machine.
fn is_safe(url: &Url) -> bool {
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let has_no_secret = url.username().is_empty() && url.password().is_none();
    has_no_secret && (url.scheme() == "https" || (url.scheme() == "http" && is_loopback))
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
