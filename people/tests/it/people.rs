//! Adding, editing and deleting, with good and bad input.

use axum::http::StatusCode;
use people::db::person;

use crate::test_app::TestApp;

const ANN: [(&str, &str); 3] =
    [("name", " Ann  Lee "), ("email", "Ann@Example.com"), ("phone_number", "+61 2 5550 1234")];

#[tokio::test]
async fn the_front_leads_to_the_list() {
    let app = TestApp::start().await;
    assert_eq!(app.anon().get("/").await.location(), "/people");
}

#[tokio::test]
async fn an_empty_directory_says_what_to_do() {
    let app = TestApp::start().await;
    let page = app.user("me@example.com").await.get("/people").await;
    assert!(page.body.contains("No people yet"));
}

#[tokio::test]
async fn a_person_is_added_changed_and_deleted() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;

    let response = user.submit("/people/new", &ANN).await;
    let ann = app.db.person().find_unique(person::by_email("ann@example.com")).or_not_found().await.unwrap();
    let page = format!("/people/{}", ann.id);
    assert_eq!(
        (response.status, response.location()),
        (StatusCode::SEE_OTHER, &*format!("{page}?done=added"))
    );
    let detail = user.get(response.location()).await;
    let list = user.get("/people").await;
    assert!(detail.body.contains("<strong>Ann Lee</strong> was added.") && list.body.contains("1 person"));
    for text in ["Ann Lee", "ann@example.com", "mailto:", "+61 2 5550 1234", "tel:+61255501234"] {
        for page in [&list, &detail] {
            assert!(page.body.contains(text), "{text} is missing in {}", page.body);
        }
    }
    assert!(detail.body.contains(&format!("datetime=\"{}\"", ann.created_at.format("%Y-%m-%dT%H:%M:%SZ"))));

    let form = user.get(&format!("{page}/edit")).await;
    assert!(form.body.contains("value=\"Ann Lee\""));
    let response = user.submit(&format!("{page}/edit"), &[("name", "Ann Young")]).await;
    assert_eq!(response.location(), format!("{page}?done=saved"));
    let changed = app.db.person().find_unique(person::by_id(&ann.id)).or_not_found().await.unwrap();
    assert_eq!((&*changed.name, &*changed.email), ("Ann Young", "ann@example.com"));
    assert!(changed.updated_at > ann.updated_at && changed.created_at == ann.created_at);

    let page = user.get(&format!("/people/{}/delete", ann.id)).await;
    assert!(page.body.contains("Ann Young"));
    assert_eq!(app.db.person().count().await.unwrap(), 1, "asking deletes nobody");
    let response = user.submit(&format!("/people/{}/delete", ann.id), &[]).await;
    assert_eq!(response.location(), "/people?done=deleted");
    assert_eq!(app.db.person().count().await.unwrap(), 0);
}

#[tokio::test]
async fn a_page_costs_one_statement_for_the_session_and_its_own() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let ann = app.person("Ann Lee", "ann@example.com", "12345").await;
    let token = user.get("/people/new").await.csrf();
    app.statements();
    let edit = format!("/people/{}", ann.id);
    for (path, own) in
        [("/people", 1), ("/people?q=ann", 1), ("/people?q=123", 1), ("/people/new", 0), (&*edit, 1)]
    {
        assert_eq!(user.get(path).await.status, StatusCode::OK);
        assert_eq!(app.statements(), 1 + own, "{path}");
    }
    let fields = [&ANN[..], &[("csrfToken", &*token)]].concat();
    let version = people::version::Version::of(&ann).to_string();
    user.post(&edit, &[&fields[..], &[("version", &version)]].concat()).await;
    assert_eq!(app.statements(), 1 + 1, "changing");
    user.post(&format!("{edit}/delete"), &[("csrfToken", &token)]).await;
    assert_eq!(app.statements(), 1 + 1, "deleting");
    user.post("/people", &fields).await;
    assert_eq!(app.statements(), 1 + 1, "adding");
    for path in ["/healthz", "/api/auth/signin", &*people::assets::STYLESHEET.path] {
        app.anon().get(path).await;
        assert_eq!(app.statements(), 0, "{path}");
    }
}

