//! Attacks on signing in by e-mail and on sessions, each with what it meets. Those on providers are beside their tests.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, header};
use nicol_auth::{AllowList, AuthUrl, Config, Session, SessionToken};

use crate::support::{Browser, Site, hidden_fields, json, location};

const ORIGIN: &str = "http://localhost:3000";

fn https(config: Config) -> Config {
    config.url(AuthUrl::parse("https://people.example.com").unwrap())
}

/// Everything that a browser could be sent to another site with.
const REDIRECTS: [&str; 24] = [
    "https://evil.example",
    "http://localhost:3000@evil.example",
    "http://localhost:3000.evil.example",
    "http://localhost:30000",
    "https://localhost:3000",
    "http://localhost",
    "http://LOCALHOST.evil.example:3000",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    "https:evil.example",
    "https:/evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/%2f%2fevil.example",
    "/..//evil.example",
    "/@evil.example",
    "http://[::1]:3000",
    "http://evil.example\u{3002}localhost:3000",
];

#[tokio::test]
async fn no_callback_url_leads_off_the_site() {
    let site = Site::new();
    let base = url::Url::parse(ORIGIN).unwrap();
    let stays = |target: &str, from: &str| {
        let followed = base.join(target).unwrap();
        assert_eq!(followed.origin(), base.origin(), "{from:?} leads to {target:?}");
    };
    for target in REDIRECTS {
        // In the form that asks for a link, to the end of the way.
        let mut browser = site.browser();
        let csrf = browser.csrf_token().await;
        let fields = [("csrfToken", csrf.as_str()), ("email", "ann@example.com"), ("callbackUrl", target)];
        let answer = browser.post("/api/auth/signin/email", &fields).await;
        stays(location(&answer), target);
        site.auth.settle().await;
        if location(&answer).contains("verify-request") {
            stays(location(&browser.use_link(&site.mailbox.last_link()).await), target);
        }
        // In the form that signs out.
        let csrf = browser.csrf_token().await;
        let fields = [("csrfToken", csrf.as_str()), ("callbackUrl", target)];
        stays(location(&browser.post("/api/auth/signout", &fields).await), target);
        // In the cookie.
        let mut browser = site.browser();
        let csrf = browser.csrf_token().await;
        let encoded = url::form_urlencoded::byte_serialize(target.as_bytes()).collect::<String>();
        browser.cookies.insert("authjs.callback-url".to_owned(), encoded);
        stays(location(&browser.post("/api/auth/signout", &[("csrfToken", &csrf)]).await), target);
        site.clock.advance(chrono::TimeDelta::minutes(1));
    }
}

#[tokio::test]
async fn a_callback_url_cannot_end_a_header() {
    let site = Site::new();
    let mut browser = site.browser();
    for target in ["/a\r\nset-cookie: x=y", "/a\nlocation: //evil.example", "/\u{0}", "/\u{7f}\u{2028}"] {
        let csrf = browser.csrf_token().await;
        let fields = [("csrfToken", csrf.as_str()), ("callbackUrl", target)];
        let answer = browser.post("/api/auth/signout", &fields).await;
        for (name, value) in answer.headers() {
            assert!(value.as_bytes().iter().all(|byte| (b' '..=b'~').contains(byte)), "{name}: {value:?}");
            assert!(name != header::SET_COOKIE || !value.to_str().unwrap().starts_with("x="));
        }
    }
}

