//! Chooses the e-mail address and the phone number of an imported person.
//!
//! A person has one of each. Address books have several: some are faxes, some are invalid, and some fields hold more than
//! one.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use percent_encoding::percent_decode_str;
use unicode_normalization::UnicodeNormalization as _;

use crate::validate;

/// The maximum number of ignored names that are listed.
const NOT_KEPT_MAX: usize = 50;

/// The maximum number of addresses, and of numbers, that are considered per person.
pub const WAYS_MAX: usize = 50;

/// The kind of a phone number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A mobile phone.
    Cell,
    /// A telephone, or unknown.
    #[default]
    Voice,
    /// A fax, a pager, a modem: nobody answers there.
    Machine,
}

impl Kind {
    /// Reads the kind from a heading, a label or a type.
    pub fn of(label: &str) -> Self {
        static WORDS: LazyLock<[Vec<String>; 2]> =
            LazyLock::new(|| [MACHINES, CELLS].map(|words| words.iter().map(|word| plain(word)).collect()));
        let label = plain(label);
        let says = |words: &[String]| words.iter().any(|word| label.contains(word));
        if says(&WORDS[0]) {
            Self::Machine
        } else if says(&WORDS[1]) {
            Self::Cell
        } else {
            Self::Voice
        }
    }
}

const MACHINES: &[&str] = &[
    "fax",
    "télécopie",
    "факс",
    "ファックス",
    "传真",
    "傳真",
    "팩스",
    "pager",
    "beeper",
    "pieper",
    "пейджер",
    "ポケットベル",
    "telex",
    "телекс",
    "テレックス",
    "modem",
    "isdn",
    "bbs",
];
const CELLS: &[&str] = &[
    "cell",
    "mobil",
    "handy",
    "móvil",
    "portable",
    "gsm",
    "iphone",
    "telemóvel",
    "celular",
    "мобильн",
    "мобільн",
    "сотов",
    "переносн",
    "携帯",
    "ケータイ",
    "スマホ",
    "手机",
    "手機",
    "휴대",
    "komórk",
    "matkapuhelin",
    "cep tel",
    "κινητ",
    "נייד",
];

/// One way to reach a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The address or the number, as the file has it.
    pub value: String,
    /// The kind.
    pub kind: Kind,
    /// The rank of preference, lowest first.
    pub rank: u32,
}

impl Way {
    /// The rank of what is not preferred.
    pub const UNRANKED: u32 = 101;
}

/// The names of ignored properties and columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotKept(BTreeSet<String>);

impl NotKept {
    /// Notes one more.
    pub fn add(&mut self, name: &str) {
        if self.0.len() < NOT_KEPT_MAX && !self.0.contains(name) {
            self.0.insert(name.chars().take(40).collect());
        }
    }