#[tokio::test]
async fn errors_come_back_by_field_with_what_was_typed() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let fields = [("name", "  "), ("email", "ann<at>example"), ("phone_number", "+61 2 5550 1234")];
    let page = user.submit("/people/new", &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for text in [
        "Enter a name.",
        "Include an @",
        "value=\"ann&#60;at&#62;example\"",
        "value=\"+61 2 5550 1234\"",
        "id=\"name-error\"",
        "aria-describedby=\"name-error name-hint\"",
        "2 fields need a change",
    ] {
        assert!(page.body.contains(text), "{text} is missing in {}", page.body);
    }
    assert!(!page.body.contains("id=\"phone_number-error\""));
    assert_eq!(app.db.person().count().await.unwrap(), 0);
}

#[tokio::test]
async fn a_taken_address_is_an_error_of_its_field() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let bob = app.person("Bob Lee", "bob@example.com", "12345").await;
    app.person("Ann Lee", "ann@example.com", "12345").await;

    let page = user.submit("/people/new", &ANN).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("Another person has this e-mail address."));

    let page = user.submit(&format!("/people/{}/edit", bob.id), &ANN).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("Another person has this e-mail address."));
    assert!(page.body.contains("value=\" Ann  Lee \""), "what was typed comes back as it was");
    let same = app.db.person().find_unique(person::by_id(&bob.id)).or_not_found().await.unwrap();
    assert_eq!(same, bob, "nothing was half written");
}

#[tokio::test]
async fn of_two_who_add_the_same_address_at_once_one_is_told() {
    let app = TestApp::start().await;
    let user = app.user("me@example.com").await;
    let (mut one, mut two) = (user.clone(), user);
    let (one, two) = tokio::join!(one.submit("/people/new", &ANN), two.submit("/people/new", &ANN));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422]);
    assert_eq!(app.db.person().count().await.unwrap(), 1);
}

#[tokio::test]
async fn html_in_a_name_is_text() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let name = "<script>alert('x')</script> & \"Co\"";
    user.submit("/people/new", &[("name", name), ("email", "x@example.com"), ("phone_number", "12345")])
        .await;
    let ann = app.db.person().find_first().or_not_found().await.unwrap();
    assert_eq!(ann.name, name, "kept as it was typed");
    for path in [
        "/people",
        "/people?q=%3Cscript",
        &format!("/people/{}", ann.id),
        &format!("/people/{}/delete", ann.id),
    ] {
        let page = user.get(path).await;
        assert!(page.body.contains("alert("), "{path}");
        assert!(!page.body.contains("<script>"), "{path}");
    }
}

#[tokio::test]
async fn who_is_not_there_is_not_found() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    for path in [
        "/people/nobody",
        "/people/nobody/delete",
        "/people/%00",
        "/people/%ff",
        "/people/a'b",
        "/nothing",
        "/assets/x.css",
    ] {
        let page = user.get(path).await;
        assert!(
            matches!(page.status, StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST),
            "{path}: {}",
            page.status
        );
        assert!(page.body.contains("<h1>"), "{path}");
    }
    let token = user.get("/people/new").await.csrf();
    let version = "0".repeat(32);
    let fields = [&ANN[..], &[("csrfToken", &*token), ("version", &version)]].concat();
    assert_eq!(user.post("/people/nobody", &fields).await.status, StatusCode::NOT_FOUND);
    // Deleting twice ends as wished.
    assert_eq!(
        user.post("/people/nobody/delete", &[("csrfToken", &token)]).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_forged_form_changes_nothing() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    let ann = app.person("Ann Lee", "ann@example.com", "12345").await;
    let other = app.user("other@example.com").await.get("/people/new").await.csrf();
    for token in ["", "0", &"0".repeat(64), &*other] {
        let fields = [&ANN[..], &[("csrfToken", token)]].concat();
        for path in ["/people", &format!("/people/{}", ann.id), &format!("/people/{}/delete", ann.id)] {
            let page = user.post(path, &fields).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{path} {token}");
            assert!(page.body.contains("This form is out of date"));
        }
        let page = user.post("/api/auth/signout", &[("csrfToken", token)]).await;
        assert!(page.location().ends_with("error=MissingCSRF"));
    }
    assert_eq!(user.post("/people", &ANN).await.status, StatusCode::FORBIDDEN);
    assert_eq!(app.db.person().find_many().await.unwrap(), [ann]);
    assert_eq!(user.get("/people").await.status, StatusCode::OK, "still signed in");
}

#[tokio::test]
async fn methods_that_make_no_sense_are_refused() {
    let app = TestApp::start().await;
    let mut user = app.user("me@example.com").await;
    assert_eq!(user.post("/people/new", &[]).await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(user.post("/healthz", &[]).await.status, StatusCode::METHOD_NOT_ALLOWED);
}
