//! What the API says of itself.

use axum::http::StatusCode;
use serde_json::Value;

use super::{get, json_of};
use crate::test_app::TestApp;

#[tokio::test]
async fn the_document_has_every_operation_with_all_its_answers() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let response = get(&mut user, "/api/openapi.json").await;
    assert_eq!(response.header("content-type"), "application/json");
    let document = json_of(&response);
    assert_eq!(document["openapi"], "3.1.0");
    let always = ["400", "401", "421", "429", "500", "503"];
    let write = ["403", "408", "413"];
    let body = ["409", "415", "422"];
    let condition = ["412", "428"];
    for (path, method, more) in [
        ("/api/people", "get", vec![&["200"][..]]),
        ("/api/people", "post", vec![&["201"], &write, &body]),
        ("/api/people/{id}", "get", vec![&["200", "304", "404"]]),
        ("/api/people/{id}", "put", vec![&["200", "404"], &write, &body, &condition]),
        ("/api/people/{id}", "patch", vec![&["200", "404"], &write, &body, &condition]),
        ("/api/people/{id}", "delete", vec![&["204", "404"], &write, &condition]),
    ] {
        let mut expected = more.concat();
        expected.extend(always);
        expected.sort_unstable();
        let operation = &document["paths"][path][method];
        let statuses: Vec<_> = operation["responses"].as_object().unwrap().keys().collect();
        assert_eq!(statuses, expected, "{method} {path}");
    }
    assert_eq!(document["components"]["securitySchemes"]["session"]["name"], "authjs.session-token");
    assert!(user.cookies.contains_key("authjs.session-token"), "which is what signing in sets");
    let fields = &document["components"]["schemas"]["PersonFields"];
    assert_eq!(fields["additionalProperties"], false);
    assert_eq!(fields["properties"]["name"]["maxLength"], 200);
    assert_eq!(fields["required"], serde_json::json!(["name", "email", "phoneNumber"]));
    assert_eq!(document["components"]["schemas"]["PersonPatch"]["required"], Value::Null);
    assert_references(&document, &document);
}

/// Everything that is referred to is there.
fn assert_references(document: &Value, value: &Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                assert!(document.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{reference}");
            }
            members.values().for_each(|member| assert_references(document, member));
        }
        Value::Array(items) => items.iter().for_each(|item| assert_references(document, item)),
        _ => {}
    }
}

#[tokio::test]
async fn the_page_shows_the_same_to_people() {
    let app = TestApp::start().await;
    let page = app.anon().get("/api").await;
    assert!(
        page.location().contains("/api/auth/signin"),
        "a browser is sent to sign in: {}",
        page.location()
    );

    let mut user = app.user("me@example.com").await;
    let page = user.get("/api").await;
    assert_eq!(page.status, StatusCode::OK);
    for text in [
        "Add a person",
        "<strong>PATCH</strong> /api/people/{id}",
        "Idempotency-Key",
        "Use the URLs in <code>next</code> and <code>previous</code> unchanged.",
        "--request DELETE",
        "id=\"problem-changed\"",
        "id=\"type-PersonFields\"",
        "authjs.session-token=$SESSION",
    ] {
        assert!(page.body.contains(text), "{text} is missing in {}", page.body);
    }
    let document = json_of(&get(&mut user, "/api/openapi.json").await);
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(page.body.contains(&format!("id=\"{id}\"")), "{id}");
        }
    }
    assert!(!page.body.contains("<script>") && !page.body.contains(" style="));
}

#[tokio::test]
async fn the_type_of_a_problem_leads_to_what_it_means() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let kind = json_of(&get(&mut user, "/api/nothing").await)["type"].as_str().unwrap().to_owned();
    let response = get(&mut user, &kind).await;
    assert_eq!((response.status, response.location()), (StatusCode::SEE_OTHER, "/api#problem-not-found"));
}
