//! The cards of a file.
//!
//! Address books write what they like: the reader takes every line that has a colon, and knows of each version only
//! what differs in the three properties that People keeps.

use std::borrow::Cow;
use std::collections::BTreeSet;

use encoding_rs::Encoding;

/// What is said of the properties of a card itself; People loses nothing by leaving them out.
const ENVELOPE: [&str; 7] = ["VERSION", "PRODID", "REV", "UID", "KIND", "SOURCE", "CLIENTPIDMAP"];

/// One card.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// `FN`, or else what `N` says.
    pub name: String,
    /// The preferred e-mail address, or else the first.
    pub email: String,
    /// The preferred phone number, or else the first.
    pub phone_number: String,
    /// Whether its end is missing.
    pub is_cut: bool,
}

/// What a file holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Cards {
    /// The people.
    pub cards: Vec<Card>,
    /// Properties that People cannot keep, by name.
    pub not_kept: BTreeSet<String>,
    /// How many cards are of groups or companies instead of people.
    pub not_people: u64,
}

/// Reads all cards. Lines between them are left out.
pub fn cards(text: &str) -> Cards {
    let mut found = Cards::default();
    let mut open: Option<Open> = None;
    for line in Lines::of(text) {
        let Some(property) = Property::parse(&line.text) else { continue };
        let is_card = property.value.trim().eq_ignore_ascii_case("VCARD");
        match (&*property.name, &mut open) {
            ("BEGIN", None) if is_card => open = Some(Open::at(line.number)),
            // A card within a card: the secretary of an older version's AGENT.
            ("BEGIN", Some(card)) => card.depth += 1,
            ("END", Some(card)) if card.depth > 0 => card.depth -= 1,
            ("END", Some(_)) if is_card => {
                if let Some(card) = open.take() {
                    card.close(&mut found);
                }
            }
            (_, Some(card)) if card.depth == 0 => card.take(&property, &mut found.not_kept),
            _ => {}
        }
    }
    if let Some(mut card) = open {
        card.card.is_cut = true;
        card.close(&mut found);
    }
    found
}

/// A card that is being read.
#[derive(Default)]
struct Open {
    card: Card,
    depth: usize,
    structured_name: String,
    email: Preferred,
    phone: Preferred,
    is_no_person: bool,
}

impl Open {
    fn at(line: u64) -> Self {
        Self { card: Card { line, ..Card::default() }, ..Self::default() }
    }

    fn take(&mut self, property: &Property<'_>, not_kept: &mut BTreeSet<String>) {
        let is_more = match &*property.name {
            "FN" if self.card.name.is_empty() => {
                self.card.name = unescaped(&property.text());
                false
            }
            "FN" => false,
            "N" => {
                self.structured_name = joined_name(&property.text());
                false
            }
            "EMAIL" => self.email.offer(property, unescaped(&property.text())),
            "TEL" => self.phone.offer(property, phone_number(&property.text())),
            "KIND" | "X-ADDRESSBOOKSERVER-KIND" => {
                // Source: RFC 6350, 6.1.4. A group has members, not a phone number.
                self.is_no_person = !property.value.trim().eq_ignore_ascii_case("individual");
                false
            }
            name if ENVELOPE.contains(&name) || property.value.is_empty() => false,
            name => {
                if not_kept.len() < 50 {
                    not_kept.insert(name.chars().take(40).collect());
                }
                false
            }
        };
        if is_more {
            not_kept.insert(format!("a second {}", property.name));
        }
    }

    fn close(self, found: &mut Cards) {
        if self.is_no_person {
            found.not_people += 1;
            return;
        }
        let mut card = self.card;
        if card.name.trim().is_empty() {
            card.name = self.structured_name;
        }
        (card.email, card.phone_number) = (self.email.value, self.phone.value);
        found.cards.push(card);
    }
}

/// The value with the highest preference so far; among equals the first.
#[derive(Default)]
struct Preferred {
    value: String,
    rank: u32,
}

impl Preferred {
    /// Says whether there was one already, so that one of the two is left out.
    fn offer(&mut self, property: &Property<'_>, value: String) -> bool {
        if value.trim().is_empty() {
            return false;
        }
        let is_second = !self.value.is_empty();
        if !is_second || property.rank() < self.rank {
            (self.value, self.rank) = (value, property.rank());
        }
        is_second
    }
}

/// A line that may have been folded into several.
struct Line<'a> {
    number: u64,
    text: Cow<'a, str>,
}

