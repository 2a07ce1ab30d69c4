//! The magic link, from the form to the session: for those who may sign in, and for those who may not.

use chrono::TimeDelta;
use http::{StatusCode, header};
use nicol_auth::{AllowList, EmailAddress, PageUrls, loggable};

use crate::support::{Site, hidden_fields, json, location, text};

const CHECK_MAIL: &str = "http://localhost:3000/api/auth/verify-request?provider=email&type=email";
const NOT_VALID: &str = "http://localhost:3000/api/auth/error?error=Verification";

#[tokio::test]
async fn a_link_signs_in_once() {
    let site = Site::new();
    let mut browser = site.browser();
    assert_eq!(location(&browser.ask_for_link("Ann@Example.com").await), CHECK_MAIL);
    site.auth.settle().await;
    let link = site.mailbox.last_link();

    assert_eq!(location(&browser.use_link(&link).await), "http://localhost:3000");
    assert_eq!(browser.session().await["user"]["email"], "ann@example.com");
    assert_eq!(location(&browser.use_link(&link).await), NOT_VALID);
    assert_eq!(browser.get("/api/auth/error?error=Verification").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(browser.session().await["user"]["email"], "ann@example.com", "the session stays");
}

#[tokio::test]
async fn opening_a_link_does_not_use_it() {
    let site = Site::new();
    site.browser().ask_for_link("ann@example.com").await;
    site.auth.settle().await;
    let link = site.mailbox.last_link();
    site.adapter.take_calls();
    let mut scanner = site.browser();
    for _ in 0..3 {
        assert_eq!(scanner.get(&link).await.status(), StatusCode::OK);
    }
    assert!(site.adapter.take_calls().is_empty(), "not even the database is asked");
    assert_eq!(scanner.session().await, serde_json::Value::Null);
    assert_eq!(location(&site.browser().use_link(&link).await), "http://localhost:3000");
}

#[tokio::test]
async fn the_page_of_a_link_does_not_leak_its_token() {
    let site = Site::new();
    let page = site.browser().get("/api/auth/callback/email?token=secret&email=ann%40example.com").await;
    let header = |name| page.headers().get(name).map_or("", |value| value.to_str().unwrap());
    assert_eq!(header(header::REFERRER_POLICY), "no-referrer");
    assert_eq!(header(header::CACHE_CONTROL), "no-store");
    assert!(header(header::CONTENT_SECURITY_POLICY).contains("frame-ancestors 'none'"));
    assert!(!text(&page).contains("callback/email?"), "the form is posted without the query");
    let uri = "/api/auth/callback/email?token=secret&email=ann%40example.com".parse().unwrap();
    assert_eq!(loggable(&uri), "/api/auth/callback/email");
}

#[tokio::test]
async fn the_page_of_a_link_escapes_what_the_link_says() {
    let site = Site::new();
    let hostile = "\"><script>alert(1)</script>&'";
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("token", hostile), ("email", hostile), ("callbackUrl", "/\"><script>")])
        .finish();
    let page = site.browser().get(&format!("/api/auth/callback/email?{query}")).await;
    assert!(!text(&page).contains("<script"));
    assert!(hidden_fields(&page).contains(&("token".to_owned(), hostile.to_owned())));
    for path in ["signin", "signout", "error", "verify-request"] {
        let page = site.browser().get(&format!("/api/auth/{path}?error={query}&{query}")).await;
        assert!(!text(&page).contains("<script"), "{path}");
    }
}

#[tokio::test]
async fn another_browser_cannot_press_the_button() {
    let site = Site::new();
    site.browser().ask_for_link("ann@example.com").await;
    site.auth.settle().await;
    let link = site.mailbox.last_link();
    let page = site.browser().get(&link).await;
    let fields = hidden_fields(&page);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();

    let missing_csrf = "http://localhost:3000/api/auth/signin?error=MissingCSRF";
    let mut stranger = site.browser();
    assert_eq!(location(&stranger.post("/api/auth/callback/email", &fields).await), missing_csrf);
    stranger.csrf_token().await;
    assert_eq!(location(&stranger.post("/api/auth/callback/email", &fields).await), missing_csrf);
    assert_eq!(stranger.session().await, serde_json::Value::Null);
    assert_eq!(
        location(&site.browser().use_link(&link).await),
        "http://localhost:3000",
        "the link still works"
    );
}

