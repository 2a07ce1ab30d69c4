//! Attacks on sign-in at a provider, each with what it meets; and what keeps working while a provider does not.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use chrono::TimeDelta;
use http::{Response, StatusCode, header};
use nicol_auth::{AccessTokenError, AccountKey, AllowList, Config, OAuthProvider};
use ring::hmac;
use serde_json::{Value, json};

use crate::attacks::Log;
use crate::provider::{SigningKey, StubProvider, unsigned};
use crate::support::{Browser, Site, location, text};

const FRONT: &str = "http://localhost:3000";
const CONFIGURATION: &str = "http://localhost:3000/api/auth/error?error=Configuration";
const ACCESS_DENIED: &str = "http://localhost:3000/api/auth/error?error=AccessDenied";
const NOT_LINKED: &str = "http://localhost:3000/api/auth/signin?error=OAuthAccountNotLinked";
const MISSING_CSRF: &str = "http://localhost:3000/api/auth/signin?error=MissingCSRF";

/// A site with a provider `test`, at which Ann has an account.
struct World {
    site: Site,
    stub: StubProvider,
}

impl World {
    async fn new() -> Self {
        Self::with(|provider| provider, |config| config).await
    }

    async fn with(
        provider: impl FnOnce(OAuthProvider) -> OAuthProvider,
        config: impl FnOnce(Config) -> Config,
    ) -> Self {
        let stub = StubProvider::start().await;
        let test = OAuthProvider::oidc("test", &stub.url, "client", "secret".to_owned()).unwrap();
        let site = Site::with(|settings| config(settings.provider(provider(test))));
        let world = Self { site, stub };
        world.token(&json!({}));
        world
    }