/// The lines of a text, unfolded.
struct Lines<'a> {
    rest: std::iter::Peekable<std::iter::Enumerate<std::str::Lines<'a>>>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        Self { rest: text.lines().enumerate().peekable() }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        let (index, first) = self.rest.next()?;
        let mut text = Cow::Borrowed(first);
        // Source: vCard 2.1, 2.1.3: within quoted-printable a line goes on after a `=` at its end.
        let head = first.split(':').next().unwrap_or_default().as_bytes();
        let is_quoted = head.windows(16).any(|part| part.eq_ignore_ascii_case(b"QUOTED-PRINTABLE"));
        while let Some((_, next)) = self.rest.peek() {
            if let Some(rest) = next.strip_prefix([' ', '\t']) {
                text.to_mut().push_str(rest);
            } else if is_quoted && text.ends_with('=') {
                text.to_mut().pop();
                text.to_mut().push_str(next);
            } else {
                break;
            }
            self.rest.next();
        }
        Some(Line { number: index as u64 + 1, text })
    }
}

/// `item1.EMAIL;TYPE=work;PREF=1:ann@example.com`
struct Property<'a> {
    name: String,
    params: &'a str,
    value: &'a str,
}

impl<'a> Property<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let colon = outside_quotes(line, ':')?;
        let (head, value) = (&line[..colon], &line[colon + 1..]);
        let (name, params) = head.split_once(';').unwrap_or((head, ""));
        // The group before a dot ties properties together, as Apple's labels are.
        let name = name.rsplit('.').next()?.trim();
        (!name.is_empty()).then(|| Self { name: name.to_ascii_uppercase(), params, value })
    }

    /// Names and values of the parameters; version 2.1 leaves out the names.
    fn params(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let mut rest = self.params;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let end = outside_quotes(rest, ';').unwrap_or(rest.len());
            let param = &rest[..end];
            rest = rest.get(end + 1..).unwrap_or_default();
            let (name, value) = param.split_once('=').unwrap_or(("", param));
            Some((name.trim(), value.trim().trim_matches('"')))
        })
    }

    fn param(&self, wanted: &str) -> Option<&'a str> {
        self.params().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    }

    /// The value as text: what quoted-printable hides is decoded.
    fn text(&self) -> Cow<'a, str> {
        let is_quoted = self.params().any(|(name, value)| {
            (name.is_empty() || name.eq_ignore_ascii_case("ENCODING"))
                && (value.eq_ignore_ascii_case("QUOTED-PRINTABLE") || value.eq_ignore_ascii_case("Q"))
        });
        if !is_quoted {
            return Cow::Borrowed(self.value);
        }
        let bytes = quoted_printable(self.value);
        let charset = self.param("CHARSET").and_then(|label| Encoding::for_label(label.as_bytes()));
        let text = match (charset, std::str::from_utf8(&bytes)) {
            (None, Ok(text)) => text.to_owned(),
            (charset, _) => charset.unwrap_or(encoding_rs::WINDOWS_1252).decode(&bytes).0.into_owned(),
        };
        Cow::Owned(text)
    }

    /// The lower, the more preferred: `PREF=1` of version 4.0, `TYPE=pref` of 3.0, `PREF` of 2.1.
    fn rank(&self) -> u32 {
        self.params()
            .filter_map(|(name, value)| match name.to_ascii_uppercase().as_str() {
                "PREF" => value.parse().ok(),
                "" | "TYPE" => value.split(',').any(|kind| kind.eq_ignore_ascii_case("pref")).then_some(1),
                _ => None,
            })
            .min()
            .unwrap_or(101)
    }
}

fn outside_quotes(text: &str, wanted: char) -> Option<usize> {
    let mut quoted = false;
    for (index, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            c if c == wanted && !quoted => return Some(index),
            _ => {}
        }
    }
    // A quote that is never closed is a quote and no more.
    if quoted { text.find(wanted) } else { None }
}

/// Source: RFC 2045, 6.7.
fn quoted_printable(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| first == b'=').and_then(|digits| hex::decode(digits).ok());
        match digits {
            Some(decoded) => {
                bytes.extend(decoded);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    bytes
}

/// Source: RFC 6350, 3.4.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                // A name is one line here.
                Some('n' | 'N') => plain.push(' '),
                Some(other) => plain.push(other),
                None => {}
            },
            _ => plain.push(c),
        }
    }
    plain
}

