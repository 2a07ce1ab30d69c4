//! The directory for programs.

mod changes;
mod document;
mod listing;
mod once;
mod strict;

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};

use crate::test_app::{Response, TestApp, Visitor};

/// Asks the API, as a program does: without wanting a page.
async fn call(
    user: &mut Visitor,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Response {
    let mut request = user.request(method, path).body(Body::from(body.to_owned())).unwrap();
    request.headers_mut().remove("accept");
    for (name, value) in headers {
        let name: axum::http::HeaderName = name.parse().unwrap();
        request.headers_mut().append(name, axum::http::HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    user.send(request).await
}

const JSON: (&str, &str) = ("content-type", "application/json");

async fn get(user: &mut Visitor, path: &str) -> Response {
    call(user, Method::GET, path, &[], "").await
}

async fn post(user: &mut Visitor, body: &Value) -> Response {
    call(user, Method::POST, "/api/people", &[JSON], &body.to_string()).await
}

fn ann() -> Value {
    json!({"name": " Ann  Lee ", "email": "Ann@Example.com", "phoneNumber": "+61 2 5550 1234"})
}

/// The body of an answer that is a problem of this kind and status.
#[track_caller]
fn problem(response: &Response, status: u16, kind: &str) -> Value {
    assert_eq!(response.status.as_u16(), status, "{}", response.body);
    assert_eq!(response.header("content-type"), "application/problem+json");
    let problem = json_of(response);
    assert_eq!(problem["type"], format!("/api/problems/{kind}"), "{problem}");
    assert_eq!(problem["status"], status);
    assert_eq!(problem["instance"], response.header("x-request-id"));
    assert!(
        !problem["title"].as_str().unwrap().is_empty() && !problem["detail"].as_str().unwrap().is_empty()
    );
    problem
}

#[track_caller]
fn json_of(response: &Response) -> Value {
    serde_json::from_str(&response.body).unwrap_or_else(|error| panic!("{error}: {}", response.body))
}

fn pointers(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn who_is_signed_out_gets_401_and_learns_nothing() {
    let app = TestApp::start().await;
    let ann = app.person("Ann Lee", "ann@example.com", "12345").await;
    let mut anon = app.anon();
    let mut answers = Vec::new();
    let large = "x".repeat(200_000);
    for path in [
        "/api/people",
        "/api/people?limit=x",
        &format!("/api/people/{}", ann.id),
        "/api/people/nobody",
        "/api/people/%ff",
        "/api/openapi.json",
        "/api/problems/changed",
        "/api/nothing",
        "/api//nothing/",
        "/api/authority",
    ] {
        let head = call(&mut anon, Method::HEAD, path, &[], "").await;
        assert_eq!((head.status.as_u16(), &*head.body), (401, ""), "{path}");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"] {
            for (headers, body) in [
                (&[][..], ""),
                (&[JSON, ("sec-fetch-site", "cross-site")], "{"),
                (&[("accept", "text/html")], &*large),
            ] {
                let response = call(&mut anon, method.parse().unwrap(), path, headers, body).await;
                let mut problem = problem(&response, 401, "signed-out");
                problem["instance"] = Value::Null;
                let mut headers = response.headers.clone();
                headers.remove("x-request-id");
                answers.push((problem, headers));
            }
        }
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "all alike");
    assert_eq!(answers[0].1["www-authenticate"], "Cookie realm=\"People\"");
    assert_eq!(answers[0].1["cache-control"], "no-store");
    assert_eq!(app.statements(), 1, "only the one that made the person");

    let sign_in = anon.get("/api/auth/signin").await;
    assert!(sign_in.status.is_success(), "whoever wants to sign in can");
}

#[tokio::test]
async fn a_session_that_has_ended_is_none() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    assert!(get(&mut user, "/api/people").await.status.is_success());
    app.db.session().delete_many().await.unwrap();
    problem(&get(&mut user, "/api/people").await, 401, "signed-out");
}

#[tokio::test]
async fn errors_are_problems_wherever_they_arise() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    problem(&get(&mut user, "/api/nothing").await, 404, "not-found");
    problem(&get(&mut user, "/api/people/nobody").await, 404, "not-found");
    problem(&get(&mut user, "/api/people/%ff%00").await, 404, "not-found");
    problem(&get(&mut user, "/api/problems/none").await, 404, "not-found");
    // Also for a browser that looks.
    let page = user.get("/api/nothing").await;
    problem(&page, 404, "not-found");

    let response = call(&mut user, Method::DELETE, "/api/people", &[], "").await;
    problem(&response, 405, "method");
    assert_eq!(response.header("allow"), "GET,HEAD,POST");
    let response = call(&mut user, Method::POST, "/api/people/x", &[JSON], "{}").await;
    problem(&response, 405, "method");
    assert_eq!(response.header("allow"), "GET,HEAD,PUT,PATCH,DELETE");

    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(100_000));
    let response = call(&mut user, Method::POST, "/api/people", &[JSON], &large).await;
    problem(&response, 413, "too-large");

    let mut request = user.request(Method::POST, "/api/people").body(Body::from("{}")).unwrap();
    request.headers_mut().insert("host", "evil.example".parse().unwrap());
    problem(&user.send(request).await, 421, "wrong-host");
}

