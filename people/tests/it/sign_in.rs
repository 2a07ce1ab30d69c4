//! Signing in and out, and links that do not work.

use axum::http::StatusCode;
use nicol_auth::OAuthProvider;
use people::db::{session, user, verification_token};

use crate::test_app::{ORIGIN, TestApp};

#[tokio::test]
async fn a_link_signs_in_and_the_button_signs_out() {
    let app = TestApp::start().await;
    let mut ann = app.anon();
    let response = ann.get("/people?q=x").await;
    assert_eq!(response.status, StatusCode::SEE_OTHER);
    assert_eq!(response.location(), "/api/auth/signin?callbackUrl=%2Fpeople%3Fq%3Dx");

    let signed_in = app.user("Ann@Example.com").await;
    let mut ann = signed_in.clone();
    let list = ann.get("/people").await;
    assert_eq!(list.status, StatusCode::OK);
    assert!(list.body.contains("ann@example.com"), "the bar says who is signed in");

    let token = list.csrf();
    let response = ann.post("/api/auth/signout", &[("csrfToken", &token)]).await;
    assert_eq!(response.status, StatusCode::FOUND);
    assert!(ann.get("/people").await.location().starts_with("/api/auth/signin"));
    assert!(
        signed_in.clone().get("/people").await.location().contains("signin"),
        "the session is gone, not the cookie alone"
    );
    assert_eq!(app.db.session().count().await.unwrap(), 0);
}

#[tokio::test]
async fn the_sign_in_page_has_a_button_for_each_provider() {
    let google = OAuthProvider::google("client", "secret".to_owned());
    let github = OAuthProvider::github("client", "secret".to_owned()).name("Git<Hub>");
    let app = TestApp::offering(vec![google.into(), github.into()]).await;
    let mut ann = app.anon();
    let page = ann.get("/api/auth/signin?callbackUrl=%2Fpeople").await.body;
    assert!(page.contains("Sign in with Google") && page.contains("/api/auth/signin/google"), "{page}");
    assert!(page.contains("Sign in with Git&#60;Hub&#62;") && page.contains("Send me a link"), "{page}");
    for code in ["OAuthCallbackError", "OAuthAccountNotLinked"] {
        let page = ann.get(&format!("/api/auth/signin?error={code}")).await.body;
        assert!(page.contains("role=\"alert\""), "{code}");
    }
    let page = app.anon().get("/api/auth/signin").await.body;
    assert!(!page.contains("role=\"alert\""));
    let page = TestApp::start().await.anon().get("/api/auth/signin").await.body;
    assert!(
        !page.contains("Sign in with") && !page.contains("class=\"or\""),
        "no provider, no button: {page}"
    );
}

#[tokio::test]
async fn a_button_leads_to_the_provider_and_asks_the_database_nothing() {
    let github = OAuthProvider::github("client", "secret".to_owned());
    let app = TestApp::offering(vec![github.into()]).await;
    let mut ann = app.anon();
    let csrf = ann.get("/api/auth/signin").await.csrf();
    let before = app.statements();
    let answer = ann.post("/api/auth/signin/github", &[("csrfToken", &csrf)]).await;
    assert_eq!(app.statements(), before);
    // A redirect after a form would be stopped by the page's own policy; the browser goes on by itself.
    assert_eq!(answer.status, StatusCode::OK);
    let refresh = answer.header("refresh");
    assert!(refresh.starts_with("0;url=https://github.com/login/oauth/authorize?scope="), "{refresh}");
    assert!(answer.body.contains("Continue to GitHub"), "{}", answer.body);
}

#[tokio::test]
async fn every_page_but_sign_in_needs_a_session() {
    let app = TestApp::start().await;
    let person = app.person("Ann Lee", "ann@example.com", "12345").await;
    let paths = [
        "/people",
        "/people/new",
        &format!("/people/{}", person.id),
        &format!("/people/{}/delete", person.id),
    ];
    for path in paths {
        let mut anon = app.anon();
        let response = anon.get(path).await;
        assert_eq!(response.status, StatusCode::SEE_OTHER, "{path}");
        assert!(response.location().starts_with("/api/auth/signin?callbackUrl="), "{path}");
        assert!(!response.body.contains("Ann"), "{path}");
        let fields = [("name", "X"), ("email", "x@example.com"), ("phone_number", "12345")];
        let response = anon.post(path, &fields).await;
        assert!(matches!(response.status, StatusCode::SEE_OTHER | StatusCode::METHOD_NOT_ALLOWED), "{path}");
    }
    let people = app.db.person().find_many().await.unwrap();
    assert_eq!(people, [person], "nothing was written");
}

