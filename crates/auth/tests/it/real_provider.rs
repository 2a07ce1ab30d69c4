//! Sign-in at a real OpenID Connect provider: npm's `oidc-provider`, on loopback, with its own pages.

use chrono::{TimeDelta, Utc};
use http::StatusCode;
use nicol_auth::{AccessTokenError, AccountKey, AllowList, OAuthProvider};
use serde_json::{Value, json};
use testkit::OidcProvider;

use crate::support::{Browser, Site, location};

const FRONT: &str = "http://localhost:3000";
const CALLBACK: &str = "http://localhost:3000/api/auth/callback/test";

fn site(provider: &OidcProvider) -> Site {
    let (id, secret) = (OidcProvider::CLIENT_ID, OidcProvider::CLIENT_SECRET.to_owned());
    let test = OAuthProvider::oidc("test", provider.issuer(), id, secret);
    let test = test.unwrap().scope("openid email profile offline_access").parameter("prompt", "consent");
    let site = Site::with(|config| config.allow(AllowList::everyone()).provider(test));
    // The provider has no clock to turn.
    site.clock.set(Utc::now());
    site
}

/// Walks through the provider's pages; gives the path at which the browser comes back.
fn walk(provider: &mut OidcProvider, url: &str, login: &str, breaks_off: bool) -> String {
    provider.walk(url, login, breaks_off).strip_prefix(FRONT).unwrap().to_owned()
}

async fn start(browser: &mut Browser<'_>) -> String {
    let csrf = browser.csrf_token().await;
    let answer = browser.post("/api/auth/signin/test", &[("csrfToken", &csrf)]).await;
    assert_eq!(answer.status(), StatusCode::FOUND);
    location(&answer).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_in_with_consent_gives_a_renewable_access_token() {
    let mut provider = OidcProvider::start(CALLBACK);
    let site = site(&provider);
    let mut ann = site.browser();
    let there = start(&mut ann).await;
    let back = walk(&mut provider, &there, "ann", false);
    assert!(back.contains("&iss="), "the provider names itself: {back}");
    let kept = ann.cookies.clone();
    assert_eq!(location(&ann.get(&back).await), FRONT);
    assert_eq!(
        ann.session().await["user"],
        json!({ "name": "ann", "email": "ann@example.com", "image": null })
    );

    let row = site.adapter.tables().accounts[0].clone();
    assert_eq!((row.kind.as_str(), row.token_type.as_deref()), ("oidc", Some("bearer")));
    assert_eq!(row.scope.as_deref(), Some("openid email profile offline_access"));
    assert!(row.expires_at.is_some() && row.refresh_token.is_some() && row.id_token.is_some());

    let key = AccountKey { provider: "test", provider_account_id: "ann" };
    let first = site.auth.access_token(key).await.unwrap();
    assert_eq!(site.auth.access_token(key).await.unwrap(), first, "it has not ended");
    site.clock.advance(TimeDelta::seconds(100));
    let (one, two) = tokio::join!(site.auth.access_token(key), site.auth.access_token(key));
    let second = one.unwrap();
    assert_eq!(two.unwrap(), second, "both get the one that was asked for");
    assert_ne!(second, first);
    site.clock.advance(TimeDelta::seconds(100));
    assert_ne!(site.auth.access_token(key).await.unwrap(), second, "the next refresh token was kept");
    let unknown = AccountKey { provider: "other", ..key };
    assert!(matches!(site.auth.access_token(unknown).await, Err(AccessTokenError::NoToken)));

    // The code is worth something once; the provider takes back all that it gave for one that is handed in again.
    ann.cookies = kept;
    assert_eq!(location(&ann.get(&back).await), "http://localhost:3000/api/auth/error?error=Configuration");
    site.clock.advance(TimeDelta::seconds(100));
    assert!(matches!(site.auth.access_token(key).await, Err(AccessTokenError::Refused(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_provider_key_is_accepted() {
    let mut provider = OidcProvider::start(CALLBACK);
    let site = site(&provider);
    for login in ["ann", "bob"] {
        let mut browser = site.browser();
        let there = start(&mut browser).await;
        let back = walk(&mut provider, &there, login, false);
        assert_eq!(location(&browser.get(&back).await), FRONT, "{login}");
        provider.change_key();
        site.clock.advance(TimeDelta::seconds(31));
    }
    assert_eq!(site.adapter.tables().users.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn canceling_leads_back_to_the_sign_in_page() {
    let mut provider = OidcProvider::start(CALLBACK);
    let site = site(&provider);
    let mut ann = site.browser();
    let there = start(&mut ann).await;
    let back = walk(&mut provider, &there, "ann", true);
    assert!(back.contains("error=access_denied"), "{back}");
    let answer = ann.get(&back).await;
    assert_eq!(location(&answer), "http://localhost:3000/api/auth/signin?error=OAuthCallbackError");
    assert_eq!(ann.session().await, Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_needs_its_verifier() {
    let mut provider = OidcProvider::start(CALLBACK);
    let site = site(&provider);
    // The verifier of another sign-in of the same browser: everything else is right.
    let mut ann = site.browser();
    start(&mut ann).await;
    let other = ann.cookies["authjs.pkce.code_verifier"].clone();
    let there = start(&mut ann).await;
    ann.cookies.insert("authjs.pkce.code_verifier".to_owned(), other);
    let back = walk(&mut provider, &there, "ann", false);
    assert_eq!(location(&ann.get(&back).await), "http://localhost:3000/api/auth/error?error=Configuration");

    // The provider does not let anybody in who shows no challenge.
    let there = start(&mut ann).await;
    let mut url = url::Url::parse(&there).unwrap();
    let kept: Vec<_> = url
        .query_pairs()
        .filter(|(name, _)| !name.starts_with("code_challenge"))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    url.query_pairs_mut().clear().extend_pairs(kept);
    let back = walk(&mut provider, url.as_str(), "ann", false);
    assert!(back.contains("error=invalid_request"), "{back}");
    assert_eq!(site.adapter.tables().users.len(), 0);
}
