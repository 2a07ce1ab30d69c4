//! Protection against cross-site request forgery: a signed cookie, and a form field that repeats its token. Another site
//! can make a browser send the cookie, but cannot read the token.
//!
//! Source: @auth/core 0.41.3 `lib/actions/callback/oauth/csrf-token.js`.

use http::HeaderValue;

use crate::cookie::{CookieNames, Cookies};
use crate::random::Random;
use crate::secret::{AuthSecret, same_text};
use crate::token::{random_hex, sha256_hex};

/// A browser's CSRF token, for the hidden field `csrfToken` of each form.
#[derive(Clone, Debug)]
pub struct CsrfToken {
    token: String,
    cookie: Option<HeaderValue>,
}

impl CsrfToken {
    /// Returns the token for the form.
    pub fn as_str(&self) -> &str {
        &self.token
    }

    /// Returns the `Set-Cookie` that the token needs; `None` if the browser already has the cookie.
    pub fn set_cookie(&self) -> Option<&HeaderValue> {
        self.cookie.as_ref()
    }

    /// Whether a submitted token is that of this browser.
    pub fn matches(&self, submitted: &str) -> bool {
        // A token created for this response cannot have been submitted.
        self.cookie.is_none() && same_text(&self.token, submitted)
    }

    /// Reads the token from the cookie, or creates one if the cookie is missing or not signed by this server.
    pub(crate) fn of_browser(
        cookies: &Cookies,
        names: &CookieNames,
        secret: &AuthSecret,
        random: &dyn Random,
    ) -> Self {
        let hash = |token: &str| sha256_hex(&[token, secret.expose()]);
        if let Some((token, mac)) = cookies.value(names.csrf).and_then(|value| value.split_once('|'))
            && same_text(mac.split('|').next().unwrap_or_default(), &hash(token))
        {
            return Self { token: token.to_owned(), cookie: None };
        }
        let token = random_hex(random);
        let cookie = names.set(names.csrf, &format!("{token}|{}", hash(&token)));
        Self { token, cookie: Some(cookie) }
    }
}