    /// What the provider will say in its id token, beside what it has to.
    fn token(&self, changes: &Value) {
        let now = self.site.clock.0.lock().unwrap().timestamp();
        let mut claims = json!({
            "iss": self.stub.url, "sub": "s1", "aud": "client", "exp": now + 600, "iat": now,
            "nonce": "$nonce", "email": "ann@example.com", "email_verified": true, "name": "Ann",
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let body = json!({ "access_token": "at-secret", "token_type": "Bearer", "id_token_claims": claims });
        self.stub.answer("/token", 200, body);
    }

    /// Begins a sign-in; gives what the provider sees.
    async fn start(&self, browser: &mut Browser<'_>, id: &str) -> Started {
        let csrf = browser.csrf_token().await;
        let answer = browser.post(&format!("/api/auth/signin/{id}"), &[("csrfToken", &csrf)]).await;
        assert_eq!(answer.status(), StatusCode::FOUND);
        let started = Started::of(location(&answer));
        self.stub.change(|stub| started.nonce.clone_into(&mut stub.nonce));
        started
    }

    /// The whole way.
    async fn sign_in(&self, browser: &mut Browser<'_>) -> Response<Bytes> {
        let started = self.start(browser, "test").await;
        browser.get(&started.callback("test", "c1")).await
    }

    fn users(&self) -> usize {
        self.site.adapter.tables().users.len()
    }
}

struct Started {
    state: String,
    nonce: String,
    challenge: String,
}

impl Started {
    fn of(url: &str) -> Self {
        let url = url::Url::parse(url).unwrap();
        let value = |name: &str| {
            url.query_pairs()
                .find(|(other, _)| other == name)
                .map_or(String::new(), |(_, value)| value.into_owned())
        };
        Self { state: value("state"), nonce: value("nonce"), challenge: value("code_challenge") }
    }

    fn callback(&self, id: &str, code: &str) -> String {
        format!("/api/auth/callback/{id}?code={code}&state={}", self.state)
    }
}

#[tokio::test]
async fn an_undisturbed_sign_in_works() {
    let world = World::new().await;
    let mut ann = world.site.browser();
    assert_eq!(location(&world.sign_in(&mut ann).await), FRONT);
    assert_eq!(ann.session().await["user"]["email"], "ann@example.com");
    // Each time anew, and all three of them.
    let (one, two) = (world.start(&mut ann, "test").await, world.start(&mut ann, "test").await);
    for (one, two) in [(&one.state, &two.state), (&one.nonce, &two.nonce), (&one.challenge, &two.challenge)] {
        assert!(one.len() >= 43 && one != two);
    }
}

#[tokio::test]
async fn another_site_cannot_begin_a_sign_in() {
    let world = World::new().await;
    let mut ann = world.site.browser();
    let forged = [("csrfToken", "forged")];
    for fields in [&forged[..], &[]] {
        assert_eq!(location(&ann.post("/api/auth/signin/test", fields).await), MISSING_CSRF);
        ann.csrf_token().await;
        assert_eq!(location(&ann.post("/api/auth/signin/test", fields).await), MISSING_CSRF);
    }
    let answer = ann.get("/api/auth/signin/test").await;
    assert_eq!(location(&answer), CONFIGURATION, "nor by a link");
    assert!(world.stub.take_documents().is_empty(), "the provider is not even asked where it is");
}

#[tokio::test]
async fn a_callback_works_once_and_only_in_the_browser_that_started_it() {
    let world = World::new().await;
    let (mut ann, mut eve) = (world.site.browser(), world.site.browser());
    let started = world.start(&mut ann, "test").await;
    // The attacker's own answer, brought to somebody else: there it would sign in as the attacker.
    assert_eq!(location(&eve.get(&started.callback("test", "c1")).await), CONFIGURATION);
    let eves = world.start(&mut eve, "test").await;
    assert_eq!(location(&eve.get(&started.callback("test", "c1")).await), CONFIGURATION);
    assert!(world.stub.take_asked().is_empty(), "no code was handed in");
    assert!(!eves.state.is_empty());

    let kept = ann.cookies.clone();
    world.stub.change(|stub| started.nonce.clone_into(&mut stub.nonce));
    assert_eq!(location(&ann.get(&started.callback("test", "c1")).await), FRONT);
    assert!(
        ann.cookies
            .keys()
            .all(|name| !["state", "nonce", "code_verifier"].iter().any(|check| name.ends_with(check)))
    );
    assert_eq!(
        location(&ann.get(&started.callback("test", "c1")).await),
        CONFIGURATION,
        "the cookies are gone"
    );

    // Somebody who had copied the cookies is left to the provider, which takes a code once.
    world.stub.answer("/token", 400, json!({ "error": "invalid_grant" }));
    ann.cookies = kept;
    assert_eq!(location(&ann.get(&started.callback("test", "c1")).await), CONFIGURATION);
    assert_eq!(world.users(), 1);
}

#[tokio::test]
async fn a_failed_callback_uses_up_the_sign_in() {
    let world = World::new().await;
    let mut ann = world.site.browser();
    let started = world.start(&mut ann, "test").await;
    let forged = "/api/auth/callback/test?code=c1&state=forged";
    let answer = ann.get(forged).await;
    assert_eq!(location(&answer), CONFIGURATION);
    assert_eq!(answer.headers().get_all(header::SET_COOKIE).iter().count(), 3, "nobody gets a second guess");
    assert_eq!(location(&ann.get(&started.callback("test", "c1")).await), CONFIGURATION);
}

#[tokio::test]
async fn a_sign_in_expires_after_15_minutes() {
    let world = World::new().await;
    let mut ann = world.site.browser();
    let started = world.start(&mut ann, "test").await;
    world.site.clock.advance(TimeDelta::minutes(15) + TimeDelta::seconds(15));
    world.token(&json!({}));
    assert_eq!(location(&ann.get(&started.callback("test", "c1")).await), CONFIGURATION);
}

#[tokio::test]
async fn check_cookies_are_bound_to_their_check_and_provider() {
    let other = StubProvider::start().await;
    let second = OAuthProvider::oidc("other", &other.url, "client", "secret".to_owned()).unwrap();
    let world = World::with(|provider| provider, |config| config.provider(second)).await;
    let mut ann = world.site.browser();
    let started = world.start(&mut ann, "test").await;
    assert_eq!(location(&ann.get(&started.callback("other", "c1")).await), CONFIGURATION, "another provider");
    assert!(other.take_asked().is_empty(), "the other did not get the code");

    for (from, to) in [("state", "nonce"), ("nonce", "state"), ("state", "pkce.code_verifier")] {
        let mut ann = world.site.browser();
        let started = world.start(&mut ann, "test").await;
        let cookie = ann.cookies[&format!("authjs.{from}")].clone();
        ann.cookies.insert(format!("authjs.{to}"), cookie);
        assert_eq!(
            location(&ann.get(&started.callback("test", "c1")).await),
            CONFIGURATION,
            "{from} as {to}"
        );
    }
    for name in ["state", "nonce", "pkce.code_verifier"] {
        let mut ann = world.site.browser();
        let started = world.start(&mut ann, "test").await;
        let cookie = ann.cookies.get_mut(&format!("authjs.{name}")).unwrap();
        // A bit of the text in the middle.
        let place = cookie.len() / 2;
        let changed = if cookie.as_bytes()[place] == b'A' { "B" } else { "A" };
        cookie.replace_range(place..=place, changed);
        assert_eq!(
            location(&ann.get(&started.callback("test", "c1")).await),
            CONFIGURATION,
            "{name} changed"
        );
    }
    assert_eq!(world.users(), 0);
}

#[tokio::test]
async fn the_code_verifier_belongs_to_the_challenge() {
    let world = World::new().await;
    let mut ann = world.site.browser();
    let started = world.start(&mut ann, "test").await;
    ann.get(&started.callback("test", "c1")).await;
    let asked = world.stub.take_asked();
    let verifier = &asked[0].form["code_verifier"];
    let digest = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
    assert_eq!(started.challenge, URL_SAFE_NO_PAD.encode(digest));
    assert_eq!(asked[0].form["redirect_uri"], "http://localhost:3000/api/auth/callback/test");
}

#[tokio::test]
async fn issuers_cannot_be_mixed_up() {
    // The provider names itself in each answer, so an answer that does not is refused (RFC 9207).
    let world = World::new().await;
    world
        .stub
        .change(|stub| stub.metadata = json!({ "authorization_response_iss_parameter_supported": true }));
    let mut ann = world.site.browser();
    for (issuer, expected) in [
        ("", CONFIGURATION),
        ("&iss=https%3A%2F%2Fevil.example", CONFIGURATION),
        (&format!("&iss={}%2F", world.stub.url), CONFIGURATION),
        (&format!("&iss={}", world.stub.url), FRONT),
    ] {
        let started = world.start(&mut ann, "test").await;
        let answer = ann.get(&format!("{}{issuer}", started.callback("test", "c1"))).await;
        assert_eq!(location(&answer), expected, "{issuer}");
        assert_eq!(
            world.stub.take_asked().is_empty(),
            expected == CONFIGURATION,
            "{issuer}: who gets the code"
        );
    }
}

#[tokio::test]
async fn a_discovery_document_of_another_issuer_is_refused() {
    for metadata in [
        json!({ "issuer": "https://accounts.google.com" }),
        json!({ "token_endpoint": "http://evil.example/token" }),
        json!({ "jwks_uri": "http://evil.example/keys" }),
        json!({ "authorization_endpoint": "javascript:alert(1)" }),
        json!({ "token_endpoint": null }),
    ] {
        let world = World::new().await;
        world.stub.change(|stub| stub.metadata = metadata.clone());
        let mut ann = world.site.browser();
        let csrf = ann.csrf_token().await;
        let answer = ann.post("/api/auth/signin/test", &[("csrfToken", &csrf)]).await;
        assert_eq!(location(&answer), CONFIGURATION, "{metadata}");
    }
}

#[tokio::test]
async fn an_id_token_with_a_wrong_claim_is_refused() {
    let world = World::new().await;
    let now = world.site.clock.0.lock().unwrap().timestamp();
    let wrong = [
        json!({ "iss": "https://accounts.google.com" }),
        json!({ "iss": format!("{}/", world.stub.url) }),
        json!({ "aud": "another client" }),
        json!({ "aud": [] }),
        json!({ "aud": ["client", "another client"] }),
        json!({ "azp": "another client" }),
        json!({ "aud": ["client", "another client"], "azp": "another client" }),
        json!({ "exp": now - 31 }),
        json!({ "exp": null }),
        json!({ "iat": now + 31 }),
        json!({ "nbf": now + 31 }),
        json!({ "nonce": "of another sign-in" }),
        json!({ "nonce": null }),
        json!({ "nonce": "" }),
        json!({ "sub": null }),
        json!({ "sub": "" }),
        json!({ "sub": "a\u{0}b" }),
    ];
    for claims in wrong {
        world.token(&claims);
        let answer = world.sign_in(&mut world.site.browser()).await;
        assert_eq!(location(&answer), CONFIGURATION, "{claims}");
    }
    assert_eq!(world.users(), 0);
    world.token(&json!({ "aud": ["client", "another client"], "azp": "client" }));
    assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), FRONT);
}

