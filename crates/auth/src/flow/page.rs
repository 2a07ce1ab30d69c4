//! The pages: those of the application if it has them, else the built-in ones.
//!
//! Source: @auth/core 0.41.3 `lib/pages/index.js`.

use http::StatusCode;

use super::{Flow, providers};
use crate::context::Context;
use crate::error::Error;
use crate::page::{ErrorPage, SignInForm, SignInKind, SignInPage, SignOutPage, VerifyRequestPage};
use crate::provider::Provider;
use crate::redirect::with_query;
use crate::response::Answer;

pub(super) fn sign_in<'a>(flow: &Flow<'a>) -> Result<Answer, Error> {
    if flow.provider.is_some() {
        return Err(Error::UnknownAction);
    }
    let config = flow.context.config();
    let error = flow.request.query.filled("error");
    if let Some(page) = &config.page_urls.sign_in {
        let mut parameters = vec![("callbackUrl", flow.callback_url.as_str())];
        parameters.extend(error.map(|error| ("error", error)));
        return Ok(Answer::Redirect(with_query(page, &parameters)));
    }
    let form = |provider: &'a Provider| SignInForm {
        id: provider.id(),
        name: provider.name(),
        kind: match provider {
            Provider::Email(_) => SignInKind::Address,
            #[cfg(feature = "oauth")]
            Provider::OAuth(_) => SignInKind::Button,
        },
        action: providers::sign_in_url(flow, provider),
    };
    let page = SignInPage {
        host: config.url.host(),
        providers: config.providers.iter().map(form).collect(),
        csrf_token: flow.csrf.as_str(),
        callback_url: &flow.callback_url,
        email: flow.request.query.filled("email"),
        error,
    };
    Ok(render(flow.context, StatusCode::OK, config.pages.sign_in(&page)))
}

pub(super) fn sign_out(flow: &Flow<'_>) -> Answer {
    let config = flow.context.config();
    if let Some(page) = &config.page_urls.sign_out {
        return Answer::Redirect(page.clone());
    }
    let action = config.url.action("signout");
    let page = SignOutPage { host: config.url.host(), action, csrf_token: flow.csrf.as_str() };
    render(flow.context, StatusCode::OK, config.pages.sign_out(&page))
}

pub(super) fn verify_request(flow: &Flow<'_>) -> Answer {
    let config = flow.context.config();
    if let Some(page) = &config.page_urls.verify_request {
        let fields = ["provider", "type"];
        let given = fields.into_iter().filter_map(|name| Some((name, flow.request.query.filled(name)?)));
        return Answer::Redirect(with_query(page, &given.collect::<Vec<_>>()));
    }
    let page = VerifyRequestPage { host: config.url.host() };
    render(flow.context, StatusCode::OK, config.pages.verify_request(&page))
}

pub(super) fn error(flow: &Flow<'_>) -> Answer {
    let error = flow.request.query.filled("error");
    match &flow.context.config().page_urls.error {
        Some(page) => Answer::Redirect(with_query(page, error.map(|error| ("error", error)).as_slice())),
        None => error_page(flow.context, error),
    }
}

/// Renders the built-in error page, with its status.
pub(super) fn error_page(context: &Context, error: Option<&str>) -> Answer {
    let config = context.config();
    let status = match error {
        Some("Configuration") => StatusCode::INTERNAL_SERVER_ERROR,
        Some("AccessDenied" | "Verification") => StatusCode::FORBIDDEN,
        _ => StatusCode::OK,
    };
    let page = ErrorPage { host: config.url.host(), error, sign_in_url: config.url.action("signin") };
    render(context, status, config.pages.error(&page))
}

pub(super) fn render(context: &Context, status: StatusCode, html: String) -> Answer {
    Answer::Page { status, html, policy: context.config().pages.content_security_policy() }
}
