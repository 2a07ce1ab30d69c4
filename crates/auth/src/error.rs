//! Every error of sign-in: [`Error`] for a request, one file each for settings, providers and access tokens.
//!
//! This module imports no other one, so that all of them can import it.

mod access_token;
mod config;
#[cfg(feature = "oauth")]
mod oauth;

use std::error::Error as StdError;

pub use access_token::AccessTokenError;
#[cfg(feature = "oauth")]
pub use config::ProviderError;
pub use config::{AllowListError, ConfigError};
#[cfg(feature = "oauth")]
pub use oauth::OAuthError;
#[cfg(feature = "oauth")]
pub(crate) use oauth::known_code;

/// An adapter's error without its type.
pub(crate) type AdapterError = Box<dyn StdError + Send + Sync>;

/// Why a request failed.
///
/// A browser sees only the [code](Self::code); the rest goes to the log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The action does not exist, or does not allow this method.
    #[error("no such action")]
    UnknownAction,
    /// No provider has the id in the path.
    #[error("no such provider")]
    UnknownProvider,
    /// The callback URL cannot be parsed.
    #[error("the callback URL is neither a path nor an http URL")]
    InvalidCallbackUrl,
    /// The form was not served by this site, or not to this browser.
    #[error("the CSRF token is missing or belongs to another browser")]
    MissingCsrf,
    /// The submitted text is not an e-mail address.
    #[error("the e-mail address is not usable")]
    InvalidEmail(#[source] InvalidEmail),
    /// The address is not allowed to sign in.
    #[error("the address is not on the allow list")]
    AccessDenied,
    /// The link is unknown, expired or already used.
    #[error("the link is invalid or has expired")]
    Verification,
    /// An account's token cannot be decrypted.
    #[error(transparent)]
    Undecipherable(#[from] Undecipherable),
    /// The provider reported an error instead of a sign-in: usually, the user cancelled.
    #[error("the provider returned an error{}", code.map(|code| format!(": {code}")).unwrap_or_default())]
    OAuthCallback {
        /// The error code if OAuth 2 defines it; other provider texts are dropped.
        code: Option<&'static str>,
    },
    /// The account at the provider, or its address, belongs to another user.
    #[error("the account or its address belongs to another user")]
    OAuthAccountNotLinked,
    /// A cookie that protects the sign-in is missing, forged, expired or from another provider.
    #[error("the cookie `{0}` of this sign-in is missing or invalid")]
    InvalidCheck(&'static str),
    /// The provider's answer is unusable.
    #[cfg(feature = "oauth")]
    #[error(transparent)]
    OAuth(OAuthError),
    /// The database failed.
    #[error("the adapter failed to {operation}")]
    Adapter {
        /// What the adapter was asked to do.
        operation: &'static str,
        /// The adapter's error.
        #[source]
        source: AdapterError,
    },
}

/// A text that is not an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not an e-mail address\nhelp: write it as `name@domain`, without quotes or spaces")]
pub struct InvalidEmail;

/// An encrypted token that was modified, or whose key is not configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot decrypt a token of an account: its key is not configured")]
pub struct Undecipherable;

/// The page that shows an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorPage {
    SignIn,
    Error,
}

impl Error {
    /// Returns the code in the query of the error page, for choosing a message. Errors that are none of the browser's
    /// business are all `Configuration`.
    ///
    /// An invalid address has the code `EmailSignin` and leads to the sign-in page; Auth.js reports it as `Configuration`,
    /// which blames the server for a typing mistake.
    ///
    /// Source: @auth/core 0.41.3 `errors.js`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MissingCsrf => "MissingCSRF",
            Self::InvalidEmail(_) => "EmailSignin",
            Self::AccessDenied => "AccessDenied",
            Self::Verification => "Verification",
            Self::OAuthCallback { .. } => "OAuthCallbackError",
            Self::OAuthAccountNotLinked => "OAuthAccountNotLinked",
            #[cfg(feature = "oauth")]
            Self::OAuth(_) => "Configuration",
            Self::UnknownAction
            | Self::UnknownProvider
            | Self::InvalidCallbackUrl
            | Self::InvalidCheck(_)
            | Self::Undecipherable(_)
            | Self::Adapter { .. } => "Configuration",
        }
    }

    pub(crate) fn page(&self) -> ErrorPage {
        match self {
            Self::MissingCsrf
            | Self::InvalidEmail(_)
            | Self::OAuthCallback { .. }
            | Self::OAuthAccountNotLinked => ErrorPage::SignIn,
            _ => ErrorPage::Error,
        }
    }

    /// Keeps the provider's error code if it is a registered one: anyone can put any text into the URL.
    #[cfg(feature = "oauth")]
    pub(crate) fn oauth_callback(code: &str) -> Self {
        Self::OAuthCallback { code: known_code(code) }
    }

    /// Names the operation that the adapter failed to do.
    pub(crate) fn adapter(operation: &'static str) -> impl FnOnce(AdapterError) -> Self {
        move |source| Self::Adapter { operation, source }
    }
}
