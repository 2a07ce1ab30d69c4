//! `/callback/:provider` for magic links: the page and its button.
//!
//! In Auth.js, opening a link uses it up, so a mail scanner that follows links can sign in before the user does.
//! Here, opening a link shows a page, and pressing its button uses the link up.
//!
//! Source: @auth/core 0.41.3 `lib/actions/callback/index.js`, `lib/actions/callback/handle-login.js`.

use http::StatusCode;

use super::{Flow, page, start_session};
use crate::error::Error;
use crate::model::{NewUser, User, UserUpdate};
use crate::page::MagicLinkPage;
use crate::provider::EmailProvider;
use crate::response::Answer;
use crate::token::LinkToken;

/// Shows the page. It does not query the database, so it reveals nothing about the token.
pub(super) fn show(flow: &Flow<'_>, provider: &EmailProvider) -> Result<Answer, Error> {
    let query = &flow.request.query;
    let (Some(token), Some(email)) = (query.filled("token"), query.filled("email")) else {
        return Err(Error::Verification);
    };
    let config = flow.context.config();
    let page = MagicLinkPage {
        host: config.url.host(),
        action: config.url.action(&format!("callback/{}", provider.id)),
        csrf_token: flow.csrf.as_str(),
        callback_url: &flow.callback_url,
        token,
        email,
    };
    Ok(page::render(flow.context, StatusCode::OK, config.pages.magic_link(&page)))
}

/// Uses up the link and signs in.
pub(super) async fn use_link(flow: &mut Flow<'_>, provider: &EmailProvider) -> Result<Answer, Error> {
    let email = verified_address(flow, provider).await?;
    if !flow.context.config().allow.allows_text(&email) {
        return Err(Error::AccessDenied);
    }
    let (user, is_new) = sign_in(flow, email).await?;

    start_session(flow, user.id, is_new).await
}

/// Returns the address of a valid link, and deletes its row so that it works only once.
async fn verified_address(flow: &Flow<'_>, provider: &EmailProvider) -> Result<String, Error> {
    let body = &flow.request.body;
    let (Some(token), Some(email)) = (body.filled("token"), body.filled("email")) else {
        return Err(Error::Verification);
    };
    // PostgreSQL cannot store a NUL in text, so no row has one.
    if email.contains('\0') {
        return Err(Error::Verification);
    }
    let hash = LinkToken::new(token).hash(provider.secret.as_ref().unwrap_or(&flow.context.config().secret));
    let row = flow.context.adapter().use_verification_token(email, &hash).await;
    match row.map_err(Error::adapter("use a link"))? {
        Some(row) if row.expires >= flow.context.now() && row.identifier == email => Ok(row.identifier),
        _ => Err(Error::Verification),
    }
}

/// Finds or creates the user of a verified address; returns whether it was created.
async fn sign_in(flow: &Flow<'_>, email: String) -> Result<(User, bool), Error> {
    let adapter = flow.context.adapter();
    let now = flow.context.now();
    let known = adapter.user_by_email(&email).await.map_err(Error::adapter("find a user"))?;
    let user = if let Some(user) = known {
        user
    } else {
        let new = NewUser { name: None, email: email.clone(), email_verified: Some(now), image: None };
        match adapter.create_user(new).await {
            Ok(user) => return Ok((user, true)),
            // A concurrent sign-in may have created the user.
            Err(error) => match adapter.user_by_email(&email).await {
                Ok(Some(user)) => user,
                _ => return Err(Error::adapter("create a user")(error)),
            },
        }
    };
    #[cfg(feature = "oauth")]
    super::login::end_what_came_unverified(flow.context, &user).await?;
    end_session_of_another(flow, &user).await?;
    let update = UserUpdate { email_verified: Some(Some(now)), ..UserUpdate::new(user.id) };
    let user = adapter.update_user(update).await.map_err(Error::adapter("update a user"))?;
    // The user was deleted concurrently.
    Ok((user.ok_or(Error::Verification)?, false))
}

/// Ends the browser's previous session if it belongs to another user.
async fn end_session_of_another(flow: &Flow<'_>, user: &User) -> Result<(), Error> {
    let Some(token) = flow.session.token() else { return Ok(()) };
    let adapter = flow.context.adapter();
    let current = adapter.session_and_user(token).await.map_err(Error::adapter("read a session"))?;
    if current.is_some_and(|(_, current)| current.id != user.id) {
        adapter.delete_session(token).await.map_err(Error::adapter("delete a session"))?;
    }
    Ok(())
}
