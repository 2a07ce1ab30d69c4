//! A person as a card.

use std::fmt::Write as _;

use crate::db::Person;

/// The longest line, in bytes, without its end.
///
/// Source: RFC 6350, 3.2.
const LINE_MAX: usize = 75;

/// Which version of the format is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// For old phones and programs. Source: RFC 2426.
    V3,
    /// Source: RFC 6350.
    #[default]
    V4,
}

impl Version {
    /// Reads `3` or `4`; nothing is 4.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "3" | "3.0" => Some(Self::V3),
            "" | "4" | "4.0" => Some(Self::V4),
            _ => None,
        }
    }

    /// The content type.
    ///
    /// Source: RFC 6350, 10.1.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::V3 => "text/vcard; charset=utf-8; version=3.0",
            Self::V4 => "text/vcard; charset=utf-8; version=4.0",
        }
    }
}

/// Adds a person as one card.
///
/// The phone number is written as text, which is what `TEL` holds unless it says otherwise (RFC 6350, 6.4.1): a `tel:`
/// address cannot say a national number, and would lose how the number was typed.
///
/// Version 3.0 wants a structured name as well (RFC 2426, 3.1.2). Which word is the family's is not known here, so the
/// whole name is the given one, and is shown as it is.
pub fn write(person: &Person, version: Version, out: &mut String) {
    let Person { id, name, email, phone_number, updated_at, .. } = person;
    let changed = updated_at.format("%Y%m%dT%H%M%SZ").to_string();
    let component = escaped(name, true);
    let text = |text: &str| escaped(text, version == Version::V3);
    let mut line = |property: &str, value: &str| fold(&format!("{property}:{value}"), out);
    line("BEGIN", "VCARD");
    match version {
        Version::V3 => {
            line("VERSION", "3.0");
            line("UID", &text(id));
            line("N", &format!(";{component};;;"));
            line("FN", &text(name));
            line("EMAIL;TYPE=INTERNET", &text(email));
            line("TEL", &text(phone_number));
        }
        Version::V4 => {
            line("VERSION", "4.0");
            line("KIND", "individual");
            line("UID;VALUE=text", &text(id));
            line("FN", &text(name));
            line("EMAIL", &text(email));
            line("TEL;VALUE=text", &text(phone_number));
        }
    }
    line("REV", &changed);
    line("END", "VCARD");
}

/// A text with what has to be escaped: in version 4.0 a semicolon only where it would begin the next part of a value.
///
/// Source: RFC 6350, 3.4 and 4 (`TEXT-CHAR`); RFC 2426, 4 (`ESCAPED-CHAR`).
fn escaped(text: &str, with_semicolons: bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ';' if !with_semicolons => escaped.push(c),
            '\\' | ',' | ';' => write!(escaped, "\\{c}").expect("a String takes everything"),
            '\n' => escaped.push_str("\\n"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// Breaks a line where it grows too long, but never within a character.
fn fold(line: &str, out: &mut String) {
    let mut length = 0;
    for c in line.chars() {
        if length + c.len_utf8() > LINE_MAX {
            out.push_str("\r\n ");
            length = 1;
        }
        out.push(c);
        length += c.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vcard::{Card, cards};
    use nicol::types::DateTime;

    fn person(name: &str) -> Person {
        let at = DateTime::from_timestamp_millis(1_790_000_000_000).unwrap();
        Person {
            id: "c1".into(),
            name: name.into(),
            email: "ann@example.com".into(),
            phone_number: "(02) 5550 1234".into(),
            created_at: at,
            updated_at: at,
        }
    }

    #[test]
    fn a_card_is_what_the_rfc_asks_for() {
        let mut out = String::new();
        write(&person("Lee, Ann; \"A\\B\""), Version::V4, &mut out);
        let expected = "BEGIN:VCARD\r\nVERSION:4.0\r\nKIND:individual\r\nUID;VALUE=text:c1\r\n\
            FN:Lee\\, Ann; \"A\\\\B\"\r\nEMAIL:ann@example.com\r\nTEL;VALUE=text:(02) 5550 1234\r\n\
            REV:20260921T141320Z\r\nEND:VCARD\r\n";
        assert_eq!(out, expected);
        let mut out = String::new();
        write(&person("Lee, Ann; \"A\\B\""), Version::V3, &mut out);
        let expected = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c1\r\nN:;Lee\\, Ann\\; \"A\\\\B\";;;\r\n\
            FN:Lee\\, Ann\\; \"A\\\\B\"\r\nEMAIL;TYPE=INTERNET:ann@example.com\r\nTEL:(02) 5550 1234\r\n\
            REV:20260921T141320Z\r\nEND:VCARD\r\n";
        assert_eq!(out, expected);
        assert_eq!(
            ["", "4", "3.0", "2.1"].map(Version::parse),
            [Some(Version::V4), Some(Version::V4), Some(Version::V3), None]
        );
    }

    #[test]
    fn long_lines_are_folded_between_characters_and_read_back() {
        for name in [
            "\u{674e}".repeat(200),
            "x".repeat(72),
            "x".repeat(73),
            "\u{1f469}\u{200d}\u{1f680} ".repeat(20),
            "a;b\\;c\\n,\\\\".to_owned(),
        ] {
            for version in [Version::V3, Version::V4] {
                let mut out = String::new();
                write(&person(name.trim()), version, &mut out);
                assert!(out.split("\r\n").all(|line| line.len() <= LINE_MAX), "{out}");
                let mut names = Vec::new();
                let each = |card: Card| {
                    names.push(card.name);
                    Ok::<_, ()>(())
                };
                cards(out.as_bytes(), encoding_rs::UTF_8, each).unwrap();
                assert_eq!(names, [name.trim()]);
            }
        }
    }
}