#[tokio::test]
async fn an_id_token_that_the_provider_did_not_sign_is_refused() {
    type Sign = fn(&SigningKey, &Value) -> String;
    let forgeries: [(&str, Sign); 10] = [
        ("no signature", |_, claims| format!("{}.", unsigned(&json!({ "alg": "none" }), claims))),
        ("no algorithm by another name", |_, claims| {
            format!("{}.", unsigned(&json!({ "alg": "None" }), claims))
        }),
        ("no signature part", |key, claims| unsigned(&header_of(key), claims)),
        ("the public key as a shared secret", |key, claims| {
            // What checks whatever algorithm the token names would take the key that everybody knows for the secret.
            let text = unsigned(&json!({ "alg": "HS256", "kid": key.id }), claims);
            let public = ring::signature::KeyPair::public_key(&key.pair).as_ref();
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, public), text.as_bytes());
            format!("{text}.{}", URL_SAFE_NO_PAD.encode(tag))
        }),
        ("the client's secret", |_, claims| {
            let text = unsigned(&json!({ "alg": "HS256" }), claims);
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b"secret"), text.as_bytes());
            format!("{text}.{}", URL_SAFE_NO_PAD.encode(tag))
        }),
        ("another key under this one's name", |key, claims| {
            SigningKey::new(key.id).sign(&header_of(key), claims)
        }),
        ("another key that comes along", |_, claims| {
            let key = SigningKey::new("k1");
            key.sign(&json!({ "alg": "ES256", "kid": "k1", "jwk": key.public() }), claims)
        }),
        ("an algorithm that was not offered", |key, claims| {
            key.sign(&json!({ "alg": "RS256", "kid": key.id }), claims)
        }),
        ("changed claims", |key, claims| {
            let token = key.sign(&header_of(key), claims);
            let mut claims = claims.clone();
            claims["email"] = "eve@example.org".into();
            let signature = token.rsplit('.').next().unwrap();
            format!("{}.{signature}", unsigned(&header_of(key), &claims))
        }),
        ("a header that has to be understood", |key, claims| {
            key.sign(&json!({ "alg": "ES256", "kid": key.id, "crit": ["exp"] }), claims)
        }),
    ];
    let world = World::new().await;
    for (name, forgery) in forgeries {
        world.stub.change(|stub| stub.sign = forgery);
        let answer = world.sign_in(&mut world.site.browser()).await;
        assert_eq!(location(&answer), CONFIGURATION, "{name}");
    }
    assert_eq!(world.users(), 0);
}

fn header_of(key: &SigningKey) -> Value {
    json!({ "alg": "ES256", "kid": key.id })
}

#[tokio::test]
async fn rotated_keys_are_fetched_but_not_repeatedly() {
    let world = World::new().await;
    assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), FRONT);
    let documents = world.stub.take_documents();
    assert_eq!(documents, ["/.well-known/openid-configuration", "/jwks"]);
    assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), FRONT);
    assert!(world.stub.take_documents().is_empty(), "they are kept");

    world.stub.change(|stub| stub.key = SigningKey::new("k2"));
    world.site.clock.advance(TimeDelta::minutes(1));
    world.token(&json!({}));
    assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), FRONT);
    assert_eq!(world.stub.take_documents(), ["/jwks"], "a key that is not known is looked for");

    world.stub.change(|stub| {
        stub.sign = |key, claims| {
            SigningKey::new("k3").sign(&json!({ "alg": "ES256", "kid": format!("k3{}", key.id) }), claims)
        };
    });
    for _ in 0..5 {
        assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), CONFIGURATION);
    }
    assert!(world.stub.take_documents().is_empty(), "but not twice in half a minute");
}

