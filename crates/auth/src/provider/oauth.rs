//! Sign-in at a provider that speaks OpenID Connect or OAuth 2.
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
    /// Where the browser goes.
    pub authorization: String,
    /// Where a code is exchanged.
    pub token: String,
    /// Where the profile is.
    pub userinfo: String,
}

/// A provider that speaks OpenID Connect or OAuth 2.
///
/// PKCE and `state` protect each sign-in, and with OpenID Connect a `nonce`; none of them can be switched off. In
/// Auth.js `checks` says which are used, and by default it is PKCE alone.
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
    /// A provider that speaks OpenID Connect, found by its issuer, such as `https://accounts.google.com`.
    ///
    /// # Errors
    /// [`ProviderError::InvalidUrl`] for an issuer that cannot be asked, [`ProviderError::InvalidId`] for an id that
    /// does not fit a path.
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

    /// A provider that speaks OAuth 2 alone. Its profile is read by the names of OpenID Connect, unless
    /// [`profile_fields`](Self::profile_fields) tells others.
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

    /// The name to show.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// What is asked for, separated by spaces.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// A further parameter for the provider's sign-in page, such as `prompt` or `access_type`.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// How this server shows its secret.
    #[must_use]
    pub fn client_authentication(mut self, authentication: ClientAuthentication) -> Self {
        self.client.authentication = authentication;
        self
    }

    /// The names under which the profile tells who somebody is.
    #[must_use]
    pub fn profile_fields(mut self, fields: ProfileFields) -> Self {
        self.profile.fields = fields;
        self
    }

    /// Who the provider says it is in its answers, if it does: a provider without discovery that names itself is
    /// refused without it. Nothing else than discovery counts with OpenID Connect.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        if let Location::Fixed(endpoints) = &mut self.client.location {
            Arc::make_mut(endpoints).issuer = Some(issuer.into());
        }
        self
    }

    /// Takes the profile from the userinfo endpoint even if the id token has all of it (`idToken: false` in Auth.js).
    #[must_use]
    pub fn profile_from_userinfo(mut self) -> Self {
        self.profile.user_info = UserInfo::Always;
        self
    }

    /// Lets the provider answer with a form that the browser posts (`response_mode=form_post`), as Apple wants it.
    ///
    /// Such a request comes from another site, so the browser's session is not seen: it cannot link an account to
    /// somebody who is signed in, and it ends on the front page.
    #[must_use]
    pub fn form_post(mut self) -> Self {
        self.form_post = true;
        self
    }

    /// Takes an address for verified if the provider says nothing about it. `email_verified: false` stays unverified.
    ///
    /// Use it only if nobody can have an address at the provider that is not theirs, as in a directory whose addresses
    /// are set by its administrators.
    #[must_use]
    pub fn assume_email_verified(mut self) -> Self {
        self.assumes_email_verified = true;
        self
    }

    /// Lets somebody in as the user who has the same verified address, although he came another way until now.
    ///
    /// It is as dangerous as it sounds if the provider lets people use addresses that are not theirs.
    #[must_use]
    pub fn allow_dangerous_email_account_linking(mut self) -> Self {
        self.links_by_email = true;
        self
    }

    /// Lets only accounts in that one of these domains hosts, as Google's claim `hd` says. An address alone does not
    /// prove that: anybody can open an account at Google with an address that he has elsewhere.
    #[must_use]
    pub fn hosted_domains(mut self, domains: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.hosted_domains = domains.into_iter().map(|domain| domain.into().to_lowercase()).collect();
        self
    }

    /// Whether the provider vouches for the address of a profile.
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
