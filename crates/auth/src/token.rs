//! Tokens. Plain and hashed tokens are different types, so that one is never mistaken for the other.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::random::Random;
use crate::secret::{AuthSecret, Secret};

/// A session token, the same in cookie and row. Anyone who knows it is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionToken(Secret);

impl SessionToken {
    /// Wraps a token from a cookie or a row.
    pub fn new(token: impl Into<String>) -> Self {
        Self(Secret::new(token))
    }

    /// Returns the token, for the cookie and the row only.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Generates a random UUID (version 4).
    ///
    /// Source: @auth/core 0.41.3 `lib/init.js`.
    pub(crate) fn random(random: &dyn Random) -> Self {
        let mut bytes = [0; 16];
        random.fill(&mut bytes);
        Self::new(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string())
    }
}

/// The token of a magic link: 32 random bytes in hexadecimal. Only its hash is stored.
#[derive(Clone, Debug)]
pub(crate) struct LinkToken(Secret);

impl LinkToken {
    pub(crate) fn new(token: impl Into<String>) -> Self {
        Self(Secret::new(token))
    }

    pub(crate) fn random(random: &dyn Random) -> Self {
        Self::new(random_hex(random))
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Source: @auth/core 0.41.3 `lib/actions/signin/send-token.js`.
    pub(crate) fn hash(&self, secret: &AuthSecret) -> HashedToken {
        HashedToken(sha256_hex(&[self.expose(), secret.expose()]))
    }
}

/// The SHA-256 of a magic link's token and the secret, in hexadecimal, as stored.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HashedToken(String);

impl HashedToken {
    /// Wraps a hash from a row.
    pub fn new(hash: impl Into<String>) -> Self {
        Self(hash.into())
    }

    /// Returns the hash in hexadecimal.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for HashedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashedToken(…)")
    }
}

/// Generates 32 random bytes in hexadecimal.
pub(crate) fn random_hex(random: &dyn Random) -> String {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    hex::encode(bytes)
}

/// Returns the SHA-256 of concatenated texts, in hexadecimal.
pub(crate) fn sha256_hex(texts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update(text.as_bytes());
    }
    hex::encode(hasher.finalize())
}
