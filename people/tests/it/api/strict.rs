//! Requests that are not what the document says.

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::{JSON, ann, call, pointers, post, problem};
use crate::test_app::TestApp;

#[tokio::test]
async fn bodies_of_another_shape_are_refused() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let deep_member = format!("{{\"name\":{deep}}}");
    let many = format!("{{{}}}", (0..500).map(|n| format!("\"x{n}\":1")).collect::<Vec<_>>().join(","));
    for (body, says) in [
        ("", "incomplete"),
        ("{", "incomplete"),
        ("null", "single JSON object"),
        ("[]", "single JSON object"),
        ("\"name\"", "single JSON object"),
        ("1", "single JSON object"),
        (&*deep, "JSON"),
        (&*deep_member, "not valid JSON"),
        ("{\"name\":\"a\"} x", "not valid JSON"),
        ("{}{}", "not valid JSON"),
        ("\u{feff}{}", "not valid JSON"),
        ("{\"name\":\"a\",}", "not valid JSON"),
        ("{'name':'a'}", "not valid JSON"),
        ("{\"name\":\"\\ud800\"}", "not valid JSON"),
        ("{\"name\":\"a\u{0}\"}", "not valid JSON"),
        ("{\"name\":1e999}", "not valid JSON"),
        ("{\"name\":NaN}", "not valid JSON"),
        ("{\"name\":\"a\",\"name\":\"b\"}", "twice"),
        ("{\"x\":1,\"x\":1}", "twice"),
        ("{\"name\":7}", "this document"),
        ("{\"name\":null}", "this document"),
        ("{\"name\":123456789012345678901234567890}", "this document"),
        (&*many, "this document"),
    ] {
        let path = "/api/people";
        let response = call(&mut user, Method::POST, path, &[JSON], body).await;
        let said = problem(&response, 400, "malformed");
        assert!(said["detail"].as_str().unwrap().contains(says), "{body:.60}: {said}");
        let headers = [JSON, ("if-match", "*")];
        for method in [Method::PUT, Method::PATCH] {
            let response = call(&mut user, method, "/api/people/x", &headers, body).await;
            problem(&response, 400, "malformed");
        }
    }
    assert_eq!(app.db.person().count().await.unwrap(), 0);
}

#[tokio::test]
async fn fields_that_are_wrong_are_pointed_at() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let response =
        post(&mut user, &json!({"name": 1, "email": [], "a/b~c": true, "phoneNumber": "12345"})).await;
    assert_eq!(pointers(&problem(&response, 400, "malformed")), ["/a~1b~0c", "/email", "/name"]);
    let response = post(&mut user, &json!({})).await;
    assert_eq!(pointers(&problem(&response, 422, "invalid")), ["/name", "/email", "/phoneNumber"]);
    let response =
        post(&mut user, &json!({"name": "a\u{0}b", "email": "ann@example.com", "phoneNumber": "12345"}))
            .await;
    assert_eq!(pointers(&problem(&response, 422, "invalid")), ["/name"]);
    let response = post(&mut user, &json!({"phone_number": "12345", "age": 3})).await;
    let told = problem(&response, 400, "malformed");
    assert_eq!(pointers(&told), ["/age", "/phone_number"]);
    assert_eq!(told["errors"][0]["detail"], "Unknown field; the fields are name, email and phoneNumber.");
    assert_eq!(told["errors"][1]["detail"], "Unknown field; use phoneNumber instead.");
    let headers = [JSON, ("if-match", "*")];
    let response = call(&mut user, Method::PATCH, "/api/people/x", &headers, "{\"email\":\"ann\"}").await;
    assert_eq!(pointers(&problem(&response, 422, "invalid")), ["/email"]);
}

#[tokio::test]
async fn bytes_that_are_no_text_are_refused() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    for bytes in [&b"{\"name\":\"\xff\"}"[..], b"\xff\xfe{\x00}\x00", b"\x1f\x8b\x08\x00"] {
        let request = user
            .request(Method::POST, "/api/people")
            .header("content-type", "application/json")
            .body(axum::body::Body::from(bytes.to_vec()))
            .unwrap();
        problem(&user.send(request).await, 400, "malformed");
    }
}

#[tokio::test]
async fn other_media_types_are_refused() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let body = ann().to_string();
    for headers in [
        &[][..],
        &[("content-type", "text/plain")],
        &[("content-type", "application/x-www-form-urlencoded")],
        &[("content-type", "multipart/form-data; boundary=x")],
        &[("content-type", "application/merge-patch+json")],
        &[("content-type", "application/json; charset=utf-16")],
        &[JSON, JSON],
        &[JSON, ("content-encoding", "gzip")],
    ] {
        let response = call(&mut user, Method::POST, "/api/people", headers, &body).await;
        problem(&response, 415, "media-type");
    }
    assert_eq!(app.db.person().count().await.unwrap(), 0);
    let kind = [("content-type", "application/json; charset=utf-8")];
    let response = call(&mut user, Method::POST, "/api/people", &kind, &body).await;
    assert_eq!(response.status, StatusCode::CREATED);
}

#[tokio::test]
async fn pages_of_other_sites_change_nothing() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let body = ann().to_string();
    for site in ["cross-site", "same-site", "", "x"] {
        for (method, path) in [
            (Method::POST, "/api/people"),
            (Method::PUT, "/api/people/x"),
            (Method::PATCH, "/api/people/x"),
            (Method::DELETE, "/api/people/x"),
            (Method::POST, "/api/nothing"),
        ] {
            let headers = [JSON, ("if-match", "*"), ("sec-fetch-site", site)];
            problem(&call(&mut user, method, path, &headers, &body).await, 403, "cross-site");
        }
    }
    let headers = [("sec-fetch-site", "cross-site")];
    assert_eq!(call(&mut user, Method::GET, "/api/people", &headers, "").await.status, StatusCode::OK);
    assert_eq!(app.db.person().count().await.unwrap(), 0);
    for (site, email) in [("same-origin", "a@example.com"), ("none", "b@example.com")] {
        let body = json!({"name": "A", "email": email, "phoneNumber": "12345"}).to_string();
        let response =
            call(&mut user, Method::POST, "/api/people", &[JSON, ("sec-fetch-site", site)], &body).await;
        assert_eq!(response.status, StatusCode::CREATED);
    }
}
