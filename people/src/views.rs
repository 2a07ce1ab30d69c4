//! The pages: each a struct with what it shows, and a template that is checked when People is compiled.
//!
//! Page not found decides or fetches. Every value is escaped by the template engine.

use std::borrow::Borrow;

use askama::Template;
use axum::response::Html;

use crate::assets;
use crate::validate::{FieldErrors, PersonForm, dialled};

mod account;
mod auth;
mod import;
mod mailbox;
mod people;

pub(crate) use mailbox::{MailRow, MailboxPage};

pub use account::{AccountPage, ProviderRow};
pub use auth::{AuthPages, Confirm, SignIn};
pub use import::{ImportDonePage, ImportPreviewPage, ImportUploadPage, import_notice};
pub use people::{
    ConflictField, ConflictPage, DeletePage, DetailPage, FormPage, ListPage, Notice, Pages, Row,
};

/// What every page has around its contents.
#[derive(Clone, Default)]
pub struct Page {
    /// Who is looking, if somebody is signed in.
    pub viewer: Option<Viewer>,
    pub(crate) stylesheet: &'static str,
    pub(crate) script: &'static str,
    pub(crate) icon: &'static str,
}

impl Page {
    /// A page for somebody who is not signed in.
    pub fn public() -> Self {
        Self {
            viewer: None,
            stylesheet: &assets::STYLESHEET.path,
            script: &assets::SCRIPT.path,
            icon: &assets::ICON.path,
        }
    }

    /// A page for somebody who is.
    pub fn of(viewer: Viewer) -> Self {
        Self { viewer: Some(viewer), ..Self::public() }
    }
}

/// The signed-in person, as the top of the page shows them.
#[derive(Clone)]
pub struct Viewer {
    /// The address they signed in with.
    pub email: String,
    /// For the form that signs them out.
    pub csrf: String,
    /// Where that form goes.
    pub sign_out_url: String,
    /// Where the page hears of changes since it was made.
    pub events_url: String,
}

/// A page that says one thing: an error, or what happens next.
#[derive(Template)]
#[template(path = "message.html")]
pub struct Message {
    /// What is around it.
    pub page: Page,
    /// The HTTP status of an error; without one the page shows an envelope.
    pub code: Option<u16>,
    /// The heading.
    pub title: String,
    /// One or two sentences.
    pub text: String,
    /// Smaller print.
    pub detail: Option<String>,
    /// The way on.
    pub link: Option<Link>,
}

/// The way on from a [`Message`].
pub struct Link {
    /// Where to.
    pub url: String,
    /// What it says.
    pub text: String,
    /// Whether it is what most people want next.
    pub primary: bool,
}

/// Renders a page.
pub(crate) fn html(template: &impl Template) -> Html<String> {
    Html(template.render().expect("a template writes to a String and calls nothing that can fail"))
}

/// Returns a number with separators: `1,234,567`.
pub(crate) fn grouped(number: impl Borrow<u64>) -> String {
    let digits = number.borrow().to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
