//! Sign-in with magic links by e-mail.
//!
//! Source: @auth/core 0.41.3 `providers/email.js`, `providers/nodemailer.js`.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::mail::{ErasedMailer, Mailer};
use crate::secret::AuthSecret;

/// Sends magic links through a [`Mailer`].
#[derive(Clone)]
pub struct EmailProvider {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) max_age: Duration,
    pub(crate) secret: Option<AuthSecret>,
    pub(crate) mailer: Arc<dyn ErasedMailer>,
}

impl EmailProvider {
    /// Creates a provider with the id `email`, whose links are valid for 24 hours.
    pub fn new(mailer: impl Mailer) -> Self {
        Self {
            id: "email".to_owned(),
            name: "Email".to_owned(),
            max_age: Duration::from_hours(24),
            secret: None,
            mailer: Arc::new(mailer),
        }
    }

    /// Sets the id; Auth.js's mail providers are called `nodemailer`, `resend` and so on.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// Sets the display name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets how long a link is valid.
    #[must_use]
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = max_age;
        self
    }

    /// Sets a separate secret for the hashes of links.
    #[must_use]
    pub fn secret(mut self, secret: AuthSecret) -> Self {
        self.secret = Some(secret);
        self
    }
}

impl fmt::Debug for EmailProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmailProvider").field("id", &self.id).finish_non_exhaustive()
    }
}
