//! Who deletes a person can take it back.

use axum::http::StatusCode;
use people::db::person;

use crate::test_app::TestApp;

#[tokio::test]
async fn a_deleted_person_comes_back_as_it_was() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let ann = app.person("Ann Lee", "ann@example.com", "12345").await;
    user.submit(&format!("/people/{}/delete", ann.id), &[]).await;
    assert_eq!(app.db.person().count().await.unwrap(), 0);

    let token = user.get("/people/new").await.csrf();
    let response = user.post("/people/undo", &[("csrfToken", &token)]).await;
    assert_eq!(response.location(), format!("/people/{}?done=restored", ann.id));
    let back = app.db.person().find_unique(person::by_id(&ann.id)).or_not_found().await.unwrap();
    assert_eq!((back.name, back.created_at), (ann.name, ann.created_at));
    let again = user.post("/people/undo", &[("csrfToken", &token)]).await;
    assert_eq!(again.status, StatusCode::GONE, "once");
}

#[tokio::test]
async fn nobody_else_can_take_it_back_and_nothing_can_be_made_up() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let mut other = app.user("other@example.com").await;
    let ann = app.person("Ann Lee", "ann@example.com", "12345").await;
    user.submit(&format!("/people/{}/delete", ann.id), &[]).await;
    let cookie = user.cookies["people.undo"].clone();
    assert!(!cookie.contains("Ann"));

    let token = other.get("/people/new").await.csrf();
    for value in [&*cookie, "", "AAAA", &cookie[1..], &"A".repeat(200)] {
        other.cookies.insert("people.undo".into(), value.into());
        assert_eq!(other.post("/people/undo", &[("csrfToken", &token)]).await.status, StatusCode::GONE);
    }
    assert_eq!(user.post("/people/undo", &[("csrfToken", "forged")]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(app.db.person().count().await.unwrap(), 0);
}

#[tokio::test]
async fn an_address_that_was_taken_meanwhile_is_said() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let ann = app.person("Ann Lee", "ann@example.com", "12345").await;
    user.submit(&format!("/people/{}/delete", ann.id), &[]).await;
    app.person("Another Ann", "ann@example.com", "12345").await;
    let token = user.get("/people/new").await.csrf();
    let page = user.post("/people/undo", &[("csrfToken", &token)]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("Another person has this e-mail address."));
    assert!(page.body.contains("value=\"Ann Lee\""), "nothing is lost: the form has the details");
}
