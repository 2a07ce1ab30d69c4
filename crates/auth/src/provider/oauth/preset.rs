//! Presets for well-known providers.
//!
//! Source: @auth/core 0.41.3 `providers/google.js`, `providers/github.js`.

use std::sync::Arc;

use url::Url;

use super::{OAuthProvider, parse_url};
use crate::error::ProviderError;
use crate::oauth::{Endpoints, Location, OAuthClient, ProfileFields, ProfileSource, UserInfo};
use crate::secret::Secret;

impl OAuthProvider {
    /// Creates the provider `google`.
    #[allow(clippy::missing_panics_doc, reason = "the one expectation is about a constant")]
    pub fn google(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Self {
        let issuer = "https://accounts.google.com";
        let google = Self::oidc("google", issuer, client_id, client_secret).expect("the issuer is a URL");
        google.name("Google")
    }

    /// Creates the provider `github`. The address is one that GitHub lists as verified: the public one, else the primary
    /// one, else any. The scope covers that list.
    #[allow(clippy::missing_panics_doc, reason = "the expectations are about constants")]
    pub fn github(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Self {
        let url = |text: &str| Url::parse(text).expect("the endpoints are URLs");
        let endpoints = Endpoints::fixed(
            url("https://github.com/login/oauth/authorize"),
            url("https://github.com/login/oauth/access_token"),
            url("https://api.github.com/user"),
            Some("https://github.com/login/oauth".to_owned()),
        );
        Self::github_at(endpoints, url("https://api.github.com/user/emails"), client_id, client_secret)
    }

    /// Creates the provider `github` for a GitHub Enterprise server, such as `https://github.example.com`.
    ///
    /// # Errors
    /// [`ProviderError::InvalidUrl`] if the URL is not safe.
    pub fn github_enterprise(
        base_url: &str,
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> Result<Self, ProviderError> {
        let base = base_url.trim_end_matches('/');
        let url = |path: &str| parse_url("the base URL of GitHub", &format!("{base}{path}"));
        let endpoints = Endpoints::fixed(
            url("/login/oauth/authorize")?,
            url("/login/oauth/access_token")?,
            url("/api/v3/user")?,
            Some(format!("{base}/login/oauth")),
        );
        Ok(Self::github_at(endpoints, url("/api/v3/user/emails")?, client_id, client_secret))
    }

    fn github_at(
        endpoints: Endpoints,
        emails: Url,
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> Self {
        let location = Location::Fixed(Arc::new(endpoints));
        let client = OAuthClient::new(client_id.into(), client_secret.into(), location);
        let github = Self::new("github".to_owned(), client, "read:user user:email");
        let mut github = github.expect("the id fits a path");
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let fields = ProfileFields {
            id: list(&["id"]),
            name: list(&["name", "login"]),
            email: list(&["email"]),
            // The list of addresses says it, not the profile.
            email_verified: Vec::new(),
            image: list(&["avatar_url"]),
        };
        github.profile = ProfileSource { fields, user_info: UserInfo::WithEmails(emails) };
        github.name("GitHub")
    }
}
