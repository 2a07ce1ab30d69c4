//! The page of the mailbox.

use askama::Template;

use super::Page;
use crate::mailbox::Kept;

/// The mails that would have been sent.
#[derive(Template)]
#[template(path = "mailbox.html")]
pub(crate) struct MailboxPage {
    /// The frame of the page.
    pub(crate) page: Page,
    /// Newest first.
    pub(crate) mails: Vec<MailRow>,
}

/// One mail.
pub(crate) struct MailRow {
    to: String,
    at: String,
    expires: String,
    url: String,
}

impl From<&Kept> for MailRow {
    fn from(kept: &Kept) -> Self {
        Self {
            to: kept.mail.to.as_str().to_owned(),
            at: kept.at.format("%-d %B, %H:%M:%S UTC").to_string(),
            expires: kept.mail.expires.format("%-d %B, %H:%M UTC").to_string(),
            url: kept.mail.url.expose().to_owned(),
        }
    }
}
