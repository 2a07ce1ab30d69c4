//! The version of a person, so that nobody overwrites what they have not seen.
//!
//! It is made of the details themselves: a change by any program counts, also by one that leaves `updated_at` alone.
//! [`sql::VERSION`](crate::sql::VERSION) makes the same of a row, so that to compare and to change is one statement.

use std::fmt::{self, Display};
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use crate::db::Person;

/// The first half of a SHA-256 over the details, in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(String);

/// A text that no version looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a version")]
pub struct NotAVersion;

impl Version {
    /// The version of a person as it was read.
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
