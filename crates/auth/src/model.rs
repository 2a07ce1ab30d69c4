//! What an adapter stores: Auth.js's four models.
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
    /// An id found in a row.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as the row holds it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as the row holds it, by value.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// A person who may sign in. `Debug` shows the id only.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// A name to show.
    pub name: Option<String>,
    /// The address, in its normal form if this crate wrote it.
    pub email: String,
    /// When the address was last proved to be the user's.
    pub email_verified: Option<DateTime<Utc>>,
    /// The URL of a picture.
    pub image: Option<String>,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A user without an id yet.
#[derive(Clone)]
pub struct NewUser {
    /// A name to show.
    pub name: Option<String>,
    /// The address.
    pub email: String,
    /// When the address was proved to be the user's.
    pub email_verified: Option<DateTime<Utc>>,
    /// The URL of a picture.
    pub image: Option<String>,
}

/// What is to change of a user: `None` leaves a column as it is.
#[derive(Clone)]
pub struct UserUpdate {
    /// Whose row.
    pub id: UserId,
    /// `Some(None)` removes the name.
    pub name: Option<Option<String>>,
    /// Another address.
    pub email: Option<String>,
    /// `Some(None)` says that the address is not proved.
    pub email_verified: Option<Option<DateTime<Utc>>>,
    /// `Some(None)` removes the picture.
    pub image: Option<Option<String>>,
}

impl UserUpdate {
    /// An update of this user that changes nothing yet.
    pub fn new(id: UserId) -> Self {
        Self { id, name: None, email: None, email_verified: None, image: None }
    }
}

/// A user's account at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Whose account.
    pub user_id: UserId,
    /// `oauth`, `oidc`, `email` or `webauthn`.
    pub kind: String,
    /// The provider's id, such as `google`.
    pub provider: String,
    /// The user's id at the provider.
    pub provider_account_id: String,
    /// Given by the provider to ask for the next access token.
    pub refresh_token: Option<Secret>,
    /// Given by the provider to act for the user.
    pub access_token: Option<Secret>,
    /// When the access token ends, in seconds since 1970.
    pub expires_at: Option<i64>,
    /// How the access token is presented, such as `bearer`.
    pub token_type: Option<String>,
    /// What the access token allows.
    pub scope: Option<String>,
    /// The provider's signed statement about the user.
    pub id_token: Option<Secret>,
    /// The provider's own note on its session.
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
