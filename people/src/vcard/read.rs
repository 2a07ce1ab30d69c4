//! Reads the cards of a file.
//!
//! Address books deviate from the standard, so the reader accepts every line with a colon and distinguishes versions only
//! where the properties it needs differ. It reads bytes, because each property can have its own encoding and a line can
//! be folded within a character.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use encoding_rs::Encoding;

use crate::contact::{Kind, NotKept, WAYS_MAX, Way, full_name};
use crate::decode::decode_part;

/// Properties of the card itself, which are not reported as ignored.
const ENVELOPE: [&str; 8] =
    ["VERSION", "PRODID", "REV", "UID", "KIND", "SOURCE", "CLIENTPIDMAP", "X-ABLABEL"];

/// The maximum length of an unfolded line, in bytes. The rest of a longer line, such as a picture, is cut off.
const LINE_MAX: usize = 100_000;

/// One card.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// `FN`, or else what `N` says.
    pub name: String,
    /// The e-mail addresses.
    pub emails: Vec<Way>,
    /// The phone numbers.
    pub phones: Vec<Way>,
    /// Whether its end is missing.
    pub is_cut: bool,
}

/// What was ignored in a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Rest {
    /// The names of ignored properties.
    pub not_kept: NotKept,
    /// The number of cards of groups or companies.
    pub not_people: u64,
}

/// Whether a file has cards. Comments can precede the first one.
pub fn is_vcard(data: &[u8]) -> bool {
    let mut lines = data.split(|byte| matches!(byte, b'\r' | b'\n')).map(<[u8]>::trim_ascii);
    lines.any(|line| Head::of(line).is_some_and(|(head, value)| head.name == "BEGIN" && is_card(value)))
}

fn is_card(value: &[u8]) -> bool {
    value.trim_ascii().eq_ignore_ascii_case(b"VCARD")
}

/// Passes each card to `each`; lines between cards are ignored. `encoding` is the encoding of properties without a
/// `CHARSET`.
///
/// # Errors
/// Returns the first error of `each`.
pub fn cards<E>(
    data: &[u8],
    encoding: &'static Encoding,
    mut each: impl FnMut(Card) -> Result<(), E>,
) -> Result<Rest, E> {
    let mut rest = Rest::default();
    let mut open: Option<Open> = None;
    for line in Lines::of(data) {
        let Some((head, value)) = Head::of(&line.bytes) else { continue };
        match (&*head.name, &mut open) {
            ("BEGIN", None) if is_card(value) => open = Some(Open::at(line.number)),
            // A card within a card: the secretary of an older version's AGENT.
            ("BEGIN", Some(card)) if card.depth > 0 || card.has_agent || !is_card(value) => card.depth += 1,
            // The one before has lost its end; it does not take the others with it.
            ("BEGIN", Some(card)) => {
                if let Some(card) = std::mem::replace(card, Open::at(line.number)).close(&mut rest) {
                    each(Card { is_cut: true, ..card })?;
                }
            }
            ("END", Some(card)) if card.depth > 0 => card.depth -= 1,
            ("END", Some(_)) if is_card(value) => {
                if let Some(card) = open.take().and_then(|card| card.close(&mut rest)) {
                    each(card)?;
                }
            }
            (_, Some(card)) if card.depth == 0 => {
                card.has_agent = head.name == "AGENT";
                card.take(&Property { head, value, encoding }, &mut rest.not_kept);
            }
            _ => {}
        }
    }
    if let Some(card) = open.and_then(|card| card.close(&mut rest)) {
        each(Card { is_cut: true, ..card })?;
    }
    Ok(rest)
}

/// A card that is being read.
#[derive(Default)]
struct Open {
    card: Card,
    depth: usize,
    /// Whether the line before was AGENT.
    has_agent: bool,
    is_old: bool,
    structured_name: String,
    /// The groups of the phone numbers, which tie them to their labels.
    groups: Vec<String>,
    labels: Vec<(String, Kind)>,
    is_no_person: bool,
}

impl Open {
    fn at(line: u64) -> Self {
        Self { card: Card { line, ..Card::default() }, ..Self::default() }
    }

