//! An adapter that keeps its rows in memory: for tests and experiments.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::Adapter;
use crate::model::{Account, AccountKey, NewUser, Session, User, UserId, UserUpdate, VerificationToken};
use crate::secret::Secret;
use crate::token::{HashedToken, SessionToken};

/// A violated unique key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a row with this key already exists")]
pub struct MemoryError;

/// An adapter that keeps its rows in memory until the process exits.
#[derive(Debug, Default)]
pub struct MemoryAdapter(Mutex<Tables>);

/// The rows of a [`MemoryAdapter`].
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// The users.
    pub users: Vec<User>,
    /// The accounts.
    pub accounts: Vec<Account>,
    /// The sessions.
    pub sessions: Vec<Session>,
    /// The unused magic links.
    pub verification_tokens: Vec<VerificationToken>,
    /// The number of users ever created, for ids.
    created: usize,
}

impl MemoryAdapter {
    /// Locks the tables, for reading and changing them in a test.
    pub fn tables(&self) -> MutexGuard<'_, Tables> {
        // No method leaves a table half changed, so a panic elsewhere does no harm.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Adapter for MemoryAdapter {
    type Error = MemoryError;

    async fn create_user(&self, user: NewUser) -> Result<User, MemoryError> {
        let mut tables = self.tables();
        unique(&tables.users, |other| other.email == user.email)?;
        tables.created += 1;
        let NewUser { name, email, email_verified, image } = user;
        let user =
            User { id: UserId::new(format!("user{}", tables.created)), name, email, email_verified, image };
        tables.users.push(user.clone());
        Ok(user)
    }

    async fn user(&self, id: &UserId) -> Result<Option<User>, MemoryError> {
        Ok(self.tables().users.iter().find(|user| user.id == *id).cloned())
    }

    async fn user_by_email(&self, email: &str) -> Result<Option<User>, MemoryError> {
        Ok(self.tables().users.iter().find(|user| user.email == email).cloned())
    }

    async fn user_by_account(&self, key: AccountKey<'_>) -> Result<Option<User>, MemoryError> {
        let tables = self.tables();
        let account = tables.accounts.iter().find(|account| has_key(account, key));
        Ok(account.and_then(|account| tables.users.iter().find(|user| user.id == account.user_id).cloned()))
    }

    async fn update_user(&self, update: UserUpdate) -> Result<Option<User>, MemoryError> {
        let mut tables = self.tables();
        let Some(user) = tables.users.iter_mut().find(|user| user.id == update.id) else { return Ok(None) };
        let UserUpdate { id: _, name, email, email_verified, image } = update;
        user.name = name.unwrap_or(user.name.take());
        user.email = email.unwrap_or_else(|| user.email.clone());
        user.email_verified = email_verified.unwrap_or(user.email_verified);
        user.image = image.unwrap_or(user.image.take());
        Ok(Some(user.clone()))
    }

    async fn delete_user(&self, id: &UserId) -> Result<bool, MemoryError> {
        let mut tables = self.tables();
        tables.accounts.retain(|account| account.user_id != *id);
        tables.sessions.retain(|session| session.user_id != *id);
        Ok(remove(&mut tables.users, |user| user.id == *id) > 0)
    }

    async fn link_account(&self, account: Account) -> Result<(), MemoryError> {
        let mut tables = self.tables();
        unique(&tables.accounts, |other| has_key(other, account.key()))?;
        tables.accounts.push(account);
        Ok(())
    }

    async fn unlink_account(&self, key: AccountKey<'_>) -> Result<bool, MemoryError> {
        Ok(remove(&mut self.tables().accounts, |account| has_key(account, key)) > 0)
    }

    async fn account(&self, key: AccountKey<'_>) -> Result<Option<Account>, MemoryError> {
        Ok(self.tables().accounts.iter().find(|account| has_key(account, key)).cloned())
    }

    async fn accounts_of(&self, user: &UserId) -> Result<Vec<Account>, MemoryError> {
        let tables = self.tables();
        let mut accounts: Vec<_> =
            tables.accounts.iter().filter(|account| account.user_id == *user).cloned().collect();
        accounts.sort_by(|a, b| {
            (&a.provider, &a.provider_account_id).cmp(&(&b.provider, &b.provider_account_id))
        });
        Ok(accounts)
    }

