//! The sign-in and sign-out pages, as nicol-auth requires them.

use askama::Template;
use nicol_auth::page::{
    self, ErrorPage, LeavePage, MagicLinkPage, SignInKind, SignInPage, SignOutPage, VerifyRequestPage,
};

use super::{CONTENT_SECURITY_POLICY, Link, Message, Page, html};

/// The page that asks how to sign in.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignIn {
    /// The frame of the page.
    pub page: Page,
    /// The CSRF token of the form.
    pub csrf: String,
    /// The URL of the address form, if sign-in links are sent.
    pub action: Option<String>,
    /// The names of other providers, and the URLs of their forms.
    pub buttons: Vec<(String, String)>,
    /// The URL to return to after sign-in.
    pub callback_url: String,
    /// The address typed before.
    pub email: String,
    /// The error of the last attempt.
    pub problem: Option<&'static str>,
    /// Whether the page says where the link appears in development.
    pub development: bool,
}

/// A page with one button, for actions that a link must not perform.
#[derive(Template)]
#[template(path = "confirm.html")]
pub struct Confirm {
    /// The frame of the page.
    pub page: Page,
    /// The heading.
    pub title: &'static str,
    /// What the button does.
    pub text: String,
    /// The URL of the form.
    pub action: String,
    /// The hidden fields.
    pub fields: Vec<(&'static str, String)>,
    /// The label of its button.
    pub submit: &'static str,
    /// A hint in small print.
    pub hint: Option<&'static str>,
}

/// Renders the sign-in pages in the style of People.
#[derive(Clone, Copy, Debug)]
pub struct AuthPages {
    /// Whether links are printed on the terminal.
    pub development: bool,
}

impl page::Pages for AuthPages {
    fn sign_in(&self, page: &SignInPage<'_>) -> String {
        let of_kind = |kind| page.providers.iter().filter(move |form| form.kind == kind);
        let view = SignIn {
            page: Page::public(),
            csrf: page.csrf_token.to_owned(),
            action: of_kind(SignInKind::Address).next().map(|form| form.action.clone()),
            buttons: of_kind(SignInKind::Button)
                .map(|form| (form.name.to_owned(), form.action.clone()))
                .collect(),
            callback_url: page.callback_url.to_owned(),
            email: page.email.unwrap_or_default().to_owned(),
            problem: page.error.map(|code| match code {
                "EmailSignin" => "We cannot send mail to this address. Check it and try again.",
                "OAuthCallbackError" => "Sign-in with that provider failed. Try again or choose another way.",
                "OAuthAccountNotLinked" => {
                    "This address or account already belongs to a user. Sign in the way you did before, then link this account on \
                     your account page."
                }
                "MissingCSRF" => "The form was out of date, or cookies are disabled. Try again.",
                _ => "That did not work. Try again.",
            }),
            development: self.development,
        };
        html(&view).0
    }

    fn sign_out(&self, page: &SignOutPage<'_>) -> String {
        let view = Confirm {
            page: Page::public(),
            title: "Sign out?",
            text: "You will need a new link to come back.".to_owned(),
            action: page.action.clone(),
            fields: vec![("csrfToken", page.csrf_token.to_owned())],
            submit: "Sign out",
            hint: None,
        };
        html(&view).0
    }

    fn verify_request(&self, _: &VerifyRequestPage<'_>) -> String {
        let development = "Development: the link is printed on the terminal where People runs, which also shows the address of the \
             mailbox.";
        let mail = "No mail after a few minutes? Check your spam folder and the address.";
        let view = Message {
            page: Page::public(),
            code: None,
            title: "Check your e-mail".to_owned(),
            text: "If your address may sign in, a link is on its way. It works once.".to_owned(),
            detail: Some(if self.development { development } else { mail }.to_owned()),
            link: Some(Link { url: "/".to_owned(), text: "Use another address".to_owned(), primary: false }),
        };
        html(&view).0
    }

    fn error(&self, page: &ErrorPage<'_>) -> String {
        let (title, text) = match page.error {
            Some("Verification") => {
                ("This link no longer works", "It was already used or has expired. Request a new one.")
            }
            Some("AccessDenied") => ("No access", "This address or account may not sign in here."),
            Some("Configuration") => {
                ("Something went wrong", "This is our fault. The error was logged; try again later.")
            }
            _ => ("That did not work", "Try again."),
        };
        let view = Message {
            page: Page::public(),
            code: None,
            title: title.to_owned(),
            text: text.to_owned(),
            detail: None,
            link: Some(Link { url: page.sign_in_url.clone(), text: "Sign in".to_owned(), primary: true }),
        };
        html(&view).0
    }

    fn magic_link(&self, page: &MagicLinkPage<'_>) -> String {
        let view = Confirm {
            page: Page::public(),
            title: "Almost there",
            text: format!("Sign in to People as {}?", page.email),
            action: page.action.clone(),
            fields: vec![
                ("csrfToken", page.csrf_token.to_owned()),
                ("callbackUrl", page.callback_url.to_owned()),
                ("token", page.token.to_owned()),
                ("email", page.email.to_owned()),
            ],
            submit: "Sign in",
            hint: Some("The link alone does not sign you in, because mail scanners open links too."),
        };
        html(&view).0
    }

    fn leave(&self, page: &LeavePage<'_>) -> String {
        let view = Message {
            page: Page::public(),
            code: None,
            title: format!("Continue to {}", page.provider),
            text: "You will sign in there and return here.".to_owned(),
            detail: None,
            link: Some(Link { url: page.target.to_owned(), text: "Continue".to_owned(), primary: true }),
        };
        html(&view).0
    }

    fn content_security_policy(&self) -> &'static str {
        CONTENT_SECURITY_POLICY
    }
}
