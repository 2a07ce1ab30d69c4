//! Tokens, each stage of each with a type of its own: what a person carries is never taken for what a row holds.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::random::Random;
use crate::secret::{AuthSecret, Secret};

/// The token in a session's cookie and, as it is, in the session's row: whoever knows it is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionToken(Secret);

impl SessionToken {
    /// A token found in a cookie or a row.
    pub fn new(token: impl Into<String>) -> Self {
        Self(Secret::new(token))
    }

    /// The token's text, for the cookie and the row and nothing else.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// A random UUID of version 4.
    ///
    /// Source: @auth/core 0.41.3 `lib/init.js`.
    pub(crate) fn random(random: &dyn Random) -> Self {
        let mut bytes = [0; 16];
        random.fill(&mut bytes);
        Self::new(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string())
    }
}

/// The token in a magic link: 32 random bytes in hexadecimal. Only its hash is stored.
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

/// The SHA-256 of a magic link's token and the secret, in hexadecimal: what a verification token's row holds.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HashedToken(String);

impl HashedToken {
    /// A hash found in a row.
    pub fn new(hash: impl Into<String>) -> Self {
        Self(hash.into())
    }

    /// The hexadecimal text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for HashedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashedToken(…)")
    }
}

/// 32 random bytes in hexadecimal.
pub(crate) fn random_hex(random: &dyn Random) -> String {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    hex::encode(bytes)
}

/// The SHA-256 of texts laid end to end, in hexadecimal.
pub(crate) fn sha256_hex(texts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update(text.as_bytes());
    }
    hex::encode(hasher.finalize())
}