#[tokio::test]
async fn an_absent_database_is_a_problem_with_a_time_to_wait() {
    let app =
        TestApp::with("*", |_| "postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=1".to_owned()).await;
    let mut visitor = app.anon();
    visitor
        .cookies
        .insert("authjs.session-token".to_owned(), "0b5d6b1e-9a5c-4f0e-8d9f-6d1d4d3c2b1a".to_owned());
    let response = get(&mut visitor, "/api/people").await;
    problem(&response, 503, "unavailable");
    assert_eq!(response.header("retry-after"), "5");
}

#[tokio::test]
async fn every_answer_has_the_headers_of_the_site() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    for path in ["/api/people", "/api/openapi.json", "/api/nothing", "/api"] {
        let response = get(&mut user, path).await;
        assert_eq!(response.header("cache-control"), "no-store", "{path}");
        assert_eq!(response.header("x-content-type-options"), "nosniff", "{path}");
        assert!(response.header("content-security-policy").contains("default-src 'none'"), "{path}");
        assert!(!response.header("x-request-id").is_empty(), "{path}");
        assert!(response.headers.get("access-control-allow-origin").is_none(), "{path}");
    }
}

#[tokio::test]
async fn an_operation_costs_one_statement_for_the_session_and_one_of_its_own() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let person = app.person("Bob Lee", "bob@example.com", "12345").await;
    let path = format!("/api/people/{}", person.id);
    let fields = ann().to_string();
    let any = ("if-match", "*");
    let old = ("if-match", "\"00000000000000000000000000000000\"");
    let key = ("idempotency-key", "k");
    app.statements();
    for (method, path, headers, body, status, own) in [
        (Method::GET, "/api/people", &[][..], "", 200, 1),
        (Method::GET, "/api/people?q=bob&sort=newest&limit=3", &[], "", 200, 1),
        (Method::GET, &*path, &[], "", 200, 1),
        (Method::HEAD, &*path, &[], "", 200, 1),
        (Method::PUT, &*path, &[JSON, old], &*fields, 412, 1),
        (Method::PATCH, &*path, &[JSON, any], "{\"name\":\"Bo\"}", 200, 1),
        (Method::PUT, &*path, &[JSON, any], &*fields, 200, 1),
        (Method::POST, "/api/people", &[JSON], &*fields, 409, 1),
        (Method::DELETE, &*path, &[old], "", 412, 1),
        (Method::DELETE, &*path, &[any], "", 204, 1),
        (Method::DELETE, &*path, &[any], "", 404, 1),
        (Method::POST, "/api/people", &[JSON, key], &*fields, 201, 1),
        (Method::POST, "/api/people", &[JSON, key], &*fields, 201, 1),
        (Method::POST, "/api/people", &[JSON], "{}", 422, 0),
        (Method::GET, "/api/openapi.json", &[], "", 200, 0),
        (Method::GET, "/api/people/%00", &[], "", 404, 0),
    ] {
        let response = call(&mut user, method.clone(), path, headers, body).await;
        assert_eq!(response.status.as_u16(), status, "{method} {path}: {}", response.body);
        assert_eq!(app.statements(), 1 + own, "{method} {path}");
    }
}
