//! The mailbox of development, which sends no mail: links are printed on the terminal and shown at `/dev/mailbox`.
//!
//! Its mails let a reader sign in as any user. So they are kept in development only, in memory, and shown only with the
//! token in the URL on the terminal, which changes with each start.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use nicol_auth::{MagicLinkMail, Mailer, Random as _, Secret, SystemRandom};
use subtle::ConstantTimeEq as _;

use crate::terminal::TerminalMailer;

/// The path under which the mails are shown.
pub const PATH: &str = "/dev/mailbox";

/// How many mails are kept; the oldest go first.
const KEPT: usize = 50;

/// The mails of this process. Cloning is cheap; all clones are the same. `Debug` shows nothing.
#[derive(Clone)]
pub struct Mailbox(Arc<Inner>);

struct Inner {
    token: Secret,
    mails: Mutex<VecDeque<Kept>>,
}

/// A mail, and when it would have been sent.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) mail: MagicLinkMail,
    pub(crate) at: DateTime<Utc>,
}

impl Default for Mailbox {
    fn default() -> Self {
        Self::new()
    }
}

impl Mailbox {
    /// An empty one with a token of its own.
    pub fn new() -> Self {
        let mut bytes = [0; 24];
        SystemRandom.fill(&mut bytes);
        Self(Arc::new(Inner { token: Secret::new(hex::encode(bytes)), mails: Mutex::default() }))
    }

    /// Returns the URL to open, with the token. For the terminal only.
    pub fn url(&self, origin: &str) -> String {
        format!("{origin}{PATH}?token={}", self.token())
    }

    /// Keeps a mail.
    pub fn keep(&self, mail: MagicLinkMail) {
        let mut mails = self.mails();
        mails.truncate(KEPT - 1);
        mails.push_front(Kept { mail, at: Utc::now() });
    }

    /// The mails, newest first.
    pub(crate) fn newest_first(&self) -> Vec<Kept> {
        self.mails().iter().cloned().collect()
    }

    /// Whether this is the token, compared in constant time.
    pub(crate) fn opens_with(&self, token: &str) -> bool {
        self.token().as_bytes().ct_eq(token.as_bytes()).into()
    }

    pub(crate) fn token(&self) -> &str {
        self.0.token.expose()
    }

    fn mails(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.0.mails.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox").finish_non_exhaustive()
    }
}

/// "Sends" links by printing and keeping them.
#[derive(Clone)]
pub struct DevelopmentMailer {
    /// Prints.
    pub terminal: TerminalMailer,
    /// Keeps.
    pub mailbox: Mailbox,
}

impl Mailer for DevelopmentMailer {
    type Error = Infallible;

    async fn send(&self, mail: MagicLinkMail) -> Result<(), Infallible> {
        self.mailbox.keep(mail.clone());
        self.terminal.send(mail).await
    }
}

#[cfg(test)]
mod tests {
    use nicol_auth::EmailAddress;

    use super::*;

    #[test]
    fn only_the_newest_are_kept_and_only_the_token_opens() {
        let mailbox = Mailbox::new();
        for number in 0..60 {
            mailbox.keep(MagicLinkMail {
                to: EmailAddress::parse(&format!("p{number}@example.com")).unwrap(),
                url: Secret::new("https://people.example.com/"),
                host: "people.example.com".to_owned(),
                expires: Utc::now(),
            });
        }
        let mails = mailbox.newest_first();
        assert_eq!(mails.len(), 50);
        assert_eq!(mails[0].mail.to.as_str(), "p59@example.com");
        assert_eq!(mails[49].mail.to.as_str(), "p10@example.com");

        let url = mailbox.url("http://localhost:3000");
        let token = url.strip_prefix("http://localhost:3000/dev/mailbox?token=").unwrap();
        assert_eq!(token.len(), 48);
        assert!(mailbox.opens_with(token));
        for wrong in ["", "x", &token[1..], &token.to_uppercase().replace(char::is_numeric, "0")] {
            assert!(!mailbox.opens_with(wrong), "{wrong}");
        }
        assert!(!Mailbox::new().opens_with(token), "another start, another token");
        assert!(!format!("{mailbox:?}").contains(token));
    }
}
