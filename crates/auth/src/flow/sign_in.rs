//! `POST /signin/:provider` for magic links.
//!
//! Source: @auth/core 0.41.3 `lib/actions/signin/send-token.js`.

use std::sync::Arc;

use super::Flow;
use crate::email::EmailAddress;
use crate::error::Error;
use crate::mail::MagicLinkMail;
use crate::model::VerificationToken;
use crate::provider::EmailProvider;
use crate::redirect::{query, with_query};
use crate::response::Answer;
use crate::secret::Secret;
use crate::token::LinkToken;

pub(super) async fn request_link(flow: &Flow<'_>, provider: &EmailProvider) -> Result<Answer, Error> {
    let url = &flow.context.config().url;
    let email = flow.request.body.value("email").unwrap_or_default();
    let email = EmailAddress::parse(email).map_err(Error::InvalidEmail)?;
    // The same query for every address, before the answer: it detects an outage of the database.
    let known = flow.context.adapter().user_by_email(email.as_str()).await;
    known.map_err(Error::adapter("find a user"))?;
    send_link(flow, provider, email);
    let parameters = [("provider", provider.id.as_str()), ("type", "email")];
    Ok(Answer::Redirect(with_query(&url.action("verify-request"), &parameters)))
}

/// Stores and sends a link if the address is allowed and within its rate limit. This happens after the response, which
/// therefore reveals nothing about the address, neither by its content nor by its timing.
fn send_link(flow: &Flow<'_>, provider: &EmailProvider, email: EmailAddress) {
    let context = flow.context;
    let config = context.config();
    let now = context.now();
    let token = LinkToken::random(&*config.random);
    let expires = now + provider.max_age;
    let row = VerificationToken {
        identifier: email.as_str().to_owned(),
        token: token.hash(provider.secret.as_ref().unwrap_or(&config.secret)),
        expires,
    };
    let parameters =
        [("callbackUrl", flow.callback_url.as_str()), ("token", token.expose()), ("email", email.as_str())];
    let link = format!("{}?{}", config.url.action(&format!("callback/{}", provider.id)), query(&parameters));
    let host = config.url.host().to_owned();
    let mail = MagicLinkMail { to: email, url: Secret::new(link), host, expires };

    if !config.allow.allows(&mail.to) {
        tracing::info!("a link was requested for an address that is not allowed");
        return;
    }
    if !context.budget().take(&mail.to, now) {
        tracing::warn!("an address exceeded its rate limit for links");
        return;
    }
    let (context, mailer) = (context.clone(), Arc::clone(&provider.mailer));
    let started = flow.context.background().spawn(async move {
        if let Err(error) = context.adapter().create_verification_token(row).await {
            tracing::error!(%error, "a link could not be stored");
        } else if let Err(error) = mailer.send(mail).await {
            tracing::error!(%error, "a link could not be sent");
        }
    });
    if !started {
        tracing::error!("a link was not sent because too many mails are pending");
    }
}
