//! Values that must not be seen: they print nothing, and comparing them takes the same time whatever they hold.

use std::fmt;

use hkdf::Hkdf;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::error::ConfigError;

/// A text that is kept out of logs, error texts and `Debug`.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself; whoever calls this answers for where it goes.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text itself, by value.
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

/// Whether two texts are equal, in a time that tells only their lengths.
pub(crate) fn same_text(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

/// The secret that goes into the hashes of CSRF tokens and magic links.
///
/// An application that shares its database with one on Auth.js gives both the same secret, so that each
/// accepts the links and forms of the other.
#[derive(Clone)]
pub struct AuthSecret {
    /// What goes into hashes.
    joined: Secret,
    /// The secrets one by one, the newest first, for what is encrypted.
    #[cfg_attr(not(feature = "oauth"), allow(dead_code, reason = "nothing is encrypted without it"))]
    each: Vec<Secret>,
}

impl fmt::Debug for AuthSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthSecret(…)")
    }
}

impl AuthSecret {
    /// Takes a secret; `people secret` or `openssl rand -base64 33` makes a good one.
    ///
    /// # Errors
    /// [`ConfigError::NoSecret`] if it is empty.
    pub fn new(secret: impl Into<String>) -> Result<Self, ConfigError> {
        Self::rotating(vec![secret.into()])
    }

    /// Finds the secret among environment variables, which the caller looks up.
    ///
    /// `AUTH_SECRET` counts, else `NEXTAUTH_SECRET`. Only if the one that is set first is empty, or neither is
    /// set, the rotating `AUTH_SECRET_3`, `_2`, `_1` come in; several hash as their texts joined by commas.
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

    /// Takes several secrets, the newest first.
    fn rotating(secrets: Vec<String>) -> Result<Self, ConfigError> {
        let joined = Secret(secrets.join(","));
        let each = secrets.into_iter().map(Secret).collect();
        if joined.0.is_empty() { Err(ConfigError::NoSecret) } else { Ok(Self { joined, each }) }
    }

    /// A key of 32 bytes for one purpose, which tells nothing of the secret or of the keys for other purposes.
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

    /// The secrets one by one, the newest first.
    #[cfg(feature = "oauth")]
    pub(crate) fn each(&self) -> impl Iterator<Item = &Secret> {
        self.each.iter()
    }

    /// The secret that seals what is sealed from now on.
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