/// `family;given;additional;prefixes;suffixes` in the order in which a name is said.
fn joined_name(value: &str) -> String {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in value.chars() {
        match c {
            ';' if !escaped => parts.push(String::new()),
            // Several given names are a list.
            ',' if !escaped => parts.last_mut().expect("there is one from the start").push(' '),
            _ => parts.last_mut().expect("there is one from the start").push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    let words = [3, 1, 2, 0, 4].into_iter().filter_map(|index| parts.get(index)).map(|part| unescaped(part));
    words.filter(|part| !part.trim().is_empty()).collect::<Vec<_>>().join(" ")
}

/// The number out of a `tel:` address, or the text as it is.
///
/// Source: RFC 3966, 3: parameters follow a semicolon.
fn phone_number(value: &str) -> String {
    let is_address = value.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("tel:"));
    if !is_address {
        return unescaped(value);
    }
    let number = value[4..].split(';').next().unwrap_or_default().trim_end_matches('\\');
    let bytes = quoted_printable(&number.replace('%', "="));
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn one(text: &str) -> (String, String, String) {
        let mut read = cards(text);
        assert_eq!(read.cards.len(), 1, "{read:?}");
        let card = read.cards.remove(0);
        (card.name, card.email, card.phone_number)
    }

    fn details(name: &str, email: &str, phone_number: &str) -> (String, String, String) {
        (name.into(), email.into(), phone_number.into())
    }

    #[test]
    fn version_4_is_read() {
        let text = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ann \r\n Lee\\, Jr.\r\nEMAIL;PREF=2:b@example.com\r\n\
            EMAIL;TYPE=\"work,x;y:z\";PREF=1:a@example.com\r\n\
            TEL;VALUE=uri;TYPE=\"voice,home\":tel:+61-2-5550-1234;ext=5\r\nPHOTO:data:x\r\nADR:;;1 Rd;;;;\r\nEND:VCARD\r\n";
        assert_eq!(one(text), details("Ann Lee, Jr.", "a@example.com", "+61-2-5550-1234"));
        let not_kept: Vec<_> = cards(text).not_kept.into_iter().collect();
        assert_eq!(not_kept, ["ADR", "PHOTO", "a second EMAIL"]);
    }

    #[test]
    fn version_3_as_apple_writes_it_is_read() {
        let text = "BEGIN:VCARD\nVERSION:3.0\nPRODID:-//Apple Inc.//iOS 17//EN\nN:van der Berg;Ann,Marie;;Dr.;\nFN:\n\
            item1.EMAIL;type=INTERNET:b@example.com\nitem2.EMAIL;type=INTERNET;type=pref:a@example.com\n\
            item1.X-ABLabel:_$!<Other>!$_\nTEL;type=CELL;type=VOICE:0412 555 012\nEND:VCARD\n";
        assert_eq!(one(text), details("Dr. Ann Marie van der Berg", "a@example.com", "0412 555 012"));
    }

    #[test]
    fn version_2_with_quoted_printable_is_read() {
        let text = "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=\r\n=C3=B6rg\r\n\
            TEL;CELL:0151 2345\r\nTEL;PREF;WORK:030 1234\r\nEMAIL;INTERNET:j@example.com\r\n\
            AGENT:\r\nBEGIN:VCARD\r\nFN:Somebody else\r\nEND:VCARD\r\nEND:VCARD\r\n";
        assert_eq!(one(text), details("J\u{f6}rg M\u{fc}ller", "j@example.com", "030 1234"));
        let text = "BEGIN:VCARD\nFN;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:J=F6rg\nEND:VCARD";
        assert_eq!(one(text).0, "J\u{f6}rg");
    }

    #[test]
    fn groups_are_no_people_and_a_card_without_an_end_is_noticed() {
        let read = cards(
            "junk\nBEGIN:VCARD\nKIND:group\nFN:All\nEND:VCARD\nBEGIN:VCARD\nFN:Ann\nEND:VCARD\n\nBEGIN:VCARD\nFN:Bo",
        );
        assert_eq!((read.cards.len(), read.not_people), (2, 1));
        assert_eq!((read.cards[0].line, read.cards[0].is_cut), (6, false));
        assert_eq!((read.cards[1].line, read.cards[1].is_cut), (10, true));
    }

    #[test]
    fn whatever_is_read_nothing_breaks() {
        for text in [
            "",
            ":",
            ";:",
            "BEGIN",
            "BEGIN:VCARD",
            "END:VCARD",
            "BEGIN:VCARD\nFN;=\":x\nTEL:tel:%\nN:\\\nEND:VCARD",
            "BEGIN:VCARD\nFN;QUOTED-PRINTABLE:=\n=",
            "BEGIN:VCARD\nTEL:tel\u{e9}\nEMAIL;PREF=99999999999:\nEND:VCARD",
        ] {
            cards(text);
        }
        let nested = "BEGIN:VCARD\n".repeat(100_000);
        assert_eq!(cards(&nested).cards.len(), 1);
    }
}