#[tokio::test]
async fn two_links_open_in_one_browser_both_work() {
    let site = Site::new();
    let mut browser = site.browser();
    browser.ask_for_link("ann@example.com").await;
    site.auth.settle().await;
    let first = site.mailbox.last_link();
    browser.ask_for_link("ann@example.com").await;
    site.auth.settle().await;
    let second = site.mailbox.last_link();
    assert_ne!(first, second);
    browser.get(&second).await;
    assert_eq!(location(&browser.use_link(&first).await), "http://localhost:3000");
    assert_eq!(location(&browser.use_link(&second).await), "http://localhost:3000");
}

#[tokio::test]
async fn concurrent_presses_sign_in_once() {
    let site = Site::new();
    site.browser().ask_for_link("ann@example.com").await;
    site.auth.settle().await;
    let link = site.mailbox.last_link();
    let (mut one, mut two) = (site.browser(), site.browser());
    let (one, two) = tokio::join!(one.use_link(&link), two.use_link(&link));
    let mut targets = [location(&one), location(&two)];
    targets.sort_unstable();
    assert_eq!(targets, ["http://localhost:3000", NOT_VALID]);
    assert_eq!(site.adapter.tables().sessions.len(), 1);
}

#[tokio::test]
async fn two_links_of_a_new_address_at_once_make_one_user() {
    let site = Site::new();
    let mut links = Vec::new();
    for _ in 0..2 {
        site.browser().ask_for_link("ann@example.com").await;
        site.auth.settle().await;
        links.push(site.mailbox.last_link());
    }
    let (mut one, mut two) = (site.browser(), site.browser());
    site.adapter.take_calls();
    let (one, two) = tokio::join!(one.use_link(&links[0]), two.use_link(&links[1]));
    let calls = site.adapter.take_calls();
    assert_eq!(calls.iter().filter(|call| **call == "create_user").count(), 2, "both found nobody at first");
    assert_eq!([location(&one), location(&two)], ["http://localhost:3000"; 2]);
    assert_eq!(site.adapter.tables().users.len(), 1);
    assert_eq!(site.adapter.tables().sessions.len(), 2);
}

#[tokio::test]
async fn an_expired_link_is_refused() {
    let site = Site::new();
    let mut browser = site.browser();
    browser.ask_for_link("ann@example.com").await;
    site.auth.settle().await;
    site.clock.advance(TimeDelta::days(1) + TimeDelta::milliseconds(1));
    assert_eq!(location(&browser.use_link(&site.mailbox.last_link()).await), NOT_VALID);
    assert!(site.adapter.tables().users.is_empty());
}

#[tokio::test]
async fn a_link_that_was_tampered_with_is_refused() {
    let site = Site::new();
    let mut browser = site.browser();
    browser.ask_for_link("ann@example.com").await;
    site.auth.settle().await;
    let link = site.mailbox.last_link();
    let of_another = link.replace("ann%40example.com", "bob%40example.org");
    assert_eq!(location(&browser.use_link(&of_another).await), NOT_VALID);
    assert_eq!(location(&browser.get("/api/auth/callback/email?email=ann%40example.com").await), NOT_VALID);
    assert_eq!(location(&browser.get("/api/auth/callback/email?token=x").await), NOT_VALID);
    site.adapter.take_calls();
    assert_eq!(location(&browser.use_link("/api/auth/callback/email?token=x&email=a%00").await), NOT_VALID);
    assert!(site.adapter.take_calls().is_empty(), "what no row can hold is not looked for");
    assert_eq!(location(&browser.use_link(&link).await), "http://localhost:3000");
}

