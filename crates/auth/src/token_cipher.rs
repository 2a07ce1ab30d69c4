//! Encryption at rest for the tokens of accounts: a reader of the table or of a backup cannot act for users at their
//! providers.
//!
//! A sealed token is `nicol.1.KEY.DATA`: KEY is the first 8 hexadecimal digits of the SHA-256 of the key; DATA is nonce,
//! ciphertext and tag of AES-256-GCM in base64url. While an access token is being renewed, the expiry of that claim follows.
//! Account and column are authenticated as well, so that a sealed token is useless in another row. A token of another
//! form was stored in clear, by Auth.js or earlier, and is read as it is.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::error::{ConfigError, Undecipherable};
use crate::model::{Account, AccountKey};
use crate::random::Random;
use crate::secret::{AuthSecret, Secret};
use crate::token::sha256_hex;

/// The prefix of every sealed token.
const PREFIX: &str = "nicol.1.";

/// The shortest `AUTH_ENCRYPTION_KEY`, in bytes.
const KEY_MIN: usize = 32;

/// The keys for the tokens of accounts: the first one encrypts, all of them decrypt.
///
/// To change the key without downtime, add the new key in second place and restart all instances, then move it to the first
/// place and restart again. Remove the old key once every account was renewed or has signed in again.
#[derive(Clone, Default)]
pub struct EncryptionKeys(Vec<Key>);

#[derive(Clone)]
struct Key {
    id: String,
    key: LessSafeKey,
}

impl EncryptionKeys {
    /// Reads `AUTH_ENCRYPTION_KEY`, looked up with `var`: texts of at least 32 bytes, separated by commas. A key derived from
    /// the site's secret is always added as the last one.
    ///
    /// # Errors
    /// [`ConfigError::ShortEncryptionKey`] if a key is too short.
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let given = var("AUTH_ENCRYPTION_KEY").unwrap_or_default();
        let mut keys = Vec::new();
        for text in given.split(',').map(str::trim).filter(|text| !text.is_empty()) {
            if text.len() < KEY_MIN {
                return Err(ConfigError::ShortEncryptionKey);
            }
            keys.push(Key::derived_from(&AuthSecret::new(text)?));
        }
        Ok(Self(keys))
    }

    /// Adds the key derived from the site's secret.
    pub(crate) fn and_of(mut self, secret: &AuthSecret) -> Self {
        self.0.push(Key::derived_from(secret));
        self
    }

    /// Seals the tokens of an account that are not sealed yet.
    pub(crate) fn seal_account(&self, account: &mut Account, random: &dyn Random) {
        let (provider, id) = (account.provider.clone(), account.provider_account_id.clone());
        let key = AccountKey { provider: &provider, provider_account_id: &id };
        for (column, token) in columns(account) {
            if let Some(text) = token.take() {
                *token = Some(if text.expose().starts_with(PREFIX) {
                    text
                } else {
                    self.seal(key, column, &text, random)
                });
            }
        }
    }

    /// Opens the tokens of an account.
    pub(crate) fn open_account(&self, account: &mut Account) -> Result<(), Undecipherable> {
        let (provider, id) = (account.provider.clone(), account.provider_account_id.clone());
        let key = AccountKey { provider: &provider, provider_account_id: &id };
        for (column, token) in columns(account) {
            if let Some(sealed) = token.take() {
                *token = Some(self.open(key, column, sealed)?);
            }
        }
        Ok(())
    }

    fn seal(&self, account: AccountKey<'_>, column: &str, token: &Secret, random: &dyn Random) -> Secret {
        let Key { id, key } = &self.0[0];
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce);
        let mut data = token.expose().as_bytes().to_vec();
        let tag = key
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context(account, column)),
                &mut data,
            )
            .expect("a token is shorter than what AES-GCM takes");
        let sealed = [&nonce, data.as_slice(), tag.as_ref()].concat();
        Secret::new(format!("{PREFIX}{id}.{}", URL_SAFE_NO_PAD.encode(sealed)))
    }

    fn open(&self, account: AccountKey<'_>, column: &str, token: Secret) -> Result<Secret, Undecipherable> {
        let Some(sealed) = token.expose().strip_prefix(PREFIX) else { return Ok(token) };
        let mut parts = sealed.split('.');
        let (id, data) = parts.next().zip(parts.next()).ok_or(Undecipherable)?;
        let mut data = URL_SAFE_NO_PAD.decode(data).map_err(|_| Undecipherable)?;
        let (nonce, data) = data.split_first_chunk_mut::<NONCE_LEN>().ok_or(Undecipherable)?;
        let Key { key, .. } = self.0.iter().find(|key| key.id == id).ok_or(Undecipherable)?;
        let opened = key
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(context(account, column)), data)
            .map_err(|_| Undecipherable)?;
        String::from_utf8(opened.to_vec()).map(Secret::new).map_err(|_| Undecipherable)
    }
}

impl Key {
    fn derived_from(secret: &AuthSecret) -> Self {
        let bytes = secret.derive_key("nicol-auth: tokens of accounts");
        let key =
            UnboundKey::new(&AES_256_GCM, &bytes).expect("the key has the length that AES-256 asks for");
        let id = sha256_hex(&[&hex::encode(bytes)])[..8].to_owned();
        Self { id, key: LessSafeKey::new(key) }
    }
}