#[tokio::test]
async fn scripts_are_told_401() {
    let app = TestApp::start().await;
    let anon = app.anon();
    let mut request =
        anon.request(axum::http::Method::GET, "/people").body(axum::body::Body::empty()).unwrap();
    request.headers_mut().insert("accept", "application/json".parse().unwrap());
    let response = app.anon().send(request).await;
    assert_eq!(response.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn opening_a_link_does_not_use_it_up() {
    let app = TestApp::start().await;
    let link = app.anon().ask_for_link("ann@example.com").await.unwrap();
    let mut scanner = app.anon();
    for _ in 0..3 {
        let page = scanner.get(&link).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("Sign in to People as ann@example.com?"));
    }
    assert_eq!(app.db.session().count().await.unwrap(), 0);
    assert_eq!(app.anon().follow_link(&link).await.location(), ORIGIN);
}

#[tokio::test]
async fn a_link_works_once() {
    let app = TestApp::start().await;
    let link = app.anon().ask_for_link("ann@example.com").await.unwrap();
    app.anon().follow_link(&link).await;
    let mut second = app.anon();
    let response = second.follow_link(&link).await;
    assert_eq!(response.location(), format!("{ORIGIN}/api/auth/error?error=Verification"));
    let page = second.get("/api/auth/error?error=Verification").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.body.contains("This link no longer works"));
    assert_eq!(app.db.session().count().await.unwrap(), 1);
}

#[tokio::test]
async fn an_old_link_does_not_work() {
    let app = TestApp::start().await;
    let link = app.anon().ask_for_link("ann@example.com").await.unwrap();
    let past = "2020-01-01T00:00:00Z".parse::<nicol::types::DateTime>().unwrap();
    let changed = app
        .db
        .verification_token()
        .update_many()
        .filter(verification_token::identifier.eq("ann@example.com"));
    assert_eq!(changed.expires(past).await.unwrap(), 1);
    let response = app.anon().follow_link(&link).await;
    assert!(response.location().ends_with("error=Verification"));
    assert_eq!(app.db.user().count().await.unwrap(), 0);
}

#[tokio::test]
async fn the_button_works_only_in_the_browser_that_opened_the_link() {
    let app = TestApp::start().await;
    let link = app.anon().ask_for_link("ann@example.com").await.unwrap();
    let (action, fields) = app.anon().get(&link).await.form();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    let response = app.anon().post(action.strip_prefix(ORIGIN).unwrap(), &fields).await;
    assert!(response.location().ends_with("error=MissingCSRF"), "{}", response.location());
    assert_eq!(app.db.session().count().await.unwrap(), 0);
}

#[tokio::test]
async fn a_refused_address_gets_the_same_answer_and_no_mail() {
    let app = TestApp::with("ann@example.com", |url| url).await;
    let allowed = app.anon().submit("/api/auth/signin", &[("email", "ann@example.com")]).await;
    let refused = app.anon().submit("/api/auth/signin", &[("email", "bob@example.com")]).await;
    assert_eq!((allowed.status, allowed.location()), (refused.status, refused.location()));
    assert_eq!(allowed.body, refused.body);
    assert!(app.link_for("ann@example.com").await.is_some());
    assert!(app.link_for("bob@example.com").await.is_none());
}

#[tokio::test]
async fn a_mistyped_address_is_said_so() {
    let app = TestApp::start().await;
    let mut anon = app.anon();
    let response = anon.submit("/api/auth/signin", &[("email", "nobody")]).await;
    assert!(response.location().ends_with("/api/auth/signin?error=EmailSignin"));
    let page = anon.get("/api/auth/signin?error=EmailSignin").await;
    assert!(page.body.contains("role=\"alert\""));
}

#[tokio::test]
async fn the_session_of_a_deleted_user_is_none() {
    let app = TestApp::start().await;
    let mut ann = app.user("ann@example.com").await;
    app.db.user().delete(user::by_email("ann@example.com")).await.unwrap();
    let response = ann.get("/people").await;
    assert_eq!(response.status, StatusCode::SEE_OTHER);
    assert!(!ann.cookies.contains_key("authjs.session-token"), "the browser forgets it too");
    assert_eq!(app.db.session().count().await.unwrap(), 0);
}

#[tokio::test]
async fn an_old_session_has_ended() {
    let app = TestApp::start().await;
    let mut ann = app.user("ann@example.com").await;
    let past = "2020-01-01T00:00:00Z".parse::<nicol::types::DateTime>().unwrap();
    app.db.session().update_many().filter(session::expires.gt(past)).expires(past).await.unwrap();
    assert!(ann.get("/people").await.location().starts_with("/api/auth/signin"));
}

#[tokio::test]
async fn the_pages_of_sign_in_have_the_look_of_people() {
    let app = TestApp::start().await;
    let mut ann = app.user("ann@example.com").await;
    for path in ["/api/auth/signin", "/api/auth/signout", "/api/auth/verify-request", "/api/auth/error"] {
        let page = ann.get(path).await;
        assert!(page.status.is_success(), "{path}");
        assert!(page.body.contains("/assets/people-"), "{path}");
        assert!(page.header("content-security-policy").contains("style-src 'self'"), "{path}");
    }
    assert_eq!(ann.get("/api/auth/nothing").await.status, StatusCode::BAD_REQUEST);
    assert!(ann.get("/api/auth/session").await.body.contains("ann@example.com"));
    assert!(ann.get("/api/auth/providers").await.body.contains("email"));
    assert!(ann.get("/api/auth/csrf").await.body.contains("csrfToken"));
}