    fn take(&mut self, property: &Property<'_>, not_kept: &mut NotKept) {
        let text = || unescaped(&property.text(), self.is_old);
        match &*property.head.name {
            "VERSION" => self.is_old = property.value.trim_ascii().starts_with(b"2"),
            "FN" if self.card.name.is_empty() => self.card.name = text(),
            "FN" => not_kept.add("a second FN"),
            "N" => self.structured_name = joined_name(&property.text(), self.is_old),
            "EMAIL" if self.card.emails.len() < WAYS_MAX => {
                self.card.emails.push(Way { value: text(), kind: Kind::Voice, rank: property.head.rank() });
            }
            "TEL" if self.card.phones.len() < WAYS_MAX => {
                let (kind, rank) = (property.head.kind(), property.head.rank());
                self.card.phones.push(Way { value: text(), kind, rank });
                self.groups.push(property.head.group.clone());
            }
            // Apple puts the label of a number into a separate property of the same group.
            "X-ABLABEL" if self.labels.len() < WAYS_MAX && !property.head.group.is_empty() => {
                self.labels.push((property.head.group.clone(), Kind::of(&property.text())));
            }
            "KIND" | "X-ADDRESSBOOKSERVER-KIND" => {
                // Source: RFC 6350, 6.1.4. A group has members, not a phone number.
                self.is_no_person = !property.value.trim_ascii().eq_ignore_ascii_case(b"individual");
            }
            "AGENT" => not_kept.add("AGENT"),
            name if ENVELOPE.contains(&name) || property.value.is_empty() => {}
            name => not_kept.add(name),
        }
    }

    fn close(self, rest: &mut Rest) -> Option<Card> {
        if self.is_no_person {
            rest.not_people += 1;
            return None;
        }
        let mut card = self.card;
        if card.name.trim().is_empty() {
            card.name = self.structured_name;
        }
        for (phone, group) in card.phones.iter_mut().zip(&self.groups) {
            if let Some((_, kind)) = self.labels.iter().find(|(labelled, _)| labelled == group) {
                phone.kind = if phone.kind == Kind::Voice { *kind } else { phone.kind };
            }
        }
        Some(card)
    }
}

/// A line that may have been folded into several.
struct Line<'a> {
    number: u64,
    bytes: Cow<'a, [u8]>,
}

/// The lines of a file, unfolded.
struct Lines<'a> {
    rest: &'a [u8],
    number: u64,
}

impl<'a> Lines<'a> {
    fn of(data: &'a [u8]) -> Self {
        Self { rest: data, number: 0 }
    }

    /// The next line as it stands, ended by CR, LF, both, or, as Outlook writes now and then, by CR CR LF.
    fn physical(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let is_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let end = self.rest.iter().position(is_break).unwrap_or(self.rest.len());
        let (line, after) = self.rest.split_at(end);
        let length = [&b"\r\r\n"[..], b"\r\n", b"\r", b"\n"]
            .iter()
            .find(|end| after.starts_with(end))
            .map_or(0, |end| end.len());
        self.rest = &after[length..];
        self.number += 1;
        Some(line)
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        let first = self.physical()?;
        let (number, mut bytes) = (self.number, Cow::Borrowed(first));
        // Source: vCard 2.1, 2.1.3: within quoted-printable a line goes on after a `=` at its end.
        let head = first.split(|byte| *byte == b':').next().unwrap_or_default();
        let is_quoted = head.windows(16).any(|part| part.eq_ignore_ascii_case(b"QUOTED-PRINTABLE"));
        let mut is_soft = is_quoted && first.ends_with(b"=");
        loop {
            let folded = matches!(self.rest.first(), Some(b' ' | b'\t'));
            if !(folded || (is_soft && !self.rest.is_empty())) {
                return Some(Line { number, bytes });
            }
            if is_soft {
                let length = bytes.len() - 1;
                bytes.to_mut().truncate(length);
            }
            // Some programs fold what quoted-printable has broken already: the blank belongs to the fold.
            let next = self.physical()?;
            let next = if folded { &next[1..] } else { next };
            is_soft = is_quoted && next.ends_with(b"=");
            let room = LINE_MAX.saturating_sub(bytes.len()).min(next.len());
            if room > 0 {
                bytes.to_mut().extend_from_slice(&next[..room]);
            }
            is_soft &= room == next.len();
        }
    }
}

/// `item1.EMAIL;TYPE=work;PREF=1`
struct Head<'a> {
    group: String,
    name: String,
    params: Cow<'a, str>,
}

