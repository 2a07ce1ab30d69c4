//! Who is signed in after a provider has said who came: the rules by which accounts belong to users.
//!
//! | the account | the browser | then |
//! |---|---|---|
//! | known | signed out | a new session of its user |
//! | known | signed in as its user | the session goes on |
//! | known | signed in as another | `OAuthAccountNotLinked` |
//! | unknown | signed in | it is linked to that user |
//! | unknown | signed out, address known | `OAuthAccountNotLinked`, unless the provider may link by address |
//! | unknown | signed out, address unknown | a new user |
//!
//! Beyond Auth.js, a known account gets the tokens of its last sign-in; there it keeps those of the first, which end.
//!
//! Source: @auth/core 0.41.3 `lib/actions/callback/handle-login.js`.

use super::{Flow, start_session};
use crate::auth::Auth;
use crate::email::EmailAddress;
use crate::error::Error;
use crate::model::{Account, AccountKey, NewUser, User, UserId};
use crate::oauth::TokenSet;
use crate::provider::{OAuthProvider, Profile};
use crate::response::Answer;
use crate::session;

/// Signs in, or links.
pub(super) async fn sign_in(
    flow: &mut Flow<'_>,
    provider: &OAuthProvider,
    profile: Profile,
    tokens: TokenSet,
) -> Result<Answer, Error> {
    let known = user_of_account(flow.auth, &provider.id, &profile.id).await?;
    check_allowed(flow.auth, provider, &profile, known.as_ref())?;
    // A session that has ended does not link anything, nor does that of somebody who is off the list.
    let current = session::look(flow.auth, &flow.session).await?;
    match (known, current) {
        (Some(user), None) => {
            replace_tokens(flow.auth, account(user.id.clone(), provider, &profile, tokens)).await;
            start_session(flow, user.id, false).await
        }
        (Some(user), Some(current)) if user.id != *current.user_id() => Err(Error::OAuthAccountNotLinked),
        (known, Some(current)) => {
            let account = account(current.user_id().clone(), provider, &profile, tokens);
            if known.is_some() {
                replace_tokens(flow.auth, account).await;
            } else {
                flow.auth.link_account(account).await?;
            }
            let names = flow.auth.cookie_names();
            let session = current.session();
            let cookie = names.set_until(names.session, session.token.expose(), session.expires);
            flow.set_cookies.push(cookie);
            Ok(Answer::Redirect(flow.callback_url.clone()))
        }
        (None, None) => {
            let (user, is_new) = user_of_address(flow.auth, provider, &profile, tokens).await?;
            start_session(flow, user, is_new).await
        }
    }
}

/// Whether whoever came may come: for a known account its user's address counts, else the one that the provider tells.
fn check_allowed(
    auth: &Auth,
    provider: &OAuthProvider,
    profile: &Profile,
    known: Option<&User>,
) -> Result<(), Error> {
    let hosted = |domain: &String| provider.hosted_domains.contains(domain);
    if !provider.hosted_domains.is_empty() && !profile.hosted_domain.as_ref().is_some_and(hosted) {
        return Err(Error::AccessDenied);
    }
    let allowed = match known {
        Some(user) => auth.config().allow.allows_text(&user.email),
        // An address that the provider calls unproved would let anybody in as anybody.
        None if profile.email_unproved => false,
        // One that is not in its normal form could be another's after it is looked up; nobody has such.
        None => profile.email.as_deref().is_some_and(|email| {
            EmailAddress::parse(email)
                .is_ok_and(|address| address.as_str() == email && auth.config().allow.allows(&address))
        }),
    };
    if allowed { Ok(()) } else { Err(Error::AccessDenied) }
}

/// The user to whom an unknown account of a browser that is signed out belongs; and whether he is new.
async fn user_of_address(
    auth: &Auth,
    provider: &OAuthProvider,
    profile: &Profile,
    tokens: TokenSet,
) -> Result<(UserId, bool), Error> {
    let adapter = auth.adapter();
    // `check_allowed` lets nobody come here without an address.
    let email = profile.email.clone().ok_or(Error::AccessDenied)?;
    let same = adapter.user_by_email(&email).await.map_err(Error::adapter("find a user"))?;
    if let Some(user) = same {
        if !provider.links_by_email {
            return Err(Error::OAuthAccountNotLinked);
        }
        auth.link_account(account(user.id.clone(), provider, profile, tokens)).await?;
        return Ok((user.id, false));
    }
    let new = NewUser {
        name: profile.name.clone(),
        email: email.clone(),
        email_verified: None,
        image: profile.image.clone(),
    };
    let user = match adapter.create_user(new).await {
        Ok(user) => user,
        Err(error) => {
            // The same person may have come twice at once, or by a link in the meantime.
            if let Some(user) = user_of_account(auth, &provider.id, &profile.id).await? {
                return Ok((user.id, false));
            }
            let same = adapter.user_by_email(&email).await.map_err(Error::adapter("find a user"))?;
            return Err(match same {
                Some(_) => Error::OAuthAccountNotLinked,
                None => Error::adapter("create a user")(error),
            });
        }
    };
    let Err(error) = auth.link_account(account(user.id.clone(), provider, profile, tokens)).await else {
        return Ok((user.id, true));
    };
    // Without its account the user could never come back: the address would be taken.
    adapter.delete_user(&user.id).await.map_err(Error::adapter("delete a user"))?;
    match user_of_account(auth, &provider.id, &profile.id).await? {
        Some(user) => Ok((user.id, false)),
        None => Err(error),
    }
}

/// Who is signed in does not depend on it.
async fn replace_tokens(auth: &Auth, account: Account) {
    if let Err(error) = auth.replace_tokens(account).await {
        tracing::warn!(%error, "the tokens of a sign-in could not be kept");
    }
}

async fn user_of_account(auth: &Auth, provider: &str, id: &str) -> Result<Option<User>, Error> {
    let key = AccountKey { provider, provider_account_id: id };
    auth.adapter().user_by_account(key).await.map_err(Error::adapter("find the user of an account"))
}

fn account(user_id: UserId, provider: &OAuthProvider, profile: &Profile, tokens: TokenSet) -> Account {
    Account {
        user_id,
        kind: provider.kind().to_owned(),
        provider: provider.id.clone(),
        provider_account_id: profile.id.clone(),
        refresh_token: tokens.refresh_token,
        access_token: Some(tokens.access_token),
        expires_at: tokens.expires_at,
        token_type: Some(tokens.token_type),
        scope: tokens.scope,
        id_token: tokens.id_token,
        session_state: tokens.session_state,
    }
}
