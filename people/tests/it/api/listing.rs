//! The list and its pages.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{get, json_of, problem};
use crate::test_app::TestApp;

fn names(page: &Value) -> Vec<&str> {
    page["people"].as_array().unwrap().iter().map(|person| person["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn pages_lead_to_each_other() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    for number in 0..7 {
        app.person(&format!("Ann {number}"), &format!("a{number}@example.com"), "12345").await;
    }
    app.person("Bob", "bob@example.com", "12345").await;

    let response = get(&mut user, "/api/people?q=ann&limit=3").await;
    let first = json_of(&response);
    assert_eq!(names(&first), ["Ann 0", "Ann 1", "Ann 2"]);
    assert_eq!(first["total"], json!({"count": 7, "exact": true}));
    assert_eq!(first["previous"], Value::Null);
    let next = first["next"].as_str().unwrap();
    assert!(next.starts_with("/api/people?q=ann&limit=3&after="), "{next}");
    assert_eq!(response.header("link"), format!("<{next}>; rel=\"next\""));

    let response = get(&mut user, next).await;
    let second = json_of(&response);
    assert_eq!(names(&second), ["Ann 3", "Ann 4", "Ann 5"]);
    let (next, previous) = (second["next"].as_str().unwrap(), second["previous"].as_str().unwrap());
    assert_eq!(response.header("link"), format!("<{next}>; rel=\"next\", <{previous}>; rel=\"prev\""));
    let last = json_of(&get(&mut user, next).await);
    assert_eq!((names(&last), &last["next"]), (vec!["Ann 6"], &Value::Null));
    assert_eq!(names(&json_of(&get(&mut user, previous).await)), names(&first));

    let newest = json_of(&get(&mut user, "/api/people?sort=newest&limit=1").await);
    assert_eq!(names(&newest), ["Bob"]);
    assert!(newest["next"].as_str().unwrap().contains("sort=newest"));
    let nobody = get(&mut user, "/api/people?q=zoe").await;
    assert_eq!((nobody.status, nobody.header("link")), (StatusCode::OK, ""));
    assert_eq!(json_of(&nobody)["people"], json!([]));
}

#[tokio::test]
async fn a_listed_person_is_the_same_as_by_itself() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let ann = app.person("Ann Lee", "ann@example.com", "12345").await;
    let list = json_of(&get(&mut user, "/api/people").await);
    assert_eq!(list["people"][0], json_of(&get(&mut user, &format!("/api/people/{}", ann.id)).await));
}

#[tokio::test]
async fn what_cannot_be_read_is_refused() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    for number in 0..3 {
        app.person(&format!("Ann {number}"), &format!("a{number}@example.com"), "12345").await;
    }
    let next = json_of(&get(&mut user, "/api/people?limit=1").await)["next"].as_str().unwrap().to_owned();
    let (_, cursor) = next.split_once("after=").unwrap();
    for query in [
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=%2B5",
        "limit=",
        "limit=1e1",
        "limit=99999999999999999999",
        "limit=1&limit=1",
        "sort=",
        "sort=age",
        "sort=Name",
        "after=",
        "after=!",
        "after=AAAA",
        "page=2",
        "Q=ann",
        "q=%ff",
        "q=%",
        "q=%2",
        "q=%zz",
        &format!("q={}", "x".repeat(201)),
        &format!("after={cursor}&before={cursor}"),
        &format!("sort=newest&after={cursor}"),
    ] {
        problem(&get(&mut user, &format!("/api/people?{query}")).await, 400, "malformed");
    }
    for query in [
        "",
        "q=",
        "limit=001",
        "limit=100",
        "q=%00",
        "q=%F0%9F%98%80",
        "q=+",
        "sort=name",
        &format!("after={cursor}"),
    ] {
        let response = get(&mut user, &format!("/api/people?{query}")).await;
        assert_eq!(response.status, StatusCode::OK, "{query}: {}", response.body);
    }
}