    async fn renew_account(&self, account: Account, was: Option<&Secret>) -> Result<bool, MemoryError> {
        let mut tables = self.tables();
        let key = account.key();
        let row =
            tables.accounts.iter_mut().find(|row| has_key(row, key) && row.access_token.as_ref() == was);
        let Some(row) = row else { return Ok(false) };
        let Account { refresh_token, access_token, expires_at, token_type, scope, id_token, .. } = account;
        *row =
            Account { refresh_token, access_token, expires_at, token_type, scope, id_token, ..row.clone() };
        Ok(true)
    }

    async fn create_session(&self, session: Session) -> Result<(), MemoryError> {
        let mut tables = self.tables();
        unique(&tables.sessions, |other| other.token == session.token)?;
        tables.sessions.push(session);
        Ok(())
    }

    async fn session_and_user(&self, token: &SessionToken) -> Result<Option<(Session, User)>, MemoryError> {
        let tables = self.tables();
        let session = tables.sessions.iter().find(|session| session.token == *token);
        Ok(session.and_then(|session| {
            let user = tables.users.iter().find(|user| user.id == session.user_id)?;
            Some((session.clone(), user.clone()))
        }))
    }

    async fn update_session(
        &self,
        token: &SessionToken,
        expires: DateTime<Utc>,
    ) -> Result<bool, MemoryError> {
        let mut tables = self.tables();
        let session = tables.sessions.iter_mut().find(|session| session.token == *token);
        Ok(session.map(|session| session.expires = expires).is_some())
    }

    async fn delete_session(&self, token: &SessionToken) -> Result<bool, MemoryError> {
        Ok(remove(&mut self.tables().sessions, |session| session.token == *token) > 0)
    }

    async fn create_verification_token(&self, token: VerificationToken) -> Result<(), MemoryError> {
        let mut tables = self.tables();
        let same =
            |other: &VerificationToken| other.identifier == token.identifier && other.token == token.token;
        unique(&tables.verification_tokens, same)?;
        tables.verification_tokens.push(token);
        Ok(())
    }

    async fn use_verification_token(
        &self,
        identifier: &str,
        token: &HashedToken,
    ) -> Result<Option<VerificationToken>, MemoryError> {
        let tokens = &mut self.tables().verification_tokens;
        let place = tokens.iter().position(|row| row.identifier == identifier && row.token == *token);
        Ok(place.map(|place| tokens.remove(place)))
    }

    async fn sessions_of(&self, user: &UserId) -> Result<Vec<Session>, MemoryError> {
        let tables = self.tables();
        let mut sessions: Vec<_> =
            tables.sessions.iter().filter(|session| session.user_id == *user).cloned().collect();
        sessions.sort_by_key(|session| std::cmp::Reverse(session.expires));
        Ok(sessions)
    }

    async fn delete_sessions_of(
        &self,
        user: &UserId,
        keep: Option<&SessionToken>,
    ) -> Result<u64, MemoryError> {
        let mut tables = self.tables();
        Ok(remove(&mut tables.sessions, |session| session.user_id == *user && Some(&session.token) != keep))
    }

    async fn delete_expired(&self, before: DateTime<Utc>, most: u32) -> Result<u64, MemoryError> {
        let mut tables = self.tables();
        let sessions = remove_some(&mut tables.sessions, most, |session| session.expires < before);
        let tokens = remove_some(&mut tables.verification_tokens, most, |token| token.expires < before);
        Ok(sessions + tokens)
    }
}

fn has_key(account: &Account, key: AccountKey<'_>) -> bool {
    account.provider == key.provider && account.provider_account_id == key.provider_account_id
}

fn unique<T>(rows: &[T], is_same: impl Fn(&T) -> bool) -> Result<(), MemoryError> {
    if rows.iter().any(is_same) { Err(MemoryError) } else { Ok(()) }
}

fn remove<T>(rows: &mut Vec<T>, unwanted: impl Fn(&T) -> bool) -> u64 {
    remove_some(rows, u32::MAX, unwanted)
}

fn remove_some<T>(rows: &mut Vec<T>, most: u32, unwanted: impl Fn(&T) -> bool) -> u64 {
    let mut removed = 0;
    rows.retain(|row| {
        let goes = removed < most && unwanted(row);
        removed += u32::from(goes);
        !goes
    });
    removed.into()
}