#[tokio::test]
async fn a_form_needs_the_token_of_its_browser() {
    let site = Site::new();
    let mut browser = site.signed_in("ann@example.com").await;
    let mut other = site.browser();
    let stolen = other.csrf_token().await;
    let good = browser.csrf_token().await;
    let sessions = site.adapter.tables().sessions.clone();
    site.adapter.take_calls();
    let mails = site.mailbox.count();
    for token in ["", "0", "undefined", stolen.as_str(), &good[..63], &good.to_uppercase()] {
        for path in ["signin/email", "signout", "callback/email", "session"] {
            let fields =
                [("csrfToken", token), ("email", "ann@example.com"), ("token", "0000"), ("callbackUrl", "/")];
            let answer = browser.post(&format!("/api/auth/{path}"), &fields).await;
            if path == "session" {
                assert_eq!(
                    (answer.status(), json(&answer)),
                    (StatusCode::BAD_REQUEST, serde_json::Value::Null)
                );
            } else {
                assert_eq!(
                    location(&answer),
                    format!("{ORIGIN}/api/auth/signin?error=MissingCSRF"),
                    "{path}"
                );
            }
        }
    }
    site.auth.settle().await;
    assert!(site.adapter.take_calls().is_empty() && site.mailbox.count() == mails, "nothing was done");
    assert_eq!(site.adapter.tables().sessions, sessions);

    // A cookie of the attacker's own making, with the token to match: the hash needs the secret.
    let token = "ab".repeat(32);
    for hash in [String::new(), "0".repeat(64), "ab".repeat(32)] {
        browser.cookies.insert("authjs.csrf-token".to_owned(), format!("{token}%7C{hash}"));
        let answer = browser.post("/api/auth/signout", &[("csrfToken", &token)]).await;
        assert!(location(&answer).contains("MissingCSRF"), "{hash}");
    }
    assert_eq!(site.adapter.tables().sessions, sessions);
}

#[tokio::test]
async fn link_sign_in_replaces_a_planted_session() {
    let site = Site::new();
    site.browser().ask_for_link("ann@example.com").await;
    site.auth.settle().await;
    let mut victim = site.browser();
    let planted = "11111111-1111-4111-8111-111111111111";
    victim.cookies.insert("authjs.session-token".to_owned(), planted.to_owned());
    victim.use_link(&site.mailbox.last_link()).await;
    assert_ne!(victim.cookies["authjs.session-token"], planted, "sign-in makes a token of its own");
    let mut attacker = site.browser();
    attacker.cookies.insert("authjs.session-token".to_owned(), planted.to_owned());
    assert_eq!(attacker.session().await, serde_json::Value::Null);
}

#[tokio::test]
async fn over_https_cookies_without_the_prefix_are_ignored() {
    let site = Site::with(|config| https(config).allow(AllowList::everyone()));
    let mut browser = site.browser();
    browser.ask_for_link("ann@example.com").await;
    site.auth.settle().await;
    browser.use_link(&site.mailbox.last_link()).await;
    let token = browser.cookies["__Secure-authjs.session-token"].clone();

    // A subdomain, or somebody on the way, can set these names, but none with a prefix.
    let mut tossed = site.browser();
    tossed.cookies.insert("authjs.session-token".to_owned(), token.clone());
    assert_eq!(tossed.session().await, serde_json::Value::Null);
    let csrf = browser.cookies["__Host-authjs.csrf-token"].clone();
    tossed.cookies.insert("authjs.csrf-token".to_owned(), csrf.clone());
    tossed.cookies.insert("__Secure-authjs.csrf-token".to_owned(), csrf.clone());
    let submitted = csrf.split("%7C").next().unwrap().to_owned();
    let answer = tossed.post("/api/auth/signout", &[("csrfToken", &submitted)]).await;
    assert_eq!(location(&answer), "https://people.example.com/api/auth/signin?error=MissingCSRF");

    // Beside the real ones they do no harm.
    browser.cookies.insert("authjs.session-token".to_owned(), "tossed".to_owned());
    browser.cookies.insert("authjs.csrf-token".to_owned(), "tossed".to_owned());
    browser.cookies.insert("authjs.callback-url".to_owned(), "https%3A%2F%2Fevil.example".to_owned());
    assert_eq!(browser.session().await["user"]["email"], "ann@example.com");
    let csrf = browser.csrf_token().await;
    let answer = browser.post("/api/auth/signout", &[("csrfToken", &csrf)]).await;
    assert_eq!(location(&answer), "https://people.example.com");
}

#[tokio::test]
async fn of_two_cookies_with_one_name_the_first_is_used() {
    // Browsers send the cookie with the longer path first, and all of ours have `/`: what comes second was there before.
    let site = Site::new();
    let browser = site.signed_in("ann@example.com").await;
    let token = &browser.cookies["authjs.session-token"];
    for (cookies, expected) in [
        (format!("authjs.session-token={token}; authjs.session-token=tossed"), true),
        (format!("authjs.session-token=tossed; authjs.session-token={token}"), false),
    ] {
        let request = Request::get("/api/auth/session").header(header::COOKIE, cookies);
        let answer = site.auth.handle(request.body(Bytes::new()).unwrap()).await;
        assert_eq!(json(&answer)["user"]["email"] == "ann@example.com", expected);
    }
}

