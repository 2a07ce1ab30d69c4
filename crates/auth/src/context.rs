//! What every request needs: settings, database, keys and clock. Sessions, accounts and flows work on it; `Auth` is its
//! public face.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::adapter::{Adapter, ErasedAdapter};
use crate::config::Config;
use crate::cookie::{CookieNames, Cookies};
use crate::csrf::CsrfToken;
use crate::mail::{Background, MailBudget};
use crate::token_cipher::EncryptionKeys;

/// The context of all requests. Cloning is cheap, and clones share everything.
#[derive(Clone)]
pub(crate) struct Context(Arc<Inner>);

struct Inner {
    config: Config,
    names: CookieNames,
    adapter: Box<dyn ErasedAdapter>,
    background: Background,
    budget: MailBudget,
    encryption: EncryptionKeys,
}

impl Context {
    pub(crate) fn new(config: Config, adapter: impl Adapter) -> Self {
        let names = CookieNames::new(config.url.is_https());
        let (background, budget) = (Background::default(), MailBudget::default());
        let encryption = config.encryption.clone().and_of(&config.secret);
        Self(Arc::new(Inner { config, names, adapter: Box::new(adapter), background, budget, encryption }))
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

    /// Returns the CSRF token of the browser that sent these cookies.
    pub(crate) fn csrf(&self, cookies: &Cookies) -> CsrfToken {
        let config = self.config();
        CsrfToken::of_browser(cookies, self.cookie_names(), &config.secret, &*config.random)
    }
}
