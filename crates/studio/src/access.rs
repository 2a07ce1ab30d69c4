//! Who may use the studio: the browser that was given the URL with the token.
//!
//! The token in the URL becomes a cookie. Pages of other sites cannot send it (`SameSite=Strict`), and a foreign name that resolves to this
//! machine (DNS rebinding) is refused whatever it sends.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use rand::Rng as _;
use subtle::ConstantTimeEq as _;

/// The only sources of scripts and styles are the studio's own files, and no text can become markup.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

const HEADERS: [(HeaderName, &str); 8] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // The URL with the token must not reach another site.
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

const STRANGER: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>nicol studio</title>\
    <link rel=\"stylesheet\" href=\"/assets/studio.css\">\
    <main class=\"stranger\"><h1>This browser has no access</h1>\
    <p>Open the URL that <code>nicol studio</code> has printed in the terminal. It contains a token for this studio.</p>\
    <p>If you have just opened it, <a href=\"/\">continue</a>.</p></main></html>";

/// How long the URL for the browser that is started can be used, and only once: other users see command lines.
const ONCE_LIMIT: Duration = Duration::from_mins(1);

/// The token, and the hosts under which the studio may be asked.
#[derive(Debug)]
pub(crate) struct Access {
    token: Token,
    once: Mutex<Option<(Token, Instant)>>,
    address: SocketAddr,
    /// The host that the user has chosen, if it is a name.
    name: Option<String>,
}