#[tokio::test]
async fn cached_documents_outlast_a_provider_outage() {
    let world = World::new().await;
    assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), FRONT);
    world.stub.change(|stub| stub.is_down = true);
    world.site.clock.advance(TimeDelta::hours(2));
    let mut ann = world.site.browser();
    let csrf = ann.csrf_token().await;
    let answer = ann.post("/api/auth/signin/test", &[("csrfToken", &csrf)]).await;
    assert!(location(&answer).starts_with(&world.stub.url), "what was known two hours ago still counts");
    world.site.clock.advance(TimeDelta::hours(24));
    let csrf = ann.csrf_token().await;
    let answer = ann.post("/api/auth/signin/test", &[("csrfToken", &csrf)]).await;
    assert_eq!(location(&answer), CONFIGURATION, "what was known a day ago does not");
    world.stub.change(|stub| stub.is_down = false);
    let answer = ann.post("/api/auth/signin/test", &[("csrfToken", &csrf)]).await;
    assert_eq!(location(&answer), CONFIGURATION, "for a moment it is left in peace");
    world.site.clock.advance(TimeDelta::seconds(30));
    let answer = ann.post("/api/auth/signin/test", &[("csrfToken", &csrf)]).await;
    assert!(location(&answer).starts_with(&world.stub.url));
}

#[tokio::test]
async fn userinfo_of_another_user_is_refused() {
    let world = World::with(OAuthProvider::profile_from_userinfo, |config| config).await;
    for info in
        [json!({ "sub": "s2", "email": "ann@example.com" }), json!({ "email": "ann@example.com" }), json!([])]
    {
        world.stub.answer("/userinfo", 200, info.clone());
        assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), CONFIGURATION, "{info}");
    }
    let info = json!({ "sub": "s1", "email": "ann@example.com", "email_verified": true });
    world.stub.answer("/userinfo", 200, info);
    assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), FRONT);
    let asked = world.stub.take_asked();
    assert_eq!(asked.last().unwrap().authorization.as_deref(), Some("Bearer at-secret"));
}

#[tokio::test]
async fn an_address_missing_from_the_id_token_comes_from_userinfo() {
    let world = World::new().await;
    world.token(&json!({ "email": null }));
    // Cognito writes the claim as text.
    let info = json!({ "sub": "s1", "email": "Ann@Example.com", "email_verified": "true" });
    world.stub.answer("/userinfo", 200, info);
    let mut ann = world.site.browser();
    assert_eq!(location(&world.sign_in(&mut ann).await), FRONT);
    assert_eq!(
        ann.session().await["user"],
        json!({ "name": "Ann", "email": "ann@example.com", "image": null })
    );
}

#[tokio::test]
async fn a_provider_cannot_override_the_allow_list() {
    let world = World::new().await;
    let refused = [
        json!({ "email": "eve@evil.example" }),
        json!({ "email": null }),
        json!({ "email": "" }),
        json!({ "email": "ann@example.com", "email_verified": false }),
        json!({ "email": "ann@example.com", "email_verified": "false" }),
        json!({ "email": "ann@example.com", "email_verified": null }),
        json!({ "email": "ann@example.com,evil.example" }),
        json!({ "email": "ann\u{ff20}example.com" }),
        json!({ "email": " ann@example.com" }),
        json!({ "email": "\"ann@example.com\"@evil.example" }),
        json!({ "email": "eve@evil.example@example.org" }),
        json!({ "email": "ann@example.com\u{0}" }),
    ];
    world.stub.answer("/userinfo", 200, json!({ "sub": "s1" }));
    for claims in refused {
        world.token(&claims);
        let answer = world.sign_in(&mut world.site.browser()).await;
        assert_eq!(location(&answer), ACCESS_DENIED, "{claims}");
    }
    let written = {
        let tables = world.site.adapter.tables();
        (tables.users.len(), tables.accounts.len(), tables.sessions.len())
    };
    assert_eq!(written, (0, 0, 0), "nothing is written for a stranger");

    world.token(&json!({ "email": "bob@example.org", "email_verified": true }));
    let mut bob = world.site.browser();
    assert_eq!(location(&world.sign_in(&mut bob).await), FRONT);
    // For an account that is known, the address of its user counts.
    world.token(&json!({ "email": "eve@evil.example" }));
    assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), FRONT);
    world.site.adapter.tables().users[0].email = "off@the.list".to_owned();
    world.token(&json!({ "email": "bob@example.org" }));
    assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), ACCESS_DENIED);
}

#[tokio::test]
async fn a_hosted_domain_is_proved_by_its_claim() {
    let world = World::with(
        |provider| provider.hosted_domains(["Example.org"]),
        |config| config.allow(AllowList::everyone()),
    )
    .await;
    let mut ann = world.site.browser();
    for hd in
        [json!(null), json!("evil.example"), json!("sub.example.org"), json!(["example.org"]), json!("")]
    {
        world.token(&json!({ "email": "bob@example.org", "hd": hd }));
        assert_eq!(location(&world.sign_in(&mut ann).await), ACCESS_DENIED, "{hd}");
    }
    world.token(&json!({ "email": "bob@example.org", "hd": "EXAMPLE.ORG" }));
    assert_eq!(location(&world.sign_in(&mut ann).await), FRONT);
    let csrf = ann.csrf_token().await;
    let answer = ann.post("/api/auth/signin/test", &[("csrfToken", &csrf)]).await;
    assert!(location(&answer).contains("hd=example.org"), "the provider offers accounts of it");
}

#[tokio::test]
async fn a_matching_address_does_not_take_over_an_account() {
    let world = World::new().await;
    world.site.signed_in("ann@example.com").await;
    assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), NOT_LINKED);
    assert!(world.site.adapter.tables().accounts.is_empty());
}

