//! The pages: each is a struct with a template that is checked at compile time.
//!
//! The views decide and fetch nothing. Every value is escaped by the template engine.

use std::borrow::Borrow;

use askama::Template;
use axum::response::Html;

use crate::assets;
use crate::validate::{FieldErrors, PersonForm, dialled};

/// Allows styles, scripts, images, forms and requests of this site alone, and no framing.
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

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

/// The frame of every page.
#[derive(Clone, Default)]
pub struct Page {
    /// The signed-in user, if any.
    pub viewer: Option<Viewer>,
    pub(crate) stylesheet: &'static str,
    pub(crate) script: &'static str,
    pub(crate) icon: &'static str,
}

impl Page {
    /// Returns the frame for visitors who are not signed in.
    pub fn public() -> Self {
        Self {
            viewer: None,
            stylesheet: &assets::STYLESHEET.path,
            script: &assets::SCRIPT.path,
            icon: &assets::ICON.path,
        }
    }

    /// Returns the frame for a signed-in user.
    pub fn of(viewer: Viewer) -> Self {
        Self { viewer: Some(viewer), ..Self::public() }
    }
}

/// The signed-in user, as shown at the top of the page.
#[derive(Clone)]
pub struct Viewer {
    /// The e-mail address.
    pub email: String,
    /// The CSRF token of the sign-out form.
    pub csrf: String,
    /// The URL of the sign-out form.
    pub sign_out_url: String,
    /// The URL of the event stream, with the mark of the page.
    pub events_url: String,
}

/// A page that says one thing: an error, or what happens next.
#[derive(Template)]
#[template(path = "message.html")]
pub struct Message {
    /// The frame of the page.
    pub page: Page,
    /// The HTTP status of an error; without one the page shows an envelope.
    pub code: Option<u16>,
    /// The heading.
    pub title: String,
    /// One or two sentences.
    pub text: String,
    /// A hint in small print.
    pub detail: Option<String>,
    /// The link below the text.
    pub link: Option<Link>,
}

/// A link on a [`Message`].
pub struct Link {
    /// The URL.
    pub url: String,
    /// The label.
    pub text: String,
    /// Whether it is the primary action.
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
