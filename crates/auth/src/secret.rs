//! Secret values: `Debug` hides them, and comparisons take constant time.

use std::fmt;

use hkdf::Hkdf;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::error::ConfigError;

/// A text that is hidden from logs, errors and `Debug`.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text. The caller is responsible for where it goes.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns the text by value. The caller is responsible for where it goes.
    pub fn into_exposed(self) -> String {
        self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        same_text(&self.0, &other.0)
    }
}

impl Eq for Secret {}

/// Whether two texts are equal. The time reveals only their lengths.
pub(crate) fn same_text(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

/// The secret behind CSRF tokens, magic links and encrypted cookies.
///
/// Use the same secret as an Auth.js application that shares the database, so that each accepts the other's links and
/// forms.
#[derive(Clone)]
pub struct AuthSecret {
    /// The input of hashes.
    joined: Secret,
    /// The individual secrets, newest first, for encryption.
    #[cfg_attr(not(feature = "oauth"), allow(dead_code, reason = "nothing is encrypted without it"))]
    each: Vec<Secret>,
}

impl fmt::Debug for AuthSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthSecret(…)")
    }
}

impl AuthSecret {
    /// Wraps a secret. Generate one with `openssl rand -base64 33`.
    ///
    /// # Errors
    /// [`ConfigError::NoSecret`] if it is empty.
    pub fn new(secret: impl Into<String>) -> Result<Self, ConfigError> {
        Self::rotating(vec![secret.into()])
    }

    /// Reads the secret from environment variables, looked up with `var`.
    ///
    /// `AUTH_SECRET` is used, else `NEXTAUTH_SECRET`. If neither is set, or the first one that is set is empty, the rotating
    /// secrets `AUTH_SECRET_3`, `_2` and `_1` are used; hashes take them joined by commas.
    ///
    /// Source: next-auth 5.0.0-beta.32 `lib/env.js`, @auth/core 0.41.3 `lib/utils/env.js`.
    ///
    /// # Errors
    /// [`ConfigError::NoSecret`] if none is set.
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let single =
            var("AUTH_SECRET").or_else(|| var("NEXTAUTH_SECRET")).filter(|secret| !secret.is_empty());
        if let Some(secret) = single {
            return Self::new(secret);
        }
        let rotating = ["AUTH_SECRET_3", "AUTH_SECRET_2", "AUTH_SECRET_1", "AUTH_SECRET"];
        let secrets: Vec<String> =
            rotating.iter().filter_map(|name| var(name)).filter(|secret| !secret.is_empty()).collect();
        Self::rotating(secrets)
    }

    /// Wraps several secrets, newest first.
    fn rotating(secrets: Vec<String>) -> Result<Self, ConfigError> {
        let joined = Secret(secrets.join(","));
        let each = secrets.into_iter().map(Secret).collect();
        if joined.0.is_empty() { Err(ConfigError::NoSecret) } else { Ok(Self { joined, each }) }
    }

    /// Derives a key of 32 bytes for one purpose. It reveals neither the secret nor the keys for other purposes.
    ///
    /// Source: RFC 5869, HKDF with SHA-256, without a salt; the purpose is the `info`.
    #[allow(clippy::missing_panics_doc, reason = "the one expectation holds for every purpose")]
    pub fn derive_key(&self, purpose: &str) -> [u8; 32] {
        let mut key = [0; 32];
        Hkdf::<Sha256>::new(None, self.expose().as_bytes())
            .expand(purpose.as_bytes(), &mut key)
            .expect("HKDF gives up to 255 times 32 bytes");
        key
    }

    pub(crate) fn expose(&self) -> &str {
        self.joined.expose()
    }

    /// Iterates over the individual secrets, newest first.
    #[cfg(feature = "oauth")]
    pub(crate) fn each(&self) -> impl Iterator<Item = &Secret> {
        self.each.iter()
    }

    /// Returns the secret that encrypts.
    #[cfg(feature = "oauth")]
    pub(crate) fn newest(&self) -> &Secret {
        self.each.first().unwrap_or(&self.joined)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_vars(vars: &[(&str, &str)], expected: Option<&str>) {
        let found =
            AuthSecret::from_vars(|name| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()));
        assert_eq!(found.ok().as_ref().map(AuthSecret::expose), expected, "{vars:?}");
    }

    #[test]
    fn auth_secret_wins_over_the_older_name_and_over_rotating_ones() {
        check_vars(&[("AUTH_SECRET", "a"), ("NEXTAUTH_SECRET", "b"), ("AUTH_SECRET_1", "c")], Some("a"));
        check_vars(&[("NEXTAUTH_SECRET", "b"), ("AUTH_SECRET_1", "c")], Some("b"));
        check_vars(&[("AUTH_SECRET_1", "c"), ("AUTH_SECRET_2", "d"), ("AUTH_SECRET_3", "e")], Some("e,d,c"));
        check_vars(&[("AUTH_SECRET", ""), ("NEXTAUTH_SECRET", "b")], None);
        check_vars(&[("AUTH_SECRET", ""), ("AUTH_SECRET_1", "c")], Some("c"));
        check_vars(&[], None);
    }

    #[test]
    fn keys_differ_by_secret_and_by_purpose() {
        let key = |secret: &str, purpose: &str| AuthSecret::new(secret).unwrap().derive_key(purpose);
        assert_eq!(key("a", "one"), key("a", "one"));
        assert_ne!(key("a", "one"), key("a", "two"));
        assert_ne!(key("a", "one"), key("b", "one"));
    }

    #[test]
    fn secrets_print_nothing() {
        let secret = AuthSecret::new("hush").unwrap();
        assert_eq!(format!("{secret:?}"), "AuthSecret(…)");
    }
}
