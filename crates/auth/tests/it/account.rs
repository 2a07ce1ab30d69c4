//! What somebody who is signed in sees and does about the accounts at providers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use nicol_auth::{
    AccessTokenError, Account, AccountKey, Authenticated, Clock as _, OAuthProvider, RenewedTokens, Secret,
    Unlinked,
};
use serde_json::json;

use crate::provider::StubProvider;
use crate::support::Site;

const KEY: AccountKey<'_> = AccountKey { provider: "google", provider_account_id: "42" };

fn account(who: &Authenticated, provider: &str) -> Account {
    Account {
        user_id: who.user_id().clone(),
        kind: "oidc".to_owned(),
        provider: provider.to_owned(),
        provider_account_id: "42".to_owned(),
        refresh_token: Some(Secret::new("refresh me")),
        access_token: Some(Secret::new("let me in")),
        expires_at: None,
        token_type: Some("bearer".to_owned()),
        scope: Some("openid email".to_owned()),
        id_token: None,
        session_state: None,
    }
}

#[tokio::test]
async fn tokens_reach_the_tables_encrypted_only() {
    let site = Site::new();
    let browser = site.signed_in("ann@example.com").await;
    let ann = site.who(&browser).await.unwrap();
    site.auth.link_account(account(&ann, "google")).await.unwrap();
    let row = site.adapter.tables().accounts[0].clone();
    for (token, clear) in [(row.access_token, "let me in"), (row.refresh_token, "refresh me")] {
        let text = token.unwrap().into_exposed();
        assert!(text.starts_with("nicol.1.") && !text.contains(clear), "{text}");
    }
    assert!(row.id_token.is_none(), "what is not there is not made up");
}

#[tokio::test]
async fn accounts_are_listed_and_unlinked_by_their_owner_only() {
    let site = Site::new();
    let (ann, bob) = (site.signed_in("ann@example.com").await, site.signed_in("bob@example.org").await);
    let (ann, bob) = (site.who(&ann).await.unwrap(), site.who(&bob).await.unwrap());
    site.auth.link_account(account(&ann, "google")).await.unwrap();
    let linked = site.auth.accounts(&ann).await.unwrap();
    assert_eq!((linked.len(), linked[0].provider_name.as_str()), (1, "google"));
    assert_eq!(linked[0].scope.as_deref(), Some("openid email"));
    assert!(site.auth.accounts(&bob).await.unwrap().is_empty());

    assert_eq!(site.auth.unlink(&bob, KEY).await.unwrap(), Unlinked::NotLinked);
    assert_eq!(site.auth.accounts(&ann).await.unwrap().len(), 1);
    assert_eq!(site.auth.unlink(&ann, KEY).await.unwrap(), Unlinked::Done);
    assert_eq!(site.auth.unlink(&ann, KEY).await.unwrap(), Unlinked::NotLinked);
    assert!(site.auth.accounts(&ann).await.unwrap().is_empty());
}

#[derive(Debug, thiserror::Error)]
#[error("invalid_grant")]
struct Refused;

/// A provider whose tokens last an hour, and which takes a while.
async fn renew(site: &Site, asked: Arc<AtomicU32>, refresh_token: Secret) -> Result<RenewedTokens, Refused> {
    assert_eq!(refresh_token.expose(), "refresh me");
    let number = asked.fetch_add(1, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(250)).await;
    Ok(RenewedTokens {
        access_token: Secret::new(format!("access {number}")),
        refresh_token: None,
        expires_at: Some(site.clock.now().timestamp() + 3600),
        scope: None,
        id_token: None,
    })
}

