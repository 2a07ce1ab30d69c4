//! The pages that people see.
//!
//! An application can have them its own way in two forms: [`PageUrls`] names pages that it serves itself, as
//! Auth.js's `pages` does, and [`Pages`] draws those that are served here. The page of a magic link is always
//! served here, because its address holds the token.

mod builtin;

pub use builtin::BuiltinPages;

/// Pages of the application that take the place of those below the base path: paths such as `/signin`.
///
/// Source: @auth/core 0.41.3 `lib/pages/index.js`.
#[derive(Clone, Debug, Default)]
pub struct PageUrls {
    /// Asks for the address. Gets `callbackUrl`, and `error` with a [code](crate::Error::code).
    pub sign_in: Option<String>,
    /// Asks whether to sign out.
    pub sign_out: Option<String>,
    /// Shows what went wrong. Gets `error` with a [code](crate::Error::code).
    pub error: Option<String>,
    /// Says that a mail is on its way.
    pub verify_request: Option<String>,
    /// Greets somebody who signed in for the first time. Gets `callbackUrl`.
    pub new_user: Option<String>,
}

/// Draws the pages that are served below the base path, each as a whole HTML document.
///
/// Each method has a plain page already. All texts that a request can choose have to be escaped.
pub trait Pages: Send + Sync + 'static {
    /// The form that asks for an address.
    fn sign_in(&self, page: &SignInPage<'_>) -> String {
        builtin::sign_in(page)
    }

    /// The question whether to sign out.
    fn sign_out(&self, page: &SignOutPage<'_>) -> String {
        builtin::sign_out(page)
    }

    /// The word that a mail is on its way. It must not depend on whether one is.
    fn verify_request(&self, page: &VerifyRequestPage<'_>) -> String {
        builtin::verify_request(page)
    }

    /// What went wrong.
    fn error(&self, page: &ErrorPage<'_>) -> String {
        builtin::error(page)
    }

    /// The page that a magic link opens.
    fn magic_link(&self, page: &MagicLinkPage<'_>) -> String {
        builtin::magic_link(page)
    }

    /// What is seen for a moment on the way to a provider: a link to it. The response goes there by itself.
    fn leave(&self, page: &LeavePage<'_>) -> String {
        builtin::leave(page)
    }

    /// The policy sent with these pages. It should keep scripts and frames of others out.
    fn content_security_policy(&self) -> &'static str {
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    }
}

/// What the sign-in page is made of.
#[derive(Clone, Debug)]
pub struct SignInPage<'a> {
    /// The site's host.
    pub host: &'a str,
    /// The ways to sign in.
    pub providers: Vec<SignInForm<'a>>,
    /// The value of the hidden field `csrfToken`.
    pub csrf_token: &'a str,
    /// The value of the hidden field `callbackUrl`.
    pub callback_url: &'a str,
    /// What was typed before, from the request.
    pub email: Option<&'a str>,
    /// The code of an error, from the request.
    pub error: Option<&'a str>,
}

/// The form of one provider.
#[derive(Clone, Debug)]
pub struct SignInForm<'a> {
    /// The id of the provider.
    pub id: &'a str,
    /// The name of the provider.
    pub name: &'a str,
    /// What the form asks for.
    pub kind: SignInKind,
    /// Where the form is posted.
    pub action: String,
}

/// What the form of a provider asks for, beside its hidden fields and its button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInKind {
    /// An e-mail address, in a field `email`.
    Address,
    /// Nothing: the provider asks.
    Button,
}

/// What the page on the way to a provider is made of.
#[derive(Clone)]
pub struct LeavePage<'a> {
    /// The site's host.
    pub host: &'a str,
    /// The name of the provider.
    pub provider: &'a str,
    /// Where the link leads.
    pub target: &'a str,
}

impl std::fmt::Debug for LeavePage<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LeavePage").field("provider", &self.provider).finish_non_exhaustive()
    }
}

/// What the sign-out page is made of.
#[derive(Clone, Debug)]
pub struct SignOutPage<'a> {
    /// The site's host.
    pub host: &'a str,
    /// Where the form is posted.
    pub action: String,
    /// The value of the hidden field `csrfToken`.
    pub csrf_token: &'a str,
}

/// What the page after the request for a link is made of.
#[derive(Clone, Debug)]
pub struct VerifyRequestPage<'a> {
    /// The site's host.
    pub host: &'a str,
}

/// What the page of an error is made of.
#[derive(Clone, Debug)]
pub struct ErrorPage<'a> {
    /// The site's host.
    pub host: &'a str,
    /// The code of the error, from the request.
    pub error: Option<&'a str>,
    /// Where one can try again.
    pub sign_in_url: String,
}

/// What the page of a magic link is made of: a form with four hidden fields and a button.
#[derive(Clone)]
pub struct MagicLinkPage<'a> {
    /// The site's host.
    pub host: &'a str,
    /// Where the form is posted.
    pub action: String,
    /// The value of the hidden field `csrfToken`.
    pub csrf_token: &'a str,
    /// The value of the hidden field `callbackUrl`.
    pub callback_url: &'a str,
    /// The value of the hidden field `token`: whoever has it can sign in.
    pub token: &'a str,
    /// The value of the hidden field `email`, from the request.
    pub email: &'a str,
}

impl std::fmt::Debug for MagicLinkPage<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MagicLinkPage").field("host", &self.host).finish_non_exhaustive()
    }
}

/// A text as it may stand in HTML, between tags and in quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}
