//! Replays how @auth/core signs people in at providers, and compares the answers, the rows, and what the provider was
//! asked.
//!
//! `tests/reference/record.mjs` says how the recordings were made. What differs on purpose is named here.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use nicol_auth::provider::{ClientAuthentication, OAuthUrls};
use nicol_auth::{Account, AllowList, Auth, AuthSecret, AuthUrl, Config, OAuthProvider, PageUrls, UserId};
use serde::Deserialize;
use serde_json::Value;

use crate::provider::{Asked, StubProvider};
use crate::reference::{RecordedRequest, RecordedResponse, State, fill, recordings, send, state};
use crate::support::{SameBytes, TestAdapter, TestClock};

#[derive(Deserialize)]
struct Recording {
    base_url: String,
    secret: String,
    #[serde(default)]
    pages: BTreeMap<String, String>,
    client: Client,
    specs: Vec<Spec>,
    answers: BTreeMap<String, RecordedAnswer>,
    before: Before,
    exchanges: Vec<Exchange>,
    afterwards: Before,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Client {
    client_id: String,
    client_secret: String,
}

#[derive(Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "the recording has them")]
struct Spec {
    kind: String,
    id: String,
    #[serde(default)]
    userinfo: bool,
    #[serde(default)]
    post: bool,
    #[serde(default)]
    dangerous: bool,
    #[serde(default)]
    enterprise: bool,
}

#[derive(Deserialize)]
struct RecordedAnswer {
    status: u16,
    body: Value,
}

#[derive(Deserialize)]
struct Before {
    #[serde(flatten)]
    state: State,
    accounts: Vec<AccountRow>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct AccountRow {
    #[serde(rename = "userId")]
    user_id: String,
    #[serde(rename = "type")]
    kind: String,
    provider: String,
    /// A number is a text here: the column is one.
    #[serde(rename = "providerAccountId", deserialize_with = "text_of")]
    provider_account_id: String,
    refresh_token: Option<String>,
    access_token: Option<String>,
    expires_at: Option<i64>,
    token_type: Option<String>,
    scope: Option<String>,
    id_token: Option<String>,
    session_state: Option<String>,
}

fn text_of<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        other => other.to_string(),
    })
}

#[derive(Deserialize)]
struct Exchange {
    at: chrono::DateTime<chrono::Utc>,
    request: RecordedRequest,
    response: RecordedResponse,
    asked: Vec<Asked>,
}

const SEALED: &str = "(sealed)";

/// Where an account that is known keeps its first tokens there, and gets the new ones here.
const TOKENS_REPLACED: [&str; 2] = ["account_known_signed_out", "account_known_signed_in"];

/// Where a profile with a public address suffices there, and the list of addresses is asked here, too: only the list says
/// which of them are verified.
const LIST_ASKED: &str = "github_public_address";

/// What is refused here and let through there.
const STRICTER: [&str; 1] = ["id_token_by_another_party"];

#[tokio::test]
async fn sign_in_at_providers_is_that_of_the_reference() {
    let mut failures = String::new();
    for file in recordings("providers", 30) {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let stub = StubProvider::start().await;
        // The provider of the recording has no address that could be reached.
        let text = std::fs::read_to_string(&file).unwrap();
        let encoded = url::form_urlencoded::byte_serialize(stub.url.as_bytes()).collect::<String>();
        let text =
            text.replace("http%3A%2F%2Fprovider.test", &encoded).replace("http://provider.test", &stub.url);
        replay(&name, serde_json::from_str(&text).unwrap(), &stub, &mut failures).await;
    }
    assert!(failures.is_empty(), "{failures}");
}

