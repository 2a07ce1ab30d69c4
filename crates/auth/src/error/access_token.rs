//! Errors of access tokens.

use std::error::Error as StdError;

use super::Error;

/// Why no access token is available.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessTokenError {
    /// The account is not linked, or its provider issued no access token.
    #[error("this account has no access token")]
    NoToken,
    /// The token has expired and cannot be renewed: the user has to sign in at the provider again.
    #[error("the access token has expired, and there is no refresh token")]
    Ended,
    /// The provider refused to renew the token.
    #[error("the provider did not renew the access token")]
    Refused(#[source] Box<dyn StdError + Send + Sync>),
    /// Another request has been renewing the token for too long.
    #[error("timed out waiting for another request to renew the access token")]
    Busy,
    /// The token cannot be decrypted, or the database failed.
    #[error(transparent)]
    Stored(#[from] Error),
}
