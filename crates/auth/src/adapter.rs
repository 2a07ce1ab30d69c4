//! The interface to the database.

pub mod memory;

mod erased;

use std::error::Error;
use std::future::Future;

use chrono::{DateTime, Utc};

use crate::model::{Account, AccountKey, NewUser, Session, User, UserId, UserUpdate, VerificationToken};
use crate::secret::Secret;
use crate::token::{HashedToken, SessionToken};

pub(crate) use erased::ErasedAdapter;

/// The database of sign-in: the methods of Auth.js's adapters, and some for housekeeping and the account page.
///
/// A missing row is a result (`None`, `false`, `0`), never an error. Errors are logged, so they must contain
/// neither tokens nor addresses. `adapter_suite` (feature `adapter-suite`) tests everything that is documented here.
/// nicol's generated clients implement this trait if the build script asks for it (`nicol_codegen::Build::auth_adapter`).
///
/// Source: @auth/core 0.41.3 `adapters.d.ts`, whose names are search aliases here.
pub trait Adapter: Send + Sync + 'static {
    /// The error of a failed operation: usually, the database cannot be reached.
    type Error: Error + Send + Sync + 'static;

    /// Creates a user and chooses its id. An address that is already in use is an error.
    #[doc(alias = "createUser")]
    fn create_user(&self, user: NewUser) -> impl Future<Output = Result<User, Self::Error>> + Send;

    /// Finds a user by id.
    #[doc(alias = "getUser")]
    fn user(&self, id: &UserId) -> impl Future<Output = Result<Option<User>, Self::Error>> + Send;

    /// Finds a user by address. The comparison is exact.
    #[doc(alias = "getUserByEmail")]
    fn user_by_email(&self, email: &str) -> impl Future<Output = Result<Option<User>, Self::Error>> + Send;

    /// Finds the user of an account at a provider.
    #[doc(alias = "getUserByAccount")]
    fn user_by_account(
        &self,
        key: AccountKey<'_>,
    ) -> impl Future<Output = Result<Option<User>, Self::Error>> + Send;

    /// Updates a user and returns the row; `None` if there is none.
    #[doc(alias = "updateUser")]
    fn update_user(
        &self,
        update: UserUpdate,
    ) -> impl Future<Output = Result<Option<User>, Self::Error>> + Send;

    /// Deletes a user with all accounts and sessions; returns whether there was one.
    #[doc(alias = "deleteUser")]
    fn delete_user(&self, id: &UserId) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Links an account at a provider to a user.
    #[doc(alias = "linkAccount")]
    fn link_account(&self, account: Account) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Unlinks an account; returns whether there was one.
    #[doc(alias = "unlinkAccount")]
    fn unlink_account(&self, key: AccountKey<'_>) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Finds an account at a provider, with its tokens as stored.
    #[doc(alias = "getAccount")]
    fn account(
        &self,
        key: AccountKey<'_>,
    ) -> impl Future<Output = Result<Option<Account>, Self::Error>> + Send;

    /// Lists the accounts of a user, ordered by key.
    fn accounts_of(&self, user: &UserId) -> impl Future<Output = Result<Vec<Account>, Self::Error>> + Send;

    /// Replaces the tokens of an account, with their expiry, type and scope, if the stored access token is still `was`;
    /// returns whether it was. Of several concurrent calls with the same `was`, exactly one succeeds.
    fn renew_account(
        &self,
        account: Account,
        was: Option<&Secret>,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Stores a session.
    #[doc(alias = "createSession")]
    fn create_session(&self, session: Session) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Finds a session and its user, preferably in one round trip: every request does this.
    #[doc(alias = "getSessionAndUser")]
    fn session_and_user(
        &self,
        token: &SessionToken,
    ) -> impl Future<Output = Result<Option<(Session, User)>, Self::Error>> + Send;

    /// Sets the expiry of a session; returns whether there is such a session.
    #[doc(alias = "updateSession")]
    fn update_session(
        &self,
        token: &SessionToken,
        expires: DateTime<Utc>,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Deletes a session; returns whether there was one.
    #[doc(alias = "deleteSession")]
    fn delete_session(&self, token: &SessionToken) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Stores the token of a magic link.
    #[doc(alias = "createVerificationToken")]
    fn create_verification_token(
        &self,
        token: VerificationToken,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Deletes the token of a magic link and returns its row. Of several concurrent calls, exactly one gets it.
    #[doc(alias = "useVerificationToken")]
    fn use_verification_token(
        &self,
        identifier: &str,
        token: &HashedToken,
    ) -> impl Future<Output = Result<Option<VerificationToken>, Self::Error>> + Send;

    /// Lists the sessions of a user, latest expiry first.
    fn sessions_of(&self, user: &UserId) -> impl Future<Output = Result<Vec<Session>, Self::Error>> + Send;

    /// Deletes all sessions of a user except `keep`; returns how many there were.
    fn delete_sessions_of(
        &self,
        user: &UserId,
        keep: Option<&SessionToken>,
    ) -> impl Future<Output = Result<u64, Self::Error>> + Send;

    /// Deletes sessions and verification tokens that expired before an instant, at most `most` of each; returns how many
    /// there were. It is called until it returns 0, so that no call holds many locks for long.
    fn delete_expired(
        &self,
        before: DateTime<Utc>,
        most: u32,
    ) -> impl Future<Output = Result<u64, Self::Error>> + Send;
}
