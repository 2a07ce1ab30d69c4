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
//! Beyond Auth.js, a known account gets the tokens of its last sign-in; there it keeps those of the first, which end. And
//! an address counts only once it is verified: by the provider in this sign-in, or earlier, which `emailVerified` of the
//! user records. Auth.js believes any address and leaves that column empty. What an address that nobody verified can do:
//!
//! | | everybody may sign in | only some may |
//! |---|---|---|
//! | find or make a user | no | no |
//! | let a user in whose account is known | yes: the account is what counts | no |
//! | be that of an account that a signed-in user links | yes: it plays no part | no |
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

/// Signs in, or links.
pub(super) async fn sign_in(
    flow: &mut Flow<'_>,
    provider: &OAuthProvider,
    profile: Profile,
    tokens: TokenSet,
) -> Result<Answer, Error> {
    let known = user_of_account(flow.context, &provider.id, &profile.id).await?;
    // A session that has ended does not link anything, nor does that of somebody who is off the list.
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

/// Checks that the account may be used: for a known one the address of its user counts, else the one that the provider
/// tells.
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
    // An address that nobody verified would let anybody in as anybody.
    let (allowed, verified) = match known {
        _ if allow.is_everyone() && (known.is_some() || is_signed_in) => (true, true),
        Some(user) => (
            allow.allows_text(&user.email),
            user.email_verified.is_some() || vouches_for_address_of(provider, profile, user),
        ),
        // One that is not in its normal form could be another's after it is looked up; nobody has such.
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
            "a sign-in was refused because the provider does not say that the e-mail address is verified"
        );
    }
    if allowed && verified { Ok(()) } else { Err(Error::AccessDenied) }
}

/// Whether the provider vouches for the very address that a user has here; theirs may have changed at the provider.
fn vouches_for_address_of(provider: &OAuthProvider, profile: &Profile, user: &User) -> bool {
    let same = |email: &String| EmailAddress::parse(&user.email).is_ok_and(|own| own.as_str() == email);
    provider.vouches_for(profile) && profile.email.as_ref().is_some_and(same)
}

/// Records that the address of a user was verified, so that the account counts when the user has another one there.
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

/// Takes away what was there before the owner of an address verified it for the first time: accounts whose provider did
/// not vouch for it, and all sessions. They may be those of somebody else: Auth.js makes a user for any address that a
/// provider tells.
pub(super) async fn end_what_came_unverified(context: &Context, user: &User) -> Result<(), Error> {
    if user.email_verified.is_some() {
        return Ok(());
    }
    let adapter = context.adapter();
    for account in adapter.accounts_of(&user.id).await.map_err(Error::adapter("list accounts"))? {
        if !id_token_vouches(context, account.clone(), user) {
            tracing::warn!(
                provider = account.provider,
                "an account was unlinked because it came before its user's e-mail address was verified"
            );
            adapter.unlink_account(account.key()).await.map_err(Error::adapter("unlink an account"))?;
        }
    }
    adapter.delete_sessions_of(&user.id, None).await.map_err(Error::adapter("delete sessions"))?;
    Ok(())
}

/// Whether the id token of an account's last sign-in, which was checked before it was stored, vouches for the address.
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

/// The user to whom an unknown account of a browser that is signed out belongs; and whether he is new.
async fn user_of_address(
    context: &Context,
    provider: &OAuthProvider,
    profile: &Profile,
    tokens: TokenSet,
) -> Result<(UserId, bool), Error> {
    let adapter = context.adapter();
    // `check_allowed` lets nobody come here without an address that was verified.
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
            // The same person may have come twice at once, or by a link in the meantime.
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
    // Without its account the user could never come back: the address would be taken.
    adapter.delete_user(&user.id).await.map_err(Error::adapter("delete a user"))?;
    match user_of_account(context, &provider.id, &profile.id).await? {
        Some(user) => Ok((user.id, false)),
        None => Err(error),
    }
}

/// Who is signed in does not depend on it.
async fn replace_tokens(context: &Context, account: Account) {
    if let Err(error) = access_token::replace(context, account).await {
        tracing::warn!(%error, "the tokens of a sign-in could not be kept");
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