impl<'a> Head<'a> {
    /// The head of a line, and its value.
    fn of(line: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let colon = outside_quotes(line, b':')?;
        let (head, value) = (&line[..colon], &line[colon + 1..]);
        let end = head.iter().position(|byte| *byte == b';').unwrap_or(head.len());
        let params = String::from_utf8_lossy(head.get(end + 1..).unwrap_or_default());
        // The group before a dot ties properties together.
        let name = String::from_utf8_lossy(&head[..end]);
        let (group, name) = name.rsplit_once('.').unwrap_or(("", &name));
        let (group, name) = (group.trim().to_ascii_uppercase(), name.trim().to_ascii_uppercase());
        (!name.is_empty() && name.len() <= 100).then_some((Self { group, name, params }, value))
    }

    /// Names and values of the parameters; version 2.1 leaves out the names.
    fn params(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut rest = &*self.params;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let end = outside_quotes(rest.as_bytes(), b';').unwrap_or(rest.len());
            let param = &rest[..end];
            rest = rest.get(end + 1..).unwrap_or_default();
            let (name, value) = param.split_once('=').unwrap_or(("", param));
            Some((name.trim(), value.trim().trim_matches('"')))
        })
    }

    fn param(&self, wanted: &str) -> Option<&str> {
        self.params().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    }

    fn is_encoded_as(&self, names: [&str; 2]) -> bool {
        self.params().any(|(name, value)| {
            (name.is_empty() || name.eq_ignore_ascii_case("ENCODING"))
                && names.iter().any(|wanted| value.eq_ignore_ascii_case(wanted))
        })
    }

    /// Returns the types: `TYPE=CELL,VOICE` in 3.0 and 4.0, `CELL;VOICE` in 2.1.
    fn kinds(&self) -> impl Iterator<Item = &str> {
        let types = self.params().filter(|(name, _)| name.is_empty() || name.eq_ignore_ascii_case("TYPE"));
        types.flat_map(|(_, value)| value.split(',')).map(str::trim)
    }

    fn kind(&self) -> Kind {
        let kinds: Vec<Kind> = self.kinds().map(Kind::of).collect();
        let has = |wanted| kinds.contains(&wanted);
        if has(Kind::Machine) && !self.kinds().any(|kind| kind.eq_ignore_ascii_case("voice")) {
            Kind::Machine
        } else if has(Kind::Cell) {
            Kind::Cell
        } else {
            Kind::Voice
        }
    }

    /// The lower, the more preferred: `PREF=1` of version 4.0, `TYPE=pref` of 3.0, `PREF` of 2.1.
    fn rank(&self) -> u32 {
        let named = self.param("PREF").and_then(|value| value.parse().ok());
        let is_preferred = self.kinds().any(|kind| kind.eq_ignore_ascii_case("pref"));
        named.or(is_preferred.then_some(1)).unwrap_or(Way::UNRANKED)
    }
}

/// A line of a card.
struct Property<'a> {
    head: Head<'a>,
    value: &'a [u8],
    encoding: &'static Encoding,
}

impl Property<'_> {
    /// The value as text: what quoted-printable or base64 hides is decoded.
    fn text(&self) -> String {
        let bytes = if self.head.is_encoded_as(["QUOTED-PRINTABLE", "Q"]) {
            Cow::Owned(quoted_printable(self.value))
        } else if self.head.is_encoded_as(["BASE64", "B"]) {
            // Invalid base64 is most likely plain text that was declared by mistake.
            base64(self.value).map_or(Cow::Borrowed(self.value), Cow::Owned)
        } else {
            Cow::Borrowed(self.value)
        };
        let named = self.head.param("CHARSET").and_then(|label| Encoding::for_label(label.trim().as_bytes()));
        let is_utf_8 = !bytes.is_ascii() && std::str::from_utf8(&bytes).is_ok();
        match named {
            // Letters that are UTF-8 are hardly ever meant as single bytes of something else, whatever is said.
            Some(named) if !(is_utf_8 && named.is_single_byte()) => {
                let (text, has_errors) = named.decode_without_bom_handling(&bytes);
                if has_errors { decode_part(&bytes, self.encoding).into_owned() } else { text.into_owned() }
            }
            _ if is_utf_8 => String::from_utf8_lossy(&bytes).into_owned(),
            _ => decode_part(&bytes, self.encoding).into_owned(),
        }
    }
}