#[tokio::test]
async fn an_expired_session_links_no_account() {
    let world = World::new().await;
    let mut bob = world.site.signed_in("bob@example.org").await;
    world.site.clock.advance(TimeDelta::days(31));
    world.token(&json!({}));
    assert_eq!(location(&world.sign_in(&mut bob).await), FRONT);
    assert_eq!(bob.session().await["user"]["email"], "ann@example.com", "Ann is a user of her own");
}

#[tokio::test]
async fn provider_sign_in_replaces_a_planted_session() {
    let world = World::new().await;
    let mut ann = world.site.browser();
    ann.cookies.insert("authjs.session-token".to_owned(), "planted".to_owned());
    assert_eq!(location(&world.sign_in(&mut ann).await), FRONT);
    assert_ne!(ann.cookies["authjs.session-token"], "planted");
}

#[tokio::test]
async fn concurrent_sign_ins_create_one_user() {
    let world = World::new().await;
    let (mut one, mut two) = (world.site.browser(), world.site.browser());
    // One nonce for both, so that the provider can answer both at once.
    let first = world.start(&mut one, "test").await;
    two.cookies = one.cookies.clone();
    let path = first.callback("test", "c1");
    let (one, two) = tokio::join!(one.get(&path), two.get(&path));
    let written = {
        let tables = world.site.adapter.tables();
        (tables.users.len(), tables.accounts.len())
    };
    assert_eq!(written, (1, 1));
    // Who comes between the user and its account, which are two statements, is asked to try again.
    let answers = [location(&one), location(&two)];
    assert!(
        answers.contains(&FRONT) && answers.iter().all(|to| [FRONT, NOT_LINKED].contains(to)),
        "{answers:?}"
    );
    assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), FRONT);
}

#[tokio::test]
async fn a_failed_link_leaves_no_user_behind() {
    let world = World::new().await;
    world.site.adapter.set_failing(Some("link_account"));
    assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), CONFIGURATION);
    assert_eq!(world.users(), 0, "the address would be taken for good");
    world.site.adapter.set_failing(None);
    assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), FRONT);
}

#[tokio::test]
async fn provider_error_texts_reach_no_page() {
    let world = World::new().await;
    let mut ann = world.site.browser();
    let started = world.start(&mut ann, "test").await;
    let hostile = "%3Cscript%3Ealert(1)%3C%2Fscript%3E%0D%0Aset-cookie:x";
    let uri = format!(
        "/api/auth/callback/test?state={}&error={hostile}&error_description={hostile}&error_uri=javascript:alert(1)",
        started.state
    );
    let answer = ann.get(&uri).await;
    assert_eq!(location(&answer), "http://localhost:3000/api/auth/signin?error=OAuthCallbackError");
    assert!(!text(&answer).contains("script"));
    let page = ann.get("/api/auth/signin?error=OAuthCallbackError").await;
    assert!(text(&page).contains("role=\"alert\"") && !text(&page).contains("OAuthCallbackError"));
}

#[tokio::test]
async fn scripts_cannot_override_flow_parameters() {
    let world = World::new().await;
    let mut ann = world.site.browser();
    let csrf = ann.csrf_token().await;
    let hostile = "redirect_uri=https%3A%2F%2Fevil.example&state=s&nonce=n&code_challenge=c&client_id=other&response_mode=fragment\
                   &response_type=token&request_uri=https%3A%2F%2Fevil.example&prompt=login";
    let answer = ann.post(&format!("/api/auth/signin/test?{hostile}"), &[("csrfToken", &csrf)]).await;
    let url = url::Url::parse(location(&answer)).unwrap();
    let value =
        |name: &str| url.query_pairs().find(|(other, _)| other == name).map(|(_, value)| value.into_owned());
    assert_eq!(value("redirect_uri").as_deref(), Some("http://localhost:3000/api/auth/callback/test"));
    assert_eq!(value("client_id").as_deref(), Some("client"));
    assert_eq!(value("response_type").as_deref(), Some("code"));
    assert_eq!(value("prompt").as_deref(), Some("login"), "what the application may ask for goes along");
    assert!(value("response_mode").is_none() && value("request_uri").is_none());
    assert!(!url.as_str().contains("evil") && value("state").unwrap().len() > 40);
}

#[tokio::test]
async fn browsers_get_a_redirecting_page_and_scripts_a_redirect() {
    let world = World::new().await;
    let mut ann = world.site.browser();
    let csrf = ann.csrf_token().await;
    ann.accept = Some("text/html,*/*");
    let page = ann.post("/api/auth/signin/test", &[("csrfToken", &csrf)]).await;
    assert_eq!(page.status(), StatusCode::OK);
    let refresh = page.headers()[header::REFRESH].to_str().unwrap();
    assert!(refresh.starts_with(&format!("0;url={}/authorize?", world.stub.url)), "{refresh}");
    assert!(text(&page).contains("/authorize?response_type=code&amp;"), "with a link for who does not go on");
    assert!(ann.cookies.contains_key("authjs.state"));
    ann.accept = Some("*/*");
    let answer = ann.post("/api/auth/signin/test", &[("csrfToken", &csrf)]).await;
    assert_eq!((answer.status(), answer.headers().contains_key(header::REFRESH)), (StatusCode::FOUND, false));
}

