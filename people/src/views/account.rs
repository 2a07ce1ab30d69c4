//! The page of one's own account.

use askama::Template;
use nicol_auth::{LinkedAccount, SessionInfo};

use super::{Notice, Page};

/// Who one is here, by what one can sign in, and where one is signed in.
#[derive(Template)]
#[template(path = "account.html")]
pub struct AccountPage {
    /// What is around it.
    pub page: Page,
    /// Proof that forms came from here.
    pub csrf: String,
    /// What was just done.
    pub notice: Option<Notice>,
    /// The address one signs in with.
    pub email: String,
    /// The name that a provider gave.
    pub name: Option<String>,
    /// The accounts that are linked.
    pub accounts: Vec<LinkedAccount>,
    /// Where an account could be linked.
    pub providers: Vec<ProviderRow>,
    /// The sessions, this one first.
    pub sessions: Vec<SessionInfo>,
}

/// A provider at which no account is linked.
pub struct ProviderRow {
    /// Its name.
    pub name: String,
    /// Where the form that links one goes.
    pub action: String,
}
