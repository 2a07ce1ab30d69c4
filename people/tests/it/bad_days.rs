//! What happens when something is too large, too slow, too full, or gone.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use futures_util::stream;
use people::db::Client;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::import::upload;
use crate::test_app::TestApp;

#[tokio::test]
async fn an_oversized_body_is_refused_and_nothing_is_kept() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let token = user.get("/people/new").await.csrf();
    let name = "x".repeat(100 * 1024);
    let fields =
        [("csrfToken", &*token), ("name", &name), ("email", "x@example.com"), ("phone_number", "12345")];
    for (path, status) in [
        ("/people", StatusCode::PAYLOAD_TOO_LARGE),
        ("/people/some-id", StatusCode::PAYLOAD_TOO_LARGE),
        ("/api/auth/signin/email", StatusCode::PAYLOAD_TOO_LARGE),
        ("/nothing", StatusCode::NOT_FOUND),
    ] {
        let page = user.post(path, &fields).await;
        assert_eq!(page.status, status, "{path}");
        assert!(page.body.contains("<h1>"), "{path}: a page says so");
    }
    // The same without saying beforehand how much is coming.
    let chunks = (0..200).map(|_| Ok::<_, std::io::Error>("name=xxxxxxxxxxxxxxxx&".repeat(50)));
    let request = user
        .request(Method::POST, "/people")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from_stream(stream::iter(chunks)))
        .unwrap();
    assert_eq!(user.send(request).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(app.db.person().count().await.unwrap(), 0);
}

#[tokio::test]
async fn bodies_that_are_no_forms_are_refused() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    for (kind, body) in [
        ("application/json", "{}"),
        ("text/plain", "name=x"),
        ("application/x-www-form-urlencoded", "name=a&name=b"),
    ] {
        let request = user
            .request(Method::POST, "/people")
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body))
            .unwrap();
        let status = user.send(request).await.status;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{kind}");
    }
}

#[tokio::test]
async fn a_request_that_does_not_end_is_given_up() {
    let app = TestApp::start().await;
    let mut anon = app.anon();
    let request = anon
        .request(Method::POST, "/api/auth/signout")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from_stream(stream::pending::<Result<String, std::io::Error>>()))
        .unwrap();
    // From here on time passes as soon as there is nothing else to do.
    tokio::time::pause();
    let page = anon.send(request).await;
    assert_eq!((page.status, page.header("connection")), (StatusCode::REQUEST_TIMEOUT, "close"));
    assert!(
        page.body.contains("Nothing was done because the request did not arrive in time."),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn a_database_that_was_restarted_is_read_as_if_nothing_had_been() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    for path in ["/people", "/people?q=ann", "/api/people"] {
        assert_eq!(user.get(path).await.status, StatusCode::OK);
        app.lose_connections().await;
        let page = user.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
    }
}

#[tokio::test]
async fn a_full_pool_is_waited_for_and_then_answered_503() {
    let app =
        TestApp::with("*", |url| format!("{url}{}connection_limit=1&pool_timeout=1", separator(&url))).await;
    let mut user = app.user("me@example.com").await;
    let busy = hold_the_connection(&app.db, Duration::from_secs(3)).await;

    let began = Instant::now();
    let page = user.get("/people").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{}", page.body);
    assert!(!page.header("retry-after").is_empty());
    assert!(page.body.contains("Temporarily unavailable"));
    assert!(began.elapsed() >= Duration::from_millis(900), "it waits first");

    busy.await.unwrap();
    assert_eq!(user.get("/people").await.status, StatusCode::OK, "and works again by itself");
}

/// Sits on the pool's only connection, in a transaction so that nobody shares it.
async fn hold_the_connection(db: &Client, time: Duration) -> JoinHandle<()> {
    let db = db.clone();
    let (taken, wait) = oneshot::channel();
    let task = tokio::spawn(async move {
        let result: Result<(), nicol::Error> = db
            .transaction()
            .run(async move |tx| {
                tx.person().count().await?;
                taken.send(()).unwrap();
                tokio::time::sleep(time).await;
                Ok(())
            })
            .await;
        result.unwrap();
    });
    wait.await.unwrap();
    task
}

fn separator(url: &str) -> char {
    if url.contains('?') { '&' } else { '?' }
}

#[tokio::test]
async fn an_unreachable_database_is_answered_503_while_the_process_is_well() {
    let app =
        TestApp::with("*", |_| "postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=1".to_owned()).await;
    let mut visitor = app.anon();
    visitor
        .cookies
        .insert("authjs.session-token".to_owned(), "0b5d6b1e-9a5c-4f0e-8d9f-6d1d4d3c2b1a".to_owned());
    let page = visitor.get("/people").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!page.header("retry-after").is_empty());
    assert_eq!(visitor.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(visitor.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(visitor.get("/api/auth/signin").await.status, StatusCode::OK, "the form needs no database");
}

/// The body of an upload, of which there comes no more after the file has begun.
fn endless_upload(token: &str) -> Body {
    let beginning = format!(
        "--b\r\ncontent-disposition: form-data; name=\"csrfToken\"\r\n\r\n{token}\r\n\
         --b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nname,email"
    );
    let beginning = stream::iter([Ok::<_, std::io::Error>(beginning)]);
    Body::from_stream(futures_util::StreamExt::chain(beginning, stream::pending()))
}

#[tokio::test]
async fn a_user_uploads_one_file_after_the_other_and_holds_nobody_else_up() {
    const CSV: &[u8] = b"name,email,phone\nAnn Lee,ann@example.com,12345\n";
    let app = TestApp::start().await;
    let (mut user, mut other) = (app.user("me@example.com").await, app.user("you@example.com").await);
    let token = user.get("/people/import").await.csrf();
    let request = user
        .request(Method::POST, "/people/import")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .body(endless_upload(&token))
        .unwrap();
    let first = user.clone();
    let first = tokio::spawn(async move { first.begin(request).await });
    tokio::time::sleep(Duration::from_millis(300)).await;

    let others = upload(&mut other, "b.csv", CSV).await;
    assert_eq!(others.status, StatusCode::SEE_OTHER, "{}", others.body);
    let second = upload(&mut user, "b.csv", CSV).await;
    assert_eq!((second.status, second.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "5"));
    assert!(second.body.contains("One import at a time"), "{}", second.body);
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    let third = upload(&mut user, "b.csv", CSV).await;
    assert_eq!(third.status, StatusCode::SEE_OTHER, "whoever goes away gives the room back");
    assert_eq!(user.get(third.location()).await.status, StatusCode::OK);
}