#[tokio::test]
async fn posted_callbacks_are_accepted_with_form_post_only() {
    let world = World::with(OAuthProvider::form_post, |config| config).await;
    let mut ann = world.site.browser();
    let csrf = ann.csrf_token().await;
    let answer = ann.post("/api/auth/signin/test", &[("csrfToken", &csrf)]).await;
    assert!(location(&answer).contains("response_mode=form_post"));
    let cookies: Vec<_> =
        answer.headers().get_all(header::SET_COOKIE).iter().map(|c| c.to_str().unwrap()).collect();
    let checks = cookies.iter().filter(|cookie| cookie.contains("Secure; SameSite=None"));
    assert_eq!(checks.count(), 3, "what another site posts brings no other cookies: {cookies:?}");
    let started = Started::of(location(&answer));
    world.stub.change(|stub| started.nonce.clone_into(&mut stub.nonce));
    let kept = ann.cookies.clone();
    assert_eq!(
        location(&ann.get(&started.callback("test", "c1")).await),
        CONFIGURATION,
        "nothing in the query counts"
    );
    ann.cookies = kept;
    let fields = [("code", "c1"), ("state", started.state.as_str())];
    assert_eq!(location(&ann.post("/api/auth/callback/test", &fields).await), FRONT);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn made_up_tokens_sign_in_no_one(
        query in "(code|state|iss|error|id_token|response|callbackUrl|%00|[a-z&=%.]{0,8}){0,6}[\\x21-\\x7e&&[^#<>\"`{}\\\\^|]]{0,60}",
        cookie in "[A-Za-z0-9_.%-]{0,80}",
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            let mut browser = world.site.browser();
            for check in ["state", "nonce", "pkce.code_verifier"] {
                browser.cookies.insert(format!("authjs.{check}"), cookie.clone());
            }
            let answer = browser.get(&format!("/api/auth/callback/test?{query}")).await;
            assert!(location(&answer).ends_with("error=Configuration") || answer.status() == StatusCode::BAD_REQUEST);
            assert!(world.stub.take_asked().is_empty() && world.stub.take_documents().is_empty());
            assert_eq!(world.users(), 0);
        });
    }
}

#[tokio::test]
async fn the_log_repeats_nothing_from_providers_or_browsers() {
    let (log, guard) = Log::collect();
    let world = World::new().await;
    let mut ann = world.site.browser();
    let mut started = world.start(&mut ann, "test").await;
    let mut secrets: Vec<String> = ann.cookies.values().cloned().collect();
    ann.get(&started.callback("test", "the-code")).await;
    secrets.extend(ann.cookies.values().cloned());
    for failure in [
        json!({ "error": "<script>", "error_description": "the-description" }),
        json!({ "access_token": "at-secret", "token_type": "the-type" }),
        json!({ "access_token": "at-secret", "token_type": "bearer", "id_token": "the.id.token" }),
        json!({ "access_token": "at-secret", "token_type": "bearer", "id_token_claims": { "iss": "the-issuer", "email": "eve@evil.example" } }),
    ] {
        started = world.start(&mut ann, "test").await;
        secrets.extend([started.state.clone(), started.nonce.clone()]);
        world.stub.answer("/token", 200, failure);
        ann.get(&started.callback("test", "the-code")).await;
    }
    started = world.start(&mut ann, "test").await;
    let hostile = format!(
        "/api/auth/callback/test?error=<script>&error_description=the-description&state={}",
        started.state
    );
    ann.get(&hostile.replace('<', "%3C").replace('>', "%3E")).await;
    ann.get("/api/auth/callback/test?error=the-description&state=the-state&code=the-code").await;
    world.token(&json!({ "email": "eve@evil.example" }));
    world.sign_in(&mut ann).await;
    drop(guard);

    let log = log.text();
    assert!(
        log.contains("a sign-in at a provider failed") && log.contains("the id token is invalid"),
        "{log}"
    );
    secrets.retain(|secret| secret.len() > 8);
    secrets.extend(
        ["at-secret", "the-code", "the-description", "the-type", "the-issuer", "the-state", "script"]
            .map(str::to_owned),
    );
    secrets.extend(
        ["the.id.token", "ann@example.com", "evil.example", "Basic ", "code_verifier="].map(str::to_owned),
    );
    for secret in secrets {
        assert!(!log.contains(&secret), "`{secret}` is in the log:\n{log}");
    }
}

#[tokio::test]
async fn signing_in_again_replaces_expired_tokens() {
    let world = World::new().await;
    let key = AccountKey { provider: "test", provider_account_id: "s1" };
    let says = |access: &str, refresh: Value| {
        let now = world.site.clock.0.lock().unwrap().timestamp();
        let claims = json!({
            "iss": world.stub.url, "sub": "s1", "aud": "client", "exp": now + 600, "iat": now,
            "nonce": "$nonce", "email": "ann@example.com", "email_verified": true,
        });
        let body = json!({
            "access_token": access, "token_type": "Bearer", "expires_in": 60, "refresh_token": refresh,
            "id_token_claims": claims,
        });
        world.stub.answer("/token", 200, body);
    };
    says("first", json!("refresh"));
    assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), FRONT);
    world.site.clock.advance(TimeDelta::hours(1));
    world.stub.answer("/token", 400, json!({ "error": "invalid_grant" }));
    let refused = world.site.auth.access_token(key).await;
    assert!(matches!(refused, Err(AccessTokenError::Refused(_))));

    // This time without a refresh token: the one of before is kept.
    says("second", json!(null));
    assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), FRONT);
    assert_eq!(world.site.auth.access_token(key).await.unwrap().expose(), "second");
    world.site.clock.advance(TimeDelta::hours(1));
    says("third", json!(null));
    assert_eq!(world.site.auth.access_token(key).await.unwrap().expose(), "third");
    let asked = world.stub.take_asked();
    assert_eq!(asked.last().unwrap().form["refresh_token"], "refresh");

    // That they cannot be kept keeps nobody out.
    world.site.adapter.set_failing(Some("renew_account"));
    says("fourth", json!(null));
    assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), FRONT);
}

