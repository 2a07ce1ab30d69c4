//! The version of a person, which prevents overwriting unseen changes.
//!
//! It is a hash of the details, so that changes by any program count, even if they leave `updated_at` alone.
//! [`sql::VERSION`](crate::sql::VERSION) computes the same in SQL, so that comparing and changing is one statement.

use std::fmt::{self, Display};
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use crate::db::Person;

/// The first half of a SHA-256 over the details, in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(String);

/// The text is not a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a version")]
pub struct NotAVersion;

impl Version {
    /// Computes the version of a person.
    pub fn of(person: &Person) -> Self {
        let Person { name, email, phone_number, updated_at, .. } = person;
        let details =
            format!("{name}\u{1f}{email}\u{1f}{phone_number}\u{1f}{}", updated_at.timestamp_millis());
        Self(hex::encode(&Sha256::digest(details)[..16]))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Version {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let is_version = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        is_version.then(|| Self(text.to_owned())).ok_or(NotAVersion)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hexadecimal_digits_are_a_version() {
        assert!("0123456789abcdef0123456789abcdef".parse::<Version>().is_ok());
        for text in ["", "0123456789ABCDEF0123456789ABCDEF", "0123456789abcdef", "\u{0}'; drop table people"]
        {
            assert_eq!(text.parse::<Version>(), Err(NotAVersion), "{text:?}");
        }
    }
}
