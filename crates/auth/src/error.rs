//! What can go wrong on the way of a request, and what a browser is told of it.

use crate::adapter::AdapterError;
use crate::email::InvalidEmail;
use crate::token_cipher::Undecipherable;

/// Why a request could not be answered as asked.
///
/// A browser sees the [code](Self::code) only; the rest goes to the log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No such action, or not with this method.
    #[error("no such action")]
    UnknownAction,
    /// No provider has the id in the path.
    #[error("no such provider")]
    UnknownProvider,
    /// The URL to go to afterwards is no URL.
    #[error("the callback URL is neither a path nor an http URL")]
    InvalidCallbackUrl,
    /// The form did not come from a page of this server.
    #[error("the CSRF token is missing or not this browser's")]
    MissingCsrf,
    /// What was given as an e-mail address is none.
    #[error("the address cannot be used")]
    InvalidEmail(#[source] InvalidEmail),
    /// The address may not sign in.
    #[error("the address is not on the list of those who may sign in")]
    AccessDenied,
    /// The link is unknown, used or too old.
    #[error("the link is not valid, or not any more")]
    Verification,
    /// A token of an account cannot be decrypted.
    #[error(transparent)]
    Undecipherable(#[from] Undecipherable),
    /// The provider says that nobody signed in there: as a rule that he thought better of it.
    #[error("the provider answered with an error{}", code.map(|code| format!(": {code}")).unwrap_or_default())]
    OAuthCallback {
        /// Which one, if OAuth 2 has a name for it; other words of the provider are not repeated.
        code: Option<&'static str>,
    },
    /// The account at the provider, or its address, belongs to another user.
    #[error("the account or its address belongs to another user")]
    OAuthAccountNotLinked,
    /// A cookie is missing, forged, too old or of another provider, without which an answer of a provider is not taken.
    #[error("the cookie `{0}` of this sign-in is missing or not valid")]
    InvalidCheck(&'static str),
    /// Something is wrong with the provider's answers.
    #[cfg(feature = "oauth")]
    #[error(transparent)]
    OAuth(crate::oauth::OAuthError),
    /// The database did not answer.
    #[error("the adapter failed to {operation}")]
    Adapter {
        /// What it was to do.
        operation: &'static str,
        /// What it said.
        #[source]
        source: AdapterError,
    },
}

/// The page on which an error is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorPage {
    SignIn,
    Error,
}

impl Error {
    /// The code in the query of the error's page, with which an application chooses its words. What is no
    /// business of the browser is `Configuration`.
    ///
    /// An address that is none has `EmailSignin`, on the sign-in page; Auth.js calls it `Configuration`, which
    /// blames the server for a typing mistake.
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

    /// The provider's own word for what went wrong, which anybody can put into a URL.
    #[cfg(feature = "oauth")]
    pub(crate) fn oauth_callback(code: &str) -> Self {
        Self::OAuthCallback { code: crate::oauth::known_code(code) }
    }

    /// Says what the adapter was to do when it failed.
    pub(crate) fn adapter(operation: &'static str) -> impl FnOnce(AdapterError) -> Self {
        move |source| Self::Adapter { operation, source }
    }
}
