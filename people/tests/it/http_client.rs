//! A client of the running binary: one connection, kept alive, made again after it was lost.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use nicol_local::Lease;
use people::db::{Client, session, user};
use serde_json::Value;
use tokio::net::TcpStream;

/// Somebody who is signed in, and their way to the site.
pub(crate) struct HttpClient {
    port: u16,
    cookies: String,
    sender: Option<SendRequest<Full<Bytes>>>,
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl HttpClient {
    /// With the cookies of somebody who is signed in.
    pub(crate) fn new(port: u16, cookies: impl Into<String>) -> Self {
        Self { port, cookies: cookies.into(), sender: None }
    }

    /// The same person at another connection.
    pub(crate) fn another(&self) -> Self {
        Self::new(self.port, &*self.cookies)
    }

    /// Asks for a token for forms, and keeps its cookie.
    pub(crate) async fn csrf(&mut self) -> Option<String> {
        let answer = self.send(Method::GET, "/api/auth/csrf", &[], String::new()).await.ok()?;
        let token = answer.json()["csrfToken"].as_str()?.to_owned();
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().ok()?.split(';').next()?;
            self.cookies = format!("{}; {cookie}", self.cookies);
        }
        Some(token)
    }

    /// Sends a request and reads the whole answer. After an error nobody knows whether it was done.
    pub(crate) async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> anyhow::Result<Answer> {
        let answer = self.try_send(method, path, headers, body).await;
        if answer.is_err() {
            self.sender = None;
        }
        answer
    }

    async fn try_send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> anyhow::Result<Answer> {
        if self.sender.as_ref().is_none_or(SendRequest::is_closed) {
            let stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
            stream.set_nodelay(true)?;
            let (sender, connection) = handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            self.sender = Some(sender);
        }
        let sender = self.sender.as_mut().expect("it was just made");
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, format!("localhost:{}", self.port))
            .header(header::COOKIE, &self.cookies);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        sender.ready().await?;
        let response = sender.send_request(request.body(Full::new(body.into()))?).await?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }
}

/// Signs somebody in without mail: puts the rows there, and gives the cookie.
pub(crate) async fn signed_in(db: &Client, email: &str) -> String {
    let user = db.user().create(user::New { email: email.into() }).await.unwrap();
    let token = format!("session-of-{}", user.id);
    let expires = chrono::Utc::now() + chrono::Duration::days(1);
    db.session()
        .create(session::New { session_token: token.clone(), user_id: user.id, expires })
        .await
        .unwrap();
    format!("authjs.session-token={token}")
}

/// The database behind a running binary, beside it.
pub(crate) async fn beside(local: &nicol_local::Options) -> (Lease, Client) {
    let lease = nicol_local::acquire(local, |_| {}).await.unwrap();
    let db = Client::lazy(&lease.url().to_url_with_password()).unwrap();
    (lease, db)
}
