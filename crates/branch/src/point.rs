//! Points in the history of a branch, and how they are written: `^self`, `^parent` or a branch, with `@TIME` or `@LSN`.

use jiff::Timestamp;

use crate::error::Error;

/// A point in the history of a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Point {
    /// The current state.
    Head,
    /// A time.
    Time(Timestamp),
    /// A position in the write-ahead log, such as `0/16B3748`.
    Lsn(String),
}

/// The branch that a [`Reference`] names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// `^self`: the branch that the command works on.
    Itself,
    /// `^parent`: its parent.
    Parent,
    /// A branch, by name or id.
    Branch(String),
}

/// A branch and a point in its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The branch.
    pub branch: Named,
    /// The point.
    pub point: Point,
}

impl Point {
    /// Parses a time (RFC 3339, in the past) or an LSN; `None` if the text is neither.
    ///
    /// # Errors
    ///
    /// [`Error::Future`].
    pub fn parse(text: &str, now: Timestamp) -> Result<Option<Self>, Error> {
        if looks_like_lsn(text) {
            return Ok(Some(Self::Lsn(text.to_owned())));
        }
        match timestamp(text) {
            Some(time) if time > now => Err(Error::Future { text: text.to_owned() }),
            Some(time) => Ok(Some(Self::Time(time))),
            None => Ok(None),
        }
    }
}

impl Reference {
    /// Parses `^self`, `^parent` or the name or id of a branch, followed by `@` and a time or an LSN or nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Reference`] or [`Error::Future`].
    pub fn parse(text: &str, now: Timestamp) -> Result<Self, Error> {
        let invalid = || Error::Reference { text: text.to_owned() };
        let (branch, point) = match text.rsplit_once('@') {
            Some((branch, point)) => (branch, Point::parse(point, now)?.ok_or_else(invalid)?),
            None => (text, Point::Head),
        };
        let branch = match branch {
            "^self" => Named::Itself,
            "^parent" => Named::Parent,
            "" => return Err(invalid()),
            _ if branch.starts_with('^') => return Err(invalid()),
            _ => Named::Branch(branch.to_owned()),
        };
        Ok(Self { branch, point })
    }
}

/// Whether a text is an LSN: two hexadecimal numbers of up to 8 digits, at least one of them decimal. `a/b` is more likely a
/// branch; as an LSN it can be written `0A/B`.
pub(crate) fn looks_like_lsn(text: &str) -> bool {
    let is_number =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|it| it.is_ascii_hexdigit());
    text.split_once('/').is_some_and(|(high, low)| {
        is_number(high) && is_number(low) && text.bytes().any(|it| it.is_ascii_digit())
    })
}

/// Parses a time with a zone, as in RFC 3339.
pub(crate) fn timestamp(text: &str) -> Option<Timestamp> {
    let is_complete =
        text.len() >= "2024-01-01T00:00:00Z".len() && text.as_bytes()[10].eq_ignore_ascii_case(&b'T');
    if is_complete { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_like_neons() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let parse = |text: &str| Reference::parse(text, now);
        let time = Point::Time("2024-02-26T11:00:00Z".parse().unwrap());
        let named = |name: &str| Named::Branch(name.to_owned());
        for (text, branch, point) in [
            ("main", named("main"), Point::Head),
            ("^self", Named::Itself, Point::Head),
            ("^parent@2024-02-26T11:00:00Z", Named::Parent, time.clone()),
            ("feature/a@2024-02-26T12:00:00+01:00", named("feature/a"), time),
            ("^self@0/16B3748", Named::Itself, Point::Lsn("0/16B3748".to_owned())),
        ] {
            assert_eq!(parse(text).unwrap(), Reference { branch, point }, "{text}");
        }
        for text in ["", "@0/1", "main@", "main@yesterday", "main@2024-02-26", "main@0/123456789", "^other"] {
            assert!(matches!(parse(text), Err(Error::Reference { .. })), "{text}");
        }
        assert!(matches!(parse("main@2026-01-01T00:00:01Z"), Err(Error::Future { .. })));
    }
}
