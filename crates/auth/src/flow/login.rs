//! Sign-in with a verified profile: which user an account belongs to.
//!
//! | account | browser | result |
//! |---|---|---|
//! | known | signed out | a new session of its user |
//! | known | signed in as its user | the session goes on |
//! | known | signed in as another user | `OAuthAccountNotLinked` |
//! | unknown | signed in | it is linked to that user |
//! | unknown | signed out, address known | `OAuthAccountNotLinked`, unless the provider may link by address |
//! | unknown | signed out, address unknown | a new user |
//!
//! Unlike Auth.js, a known account gets the tokens of its latest sign-in; there, it keeps the first ones, which expire. And
//! an address counts only once it is verified: by the provider in this sign-in, or earlier, as the user's `emailVerified`
//! records. Auth.js accepts any address and leaves that column empty. What an unverified address allows:
//!
//! | | everyone may sign in | an allow list is set |
//! |---|---|---|
//! | find or create a user | no | no |
//! | sign in with a known account | yes: the account counts | no |
//! | link the account to a signed-in user | yes: the address is not used | no |
//!
//! Source: @auth/core 0.41.3 `lib/actions/callback/handle-login.js`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Flow, start_session};
use crate::account::{self, access_token};
use crate::context::Context;
use crate::email::EmailAddress;
use crate::error::Error;
use crate::model::{Account, AccountKey, NewUser, User, UserId, UserUpdate};
use crate::oauth::{Profile, TokenSet};
use crate::provider::{OAuthProvider, Provider};
use crate::response::Answer;
use crate::session;

/// Signs in, or links the account.
pub(super) async fn sign_in(
    flow: &mut Flow<'_>,
    provider: &OAuthProvider,
    profile: Profile,
    tokens: TokenSet,
) -> Result<Answer, Error> {
    let known = user_of_account(flow.context, &provider.id, &profile.id).await?;
    // Neither an expired session nor that of a user who is no longer allowed links an account.
    let current = session::look(flow.context, &flow.session).await?;
    check_allowed(flow.context, provider, &profile, known.as_ref(), current.is_some())?;
    match (known, current) {
        (Some(user), None) => {
            record_verification(flow.context, provider, &profile, &user).await?;
            replace_tokens(flow.context, account(user.id.clone(), provider, &profile, tokens)).await;
            start_session(flow, user.id, false).await
        }
        (Some(user), Some(current)) if user.id != *current.user_id() => Err(Error::OAuthAccountNotLinked),
        (known, Some(current)) => {
            let account = account(current.user_id().clone(), provider, &profile, tokens);
            if let Some(user) = known {
                record_verification(flow.context, provider, &profile, &user).await?;
                replace_tokens(flow.context, account).await;
            } else {
                account::link(flow.context, account).await?;
            }
            let names = flow.context.cookie_names();
            let session = current.session();
            let cookie = names.set_until(names.session, session.token.expose(), session.expires);
            flow.set_cookies.push(cookie);
            Ok(Answer::Redirect(flow.callback_url.clone()))
        }
        (None, None) => {
            let (user, is_new) = user_of_address(flow.context, provider, &profile, tokens).await?;
            start_session(flow, user, is_new).await
        }
    }
}

/// Checks that the user is allowed to sign in. For a known account, the address of its user counts; otherwise, the
/// profile's.
fn check_allowed(
    context: &Context,
    provider: &OAuthProvider,
    profile: &Profile,
    known: Option<&User>,
    is_signed_in: bool,
) -> Result<(), Error> {
    let hosted = |domain: &String| provider.hosted_domains.contains(domain);
    if !provider.hosted_domains.is_empty() && !profile.hosted_domain.as_ref().is_some_and(hosted) {
        return Err(Error::AccessDenied);
    }
    let allow = &context.config().allow;
    // With an unverified address, anyone could sign in as anyone.
    let (allowed, verified) = match known {
        _ if allow.is_everyone() && (known.is_some() || is_signed_in) => (true, true),
        Some(user) => (
            allow.allows_text(&user.email),
            user.email_verified.is_some() || vouches_for_address_of(provider, profile, user),
        ),
        // An address that is not in normal form could be looked up as another user's.
        None => (
            profile.email.as_deref().is_some_and(|email| {
                EmailAddress::parse(email)
                    .is_ok_and(|address| address.as_str() == email && allow.allows(&address))
            }),
            provider.vouches_for(profile),
        ),
    };
    if allowed && !verified {
        tracing::warn!(
            provider = provider.id,
            "a sign-in was refused because the provider did not verify the e-mail address"
        );
    }
    if allowed && verified { Ok(()) } else { Err(Error::AccessDenied) }
}

/// Whether the provider verified the address that the user has here, which may differ from the one there.
fn vouches_for_address_of(provider: &OAuthProvider, profile: &Profile, user: &User) -> bool {
    let same = |email: &String| EmailAddress::parse(&user.email).is_ok_and(|own| own.as_str() == email);
    provider.vouches_for(profile) && profile.email.as_ref().is_some_and(same)
}