#[tokio::test(start_paused = true)]
async fn concurrent_requests_renew_an_expired_token_once() {
    let site = Arc::new(Site::new());
    let browser = site.signed_in("ann@example.com").await;
    let ann = site.who(&browser).await.unwrap();
    let now = site.clock.now().timestamp();
    let ended = Account { expires_at: Some(now - 1), ..account(&ann, "google") };
    site.auth.link_account(ended).await.unwrap();
    let asked = Arc::new(AtomicU32::new(0));
    let wants = (0..20).map(|_| {
        let (site, asked) = (Arc::clone(&site), Arc::clone(&asked));
        let renewing = Arc::clone(&site);
        async move {
            site.auth
                .access_token_with(KEY, move |token| async move { renew(&renewing, asked, token).await })
                .await
        }
    });
    for token in futures_util::future::join_all(wants).await {
        assert_eq!(token.unwrap().expose(), "access 0");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let row = site.adapter.tables().accounts[0].clone();
    let text = row.access_token.unwrap().into_exposed();
    assert!(text.starts_with("nicol.1.") && text.split('.').count() == 4, "no claim is left: {text}");
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_fails_or_dies_is_tried_again() {
    let site = Site::new();
    let browser = site.signed_in("ann@example.com").await;
    let ann = site.who(&browser).await.unwrap();
    let now = site.clock.now().timestamp();
    let ended = Account {
        expires_at: Some(now),
        access_token: Some(Secret::new("in clear")),
        ..account(&ann, "google")
    };
    site.adapter.tables().accounts.push(ended);

    let refused = site.auth.access_token_with(KEY, |_| async { Err::<RenewedTokens, _>(Refused) }).await;
    assert!(matches!(refused, Err(AccessTokenError::Refused(_))));
    let stored = |site: &Site| site.adapter.tables().accounts[0].access_token.clone().unwrap().into_exposed();
    assert!(stored(&site).starts_with("nicol.1."), "what was in clear is encrypted as soon as it is written");

    // Another process has claimed the renewal and died.
    let claimed = format!("{}.{}", stored(&site), now + 30);
    site.adapter.tables().accounts[0].access_token = Some(Secret::new(claimed));
    let new = || async {
        Ok::<_, Refused>(RenewedTokens {
            access_token: Secret::new("new"),
            refresh_token: Some(Secret::new("next")),
            expires_at: None,
            scope: None,
            id_token: None,
        })
    };
    let busy = site.auth.access_token_with(KEY, move |_| new()).await;
    assert!(matches!(busy, Err(AccessTokenError::Busy)), "as long as the claim holds, nobody else asks");
    site.clock.advance(TimeDelta::seconds(31));
    assert_eq!(site.auth.access_token_with(KEY, move |_| new()).await.unwrap().expose(), "new");
}

#[tokio::test]
async fn a_missing_access_token_is_not_an_outage() {
    let site = Site::new();
    let browser = site.signed_in("ann@example.com").await;
    let ann = site.who(&browser).await.unwrap();
    let never = |_| async { Err::<RenewedTokens, _>(Refused) };
    let none = site.auth.access_token_with(KEY, never).await;
    assert!(matches!(none, Err(AccessTokenError::NoToken)));
    site.auth.link_account(account(&ann, "google")).await.unwrap();
    assert_eq!(site.auth.access_token_with(KEY, never).await.unwrap().expose(), "let me in");
    let ended = Some(site.clock.now().timestamp());
    let without = Account { refresh_token: None, expires_at: ended, ..account(&ann, "other") };
    site.auth.link_account(without).await.unwrap();
    let other = AccountKey { provider: "other", ..KEY };
    let ended = site.auth.access_token_with(other, never).await;
    assert!(matches!(ended, Err(AccessTokenError::Ended)));
}

#[tokio::test]
async fn an_access_token_is_renewed_at_its_provider() {
    let stub = StubProvider::start().await;
    let provider = OAuthProvider::oidc("google", &stub.url, "client", Secret::new("secret")).unwrap();
    let site = Site::with(|config| config.provider(provider));
    let browser = site.signed_in("ann@example.com").await;
    let ann = site.who(&browser).await.unwrap();
    let now = site.clock.now().timestamp();
    site.auth.link_account(Account { expires_at: Some(now + 10), ..account(&ann, "google") }).await.unwrap();
    let answer = json!({ "access_token": "second", "token_type": "Bearer", "expires_in": 60, "refresh_token": "next" });
    stub.answer("/token", 200, answer);

    assert_eq!(site.auth.access_token(KEY).await.unwrap().expose(), "second");
    assert_eq!(site.auth.access_token(KEY).await.unwrap().expose(), "second", "it is kept");
    let asked = stub.take_asked();
    assert_eq!(asked.len(), 1, "the provider was asked once");
    let form = [("grant_type", "refresh_token"), ("refresh_token", "refresh me")];
    assert_eq!(asked[0].form, form.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    assert_eq!(asked[0].authorization.as_deref(), Some("Basic Y2xpZW50OnNlY3JldA=="));

    site.clock.advance(TimeDelta::minutes(1));
    stub.answer("/token", 400, json!({ "error": "invalid_grant", "error_description": "refresh me" }));
    let refused = site.auth.access_token(KEY).await.unwrap_err();
    assert!(matches!(refused, AccessTokenError::Refused(_)));
    assert_eq!(stub.take_asked()[0].form["refresh_token"], "next", "the provider had given another");
    assert!(!format!("{refused:?}").contains("refresh me"), "what the provider says is not repeated");
}