/// 256 random bits in hexadecimal digits. `Debug` does not show them.
struct Token(String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    fn new() -> Self {
        let mut bytes = [0; 32];
        rand::rng().fill_bytes(&mut bytes);
        Self(hex::encode(bytes))
    }

    fn is(&self, other: &str) -> bool {
        self.0.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

impl Access {
    pub(crate) fn new(address: SocketAddr, name: &str) -> Self {
        let name = name.parse::<IpAddr>().is_err().then(|| name.to_ascii_lowercase());
        Self { token: Token::new(), once: Mutex::default(), address, name }
    }

    /// Returns the URL with the token.
    pub(crate) fn url(&self) -> String {
        format!("{}/?token={}", self.origin(), self.token.0)
    }

    /// Returns a URL that works once, within a minute.
    pub(crate) fn url_once(&self) -> String {
        let token = Token::new();
        let url = format!("{}/?token={}", self.origin(), token.0);
        *self.once.lock().unwrap_or_else(PoisonError::into_inner) = Some((token, Instant::now()));
        url
    }

    fn origin(&self) -> String {
        let port = self.address.port();
        match &self.name {
            Some(name) => format!("http://{name}:{port}"),
            // A browser cannot open the address that stands for all.
            None if self.address.ip().is_unspecified() => format!("http://localhost:{port}"),
            None => format!("http://{}", self.address),
        }
    }

    /// Whether the studio may be asked under this host. An address cannot be another site's name.
    fn is_host(&self, host: &str) -> bool {
        let (name, port) = host.rsplit_once(':').unwrap_or((host, "80"));
        if port.parse() != Ok(self.address.port()) {
            return false;
        }
        let name = name.to_ascii_lowercase();
        if self.name.as_ref() == Some(&name) {
            return true;
        }
        if name == "localhost" {
            return self.address.ip().is_loopback() || self.address.ip().is_unspecified();
        }
        let ip: Result<IpAddr, _> = name.trim_start_matches('[').trim_end_matches(']').parse();
        ip.is_ok_and(|ip| ip == self.address.ip() || self.address.ip().is_unspecified())
    }

    /// Checks the token of a URL; that for one use is used up.
    fn is_token(&self, token: &str) -> bool {
        if self.token.is(token) {
            return true;
        }
        let mut once = self.once.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known =
            matches!(&*once, Some((other, since)) if other.is(token) && since.elapsed() < ONCE_LIMIT);
        if is_known {
            *once = None;
        }
        is_known
    }

    /// The name of the cookie. Cookies do not know ports, and there may be several studios.
    fn cookie_name(&self) -> String {
        format!("nicol-studio-{}", self.address.port())
    }

    fn has_cookie(&self, request: &Request) -> bool {
        let name = self.cookie_name();
        let lines = request.headers().get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut cookies =
            lines.flat_map(|line| line.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
        cookies.any(|(key, value)| key == name && self.token.is(value))
    }
}

/// Lets only requests through that come from the page, and adds the security headers.
pub(crate) async fn guard(State(access): State<Arc<Access>>, request: Request, next: Next) -> Response {
    let mut response = match refusal(&access, &request) {
        Some(response) => response,
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Returns the answer to a request that may not be answered otherwise.
fn refusal(access: &Access, request: &Request) -> Option<Response> {
    let text =
        |name: &HeaderName| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    let host = text(&header::HOST).unwrap_or_default();
    if !access.is_host(host) {
        return Some(
            (StatusCode::MISDIRECTED_REQUEST, "this host is not the one of the studio\n").into_response(),
        );
    }
    let path = request.uri().path();
    if request.method() == Method::GET && path.starts_with("/assets/") {
        // They contain no data.
        return None;
    }
    if request.method() == Method::GET
        && path == "/"
        && let Some(token) = request.uri().query().and_then(token_of)
        && access.is_token(token)
    {
        let cookie =
            format!("{}={}; Path=/; HttpOnly; SameSite=Strict", access.cookie_name(), access.token.0);
        return Some(([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response());
    }
    if !access.has_cookie(request) {
        let page = (StatusCode::UNAUTHORIZED, Html(STRANGER)).into_response();
        return Some(page);
    }
    if path.starts_with("/api/") {
        let origin = format!("http://{host}");
        let is_own = text(&header::ORIGIN).is_some_and(|other| other.eq_ignore_ascii_case(&origin));
        let site = text(&HeaderName::from_static("sec-fetch-site"));
        if !is_own || site.is_some_and(|site| site != "same-origin") {
            return Some(
                (StatusCode::FORBIDDEN, "the request is not from the studio's page\n").into_response(),
            );
        }
    }
    None
}

fn token_of(query: &str) -> Option<&str> {
    query.split('&').find_map(|part| part.strip_prefix("token="))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(address: &str, name: &str) -> Access {
        Access::new(address.parse().unwrap(), name)
    }

    #[test]
    fn only_own_hosts_are_answered() {
        let local = access("127.0.0.1:5555", "localhost");
        for host in ["127.0.0.1:5555", "localhost:5555", "LOCALHOST:5555"] {
            assert!(local.is_host(host), "{host}");
        }
        for host in [
            "evil.example:5555",
            "127.0.0.1:5556",
            "127.0.0.1",
            "",
            "localhost.evil.example:5555",
            "10.0.0.1:5555",
        ] {
            assert!(!local.is_host(host), "{host}");
        }
        let open = access("0.0.0.0:5555", "0.0.0.0");
        assert!(open.is_host("192.168.1.5:5555") && open.is_host("localhost:5555"));
        assert!(!open.is_host("evil.example:5555"));
        let named = access("192.168.1.5:5555", "desk.lan");
        assert!(named.is_host("desk.lan:5555") && named.is_host("192.168.1.5:5555"));
        assert!(!named.is_host("localhost:5555"));
        assert!(access("[::1]:5555", "::1").is_host("[::1]:5555"));
    }

    #[test]
    fn a_token_for_one_use_is_used_once() {
        let access = access("127.0.0.1:5555", "localhost");
        let url = access.url_once();
        let token = url.split_once('=').unwrap().1;
        assert!(access.is_token(token));
        assert!(!access.is_token(token));
        let url = access.url();
        let token = url.split_once('=').unwrap().1;
        assert!(access.is_token(token) && access.is_token(token));
        assert!(!access.is_token("") && !access.is_token(&token[1..]));
        assert!(!format!("{access:?}").contains(token));
    }
}
