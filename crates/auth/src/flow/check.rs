//! Three encrypted cookies that tie a provider's callback to the browser and the sign-in that started it.
//!
//! Source: @auth/core 0.41.3 `lib/actions/callback/oauth/checks.js`; RFC 6749, 10.12 for `state`, RFC 7636 for PKCE,
//! OpenID Connect Core 1.0, 15.5.2 for the nonce.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use http::HeaderValue;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Flow;
use crate::error::Error;
use crate::jwe;
use crate::provider::OAuthProvider;

/// How long a sign-in at a provider may take, in seconds.
const MAX_AGE: i64 = 15 * 60;

/// The salt of the encrypted state, which the cookie and the provider carry.
const STATE_SALT: &str = "encodedState";

/// The content of a cookie. It is valid for one provider only.
#[derive(Deserialize, Serialize)]
struct Sealed {
    value: String,
    provider: String,
}

/// The state is unpredictable and never read; Auth.js stores the return path of its proxy in it.
#[derive(Serialize)]
struct State {
    random: String,
}

/// The parameters for the provider, and the cookies that check the callback.
pub(super) struct Started {
    pub(super) state: String,
    pub(super) challenge: String,
    pub(super) nonce: Option<String>,
    pub(super) cookies: Vec<HeaderValue>,
}

/// Starts a sign-in.
pub(super) fn start(flow: &Flow<'_>, provider: &OAuthProvider) -> Started {
    let config = flow.context.config();
    let now = flow.context.now();
    let names = flow.context.cookie_names();
    let seal = |name: &str, value: &str, max_age: &str| {
        let sealed = Sealed { value: value.to_owned(), provider: provider.id.clone() };
        let sealed = jwe::seal(&sealed, &config.secret, name, MAX_AGE, now, &*config.random);
        names.set_check(name, &sealed, max_age, now + TimeDelta::seconds(MAX_AGE), provider.form_post)
    };
    let random = || {
        let mut bytes = [0; 32];
        config.random.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    };
    let state = State { random: random() };
    let state = jwe::seal(&state, &config.secret, STATE_SALT, MAX_AGE, now, &*config.random);
    let verifier = random();
    let nonce = provider.is_oidc().then(random);
    let mut cookies =
        vec![seal(names.state, &state, "; Max-Age=900"), seal(names.pkce, &verifier, "; Max-Age=900")];
    // In Auth.js, this cookie has no `Max-Age`.
    cookies.extend(nonce.as_deref().map(|nonce| seal(names.nonce, nonce, "")));
    Started { state, challenge: URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier)), nonce, cookies }
}

/// The values of the cookies, each valid for one callback.
pub(super) struct Checks {
    state: Option<String>,
    verifier: Option<String>,
    nonce: Option<String>,
}

impl Checks {
    /// Decrypts the cookies, and deletes them in any case.
    pub(super) fn take(flow: &mut Flow<'_>, provider: &OAuthProvider) -> Self {
        let names = flow.context.cookie_names();
        let mut take = |name: &'static str| {
            let cookie = flow.cookies.value(name)?;
            flow.set_cookies.push(names.clear(name));
            flow.cookies_of_error.push(names.clear(name));
            let sealed: Sealed = jwe::open(cookie, &flow.context.config().secret, name, flow.context.now())?;
            (sealed.provider == provider.id).then_some(sealed.value)
        };
        Self { state: take(names.state), verifier: take(names.pkce), nonce: take(names.nonce) }
    }

    pub(super) fn state(&self) -> Result<&str, Error> {
        self.state.as_deref().ok_or(Error::InvalidCheck("state"))
    }

    pub(super) fn verifier(&self) -> Result<&str, Error> {
        self.verifier.as_deref().ok_or(Error::InvalidCheck("pkce"))
    }

    pub(super) fn nonce(&self) -> Result<&str, Error> {
        self.nonce.as_deref().ok_or(Error::InvalidCheck("nonce"))
    }
}
