//! The default pages: no script, one small style sheet, light and dark.

use super::{
    ErrorPage, LeavePage, MagicLinkPage, Pages, SignInForm, SignInKind, SignInPage, SignOutPage,
    VerifyRequestPage, escape,
};

/// The default pages.
#[derive(Clone, Copy, Debug, Default)]
pub struct BuiltinPages;

impl Pages for BuiltinPages {}

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1rem/1.5 system-ui,sans-serif;max-width:24rem;margin:15vh auto 0;padding:0 1rem}\
h1{font-size:1.4rem}\
label,input,button{display:block;width:100%;box-sizing:border-box;font:inherit}\
input,button{padding:.6rem;margin:.3rem 0 1rem;border-radius:.4rem;border:1px solid GrayText}\
button{cursor:pointer;border:0;background:#1d4ed8;color:#fff}\
[role=alert]{border-left:.3rem solid #dc2626;padding-left:.7rem}";

pub(super) fn sign_in(page: &SignInPage<'_>) -> String {
    let alert = page.error.map(|error| {
        let words = match error {
            "EmailSignin" => "Enter a valid e-mail address.",
            "MissingCSRF" => "The form has expired, or cookies are disabled. Please try again.",
            "OAuthCallbackError" => {
                "The sign-in was canceled. Please try again, or choose another way to sign in."
            }
            "OAuthAccountNotLinked" => {
                "This address or account already belongs to a user. Sign in the way you did before; \
                 then you can link this account."
            }
            "SessionRequired" => "Please sign in to see this page.",
            _ => "Sign-in failed. Please try again.",
        };
        format!("<p role=\"alert\">{words}</p>\n")
    });
    let form = |(number, provider): (usize, &SignInForm<'_>)| {
        if provider.kind == SignInKind::Button {
            return format!(
                "<form method=\"post\" action=\"{action}\">\n{csrf}{callback}\
                 <button>Sign in with {name}</button>\n</form>\n",
                action = escape(&provider.action),
                csrf = hidden("csrfToken", page.csrf_token),
                callback = hidden("callbackUrl", page.callback_url),
                name = escape(provider.name),
            );
        }
        format!(
            "<form method=\"post\" action=\"{action}\">\n{csrf}{callback}\
             <label for=\"email{number}\">E-mail address</label>\n\
             <input id=\"email{number}\" type=\"email\" name=\"email\" value=\"{email}\" required autocomplete=\"email\">\n\
             <button>Sign in with {name}</button>\n</form>\n",
            action = escape(&provider.action),
            csrf = hidden("csrfToken", page.csrf_token),
            callback = hidden("callbackUrl", page.callback_url),
            email = escape(page.email.unwrap_or_default()),
            name = escape(provider.name),
        )
    };
    let forms: String = page.providers.iter().enumerate().map(form).collect();
    document("Sign in", page.host, &format!("<h1>Sign in</h1>\n{}{forms}", alert.unwrap_or_default()))
}

pub(super) fn sign_out(page: &SignOutPage<'_>) -> String {
    let body = format!(
        "<h1>Sign out</h1>\n<form method=\"post\" action=\"{}\">\n{}<button>Sign out</button>\n</form>\n",
        escape(&page.action),
        hidden("csrfToken", page.csrf_token),
    );
    document("Sign out", page.host, &body)
}

pub(super) fn verify_request(page: &VerifyRequestPage<'_>) -> String {
    let body = "<h1>Check your mailbox</h1>\n\
                <p>If this address can sign in here, we have sent a sign-in link to it.</p>\n";
    document("Check your mailbox", page.host, body)
}

pub(super) fn error(page: &ErrorPage<'_>) -> String {
    let (heading, words) = match page.error {
        Some("Verification") => {
            ("This link is no longer valid", "It has expired or was already used. Request a new one.")
        }
        Some("AccessDenied") => ("Access denied", "You cannot sign in with this address or account."),
        Some("Configuration") => ("Server error", "The error has been logged. Please try again later."),
        _ => ("Sign-in failed", "Please try again."),
    };
    let body = format!(
        "<h1>{heading}</h1>\n<p>{words}</p>\n<p><a href=\"{}\">Sign in</a></p>\n",
        escape(&page.sign_in_url)
    );
    document(heading, page.host, &body)
}

pub(super) fn magic_link(page: &MagicLinkPage<'_>) -> String {
    let body = format!(
        "<h1>Sign in to {host}</h1>\n<form method=\"post\" action=\"{action}\">\n{csrf}{callback}{token}{email}\
         <button autofocus>Sign in</button>\n</form>\n",
        host = escape(page.host),
        action = escape(&page.action),
        csrf = hidden("csrfToken", page.csrf_token),
        callback = hidden("callbackUrl", page.callback_url),
        token = hidden("token", page.token),
        email = hidden("email", page.email),
    );
    document("Sign in", page.host, &body)
}

pub(super) fn leave(page: &LeavePage<'_>) -> String {
    let title = format!("Continue to {}", escape(page.provider));
    let body =
        format!("<h1>{title}</h1>\n<p><a href=\"{target}\">Continue</a></p>\n", target = escape(page.target));
    document(&title, page.host, &body)
}

fn hidden(name: &str, value: &str) -> String {
    format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">\n", escape(value))
}

fn document(title: &str, host: &str, body: &str) -> String {
    let host = escape(host);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} · {host}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )
}
