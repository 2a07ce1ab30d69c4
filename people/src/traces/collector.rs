//! The way to the collector: a connection for each batch of spans, every few seconds, with or without TLS. That is too
//! little for a client with a pool.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use async_trait::async_trait;
use axum::http::{HeaderValue, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio_rustls::TlsConnector;
use url::Url;

/// How long one attempt may take.
///
/// Source: OpenTelemetry Protocol Exporter specification, `OTEL_EXPORTER_OTLP_TIMEOUT`.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How much of an answer is read; it is empty, or says what was refused.
const ANSWER_LIMIT: usize = 64 * 1024;

/// How long nothing is said of failures after one was.
const SILENCE: Duration = Duration::from_mins(10);

/// A client of one collector.
pub(super) struct Collector {
    /// Spans are sent by a thread that knows no runtime.
    runtime: Handle,
    tls: Option<TlsConnector>,
    failures: Failures,
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").finish_non_exhaustive()
    }
}

impl Collector {
    /// Reads the authorities that this system trusts, if the collector is to prove who it is.
    pub(super) fn new(endpoint: &Url) -> anyhow::Result<Self> {
        let tls = (endpoint.scheme() == "https").then(tls).transpose()?;
        Ok(Self { runtime: Handle::current(), tls, failures: Failures::default() })
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let tls = self.tls.clone();
        // The timer and the socket need the runtime; the wait for them does not.
        let sending =
            self.runtime.spawn(async move { tokio::time::timeout(TIMEOUT, send(request, tls)).await });
        let outcome = match sending.await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Failure::TooSlow),
            Err(_) => Err(Failure::Stopped),
        };
        match &outcome {
            Ok(response) if response.status().is_success() => self.failures.ended(),
            Ok(response) => {
                self.failures.another(&format_args!("the collector answers {}", response.status().as_u16()));
            }
            Err(failure) => self.failures.another(failure),
        }
        outcome.map_err(Into::into)
    }
}

/// Why nothing was delivered. Neither the address nor what was sent is told.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the collector's address cannot be used")]
    Address,
    #[error("the collector cannot be reached")]
    Unreachable(#[source] std::io::Error),
    #[error("the collector does not prove who it is, or knows no TLS")]
    Tls(#[source] std::io::Error),
    #[error("the collector does not speak HTTP")]
    Http(#[source] hyper::Error),
    #[error("the collector's answer is too long or breaks off")]
    Answer(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the collector does not answer in time")]
    TooSlow,
    #[error("People is stopping")]
    Stopped,
}

async fn send(mut request: Request<Bytes>, tls: Option<TlsConnector>) -> Result<Response<Bytes>, Failure> {
    let uri = request.uri().clone();
    let authority = uri.authority().ok_or(Failure::Address)?;
    let host = authority.host().trim_matches(['[', ']']);
    let port = authority.port_u16().unwrap_or(if tls.is_some() { 443 } else { 80 });
    let value = HeaderValue::from_str(authority.as_str()).map_err(|_| Failure::Address)?;
    request.headers_mut().insert(header::HOST, value);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = path.parse::<Uri>().map_err(|_| Failure::Address)?;

    let stream = TcpStream::connect((host, port)).await.map_err(Failure::Unreachable)?;
    match tls {
        None => exchange(stream, request).await,
        Some(tls) => {
            let name = ServerName::try_from(host.to_owned()).map_err(|_| Failure::Address)?;
            exchange(tls.connect(name, stream).await.map_err(Failure::Tls)?, request).await
        }
    }
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, Failure> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(Failure::Http)?;
    // It ends with the sender.
    tokio::spawn(connection);
    let response = sender.send_request(request.map(Full::new)).await.map_err(Failure::Http)?;
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, ANSWER_LIMIT).collect().await.map_err(Failure::Answer)?;
    Ok(Response::from_parts(parts, body.to_bytes()))
}

fn tls() -> anyhow::Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    ensure!(
        !roots.is_empty(),
        "this system has no trusted certificate authorities\n\
         help: install them (Debian, Fedora, Alpine: package `ca-certificates`)"
    );
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .context("TLS cannot be set up")?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Tells the log that something is wrong, and that it is not any more, without filling it.
#[derive(Debug, Default)]
struct Failures(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    since_said: u64,
    said: Option<Instant>,
}

impl Failures {
    fn another(&self, what: &impl fmt::Display) {
        if let Some(failures) = self.count(Instant::now()) {
            tracing::warn!(failures, "traces cannot be sent: {what}");
        }
    }

    fn ended(&self) {
        if self.forget() {
            tracing::info!("traces are sent again");
        }
    }

    /// How many there were, if it is time to say so.
    fn count(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().expect("nothing panics with the lock");
        state.since_said += 1;
        if state.said.is_some_and(|said| now.duration_since(said) < SILENCE) {
            return None;
        }
        state.said = Some(now);
        Some(std::mem::take(&mut state.since_said))
    }

    /// Whether a failure had been said.
    fn forget(&self) -> bool {
        let mut state = self.0.lock().expect("nothing panics with the lock");
        std::mem::take(&mut *state).said.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_failures_one_is_said() {
        let failures = Failures::default();
        let start = Instant::now();
        assert!(!failures.forget());
        assert_eq!(failures.count(start), Some(1));
        assert_eq!(failures.count(start + SILENCE / 2), None);
        assert_eq!(failures.count(start + SILENCE), Some(2));
        assert!(failures.forget(), "it works again, and that is said");
        assert!(!failures.forget(), "once");
        assert_eq!(failures.count(start + SILENCE), Some(1));
    }
}