impl fmt::Debug for EncryptionKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|key| &key.id)).finish()
    }
}

/// Appends a claim on renewing a sealed token, until an instant in seconds since 1970.
pub(crate) fn claimed(sealed: &Secret, until: i64) -> Secret {
    Secret::new(format!("{}.{until}", sealed.expose()))
}

/// Returns until when a token is claimed for renewal.
pub(crate) fn claim_of(token: &Secret) -> Option<i64> {
    token.expose().strip_prefix(PREFIX)?.split('.').nth(2)?.parse().ok()
}

fn columns(account: &mut Account) -> [(&'static str, &mut Option<Secret>); 3] {
    [
        ("access_token", &mut account.access_token),
        ("refresh_token", &mut account.refresh_token),
        ("id_token", &mut account.id_token),
    ]
}

/// Where a token is. No provider's id holds a NUL: PostgreSQL would not store it.
fn context(account: AccountKey<'_>, column: &str) -> Vec<u8> {
    format!("{}\0{}\0{column}", account.provider, account.provider_account_id).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::UserId;
    use crate::random::SystemRandom;

    const OLD: &str = "an old key that is long enough for it";
    const NEW: &str = "a new key that is long enough for that";

    fn keys(given: &str) -> EncryptionKeys {
        let secret = AuthSecret::new("the secret of the site").unwrap();
        EncryptionKeys::from_vars(|_| Some(given.to_owned())).unwrap().and_of(&secret)
    }

    fn account(access_token: &str) -> Account {
        Account {
            user_id: UserId::new("ann"),
            kind: "oidc".into(),
            provider: "google".into(),
            provider_account_id: "42".into(),
            refresh_token: Some(Secret::new("refresh me")),
            access_token: Some(Secret::new(access_token)),
            expires_at: None,
            token_type: None,
            scope: None,
            id_token: None,
            session_state: None,
        }
    }

    fn sealed(keys: &EncryptionKeys) -> Account {
        let mut account = account("let me in");
        keys.seal_account(&mut account, &SystemRandom);
        account
    }

    fn opened(keys: &EncryptionKeys, mut account: Account) -> Option<String> {
        keys.open_account(&mut account).ok()?;
        account.access_token.map(Secret::into_exposed)
    }

    #[test]
    fn a_sealed_token_shows_nothing_and_is_different_each_time() {
        let (first, second) = (sealed(&keys("")), sealed(&keys("")));
        let text = first.access_token.clone().unwrap().into_exposed();
        assert!(text.starts_with("nicol.1.") && !text.contains("let me in"), "{text}");
        assert_ne!(Some(text), second.access_token.map(Secret::into_exposed));
        assert!(first.refresh_token.as_ref().unwrap().expose().starts_with("nicol.1."));
        assert_eq!(opened(&keys(""), first).as_deref(), Some("let me in"));
    }

    #[test]
    fn tokens_in_clear_are_read_and_sealed_when_written() {
        assert_eq!(opened(&keys(""), account("in clear")).as_deref(), Some("in clear"));
        let once = sealed(&keys(""));
        let mut twice = once.clone();
        keys("").seal_account(&mut twice, &SystemRandom);
        assert_eq!(once.access_token, twice.access_token, "a sealed token is not sealed again");
    }

    #[test]
    fn keys_rotate_without_downtime() {
        let (before, both, after) = (keys(OLD), keys(&format!("{NEW},{OLD}")), keys(NEW));
        assert_eq!(opened(&both, sealed(&before)).as_deref(), Some("let me in"));
        assert_eq!(opened(&after, sealed(&both)).as_deref(), Some("let me in"));
        assert_eq!(opened(&after, sealed(&before)), None, "the old key is gone");
        assert_eq!(
            opened(&after, sealed(&keys(""))).as_deref(),
            Some("let me in"),
            "the secret's still opens"
        );
    }

    #[test]
    fn a_sealed_token_is_of_no_use_elsewhere() {
        let keys = keys(NEW);
        let moved = |change: fn(&mut Account)| {
            let mut account = sealed(&keys);
            change(&mut account);
            opened(&keys, account)
        };
        assert_eq!(moved(|account| account.provider_account_id = "43".into()), None);
        assert_eq!(moved(|account| account.provider = "other".into()), None);
        assert_eq!(
            moved(|account| std::mem::swap(&mut account.access_token, &mut account.refresh_token)),
            None
        );
        let broken = ["nicol.1.", "nicol.1.x", "nicol.1.00000000.AAAA", "nicol.1.00000000.*"];
        for text in broken {
            assert_eq!(opened(&keys, account(text)), None, "{text}");
        }
    }

    #[test]
    fn a_key_that_could_be_guessed_is_refused() {
        let read = |text: &str| EncryptionKeys::from_vars(|_| Some(text.to_owned())).err();
        assert_eq!(read(&format!("{NEW},short")), Some(ConfigError::ShortEncryptionKey));
        assert_eq!(read(&format!(" {NEW} , ")), None);
        assert!(!format!("{:?}", keys(NEW)).contains("new key"));
    }
}
