//! The mails that would have been sent, for who has seen the terminal.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use nicol_server::Peer;

use crate::running::{Project, Running};
use crate::test_app::{self, Response, TestApp, Visitor};

const PATH: &str = "/dev/mailbox";
const HERE: &str = "127.0.0.1:50000";

/// Asks from an address of this machine or of another.
async fn get_from(visitor: &mut Visitor, peer: Option<&str>, host: &str, path: &str) -> Response {
    let mut request = visitor.request(Method::GET, path).body(Body::empty()).unwrap();
    request.headers_mut().insert(header::HOST, host.parse().unwrap());
    if let Some(peer) = peer {
        request.extensions_mut().insert(Peer(peer.parse().unwrap()));
    }
    visitor.send(request).await
}

async fn get(visitor: &mut Visitor, path: &str) -> Response {
    get_from(visitor, Some(HERE), "localhost:3000", path).await
}

#[tokio::test]
async fn the_address_of_the_terminal_opens_it_and_links_in_it_sign_in() {
    let app = TestApp::start().await;
    let mut visitor = app.anon();
    let opened = get(&mut visitor, &app.mailbox()).await;
    assert_eq!((opened.status, opened.location()), (StatusCode::SEE_OTHER, PATH), "without the token");
    let cookie = opened.header("set-cookie");
    for part in ["people-mailbox-3000=", "; Path=/dev/mailbox;", "; HttpOnly;", "; SameSite=Strict"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let empty = get(&mut visitor, PATH).await;
    assert!(empty.status == StatusCode::OK && empty.body.contains("No mail yet"), "{}", empty.body);
    assert_eq!((empty.header("referrer-policy"), empty.header("cache-control")), ("no-referrer", "no-store"));

    let mut ann = app.anon();
    for email in ["ann@example.com", "bob@example.com"] {
        ann.ask_for_link(email).await.unwrap();
    }
    let page = get(&mut visitor, PATH).await.body;
    let (bob, ann_at) = (page.find("bob@example.com").unwrap(), page.find("ann@example.com").unwrap());
    assert!(bob < ann_at, "the newest is the first");
    let (_, rest) = page[ann_at..].split_once("href=\"http://localhost:3000").unwrap();
    let (link, rest) = rest.split_once('"').unwrap();
    assert!(rest.starts_with(" rel=\"noreferrer\""), "{rest}");
    let link = link.replace("&#38;", "&");
    assert_eq!(app.link_for("ann@example.com").await.unwrap(), link);
    assert_eq!(ann.follow_link(&link).await.location(), test_app::ORIGIN);
}

#[tokio::test]
async fn nobody_else_sees_anything() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let wrong = format!("{PATH}?token={}", "0".repeat(48));
    for path in [PATH, "/dev/mailbox?token=", &wrong] {
        let page = get(&mut user, path).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{path}");
        assert!(page.body.contains("The mailbox is locked") && page.body.contains("terminal"));
        assert!(!page.body.contains("me@example.com") && page.header("set-cookie").is_empty());
    }
    user.cookies.insert("people-mailbox-3000".to_owned(), "0".repeat(48));
    assert_eq!(get(&mut user, PATH).await.status, StatusCode::FORBIDDEN);

    // With the token, but from elsewhere or by another name.
    let url = app.mailbox();
    get(&mut user, &url).await;
    assert_eq!(get(&mut user, PATH).await.status, StatusCode::OK);
    for (peer, host) in [
        (Some("192.0.2.7:50000"), "localhost:3000"),
        (Some("[2001:db8::1]:50000"), "localhost:3000"),
        (None, "localhost:3000"),
        (Some(HERE), "evil.example:3000"),
        (Some(HERE), "127.0.0.1:3000"),
    ] {
        for path in [PATH, &url] {
            let page = get_from(&mut user, peer, host, path).await;
            assert!(!page.status.is_success(), "{peer:?} {host}");
            assert!(!page.body.contains("me@example.com") && page.header("set-cookie").is_empty());
        }
    }
    assert_eq!(get_from(&mut user, Some("[::1]:5"), "localhost:3000", PATH).await.status, StatusCode::OK);
    assert_eq!(
        get_from(&mut user, Some("[::ffff:127.0.0.1]:5"), "localhost:3000", PATH).await.status,
        StatusCode::OK
    );
}

#[test]
fn the_terminal_says_where_it_is_and_the_log_does_not() {
    let project = Project::new();
    let mut running = Running::start(project.path(), &[("RUST_LOG", "trace")]);
    let line = running.wait_for("Mailbox: ");
    let url = line.strip_prefix("Mailbox: ").unwrap().to_owned();
    let path = url.strip_prefix(&format!("http://localhost:{}", running.port)).unwrap().to_owned();
    let token = path.strip_prefix("/dev/mailbox?token=").unwrap();
    assert_eq!(running.status(&path, ""), 303);
    assert_eq!(running.status(PATH, ""), 403);
    let cookie = format!("cookie: people-mailbox-{}={token}\r\n", running.port);
    assert_eq!(running.status(PATH, &cookie), 200);
    running.wait_for("/dev/mailbox");
    let output = running.stop();
    assert_eq!(output.matches(token).count(), 1, "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_has_none() {
    let database = test_app::database().await;
    let project = Project::new();
    let url = database.url_text();
    let settings = [
        ("AUTH_URL", "http://localhost"),
        ("AUTH_SECRET", "0123456789abcdef0123456789abcdef"),
        ("AUTH_ALLOWED_DOMAINS", "example.com"),
        ("EMAIL_SERVER", "smtp://127.0.0.1:1"),
        ("EMAIL_FROM", "people@example.com"),
        ("DATABASE_URL", &*url),
    ];
    let running = Running::start(project.path(), &settings);
    assert_eq!(running.status(PATH, ""), 404);
    assert!(!running.stop().contains("Mailbox"));
}
