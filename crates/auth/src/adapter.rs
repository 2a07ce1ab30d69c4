//! The door to the database.

pub mod memory;

mod erased;

use std::error::Error;
use std::future::Future;

use chrono::{DateTime, Utc};

use crate::model::{Account, AccountKey, NewUser, Session, User, UserId, UserUpdate, VerificationToken};
use crate::secret::Secret;
use crate::token::{HashedToken, SessionToken};

pub(crate) use erased::ErasedAdapter;

/// What sign-in asks of a database: the methods of Auth.js's adapters, and some for housekeeping and the account page.
///
/// "Not there" is an answer (`None`, `false`, `0`), never an error. Errors reach the log, so they must hold
/// neither tokens nor addresses. `adapter_suite` (feature `adapter-suite`) checks all that is said here, and
/// nicol's generated clients implement this trait if the build script asks for it (`nicol_codegen::Build::auth_adapter`).
///
/// Source: @auth/core 0.41.3 `adapters.d.ts`, whose names are the search aliases here.
pub trait Adapter: Send + Sync + 'static {
    /// What can go wrong: as a rule, that the database cannot be reached.
    type Error: Error + Send + Sync + 'static;

    /// Creates a user and chooses the id. That the address is taken is an error.
    #[doc(alias = "createUser")]
    fn create_user(&self, user: NewUser) -> impl Future<Output = Result<User, Self::Error>> + Send;

    /// Finds a user by id.
    #[doc(alias = "getUser")]
    fn user(&self, id: &UserId) -> impl Future<Output = Result<Option<User>, Self::Error>> + Send;

    /// Finds a user by address, compared as it is.
    #[doc(alias = "getUserByEmail")]
    fn user_by_email(&self, email: &str) -> impl Future<Output = Result<Option<User>, Self::Error>> + Send;

    /// Finds the user to whom an account at a provider belongs.
    #[doc(alias = "getUserByAccount")]
    fn user_by_account(
        &self,
        key: AccountKey<'_>,
    ) -> impl Future<Output = Result<Option<User>, Self::Error>> + Send;

    /// Changes a user and gives the row; `None` if there is none.
    #[doc(alias = "updateUser")]
    fn update_user(
        &self,
        update: UserUpdate,
    ) -> impl Future<Output = Result<Option<User>, Self::Error>> + Send;

    /// Deletes a user with all accounts and sessions; says whether there was one.
    #[doc(alias = "deleteUser")]
    fn delete_user(&self, id: &UserId) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Gives a user an account at a provider.
    #[doc(alias = "linkAccount")]
    fn link_account(&self, account: Account) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Takes an account away; says whether there was one.
    #[doc(alias = "unlinkAccount")]
    fn unlink_account(&self, key: AccountKey<'_>) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Finds an account at a provider, its tokens as they were stored.
    #[doc(alias = "getAccount")]
    fn account(
        &self,
        key: AccountKey<'_>,
    ) -> impl Future<Output = Result<Option<Account>, Self::Error>> + Send;

    /// The accounts of a user, ordered by key.
    fn accounts_of(&self, user: &UserId) -> impl Future<Output = Result<Vec<Account>, Self::Error>> + Send;

    /// Gives an account other tokens, and what goes with them, if its access token is still `was`, as it was stored; says
    /// whether it is. Of several that try at once with the same `was`, one succeeds.
    fn renew_account(
        &self,
        account: Account,
        was: Option<&Secret>,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Stores a session.
    #[doc(alias = "createSession")]
    fn create_session(&self, session: Session) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Finds a session and its user, in one round trip if it can: this is what each request costs.
    #[doc(alias = "getSessionAndUser")]
    fn session_and_user(
        &self,
        token: &SessionToken,
    ) -> impl Future<Output = Result<Option<(Session, User)>, Self::Error>> + Send;

    /// Gives a session another end; says whether there is such a session.
    #[doc(alias = "updateSession")]
    fn update_session(
        &self,
        token: &SessionToken,
        expires: DateTime<Utc>,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Deletes a session; says whether there was one.
    #[doc(alias = "deleteSession")]
    fn delete_session(&self, token: &SessionToken) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Stores a magic link's token.
    #[doc(alias = "createVerificationToken")]
    fn create_verification_token(
        &self,
        token: VerificationToken,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Deletes a magic link's token and gives what it held. Of several that try at once, one gets it.
    #[doc(alias = "useVerificationToken")]
    fn use_verification_token(
        &self,
        identifier: &str,
        token: &HashedToken,
    ) -> impl Future<Output = Result<Option<VerificationToken>, Self::Error>> + Send;

    /// The sessions of a user, the one that ends last first.
    fn sessions_of(&self, user: &UserId) -> impl Future<Output = Result<Vec<Session>, Self::Error>> + Send;

    /// Deletes all sessions of a user, save for one to `keep`; says how many there were.
    fn delete_sessions_of(
        &self,
        user: &UserId,
        keep: Option<&SessionToken>,
    ) -> impl Future<Output = Result<u64, Self::Error>> + Send;

    /// Deletes sessions and verification tokens that ended before an instant, at the `most` so many of each; says how many
    /// there were. It is called until there are none: many rows at once would hold their locks for long.
    fn delete_expired(
        &self,
        before: DateTime<Utc>,
        most: u32,
    ) -> impl Future<Output = Result<u64, Self::Error>> + Send;
}
