//! [`Adapter`] with its type erased, so that `Auth` is one plain type for handlers and extractors.

use std::pin::Pin;

use chrono::{DateTime, Utc};

use super::Adapter;
use crate::error::AdapterError;
use crate::model::{Account, AccountKey, NewUser, Session, User, UserId, UserUpdate, VerificationToken};
use crate::secret::Secret;
use crate::token::{HashedToken, SessionToken};

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, AdapterError>> + Send + 'a>>;

/// Declares the trait and its one implementation, which boxes futures and errors.
macro_rules! erase {
    ($(fn $method:ident($($argument:ident: $ty:ty),*) -> $answer:ty;)*) => {
        /// The methods of [`Adapter`] that the flows call.
        #[cfg_attr(not(feature = "oauth"), allow(dead_code, reason = "some are for sign-in at providers only"))]
        #[allow(clippy::elidable_lifetime_names, reason = "methods whose arguments borrow need the lifetime's name")]
        pub(crate) trait ErasedAdapter: Send + Sync {
            $(fn $method<'a>(&'a self, $($argument: $ty),*) -> Answer<'a, $answer>;)*
        }

        #[allow(clippy::elidable_lifetime_names, reason = "methods whose arguments borrow need the lifetime's name")]
        impl<A: Adapter> ErasedAdapter for A {
            $(fn $method<'a>(&'a self, $($argument: $ty),*) -> Answer<'a, $answer> {
                Box::pin(async move { Ok(Adapter::$method(self, $($argument),*).await?) })
            })*
        }
    };
}

erase! {
    fn create_user(user: NewUser) -> User;
    fn user_by_email(email: &'a str) -> Option<User>;
    fn user_by_account(key: AccountKey<'a>) -> Option<User>;
    fn update_user(update: UserUpdate) -> Option<User>;
    fn delete_user(id: &'a UserId) -> bool;
    fn account(key: AccountKey<'a>) -> Option<Account>;
    fn accounts_of(user: &'a UserId) -> Vec<Account>;
    fn renew_account(account: Account, was: Option<&'a Secret>) -> bool;
    fn link_account(account: Account) -> ();
    fn unlink_account(key: AccountKey<'a>) -> bool;
    fn create_session(session: Session) -> ();
    fn session_and_user(token: &'a SessionToken) -> Option<(Session, User)>;
    fn update_session(token: &'a SessionToken, expires: DateTime<Utc>) -> bool;
    fn delete_session(token: &'a SessionToken) -> bool;
    fn create_verification_token(token: VerificationToken) -> ();
    fn use_verification_token(identifier: &'a str, token: &'a HashedToken) -> Option<VerificationToken>;
    fn sessions_of(user: &'a UserId) -> Vec<Session>;
    fn delete_sessions_of(user: &'a UserId, keep: Option<&'a SessionToken>) -> u64;
    fn delete_expired(before: DateTime<Utc>, most: u32) -> u64;
}
