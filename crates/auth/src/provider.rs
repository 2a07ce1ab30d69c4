//! Providers: the ways to sign in.

mod email;
#[cfg(feature = "oauth")]
mod oauth;

pub use email::EmailProvider;
#[cfg(feature = "oauth")]
pub use oauth::{OAuthProvider, OAuthUrls, Providers};

#[cfg(feature = "oauth")]
pub use crate::error::ProviderError;
#[cfg(feature = "oauth")]
pub use crate::oauth::{ClientAuthentication, ProfileFields};

/// A way to sign in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Provider {
    /// Magic links by e-mail.
    Email(EmailProvider),
    /// An OpenID Connect or OAuth 2 provider.
    #[cfg(feature = "oauth")]
    OAuth(Box<OAuthProvider>),
}

impl Provider {
    /// Returns the id, as used in paths and rows.
    pub fn id(&self) -> &str {
        match self {
            Self::Email(email) => &email.id,
            #[cfg(feature = "oauth")]
            Self::OAuth(oauth) => &oauth.id,
        }
    }

    /// Returns the display name.
    pub fn name(&self) -> &str {
        match self {
            Self::Email(email) => &email.name,
            #[cfg(feature = "oauth")]
            Self::OAuth(oauth) => &oauth.name,
        }
    }

    /// Returns the type of the provider, as Auth.js names it: `email`, `oidc` or `oauth`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Email(_) => "email",
            #[cfg(feature = "oauth")]
            Self::OAuth(oauth) => oauth.kind(),
        }
    }
}

impl From<EmailProvider> for Provider {
    fn from(provider: EmailProvider) -> Self {
        Self::Email(provider)
    }
}

#[cfg(feature = "oauth")]
impl From<OAuthProvider> for Provider {
    fn from(provider: OAuthProvider) -> Self {
        Self::OAuth(Box::new(provider))
    }
}
