//! The linked accounts of a user: listing, linking and unlinking them.

pub(crate) mod access_token;

use crate::context::Context;
use crate::error::Error;
use crate::model::{Account, AccountKey};
use crate::provider::Provider;
use crate::session::Authenticated;

/// An account at a provider, without its tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedAccount {
    /// The provider's id.
    pub provider: String,
    /// The provider's name, or its id if it is no longer configured.
    pub provider_name: String,
    /// The user's id at the provider.
    pub provider_account_id: String,
    /// The scope of the access token.
    pub scope: Option<String>,
}

/// The result of unlinking an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlinked {
    /// The account is no longer linked.
    Done,
    /// The account was not linked to this user.
    NotLinked,
    /// The user could not sign in without the account, so it stays linked.
    LastWayIn,
}

/// Lists the accounts that are linked to a user, ordered by provider.
pub(crate) async fn list(context: &Context, who: &Authenticated) -> Result<Vec<LinkedAccount>, Error> {
    let rows = context.adapter().accounts_of(who.user_id()).await.map_err(Error::adapter("list accounts"))?;
    let named = |account: Account| {
        let provider = context.config().providers.iter().find(|provider| provider.id() == account.provider);
        LinkedAccount {
            provider_name: provider.map_or_else(|| account.provider.clone(), |p| p.name().to_owned()),
            provider: account.provider,
            provider_account_id: account.provider_account_id,
            scope: account.scope,
        }
    };
    Ok(rows.into_iter().map(named).collect())
}

/// Unlinks an account, unless the user could not sign in without it.
pub(crate) async fn unlink(
    context: &Context,
    who: &Authenticated,
    key: AccountKey<'_>,
) -> Result<Unlinked, Error> {
    let accounts = list(context, who).await?;
    let is_it = |account: &LinkedAccount| {
        account.provider == key.provider && account.provider_account_id == key.provider_account_id
    };
    if !accounts.iter().any(is_it) {
        return Ok(Unlinked::NotLinked);
    }
    let providers = &context.config().providers;
    let has_email = providers.iter().any(|provider| matches!(provider, Provider::Email(_)));
    let is_way_in = |account: &LinkedAccount| {
        !is_it(account) && providers.iter().any(|provider| provider.id() == account.provider)
    };
    if !has_email && !accounts.iter().any(is_way_in) {
        return Ok(Unlinked::LastWayIn);
    }
    let unlinked =
        context.adapter().unlink_account(key).await.map_err(Error::adapter("unlink an account"))?;
    Ok(if unlinked { Unlinked::Done } else { Unlinked::NotLinked })
}

/// Links an account, its tokens encrypted.
pub(crate) async fn link(context: &Context, mut account: Account) -> Result<(), Error> {
    context.encryption().seal_account(&mut account, &*context.config().random);
    context.adapter().link_account(account).await.map_err(Error::adapter("link an account"))
}
