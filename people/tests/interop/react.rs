//! `next-auth/react`, as it comes from npm, in a page whose `/api/auth` is People.
//!
//! The same is done with the original behind the page, so that what is asked of People is what Auth.js does.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use fantoccini::Locator;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use testkit::browser::Browser;
use tokio::net::TcpListener;

use crate::pair::{Ground, free_port, nextjs};
use crate::running::Project;

const PAGE: &str = "<!doctype html><meta charset=utf-8><title>Page</title><div id=root></div>\
    <script src=/browser-client.js></script>";

#[tokio::test(flavor = "multi_thread")]
async fn the_client_of_next_auth_works_with_people() {
    let (ground, folder) = (Ground::new().await, Project::new());
    let (origin, port) = serve_page().await;
    let _running = tokio::task::block_in_place(|| ground.people(&folder, &origin, port));
    check(&ground, &origin, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_of_next_auth_works_with_the_original_in_the_same_way() {
    let ground = Ground::new().await;
    let (origin, port) = serve_page().await;
    let _running = tokio::task::block_in_place(|| ground.next(&origin, port));
    check(&ground, &origin, false).await;
}

async fn check(ground: &Ground, origin: &str, has_button: bool) {
    let browser = Browser::start().await;
    let page = format!("{origin}/page");
    browser.goto(&page).await.unwrap();
    see(&browser, "unauthenticated nobody").await;
    assert_eq!(call(&browser, "getSession()").await, Value::Null);
    let token = call(&browser, "getCsrfToken()").await;
    assert!(token.as_str().is_some_and(|token| token.len() == 64), "{token}");
    assert_eq!(call(&browser, "getCsrfToken()").await, token, "it stays the same");
    let action = |action: &str| format!("{origin}/api/auth/{action}/email");
    let provider = json!({
        "id": "email", "name": "Email", "type": "email",
        "signinUrl": action("signin"), "callbackUrl": action("callback"),
    });
    assert_eq!(call(&browser, "getProviders()").await, json!({ "email": provider }));

    let asked = call(&browser, "signIn('email', { email: 'ann@example.com', redirect: false })").await;
    assert_eq!(asked["ok"], true, "{asked}");
    assert_eq!((&asked["status"], &asked["error"]), (&json!(200), &Value::Null), "{asked}");
    let url = asked["url"].as_str().unwrap();
    assert!(url.starts_with(&format!("{origin}/api/auth/verify-request?")), "{url}");
    let wrong = call(&browser, "signIn('email', { email: 'nobody', redirect: false })").await;
    assert!(wrong["error"].is_string() && wrong["url"] == Value::Null, "{wrong}");

    browser.goto(&ground.mails.mail_to("ann@example.com").await.link()).await.unwrap();
    if has_button {
        let button = Locator::XPath("//button[normalize-space()='Sign in']");
        browser.wait().for_element(button).await.unwrap().click().await.unwrap();
    }
    // The page from which the link was asked for is the one that it leads to.
    see(&browser, "authenticated ann@example.com").await;
    assert_eq!(browser.current_url().await.unwrap().as_str(), page);

    let session = call(&browser, "getSession()").await;
    assert_eq!(session["user"], json!({ "name": null, "email": "ann@example.com", "image": null }));
    assert!(session["expires"].as_str().is_some_and(|instant| instant.ends_with('Z')), "{session}");
    assert_eq!(call(&browser, "update({ name: 'Eve' })").await, session, "nothing is taken from the browser");

    let left = call(&browser, "signOut({ redirect: false })").await;
    assert_eq!(left["url"], page, "{left}");
    see(&browser, "unauthenticated nobody").await;
    assert_eq!(call(&browser, "getSession()").await, Value::Null);
    assert_eq!(ground.db.session().count().await.unwrap(), 0);
}

/// What a function of the client gives in the end.
async fn call(browser: &Browser, expression: &str) -> Value {
    let script = format!(
        "const done = arguments[0];
         client.{expression}.then((value) => done(value ?? null), (error) => done({{ failed: String(error) }}))"
    );
    browser.execute_async(&script, Vec::new()).await.unwrap()
}

/// Waits until the page shows a text.
pub(crate) async fn see(browser: &Browser, text: &str) {
    let mut shown = String::new();
    for _ in 0..400 {
        if let Ok(body) = browser.find(Locator::Css("body")).await {
            shown = body.text().await.unwrap_or_default();
            if shown.contains(text) {
                return;
            }
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("`{text}` is not in:\n{shown}");
}

/// Serves the page and its script, and asks a server for all else; gives the origin and the port of that server.
async fn serve_page() -> (String, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let script = std::fs::read_to_string(nextjs().join("out/browser-client.js")).unwrap();
    let port = free_port();
    let forward = Forward { port, client: Client::builder(TokioExecutor::new()).build_http() };
    let router = Router::new()
        .route("/page", get(Html(PAGE)))
        .route("/browser-client.js", get(|| async { ([(header::CONTENT_TYPE, "text/javascript")], script) }))
        .fallback(pass_on)
        .with_state(forward);
    tokio::spawn(async { axum::serve(listener, router).await });
    (origin, port)
}

#[derive(Clone)]
struct Forward {
    port: u16,
    client: Client<HttpConnector, Body>,
}

async fn pass_on(State(Forward { port, client }): State<Forward>, mut request: Request) -> Response {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = format!("http://127.0.0.1:{port}{path}").parse().unwrap();
    client.request(request).await.unwrap().into_response()
}
