//! Plain pages for applications that have none of their own: no script, one small style sheet, light and dark.

use super::{
    ErrorPage, LeavePage, MagicLinkPage, Pages, SignInForm, SignInKind, SignInPage, SignOutPage,
    VerifyRequestPage, escape,
};

/// The pages of this crate.
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
            "EmailSignin" => "This is not an e-mail address that we can write to.",
            "MissingCSRF" => "The form had gone stale, or cookies are switched off. Please try again.",
            "OAuthCallbackError" => {
                "The sign-in there was broken off. Please try again, or choose another way."
            }
            "OAuthAccountNotLinked" => {
                "There is a user with this address or this account already. Sign in the way you did before; \
                 then you can add this one."
            }
            "SessionRequired" => "Please sign in to see this page.",
            _ => "That did not work. Please try again.",
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
             <button>Send me a link ({name})</button>\n</form>\n",
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
    let body = "<h1>Look into your mailbox</h1>\n\
                <p>If this address may sign in here, a link to do so is on its way to it.</p>\n";
    document("Look into your mailbox", page.host, body)
}

pub(super) fn error(page: &ErrorPage<'_>) -> String {
    let (heading, words) = match page.error {
        Some("Verification") => {
            ("This link does not work any more", "It was used already, or it is too old. Ask for a new one.")
        }
        Some("AccessDenied") => ("No access", "You may not sign in here with this address."),
        Some("Configuration") => {
            ("Something is wrong on our side", "It was written to the log. Please try again in a while.")
        }
        _ => ("That did not work", "Please try again."),
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
    let title = format!("On to {}", escape(page.provider));
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
