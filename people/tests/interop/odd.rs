//! Requests that no browser sends by itself: both answer them in the same way.

use std::fmt::Write as _;

use axum::http::Method;
use url::form_urlencoded;

use crate::guest::{Answer, Guest, Site};
use crate::pair::Pair;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("content-type", "application/json");
const IN_JSON: (&str, &str) = ("x-auth-return-redirect", "1");

/// A request; `{csrf}`, `{cookie}` and `{session}` in it stand for what the browser has.
struct Odd {
    method: &'static str,
    path: &'static str,
    headers: &'static [(&'static str, &'static str)],
    cookies: &'static [(&'static str, &'static str)],
    body: &'static str,
    /// What People answers instead, on purpose: "What differs from Auth.js" in the documentation of `nicol-auth`.
    instead: Option<&'static str>,
}

impl Odd {
    const fn instead(mut self, answer: &'static str) -> Self {
        self.instead = Some(answer);
        self
    }
}

const MISTYPED: &str = "302 /api/auth/signin?error=EmailSignin";
const NO_LINK: &str = "302 /api/auth/error?error=Verification";
const SIGNED_IN: (&str, &str) = ("authjs.session-token", "{session}");
const GUARDED: (&str, &str) = ("authjs.csrf-token", "{cookie}");

const fn get(path: &'static str, cookies: &'static [(&'static str, &'static str)]) -> Odd {
    Odd { method: "GET", path, headers: &[], cookies, body: "", instead: None }
}

const fn post(
    path: &'static str,
    headers: &'static [(&'static str, &'static str)],
    cookies: &'static [(&'static str, &'static str)],
    body: &'static str,
) -> Odd {
    Odd { method: "POST", path, headers, cookies, body, instead: None }
}

