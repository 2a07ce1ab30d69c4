//! A person as a card.

use std::fmt::Write as _;

use crate::db::Person;

/// The longest line, in bytes, without its end.
///
/// Source: RFC 6350, 3.2.
const LINE_MAX: usize = 75;

/// Adds a person as one card.
///
/// The phone number is written as text, which is what `TEL` holds unless it says otherwise (RFC 6350, 6.4.1): a `tel:`
/// address cannot say a national number, and would lose how the number was typed.
pub fn write(person: &Person, out: &mut String) {
    let Person { id, name, email, phone_number, updated_at, .. } = person;
    let changed = updated_at.format("%Y%m%dT%H%M%SZ").to_string();
    for (property, value) in [
        ("BEGIN", "VCARD"),
        ("VERSION", "4.0"),
        ("KIND", "individual"),
        ("UID;VALUE=text", id),
        ("FN", name),
        ("EMAIL", email),
        ("TEL;VALUE=text", phone_number),
        ("REV", &changed),
        ("END", "VCARD"),
    ] {
        fold(&format!("{property}:{}", escaped(value)), out);
    }
}

/// Source: RFC 6350, 3.4.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
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
    use crate::vcard::cards;
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
        write(&person("Lee, Ann; \"A\\B\""), &mut out);
        let expected = "BEGIN:VCARD\r\nVERSION:4.0\r\nKIND:individual\r\nUID;VALUE=text:c1\r\n\
            FN:Lee\\, Ann\\; \"A\\\\B\"\r\nEMAIL:ann@example.com\r\nTEL;VALUE=text:(02) 5550 1234\r\n\
            REV:20260921T141320Z\r\nEND:VCARD\r\n";
        assert_eq!(out, expected);
    }

    #[test]
    fn long_lines_are_folded_between_characters_and_read_back() {
        for name in
            ["\u{674e}".repeat(200), "x".repeat(72), "x".repeat(73), "\u{1f469}\u{200d}\u{1f680} ".repeat(20)]
        {
            let mut out = String::new();
            write(&person(name.trim()), &mut out);
            assert!(out.split("\r\n").all(|line| line.len() <= LINE_MAX), "{out}");
            let read = cards(&out);
            assert_eq!(read.cards[0].name, name.trim());
        }
    }
}