#[tokio::test]
async fn a_megabyte_of_cookies_is_read_and_forgotten() {
    let site = Site::new();
    let megabyte = "x".repeat(1 << 20);
    let parts: Vec<_> = (0..50_000).map(|n| format!("authjs.session-token.{n}=a")).collect();
    for cookies in [
        format!("authjs.session-token={megabyte}"),
        format!("authjs.csrf-token={megabyte}%7C{megabyte}"),
        format!("authjs.callback-url={megabyte}"),
        format!("{megabyte}={megabyte}"),
        parts.join("; "),
    ] {
        let request = Request::get("/api/auth/session").header(header::COOKIE, cookies);
        let answer = site.auth.handle(request.body(Bytes::new()).unwrap()).await;
        assert_eq!((answer.status(), json(&answer)), (StatusCode::OK, serde_json::Value::Null));
    }
}

#[tokio::test]
async fn look_alike_addresses_do_not_reach_another_mailbox() {
    let site = Site::new();
    for hostile in [
        "ann@example.com@evil.example",
        "\"ann@example.com\"@evil.example",
        "evil@evil.example,ann@example.com",
        "ann@example.com\r\nbcc: evil@evil.example",
        "ann@example.com\u{0}@evil.example",
        "ann@evil.example\u{ff20}example.com",
        "ann@examp\u{2044}le.com",
        "<ann@example.com>",
        "ann@example.com (evil@evil.example)",
        "ann@example.com;evil@evil.example",
        "ann@ex\u{0430}mple.com",
        "evil@evil.example\u{fe50}ann@example.com",
    ] {
        site.browser().ask_for_link(hostile).await;
        site.auth.settle().await;
        assert_eq!(site.mailbox.count(), 0, "{hostile:?}");
        assert!(site.adapter.tables().verification_tokens.is_empty(), "{hostile:?}");
    }
    // What means Ann after all goes to Ann, and to nobody else.
    for (spelling, mails) in
        [("ANN@EXAMPLE.COM", 1), ("\u{ff41}nn@example.com", 2), (" ann@example.com,evil.example ", 3)]
    {
        site.browser().ask_for_link(spelling).await;
        site.auth.settle().await;
        assert_eq!(site.mailbox.count(), mails, "{spelling:?}");
        let mail = site.mailbox.0.lock().unwrap().last().unwrap().to.clone();
        assert_eq!(mail.as_str(), "ann@example.com");
        site.clock.advance(chrono::TimeDelta::minutes(5));
    }
}

#[tokio::test]
async fn a_guessed_token_fails_and_keeps_the_link_valid() {
    let site = Site::new();
    site.browser().ask_for_link("ann@example.com").await;
    site.auth.settle().await;
    let link = site.mailbox.last_link();
    let hash = site.adapter.tables().verification_tokens[0].token.as_str().to_owned();
    let mut attacker = site.browser();
    let csrf = attacker.csrf_token().await;
    let guesses = (0..200).map(|n| format!("{n:064x}")).chain([hash, "\u{0}".to_owned(), "%".to_owned()]);
    for guess in guesses {
        let fields = [("csrfToken", csrf.as_str()), ("email", "ann@example.com"), ("token", guess.as_str())];
        let answer = attacker.post("/api/auth/callback/email", &fields).await;
        assert_eq!(location(&answer), format!("{ORIGIN}/api/auth/error?error=Verification"), "{guess}");
    }
    assert_eq!(location(&site.browser().use_link(&link).await), ORIGIN, "the link still works");
}

#[tokio::test]
async fn concurrent_uses_of_a_link_sign_in_once() {
    let site = Site::new();
    site.browser().ask_for_link("ann@example.com").await;
    site.auth.settle().await;
    let link = site.mailbox.last_link();
    let mut browsers: Vec<Browser<'_>> = (0..16).map(|_| site.browser()).collect();
    let presses = browsers.iter_mut().map(|browser| browser.use_link(&link));
    let answers = futures_util::future::join_all(presses).await;
    assert_eq!(answers.iter().filter(|answer| location(answer) == ORIGIN).count(), 1);
    assert_eq!(site.adapter.tables().sessions.len(), 1);
    assert_eq!(site.adapter.tables().users.len(), 1);
}

