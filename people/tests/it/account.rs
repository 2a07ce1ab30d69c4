//! One's own account: linked accounts and sessions.

use axum::http::StatusCode;
use people::db::account;

use crate::test_app::{Response, TestApp, Visitor};

/// The fields of the form that goes somewhere, of several the first.
fn form_to(page: &Response, action: &str) -> Vec<(String, String)> {
    let start = page.body.find(&format!("action=\"{action}\"")).expect("the page has such a form");
    let form = page.body[start..].split("</form>").next().unwrap();
    let value = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!("{name}=\""))?;
        Some(rest.split('"').next()?.to_owned())
    };
    let fields = form.split("<input").skip(1);
    fields.map(|tag| (value(tag, "name").unwrap(), value(tag, "value").unwrap())).collect()
}

async fn press(visitor: &mut Visitor, action: &str) -> Response {
    let page = visitor.get("/account").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let fields = form_to(&page, action);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    visitor.post(action, &fields).await
}

#[tokio::test]
async fn somebody_sees_and_ends_the_own_sessions() {
    let app = TestApp::start().await;
    let (mut here, mut there) = (app.user("ann@example.com").await, app.user("ann@example.com").await);
    let mut bob = app.user("bob@example.com").await;
    let page = here.get("/account").await;
    assert!(page.body.contains("This browser") && page.body.contains("Another browser"), "{}", page.body);
    for row in app.db.session().find_many().await.unwrap() {
        assert!(!page.body.contains(&row.session_token), "no token reaches a page");
    }
    let done = press(&mut here, "/account/sessions/end").await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/account?done=ended"));
    assert!(here.get("/account?done=ended").await.body.contains("The browser was signed out."));
    assert_eq!(there.get("/account").await.status, StatusCode::SEE_OTHER, "it has to sign in");
    assert_eq!(bob.get("/account").await.status, StatusCode::OK, "nobody else has to");
    assert!(!here.get("/account").await.body.contains("end-others"), "there are no others");
}

#[tokio::test]
async fn the_other_sessions_end_at_once_and_so_do_all() {
    let app = TestApp::start().await;
    let (mut here, mut there) = (app.user("ann@example.com").await, app.user("ann@example.com").await);
    let mut bob = app.user("bob@example.com").await;
    assert_eq!(press(&mut here, "/account/sessions/end-others").await.location(), "/account?done=others");
    assert_eq!(there.get("/account").await.status, StatusCode::SEE_OTHER);
    let done = press(&mut here, "/account/sessions/end-all").await;
    assert_eq!(done.location(), "/api/auth/signin?callbackUrl=%2Fpeople");
    assert_eq!(here.get("/people").await.status, StatusCode::SEE_OTHER);
    assert_eq!(bob.get("/people").await.status, StatusCode::OK);
    assert_eq!(app.db.session().count().await.unwrap(), 1);
}

#[tokio::test]
async fn an_account_is_unlinked_by_its_owner() {
    let app = TestApp::start().await;
    let (mut ann, mut bob) = (app.user("ann@example.com").await, app.user("bob@example.com").await);
    let user_id = ann.proof().await.user_id().as_str().to_owned();
    let new = account::New {
        user_id,
        r#type: "oidc".into(),
        provider: "google".into(),
        provider_account_id: "4<2".into(),
    };
    app.db.account().create(new).await.unwrap();
    assert!(!bob.get("/account").await.body.contains("google"));
    let csrf = bob.get("/account").await.csrf();
    let stolen = [("csrfToken", csrf.as_str()), ("provider", "google"), ("account", "4<2")];
    assert_eq!(bob.post("/account/unlink", &stolen).await.location(), "/account?done=gone");
    assert_eq!(app.db.account().count().await.unwrap(), 1);
    let page = ann.get("/account").await;
    assert!(page.body.contains("google") && page.body.contains("4&#60;2"), "{}", page.body);
    let csrf = page.csrf();
    let fields = [("csrfToken", csrf.as_str()), ("provider", "google"), ("account", "4<2")];
    assert_eq!(ann.post("/account/unlink", &fields).await.location(), "/account?done=unlinked");
    assert_eq!(app.db.account().count().await.unwrap(), 0);
}

#[tokio::test]
async fn nothing_ends_by_a_forged_form() {
    let app = TestApp::start().await;
    let mut ann = app.user("ann@example.com").await;
    for path in ["unlink", "sessions/end", "sessions/end-others", "sessions/end-all"] {
        let fields = [("csrfToken", "0000"), ("session", "x"), ("provider", "x"), ("account", "x")];
        let answer = ann.post(&format!("/account/{path}"), &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(app.db.session().count().await.unwrap(), 1);
}