    /// The names in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// Returns the first valid address in order of preference; if none is valid, the first value.
pub fn best_email(mut ways: Vec<Way>, not_kept: &mut NotKept) -> String {
    ways.sort_by_key(|way| way.rank);
    best(
        &ways,
        addresses,
        validate::email,
        ["a second e-mail address", "an invalid e-mail address"],
        not_kept,
    )
}

/// Returns the first valid phone number: telephones before faxes, then by preference, then mobile phones first.
pub fn best_phone(mut ways: Vec<Way>, not_kept: &mut NotKept) -> String {
    ways.sort_by_key(|way| (way.kind == Kind::Machine, way.rank, way.kind));
    best(
        &ways,
        numbers,
        validate::phone_number,
        ["a second phone number", "an invalid phone number"],
        not_kept,
    )
}

fn best(
    ways: &[Way],
    parts: fn(&str) -> Vec<String>,
    check: fn(&str) -> Result<String, &'static str>,
    [second, invalid]: [&str; 2],
    not_kept: &mut NotKept,
) -> String {
    let (mut kept, mut is_wrong): (Option<String>, bool) = (None, false);
    for part in ways.iter().flat_map(|way| parts(&way.value)) {
        match (check(&part), &kept) {
            (Ok(valid), None) => kept = Some(valid),
            (Ok(valid), Some(kept)) if valid == *kept => {}
            (Ok(_), Some(_)) => not_kept.add(second),
            (Err(_), _) => is_wrong = true,
        }
    }
    match kept {
        Some(kept) => {
            if is_wrong {
                not_kept.add(invalid);
            }
            kept
        }
        None => {
            ways.iter().map(|way| way.value.trim()).find(|value| !value.is_empty()).unwrap_or_default().into()
        }
    }
}

/// `mailto:a@example.com?subject=x`, `"Ann" <a@example.com>`, `a@example.com; b@example.com`.
fn addresses(text: &str) -> Vec<String> {
    let text = text.trim();
    if validate::email(text).is_ok() {
        return vec![text.to_owned()];
    }
    split(text, &[',', ';', '\n', '\r']).into_iter().map(address).filter(|part| !part.is_empty()).collect()
}

fn address(text: &str) -> String {
    let text = text.trim();
    let text = match (text.rfind('<'), text.rfind('>')) {
        (Some(start), Some(end)) if start < end => &text[start + 1..end],
        _ => text,
    };
    match without_scheme(text.trim(), "mailto:") {
        // Source: RFC 6068, 2: header fields follow a question mark.
        Some(rest) => {
            percent_decode_str(rest.split('?').next().unwrap_or_default()).decode_utf8_lossy().into_owned()
        }
        None => text.trim().to_owned(),
    }
}

/// `tel:+1-202-555-0148;ext=5`, `="0412 555 012"` as it is written for spreadsheets, several numbers in one.
fn numbers(text: &str) -> Vec<String> {
    let text = number(text.trim());
    if validate::phone_number(&text).is_ok() {
        return vec![text.into_owned()];
    }
    if is_grouped(&text) {
        return vec![text.replace(',', "")];
    }
    let parts = split(&text, &[',', ';', '\n', '\r']);
    let parts = parts.into_iter().flat_map(|part| part.split(" / ")).map(str::trim);
    parts.map(|part| number(part).into_owned()).filter(|part| !part.is_empty()).collect()
}

/// Whether a text is one number to which a spreadsheet has given thousands: `412,555,012`.
fn is_grouped(text: &str) -> bool {
    let (first, others) = text.split_once(',').unwrap_or_default();
    let are_digits = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    let are_groups = others.split(',').all(|group| group.len() == 3 && are_digits(group));
    others.contains(',') && first.len() <= 3 && are_digits(first) && are_groups
}

fn number(text: &str) -> Cow<'_, str> {
    if let Some(quoted) = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        return Cow::Borrowed(quoted.trim());
    }
    let Some(uri) = without_scheme(text, "tel:") else { return Cow::Borrowed(text) };
    // Source: RFC 3966, 3: parameters follow a semicolon.
    let mut parts = uri.split(';').map(|part| part.trim_end_matches('\\'));
    let main = percent_decode_str(parts.next().unwrap_or_default().trim()).decode_utf8_lossy().into_owned();
    let extension = parts.find_map(|part| without_scheme(part.trim(), "ext="));
    Cow::Owned(extension.map_or_else(|| main.clone(), |extension| format!("{main} ext. {extension}")))
}

fn without_scheme<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let is_it = text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    is_it.then(|| text[scheme.len()..].trim_start())
}

/// Splits a text at ` ::: `, as Google writes it, and at these marks outside quotation marks.
fn split<'a>(text: &'a str, marks: &[char]) -> Vec<&'a str> {
    let mut quoted = false;
    let outside = |c: char| {
        quoted ^= c == '"';
        !quoted && marks.contains(&c)
    };
    let parts = text.split(outside).flat_map(|part| part.split(" ::: "));
    parts.filter(|part| !part.trim().is_empty()).take(WAYS_MAX).collect()
}

/// Joins the parts of a name in spoken order: in Chinese, Japanese and Korean the family name comes first.
pub fn full_name(given: &[&str], family: &str) -> String {
    let mut words: Vec<&str> = given.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
    let family = family.trim();
    let is_east_asian = |text: &str| !text.is_empty() && text.chars().all(is_east_asian);
    let at =
        if is_east_asian(family) && words.iter().all(|word| is_east_asian(word)) { 0 } else { words.len() };
    if !family.is_empty() {
        words.insert(at, family);
    }
    words.join(" ")
}

fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Letters and digits in lower case, without accents.
pub fn plain(text: &str) -> String {
    text.nfkd().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ways(values: &[(&str, Kind, u32)]) -> Vec<Way> {
        values
            .iter()
            .map(|(value, kind, rank)| Way { value: (*value).into(), kind: *kind, rank: *rank })
            .collect()
    }

    fn voices(values: &[&str]) -> Vec<Way> {
        values
            .iter()
            .map(|value| Way { value: (*value).into(), kind: Kind::Voice, rank: Way::UNRANKED })
            .collect()
    }

    #[track_caller]
    fn email(values: &[&str]) -> (String, Vec<String>) {
        let mut not_kept = NotKept::default();
        let best = best_email(voices(values), &mut not_kept);
        (best, not_kept.names().map(str::to_owned).collect())
    }

    #[test]
    fn an_address_is_found_in_whatever_is_around_it() {
        for text in [
            "a@example.com",
            " mailto:A@example.com",
            "MAILTO:a%40example.com?subject=Hello%20there",
            "\"Lee, Ann; Dr.\" <a@example.com>",
            "Ann Lee <mailto:a@example.com>",
            "<a@example.com>;",
            "\u{202a}a@example.com\u{202c}",
        ] {
            assert_eq!(email(&[text]), ("a@example.com".into(), vec![]), "{text}");
        }
        assert_eq!(email(&["nowhere"]).0, "nowhere", "what is wrong is shown");
        assert_eq!(email(&["", "\"x@example.com"]).0, "\"x@example.com");
        assert_eq!(email(&[]).0, "");
    }

    #[test]
    fn the_first_good_address_counts_and_the_others_are_named() {
        assert_eq!(email(&["nowhere", "a@example.com"]).0, "a@example.com");
        assert_eq!(email(&["nowhere", "a@example.com"]).1, ["an invalid e-mail address"]);
        assert_eq!(email(&["a@example.com ::: b@example.com"]).1, ["a second e-mail address"]);
        assert_eq!(email(&["a@example.com, A@example.com"]).1, [""; 0], "the same one twice is one");
        let mut not_kept = NotKept::default();
        let ranked = ways(&[("a@example.com", Kind::Voice, 2), ("b@example.com", Kind::Voice, 1)]);
        assert_eq!(best_email(ranked, &mut not_kept), "b@example.com");
    }

    #[test]
    fn a_fax_is_the_last_choice_and_a_mobile_phone_the_first_unless_another_is_preferred() {
        let best = |values: &[(&str, Kind, u32)]| best_phone(ways(values), &mut NotKept::default());
        let (home, cell) = (("030 1234", Kind::Voice, 101), ("0151 1234", Kind::Cell, 101));
        assert_eq!(best(&[("030 9999", Kind::Machine, 1), home, cell]), "0151 1234");
        assert_eq!(best(&[cell, ("030 5678", Kind::Voice, 1)]), "030 5678");
        assert_eq!(best(&[("030 9999", Kind::Machine, 101)]), "030 9999", "better than none");
        assert_eq!(best(&[("???", Kind::Cell, 1), home]), "030 1234", "what is no number is passed over");
    }

    #[test]
    fn numbers_are_found_in_addresses_formulas_and_lists() {
        for (text, kept, not_kept) in [
            ("tel:+12025550148", "+12025550148", None),
            ("TEL:+1-202-555-0148;ext=5555;phone-context=x", "+1-202-555-0148 ext. 5555", None),
            ("tel:%2B1%20202%20555%200148", "+1 202 555 0148", None),
            ("=\"0412 555 012\"", "0412 555 012", None),
            ("+61 2 5550 1234, 0412 555 012", "+61 2 5550 1234", Some("a second phone number")),
            ("030 1234 ::: 030 5678", "030 1234", Some("a second phone number")),
            ("030/123456 / 0412 555 012", "030/123456", Some("a second phone number")),
            ("205246;;,;", "205246", None),
            ("12,025,550,148", "12025550148", None),
            ("412,555", "412 ext. 555", None),
            ("4125,550,148", "4125", Some("a second phone number")),
            ("+1 202 555 0148,,12", "+1 202 555 0148 ext. 12", None),
            ("call me, 0412 555 012", "0412 555 012", Some("an invalid phone number")),
        ] {
            let mut noted = NotKept::default();
            assert_eq!(best_phone(voices(&[text]), &mut noted), kept, "{text}");
            assert_eq!(noted.names().next(), not_kept, "{text}");
        }
    }

    #[test]
    fn labels_in_many_languages_tell_telephones_and_machines_apart() {
        for (label, kind) in [
            ("CELL", Kind::Cell),
            ("* Mobile", Kind::Cell),
            ("Tél. mobile", Kind::Cell),
            ("Мобильный телефон", Kind::Cell),
            ("携帯電話", Kind::Cell),
            ("Cep Telefonu", Kind::Cell),
            ("Reception", Kind::Voice),
            ("Κινητό τηλέφωνο", Kind::Cell),
            ("Teléfono móvil", Kind::Cell),
            ("_$!<HomeFAX>!$_", Kind::Machine),
            ("Télécopie (bureau)", Kind::Machine),
            ("Рабочий факс", Kind::Machine),
            ("PAGER", Kind::Machine),
            ("Home", Kind::Voice),
            ("", Kind::Voice),
        ] {
            assert_eq!(Kind::of(label), kind, "{label}");
        }
    }

    #[test]
    fn families_come_first_where_they_do() {
        assert_eq!(full_name(&["Ann", " ", "Marie"], " Lee "), "Ann Marie Lee");
        assert_eq!(full_name(&["太郎"], "田中"), "田中 太郎");
        assert_eq!(full_name(&["Taro"], "田中"), "Taro 田中");
        assert_eq!((full_name(&[], "Lee"), full_name(&["Ann"], "")), ("Lee".into(), "Ann".into()));
    }
}
