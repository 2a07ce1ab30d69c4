//! The HTTP client for providers: with limits on time and size, and without following redirects.

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

use crate::error::OAuthError;

/// The timeout of a request; a user is waiting.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// The timeout of a connection attempt.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// The maximum size of an answer, in bytes: far more than any document, key set or profile has.
const SIZE_LIMIT: usize = 512 * 1024;

/// GitHub rejects requests without it.
const USER_AGENT: &str = concat!("nicol-auth/", env!("CARGO_PKG_VERSION"));

type Hyper = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// A client that is created on first use and shared by its clones.
#[derive(Clone)]
pub(crate) struct Http {
    client: Arc<OnceLock<Option<Hyper>>>,
    time_limit: Duration,
}

impl Default for Http {
    fn default() -> Self {
        Self { client: Arc::default(), time_limit: TIME_LIMIT }
    }
}

impl Http {
    /// Sends a request and reads the whole answer. Connections are not reused, because sign-ins are rare.
    pub(super) async fn send(
        &self,
        what: &'static str,
        request: Request<Bytes>,
    ) -> Result<(StatusCode, Bytes), OAuthError> {
        let unreachable = |reason: String| OAuthError::Unreachable { what, reason };
        let client = self.client.get_or_init(client).as_ref();
        let client =
            client.ok_or_else(|| unreachable("this machine has no trusted root certificates".to_owned()))?;
        let exchange = async {
            // hyper's messages name the failed step, and contain neither the URL nor the body.
            let response = client.request(request.map(Full::new)).await;
            let response = response.map_err(|error| unreachable(chain(&error)))?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, SIZE_LIMIT).collect().await;
            let body = body.map_err(|error| unreachable(chain(&*error)))?;
            Ok((parts.status, body.to_bytes()))
        };
        let answer = tokio::time::timeout(self.time_limit, exchange).await;
        answer.unwrap_or_else(|_| Err(unreachable(format!("no answer within {:?}", self.time_limit))))
    }

    /// Fetches a JSON document.
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
        self.send(
            what,
            request.map_err(|_| OAuthError::malformed(what, "the token cannot be sent in a header"))?,
        )
        .await
    }
}

/// Starts a request to a URL that passes `is_safe`.
pub(super) fn request(what: &'static str, url: &Url) -> Result<::http::request::Builder, OAuthError> {
    if !is_safe(url) {
        return Err(OAuthError::Insecure { what });
    }
    let request = Request::builder().uri(url.as_str());
    Ok(request.header(header::ACCEPT, "application/json").header(header::USER_AGENT, USER_AGENT))
}

/// Whether requests to a URL cannot be intercepted: it uses https, or is on this machine.
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
    // `is_safe` decides which URLs may use http.
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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// Answers one request with these bytes, or never if there are none.
    async fn get(answer: Vec<u8>) -> Result<StatusCode, String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4096];
            let length = stream.read(&mut request).await.unwrap();
            if answer.is_empty() {
                std::future::pending::<()>().await;
            }
            // The client closes the connection when it has read enough.
            drop(stream.write_all(&answer).await);
            drop(stream.shutdown().await);
            String::from_utf8(request[..length].to_vec()).unwrap()
        });
        let http = Http { time_limit: Duration::from_millis(300), ..Http::default() };
        let answered = http.get("page", &url, Some("token")).await;
        if answered.is_ok() {
            let request = server.await.unwrap().to_lowercase();
            assert!(
                request.contains("authorization: bearer token")
                    && request.contains("user-agent: nicol-auth/")
            );
        }
        answered.map(|(status, _)| status).map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn an_answer_has_limits() {
        assert_eq!(get(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_vec()).await, Ok(StatusCode::OK));
        let mut large = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
        large.resize(SIZE_LIMIT + 100, b' ');
        let error = get(large).await.unwrap_err();
        assert!(error.contains("length limit exceeded"), "{error}");
        let error = get(Vec::new()).await.unwrap_err();
        assert_eq!(error, "cannot reach the provider's page: no answer within 300ms");
        let error = get(b"nonsense\r\n\r\n".to_vec()).await.unwrap_err();
        assert!(
            error.starts_with("cannot reach the provider's page: ") && !error.contains("127.0.0.1"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed() {
        let answer = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(get(answer.to_vec()).await, Ok(StatusCode::FOUND));
    }

    #[tokio::test]
    async fn requests_over_plain_http_are_refused() {
        let cases = [
            ("https://id.example.com/", true),
            ("http://localhost:3000/", true),
            ("http://127.8.9.1/", true),
            ("http://[::1]:80/", true),
            ("http://id.example.com/", false),
            ("http://localhost.example.com/", false),
            ("http://10.0.0.1/", false),
            ("http://0.0.0.0/", false),
            ("http://[::ffff:127.0.0.1]/", false),
            ("ftp://localhost/", false),
            ("data:application/json,{}", false),
        ];
        for (url, expected) in cases {
            let url = Url::parse(url).unwrap();
            assert_eq!(is_safe(&url), expected, "{url}");
            if !expected {
                let asked = Http::default().get("page", &url, None).await;
                assert!(matches!(asked, Err(OAuthError::Insecure { what: "page" })), "{url}");
            }
        }
    }
}
