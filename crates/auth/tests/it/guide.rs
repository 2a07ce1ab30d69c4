//! What the guide says works.

use std::process::Command;

use nicol_auth::{Account, Secret};

use crate::support::{SECRET, Site};

const GUIDE: &str = include_str!("../../../../docs/sign-in.md");

#[tokio::test]
async fn the_guides_code_for_node_opens_our_tokens() {
    let site = Site::new();
    let browser = site.signed_in("ann@example.com").await;
    let ann = site.who(&browser).await.unwrap();
    let token = "ya29.\u{e9}\u{1f511} and so on";
    let account = Account {
        user_id: ann.user_id().clone(),
        kind: "oidc".to_owned(),
        provider: "google".to_owned(),
        provider_account_id: "42".to_owned(),
        refresh_token: None,
        access_token: Some(Secret::new(token)),
        expires_at: None,
        token_type: None,
        scope: None,
        id_token: None,
        session_state: None,
    };
    site.auth.link_account(account).await.unwrap();
    let stored = site.adapter.tables().accounts[0].access_token.clone().unwrap();
    assert!(stored.expose().starts_with("nicol.1."));

    let (_, code) = GUIDE.split_once("```js\n").unwrap();
    let (code, _) = code.split_once("```").unwrap();
    let row = serde_json::json!({ "provider": "google", "providerAccountId": "42", "access_token": stored.expose() });
    let secret = serde_json::json!(SECRET);
    let call = format!("{code}\nconsole.log(openToken({secret}, {row}, 'access_token'));");
    let output = Command::new("node").args(["--input-type=module", "--eval", &call]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim_end(), token);
}