#[test]
fn a_provider_prints_no_secret() {
    let google = OAuthProvider::google("the-client", "hush".to_owned());
    assert_eq!(format!("{google:?}"), r#"OAuthProvider { id: "google", .. }"#);
}

/// A profile that says nothing about its address, which is what an attacker writes.
fn unverified() -> Value {
    json!({ "sub": "eve", "email": "victim@example.org", "email_verified": null, "name": "attacker" })
}

#[tokio::test]
async fn an_unverified_address_neither_creates_nor_finds_a_user() {
    let everybody = |config: Config| config.allow(AllowList::everyone());
    for world in [
        World::new().await,
        World::with(|provider| provider, everybody).await,
        World::with(OAuthProvider::allow_dangerous_email_account_linking, everybody).await,
    ] {
        world.token(&unverified());
        assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), ACCESS_DENIED);
        assert_eq!(world.users(), 0);
        // With the victim there, it is the same.
        world.site.signed_in("victim@example.org").await;
        assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), ACCESS_DENIED);
        assert!(world.site.adapter.tables().accounts.is_empty());
        // The userinfo is no better: what the token says about no address, or another one, verifies none.
        for email in [json!(null), json!("eve@example.org")] {
            world.token(&json!({ "sub": "eve", "email": email, "email_verified": true }));
            world.stub.answer("/userinfo", 200, json!({ "sub": "eve", "email": "victim@example.org" }));
            let mut eve = world.site.browser();
            let answer = world.sign_in(&mut eve).await;
            assert_eq!(location(&answer), if email.is_null() { ACCESS_DENIED } else { FRONT });
            assert_ne!(eve.session().await["user"]["email"], "victim@example.org");
        }
    }
}

#[tokio::test]
async fn claims_may_be_strings() {
    let world = World::new().await;
    // Cognito and Apple write booleans so, Auth0 the time of an update.
    world.token(&json!({ "email_verified": "true", "updated_at": "2026-11-20T10:00:00.000Z" }));
    assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), FRONT);
    assert!(world.site.adapter.tables().users[0].email_verified.is_some());
    // Any other value means that the address is not verified, in the id token and in the userinfo.
    for claim in [json!(1), json!("1"), json!("yes"), json!("TRUE"), json!([true])] {
        world.token(&json!({ "sub": "s2", "email": "bob@example.org", "email_verified": claim }));
        assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), ACCESS_DENIED, "{claim}");
        world.token(&json!({ "sub": "s2", "email": null }));
        let info = json!({ "sub": "s2", "email": "bob@example.org", "email_verified": claim });
        world.stub.answer("/userinfo", 200, info);
        assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), ACCESS_DENIED, "{claim}");
    }
    assert_eq!(world.users(), 1);
}

#[tokio::test]
async fn assume_email_verified_fills_in_a_missing_claim() {
    let world = World::with(OAuthProvider::assume_email_verified, |config| config).await;
    world.token(&json!({ "email_verified": false }));
    assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), ACCESS_DENIED, "a no stays a no");
    world.token(&json!({ "email_verified": null }));
    assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), FRONT);
}

/// A user as Auth.js makes one at a provider, whatever that says, with the account `eve` and a session.
async fn made_by_authjs(world: &World, id_token: Option<&str>) -> String {
    use nicol_auth::{Account, Adapter as _, NewUser, Secret, Session, SessionToken};
    let email = "victim@example.org".to_owned();
    let new = NewUser { name: None, email, email_verified: None, image: None };
    let user = world.site.adapter.create_user(new).await.unwrap();
    let account = Account {
        user_id: user.id.clone(),
        kind: "oidc".to_owned(),
        provider: "test".to_owned(),
        provider_account_id: "eve".to_owned(),
        refresh_token: None,
        access_token: None,
        expires_at: None,
        token_type: None,
        scope: None,
        id_token: id_token.map(Secret::new),
        session_state: None,
    };
    world.site.adapter.link_account(account).await.unwrap();
    let expires = *world.site.clock.0.lock().unwrap() + TimeDelta::days(30);
    let token = SessionToken::new("planted-before");
    world.site.adapter.create_session(Session { token, user_id: user.id.clone(), expires }).await.unwrap();
    user.id.into_string()
}

#[tokio::test]
async fn a_magic_link_does_not_adopt_unverified_accounts() {
    let world = World::new().await;
    let victim = made_by_authjs(&world, None).await;
    world.token(&unverified());
    let answer = world.sign_in(&mut world.site.browser()).await;
    assert_eq!(
        location(&answer),
        ACCESS_DENIED,
        "the account is known, and its address still is not verified"
    );

    let browser = world.site.signed_in("victim@example.org").await;
    assert_eq!(world.site.who(&browser).await.unwrap().user_id().as_str(), victim, "data of the user stay");
    {
        let tables = world.site.adapter.tables();
        assert!(tables.accounts.is_empty(), "the attacker's account is gone");
        assert_eq!(tables.sessions.len(), 1, "and so is the attacker's session");
        assert!(tables.users[0].email_verified.is_some());
    }
    assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), ACCESS_DENIED);

    // From now on the address is verified, and what is linked stays.
    let mut browser = browser;
    world.token(&json!({ "sub": "s1", "email": "victim@example.org" }));
    assert_eq!(location(&world.sign_in(&mut browser).await), FRONT);
    world.site.clock.advance(TimeDelta::minutes(10));
    world.site.signed_in("victim@example.org").await;
    assert_eq!(world.site.adapter.tables().accounts.len(), 1);
    assert_eq!(world.site.adapter.tables().sessions.len(), 2);
}