const ODD: &[Odd] = &[
    // Cookies.
    get("session", &[SIGNED_IN]),
    get("session", &[("authjs.session-token", "")]),
    get("session", &[("authjs.session-token", "nonsense")]),
    get("session", &[("authjs.session-token", "%7Bx%7D")]),
    get("session", &[("authjs.session-token.0", "{session}")]),
    get("session", &[("authjs.session-token.0", "{session}"), ("authjs.session-token.1", "x")]),
    get("session", &[("authjs.session-token", "{session}"), ("authjs.session-token.1", "x")]),
    get("session", &[("authjs.session-tokens", "{session}")]),
    get("session", &[("AUTHJS.SESSION-TOKEN", "{session}")]),
    get("session", &[("__Secure-authjs.session-token", "{session}")]),
    get("session", &[("next-auth.session-token", "{session}")]),
    get("session", &[("authjs.callback-url", "nonsense")])
        .instead("200 application/json null authjs.callback-url= authjs.csrf-token=…"),
    get("session", &[SIGNED_IN, ("authjs.callback-url", "http%3A%2F%2Fevil.example%2F")]),
    get("csrf", &[GUARDED]),
    get("csrf", &[("authjs.csrf-token", "nonsense")]),
    get("csrf", &[("authjs.csrf-token", "a%7Cb")]),
    get("csrf", &[("authjs.csrf-token", "%7C")]),
    // Paths. Methods and trailing slashes are Next.js's own affair.
    get("SESSION", &[SIGNED_IN]),
    // People has one form for each path, so that no limit is passed by another spelling (`layers::normal_path`).
    get("%73ession", &[]).instead("200 application/json null authjs.callback-url= authjs.csrf-token=…"),
    get("session?a=1&a=2", &[SIGNED_IN]),
    get("signin?error=OAuthAccountNotLinked", &[]),
    get("signin?callbackUrl=/x&callbackUrl=/y", &[]),
    get("signout", &[SIGNED_IN]),
    get("error?error=AccessDenied&error=Verification", &[]),
    get("callback/email", &[]).instead(NO_LINK),
    get("callback/email?error=access_denied", &[]).instead(NO_LINK),
    Odd { method: "HEAD", path: "csrf", headers: &[], cookies: &[], body: "", instead: None },
    // Forms.
    post("session", &[JSON], &[SIGNED_IN, GUARDED], r#"{"csrfToken":"{csrf}"}"#),
    post("session", &[JSON], &[SIGNED_IN, GUARDED], r#"{"csrfToken":"{csrf}","data":{"name":"Eve"}}"#),
    post("session", &[JSON], &[SIGNED_IN], r#"{"csrfToken":"{csrf}"}"#),
    post("session", &[JSON], &[GUARDED], r#"{"csrfToken":"{csrf}"}"#),
    post("session", &[FORM], &[SIGNED_IN, GUARDED], "csrfToken={csrf}"),
    post("session", &[], &[SIGNED_IN, GUARDED], "csrfToken={csrf}"),
    // Next.js hands an empty body over where there is none.
    post("session", &[JSON], &[SIGNED_IN, GUARDED], "").instead("400 application/json null"),
    post("session", &[JSON], &[SIGNED_IN, GUARDED], "{"),
    post("session", &[JSON], &[SIGNED_IN, GUARDED], "[]"),
    post("session", &[JSON], &[SIGNED_IN, GUARDED], "null"),
    post("session", &[JSON], &[SIGNED_IN, GUARDED], r#"{"csrfToken":1}"#),
    post("signout", &[FORM], &[GUARDED], ""),
    post("signout", &[FORM, IN_JSON], &[GUARDED], "csrfToken={csrf}"),
    post("signout", &[FORM, IN_JSON], &[GUARDED], "csrfToken={csrf}&callbackUrl=%2Fx"),
    post("signout", &[FORM, IN_JSON], &[GUARDED], "csrfToken={csrf}&callbackUrl=http%3A%2F%2Fevil.example"),
    post("signout?csrfToken={csrf}", &[FORM], &[GUARDED], ""),
    post("signout", &[JSON, IN_JSON], &[GUARDED], r#"{"csrfToken":"{csrf}"}"#),
    post("signout", &[("content-type", "text/plain")], &[GUARDED], "csrfToken={csrf}"),
    post(
        "signout",
        &[("content-type", "application/x-www-form-urlencoded; charset=utf-8")],
        &[GUARDED],
        "csrfToken={csrf}",
    ),
    post("signout", &[FORM], &[GUARDED], "csrfToken={csrf}&csrfToken=x"),
    post("signout", &[FORM], &[GUARDED], "csrfToken=x&csrfToken={csrf}"),
    post("signout", &[FORM], &[("authjs.csrf-token", "{csrf}")], "csrfToken={csrf}"),
    post("signout/email", &[FORM], &[GUARDED], "csrfToken={csrf}"),
    post("signin/email", &[FORM, IN_JSON], &[GUARDED], "csrfToken={csrf}&email=zoe%40example.com"),
    post(
        "signin/email?x=1",
        &[FORM, IN_JSON],
        &[GUARDED],
        "csrfToken={csrf}&email=zoe%40example.com&callbackUrl=%2Fx",
    ),
    post("signin/email", &[FORM, IN_JSON], &[], "csrfToken={csrf}&email=zoe%40example.com"),
    post("signin/email", &[FORM], &[GUARDED], "csrfToken={csrf}").instead(MISTYPED),
    post("signin/email", &[FORM], &[GUARDED], "csrfToken={csrf}&email=").instead(MISTYPED),
    post("signin/email", &[FORM], &[GUARDED], "csrfToken={csrf}&email=nobody").instead(MISTYPED),
    post("signin/email", &[FORM], &[GUARDED], "csrfToken={csrf}&email=a%40b%40c").instead(MISTYPED),
    post("signin/email", &[FORM], &[GUARDED], "csrfToken={csrf}&email=%22zoe%22%40example.com")
        .instead(MISTYPED),
    post("signin/EMAIL", &[FORM], &[GUARDED], "csrfToken={csrf}&email=zoe%40example.com"),
    post("signin", &[FORM, IN_JSON], &[GUARDED], "csrfToken={csrf}"),
    post("callback/email", &[FORM], &[GUARDED], "csrfToken={csrf}").instead(NO_LINK),
    post("verify-request", &[FORM], &[GUARDED], "csrfToken={csrf}"),
    post("providers", &[FORM], &[GUARDED], "csrfToken={csrf}"),
    post("error", &[FORM], &[GUARDED], "csrfToken={csrf}"),
];

#[tokio::test(flavor = "multi_thread")]
async fn odd_requests_get_the_same_answer() {
    let pair = Pair::start().await;
    let mut ann = pair.signed_in(&pair.next, "ann@example.com").await;
    let csrf = ann.csrf(&pair.next).await;
    let known = [
        ("{csrf}", csrf),
        ("{cookie}", ann.cookies["authjs.csrf-token"].clone()),
        ("{session}", ann.cookies["authjs.session-token"].clone()),
    ];
    let mut differences = String::new();
    for odd in ODD {
        let people = told(odd, &pair.people, &known).await;
        let next = told(odd, &pair.next, &known).await;
        let expected = odd.instead.unwrap_or(&next);
        if people != expected || odd.instead == Some(&next) {
            let Odd { method, path, cookies, body, .. } = odd;
            writeln!(differences, "{method} {path} {cookies:?} {body}\n  People   {people}\n  expected {expected}\n  original {next}")
                .unwrap();
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

/// What is answered, without what is each site's own.
async fn told(odd: &Odd, site: &Site, known: &[(&str, String)]) -> String {
    let fill =
        |text: &str| known.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
    let cookies = odd.cookies.iter().map(|(name, value)| ((*name).to_owned(), fill(value))).collect();
    let method = Method::from_bytes(odd.method.as_bytes()).unwrap();
    let path = fill(&format!("/api/auth/{}", odd.path));
    let mut guest = Guest { cookies };
    summary(&guest.request(site, method, &path, odd.headers, fill(odd.body)).await, site)
}

/// Status, kind, where it leads, the body if it is JSON, and the cookies.
fn summary(answer: &Answer, site: &Site) -> String {
    let header = |name: &str| answer.headers.get(name).map_or("", |value| value.to_str().unwrap());
    let kind = header("content-type").split(';').next().unwrap();
    let body = if kind.contains("json") && !answer.body.contains("csrfToken") { &*answer.body } else { "" };
    let mut cookies = Vec::new();
    for cookie in answer.set_cookies() {
        let (name, rest) = cookie.split_once('=').unwrap();
        let value = rest.split(';').next().unwrap();
        // A new token is another one each time.
        let value = if name.contains("csrf") && !value.is_empty() { "…" } else { value };
        cookies.push(format!("{name}={value}"));
    }
    cookies.sort_unstable();
    let status = answer.status.as_u16().to_string();
    let parts = [&*status, kind, header("location"), body, &cookies.join(" ")];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let origin: String = form_urlencoded::byte_serialize(site.origin.as_bytes()).collect();
    parts.join(" ").replace(&site.origin, "").replace(&origin, "")
}
