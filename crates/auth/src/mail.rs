//! The mail that carries a magic link, and the way in which it leaves.

mod background;
mod budget;
#[cfg(feature = "smtp")]
mod smtp;

use std::error::Error;
use std::pin::Pin;

use chrono::{DateTime, Utc};

use crate::email::EmailAddress;
use crate::page::escape;
use crate::secret::Secret;

pub(crate) use background::Background;
pub(crate) use budget::MailBudget;
#[cfg(feature = "smtp")]
pub use smtp::{SmtpConfigError, SmtpError, SmtpMailer};

/// Sends mails.
pub trait Mailer: Send + Sync + 'static {
    /// What can go wrong. It reaches the log, so it must hold neither the address nor the link.
    type Error: Error + Send + Sync + 'static;

    /// Sends one mail, and returns once it was taken over.
    fn send(&self, mail: MagicLinkMail) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// A mail with a magic link. `Debug` shows neither the address nor the link.
#[derive(Clone, Debug)]
pub struct MagicLinkMail {
    /// Whom it is for.
    pub to: EmailAddress,
    /// The link: whoever opens it can sign in.
    pub url: Secret,
    /// The site that it leads to.
    pub host: String,
    /// Until when it works.
    pub expires: DateTime<Utc>,
}

impl MagicLinkMail {
    /// The subject.
    pub fn subject(&self) -> String {
        format!("Your link to sign in to {}", self.host)
    }

    /// The body as plain text.
    pub fn text(&self) -> String {
        let Self { url, host, .. } = self;
        format!(
            "Open this link and press the button on the page to sign in to {host}:\n\n{}\n\n\
             It works once, until {}.\n\n\
             If you did not ask for it, ignore this mail: without the link nobody can sign in.\n",
            url.expose(),
            self.last_instant(),
        )
    }

    /// The body as HTML.
    pub fn html(&self) -> String {
        let (url, host) = (escape(self.url.expose()), escape(&self.host));
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<body style=\"font-family: sans-serif; line-height: 1.5\">\n\
             <p>Press the button to sign in to <strong>{host}</strong>.</p>\n\
             <p><a href=\"{url}\" style=\"display: inline-block; padding: 0.6em 1.2em; border-radius: 0.4em; \
             background: #1d4ed8; color: #ffffff; text-decoration: none\">Sign in</a></p>\n\
             <p>Or copy this address into your browser:<br>{url}</p>\n\
             <p>The link works once, until {}. If you did not ask for it, ignore this mail: \
             without the link nobody can sign in.</p>\n</body>\n</html>\n",
            self.last_instant(),
        )
    }

    fn last_instant(&self) -> String {
        self.expires.format("%-d %B %Y, %H:%M UTC").to_string()
    }
}

/// [`Mailer`] without its type.
pub(crate) trait ErasedMailer: Send + Sync {
    fn send(&self, mail: MagicLinkMail) -> Sending<'_>;
}

type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), Box<dyn Error + Send + Sync>>> + Send + 'a>>;

impl<M: Mailer> ErasedMailer for M {
    fn send(&self, mail: MagicLinkMail) -> Sending<'_> {
        Box::pin(async move { Ok(Mailer::send(self, mail).await?) })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;

    use super::*;

    #[test]
    fn both_bodies_hold_the_link_and_say_until_when() {
        let mail = MagicLinkMail {
            to: EmailAddress::parse("ann@example.com").unwrap(),
            url: Secret::new("https://people.example.com/?a=1&b=\"2"),
            host: "people.example.com".to_owned(),
            expires: Utc.with_ymd_and_hms(2026, 11, 4, 9, 5, 0).unwrap(),
        };
        assert!(mail.text().contains("https://people.example.com/?a=1&b=\"2"));
        assert!(mail.text().contains("4 November 2026, 09:05 UTC"));
        assert!(mail.html().contains("href=\"https://people.example.com/?a=1&amp;b=&quot;2\""));
        assert!(!format!("{mail:?}").contains("ann@"));
        assert!(!format!("{mail:?}").contains("a=1"));
    }
}
