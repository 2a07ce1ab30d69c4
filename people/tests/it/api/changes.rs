//! Reading, replacing, changing and deleting a person, each on a version that was seen.

use axum::http::{Method, StatusCode};
use people::db::person;
use serde_json::json;

use super::{JSON, ann, call, get, json_of, pointers, post, problem};
use crate::test_app::TestApp;

#[tokio::test]
async fn a_person_is_added_read_changed_and_deleted() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let added = post(&mut user, &ann()).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.body);
    let person = json_of(&added);
    let path = added.location().to_owned();
    assert_eq!(path, format!("/api/people/{}", person["id"].as_str().unwrap()));
    assert_eq!(person["name"], "Ann Lee");
    assert_eq!(person["email"], "ann@example.com");
    assert_eq!(added.header("etag"), format!("\"{}\"", person["version"].as_str().unwrap()));

    let read = get(&mut user, &path).await;
    assert_eq!((read.body.as_str(), read.header("etag")), (added.body.as_str(), added.header("etag")));
    let head = call(&mut user, Method::HEAD, &path, &[], "").await;
    assert_eq!((head.status, head.header("etag")), (StatusCode::OK, added.header("etag")));

    let etag = added.header("etag").to_owned();
    let fields = json!({"name": "Ann Young", "email": "ann@example.com", "phoneNumber": "12345"}).to_string();
    let replaced = call(&mut user, Method::PUT, &path, &[JSON, ("if-match", &etag)], &fields).await;
    assert_eq!(replaced.status, StatusCode::OK, "{}", replaced.body);
    assert_eq!(json_of(&replaced)["createdAt"], person["createdAt"]);
    let etag = replaced.header("etag").to_owned();
    assert_eq!(get(&mut user, &path).await.body, replaced.body);

    let merge = ("content-type", "application/merge-patch+json");
    let headers = [merge, ("if-match", &*etag)];
    let changed = call(&mut user, Method::PATCH, &path, &headers, "{\"name\":\"Ann Old\"}").await;
    let person = json_of(&changed);
    assert_eq!((&person["name"], &person["phoneNumber"]), (&json!("Ann Old"), &json!("12345")));

    let etag = changed.header("etag").to_owned();
    let deleted = call(&mut user, Method::DELETE, &path, &[("if-match", &etag)], "").await;
    assert_eq!((deleted.status, &*deleted.body), (StatusCode::NO_CONTENT, ""));
    problem(&get(&mut user, &path).await, 404, "not-found");
    let deleted = call(&mut user, Method::DELETE, &path, &[("if-match", &etag)], "").await;
    problem(&deleted, 404, "not-found");
}

#[tokio::test]
async fn what_the_client_has_is_not_sent_again() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let person = app.person("Ann Lee", "ann@example.com", "12345").await;
    let path = format!("/api/people/{}", person.id);
    let etag = get(&mut user, &path).await.header("etag").to_owned();
    for tags in [etag.clone(), format!("W/{etag}"), format!("\"x\", {etag}"), "*".to_owned()] {
        let response = call(&mut user, Method::GET, &path, &[("if-none-match", &tags)], "").await;
        assert_eq!((response.status, &*response.body), (StatusCode::NOT_MODIFIED, ""), "{tags}");
        assert_eq!(response.header("etag"), etag);
    }
    let response = call(&mut user, Method::GET, &path, &[("if-none-match", "\"x\"")], "").await;
    assert_eq!(response.status, StatusCode::OK);
    let response = call(&mut user, Method::GET, &path, &[("if-none-match", "x")], "").await;
    problem(&response, 400, "malformed");
}

