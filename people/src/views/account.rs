//! The account page.

use askama::Template;
use nicol_auth::{LinkedAccount, SessionInfo};

use super::{Notice, Page};

/// The account page: details, linked accounts and sessions.
#[derive(Template)]
#[template(path = "account.html")]
pub struct AccountPage {
    /// The frame of the page.
    pub page: Page,
    /// The CSRF token of the forms.
    pub csrf: String,
    /// The notice about the last action.
    pub notice: Option<Notice>,
    /// The e-mail address of the user.
    pub email: String,
    /// The name that a provider gave.
    pub name: Option<String>,
    /// The accounts that are linked.
    pub accounts: Vec<LinkedAccount>,
    /// The providers without a linked account.
    pub providers: Vec<ProviderRow>,
    /// The sessions, this one first.
    pub sessions: Vec<SessionInfo>,
}

/// A provider without a linked account.
pub struct ProviderRow {
    /// Its name.
    pub name: String,
    /// The URL of the form that links an account.
    pub action: String,
}