#[tokio::test]
async fn expired_and_used_tokens_stay_invalid() {
    let site = Site::new();
    site.browser().ask_for_link("ann@example.com").await;
    site.auth.settle().await;
    let link = site.mailbox.last_link();
    let mut browser = site.signed_in("bob@example.org").await;
    site.clock.advance(chrono::TimeDelta::days(1) + chrono::TimeDelta::milliseconds(1));
    let answer = site.browser().use_link(&link).await;
    assert_eq!(location(&answer), format!("{ORIGIN}/api/auth/error?error=Verification"));

    site.clock.advance(chrono::TimeDelta::days(30));
    let token = browser.cookies["authjs.session-token"].clone();
    assert_eq!(browser.session().await, serde_json::Value::Null);
    browser.cookies.insert("authjs.session-token".to_owned(), token);
    let csrf = browser.csrf_token().await;
    browser.post("/api/auth/session", &[("csrfToken", &csrf)]).await;
    assert_eq!(browser.session().await, serde_json::Value::Null, "an update does not bring it back");
}

/// A session of somebody else is not reached by its row's other columns.
#[tokio::test]
async fn only_the_whole_token_names_a_session() {
    let site = Site::new();
    let victim = site.signed_in("ann@example.com").await;
    let Session { token, user_id, .. } = site.adapter.tables().sessions[0].clone();
    let token = token.expose().to_owned();
    drop(victim);
    for guess in [
        token.to_uppercase(),
        token[..35].to_owned(),
        format!("{token} "),
        format!("{token}0"),
        format!("{token}%00"),
        user_id.as_str().to_owned(),
        "%25".to_owned(),
        "' or '1'='1".to_owned(),
    ] {
        let mut attacker = site.browser();
        attacker.cookies.insert("authjs.session-token".to_owned(), guess.clone());
        if SessionToken::new(guess.trim()).expose() != token {
            assert_eq!(attacker.session().await, serde_json::Value::Null, "{guess}");
        }
    }
}

/// Collects what `tracing` is told, at every level.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Collects until the guard is dropped.
    pub(crate) fn collect() -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_writer(move || writer.clone())
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_holds_no_secret_whatever_happens() {
    let (log, guard) = Log::collect();
    let site = Site::new();
    let mut browser = site.signed_in("ann@example.com").await;
    let link = site.mailbox.last_link();
    browser.use_link(&link).await;
    browser.ask_for_link("eve@evil.example").await;
    for _ in 0..5 {
        browser.ask_for_link("ann@example.com").await;
    }
    browser.ask_for_link("no address").await;
    browser.post("/api/auth/signout", &[("csrfToken", "forged")]).await;
    browser.get("/api/auth/nothing?token=4711").await;
    browser.get("/api/auth/signin?callbackUrl=4711").await;
    site.adapter.set_down(true);
    browser.session().await;
    browser.ask_for_link("ann@example.com").await;
    browser.use_link(&link).await;
    site.adapter.set_down(false);
    let csrf = browser.csrf_token().await;
    let token = browser.cookies.get("authjs.session-token").cloned().unwrap_or_default();
    browser.post("/api/auth/signout", &[("csrfToken", &csrf)]).await;
    site.auth.settle().await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    drop(guard);

    let log = log.text();
    assert!(log.contains("the adapter failed") && log.contains("a request was refused"), "{log}");
    let page = site.browser().get(&link).await;
    let mut secrets: Vec<String> = hidden_fields(&page).into_iter().map(|(_, value)| value).collect();
    secrets.retain(|value| !value.starts_with(ORIGIN));
    secrets.extend([token, csrf, crate::support::SECRET.to_owned()]);
    secrets.extend(["ann@", "evil.example", "no address", "4711", "forged"].map(str::to_owned));
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        assert!(!log.contains(secret.as_str()), "`{secret}` is in the log:\n{log}");
    }
}
