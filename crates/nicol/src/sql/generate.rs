//! Generates the values of `now()`, `@updatedAt`, `cuid()` and other identifiers.

use chrono::{DateTime, SubsecRound, Utc};
use rand::RngExt as _;
use uuid::Uuid;

use crate::meta::{ColumnMeta, ColumnType, Default};
use crate::value::Value;

/// The time of a query: the same for everything that it writes, in milliseconds as in Prisma.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Instant(DateTime<Utc>);

impl Instant {
    pub(crate) fn now() -> Self {
        // Truncated, not rounded, so that no value is in the future.
        Self(Utc::now().trunc_subsecs(3))
    }

    /// Returns the time in the type of the column.
    pub(super) fn value(self, column: &ColumnMeta) -> Value {
        match column.ty {
            ColumnType::Date => Value::Date(self.0.date_naive()),
            ColumnType::Time(_) | ColumnType::Timetz(_) => Value::Time(self.0.time()),
            _ => Value::DateTime(self.0),
        }
    }

    /// Returns the default of a column for a new row, if the client generates it.
    pub(super) fn default_for(self, column: &ColumnMeta) -> Option<Value> {
        let identifier = match column.default {
            Default::Now => return Some(self.value(column)),
            Default::None if column.updated_at => return Some(self.value(column)),
            Default::None | Default::Database => return None,
            Default::Cuid => cuid::cuid1(),
            Default::Cuid2 => cuid::cuid2(),
            Default::UuidV4 => return Some(uuid(column, Uuid::new_v4())),
            Default::UuidV7 => return Some(uuid(column, Uuid::now_v7())),
            Default::Ulid => ulid(self.0),
            Default::Nanoid(length) => nanoid(length),
        };
        Some(Value::Text(identifier))
    }
}

fn uuid(column: &ColumnMeta, uuid: Uuid) -> Value {
    if column.ty == ColumnType::Uuid { Value::Uuid(uuid) } else { Value::Text(uuid.to_string()) }
}

/// Returns 48 bits of milliseconds and 80 random bits in Crockford's base 32.
///
/// Source: the ULID specification (ulid/spec).
fn ulid(now: DateTime<Utc>) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let milliseconds = u128::from(now.timestamp_millis().unsigned_abs() & 0xFFFF_FFFF_FFFF);
    let number = milliseconds << 80 | (rand::rng().random::<u128>() >> 48);
    (0..26).rev().map(|digit| char::from(ALPHABET[(number >> (digit * 5) & 31) as usize])).collect()
}

/// Returns random characters from an alphabet of 64 that is safe in URLs.
///
/// Source: nanoid 5 (`url-alphabet/index.js`): the same characters; their order has no meaning.
fn nanoid(length: u8) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    let mut random = rand::rng();
    (0..length).map(|_| char::from(ALPHABET[usize::from(random.random::<u8>() & 63)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_their_forms() {
        let cuid = cuid::cuid1();
        assert!(cuid.len() == 25 && cuid.starts_with('c'), "{cuid}");
        assert_eq!(ulid(DateTime::UNIX_EPOCH).len(), 26);
        assert!(ulid(DateTime::UNIX_EPOCH).starts_with("0000000000"));
        assert_eq!(nanoid(21).len(), 21);
        assert_ne!(nanoid(21), nanoid(21));
    }
}
