//! Access tokens: reading them, and renewing them when they expire.
//!
//! Providers revoke all tokens of a user when a refresh token is used twice, so of all concurrent calls, in this process or
//! another, only one may renew a token. The first one appends a claim to the stored token; the others wait until the row
//! changes. A claim expires, in case its process dies.

use std::error::Error as StdError;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::context::Context;
use crate::error::{AccessTokenError, Error};
use crate::model::{Account, AccountKey};
use crate::secret::Secret;
use crate::token_cipher::{claim_of, claimed};
#[cfg(feature = "oauth")]
use crate::{oauth, provider::Provider};

/// A token that expires within this time is renewed, so that it lasts for the caller's request.
const MARGIN: Duration = Duration::from_secs(30);

/// How long a renewal may take before another call takes over.
const CLAIM: Duration = Duration::from_secs(30);

/// How often waiting calls read the row.
const POLL: Duration = Duration::from_millis(100);

/// The tokens that a provider issues for a refresh token.
#[derive(Clone, Debug)]
pub struct RenewedTokens {
    /// The new access token.
    pub access_token: Secret,
    /// The next refresh token, if it changed.
    pub refresh_token: Option<Secret>,
    /// When the new access token expires, in seconds since 1970.
    pub expires_at: Option<i64>,
    /// The scope, if it changed.
    pub scope: Option<String>,
    /// A new id token, if there is one.
    pub id_token: Option<Secret>,
}

/// Returns the access token of an account; if it has expired, calls `renew` with the refresh token, in one of all
/// concurrent calls.
pub(crate) async fn get<E, F>(
    context: &Context,
    key: AccountKey<'_>,
    renew: impl FnOnce(Secret) -> F + Send + 'static,
) -> Result<Secret, AccessTokenError>
where
    E: StdError + Send + Sync + 'static,
    F: Future<Output = Result<RenewedTokens, E>> + Send,
{
    let give_up = tokio::time::Instant::now() + CLAIM + POLL;
    loop {
        let stored = context.adapter().account(key).await.map_err(Error::adapter("read an account"))?;
        let stored = stored.ok_or(AccessTokenError::NoToken)?;
        let was = stored.access_token.clone();
        let claim = was.as_ref().and_then(claim_of);
        let mut account = stored;
        context.encryption().open_account(&mut account).map_err(Error::Undecipherable)?;
        let now = context.now();
        if !ends_soon(&account, now) {
            return account.access_token.ok_or(AccessTokenError::NoToken);
        }
        let refresh_token = account.refresh_token.clone().ok_or(AccessTokenError::Ended)?;
        if claim.is_some_and(|until| until > now.timestamp()) {
            if tokio::time::Instant::now() > give_up {
                return Err(AccessTokenError::Busy);
            }
            tokio::time::sleep(POLL).await;
            continue;
        }
        let claim = sealed(context, &account, Some(now + CLAIM));
        if !replace_row(context, claim.clone(), was.as_ref()).await? {
            continue;
        }
        let context = context.clone();
        let renewal = tokio::spawn(async move {
            let renewed = renew(refresh_token).await;
            finish(&context, account, &claim, renewed).await
        });
        return renewal.await.unwrap_or(Err(AccessTokenError::Busy));
    }
}

/// Returns the access token of an account, renewed at its provider if it has expired.
#[cfg(feature = "oauth")]
pub(crate) async fn get_from_provider(
    context: &Context,
    key: AccountKey<'_>,
) -> Result<Secret, AccessTokenError> {
    let (own, id) = (context.clone(), key.provider.to_owned());
    let renew = move |refresh_token: Secret| async move {
        let provider = own.config().providers.iter().find(|provider| provider.id() == id);
        let Some(Provider::OAuth(provider)) = provider else { return Err(Error::UnknownProvider) };
        let tokens =
            oauth::refresh(&provider.client, &refresh_token, own.now()).await.map_err(Error::OAuth)?;
        Ok(RenewedTokens {
            access_token: tokens.access_token,
            refresh_token: tokens.refresh_token,
            expires_at: tokens.expires_at,
            scope: tokens.scope,
            id_token: tokens.id_token,
        })
    };
    get(context, key, renew).await
}

/// Stores the tokens of a repeated sign-in: the earlier ones may have expired for good.
#[cfg(feature = "oauth")]
pub(crate) async fn replace(context: &Context, mut account: Account) -> Result<(), Error> {
    let stored = context.adapter().account(account.key()).await.map_err(Error::adapter("read an account"))?;
    let Some(mut stored) = stored else { return Ok(()) };
    let was = stored.access_token.clone();
    // Some providers send a refresh token at the first sign-in only. One that cannot be decrypted is of no use.
    if account.refresh_token.is_none() && context.encryption().open_account(&mut stored).is_ok() {
        account.refresh_token = stored.refresh_token;
    }
    // A concurrent change stored tokens that are as good.
    replace_row(context, sealed(context, &account, None), was.as_ref()).await.map(|_| ())
}

/// Stores the renewed tokens, or releases the claim if there are none.
async fn finish<E: StdError + Send + Sync + 'static>(
    context: &Context,
    mut account: Account,
    claim: &Account,
    renewed: Result<RenewedTokens, E>,
) -> Result<Secret, AccessTokenError> {
    let answer = match renewed {
        Ok(tokens) => {
            account.access_token = Some(tokens.access_token.clone());
            account.refresh_token = tokens.refresh_token.or(account.refresh_token);
            account.expires_at = tokens.expires_at;
            account.scope = tokens.scope.or(account.scope);
            account.id_token = tokens.id_token.or(account.id_token);
            Ok(tokens.access_token)
        }
        Err(error) => Err(AccessTokenError::Refused(Box::new(error))),
    };
    if !replace_row(context, sealed(context, &account, None), claim.access_token.as_ref()).await? {
        tracing::warn!("an account changed while its access token was being renewed");
    }
    answer
}

/// Encrypts the tokens of an account, and marks the access token as claimed until an instant.
fn sealed(context: &Context, account: &Account, claim: Option<DateTime<Utc>>) -> Account {
    let mut account = account.clone();
    context.encryption().seal_account(&mut account, &*context.config().random);
    if let (Some(until), Some(token)) = (claim, &account.access_token) {
        account.access_token = Some(claimed(token, until.timestamp()));
    }
    account
}

async fn replace_row(context: &Context, account: Account, was: Option<&Secret>) -> Result<bool, Error> {
    context.adapter().renew_account(account, was).await.map_err(Error::adapter("renew an account"))
}

fn ends_soon(account: &Account, now: DateTime<Utc>) -> bool {
    account.expires_at.is_some_and(|end| end <= (now + MARGIN).timestamp())
}