/// Records that the user's address was verified, so that the account still counts if the address there changes.
async fn record_verification(
    context: &Context,
    provider: &OAuthProvider,
    profile: &Profile,
    user: &User,
) -> Result<(), Error> {
    if user.email_verified.is_none() && vouches_for_address_of(provider, profile, user) {
        let now = Some(context.now());
        let update = UserUpdate { email_verified: Some(now), ..UserUpdate::new(user.id.clone()) };
        context.adapter().update_user(update).await.map_err(Error::adapter("update a user"))?;
    }
    Ok(())
}

/// When an address is verified for the first time, unlinks accounts whose provider did not verify it, and ends all sessions.
/// They may be an attacker's: Auth.js creates a user for any address that a provider sends.
pub(super) async fn end_what_came_unverified(context: &Context, user: &User) -> Result<(), Error> {
    if user.email_verified.is_some() {
        return Ok(());
    }
    let adapter = context.adapter();
    for account in adapter.accounts_of(&user.id).await.map_err(Error::adapter("list accounts"))? {
        if !id_token_vouches(context, account.clone(), user) {
            tracing::warn!(
                provider = account.provider,
                "an account was unlinked because it was linked before its user's e-mail address was verified"
            );
            adapter.unlink_account(account.key()).await.map_err(Error::adapter("unlink an account"))?;
        }
    }
    adapter.delete_sessions_of(&user.id, None).await.map_err(Error::adapter("delete sessions"))?;
    Ok(())
}

/// Whether the account's stored id token, which was checked at its last sign-in, verifies the address.
fn id_token_vouches(context: &Context, mut account: Account, user: &User) -> bool {
    let is_its = |provider: &&Provider| provider.id() == account.provider;
    let Some(Provider::OAuth(provider)) = context.config().providers.iter().find(is_its) else {
        return false;
    };
    if context.encryption().open_account(&mut account).is_err() {
        return false;
    }
    let profile = account.id_token.and_then(|token| {
        let payload = URL_SAFE_NO_PAD.decode(token.expose().split('.').nth(1)?).ok()?;
        provider.profile.fields.read(&serde_json::from_slice(&payload).ok()?).ok()
    });
    profile.is_some_and(|profile| vouches_for_address_of(provider, &profile, user))
}

/// Finds or creates the user of an unknown account in a signed-out browser; returns whether it was created.
async fn user_of_address(
    context: &Context,
    provider: &OAuthProvider,
    profile: &Profile,
    tokens: TokenSet,
) -> Result<(UserId, bool), Error> {
    let adapter = context.adapter();
    // `check_allowed` requires a verified address.
    let email = profile.email.clone().ok_or(Error::AccessDenied)?;
    let same = adapter.user_by_email(&email).await.map_err(Error::adapter("find a user"))?;
    if let Some(user) = same {
        if !provider.links_by_email {
            return Err(Error::OAuthAccountNotLinked);
        }
        end_what_came_unverified(context, &user).await?;
        record_verification(context, provider, profile, &user).await?;
        account::link(context, account(user.id.clone(), provider, profile, tokens)).await?;
        return Ok((user.id, false));
    }
    let new = NewUser {
        name: profile.name.clone(),
        email: email.clone(),
        email_verified: Some(context.now()),
        image: profile.image.clone(),
    };
    let user = match adapter.create_user(new).await {
        Ok(user) => user,
        Err(error) => {
            // The same user may be signing in concurrently, or with a link.
            if let Some(user) = user_of_account(context, &provider.id, &profile.id).await? {
                return Ok((user.id, false));
            }
            let same = adapter.user_by_email(&email).await.map_err(Error::adapter("find a user"))?;
            return Err(match same {
                Some(_) => Error::OAuthAccountNotLinked,
                None => Error::adapter("create a user")(error),
            });
        }
    };
    let Err(error) = account::link(context, account(user.id.clone(), provider, profile, tokens)).await else {
        return Ok((user.id, true));
    };
    // Without its account, the user could never sign in again, because the address would be taken.
    adapter.delete_user(&user.id).await.map_err(Error::adapter("delete a user"))?;
    match user_of_account(context, &provider.id, &profile.id).await? {
        Some(user) => Ok((user.id, false)),
        None => Err(error),
    }
}

/// A failure is only logged, because sign-in does not depend on it.
async fn replace_tokens(context: &Context, account: Account) {
    if let Err(error) = access_token::replace(context, account).await {
        tracing::warn!(%error, "the tokens of a sign-in could not be stored");
    }
}

async fn user_of_account(context: &Context, provider: &str, id: &str) -> Result<Option<User>, Error> {
    let key = AccountKey { provider, provider_account_id: id };
    context.adapter().user_by_account(key).await.map_err(Error::adapter("find the user of an account"))
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