#[tokio::test]
async fn a_trusted_provider_does_not_adopt_unverified_accounts() {
    let world = World::with(OAuthProvider::allow_dangerous_email_account_linking, |config| config).await;
    made_by_authjs(&world, None).await;
    world.token(&json!({ "sub": "s1", "email": "victim@example.org" }));
    assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), FRONT);
    let tables = world.site.adapter.tables();
    let linked: Vec<_> = tables.accounts.iter().map(|account| account.provider_account_id.as_str()).collect();
    assert_eq!(linked, ["s1"]);
    assert_eq!(tables.sessions.len(), 1);
}

#[tokio::test]
async fn an_account_with_a_verified_id_token_stays_linked() {
    for (email, verified, stays) in [
        ("victim@example.org", json!(true), true),
        ("Victim@Example.org", json!("true"), true),
        ("victim@example.org", json!(null), false),
        ("victim@example.org", json!(false), false),
        ("eve@example.org", json!(true), false),
    ] {
        let world = World::new().await;
        let claims = json!({ "sub": "eve", "email": email, "email_verified": verified });
        let stored = format!("{}.signature", unsigned(&json!({ "alg": "ES256" }), &claims));
        made_by_authjs(&world, Some(&stored)).await;
        world.site.signed_in("victim@example.org").await;
        assert_eq!(world.site.adapter.tables().accounts.len(), usize::from(stays), "{claims}");
    }
}

#[tokio::test]
async fn a_known_account_needs_an_address_verified_once() {
    let world = World::new().await;
    made_by_authjs(&world, None).await;
    // Another address than the user's verifies nothing.
    world.token(&json!({ "sub": "eve", "email": "other@example.org" }));
    assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), ACCESS_DENIED);
    assert!(world.site.adapter.tables().users[0].email_verified.is_none());
    world.token(&json!({ "sub": "eve", "email": "victim@example.org" }));
    assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), FRONT);
    // Now that it was, the profile may change to whatever it likes: the user keeps the address.
    for changed in [
        json!({ "sub": "eve", "email": "other@example.org" }),
        unverified(),
        json!({ "sub": "eve", "email": null }),
    ] {
        world.stub.answer("/userinfo", 200, json!({ "sub": "eve" }));
        world.token(&changed);
        let mut browser = world.site.browser();
        assert_eq!(location(&world.sign_in(&mut browser).await), FRONT, "{changed}");
        assert_eq!(browser.session().await["user"]["email"], "victim@example.org");
    }
    assert_eq!(world.users(), 1);
}

#[tokio::test]
async fn without_an_allow_list_known_accounts_need_no_verified_address() {
    let world = World::with(|provider| provider, |config| config.allow(AllowList::everyone())).await;
    made_by_authjs(&world, None).await;
    world.token(&unverified());
    assert_eq!(location(&world.sign_in(&mut world.site.browser()).await), FRONT);

    let mut bob = world.site.signed_in("bob@example.org").await;
    world.token(&json!({ "sub": "s7", "email": "ann@example.com", "email_verified": null }));
    assert_eq!(location(&world.sign_in(&mut bob).await), FRONT);
    let mut again = world.site.browser();
    assert_eq!(location(&world.sign_in(&mut again).await), FRONT);
    assert_eq!(again.session().await["user"]["email"], "bob@example.org", "it found nobody by its address");

    // Where only some may sign in, an account that could not come in by itself is not linked either.
    let world = World::new().await;
    let mut bob = world.site.signed_in("bob@example.org").await;
    world.token(&unverified());
    assert_eq!(location(&world.sign_in(&mut bob).await), ACCESS_DENIED);
    assert!(world.site.adapter.tables().accounts.is_empty());
}

#[tokio::test]
async fn github_tells_which_addresses_are_verified() {
    let stub = StubProvider::start().await;
    let github = OAuthProvider::github_enterprise(&stub.url, "client", "secret".to_owned()).unwrap();
    let site = Site::with(|config| config.allow(AllowList::everyone()).provider(github));
    let world = World { site, stub };
    world.stub.answer(
        "/login/oauth/access_token",
        200,
        json!({ "access_token": "at", "token_type": "bearer" }),
    );
    let list = |entries: &[(&str, bool, bool)]| {
        let entry = |(email, primary, verified): &(&str, bool, bool)| json!({ "email": email, "primary": primary, "verified": verified });
        Value::from(entries.iter().map(entry).collect::<Vec<_>>())
    };
    for (public, emails, expected) in [
        (
            json!("Ann@Example.com"),
            list(&[("b@x.org", true, true), ("ann@example.com", false, true)]),
            Some("ann@example.com"),
        ),
        (
            json!("victim@x.org"),
            list(&[("b@x.org", true, true), ("victim@x.org", false, false)]),
            Some("b@x.org"),
        ),
        (json!(null), list(&[("a@x.org", false, true), ("B@x.org", true, true)]), Some("b@x.org")),
        (json!("victim@x.org"), list(&[("victim@x.org", true, false)]), None),
        (json!("victim@x.org"), list(&[]), None),
        (json!("victim@x.org"), json!(null), None),
    ] {
        {
            let mut tables = world.site.adapter.tables();
            tables.users.clear();
            tables.accounts.clear();
        }
        let profile = json!({ "id": 7, "login": "ann", "email": public, "email_verified": true });
        world.stub.answer("/api/v3/user", 200, profile);
        let status = if emails.is_null() { 404 } else { 200 };
        world.stub.answer("/api/v3/user/emails", status, emails.clone());
        let mut ann = world.site.browser();
        let started = world.start(&mut ann, "github").await;
        let answer = ann.get(&started.callback("github", "c1")).await;
        assert_eq!(
            location(&answer),
            if expected.is_some() { FRONT } else { ACCESS_DENIED },
            "{public} {emails}"
        );
        assert_eq!(ann.session().await["user"]["email"].as_str(), expected, "{public} {emails}");
    }
}