#[tokio::test]
async fn nobody_changes_what_they_have_not_seen() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let person = app.person("Ann Lee", "ann@example.com", "12345").await;
    let path = format!("/api/people/{}", person.id);
    let fields = ann().to_string();
    let etag = get(&mut user, &path).await.header("etag").to_owned();
    for (method, body) in [(Method::PUT, &*fields), (Method::PATCH, "{\"name\":\"X\"}"), (Method::DELETE, "")]
    {
        let response = call(&mut user, method.clone(), &path, &[JSON], body).await;
        problem(&response, 428, "version-missing");
        for tag in
            ["\"00000000000000000000000000000000\"".to_owned(), format!("W/{etag}"), "\"x\"".to_owned()]
        {
            let response = call(&mut user, method.clone(), &path, &[JSON, ("if-match", &tag)], body).await;
            problem(&response, 412, "changed");
        }
        for tag in ["x", "\"", "", "\"a\" b", "*, \"a\""] {
            let response = call(&mut user, method.clone(), &path, &[JSON, ("if-match", tag)], body).await;
            problem(&response, 400, "malformed");
        }
        let nobody =
            call(&mut user, method.clone(), "/api/people/nobody", &[JSON, ("if-match", "*")], body).await;
        problem(&nobody, 404, "not-found");
    }
    // A change by any program counts, whatever it does to `updated_at`.
    app.db.execute("update people set phone_number = '54321'", nicol::params![]).await.unwrap();
    let response = call(&mut user, Method::PUT, &path, &[JSON, ("if-match", &etag)], &fields).await;
    problem(&response, 412, "changed");
    let now = app.db.person().find_unique(person::by_id(&person.id)).or_not_found().await.unwrap();
    assert_eq!((&*now.name, &*now.phone_number), ("Ann Lee", "54321"));
    let several =
        format!("\"00000000000000000000000000000000\", {}", get(&mut user, &path).await.header("etag"));
    let response = call(&mut user, Method::PUT, &path, &[JSON, ("if-match", &several)], &fields).await;
    assert_eq!(response.status, StatusCode::OK);
}

#[tokio::test]
async fn a_change_sent_twice_is_done_once() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let person = app.person("Ann Lee", "ann@example.com", "12345").await;
    let path = format!("/api/people/{}", person.id);
    let etag = get(&mut user, &path).await.header("etag").to_owned();
    for (method, body) in
        [(Method::PUT, ann().to_string()), (Method::PATCH, "{\"name\":\"Ann Lee\"}".to_owned())]
    {
        let headers = [JSON, ("if-match", &*etag)];
        let first = call(&mut user, method.clone(), &path, &headers, &body).await;
        let second = call(&mut user, method, &path, &headers, &body).await;
        assert_eq!((first.status, second.status), (StatusCode::OK, StatusCode::OK));
        assert_eq!(
            (first.body, first.headers["etag"].clone()),
            (second.body, second.headers["etag"].clone())
        );
    }
}

#[tokio::test]
async fn a_change_without_a_difference_keeps_the_version() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let person = app.person("Ann Lee", "ann@example.com", "12345").await;
    let path = format!("/api/people/{}", person.id);
    let before = get(&mut user, &path).await;
    for body in ["{}", "{\"name\":\"Ann Lee\"}"] {
        let after = call(&mut user, Method::PATCH, &path, &[JSON, ("if-match", "*")], body).await;
        assert_eq!((&after.body, after.header("etag")), (&before.body, before.header("etag")));
    }
}

#[tokio::test]
async fn a_taken_address_is_a_conflict_of_its_field() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let bob = app.person("Bob Lee", "bob@example.com", "12345").await;
    app.person("Ann Lee", "ann@example.com", "12345").await;
    let fields = ann().to_string();
    let path = format!("/api/people/{}", bob.id);
    let headers = [JSON, ("if-match", "*")];
    for response in [
        post(&mut user, &ann()).await,
        call(&mut user, Method::PUT, &path, &headers, &fields).await,
        call(&mut user, Method::PATCH, &path, &headers, "{\"email\":\"ann@example.com\"}").await,
        call(&mut user, Method::POST, "/api/people", &[JSON, ("idempotency-key", "a")], &fields).await,
    ] {
        assert_eq!(pointers(&problem(&response, 409, "email-taken")), ["/email"]);
    }
    assert_eq!(app.db.idempotency_key().count().await.unwrap(), 0, "a key that added nobody is free");
}

#[tokio::test]
async fn of_two_changes_at_once_one_wins() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let person = app.person("Ann Lee", "ann@example.com", "12345").await;
    let path = format!("/api/people/{}", person.id);
    let etag = get(&mut user, &path).await.header("etag").to_owned();
    let attempts = (0..8).map(|number| {
        let (mut user, path, etag) = (user.clone(), path.clone(), etag.clone());
        async move {
            let body = format!("{{\"name\":\"Ann {number}\"}}");
            call(&mut user, Method::PATCH, &path, &[JSON, ("if-match", &etag)], &body).await.status.as_u16()
        }
    });
    let mut statuses = futures_util::future::join_all(attempts).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
}
