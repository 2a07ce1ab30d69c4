//! The HTTP client for the collector.

use std::error::Error;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use async_trait::async_trait;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use tokio::runtime::Handle;
use url::Url;

/// The time for one attempt.
///
/// Source: OpenTelemetry Protocol Exporter specification, the default of `OTEL_EXPORTER_OTLP_TIMEOUT`.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The time between two warnings that traces cannot be sent.
const WARN_EVERY: Duration = Duration::from_mins(10);

/// The client of opentelemetry-http, on a runtime, with a warning when it fails.
pub(crate) struct Collector {
    client: Arc<dyn HttpClient>,
    /// The exporter calls from a thread without a runtime.
    runtime: Handle,
    failures: Failures,
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").finish_non_exhaustive()
    }
}

impl Collector {
    /// Reads the system's certificate authorities if the endpoint needs TLS. Must be called within the runtime that sends.
    pub(crate) fn new(endpoint: &Url) -> anyhow::Result<Self> {
        let client: Arc<dyn HttpClient> = match endpoint.scheme() {
            "https" => Arc::new(HyperClient::new(tls()?, TIMEOUT, None)),
            _ => Arc::new(HyperClient::with_default_connector(TIMEOUT, None)),
        };
        Ok(Self { client, runtime: Handle::current(), failures: Failures::default() })
    }
}

fn tls() -> anyhow::Result<HttpsConnector<HttpConnector>> {
    let builder = HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(rustls::crypto::ring::default_provider())
        .context(
            "this system has no trusted certificate authorities\n\
             help: install them (Debian, Fedora, Alpine: package `ca-certificates`)",
        )?;
    Ok(builder.https_only().enable_http1().build())
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let sending = self.runtime.spawn(async move { client.send_bytes(request).await });
        let result = sending.await.unwrap_or_else(|_| Err("the program is stopping".into()));
        match &result {
            Ok(response) if response.status().is_success() => self.failures.end(),
            Ok(response) => {
                self.failures.add(&format!("the collector answers {}", response.status().as_u16()));
            }
            Err(error) => self.failures.add(&chain(&**error)),
        }
        result
    }
}

/// An error and its causes. Those of hyper and rustls name the step that failed, but not what was sent.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}

/// Logs that traces cannot be sent, and that they can again, without filling the log.
#[derive(Debug, Default)]
struct Failures(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    since_warning: u64,
    warned: Option<Instant>,
}

impl Failures {
    fn add(&self, reason: &str) {
        if let Some(failures) = self.count(Instant::now()) {
            tracing::warn!(failures, "traces cannot be sent: {reason}");
        }
    }

    fn end(&self) {
        if self.reset() {
            tracing::info!("traces can be sent again");
        }
    }

    /// Counts a failure; returns how many there were since the last warning if the next is due.
    fn count(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.since_warning += 1;
        if state.warned.is_some_and(|warned| now.duration_since(warned) < WARN_EVERY) {
            return None;
        }
        state.warned = Some(now);
        Some(std::mem::take(&mut state.since_warning))
    }

    /// Returns whether there was a warning.
    fn reset(&self) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *state).warned.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_failures_cause_one_warning() {
        let failures = Failures::default();
        let start = Instant::now();
        assert!(!failures.reset());
        assert_eq!(failures.count(start), Some(1));
        assert_eq!(failures.count(start + WARN_EVERY / 2), None);
        assert_eq!(failures.count(start + WARN_EVERY), Some(2));
        assert!(failures.reset(), "the recovery is logged");
        assert!(!failures.reset(), "once");
        assert_eq!(failures.count(start + WARN_EVERY), Some(1));
    }
}
