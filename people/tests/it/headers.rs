//! What every answer tells the browser to keep to, and who watches over People.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use people::assets::{ICON, SCRIPT, STYLESHEET};

use crate::test_app::TestApp;

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    for path in ["/", "/people", "/people/new", "/nothing", "/api/auth/signin", "/healthz", &*STYLESHEET.path]
    {
        let response = user.get(path).await;
        let policy = response.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self';",
            "style-src 'self';",
            "connect-src 'self';",
            "frame-ancestors 'none'",
            "form-action 'self'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {part} is missing");
        }
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(response.header("x-content-type-options"), "nosniff", "{path}");
        assert!(matches!(response.header("referrer-policy"), "same-origin" | "no-referrer"), "{path}");
        assert_eq!(response.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(response.header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert!(response.header("permissions-policy").contains("camera=()"), "{path}");
        assert!(!response.header("cache-control").is_empty(), "{path}");
        assert_eq!(response.header("x-request-id").len(), 16, "{path}");
    }
    assert_eq!(user.get("/people").await.header("cache-control"), "no-store");
}

#[tokio::test]
async fn no_page_has_inline_style_or_script() {
    let app = TestApp::start().await;
    let ann = app.person("Ann Lee", "ann@example.com", "12345").await;
    let mut user = app.user("me@example.com").await;
    for path in [
        "/people",
        "/people/new",
        &format!("/people/{}", ann.id),
        "/api/auth/signin",
        "/api/auth/error",
        "/nothing",
    ] {
        let page = user.get(path).await.body;
        assert!(page.starts_with("<!doctype html>") && page.contains("lang=\"en\""), "{path}");
        let page =
            page.replacen(&format!("<script type=\"module\" src=\"{}\"></script>", SCRIPT.path), "", 1);
        for inline in ["<script", "<style", " style=", " onclick=", "javascript:"] {
            assert!(!page.contains(inline), "{path}: {inline}");
        }
    }
}

#[tokio::test]
async fn cookies_are_out_of_reach_of_scripts() {
    let app = TestApp::start().await;
    let mut anon = app.anon();
    let response = anon.get("/api/auth/signin").await;
    for cookie in response.headers.get_all(header::SET_COOKIE) {
        let cookie = cookie.to_str().unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    }
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_names_of_their_own() {
    let app = TestApp::start().await;
    for (asset, kind) in [
        (&*STYLESHEET, "text/css; charset=utf-8"),
        (&*SCRIPT, "text/javascript; charset=utf-8"),
        (&*ICON, "image/svg+xml"),
    ] {
        let response = app.anon().get(&asset.path).await;
        assert_eq!(response.status, StatusCode::OK);
        assert_eq!(response.header("content-type"), kind);
        assert!(response.header("cache-control").contains("immutable"));

        let ask = |known: &str| {
            let request = app.anon().request(Method::GET, &asset.path).header(header::IF_NONE_MATCH, known);
            request.body(Body::empty()).unwrap()
        };
        let etag = response.header("etag");
        for known in [etag, &format!("\"x\", {etag}"), &format!("W/{etag}")] {
            let response = app.anon().send(ask(known)).await;
            assert_eq!((response.status, &*response.body), (StatusCode::NOT_MODIFIED, ""), "{known}");
            assert_eq!(response.header("etag"), etag);
        }
        assert_eq!(app.anon().send(ask("\"x\"")).await.status, StatusCode::OK);
    }
    for path in
        ["/assets/people.css", "/assets/", "/assets/%2e%2e/Cargo.toml", "/assets/..%2f..%2fCargo.toml"]
    {
        assert_eq!(app.anon().get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn those_who_watch_need_no_session() {
    let app = TestApp::start().await;
    assert_eq!(app.anon().get("/healthz").await.body, "ok\n");
    assert_eq!(app.anon().get("/readyz").await.body, "ready\n");
}

#[tokio::test]
async fn another_name_of_this_machine_leads_to_the_right_one() {
    let app = TestApp::start().await;
    let ask = |method: Method, host: &str, path: &str| {
        let mut request = app.anon().request(method, path).body(Body::empty()).unwrap();
        request.headers_mut().insert(header::HOST, host.parse().unwrap());
        request
    };
    let response = app.anon().send(ask(Method::GET, "127.0.0.1:3000", "/people?q=a")).await;
    assert_eq!(response.location(), "http://localhost:3000/people?q=a");
    for host in ["evil.example", "evil.example:3000", "127.0.0.1.evil.example", "10.1.2.3:3000", ""] {
        let response = app.anon().send(ask(Method::POST, host, "/people")).await;
        assert_eq!(response.status, StatusCode::MISDIRECTED_REQUEST, "{host}");
        let response = app.anon().send(ask(Method::GET, host, "/people")).await;
        assert_eq!(response.location(), "http://localhost:3000/people", "{host}");
    }
    for host in ["127.0.0.1:3000", "[::1]:3000", "127.0.0.1"] {
        let mut request = ask(Method::GET, host, "/api/auth/csrf");
        request.headers_mut().insert(header::ACCEPT, "*/*".parse().unwrap());
        assert_eq!(app.anon().send(request).await.status, StatusCode::OK, "a script may use {host}");
    }
    let response = app.anon().send(ask(Method::GET, "10.1.2.3", "/healthz")).await;
    assert_eq!(response.status, StatusCode::OK, "whoever watches may use any name");
}
