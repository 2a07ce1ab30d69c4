//! Mails with magic links, and how they are sent.

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
    /// The error of a failed delivery. It is logged, so it must contain neither the address nor the link.
    type Error: Error + Send + Sync + 'static;

    /// Sends a mail; returns when the mail server has accepted it.
    fn send(&self, mail: MagicLinkMail) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// A mail with a magic link. `Debug` hides the address and the link.
#[derive(Clone, Debug)]
pub struct MagicLinkMail {
    /// The recipient.
    pub to: EmailAddress,
    /// The link. Anyone who opens it can sign in.
    pub url: Secret,
    /// The site's host.
    pub host: String,
    /// When the link expires.
    pub expires: DateTime<Utc>,
}

impl MagicLinkMail {
    /// Returns the subject.
    pub fn subject(&self) -> String {
        format!("Sign in to {}", self.host)
    }

    /// Returns the body as plain text.
    pub fn text(&self) -> String {
        let Self { url, host, .. } = self;
        format!(
            "To sign in to {host}, open this link and press the button on the page:\n\n{}\n\n\
             The link works once and expires on {}.\n\n\
             If you did not request this mail, you can ignore it.\n",
            url.expose(),
            self.expiry(),
        )
    }

    /// Returns the body as HTML.
    pub fn html(&self) -> String {
        let (url, host) = (escape(self.url.expose()), escape(&self.host));
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<body style=\"font-family: sans-serif; line-height: 1.5\">\n\
             <p>To sign in to <strong>{host}</strong>, press this button:</p>\n\
             <p><a href=\"{url}\" style=\"display: inline-block; padding: 0.6em 1.2em; border-radius: 0.4em; \
             background: #1d4ed8; color: #ffffff; text-decoration: none\">Sign in</a></p>\n\
             <p>Or copy this link into your browser:<br>{url}</p>\n\
             <p>The link works once and expires on {}. If you did not request this mail, you can ignore it.</p>\n</body>\n</html>\n",
            self.expiry(),
        )
    }

    fn expiry(&self) -> String {
        self.expires.format("%-d %B %Y at %H:%M UTC").to_string()
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
    fn both_bodies_contain_the_link_and_its_expiry() {
        let mail = MagicLinkMail {
            to: EmailAddress::parse("ann@example.com").unwrap(),
            url: Secret::new("https://people.example.com/?a=1&b=\"2"),
            host: "people.example.com".to_owned(),
            expires: Utc.with_ymd_and_hms(2026, 11, 4, 9, 5, 0).unwrap(),
        };
        assert!(mail.text().contains("https://people.example.com/?a=1&b=\"2"));
        assert!(mail.text().contains("4 November 2026 at 09:05 UTC"));
        assert!(mail.html().contains("href=\"https://people.example.com/?a=1&amp;b=&quot;2\""));
        assert!(!format!("{mail:?}").contains("ann@"));
        assert!(!format!("{mail:?}").contains("a=1"));
    }
}
