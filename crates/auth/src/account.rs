//! The accounts of somebody who is signed in: what is linked, and how a link is taken away.

use crate::auth::Auth;
use crate::error::Error;
use crate::model::{Account, AccountKey};
use crate::provider::Provider;
use crate::session::Authenticated;

/// An account at a provider, without its tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedAccount {
    /// The provider's id.
    pub provider: String,
    /// The name of the provider, or its id if it is not configured any more.
    pub provider_name: String,
    /// The user's id at the provider.
    pub provider_account_id: String,
    /// What the access token allows.
    pub scope: Option<String>,
}

/// What became of an account that was to be unlinked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlinked {
    /// It is not linked any more.
    Done,
    /// It was not linked to this user.
    NotLinked,
    /// It is the only way in that the user has, and stays.
    LastWayIn,
}

impl Auth {
    /// The accounts that are linked to who is signed in, ordered by provider.
    ///
    /// # Errors
    /// [`Error::Adapter`] if the database does not answer.
    pub async fn accounts(&self, who: &Authenticated) -> Result<Vec<LinkedAccount>, Error> {
        let rows =
            self.adapter().accounts_of(who.user_id()).await.map_err(Error::adapter("list accounts"))?;
        let named = |account: Account| {
            let provider = self.config().providers.iter().find(|provider| provider.id() == account.provider);
            LinkedAccount {
                provider_name: provider.map_or_else(|| account.provider.clone(), |p| p.name().to_owned()),
                provider: account.provider,
                provider_account_id: account.provider_account_id,
                scope: account.scope,
            }
        };
        Ok(rows.into_iter().map(named).collect())
    }

    /// Takes the link to an account away, unless nothing would be left to sign in with: neither links by e-mail nor another
    /// account at a provider that is configured.
    ///
    /// # Errors
    /// [`Error::Adapter`] if the database does not answer.
    pub async fn unlink(&self, who: &Authenticated, key: AccountKey<'_>) -> Result<Unlinked, Error> {
        let accounts = self.accounts(who).await?;
        let is_it = |account: &LinkedAccount| {
            account.provider == key.provider && account.provider_account_id == key.provider_account_id
        };
        if !accounts.iter().any(is_it) {
            return Ok(Unlinked::NotLinked);
        }
        let providers = &self.config().providers;
        let has_email = providers.iter().any(|provider| matches!(provider, Provider::Email(_)));
        let is_way_in = |account: &LinkedAccount| {
            !is_it(account) && providers.iter().any(|provider| provider.id() == account.provider)
        };
        if !has_email && !accounts.iter().any(is_way_in) {
            return Ok(Unlinked::LastWayIn);
        }
        let unlinked =
            self.adapter().unlink_account(key).await.map_err(Error::adapter("unlink an account"))?;
        Ok(if unlinked { Unlinked::Done } else { Unlinked::NotLinked })
    }

    /// Gives a user an account at a provider; its tokens are encrypted before they are stored.
    ///
    /// # Errors
    /// [`Error::Adapter`] if somebody has the account already, or the database does not answer.
    pub async fn link_account(&self, mut account: Account) -> Result<(), Error> {
        self.encryption().seal_account(&mut account, &*self.config().random);
        self.adapter().link_account(account).await.map_err(Error::adapter("link an account"))
    }
}
