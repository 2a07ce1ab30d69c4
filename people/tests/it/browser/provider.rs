//! Sign-in at a real OpenID Connect provider, by hand.

use testkit::OidcProvider;
use testkit::browser::Browser;
use tokio::task::block_in_place;

use super::{fill, follow, press, see, shoot};
use crate::accessibility::look_at;
use crate::site::Site;

/// A site at which one can sign in at `Example`, which is a provider of its own.
async fn site() -> (Site, OidcProvider) {
    let mut provider = block_in_place(|| OidcProvider::start("http://localhost/"));
    let settings = [
        ("AUTH_OIDC_ID", OidcProvider::CLIENT_ID),
        ("AUTH_OIDC_SECRET", OidcProvider::CLIENT_SECRET),
        ("AUTH_OIDC_ISSUER", provider.issuer()),
        ("AUTH_OIDC_NAME", "Example"),
    ];
    let site = Site::with_environment(&settings).await;
    let callback = format!("{}/api/auth/callback/oidc", site.origin);
    block_in_place(|| provider.set_redirect_uri(&callback));
    (site, provider)
}

/// Signs in at the provider and agrees.
async fn agree(browser: &Browser, login: &str) {
    see(browser, "Sign-in").await;
    fill(browser, "input[name=login]", login).await;
    fill(browser, "input[name=password]", "any").await;
    press(browser, "Sign-in").await;
    see(browser, "Authorize").await;
    press(browser, "Continue").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_script_a_person_signs_in_elsewhere_and_the_account_is_linked() {
    let (site, _provider) = site().await;
    let browser = Browser::without_script().await;

    // The policy of our page allows forms to go nowhere else, also by a redirect: this way leads past it.
    site.open(&browser, "/people?q=x").await;
    shoot(&browser, "sign-in-several").await;
    press(&browser, "Sign in with Example").await;
    see(&browser, "Sign-in").await;
    // Whoever breaks it off there can choose again.
    follow(&browser, "[ Cancel ]").await;
    see(&browser, "Sign-in with that provider failed.").await;
    shoot(&browser, "sign-in-error").await;

    press(&browser, "Sign in with Example").await;
    agree(&browser, "ann").await;
    see(&browser, "ann@example.com").await;
    assert_eq!(browser.current_url().await.unwrap().path(), "/people", "one arrives where one was going");

    site.open(&browser, "/account").await;
    see(&browser, "Linked accounts").await;
    shoot(&browser, "account-linked").await;
    let output = site.running.output();
    for secret in [OidcProvider::CLIENT_SECRET, "code=", "state="] {
        assert!(!output.contains(secret), "`{secret}` is in the log:\n{output}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_script_who_is_signed_in_links_an_account_and_comes_back_by_it() {
    let (site, _provider) = site().await;
    let browser = Browser::start().await;
    site.sign_in(&browser, "bob@example.org").await;
    site.open(&browser, "/account").await;
    press(&browser, "Link Example").await;
    agree(&browser, "ann").await;
    see(&browser, "The account was linked.").await;
    see(&browser, "Unlink").await;
    press(&browser, "Sign out").await;
    see(&browser, "Sign in with Example").await;
    let mut found = String::new();
    for (path, text) in [
        ("/api/auth/signin?error=OAuthAccountNotLinked", "Sign in the way you did before"),
        ("/api/auth/signin", "Sign in with Example"),
    ] {
        site.open(&browser, path).await;
        see(&browser, text).await;
        look_at(&browser, "sign-in-several", &mut found).await;
    }
    assert!(found.is_empty(), "{found}");
    // The provider knows the browser by now and asks nothing.
    press(&browser, "Sign in with Example").await;
    see(&browser, "bob@example.org").await;
    let mut complaints = browser.console().await;
    complaints.retain(|line| line.contains(&site.origin));
    assert_eq!(complaints, Vec::<String>::new(), "nothing of ours is complained of");
}
