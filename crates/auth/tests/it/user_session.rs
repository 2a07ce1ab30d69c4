//! Sessions: who is signed in, for how long, and how it ends.

use chrono::TimeDelta;
use http::HeaderMap;
use nicol_auth::{AllowList, Session, SessionToken, UserId};
use serde_json::Value;

use crate::support::{Site, location};

const COOKIE: &str = "authjs.session-token";

#[tokio::test]
async fn reading_a_session_calls_the_adapter_once() {
    let site = Site::new();
    let browser = site.signed_in("ann@example.com").await;
    site.adapter.take_calls();
    let session = site.auth.session(&browser.headers()).await.unwrap();
    assert_eq!(site.adapter.take_calls(), ["session_and_user"]);
    assert!(session.set_cookies.is_empty());
    let who = session.authenticated.unwrap();
    assert_eq!(who.user().email, "ann@example.com");
    assert!(!format!("{who:?}").contains("ann@"), "neither address nor token is shown");
    assert!(!format!("{who:?}").contains(who.session().token.expose()));

    let nobody = site.auth.session(&HeaderMap::new()).await.unwrap();
    assert!(nobody.authenticated.is_none());
    assert!(site.adapter.take_calls().is_empty(), "no cookie, no call");
}

#[tokio::test]
async fn a_session_that_is_used_is_extended_once_a_day() {
    let site = Site::new();
    let browser = site.signed_in("ann@example.com").await;
    let start = site.adapter.tables().sessions[0].expires;
    for (day, calls, expires) in [(0, 1, 0), (1, 2, 1), (0, 1, 1), (29, 2, 30), (30, 2, 60)] {
        site.clock.advance(TimeDelta::days(day));
        site.adapter.take_calls();
        let session = site.auth.session(&browser.headers()).await.unwrap();
        assert!(session.authenticated.is_some());
        assert_eq!(site.adapter.take_calls().len(), calls);
        assert_eq!(session.set_cookies.len(), calls - 1, "the cookie follows the row");
        assert_eq!(site.adapter.tables().sessions[0].expires, start + TimeDelta::days(expires));
    }
    site.clock.advance(TimeDelta::days(30) + TimeDelta::milliseconds(1));
    let session = site.auth.session(&browser.headers()).await.unwrap();
    assert!(session.authenticated.is_none());
    assert!(session.set_cookies[0].to_str().unwrap().contains("Max-Age=0"));
    assert!(site.adapter.tables().sessions.is_empty(), "an expired row is tidied away");
}

#[tokio::test]
async fn looking_again_changes_nothing() {
    let site = Site::with(|config| config.allow(AllowList::everyone()));
    let browser = site.signed_in("eve@example.com").await;
    let rows = site.adapter.tables().sessions.clone();
    site.clock.advance(TimeDelta::days(29));
    site.adapter.take_calls();
    let found = site.auth.look(&browser.headers()).await.unwrap();
    assert_eq!(found.unwrap().user().email, "eve@example.com");
    assert_eq!(site.adapter.take_calls().len(), 1);
    assert!(site.auth.look(&HeaderMap::new()).await.unwrap().is_none());
    assert!(site.adapter.take_calls().is_empty(), "no cookie, no call");

    let closed = Site::new();
    *closed.adapter.tables() = site.adapter.tables().clone();
    assert!(closed.auth.look(&browser.headers()).await.unwrap().is_none(), "the list is asked, too");
    site.clock.advance(TimeDelta::days(2));
    assert!(site.auth.look(&browser.headers()).await.unwrap().is_none());
    assert_eq!(site.adapter.tables().sessions, rows, "neither extended nor tidied away");
}

#[tokio::test]
async fn a_deleted_user_is_signed_out() {
    let site = Site::new();
    let mut browser = site.signed_in("ann@example.com").await;
    site.adapter.tables().users.clear();
    assert!(site.auth.session(&browser.headers()).await.unwrap().authenticated.is_none());
    assert_eq!(browser.session().await, Value::Null);
    assert!(!browser.cookies.contains_key(COOKIE));
}

