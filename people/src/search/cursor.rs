//! A place in the list, as addresses carry it.

use std::fmt::{self, Display};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nicol::types::DateTime;

use super::Sort;

/// More than a sort key of 200 characters, an id and what base64 adds can take.
const LENGTH_MAX: usize = 2000;

/// What stands between the key and the id: no text of PostgreSQL has it.
const SEPARATOR: char = '\0';

/// A place in the list: the sort key of a person and the id, which tells equal keys apart. The person need not be there
/// any more.
///
/// In an address it is text that nobody needs to read.
#[derive(Clone, PartialEq, Eq)]
pub struct Cursor {
    key: Key,
    id: String,
}

#[derive(Clone, PartialEq, Eq)]
enum Key {
    Name(String),
    Time(DateTime),
}

impl Cursor {
    pub(super) fn name(key: String, id: String) -> Self {
        Self { key: Key::Name(key), id }
    }

    pub(super) fn time(created_at: DateTime, id: String) -> Self {
        Self { key: Key::Time(created_at), id }
    }

    /// Reads what `Display` has written; `None` for everything else.
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > LENGTH_MAX {
            return None;
        }
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (key, id) = text.split_once(SEPARATOR)?;
        if id.is_empty() || id.contains(SEPARATOR) {
            return None;
        }
        let key = match key.split_at_checked(1)? {
            ("n", name) => Key::Name(name.to_owned()),
            ("t", milliseconds) => Key::Time(time(milliseconds.parse().ok()?)?),
            _ => return None,
        };
        Some(Self { key, id: id.to_owned() })
    }

    /// The order in which this is a place.
    pub(super) fn sort(&self) -> Sort {
        match self.key {
            Key::Name(_) => Sort::Name,
            Key::Time(_) => Sort::Newest,
        }
    }

    /// The sort key, by its kind, and the id.
    pub(super) fn parts(&self) -> (Option<String>, Option<DateTime>, Option<&str>) {
        match &self.key {
            Key::Name(name) => (Some(name.clone()), None, Some(&self.id)),
            Key::Time(time) => (None, Some(*time), Some(&self.id)),
        }
    }
}

/// A time that PostgreSQL can hold, whoever wrote it.
fn time(milliseconds: i64) -> Option<DateTime> {
    const YEAR_10000: u64 = 253_402_300_800_000;
    (milliseconds.unsigned_abs() < YEAR_10000)
        .then(|| DateTime::from_timestamp_millis(milliseconds))
        .flatten()
}

impl Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match &self.key {
            Key::Name(name) => format!("n{name}{SEPARATOR}{}", self.id),
            Key::Time(time) => format!("t{}{SEPARATOR}{}", time.timestamp_millis(), self.id),
        };
        f.write_str(&URL_SAFE_NO_PAD.encode(text))
    }
}

/// Says no more than what it is: a name is in it.
impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor").field("sort", &self.sort()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let time = DateTime::from_timestamp_millis(1_764_000_000_123).unwrap();
        for cursor in [
            Cursor::name("zo\u{65e5} o'brien".into(), "c1".into()),
            Cursor::name(String::new(), "x y".into()),
            Cursor::time(time, "c2".into()),
        ] {
            let text = cursor.to_string();
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
            assert!(Cursor::parse(&text) == Some(cursor));
        }
    }

    #[test]
    fn nothing_else_is_a_place() {
        let written = |text: &str| URL_SAFE_NO_PAD.encode(text);
        for text in [
            String::new(),
            "!".into(),
            "AAAA".into(),
            "A".repeat(LENGTH_MAX + 1),
            written("nann"),
            written("nann\0"),
            written("nann\0c1\0"),
            written("xann\0c1"),
            written("\0c1"),
            written("\u{e9}\0c1"),
            written("tann\0c1"),
            written("t9223372036854775807\0c1"),
            written("t-9223372036854775808\0c1"),
            written("t253402300800000\0c1"),
        ] {
            assert!(Cursor::parse(&text).is_none(), "{text}");
        }
    }
}
