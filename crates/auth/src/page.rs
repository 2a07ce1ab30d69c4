//! The pages that users see.
//!
//! An application can replace them in two ways: [`PageUrls`] names pages that the application serves, like `pages` in
//! Auth.js, and [`Pages`] renders the pages that this crate serves. The magic link's page is always served here, because
//! its URL contains the token.

mod builtin;

pub use builtin::BuiltinPages;

/// Pages of the application that replace those below the base path, as paths such as `/signin`.
///
/// Source: @auth/core 0.41.3 `lib/pages/index.js`.
#[derive(Clone, Debug, Default)]
pub struct PageUrls {
    /// The sign-in form. Its query has `callbackUrl`, and `error` with a [code](crate::Error::code).
    pub sign_in: Option<String>,
    /// The sign-out form.
    pub sign_out: Option<String>,
    /// The error page. Its query has `error` with a [code](crate::Error::code).
    pub error: Option<String>,
    /// The page after a magic link was requested.
    pub verify_request: Option<String>,
    /// The page for users who sign in for the first time. Its query has `callbackUrl`.
    pub new_user: Option<String>,
}

/// Renders the pages below the base path, each as a complete HTML document.
///
/// Each method has a default. Escape all texts that come from a request.
pub trait Pages: Send + Sync + 'static {
    /// Renders the sign-in form.
    fn sign_in(&self, page: &SignInPage<'_>) -> String {
        builtin::sign_in(page)
    }

    /// Renders the sign-out form.
    fn sign_out(&self, page: &SignOutPage<'_>) -> String {
        builtin::sign_out(page)
    }

    /// Renders the page after a magic link was requested. It must not reveal whether one was sent.
    fn verify_request(&self, page: &VerifyRequestPage<'_>) -> String {
        builtin::verify_request(page)
    }

    /// Renders the error page.
    fn error(&self, page: &ErrorPage<'_>) -> String {
        builtin::error(page)
    }

    /// Renders the page that a magic link opens.
    fn magic_link(&self, page: &MagicLinkPage<'_>) -> String {
        builtin::magic_link(page)
    }

    /// Renders the page that is briefly visible on the way to a provider, with a link to it. The response redirects by itself.
    fn leave(&self, page: &LeavePage<'_>) -> String {
        builtin::leave(page)
    }

    /// Returns the policy sent with these pages. It should keep out scripts and frames of other sites.
    fn content_security_policy(&self) -> &'static str {
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    }
}

/// The content of the sign-in page.
#[derive(Clone, Debug)]
pub struct SignInPage<'a> {
    /// The site's host.
    pub host: &'a str,
    /// The providers, in the order of the configuration.
    pub providers: Vec<SignInForm<'a>>,
    /// The value of the hidden field `csrfToken`.
    pub csrf_token: &'a str,
    /// The value of the hidden field `callbackUrl`.
    pub callback_url: &'a str,
    /// The address entered before, from the request.
    pub email: Option<&'a str>,
    /// The code of the error to show, from the request.
    pub error: Option<&'a str>,
}

/// The form of one provider.
#[derive(Clone, Debug)]
pub struct SignInForm<'a> {
    /// The id of the provider.
    pub id: &'a str,
    /// The name of the provider.
    pub name: &'a str,
    /// Which fields the form has.
    pub kind: SignInKind,
    /// The URL that the form posts to.
    pub action: String,
}

/// Which fields a provider's form has, besides hidden fields and the button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInKind {
    /// An e-mail address in the field `email`.
    Address,
    /// None: the provider has its own form.
    Button,
}

/// The content of the page on the way to a provider.
#[derive(Clone)]
pub struct LeavePage<'a> {
    /// The site's host.
    pub host: &'a str,
    /// The name of the provider.
    pub provider: &'a str,
    /// The URL of the provider's page.
    pub target: &'a str,
}

impl std::fmt::Debug for LeavePage<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LeavePage").field("provider", &self.provider).finish_non_exhaustive()
    }
}

/// The content of the sign-out page.
#[derive(Clone, Debug)]
pub struct SignOutPage<'a> {
    /// The site's host.
    pub host: &'a str,
    /// The URL that the form posts to.
    pub action: String,
    /// The value of the hidden field `csrfToken`.
    pub csrf_token: &'a str,
}

/// The content of the page after a magic link was requested.
#[derive(Clone, Debug)]
pub struct VerifyRequestPage<'a> {
    /// The site's host.
    pub host: &'a str,
}

/// The content of the error page.
#[derive(Clone, Debug)]
pub struct ErrorPage<'a> {
    /// The site's host.
    pub host: &'a str,
    /// The code of the error, from the request.
    pub error: Option<&'a str>,
    /// The URL of the sign-in page.
    pub sign_in_url: String,
}

/// The content of the page that a magic link opens: a form with four hidden fields and a button.
#[derive(Clone)]
pub struct MagicLinkPage<'a> {
    /// The site's host.
    pub host: &'a str,
    /// The URL that the form posts to.
    pub action: String,
    /// The value of the hidden field `csrfToken`.
    pub csrf_token: &'a str,
    /// The value of the hidden field `callbackUrl`.
    pub callback_url: &'a str,
    /// The value of the hidden field `token`. Anyone who has it can sign in.
    pub token: &'a str,
    /// The value of the hidden field `email`, from the request.
    pub email: &'a str,
}

impl std::fmt::Debug for MagicLinkPage<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MagicLinkPage").field("host", &self.host).finish_non_exhaustive()
    }
}

/// Escapes a text for HTML, between tags and in quoted attributes.
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
