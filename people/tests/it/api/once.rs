//! Idempotency keys: what is asked for twice is done once.

use axum::http::{Method, StatusCode};
use nicol::params;
use serde_json::json;

use super::{JSON, ann, call, json_of, problem};
use crate::test_app::{Response, TestApp, Visitor};

async fn add(user: &mut Visitor, key: &str, body: &str) -> Response {
    call(user, Method::POST, "/api/people", &[JSON, ("idempotency-key", key)], body).await
}

#[tokio::test]
async fn the_same_request_gets_the_same_answer() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let first = add(&mut user, "7f9c2ba4", &ann().to_string()).await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (StatusCode::CREATED, ""));
    // Another order and other blanks mean the same.
    let again =
        "{ \"phoneNumber\": \"+61 2  5550 1234\", \"email\":\"ann@example.com\", \"name\":\"Ann Lee\" }";
    let second = add(&mut user, "7f9c2ba4", again).await;
    assert_eq!((second.status, second.header("idempotency-replayed")), (StatusCode::CREATED, "true"));
    assert_eq!(second.body, first.body);
    for name in ["etag", "location", "content-type"] {
        assert_eq!(second.header(name), first.header(name));
    }
    assert_eq!(app.db.person().count().await.unwrap(), 1);

    app.db.person().delete_many().await.unwrap();
    assert_eq!(add(&mut user, "7f9c2ba4", again).await.body, first.body, "also if the person is gone");
    assert_eq!(app.db.person().count().await.unwrap(), 0);
}

#[tokio::test]
async fn a_key_is_for_one_person_and_one_user() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    add(&mut user, "k", &ann().to_string()).await;
    let bob = json!({"name": "Bob", "email": "bob@example.com", "phoneNumber": "12345"}).to_string();
    problem(&add(&mut user, "k", &bob).await, 422, "key-reused");
    let mut other = app.user("you@example.com").await;
    assert_eq!(add(&mut other, "k", &bob).await.status, StatusCode::CREATED);
    assert_eq!(json_of(&add(&mut other, "k", &bob).await)["name"], "Bob");
    assert_eq!(app.db.person().count().await.unwrap(), 2);
}

#[tokio::test]
async fn a_key_that_did_not_add_anybody_can_be_used_again() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    problem(&add(&mut user, "k", "{}").await, 422, "invalid");
    assert_eq!(add(&mut user, "k", &ann().to_string()).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn of_many_at_once_one_adds_and_all_get_its_answer() {
    let app = TestApp::start().await;
    let user = app.user("me@example.com").await;
    let body = ann().to_string();
    let attempts = (0..16).map(|_| {
        let (mut user, body) = (user.clone(), body.clone());
        async move { add(&mut user, "k", &body).await }
    });
    let answers = futures_util::future::join_all(attempts).await;
    assert!(
        answers.iter().all(|answer| answer.status == StatusCode::CREATED && answer.body == answers[0].body)
    );
    let replayed = answers.iter().filter(|answer| answer.header("idempotency-replayed") == "true");
    assert_eq!(replayed.count(), 15);
    assert_eq!(app.db.person().count().await.unwrap(), 1);
}

#[tokio::test]
async fn a_crash_keeps_both_or_neither() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    // The person cannot be added, for a reason that comes up late.
    let check = "alter table people add constraint no_ann check (name <> 'Ann Lee')";
    app.db.execute(check, params![]).await.unwrap();
    problem(&add(&mut user, "k", &ann().to_string()).await, 500, "internal");
    assert_eq!(app.db.idempotency_key().count().await.unwrap(), 0);
    app.db.execute("alter table people drop constraint no_ann", params![]).await.unwrap();
    let added = add(&mut user, "k", &ann().to_string()).await;
    assert_eq!((added.status, added.header("idempotency-replayed")), (StatusCode::CREATED, ""));
}

#[tokio::test]
async fn keys_are_texts_that_can_be_seen() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    for key in ["", "a b", "\u{e9}", &"x".repeat(256)] {
        problem(&add(&mut user, key, &ann().to_string()).await, 400, "malformed");
    }
    let twice = [JSON, ("idempotency-key", "a"), ("idempotency-key", "b")];
    let response = call(&mut user, Method::POST, "/api/people", &twice, &ann().to_string()).await;
    problem(&response, 400, "malformed");
    assert_eq!(app.db.person().count().await.unwrap(), 0);
    assert_eq!(add(&mut user, &"x".repeat(255), &ann().to_string()).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn keys_are_forgotten_after_a_day_and_with_their_user() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    add(&mut user, "k", &ann().to_string()).await;
    assert_eq!(people::actions::sweep_keys(&app.db).await.unwrap(), 0);
    let age = "update idempotency_keys set created_at = created_at - interval '24 hours 1 second'";
    app.db.execute(age, params![]).await.unwrap();
    assert_eq!(people::actions::sweep_keys(&app.db).await.unwrap(), 1);
    add(&mut user, "k2", &json!({"name": "B", "email": "b@example.com", "phoneNumber": "12345"}).to_string())
        .await;
    assert_eq!(app.db.idempotency_key().count().await.unwrap(), 1);
    app.db.user().delete_many().await.unwrap();
    assert_eq!(app.db.idempotency_key().count().await.unwrap(), 0);
}