async fn replay(name: &str, recording: Recording, stub: &StubProvider, failures: &mut String) {
    let adapter = TestAdapter::default();
    fill(&adapter, &recording.before.state);
    adapter.tables().accounts = recording.before.accounts.iter().map(account).collect();
    let clock = TestClock::at("2026-11-23T12:00:00Z");
    let page = |name: &str| recording.pages.get(name).cloned();
    let url = AuthUrl::parse(&recording.base_url).unwrap();
    let secret = AuthSecret::new(recording.secret).unwrap();
    let mut config = Config::new(url, secret, AllowList::everyone())
        .page_urls(PageUrls {
            sign_in: page("signIn"),
            sign_out: page("signOut"),
            error: page("error"),
            verify_request: page("verifyRequest"),
            new_user: page("newUser"),
        })
        .clock(clock.clone())
        .random(SameBytes);
    for spec in &recording.specs {
        config = config.provider(provider(spec, &recording.client, stub));
    }
    for (path, RecordedAnswer { status, body }) in recording.answers {
        stub.answer(&path, status, body);
    }
    if name == LIST_ASKED {
        let list = serde_json::json!([{ "email": "ann@example.com", "primary": false, "verified": true }]);
        stub.answer("/api/v3/user/emails", 200, list);
    }
    // Every random byte is the same, so the nonce is, too.
    stub.change(|stub| "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s".clone_into(&mut stub.nonce));
    let auth = Auth::new(config, adapter.clone());

    for Exchange { at, request, response: expected, asked } in recording.exchanges {
        clock.set(at);
        let mut answer = send(&auth, &request).await;
        if expected.body == "(page)" {
            continue;
        }
        if STRICTER.contains(&name) && request.uri.contains("/callback/") {
            let error = "http://localhost:3000/api/auth/error?error=Configuration".to_owned();
            assert_eq!(answer.headers.get("location"), Some(&error), "{name}");
            return;
        }
        let failed = |answer: &RecordedResponse| {
            answer.headers.get("location").is_some_and(|location| location.contains("error="))
        };
        if failed(&answer) {
            // What belongs to a sign-in that failed is taken away here; there it stays for its 15 minutes.
            let is_check = |cookie: &String| {
                cookie.contains("Max-Age=0")
                    && ["state", "pkce.code_verifier", "nonce"]
                        .iter()
                        .any(|check| cookie.contains(&format!("authjs.{check}=")))
            };
            answer.set_cookie.retain(|cookie| !is_check(cookie));
        }
        let mut got = stub.take_asked();
        if failed(&answer) && got.is_empty() {
            // All cookies are looked at before the provider is asked.
            got.clone_from(&asked);
        }
        if name == LIST_ASKED && !got.is_empty() {
            assert_eq!(got.pop().unwrap().path, "/api/v3/user/emails");
        }
        if answer != expected || got != asked {
            let RecordedRequest { method, uri, body, .. } = request;
            let body = body.unwrap_or_default();
            writeln!(failures, "\n{name}: {method} {uri} {body}\nexpected {expected:?}\n{asked:?}\ngot      {answer:?}\n{got:?}")
                .unwrap();
        }
    }
    // That an address is verified is recorded here, and not there.
    for user in &mut adapter.tables().users {
        user.email_verified = None;
    }
    let left = (state(&adapter), adapter.tables().accounts.iter().map(row).collect::<Vec<_>>());
    let mut accounts = recording.afterwards.accounts;
    for row in &mut accounts {
        if TOKENS_REPLACED.contains(&name) {
            row.expires_at = Some(1_795_438_800);
            row.scope = Some("openid email".to_owned());
            row.token_type = Some("bearer".to_owned());
            row.access_token = Some(String::new());
            row.refresh_token = Some(String::new());
            row.id_token = Some(String::new());
        }
        // Tokens are encrypted here.
        for token in [&mut row.refresh_token, &mut row.access_token, &mut row.id_token] {
            *token = token.take().map(|_| SEALED.to_owned());
        }
    }
    let expected = (recording.afterwards.state, accounts);
    if left != expected {
        writeln!(failures, "\n{name}: left {left:?}\nexpected {expected:?}").unwrap();
    }
}

fn provider(spec: &Spec, client: &Client, stub: &StubProvider) -> OAuthProvider {
    let (id, secret) = (client.client_id.clone(), client.client_secret.clone());
    let mut provider = match spec.kind.as_str() {
        "oidc" => OAuthProvider::oidc(&spec.id, &stub.url, id, secret).unwrap(),
        "oauth" => {
            let url = |path: &str| format!("{}{path}", stub.url);
            let urls = OAuthUrls {
                authorization: url("/authorize?kept=1"),
                token: url("/token"),
                userinfo: url("/userinfo"),
            };
            OAuthProvider::oauth2(&spec.id, &urls, "read", id, secret).unwrap()
        }
        _ if spec.enterprise => OAuthProvider::github_enterprise(&stub.url, id, secret).unwrap(),
        _ => OAuthProvider::github(id, secret),
    };
    // Auth.js believes an address that nobody has verified, and none of the recorded answers says that one is.
    provider = provider.assume_email_verified();
    if spec.userinfo {
        provider = provider.profile_from_userinfo();
    }
    if spec.post {
        provider = provider.client_authentication(ClientAuthentication::Post);
    }
    if spec.dangerous {
        provider = provider.allow_dangerous_email_account_linking();
    }
    provider
}

fn account(row: &AccountRow) -> Account {
    Account {
        user_id: UserId::new(&row.user_id),
        kind: row.kind.clone(),
        provider: row.provider.clone(),
        provider_account_id: row.provider_account_id.clone(),
        refresh_token: None,
        access_token: None,
        expires_at: None,
        token_type: None,
        scope: None,
        id_token: None,
        session_state: None,
    }
}

fn row(account: &Account) -> AccountRow {
    let sealed = |secret: &nicol_auth::Secret| {
        if secret.expose().starts_with("nicol.1.") { SEALED } else { "(in clear)" }.to_owned()
    };
    let user_id = account.user_id.as_str();
    AccountRow {
        // The recording calls the one user that a scenario creates so.
        user_id: if user_id == "user1" { "created" } else { user_id }.to_owned(),
        kind: account.kind.clone(),
        provider: account.provider.clone(),
        provider_account_id: account.provider_account_id.clone(),
        refresh_token: account.refresh_token.as_ref().map(sealed),
        access_token: account.access_token.as_ref().map(sealed),
        expires_at: account.expires_at,
        token_type: account.token_type.clone(),
        scope: account.scope.clone(),
        id_token: account.id_token.as_ref().map(sealed),
        session_state: account.session_state.clone(),
    }
}