#[tokio::test]
async fn a_refused_address_gets_the_answer_of_an_allowed_one_but_no_mail() {
    let site = Site::new();
    let mut answers = Vec::new();
    for email in ["ann@example.com", "eve@example.com", "anybody@example.org"] {
        let mut browser = site.browser();
        site.adapter.take_calls();
        let csrf = browser.csrf_token().await;
        let answer = browser.post("/api/auth/signin/email", &[("csrfToken", &csrf), ("email", email)]).await;
        assert_eq!(site.adapter.take_calls(), ["user_by_email"], "{email}: the same work before the answer");
        answers.push((answer.status(), answer.headers().clone(), answer.body().clone()));
        site.auth.settle().await;
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
    let receivers: Vec<_> = site.mailbox.0.lock().unwrap().iter().map(|mail| mail.to.clone()).collect();
    assert_eq!(
        receivers.iter().map(EmailAddress::as_str).collect::<Vec<_>>(),
        ["ann@example.com", "anybody@example.org"]
    );
    assert_eq!(site.adapter.tables().verification_tokens.len(), 2);
}

#[tokio::test]
async fn an_address_removed_from_the_allow_list_cannot_use_its_link() {
    let site = Site::new();
    site.browser().ask_for_link("ann@example.com").await;
    site.auth.settle().await;
    let link = site.mailbox.last_link();
    let later = Site::with(|config| config.allow(AllowList::default()));
    later.adapter.tables().verification_tokens = site.adapter.tables().verification_tokens.clone();
    let answer = later.browser().use_link(&link).await;
    assert_eq!(location(&answer), "http://localhost:3000/api/auth/error?error=AccessDenied");
    assert!(later.adapter.tables().users.is_empty());
    assert_eq!(
        later.browser().get("/api/auth/error?error=AccessDenied").await.status(),
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn a_mailbox_is_not_flooded() {
    let site = Site::new();
    let mut browser = site.browser();
    for _ in 0..10 {
        assert_eq!(location(&browser.ask_for_link("ann@example.com").await), CHECK_MAIL);
    }
    site.auth.settle().await;
    assert_eq!(site.mailbox.count(), 3);
    site.clock.advance(TimeDelta::minutes(1));
    browser.ask_for_link("ann@example.com").await;
    site.auth.settle().await;
    assert_eq!(site.mailbox.count(), 4);
}

#[tokio::test]
async fn an_invalid_address_leads_back_to_the_form() {
    let site = Site::new();
    for email in ["", "ann", "ann@a@b", "\"x\"@example.com", "a b@example.com"] {
        let answer = site.browser().ask_for_link(email).await;
        assert_eq!(location(&answer), "http://localhost:3000/api/auth/signin?error=EmailSignin", "{email}");
    }
    let page = site.browser().get("/api/auth/signin?error=EmailSignin").await;
    assert!(text(&page).contains("role=\"alert\""));
}

#[tokio::test]
async fn sign_in_leads_to_the_page_that_was_asked_for() {
    let site = Site::with(|config| {
        config.page_urls(PageUrls { new_user: Some("/welcome?first=1".to_owned()), ..PageUrls::default() })
    });
    for (email, target, expected) in [
        ("ann@example.com", "/people", "/welcome?first=1&callbackUrl=http%3A%2F%2Flocalhost%3A3000%2Fpeople"),
        ("ann@example.com", "/people?page=2", "http://localhost:3000/people?page=2"),
        ("ann@example.com", "https://evil.example/", "http://localhost:3000"),
        (
            "bob@example.org",
            "//evil.example",
            "/welcome?first=1&callbackUrl=http%3A%2F%2Flocalhost%3A3000%2F%2Fevil.example",
        ),
    ] {
        let mut browser = site.browser();
        let csrf = browser.csrf_token().await;
        let fields = [("csrfToken", csrf.as_str()), ("email", email), ("callbackUrl", target)];
        browser.post("/api/auth/signin/email", &fields).await;
        site.auth.settle().await;
        assert_eq!(location(&browser.use_link(&site.mailbox.last_link()).await), expected, "{target}");
        site.clock.advance(TimeDelta::hours(1));
    }
}

#[tokio::test]
async fn the_built_in_form_leads_to_a_link() {
    let site = Site::new();
    let mut browser = site.browser();
    let page = browser.get("/api/auth/signin?callbackUrl=%2Fpeople&email=ann%40example.com").await;
    assert!(text(&page).contains("action=\"http://localhost:3000/api/auth/signin/email\""));
    assert!(text(&page).contains("value=\"ann@example.com\""));
    let mut fields = hidden_fields(&page);
    fields.push(("email".to_owned(), "ann@example.com".to_owned()));
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(location(&browser.post("/api/auth/signin/email", &fields).await), CHECK_MAIL);
    site.auth.settle().await;
    assert_eq!(location(&browser.use_link(&site.mailbox.last_link()).await), "http://localhost:3000/people");
}

#[tokio::test]
async fn a_database_out_of_reach_is_told_as_such() {
    let site = Site::new();
    let mut browser = site.browser();
    browser.ask_for_link("ann@example.com").await;
    site.auth.settle().await;
    site.adapter.set_down(true);
    let configuration = "http://localhost:3000/api/auth/error?error=Configuration";
    for email in ["ann@example.com", "eve@example.com"] {
        assert_eq!(location(&browser.ask_for_link(email).await), configuration, "{email}");
    }
    let link = site.mailbox.last_link();
    assert_eq!(location(&browser.use_link(&link).await), configuration);
    assert_eq!(json(&browser.get("/api/auth/session").await), serde_json::Value::Null);
    site.adapter.set_down(false);
    assert_eq!(location(&browser.use_link(&link).await), "http://localhost:3000", "the link was not lost");
}
