//! Access tokens: read, and renewed when they end.
//!
//! Of all who want a token that has ended, in this process or in another, one asks the provider for the next, because
//! providers end every token of a user when a refresh token is used twice. Who comes first puts a claim behind the token in
//! its row; the others wait until the row changes. A claim ends by itself, should its process die.

use std::error::Error as StdError;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::auth::Auth;
use crate::error::Error;
use crate::model::{Account, AccountKey};
use crate::secret::Secret;
use crate::token_cipher::{claim_of, claimed};
#[cfg(feature = "oauth")]
use crate::{oauth, provider::Provider};

/// A token that ends within this time is renewed: it has to last for the request that it is wanted for.
const MARGIN: Duration = Duration::from_secs(30);

/// How long one who renews may take before another tries.
const CLAIM: Duration = Duration::from_secs(30);

/// How often the others look.
const LOOK: Duration = Duration::from_millis(100);

/// What a provider gives for a refresh token.
#[derive(Clone, Debug)]
pub struct RenewedTokens {
    /// The new access token.
    pub access_token: Secret,
    /// The refresh token for the next time, if it is another one.
    pub refresh_token: Option<Secret>,
    /// When the new access token ends, in seconds since 1970.
    pub expires_at: Option<i64>,
    /// What it allows, if that changed.
    pub scope: Option<String>,
    /// A new statement about the user, if there is one.
    pub id_token: Option<Secret>,
}

/// Why there is no access token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessTokenError {
    /// The account is not linked, or the provider gave no token.
    #[error("there is no access token for this account")]
    NoToken,
    /// The token has ended and cannot be renewed: the user has to sign in at the provider again.
    #[error("the access token has ended, and there is no refresh token")]
    Ended,
    /// The provider did not renew the token.
    #[error("the provider did not renew the access token")]
    Refused(#[source] Box<dyn StdError + Send + Sync>),
    /// Somebody else is renewing the token and does not come to an end.
    #[error("another request has been renewing the access token for too long")]
    Busy,
    /// The token cannot be decrypted, or the database does not answer.
    #[error(transparent)]
    Stored(#[from] Error),
}

impl Auth {
    /// The access token of an account. If it has ended, `renew` is given the refresh token and asks the provider for
    /// another; of several calls at once, in whichever process, one does that.
    ///
    /// `renew` runs to its end even if this future is dropped: what the provider has given must not be lost.
    ///
    /// # Errors
    /// [`AccessTokenError`] if there is no token, or no new one.
    pub async fn access_token_with<E, F>(
        &self,
        key: AccountKey<'_>,
        renew: impl FnOnce(Secret) -> F + Send + 'static,
    ) -> Result<Secret, AccessTokenError>
    where
        E: StdError + Send + Sync + 'static,
        F: Future<Output = Result<RenewedTokens, E>> + Send,
    {
        let give_up = tokio::time::Instant::now() + CLAIM + LOOK;
        loop {
            let stored = self.adapter().account(key).await.map_err(Error::adapter("read an account"))?;
            let stored = stored.ok_or(AccessTokenError::NoToken)?;
            let was = stored.access_token.clone();
            let claim = was.as_ref().and_then(claim_of);
            let mut account = stored;
            self.encryption().open_account(&mut account).map_err(Error::Undecipherable)?;
            let now = self.now();
            if !ends_soon(&account, now) {
                return account.access_token.ok_or(AccessTokenError::NoToken);
            }
            let refresh_token = account.refresh_token.clone().ok_or(AccessTokenError::Ended)?;
            if claim.is_some_and(|until| until > now.timestamp()) {
                if tokio::time::Instant::now() > give_up {
                    return Err(AccessTokenError::Busy);
                }
                tokio::time::sleep(LOOK).await;
                continue;
            }
            let claim = self.sealed(&account, Some(now + CLAIM));
            if !self.renew(claim.clone(), was.as_ref()).await? {
                continue;
            }
            let auth = self.clone();
            let renewal = tokio::spawn(async move {
                let renewed = renew(refresh_token).await;
                auth.finish(account, &claim, renewed).await
            });
            return renewal.await.unwrap_or(Err(AccessTokenError::Busy));
        }
    }

    /// The access token of an account, renewed at its provider if it has ended.
    ///
    /// # Errors
    /// [`AccessTokenError`] if there is no token, or no new one: [`Ended`](AccessTokenError::Ended) and
    /// [`Refused`](AccessTokenError::Refused) mean that the user has to sign in at the provider again.
    #[cfg(feature = "oauth")]
    pub async fn access_token(&self, key: AccountKey<'_>) -> Result<Secret, AccessTokenError> {
        let (auth, id) = (self.clone(), key.provider.to_owned());
        let renew = move |refresh_token: Secret| async move {
            let provider = auth.providers().iter().find(|provider| provider.id() == id);
            let Some(Provider::OAuth(provider)) = provider else { return Err(Error::UnknownProvider) };
            let tokens = oauth::refresh(provider, &refresh_token, auth.now()).await.map_err(Error::OAuth)?;
            Ok(RenewedTokens {
                access_token: tokens.access_token,
                refresh_token: tokens.refresh_token,
                expires_at: tokens.expires_at,
                scope: tokens.scope,
                id_token: tokens.id_token,
            })
        };
        self.access_token_with(key, renew).await
    }

    /// Keeps the tokens that a provider gave to somebody who signed in once more: those of before may have ended for
    /// good, and then this is what helps.
    #[cfg(feature = "oauth")]
    pub(crate) async fn replace_tokens(&self, mut account: Account) -> Result<(), Error> {
        let stored =
            self.adapter().account(account.key()).await.map_err(Error::adapter("read an account"))?;
        let Some(mut stored) = stored else { return Ok(()) };
        let was = stored.access_token.clone();
        // Some providers give a refresh token at the first sign-in only. One that cannot be read any more is of no use.
        if account.refresh_token.is_none() && self.encryption().open_account(&mut stored).is_ok() {
            account.refresh_token = stored.refresh_token;
        }
        // Whoever changed the row in the meantime has tokens that are as good.
        self.renew(self.sealed(&account, None), was.as_ref()).await.map(|_| ())
    }

    /// Writes what the provider gave, or takes the claim back.
    async fn finish<E: StdError + Send + Sync + 'static>(
        &self,
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
        if !self.renew(self.sealed(&account, None), claim.access_token.as_ref()).await? {
            tracing::warn!("an account changed while its access token was being renewed");
        }
        answer
    }

    /// The account as it is stored, with or without a claim.
    fn sealed(&self, account: &Account, claim: Option<DateTime<Utc>>) -> Account {
        let mut account = account.clone();
        self.encryption().seal_account(&mut account, &*self.config().random);
        if let (Some(until), Some(token)) = (claim, &account.access_token) {
            account.access_token = Some(claimed(token, until.timestamp()));
        }
        account
    }

    async fn renew(&self, account: Account, was: Option<&Secret>) -> Result<bool, Error> {
        self.adapter().renew_account(account, was).await.map_err(Error::adapter("renew an account"))
    }
}

fn ends_soon(account: &Account, now: DateTime<Utc>) -> bool {
    account.expires_at.is_some_and(|end| end <= (now + MARGIN).timestamp())
}
