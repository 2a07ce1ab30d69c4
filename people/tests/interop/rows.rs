//! Rows that the adapter of one has written are read by the other's, column by column.

use std::io::Write as _;
use std::process::{Command, Stdio};

use chrono::{DateTime, SecondsFormat, Utc};
use nicol_auth::{
    Account, AccountKey, Adapter, HashedToken, NewUser, Secret, Session, SessionToken, VerificationToken,
};
use serde_json::{Value, json};

use crate::pair::{Ground, nextjs};

const KEY: AccountKey<'_> = AccountKey { provider: "google", provider_account_id: "1234567890" };
const IMAGE: &str = "https://example.com/zoë.png?a=1&b='2'";
const LONG: &str = "long.token.";

/// The client as an adapter only: its own methods have some of the same names.
fn adapter(client: &people::db::Client) -> &impl Adapter<Error = nicol::Error> {
    client
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn long_token(name: &str) -> String {
    format!("{name} {}", LONG.repeat(500))
}

/// Every column filled, with what tends to get lost: umlauts, milliseconds, length.
fn account(user_id: nicol_auth::UserId) -> Account {
    Account {
        user_id,
        kind: "oidc".to_owned(),
        provider: KEY.provider.to_owned(),
        provider_account_id: KEY.provider_account_id.to_owned(),
        refresh_token: Some(Secret::new(long_token("refresh"))),
        access_token: Some(Secret::new(long_token("access"))),
        expires_at: Some(1_900_000_000),
        token_type: Some("bearer".to_owned()),
        scope: Some("openid profile email".to_owned()),
        id_token: Some(Secret::new(long_token("id"))),
        session_state: Some("state".to_owned()),
    }
}

/// The same as the other one's adapter gives and takes it.
fn account_json(user_id: &str) -> Value {
    json!({
        "userId": user_id, "type": "oidc", "provider": KEY.provider, "providerAccountId": KEY.provider_account_id,
        "refresh_token": long_token("refresh"), "access_token": long_token("access"), "expires_at": 1_900_000_000,
        "token_type": "bearer", "scope": "openid profile email", "id_token": long_token("id"), "session_state": "state",
    })
}

/// Calls of Prisma's adapter, in a process of its own.
fn theirs(ground: &Ground, calls: &Value) -> Vec<Value> {
    let mut node = Command::new("node")
        .arg("adapter.mjs")
        .current_dir(nextjs())
        .env("DATABASE_URL", ground.database.url_text())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    node.stdin.take().unwrap().write_all(calls.to_string().as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success(), "the script says why above");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Takes the id that the row got out of it.
fn without_id(mut row: Value) -> Value {
    let id = row.as_object_mut().unwrap().remove("id").unwrap();
    assert!(id.as_str().is_some_and(|id| id.len() == 25 && id.starts_with('c')), "{id} is a cuid");
    row
}

#[tokio::test(flavor = "multi_thread")]
async fn what_prismas_adapter_writes_is_read_here() {
    let ground = Ground::new().await;
    let ours = adapter(&ground.db);
    let verified = instant("2026-11-23T12:00:00.123Z");
    let expires = instant("2026-12-23T12:00:00.987Z");
    let user =
        json!({ "name": "Zoë", "email": "zoe@example.com", "emailVerified": verified, "image": IMAGE });
    let user = theirs(&ground, &json!([["createUser", user]])).remove(0);
    let id = user["id"].as_str().unwrap();
    theirs(
        &ground,
        &json!([
            ["linkAccount", account_json(id)],
            ["createSession", { "sessionToken": "session", "userId": id, "expires": expires }],
            ["createVerificationToken", { "identifier": "zoe@example.com", "token": "hash", "expires": expires }],
        ]),
    );

    let found = ours.user_by_email("zoe@example.com").await.unwrap().unwrap();
    assert_eq!((found.id.as_str(), found.name.as_deref()), (id, Some("Zoë")));
    assert_eq!((found.email_verified, found.image.as_deref()), (Some(verified), Some(IMAGE)));
    assert_eq!(ours.user_by_account(KEY).await.unwrap().as_ref(), Some(&found));
    let expected = account(found.id.clone());
    assert!(ours.account(KEY).await.unwrap() == Some(expected), "every column of the account");
    let token = SessionToken::new("session");
    let session = Session { token: token.clone(), user_id: found.id.clone(), expires };
    assert!(ours.session_and_user(&token).await.unwrap() == Some((session, found)));
    let hash = HashedToken::new("hash");
    let used = ours.use_verification_token("zoe@example.com", &hash).await.unwrap();
    assert_eq!(used.map(|token| token.expires), Some(expires));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_here_is_read_by_prismas_adapter() {
    let ground = Ground::new().await;
    let ours = adapter(&ground.db);
    let verified = instant("2026-11-23T12:00:00.123Z");
    let expires = instant("2026-12-23T12:00:00.987Z");
    let text = |instant: DateTime<Utc>| instant.to_rfc3339_opts(SecondsFormat::Millis, true);
    let new = NewUser {
        name: Some("Zoë".to_owned()),
        email: "zoe@example.com".to_owned(),
        email_verified: Some(verified),
        image: Some(IMAGE.to_owned()),
    };
    let user = ours.create_user(new).await.unwrap();
    ours.link_account(account(user.id.clone())).await.unwrap();
    let token = SessionToken::new("session");
    ours.create_session(Session { token, user_id: user.id.clone(), expires }).await.unwrap();
    let (identifier, hash) = ("zoe@example.com".to_owned(), HashedToken::new("hash"));
    ours.create_verification_token(VerificationToken { identifier, token: hash, expires }).await.unwrap();

    let key = json!({ "provider": KEY.provider, "providerAccountId": KEY.provider_account_id });
    let link = json!({ "identifier": "zoe@example.com", "token": "hash" });
    let calls = json!([
        ["getUserByEmail", "zoe@example.com"],
        ["getUserByAccount", key],
        ["getAccount", KEY.provider_account_id, KEY.provider],
        ["getSessionAndUser", "session"],
        ["useVerificationToken", link],
        ["useVerificationToken", link],
    ]);
    let [by_email, by_account, account, session, used, again] = theirs(&ground, &calls).try_into().unwrap();
    assert_eq!(by_email["id"], user.id.as_str());
    let expected =
        json!({ "name": "Zoë", "email": "zoe@example.com", "emailVerified": text(verified), "image": IMAGE });
    assert_eq!((&by_account, &session["user"]), (&by_email, &by_email));
    assert_eq!(without_id(by_email), expected);
    assert!(without_id(account) == account_json(user.id.as_str()), "every column of the account");
    let expected = json!({ "sessionToken": "session", "userId": user.id.as_str(), "expires": text(expires) });
    assert_eq!(without_id(session["session"].clone()), expected);
    assert_eq!(used["expires"], text(expires));
    assert_eq!(again, Value::Null);
}
