//! The whole of sign-in behind one type.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, Request, Response};

use crate::adapter::{Adapter, ErasedAdapter};
use crate::config::Config;
use crate::cookie::{CookieNames, Cookies};
use crate::csrf::CsrfToken;
use crate::error::Error;
use crate::flow;
use crate::mail::{Background, MailBudget};
use crate::model::UserId;
use crate::provider::Provider;
use crate::redirect::with_query;
use crate::session::{self, Authenticated, SessionRead};
use crate::token_cipher::EncryptionKeys;

/// Sign-in for one application. Cloning is cheap; all clones are the same.
#[derive(Clone)]
pub struct Auth(Arc<Inner>);

struct Inner {
    config: Config,
    names: CookieNames,
    adapter: Box<dyn ErasedAdapter>,
    background: Background,
    budget: MailBudget,
    encryption: EncryptionKeys,
}

impl Auth {
    /// Joins the settings and the database.
    pub fn new(config: Config, adapter: impl Adapter) -> Self {
        let names = CookieNames::new(config.url.is_https());
        let (background, budget) = (Background::default(), MailBudget::default());
        let encryption = config.encryption.clone().and_of(&config.secret);
        Self(Arc::new(Inner { config, names, adapter: Box::new(adapter), background, budget, encryption }))
    }

    /// Answers a request below the base path.
    ///
    /// Mails are sent after the response, in tasks of the Tokio runtime that this is called in.
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        flow::handle(self, &request).await
    }

    /// Finds out who sent a request, from its cookies. It costs one call to the adapter, and once a day a second
    /// that extends the session.
    ///
    /// # Errors
    /// [`Error::Adapter`] if the database does not answer: then nobody knows whether the request is signed in.
    pub async fn session(&self, headers: &HeaderMap) -> Result<SessionRead, Error> {
        SessionRead::of_request(self, headers).await
    }

    /// Finds out who sent a request, as [`session`](Self::session) does, but leaves the session as it is: neither is it
    /// extended, nor is one that has ended deleted. For looking again while an answer takes long, when no cookie can be
    /// sent any more. It costs one call to the adapter.
    ///
    /// # Errors
    /// [`Error::Adapter`] if the database does not answer.
    pub async fn look(&self, headers: &HeaderMap) -> Result<Option<Authenticated>, Error> {
        session::look(self, &Cookies::read(headers).session(self.cookie_names())).await
    }

    /// The CSRF token of the browser that sent a request: for the application's own forms, and to check them.
    pub fn csrf(&self, headers: &HeaderMap) -> CsrfToken {
        self.csrf_of(&Cookies::read(headers))
    }

    /// Where to send somebody who has to sign in first, and wants to go to a path afterwards.
    pub fn sign_in_url(&self, callback_path: &str) -> String {
        let own = format!("{}/signin", self.base_path());
        let page = self.config().page_urls.sign_in.as_deref().unwrap_or(&own);
        with_query(page, &[("callbackUrl", callback_path)])
    }

    /// The ways to sign in, in the order in which they are offered.
    pub fn providers(&self) -> &[Provider] {
        &self.config().providers
    }

    /// The path under which [`handle`](Self::handle) is to be served.
    pub fn base_path(&self) -> &str {
        self.config().url.base_path()
    }

    /// Signs a user out everywhere; says how many sessions there were.
    ///
    /// # Errors
    /// [`Error::Adapter`] if the database does not answer.
    pub async fn revoke_sessions(&self, user: &UserId) -> Result<u64, Error> {
        self.adapter()
            .delete_sessions_of(user, None)
            .await
            .map_err(Error::adapter("delete a user's sessions"))
    }

    /// Deletes sessions and links that have ended; says how many there were. Worth a call every few hours:
    /// nothing else removes what nobody comes back to.
    ///
    /// # Errors
    /// [`Error::Adapter`] if the database does not answer.
    pub async fn sweep(&self) -> Result<u64, Error> {
        /// Of each kind at once: a fraction of a second for the locks, a few round trips for a busy site.
        const BATCH: u32 = 1000;
        let (before, mut removed) = (self.now(), 0);
        loop {
            let batch = self.adapter().delete_expired(before, BATCH).await;
            match batch.map_err(Error::adapter("delete what has expired"))? {
                0 => return Ok(removed),
                some => removed += some,
            }
        }
    }

    /// Waits until the mails under way are sent: before the process ends, or in a test. Those that are not done
    /// when this future is dropped are given up.
    pub async fn settle(&self) {
        self.0.background.settle().await;
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    pub(crate) fn cookie_names(&self) -> &CookieNames {
        &self.0.names
    }

    pub(crate) fn adapter(&self) -> &dyn ErasedAdapter {
        &*self.0.adapter
    }

    pub(crate) fn background(&self) -> &Background {
        &self.0.background
    }

    pub(crate) fn budget(&self) -> &MailBudget {
        &self.0.budget
    }

    pub(crate) fn encryption(&self) -> &EncryptionKeys {
        &self.0.encryption
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.config().clock.now()
    }

    pub(crate) fn csrf_of(&self, cookies: &Cookies) -> CsrfToken {
        let config = self.config();
        CsrfToken::of_browser(cookies, self.cookie_names(), &config.secret, &*config.random)
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").field("config", self.config()).finish_non_exhaustive()
    }
}
