//! Replays what @auth/core was asked, and compares the answers.
//!
//! `tests/reference/record.mjs` says how the recordings were made. What differs on purpose is named here.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Request, Response};
use nicol_auth::{
    AllowList, Auth, AuthSecret, AuthUrl, Config, EmailProvider, HashedToken, PageUrls, Session,
    SessionToken, User, UserId, VerificationToken,
};
use serde::Deserialize;

use crate::support::{Mailbox, SameBytes, TestAdapter, TestClock, hidden_fields};

#[derive(Deserialize)]
struct Recording {
    base_url: String,
    secret: String,
    #[serde(default)]
    pages: BTreeMap<String, String>,
    link: Option<String>,
    before: State,
    exchanges: Vec<Exchange>,
    afterwards: State,
}

#[derive(Deserialize)]
struct Exchange {
    at: DateTime<Utc>,
    request: RecordedRequest,
    response: RecordedResponse,
}

#[derive(Deserialize)]
pub(crate) struct RecordedRequest {
    pub(crate) method: String,
    pub(crate) uri: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Option<String>,
}

#[derive(Debug, Deserialize, PartialEq)]
pub(crate) struct RecordedResponse {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) set_cookie: Vec<String>,
    pub(crate) body: String,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct State {
    users: Vec<UserRow>,
    sessions: Vec<SessionRow>,
    verification_tokens: Vec<TokenRow>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct UserRow {
    id: String,
    name: Option<String>,
    email: String,
    email_verified: Option<DateTime<Utc>>,
    image: Option<String>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct SessionRow {
    session_token: String,
    user_id: String,
    expires: DateTime<Utc>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct TokenRow {
    identifier: String,
    token: String,
    expires: DateTime<Utc>,
}

/// The files of a folder of recordings, of which there are more than so many.
pub(crate) fn recordings(folder: &str, least: usize) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > least, "the recordings are there");
    files
}

/// Where a user verifies the address for the first time: sessions from before end here.
const SESSION_ENDS: &str = "link_while_signed_in_as_the_same";

#[tokio::test]
async fn answers_are_those_of_the_reference() {
    let mut failures = String::new();
    for file in recordings("exchanges", 10) {
        let recording = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        replay(&name, recording, &mut failures).await;
    }
    assert!(failures.is_empty(), "{failures}");
}

async fn replay(name: &str, recording: Recording, failures: &mut String) {
    let adapter = TestAdapter::default();
    fill(&adapter, &recording.before);
    let mailbox = Mailbox::default();
    let clock = TestClock::at("2026-11-23T12:00:00Z");
    let page = |name: &str| recording.pages.get(name).cloned();
    let url = AuthUrl::parse(&recording.base_url).unwrap();
    let config = Config::new(url, AuthSecret::new(recording.secret).unwrap(), AllowList::everyone())
        .provider(EmailProvider::new(mailbox.clone()))
        .page_urls(PageUrls {
            sign_in: page("signIn"),
            sign_out: page("signOut"),
            error: page("error"),
            verify_request: page("verifyRequest"),
            new_user: page("newUser"),
        })
        .clock(clock.clone())
        .random(SameBytes);
    let auth = Auth::new(config, adapter.clone());

    for Exchange { at, request, response: mut expected } in recording.exchanges {
        clock.set(at);
        let mut answer = send(&auth, &request).await;
        if answer.status == 200 && request.uri.contains("/callback/") {
            // Opening a link shows a page, and its button does what opening does in the reference.
            let page = answer;
            answer = press_button(&auth, &request, &page).await;
            let with_cookies = !answer.set_cookie.is_empty();
            answer.set_cookie.splice(..0, page.set_cookie.into_iter().filter(|_| with_cookies));
        }
        auth.settle().await;
        expect_differences(&request, &mut expected);
        if answer.body.starts_with("<!doctype html>") {
            "(page)".clone_into(&mut answer.body);
        }
        if answer != expected {
            let RecordedRequest { method, uri, body, .. } = request;
            let body = body.unwrap_or_default();
            writeln!(failures, "\n{name}: {method} {uri} {body}\nexpected {expected:?}\ngot      {answer:?}")
                .unwrap();
        }
    }
    if recording.link.is_some() {
        let link = mailbox.0.lock().unwrap().last().map(|mail| mail.url.expose().to_owned());
        if link != recording.link {
            writeln!(failures, "\n{name}: link {link:?}, expected {:?}", recording.link).unwrap();
        }
    }
    let left = state(&adapter);
    let mut afterwards = recording.afterwards;
    if name == SESSION_ENDS {
        afterwards.sessions.retain(|session| !recording.before.sessions.contains(session));
    }
    if left != afterwards {
        writeln!(failures, "\n{name}: left {left:?}\nexpected {afterwards:?}").unwrap();
    }
}

/// The recorded answer as it is meant to be here.
fn expect_differences(request: &RecordedRequest, expected: &mut RecordedResponse) {
    // A callback URL that is none is the client's fault.
    if expected.status == 500 && request.uri.contains("callbackUrl=") {
        expected.status = 400;
    }
    // Our pages say their encoding, and none of them may be cached.
    if expected.body == "(page)" {
        expected.headers.insert("content-type".to_owned(), "text/html; charset=utf-8".to_owned());
        expected.headers.insert("cache-control".to_owned(), "no-store".to_owned());
    }
    // The words for people are our own.
    if expected.body.starts_with(r#"{"message":"#) {
        r#"{"message":"the callback URL is neither a path nor an http URL"}"#.clone_into(&mut expected.body);
    }
    // A header holds ASCII only; the reference sends Latin-1, which browsers read as UTF-8.
    if let Some(location) = expected.headers.get_mut("location") {
        *location = location.replace('ä', "%C3%A4");
    }
}

pub(crate) async fn send(auth: &Auth, request: &RecordedRequest) -> RecordedResponse {
    let mut built = Request::builder().method(request.method.as_str()).uri(&request.uri);
    for (name, value) in &request.headers {
        built = built.header(name, value);
    }
    let body = request.body.clone().unwrap_or_default();
    record(&auth.handle(built.body(Bytes::from(body)).unwrap()).await)
}

async fn press_button(auth: &Auth, opened: &RecordedRequest, page: &RecordedResponse) -> RecordedResponse {
    let fields = hidden_fields(&Response::new(Bytes::from(page.body.clone())));
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
    let mut headers = opened.headers.clone();
    headers.insert("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned());
    for cookie in &page.set_cookie {
        let cookie = cookie.split(';').next().unwrap();
        // The first of two with one name counts, so what the page has set goes before.
        headers.entry("cookie".to_owned()).and_modify(|cookies| *cookies = format!("{cookie}; {cookies}"));
    }
    let uri = opened.uri.split('?').next().unwrap().to_owned();
    send(auth, &RecordedRequest { method: "POST".to_owned(), uri, headers, body: Some(body) }).await
}

fn record(response: &Response<Bytes>) -> RecordedResponse {
    let text = |value: &http::HeaderValue| value.to_str().unwrap().to_owned();
    let kept = ["location", "content-type", "cache-control", "expires", "pragma"];
    let headers =
        kept.iter().filter_map(|name| Some(((*name).to_owned(), text(response.headers().get(*name)?))));
    RecordedResponse {
        status: response.status().as_u16(),
        headers: headers.collect(),
        set_cookie: response.headers().get_all("set-cookie").iter().map(text).collect(),
        body: String::from_utf8(response.body().to_vec()).unwrap(),
    }
}

pub(crate) fn fill(adapter: &TestAdapter, state: &State) {
    let mut tables = adapter.tables();
    tables.users = state
        .users
        .iter()
        .map(|row| User {
            id: UserId::new(&row.id),
            name: row.name.clone(),
            email: row.email.clone(),
            email_verified: row.email_verified,
            image: row.image.clone(),
        })
        .collect();
    tables.sessions = state
        .sessions
        .iter()
        .map(|row| Session {
            token: SessionToken::new(&row.session_token),
            user_id: UserId::new(&row.user_id),
            expires: row.expires,
        })
        .collect();
    tables.verification_tokens = state
        .verification_tokens
        .iter()
        .map(|row| VerificationToken {
            identifier: row.identifier.clone(),
            token: HashedToken::new(&row.token),
            expires: row.expires,
        })
        .collect();
}

pub(crate) fn state(adapter: &TestAdapter) -> State {
    let tables = adapter.tables();
    // The recording calls the one user that a scenario creates so.
    let id = |id: &UserId| if id.as_str() == "user1" { "created" } else { id.as_str() }.to_owned();
    State {
        users: tables
            .users
            .iter()
            .map(|user| UserRow {
                id: id(&user.id),
                name: user.name.clone(),
                email: user.email.clone(),
                email_verified: user.email_verified,
                image: user.image.clone(),
            })
            .collect(),
        sessions: tables
            .sessions
            .iter()
            .map(|session| SessionRow {
                session_token: session.token.expose().to_owned(),
                user_id: id(&session.user_id),
                expires: session.expires,
            })
            .collect(),
        verification_tokens: tables
            .verification_tokens
            .iter()
            .map(|token| TokenRow {
                identifier: token.identifier.clone(),
                token: token.token.as_str().to_owned(),
                expires: token.expires,
            })
            .collect(),
    }
}
