//! The public face of sign-in. Each method delegates to the module that does the work.

use std::error::Error as StdError;
use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};

use crate::account::access_token::{self, RenewedTokens};
use crate::account::{self, LinkedAccount, Unlinked};
use crate::adapter::Adapter;
use crate::config::Config;
use crate::context::Context;
use crate::cookie::Cookies;
use crate::csrf::CsrfToken;
use crate::error::{AccessTokenError, Error};
use crate::flow;
use crate::model::{Account, AccountKey, UserId};
use crate::provider::Provider;
use crate::redirect::with_query;
use crate::secret::Secret;
use crate::session::{self, Authenticated, SessionInfo, SessionRead};

/// Sign-in for one application. Cloning is cheap, and clones share everything.
#[derive(Clone)]
pub struct Auth(Context);

impl Auth {
    /// Creates sign-in from its settings and a database.
    pub fn new(config: Config, adapter: impl Adapter) -> Self {
        Self(Context::new(config, adapter))
    }

    /// Answers a request below the [base path](Self::base_path).
    ///
    /// Mails are sent after the response, by tasks of the Tokio runtime that polls this future.
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        flow::handle(&self.0, &request).await
    }

    /// Reads the session of a request. This calls the adapter once, and a second time once a day to extend the session.
    ///
    /// # Errors
    /// [`Error::Adapter`] if the database fails: then it is unknown whether the user is signed in.
    pub async fn session(&self, headers: &HeaderMap) -> Result<SessionRead, Error> {
        SessionRead::of_request(&self.0, headers).await
    }

    /// Reads the session of a request like [`session`](Self::session), but neither extends nor deletes it. Use it to check
    /// again during a long response, when cookies can no longer be sent. This calls the adapter once.
    ///
    /// # Errors
    /// [`Error::Adapter`] if the database fails.
    pub async fn look(&self, headers: &HeaderMap) -> Result<Option<Authenticated>, Error> {
        session::look(&self.0, &Cookies::read(headers).session(self.0.cookie_names())).await
    }

    /// Returns the CSRF token of the browser that sent a request, for the application's own forms.
    pub fn csrf(&self, headers: &HeaderMap) -> CsrfToken {
        self.0.csrf(&Cookies::read(headers))
    }

    /// Returns the URL of the sign-in page, which leads back to `callback_path` after sign-in.
    pub fn sign_in_url(&self, callback_path: &str) -> String {
        let own = format!("{}/signin", self.base_path());
        let page = self.0.config().page_urls.sign_in.as_deref().unwrap_or(&own);
        with_query(page, &[("callbackUrl", callback_path)])
    }

    /// Returns the providers in the order in which the sign-in page offers them.
    pub fn providers(&self) -> &[Provider] {
        &self.0.config().providers
    }

    /// Returns the path below which [`handle`](Self::handle) is served.
    pub fn base_path(&self) -> &str {
        self.0.config().url.base_path()
    }

    /// Lists the live sessions of a user: the current one first, then the most recently used.
    ///
    /// # Errors
    /// [`Error::Adapter`] if the database fails.
    pub async fn sessions(&self, who: &Authenticated) -> Result<Vec<SessionInfo>, Error> {
        session::list(&self.0, who).await
    }

    /// Ends a session of the signed-in user by its [handle](SessionInfo::handle); returns whether there was one.
    ///
    /// # Errors
    /// [`Error::Adapter`] if the database fails.
    pub async fn end_session(&self, who: &Authenticated, handle: &str) -> Result<bool, Error> {
        session::end(&self.0, who, handle).await
    }

    /// Ends all sessions of the signed-in user but the current one; returns how many there were.
    ///
    /// # Errors
    /// [`Error::Adapter`] if the database fails.
    pub async fn end_other_sessions(&self, who: &Authenticated) -> Result<u64, Error> {
        session::end_others(&self.0, who).await
    }

    /// Ends all sessions of any user; returns how many there were.
    ///
    /// # Errors
    /// [`Error::Adapter`] if the database fails.
    pub async fn revoke_sessions(&self, user: &UserId) -> Result<u64, Error> {
        let deleted = self.0.adapter().delete_sessions_of(user, None).await;
        deleted.map_err(Error::adapter("delete a user's sessions"))
    }

    /// Lists the accounts that are linked to the signed-in user, ordered by provider.
    ///
    /// # Errors
    /// [`Error::Adapter`] if the database fails.
    pub async fn accounts(&self, who: &Authenticated) -> Result<Vec<LinkedAccount>, Error> {
        account::list(&self.0, who).await
    }

    /// Links an account to a user. Its tokens are encrypted before they are stored.
    ///
    /// # Errors
    /// [`Error::Adapter`] if the account is already linked, or the database fails.
    pub async fn link_account(&self, account: Account) -> Result<(), Error> {
        account::link(&self.0, account).await
    }

    /// Unlinks an account, unless the user could not sign in without it: neither with a magic link nor with another account
    /// at a configured provider.
    ///
    /// # Errors
    /// [`Error::Adapter`] if the database fails.
    pub async fn unlink(&self, who: &Authenticated, key: AccountKey<'_>) -> Result<Unlinked, Error> {
        account::unlink(&self.0, who, key).await
    }

    /// Returns the access token of an account, renewed at its provider if it has expired.
    ///
    /// # Errors
    /// [`AccessTokenError`] if there is no token and none can be obtained. [`Ended`](AccessTokenError::Ended) and
    /// [`Refused`](AccessTokenError::Refused) mean that the user has to sign in at the provider again.
    #[cfg(feature = "oauth")]
    pub async fn access_token(&self, key: AccountKey<'_>) -> Result<Secret, AccessTokenError> {
        access_token::get_from_provider(&self.0, key).await
    }

    /// Returns the access token of an account. If it has expired, `renew` is called with the refresh token and requests new
    /// tokens; of all concurrent calls, in any process, only one calls `renew`.
    ///
    /// `renew` runs to completion even if this future is dropped: the tokens that the provider issues must not be lost.
    ///
    /// # Errors
    /// [`AccessTokenError`] if there is no token and none can be obtained.
    pub async fn access_token_with<E, F>(
        &self,
        key: AccountKey<'_>,
        renew: impl FnOnce(Secret) -> F + Send + 'static,
    ) -> Result<Secret, AccessTokenError>
    where
        E: StdError + Send + Sync + 'static,
        F: Future<Output = Result<RenewedTokens, E>> + Send,
    {
        access_token::get(&self.0, key, renew).await
    }

    /// Deletes expired sessions and magic links; returns how many there were. Call it every few hours, since nothing else
    /// deletes the rows of users who do not come back.
    ///
    /// # Errors
    /// [`Error::Adapter`] if the database fails.
    pub async fn sweep(&self) -> Result<u64, Error> {
        /// Rows per statement and table: locks are held for a fraction of a second.
        const BATCH: u32 = 1000;
        let (before, mut removed) = (self.0.now(), 0);
        loop {
            let batch = self.0.adapter().delete_expired(before, BATCH).await;
            match batch.map_err(Error::adapter("delete what has expired"))? {
                0 => return Ok(removed),
                some => removed += some,
            }
        }
    }

    /// Waits until all pending mails are sent, before the process exits or in a test. Dropping this future drops the mails
    /// that are still pending.
    pub async fn settle(&self) {
        self.0.background().settle().await;
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").field("config", self.0.config()).finish_non_exhaustive()
    }
}
