//! The one way in which this crate asks another server: with limits on time and size, and without following redirects.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ::http::{Request, StatusCode, header};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use url::{Host, Url};

use super::error::OAuthError;

/// For the whole of an exchange; a person is waiting.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// For the connection alone.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// Far more than any document, key set or profile has.
const SIZE_LIMIT: usize = 512 * 1024;

/// GitHub turns away who does not say what it is.
const USER_AGENT: &str = concat!("nicol-auth/", env!("CARGO_PKG_VERSION"));

type Hyper = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// A client that is made when it is first needed, and shared by its clones.
#[derive(Clone, Default)]
pub(crate) struct Http(Arc<OnceLock<Option<Hyper>>>);

impl Http {
    /// Sends a request and reads the answer whole. Connections are not kept: sign-ins are too rare for it.
    pub(super) async fn send(
        &self,
        what: &'static str,
        request: Request<Bytes>,
    ) -> Result<(StatusCode, Bytes), OAuthError> {
        let unreachable = |reason: String| OAuthError::Unreachable { what, reason };
        let client = self.0.get_or_init(client).as_ref();
        let client =
            client.ok_or_else(|| unreachable("this machine has no certificates to trust".to_owned()))?;
        let exchange = async {
            // hyper's own words name the step that failed, and repeat neither the URL nor the body.
            let response = client.request(request.map(Full::new)).await;
            let response = response.map_err(|error| unreachable(chain(&error)))?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, SIZE_LIMIT).collect().await;
            let body = body.map_err(|error| unreachable(chain(&*error)))?;
            Ok((parts.status, body.to_bytes()))
        };
        let answer = tokio::time::timeout(TIME_LIMIT, exchange).await;
        answer.unwrap_or_else(|_| {
            Err(unreachable(format!("no answer within {} seconds", TIME_LIMIT.as_secs())))
        })
    }

    /// Reads a JSON document.
    pub(super) async fn get(
        &self,
        what: &'static str,
        url: &Url,
        bearer: Option<&str>,
    ) -> Result<(StatusCode, Bytes), OAuthError> {
        let mut request = request(what, url)?;
        if let Some(token) = bearer {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Bytes::new());
        self.send(what, request.map_err(|_| OAuthError::malformed(what, "the token does not fit a header"))?)
            .await
    }
}

/// A request to a URL that is safe to ask.
pub(super) fn request(what: &'static str, url: &Url) -> Result<::http::request::Builder, OAuthError> {
    if !is_safe(url) {
        return Err(OAuthError::Insecure { what });
    }
    let request = Request::builder().uri(url.as_str());
    Ok(request.header(header::ACCEPT, "application/json").header(header::USER_AGENT, USER_AGENT))
}

/// Whether nobody can listen or answer in between: https, or a server on this very machine.
pub(crate) fn is_safe(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && loopback)
}

fn client() -> Option<Hyper> {
    let mut http = HttpConnector::new();
    http.set_connect_timeout(Some(CONNECT_LIMIT));
    http.enforce_http(false);
    let provider = rustls::crypto::ring::default_provider();
    let tls = HttpsConnectorBuilder::new().with_provider_and_native_roots(provider).ok()?;
    // Which URLs may be asked over http is decided in `is_safe`.
    let connector = tls.https_or_http().enable_http1().wrap_connector(http);
    Some(Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector))
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
