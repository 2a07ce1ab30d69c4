//! Every adapter passes the suite: the one in memory, and the one of a generated client.

use nicol_auth::{MemoryAdapter, adapter_suite};
use testkit::TestDatabase;

/// The client of the schema that Auth.js documents, which lacks `session_state`. Tests of `nicol-codegen` keep it up to date.
#[path = "../../../codegen/tests/data/authjs/out/mod.rs"]
mod db;

/// The tables of that schema: `nicol migrate diff --from-empty --to-schema-datamodel … --script`.
const TABLES: &str = include_str!("../authjs.sql");

#[tokio::test]
async fn the_memory_adapter_passes_the_suite() {
    adapter_suite::run(&MemoryAdapter::default()).await.unwrap();
}

#[tokio::test]
async fn a_generated_client_passes_the_suite() {
    let database = TestDatabase::create().await;
    database.connect().await.batch_execute(TABLES).await.unwrap();
    let client = db::Client::lazy(&database.url_text()).unwrap();
    adapter_suite::run(&client).await.unwrap();
}

#[tokio::test]
async fn the_end_of_an_access_token_fits_its_column() {
    let database = TestDatabase::create().await;
    database.connect().await.batch_execute(TABLES).await.unwrap();
    let client = db::Client::lazy(&database.url_text()).unwrap();
    let user = nicol_auth::NewUser {
        name: None,
        email: "ann@example.com".into(),
        email_verified: None,
        image: None,
    };
    let user = nicol_auth::Adapter::create_user(&client, user).await.unwrap();
    let account = nicol_auth::Account {
        user_id: user.id,
        kind: "oidc".to_owned(),
        provider: "google".to_owned(),
        provider_account_id: "42".to_owned(),
        refresh_token: None,
        access_token: Some(nicol_auth::Secret::new("access")),
        expires_at: Some(4_000_000_000),
        token_type: None,
        scope: Some("openid".to_owned()),
        id_token: None,
        session_state: Some("not in this schema".to_owned()),
    };
    nicol_auth::Adapter::link_account(&client, account).await.unwrap();
    let key = db::account::by_provider_and_provider_account_id("google", "42");
    let row = client.account().find_unique(key).await.unwrap().unwrap();
    assert_eq!(row.expires_at, Some(4_000_000_000));
    assert_eq!(row.access_token.as_deref(), Some("access"));
    assert_eq!(row.scope.as_deref(), Some("openid"));
}
