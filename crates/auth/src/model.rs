//! The rows that an adapter stores: Auth.js's four models.
//!
//! Source: @auth/core 0.41.3 `adapters.d.ts`, `types.d.ts`.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::secret::Secret;
use crate::token::{HashedToken, SessionToken};

/// A user's id, chosen by the adapter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(String);

impl UserId {
    /// Wraps an id from a row.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// Returns the id as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the id as stored, by value.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// A user. `Debug` shows the id only.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The display name.
    pub name: Option<String>,
    /// The address, in normal form if this crate wrote it.
    pub email: String,
    /// When the address was last verified.
    pub email_verified: Option<DateTime<Utc>>,
    /// The URL of a picture.
    pub image: Option<String>,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A user to create.
#[derive(Clone)]
pub struct NewUser {
    /// The display name.
    pub name: Option<String>,
    /// The address.
    pub email: String,
    /// When the address was verified.
    pub email_verified: Option<DateTime<Utc>>,
    /// The URL of a picture.
    pub image: Option<String>,
}

/// An update of a user. `None` leaves a column unchanged.
#[derive(Clone)]
pub struct UserUpdate {
    /// The user.
    pub id: UserId,
    /// `Some(None)` removes the name.
    pub name: Option<Option<String>>,
    /// The new address.
    pub email: Option<String>,
    /// `Some(None)` marks the address as unverified.
    pub email_verified: Option<Option<DateTime<Utc>>>,
    /// `Some(None)` removes the picture.
    pub image: Option<Option<String>>,
}

impl UserUpdate {
    /// Creates an update that changes nothing yet.
    pub fn new(id: UserId) -> Self {
        Self { id, name: None, email: None, email_verified: None, image: None }
    }
}

/// A user's account at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The user of the account.
    pub user_id: UserId,
    /// `oauth`, `oidc`, `email` or `webauthn`.
    pub kind: String,
    /// The provider's id, such as `google`.
    pub provider: String,
    /// The user's id at the provider.
    pub provider_account_id: String,
    /// The token that renews the access token.
    pub refresh_token: Option<Secret>,
    /// The token for requests to the provider on behalf of the user.
    pub access_token: Option<Secret>,
    /// When the access token expires, in seconds since 1970.
    pub expires_at: Option<i64>,
    /// The type of the access token, such as `bearer`.
    pub token_type: Option<String>,
    /// The scope of the access token.
    pub scope: Option<String>,
    /// The provider's signed claims about the user.
    pub id_token: Option<Secret>,
    /// The provider's own session state.
    pub session_state: Option<String>,
}

impl Account {
    /// The unique key.
    pub fn key(&self) -> AccountKey<'_> {
        AccountKey { provider: &self.provider, provider_account_id: &self.provider_account_id }
    }
}

/// The unique key of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountKey<'a> {
    /// The provider's id.
    pub provider: &'a str,
    /// The user's id at the provider.
    pub provider_account_id: &'a str,
}

/// A browser that is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The token that the browser carries.
    pub token: SessionToken,
    /// Who is signed in.
    pub user_id: UserId,
    /// Until when, unless it is extended.
    pub expires: DateTime<Utc>,
}

/// A magic link that was sent and not used yet. `Debug` hides the address.
#[derive(Clone, PartialEq, Eq)]
pub struct VerificationToken {
    /// The address that it was sent to.
    pub identifier: String,
    /// The hash of the token in the link.
    pub token: HashedToken,
    /// The last instant at which it can be used.
    pub expires: DateTime<Utc>,
}

impl fmt::Debug for VerificationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerificationToken").field("expires", &self.expires).finish_non_exhaustive()
    }
}