fn outside_quotes(text: &[u8], wanted: u8) -> Option<usize> {
    let mut quoted = false;
    for (index, byte) in text.iter().enumerate() {
        match *byte {
            b'"' => quoted = !quoted,
            byte if byte == wanted && !quoted => return Some(index),
            _ => {}
        }
    }
    // A quote that is never closed is a quote and no more.
    if quoted { text.iter().position(|byte| *byte == wanted) } else { None }
}

/// Source: RFC 2045, 6.7.
fn quoted_printable(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
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

/// Base64 as old programs write it: with blanks in it, and without its padding.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    let bare: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    LENIENT.decode(bare).ok()
}

/// Source: RFC 6350, 3.4. In version 2.1 a line break is no escape, since quoted-printable has them.
fn unescaped(text: &str, is_old: bool) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let escaped = chars.peek().copied().filter(|_| c == '\\');
        match escaped {
            Some(';' | ',' | ':' | '\\' | '"') => plain.extend(chars.next()),
            // A name is one line here.
            Some('n' | 'N') if !is_old => {
                chars.next();
                plain.push(' ');
            }
            // A backslash that escapes nothing is one.
            _ => plain.push(c),
        }
    }
    plain
}

/// `family;given;additional;prefixes;suffixes` in the order in which a name is said.
fn joined_name(value: &str, is_old: bool) -> String {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in value.chars() {
        match c {
            ';' if !escaped && parts.len() == 5 => break,
            ';' if !escaped => parts.push(String::new()),
            // Several given names are a list.
            _ => {
                let c = if c == ',' && !escaped && !is_old { ' ' } else { c };
                parts.last_mut().expect("there is one from the start").push(c);
            }
        }
        escaped = c == '\\' && !escaped;
    }
    let parts: Vec<String> = parts.iter().map(|part| unescaped(part, is_old)).collect();
    let part = |index: usize| parts.get(index).map_or("", |part| part.trim());
    let name = full_name(&[part(1), part(2)], part(0));
    [part(3), &name, part(4)].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::{best_email, best_phone};

    fn all(data: impl AsRef<[u8]>) -> (Vec<Card>, Rest) {
        let mut found = Vec::new();
        let each = |card| {
            found.push(card);
            Ok::<_, ()>(())
        };
        let rest = cards(data.as_ref(), encoding_rs::UTF_8, each).unwrap();
        (found, rest)
    }

    #[track_caller]
    fn one(data: impl AsRef<[u8]>) -> (String, String, String) {
        let (mut cards, mut rest) = all(data);
        assert_eq!(cards.len(), 1, "{cards:?}");
        let Card { name, emails, phones, .. } = cards.remove(0);
        (name, best_email(emails, &mut rest.not_kept), best_phone(phones, &mut rest.not_kept))
    }

    fn details(name: &str, email: &str, phone_number: &str) -> (String, String, String) {
        (name.into(), email.into(), phone_number.into())
    }

    #[test]
    fn version_4_is_read() {
        let text = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ann \r\n Lee\\, Jr.\r\nEMAIL;PREF=2:b@example.com\r\n\
            EMAIL;TYPE=\"work,x;y:z\";PREF=1:a@example.com\r\n\
            TEL;VALUE=uri;TYPE=\"voice,home\":tel:+61-2-5550-1234;ext=5\r\nPHOTO:data:x\r\nADR:;;1 Rd;;;;\r\nEND:VCARD\r\n";
        assert_eq!(one(text), details("Ann Lee, Jr.", "a@example.com", "+61-2-5550-1234 ext. 5"));
        assert_eq!(all(text).1.not_kept.names().collect::<Vec<_>>(), ["ADR", "PHOTO"]);
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
        let (cards, rest) = all(
            "junk\nBEGIN:VCARD\nKIND:group\nFN:All\nEND:VCARD\nBEGIN:VCARD\nFN:Ann\nEND:VCARD\n\nBEGIN:VCARD\nFN:Bo",
        );
        assert_eq!((cards.len(), rest.not_people), (2, 1));
        assert_eq!((cards[0].line, cards[0].is_cut), (6, false));
        assert_eq!((cards[1].line, cards[1].is_cut), (10, true));
        let (cards, _) = all(
            "BEGIN:VCARD\nFN:Ann\nTEL:1\nBEGIN:VCARD\nFN:Bo\nTEL:2\nBEGIN:x\nEND:x\nEND:VCARD\nBEGIN:VCARD\nFN:Cy",
        );
        let found: Vec<_> = cards.iter().map(|card| (card.line, &*card.name, card.is_cut)).collect();
        assert_eq!(found, [(1, "Ann", true), (4, "Bo", false), (10, "Cy", true)]);
    }

    #[test]
    fn lines_end_in_every_way() {
        let text = "BEGIN:VCARD|FN:Ann| Lee|TEL:12345|EMAIL:a@example.com|END:VCARD|";
        for end in ["\r", "\n", "\r\n", "\r\r\n"] {
            assert_eq!(one(text.replace('|', end)), details("AnnLee", "a@example.com", "12345"), "{end:?}");
        }
        let mixed = "BEGIN:VCARD\rFN:Ann\n  Lee\r\nTEL:12345\n\rEMAIL:a@example.com\r\nEND:VCARD";
        assert_eq!(one(mixed), details("Ann Lee", "a@example.com", "12345"));
        assert_eq!(all("\r\n\rBEGIN:VCARD\r\nEND:VCARD").0[0].line, 3);
    }

    #[test]
    fn folds_within_a_character_and_after_a_soft_break_are_undone() {
        let folded = b"BEGIN:VCARD\nFN:J\xc3\n \xb6rg\nEND:VCARD";
        assert_eq!(one(folded).0, "J\u{f6}rg");
        for fold in ["=\r\n", "=\r\n ", "=\r\n\t", "\r\n "] {
            let text = format!(
                "BEGIN:VCARD\r\nFN;ENCODING=QUOTED-PRINTABLE:J=C3{fold}=B6rg Lee=\r\n\r\nTEL:12345\r\nEND:VCARD\r\n"
            );
            assert_eq!((one(&text).0, one(&text).2), ("J\u{f6}rg Lee".into(), "12345".into()), "{fold:?}");
        }
    }

    #[test]
    fn each_property_may_have_its_own_encoding() {
        let card = |head: &str, value: &[u8]| {
            one([b"BEGIN:VCARD\r\nFN", head.as_bytes(), b":", value, b"\r\nEND:VCARD"].concat()).0
        };
        for (head, value, name) in [
            (";CHARSET=SHIFT_JIS", &b"\x93c\x92\x86\x91\xbe\x98Y"[..], "\u{7530}\u{4e2d}\u{592a}\u{90ce}"),
            (";CHARSET=Windows-1251", b"\xc8\xe2\xe0\xed", "\u{418}\u{432}\u{430}\u{43d}"),
            (";CHARSET=ISO-8859-1", "J\u{f6}rg".as_bytes(), "J\u{f6}rg"),
            (";CHARSET=UTF-8", b"J\xf6rg", "J\u{f6}rg"),
            (";CHARSET=unknown", b"J\xf6rg", "J\u{f6}rg"),
            (";ENCODING=b;CHARSET=utf-8", b"SsO2cmc=", "J\u{f6}rg"),
            (";BASE64", b"SsO2 cmc", "J\u{f6}rg"),
            (";ENCODING=BASE64;CHARSET=ISO-8859-1", b"SvZyZw==", "J\u{f6}rg"),
            (";ENCODING=b", b"J\xc3\xb6rg!", "J\u{f6}rg!"),
            (";ENCODING=8BIT", b"Ann", "Ann"),
            (";CHARSET=ISO-2022-JP", b"\x1b$BED\x1b(B", "\u{7530}"),
        ] {
            assert_eq!(card(head, value), name, "{head}");
        }
    }

    #[test]
    fn a_card_is_found_behind_comments_and_in_a_group() {
        for text in ["# Contacts\n\nBEGIN:VCARD", "home.begin : vcard ", "\rBegin:VCard\r"] {
            assert!(is_vcard(text.as_bytes()), "{text:?}");
        }
        for text in ["name,email", "x,BEGIN:VCARD", "BEGIN:VCALENDAR", "BEGIN", ""] {
            assert!(!is_vcard(text.as_bytes()), "{text:?}");
        }
        let text = "; comment: x\nhome.begin:vcard\nfn:Ann\nhome.tel:12345\nemail:a@example.com\nend:vcard\n";
        assert_eq!(one(text), details("Ann", "a@example.com", "12345"));
    }

    #[test]
    fn a_fax_gives_way_to_a_telephone() {
        for (lines, kept) in [
            ("TEL;TYPE=FAX:030 1111\nTEL;TYPE=CELL:0151 2222", "0151 2222"),
            ("TEL;WORK;FAX;PREF:030 1111\nTEL;HOME:030 2222", "030 2222"),
            ("TEL;TYPE=home:030 1111\nTEL;TYPE=\"cell,voice\":0151 2222", "0151 2222"),
            ("TEL;TYPE=cell:0151 1111\nTEL;TYPE=work,pref:030 2222", "030 2222"),
            ("TEL;PREF=2:030 1111\nTEL;PREF=1:030 2222", "030 2222"),
            ("TEL;TYPE=PAGER:030 1111\nTEL:030 2222", "030 2222"),
            ("TEL;TYPE=VOICE,FAX:030 1111\nTEL:030 2222", "030 1111"),
            ("item1.TEL:030 1111\nitem1.X-ABLabel:_$!<HomeFAX>!$_\nTEL:030 2222", "030 2222"),
            ("TEL;TYPE=FAX:030 1111", "030 1111"),
        ] {
            assert_eq!(one(format!("BEGIN:VCARD\n{lines}\nEND:VCARD")).2, kept, "{lines}");
        }
    }

    #[test]
    fn backslashes_escape_what_their_version_says() {
        for (version, fn_value, name) in [
            ("4.0", "Lee\\, Ann\\; \\\\x\\nJr.", "Lee, Ann; \\x Jr."),
            ("3.0", "AC\\DC", "AC\\DC"),
            ("2.1", "Lee\\; C:\\new", "Lee; C:\\new"),
            ("4.0", "Lee; Ann", "Lee; Ann"),
            ("4.0", "x\\", "x\\"),
        ] {
            assert_eq!(one(format!("BEGIN:VCARD\nVERSION:{version}\nFN:{fn_value}\nEND:VCARD")).0, name);
        }
        assert_eq!(one("BEGIN:VCARD\nN:Lee\\;Roe;Ann\\, B;;;;x\nEND:VCARD").0, "Ann, B Lee;Roe");
        assert_eq!(
            one("BEGIN:VCARD\nN:\u{7530}\u{4e2d};\u{592a}\u{90ce}\nEND:VCARD").0,
            "\u{7530}\u{4e2d} \u{592a}\u{90ce}"
        );
    }

    #[test]
    fn addresses_of_4_0_are_read() {
        let text = "BEGIN:VCARD\nEMAIL;VALUE=uri:mailto:a@example.com\nTEL;VALUE=uri:tel:+1-555-555-5555\\;ext=5\nEND:VCARD";
        assert_eq!(one(text), details("", "a@example.com", "+1-555-555-5555 ext. 5"));
    }

    #[test]
    fn an_endless_line_is_cut() {
        let text = format!("BEGIN:VCARD\nFN:a\n{}TEL:12345\nEND:VCARD", " x\n".repeat(1_000_000));
        let (name, _, phone) = one(text);
        assert_eq!((name.len(), phone.as_str()), (LINE_MAX - 3, "12345"));
        let many =
            format!("BEGIN:VCARD\n{}END:VCARD", "TEL:12345\nEMAIL:x\nitem1.X-ABLABEL:x\n".repeat(10_000));
        assert_eq!((all(&many).0[0].phones.len(), all(&many).0[0].emails.len()), (WAYS_MAX, WAYS_MAX));
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
            "BEGIN:VCARD\nFN;QUOTED-PRINTABLE:=\n ",
            "BEGIN:VCARD\nTEL\u{e9}:tel\u{e9}\nEMAIL;PREF=99999999999:\nEND:VCARD",
        ] {
            all(text);
        }
        let nested = "BEGIN:VCARD\nAGENT:\n".repeat(100_000);
        assert_eq!(all(&nested).0.len(), 1);
        assert_eq!(all("BEGIN:VCARD\n".repeat(100_000)).0.len(), 100_000);
    }
}
