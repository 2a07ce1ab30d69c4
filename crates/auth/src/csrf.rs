//! Protection against forged forms: a cookie that only this server can have made, and a form field that repeats
//! its token. Another site can make a browser send the cookie, but cannot know the token.
//!
//! Source: @auth/core 0.41.3 `lib/actions/callback/oauth/csrf-token.js`.

use http::HeaderValue;

use crate::cookie::{CookieNames, Cookies};
use crate::random::Random;
use crate::secret::{AuthSecret, same_text};
use crate::token::{random_hex, sha256_hex};

/// The token of a browser, to be put into the hidden field `csrfToken` of each form.
#[derive(Clone, Debug)]
pub struct CsrfToken {
    token: String,
    cookie: Option<HeaderValue>,
}

impl CsrfToken {
    /// The token for the form.
    pub fn as_str(&self) -> &str {
        &self.token
    }

    /// The `Set-Cookie` without which the token will not be accepted; none if the browser has it already.
    pub fn set_cookie(&self) -> Option<&HeaderValue> {
        self.cookie.as_ref()
    }

    /// Whether a form came from the browser that the token belongs to.
    pub fn matches(&self, submitted: &str) -> bool {
        // A token made just now cannot have been submitted.
        self.cookie.is_none() && same_text(&self.token, submitted)
    }

    /// Takes the token out of the cookie, or makes one if there is none or if this server did not make it.
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
