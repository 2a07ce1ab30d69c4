//! OpenID Connect and OAuth 2 providers.
//!
//! Source: @auth/core 0.41.3 `providers/oauth.d.ts`, `lib/utils/providers.js`.

mod preset;
mod vars;

use std::fmt;
use std::sync::Arc;

use url::Url;

pub use vars::Providers;

use crate::error::ProviderError;
use crate::oauth::{
    ClientAuthentication, Endpoints, Location, OAuthClient, Profile, ProfileFields, ProfileSource, UserInfo,
    is_safe,
};
use crate::secret::Secret;

/// The endpoints of an OAuth 2 provider without discovery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthUrls {
    /// The authorization endpoint.
    pub authorization: String,
    /// The token endpoint.
    pub token: String,
    /// The userinfo endpoint.
    pub userinfo: String,
}

/// An OpenID Connect or OAuth 2 provider.
///
/// PKCE and `state` protect each sign-in, and with OpenID Connect a `nonce`; none of them can be disabled. In Auth.js,
/// `checks` selects them, by default PKCE alone.
#[derive(Clone)]
pub struct OAuthProvider {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) client: OAuthClient,
    pub(crate) scope: String,
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) form_post: bool,
    pub(crate) profile: ProfileSource,
    pub(crate) assumes_email_verified: bool,
    pub(crate) links_by_email: bool,
    pub(crate) hosted_domains: Vec<String>,
}

impl OAuthProvider {
    /// Creates an OpenID Connect provider from its issuer, such as `https://accounts.google.com`.
    ///
    /// # Errors
    /// [`ProviderError::InvalidUrl`] if the issuer is not a safe URL, [`ProviderError::InvalidId`] if the id cannot be part of
    /// a path.
    pub fn oidc(
        id: impl Into<String>,
        issuer: &str,
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> Result<Self, ProviderError> {
        let issuer = Location::Issuer(parse_url("issuer", issuer)?);
        let client = OAuthClient::new(client_id.into(), client_secret.into(), issuer);
        Self::new(id.into(), client, "openid profile email")
    }

    /// Creates an OAuth 2 provider. Its profile has the member names of OpenID Connect unless
    /// [`profile_fields`](Self::profile_fields) sets others.
    ///
    /// # Errors
    /// As for [`oidc`](Self::oidc).
    pub fn oauth2(
        id: impl Into<String>,
        urls: &OAuthUrls,
        scope: &str,
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> Result<Self, ProviderError> {
        let endpoints = Endpoints::fixed(
            parse_url("authorization", &urls.authorization)?,
            parse_url("token", &urls.token)?,
            parse_url("userinfo", &urls.userinfo)?,
            None,
        );
        let location = Location::Fixed(Arc::new(endpoints));
        Self::new(id.into(), OAuthClient::new(client_id.into(), client_secret.into(), location), scope)
    }

    fn new(id: String, client: OAuthClient, scope: &str) -> Result<Self, ProviderError> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if id.is_empty() || !id.bytes().all(fits) {
            return Err(ProviderError::InvalidId { id });
        }
        Ok(Self {
            name: id.clone(),
            id,
            client,
            scope: scope.to_owned(),
            parameters: Vec::new(),
            form_post: false,
            profile: ProfileSource { fields: ProfileFields::default(), user_info: UserInfo::IfNeeded },
            assumes_email_verified: false,
            links_by_email: false,
            hosted_domains: Vec::new(),
        })
    }

    /// Sets the display name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets the scopes, separated by spaces.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// Adds a parameter for the authorization endpoint, such as `prompt` or `access_type`.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// Sets how the client secret is sent.
    #[must_use]
    pub fn client_authentication(mut self, authentication: ClientAuthentication) -> Self {
        self.client.authentication = authentication;
        self
    }

    /// Sets which members of the profile are used.
    #[must_use]
    pub fn profile_fields(mut self, fields: ProfileFields) -> Self {
        self.profile.fields = fields;
        self
    }

    /// Sets the issuer of an OAuth 2 provider. It is required if the provider's callbacks name an issuer. With OpenID Connect,
    /// the issuer comes from discovery, and this has no effect.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        if let Location::Fixed(endpoints) = &mut self.client.location {
            Arc::make_mut(endpoints).issuer = Some(issuer.into());
        }
        self
    }

    /// Always takes the profile from the userinfo endpoint (`idToken: false` in Auth.js).
    #[must_use]
    pub fn profile_from_userinfo(mut self) -> Self {
        self.profile.user_info = UserInfo::Always;
        self
    }

    /// Lets the provider answer with a form that the browser posts (`response_mode=form_post`), as Apple requires.
    ///
    /// Such a request comes from another site, without the session cookie. So it cannot link an account to a signed-in user,
    /// and it ends on the front page.
    #[must_use]
    pub fn form_post(mut self) -> Self {
        self.form_post = true;
        self
    }

    /// Treats an address as verified if the provider does not say. `email_verified: false` stays unverified.
    ///
    /// Use it only if users cannot have an address at the provider that is not theirs, for example in a directory whose
    /// administrators set the addresses.
    #[must_use]
    pub fn assume_email_verified(mut self) -> Self {
        self.assumes_email_verified = true;
        self
    }

    /// Links a new account to the existing user with the same verified address.
    ///
    /// This is dangerous if the provider lets users have addresses that are not theirs.
    #[must_use]
    pub fn allow_dangerous_email_account_linking(mut self) -> Self {
        self.links_by_email = true;
        self
    }

    /// Allows only accounts that one of these domains hosts, according to Google's claim `hd`. The address does not prove
    /// that, because anyone can create a Google account with an address from elsewhere.
    #[must_use]
    pub fn hosted_domains(mut self, domains: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.hosted_domains = domains.into_iter().map(|domain| domain.into().to_lowercase()).collect();
        self
    }

    /// Whether the provider verified the address of a profile.
    pub(crate) fn vouches_for(&self, profile: &Profile) -> bool {
        profile.email.is_some() && profile.email_verified.unwrap_or(self.assumes_email_verified)
    }

    /// Whether the provider speaks OpenID Connect, and so issues id tokens.
    pub(crate) fn is_oidc(&self) -> bool {
        self.client.is_oidc()
    }

    /// Returns the type of the provider, as Auth.js names it.
    pub(crate) fn kind(&self) -> &'static str {
        if self.is_oidc() { "oidc" } else { "oauth" }
    }
}

impl fmt::Debug for OAuthProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthProvider").field("id", &self.id).finish_non_exhaustive()
    }
}

fn parse_url(name: &str, text: &str) -> Result<Url, ProviderError> {
    let url = Url::parse(text).ok();
    let usable = |url: &Url| {
        is_safe(url) && url.username().is_empty() && url.password().is_none() && url.fragment().is_none()
    };
    url.filter(usable).ok_or_else(|| ProviderError::InvalidUrl { name: name.to_owned() })
}