#[tokio::test]
async fn a_user_removed_from_the_allow_list_is_signed_out_at_once() {
    let site = Site::with(|config| config.allow(AllowList::everyone()));
    let mut browser = site.signed_in("eve@example.com").await;
    assert_eq!(browser.session().await["user"]["email"], "eve@example.com");
    let closed = Site::new();
    *closed.adapter.tables() = site.adapter.tables().clone();
    let session = closed.auth.session(&browser.headers()).await.unwrap();
    assert!(session.authenticated.is_none());
    assert_eq!(closed.adapter.tables().sessions.len(), 1, "the row stays");
}

#[tokio::test]
async fn signing_out_ends_the_session_and_twice_is_no_error() {
    let site = Site::new();
    let mut browser = site.signed_in("ann@example.com").await;
    let token = browser.cookies[COOKIE].clone();
    let csrf = browser.csrf_token().await;
    let answer = browser.post("/api/auth/signout", &[("csrfToken", &csrf), ("callbackUrl", "/bye")]).await;
    assert_eq!(location(&answer), "http://localhost:3000/bye");
    assert!(site.adapter.tables().sessions.is_empty());
    assert!(!browser.cookies.contains_key(COOKIE));
    assert_eq!(browser.session().await, Value::Null);

    browser.cookies.insert(COOKIE.to_owned(), token);
    let answer = browser.post("/api/auth/signout", &[("csrfToken", &csrf)]).await;
    assert!(location(&answer).starts_with("http://localhost:3000"));
    assert!(!browser.cookies.contains_key(COOKIE));
}

#[tokio::test]
async fn a_forged_sign_out_does_nothing() {
    let site = Site::new();
    let mut browser = site.signed_in("ann@example.com").await;
    let answer = browser.post("/api/auth/signout", &[("csrfToken", "forged")]).await;
    assert_eq!(location(&answer), "http://localhost:3000/api/auth/signin?error=MissingCSRF");
    assert_eq!(browser.session().await["user"]["email"], "ann@example.com");
}

#[tokio::test]
async fn signing_in_replaces_the_parts_of_an_older_cookie() {
    let site = Site::new();
    let mut browser = site.browser();
    for part in [".0", ".1"] {
        browser.cookies.insert(format!("{COOKIE}{part}"), "a token session of before".to_owned());
    }
    browser.ask_for_link("ann@example.com").await;
    site.auth.settle().await;
    browser.use_link(&site.mailbox.last_link()).await;
    assert_eq!(browser.session().await["user"]["email"], "ann@example.com");
}

#[tokio::test]
async fn a_user_can_be_signed_out_everywhere() {
    let site = Site::new();
    let mut first = site.signed_in("ann@example.com").await;
    let mut second = site.signed_in("ann@example.com").await;
    let mut other = site.signed_in("bob@example.org").await;
    let ann = site.adapter.tables().users[0].id.clone();
    assert_eq!(site.auth.revoke_sessions(&ann).await.unwrap(), 2);
    assert_eq!(first.session().await, Value::Null);
    assert_eq!(second.session().await, Value::Null);
    assert_eq!(other.session().await["user"]["email"], "bob@example.org");
}

#[tokio::test]
async fn sweeping_deletes_what_has_ended() {
    let site = Site::new();
    let mut browser = site.signed_in("ann@example.com").await;
    browser.ask_for_link("ann@example.com").await;
    site.auth.settle().await;
    let expired = Session {
        token: SessionToken::new("old"),
        user_id: UserId::new("user1"),
        expires: "2026-11-23T11:59:59Z".parse().unwrap(),
    };
    site.adapter.tables().sessions.push(expired);
    assert_eq!(site.auth.sweep().await.unwrap(), 1);
    site.clock.advance(TimeDelta::days(2));
    assert_eq!(site.auth.sweep().await.unwrap(), 1, "the link that nobody opened");
    assert_eq!(browser.session().await["user"]["email"], "ann@example.com");
}

#[tokio::test]
async fn a_database_out_of_reach_is_an_error_and_not_a_sign_out() {
    let site = Site::new();
    let mut browser = site.signed_in("ann@example.com").await;
    site.adapter.set_down(true);
    assert!(site.auth.session(&browser.headers()).await.is_err());
    assert_eq!(browser.session().await, Value::Null);
    assert!(browser.cookies.contains_key(COOKIE), "the browser keeps its cookie");
    site.adapter.set_down(false);
    assert_eq!(browser.session().await["user"]["email"], "ann@example.com");
}
