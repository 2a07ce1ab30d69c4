//! The settings of an application: its URL, its providers and who may sign in.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::allow_list::AllowList;
use crate::clock::{Clock, SystemClock};
use crate::error::ConfigError;
use crate::page::{BuiltinPages, PageUrls, Pages};
use crate::provider::Provider;
use crate::random::{Random, SystemRandom};
use crate::secret::AuthSecret;
use crate::token_cipher::EncryptionKeys;

/// The URL of the application and the base path of sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthUrl {
    url: Url,
    origin: String,
    base_path: String,
}

impl AuthUrl {
    /// The base path unless the URL has a path.
    ///
    /// Source: next-auth 5.0.0-beta.32 `lib/env.js`.
    pub const DEFAULT_BASE_PATH: &'static str = "/api/auth";

    /// Parses a URL such as `https://people.example.com`. A path in it is the base path.
    ///
    /// # Errors
    /// [`ConfigError::InvalidUrl`] unless it is an http or https URL without user name, query and fragment.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let invalid = || ConfigError::InvalidUrl { url: text.to_owned() };
        let mut url = Url::parse(text).map_err(|_| invalid())?;
        let is_http = matches!(url.scheme(), "http" | "https");
        // The message must not contain the password.
        if !url.username().is_empty() || url.password().is_some() {
            return Err(ConfigError::InvalidUrl { url: "…".to_owned() });
        }
        if !is_http || url.query().is_some() || url.fragment().is_some() {
            return Err(invalid());
        }
        let path = url.path().trim_end_matches('/');
        let base_path = if path.is_empty() { Self::DEFAULT_BASE_PATH } else { path }.to_owned();
        url.set_path("/");
        Ok(Self { origin: url.origin().ascii_serialization(), url, base_path })
    }

    /// Parses `AUTH_URL`, else `NEXTAUTH_URL`, looked up with `var`; `None` if neither is set.
    ///
    /// # Errors
    /// [`ConfigError::InvalidUrl`] as for [`parse`](Self::parse).
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, ConfigError> {
        let text = var("AUTH_URL").or_else(|| var("NEXTAUTH_URL")).filter(|text| !text.is_empty());
        text.map(|text| Self::parse(&text)).transpose()
    }

    /// Returns scheme, host and port, without a trailing slash.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns host and port.
    pub fn host(&self) -> &str {
        self.origin.split_once("://").map_or(&self.origin, |(_, host)| host)
    }

    /// Returns the base path of sign-in, without a trailing slash.
    pub fn base_path(&self) -> &str {
        &self.base_path
    }

    /// Whether the site uses https; its cookies are then sent over https only.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Returns the URL of a path below the base path.
    pub(crate) fn action(&self, path: &str) -> String {
        format!("{}{}/{path}", self.origin, self.base_path)
    }

    /// Returns the base of relative URLs.
    pub(crate) fn as_url(&self) -> &Url {
        &self.url
    }
}

/// The lifetime of sessions.
///
/// Source: @auth/core 0.41.3 `lib/init.js`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLifetime {
    /// How long an unused session stays valid.
    pub max_age: Duration,
    /// How much time has to pass before a session in use is extended again, so that not every request writes to the
    /// database.
    pub update_age: Duration,
}

impl Default for SessionLifetime {
    /// 30 days, extended once a day.
    fn default() -> Self {
        const DAY: Duration = Duration::from_hours(24);
        Self { max_age: 30 * DAY, update_age: DAY }
    }
}

/// The settings of [`Auth`](crate::Auth).
#[derive(Clone)]
pub struct Config {
    pub(crate) url: AuthUrl,
    pub(crate) secret: AuthSecret,
    pub(crate) allow: AllowList,
    pub(crate) providers: Vec<Provider>,
    pub(crate) session: SessionLifetime,
    pub(crate) page_urls: PageUrls,
    pub(crate) pages: Arc<dyn Pages>,
    pub(crate) encryption: EncryptionKeys,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
}

impl Config {
    /// Creates settings from the required ones. Add at least one [`provider`](Self::provider).
    pub fn new(url: AuthUrl, secret: AuthSecret, allow: AllowList) -> Self {
        Self {
            url,
            secret,
            allow,
            providers: Vec::new(),
            session: SessionLifetime::default(),
            page_urls: PageUrls::default(),
            pages: Arc::new(BuiltinPages),
            encryption: EncryptionKeys::default(),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        }
    }

    /// Replaces the URL of the application.
    #[must_use]
    pub fn url(mut self, url: AuthUrl) -> Self {
        self.url = url;
        self
    }

    /// Replaces the allow list.
    #[must_use]
    pub fn allow(mut self, allow: AllowList) -> Self {
        self.allow = allow;
        self
    }

    /// Adds a provider.
    #[must_use]
    pub fn provider(mut self, provider: impl Into<Provider>) -> Self {
        self.providers.push(provider.into());
        self
    }

    /// Sets the lifetime of sessions (default: Auth.js's).
    #[must_use]
    pub fn session(mut self, lifetime: SessionLifetime) -> Self {
        self.session = lifetime;
        self
    }

    /// Redirects to pages of the application instead of the built-in ones (`pages` in Auth.js).
    #[must_use]
    pub fn page_urls(mut self, urls: PageUrls) -> Self {
        self.page_urls = urls;
        self
    }

    /// Replaces how the built-in pages are rendered.
    #[must_use]
    pub fn pages(mut self, pages: impl Pages) -> Self {
        self.pages = Arc::new(pages);
        self
    }

    /// Sets the keys that encrypt tokens of accounts. The key derived from the secret still decrypts.
    #[must_use]
    pub fn encryption(mut self, keys: EncryptionKeys) -> Self {
        self.encryption = keys;
        self
    }

    /// Replaces the clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Replaces the source of randomness.
    #[must_use]
    pub fn random(mut self, random: impl Random) -> Self {
        self.random = Arc::new(random);
        self
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("url", &self.url.origin).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_gives_origin_and_base_path() {
        let cases = [
            ("http://localhost:3000", Some(("http://localhost:3000", "/api/auth"))),
            ("https://people.example.com/", Some(("https://people.example.com", "/api/auth"))),
            ("https://people.example.com:443/auth/", Some(("https://people.example.com", "/auth"))),
            ("HTTPS://People.Example.com", Some(("https://people.example.com", "/api/auth"))),
            ("ftp://people.example.com", None),
            ("people.example.com", None),
            ("https://user:pass@people.example.com", None),
            ("https://people.example.com?x", None),
        ];
        for (text, expected) in cases {
            let url = AuthUrl::parse(text).ok();
            assert_eq!(url.as_ref().map(|url| (url.origin(), url.base_path())), expected, "{text}");
        }
        assert!(!AuthUrl::parse("https://user:pass@x").unwrap_err().to_string().contains("pass"));
    }
}
