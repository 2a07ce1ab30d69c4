//! Features for operators: limits, proxies, request ids, metrics.

use std::net::SocketAddr;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use nicol_server::Peer;
use people::assets::STYLESHEET;
use people::config::{Operation, RateLimits};

use crate::running::{Running, people};
use crate::test_app::{Response, TestApp, Visitor};

/// Limits, and a proxy at 10.0.0.1.
fn operation(limits: &str) -> Operation {
    Operation {
        rate_limits: RateLimits::parse(limits).unwrap(),
        trusted_proxies: "10.0.0.1".parse().unwrap(),
        ..Operation::default()
    }
}

/// Sends a request from an address.
async fn ask(
    visitor: &mut Visitor,
    from: &str,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
) -> Response {
    let mut request: Request<Body> = visitor.request(method, path).body(Body::empty()).unwrap();
    let peer: SocketAddr = format!("{from}:4711").parse().unwrap();
    request.extensions_mut().insert(Peer(peer));
    for (name, value) in headers {
        let name: axum::http::HeaderName = name.parse().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    visitor.send(request).await
}

#[tokio::test]
async fn an_address_beyond_its_limit_is_told_when_to_retry() {
    let app = TestApp::operated(operation("read=2")).await;
    let mut anon = app.anon();
    for _ in 0..2 {
        let response = ask(&mut anon, "192.0.2.1", Method::GET, "/people", &[]).await;
        assert_eq!(response.status, StatusCode::SEE_OTHER);
    }
    let response = ask(&mut anon, "192.0.2.1", Method::GET, "/people", &[]).await;
    assert_eq!(response.status, StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = response.header("retry-after").parse().unwrap();
    assert!((1..=30).contains(&wait), "{wait}");
    assert!(response.body.contains("Too many requests"), "{}", response.body);
    assert!(response.header("content-security-policy").contains("default-src 'none'"));
    assert_eq!(response.header("x-request-id").len(), 16);

    let response = ask(&mut anon, "192.0.2.1", Method::GET, "/api/people", &[]).await;
    assert_eq!(response.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(response.header("content-type"), "application/problem+json", "a program is told its way");
    assert!(response.body.contains("\"status\":429") && !response.header("retry-after").is_empty());

    let response = ask(&mut anon, "192.0.2.2", Method::GET, "/people", &[]).await;
    assert_eq!(response.status, StatusCode::SEE_OTHER, "others are not held up");
    for path in ["/healthz", "/readyz", &*STYLESHEET.path] {
        let response = ask(&mut anon, "192.0.2.1", Method::GET, path, &[]).await;
        assert_eq!(response.status, StatusCode::OK, "{path} has no limit");
    }
}

#[tokio::test]
async fn sign_in_links_are_limited_before_a_mail_is_sent() {
    let app = TestApp::operated(operation("sign-in=3")).await;
    let mut anon = app.anon();
    let mut statuses = Vec::new();
    for _ in 0..5 {
        let page = anon.get("/api/auth/signin").await;
        let csrf = page.csrf();
        let response =
            anon.post("/api/auth/signin/email", &[("csrfToken", &csrf), ("email", "ann@example.com")]).await;
        statuses.push(response.status.as_u16());
    }
    // Mails are sent beside the answers; the database cannot be taken away under them.
    app.auth.settle().await;
    assert_eq!(statuses, [302, 302, 302, 429, 429]);
}

#[tokio::test]
async fn every_spelling_of_a_path_counts_towards_its_limit() {
    let app = TestApp::operated(operation("sign-in=3")).await;
    let mut anon = app.anon();
    let mut statuses = Vec::new();
    for path in [
        "/api/auth//signin/email",
        "//api/auth/signin/email/",
        "/api/%61uth/./signin/x/../email",
        "/api/auth//signin/email",
        "/api//auth/signin//email",
        "/api/auth/callback/../signin/email",
    ] {
        let page = anon.get("/api/auth/signin").await;
        let csrf = page.csrf();
        statuses.push(
            anon.post(path, &[("csrfToken", &csrf), ("email", "ann@example.com")]).await.status.as_u16(),
        );
    }
    app.auth.settle().await;
    assert_eq!(statuses, [302, 302, 302, 429, 429, 429]);
    for (path, status) in [
        ("/api%2Fauth/signin/email", 404),
        // What is below `/api` and is not sign-in asks who is there before it says what there is.
        ("/api/auth%2fsignin/email", 401),
        ("/API/auth/signin/email", 404),
        ("/api/auth/SIGNIN/email", 400),
    ] {
        assert_eq!(anon.post(path, &[]).await.status.as_u16(), status, "{path} is something else");
    }
    for path in ["//healthz", "/healthz/", "/people/../healthz", "/he%61lthz"] {
        assert_eq!(anon.get(path).await.status, StatusCode::OK, "{path}");
    }
    let mut user = TestApp::start().await.user("me@example.com").await;
    for path in ["//people", "/people/", "/people/./new/..", "/people//new"] {
        assert_eq!(user.get(path).await.status, StatusCode::OK, "{path}");
    }
    assert_eq!(user.get("/people%2Fnew").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn only_a_trusted_proxy_names_the_client() {
    let app = TestApp::operated(operation("read=1")).await;
    let mut anon = app.anon();
    let mut status = async |from: &str, forwarded: &str| {
        let headers = [("x-forwarded-for", forwarded)];
        ask(&mut anon, from, Method::GET, "/people", &headers).await.status.as_u16()
    };
    assert_eq!(status("10.0.0.1", "192.0.2.1").await, 303);
    assert_eq!(status("10.0.0.1", "192.0.2.2").await, 303);
    assert_eq!(status("10.0.0.1", "192.0.2.1").await, 429);
    assert_eq!(status("10.0.0.1", "192.0.2.9, 192.0.2.1").await, 429, "what the client wrote does not count");
    assert_eq!(status("192.0.2.2", "192.0.2.3").await, 429, "it is 192.0.2.2, whatever it says");
}

#[tokio::test]
async fn only_a_trusted_proxy_sets_the_request_id() {
    let app = TestApp::operated(operation("off")).await;
    let mut anon = app.anon();
    let mut id = async |from: &str, given: &str| {
        let headers = [("x-request-id", given)];
        ask(&mut anon, from, Method::GET, "/healthz", &headers).await.header("x-request-id").to_owned()
    };
    let given = "7f0c2b52-79a9-4c6b-9d5e-3a1fb1d5f1aa";
    assert_eq!(id("10.0.0.1", given).await, given);
    for (from, given) in [
        ("192.0.2.1", given),
        ("10.0.0.1", "short"),
        ("10.0.0.1", "with a blank"),
        ("10.0.0.1", &*"x".repeat(65)),
    ] {
        let made = id(from, given).await;
        assert!(made.len() == 16 && made != given, "{from} {given}: {made}");
    }
}

#[tokio::test]
async fn metrics_have_a_listener_of_their_own_and_contain_no_path() {
    let database = crate::test_app::database().await;
    let folder = tempfile::tempdir().unwrap();
    let url = database.url_text();
    let mut running =
        Running::start(folder.path(), &[("DATABASE_URL", &*url), ("METRICS_LISTEN", "127.0.0.1:0")]);
    let line = running.wait_for("metrics are at http://");
    let (_, address) = line.split_once("http://").unwrap();
    let address = address.strip_suffix("/metrics").unwrap();

    assert_eq!(running.status("/people", ""), 303);
    assert_eq!(running.status("/people/secret-id", ""), 303);
    assert_eq!(running.status("/made-up", ""), 404);
    assert_eq!(running.status("/readyz", ""), 200);
    assert_eq!(running.status("/metrics", ""), 404, "people find no numbers at the site");

    let metrics = Running::answer_at(address, "/metrics");
    for part in [
        "HTTP/1.1 200",
        "content-type: application/openmetrics-text; version=1.0.0",
        "people_build_info{version=\"",
        "people_http_requests_total{method=\"GET\",route=\"/people\",status=\"303\"} 1",
        "people_http_requests_total{method=\"GET\",route=\"/people/{id}\",status=\"303\"} 1",
        "people_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 2",
        "people_http_request_duration_seconds_count{method=\"GET\",route=\"/readyz\"} 1",
        "people_http_requests_in_flight 0",
        "people_live_streams 0",
        "people_db_statement_duration_seconds_count{kind=\"select\"} ",
        "people_db_pool_connections{state=\"busy\"} 0",
        "people_db_pool_waiting 0",
        "process_resident_memory_bytes ",
        "process_cpu_seconds_total ",
        "process_open_fds ",
        "# EOF",
    ] {
        assert!(metrics.contains(part), "`{part}` is missing in:\n{metrics}");
    }
    for path in ["secret-id", "made-up"] {
        assert!(!metrics.contains(path), "{path}:\n{metrics}");
    }
    assert!(Running::answer_at(address, "/people").starts_with("HTTP/1.1 404"));

    let health = |port: &str| people(folder.path()).args(["health"]).env("PORT", port).output().unwrap();
    assert!(health(&running.port.to_string()).status.success());
    let port = running.port.to_string();
    running.stop();
    let refused = health(&port);
    assert_eq!(refused.status.code(), Some(1));
    let text = String::from_utf8(refused.stderr).unwrap();
    assert!(text.contains(&format!("People does not respond at 127.0.0.1:{port}")), "{text}");
}

#[tokio::test]
async fn pages_are_compressed_unless_another_site_caused_the_request() {
    let app = TestApp::start().await;
    let user = app.user("me@example.com").await;
    let encoding = async |path: &str, headers: &[(&str, &str)]| {
        let mut request = user.request(Method::GET, path).header("accept-encoding", "gzip, br");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, body) = user.begin(request.body(Body::empty()).unwrap()).await.into_parts();
        let length = axum::body::to_bytes(body, usize::MAX).await.unwrap().len();
        let encoding = parts.headers.get("content-encoding").map_or("", |value| value.to_str().unwrap());
        (parts.status.as_u16(), encoding.to_owned(), length)
    };
    let (status, kind, small) = encoding("/people", &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!((status, &*kind), (200, "gzip"));
    let (status, kind, large) = encoding("/people?q=a", &[("sec-fetch-site", "cross-site")]).await;
    assert_eq!((status, &*kind), (200, ""));
    assert!(small * 2 < large, "{small} of {large}");
    assert_eq!(encoding("/people?q=a", &[]).await.1, "", "it has cookies, and does not say who asks");
    assert_eq!(encoding("/healthz", &[("sec-fetch-site", "none")]).await.1, "", "that is too small");
    let (status, kind, length) = encoding(&STYLESHEET.path, &[]).await;
    assert_eq!((status, &*kind), (200, "gzip"));
    assert!(length < app.anon().get(&STYLESHEET.path).await.body.len() / 2);
}
