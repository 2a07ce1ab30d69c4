//! Validation of a person's details.
//!
//! A [`PersonForm`] holds what the user typed, a [`PersonInput`] the validated details. Only this module can make the
//! latter, so that nothing unchecked reaches the database. An invalid form keeps its values and gets one message per
//! field.

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use crate::db::Person;

/// The longest name, in characters.
pub const NAME_MAX: usize = 200;
/// The longest e-mail address, in bytes.
///
/// Source: RFC 5321, 4.5.3.1.3, less the two angle brackets.
pub const EMAIL_MAX: usize = 254;
/// The longest phone number, in characters: fifteen digits and the separators between them.
pub const PHONE_MAX: usize = 40;

/// The fields of the form as typed.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
pub struct PersonForm {
    /// The full name.
    #[serde(default)]
    pub name: String,
    /// The e-mail address.
    #[serde(default)]
    pub email: String,
    /// The phone number.
    #[serde(default)]
    pub phone_number: String,
}

impl PersonForm {
    /// Checks all fields at once.
    ///
    /// # Errors
    /// One message for each invalid field.
    pub fn validate(&self) -> Result<PersonInput, FieldErrors> {
        match (name(&self.name), email(&self.email), phone_number(&self.phone_number)) {
            (Ok(name), Ok(email), Ok(phone_number)) => Ok(PersonInput { name, email, phone_number }),
            (name, email, phone_number) => {
                Err(FieldErrors { name: name.err(), email: email.err(), phone_number: phone_number.err() })
            }
        }
    }
}

/// Some fields as given; the others keep their values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartialForm {
    /// The full name.
    pub name: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The phone number.
    pub phone_number: Option<String>,
}

impl From<PersonForm> for PartialForm {
    fn from(PersonForm { name, email, phone_number }: PersonForm) -> Self {
        Self { name: Some(name), email: Some(email), phone_number: Some(phone_number) }
    }
}

impl PartialForm {
    /// Checks all given fields at once.
    ///
    /// # Errors
    /// One message for each invalid field.
    pub fn validate(&self) -> Result<PartialInput, FieldErrors> {
        let check = |given: &Option<String>, rule: fn(&str) -> Result<String, &'static str>| {
            given.as_deref().map(rule).transpose()
        };
        let fields =
            (check(&self.name, name), check(&self.email, email), check(&self.phone_number, phone_number));
        match fields {
            (Ok(name), Ok(email), Ok(phone_number)) => Ok(PartialInput { name, email, phone_number }),
            (name, email, phone_number) => {
                Err(FieldErrors { name: name.err(), email: email.err(), phone_number: phone_number.err() })
            }
        }
    }
}

/// Some validated details.
#[derive(Clone, PartialEq, Eq)]
pub struct PartialInput {
    name: Option<String>,
    email: Option<String>,
    phone_number: Option<String>,
}

impl PartialInput {
    /// Whether a person has exactly these details.
    pub fn is_of(&self, person: &Person) -> bool {
        let is = |given: &Option<String>, kept: &str| given.as_deref().is_none_or(|given| given == kept);
        is(&self.name, &person.name)
            && is(&self.email, &person.email)
            && is(&self.phone_number, &person.phone_number)
    }

    /// The name, if it is to change.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The e-mail address, if it is to change.
    pub fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    /// The phone number, if it is to change.
    pub fn phone_number(&self) -> Option<&str> {
        self.phone_number.as_deref()
    }
}

impl From<&PersonInput> for PersonForm {
    fn from(input: &PersonInput) -> Self {
        let PersonInput { name, email, phone_number } = input.clone();
        Self { name, email, phone_number }
    }
}

/// Validated details.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonInput {
    name: String,
    email: String,
    phone_number: String,
}

impl PersonInput {
    /// Whether a person has exactly these details.
    pub fn is_of(&self, person: &Person) -> bool {
        (&self.name, &self.email, &self.phone_number) == (&person.name, &person.email, &person.phone_number)
    }

    /// 1 to [`NAME_MAX`] characters, without line breaks and without blanks around it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// An address in lower case.
    pub fn email(&self) -> &str {
        &self.email
    }

    /// The number as it was typed, with single blanks.
    pub fn phone_number(&self) -> &str {
        &self.phone_number
    }
}

/// The messages for invalid fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldErrors {
    /// What is wrong with the name.
    pub name: Option<&'static str>,
    /// What is wrong with the e-mail address.
    pub email: Option<&'static str>,
    /// What is wrong with the phone number.
    pub phone_number: Option<&'static str>,
}

impl FieldErrors {
    /// Returns the message for an e-mail address that another person has.
    pub fn email_taken() -> Self {
        Self { email: Some("Another person has this e-mail address."), ..Self::default() }
    }

    /// How many fields are wrong.
    pub fn count(&self) -> usize {
        [self.name, self.email, self.phone_number].iter().flatten().count()
    }
}

/// Validates a name and normalizes it: NFC, single spaces, no control characters, no invisible characters.
fn name(typed: &str) -> Result<String, &'static str> {
    let composed: String = visible(typed).nfc().collect();
    let name = single_blanks(&composed);
    if name.is_empty() {
        return Err("Enter a name.");
    }
    if name.chars().count() > NAME_MAX {
        return Err("Use at most 200 characters.");
    }
    if name.chars().any(char::is_control) {
        return Err("Remove the control character from the name.");
    }
    Ok(name)
}

/// Validates an address in the usual form: dot-separated words, `@`, a domain with a dot.
///
/// The address is normalized as in Auth.js (NFKC, lower case, trimmed), so that it is the same text in `people` and in
/// `users`. Quoted local parts and address literals are valid but refused: in a form they are mistakes.
///
/// Source: RFC 5321, 4.1.2; RFC 5322, 3.2.3 (`atext`); RFC 6531 for letters beyond ASCII.
pub(crate) fn email(typed: &str) -> Result<String, &'static str> {
    let seen: String = typed.chars().filter(|c| !is_invisible(*c)).collect();
    let email = seen.nfkc().collect::<String>().to_lowercase().trim().to_owned();
    if email.is_empty() {
        return Err("Enter an e-mail address.");
    }
    if email.len() > EMAIL_MAX {
        return Err("Use at most 254 characters.");
    }
    let Some((local, domain)) = email.split_once('@') else {
        return Err("Include an @, as in ann@example.com.");
    };
    if local.is_empty() || local.len() > 64 || !local.split('.').all(is_atom) {
        return Err("Check the part before the @, as in ann@example.com.");
    }
    let labels: Vec<&str> = domain.split('.').collect();
    let has_name = labels.last().is_some_and(|last| !last.bytes().all(|b| b.is_ascii_digit()));
    if labels.len() < 2 || domain.len() > 253 || !has_name || !labels.iter().all(|label| is_label(label)) {
        return Err("Check the part after the @, as in ann@example.com.");
    }
    Ok(email)
}

fn is_atom(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c))
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// Validates a number in international form (`+61 2 5550 1234`) or national form (`(02) 5550 1234`), with an optional
/// extension (`030 1234 ext. 5`).
///
/// Digits of other scripts become ASCII, `(+49)` becomes `+49`, and each way to write an extension becomes ` ext. `.
///
/// Source: ITU-T E.164, 6: at most fifteen digits, and no country code begins with 0. ITU-T E.123, 7.5 for `ext.`.
pub(crate) fn phone_number(typed: &str) -> Result<String, &'static str> {
    let seen = typed.chars().filter(|c| !is_invisible(*c));
    let tidied = single_blanks(&seen.nfkc().map(|c| ascii_digit(plain_dash(c))).collect::<String>());
    if tidied.is_empty() {
        return Err("Enter a phone number.");
    }
    let (main, extension) = split_extension(&tidied);
    let main = with_plain_country(main);
    let number = extension.map_or_else(|| main.clone(), |extension| format!("{main}{EXTENSION}{extension}"));
    let rest = main.strip_prefix('+').unwrap_or(&main);
    if number.chars().count() > PHONE_MAX
        || !rest.chars().all(|c| c.is_ascii_digit() || " -./()".contains(c))
        || !parentheses_match(rest)
    {
        return Err("Use digits, spaces and dashes, as in +61 2 5550 1234 or (02) 5550 1234.");
    }
    let digits = digits(rest);
    if main.starts_with('+') {
        if digits.starts_with('0') {
            return Err("A country code never begins with 0.");
        }
        if !(7..=15).contains(&digits.len()) {
            return Err("An international number has 7 to 15 digits.");
        }
    } else if !(3..=15).contains(&digits.len()) {
        return Err("A phone number has 3 to 15 digits.");
    }
    Ok(number)
}

/// What stands between a number and its extension.
const EXTENSION: &str = " ext. ";

/// How an extension is announced. Commas are pauses in dialling: what follows directly is dialled afterwards.
const EXTENSION_MARKS: [&str; 10] =
    [";ext=", "extension", "extn.", "ext.", "ext:", "ext", "x.", "x", "#", ","];

/// The most digits that an extension has.
const EXTENSION_MAX: usize = 8;

/// The number and its extension.
fn split_extension(text: &str) -> (&str, Option<&str>) {
    let is_digit = |c: char| c.is_ascii_digit();
    let before = text.trim_end_matches(is_digit);
    let extension = &text[before.len()..];
    if !(1..=EXTENSION_MAX).contains(&extension.len()) {
        return (text, None);
    }
    let found = EXTENSION_MARKS.iter().find_map(|mark| {
        let before = if *mark == "," { before } else { before.trim_end() };
        let start = before.len().checked_sub(mark.len())?;
        let is_mark = before.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(mark));
        is_mark.then(|| before[..start].trim_end_matches([' ', ',', ';']))
    });
    match found {
        Some(main) if main.ends_with(|c: char| is_digit(c) || c == ')') => (main, Some(extension)),
        _ => (text, None),
    }
}

/// A number and its extension, each as digits, with the leading `+`: what is dialled.
pub(crate) fn dialled(number: &str) -> (String, Option<&str>) {
    let (main, extension) = split_extension(number);
    let plus = if main.starts_with('+') { "+" } else { "" };
    (format!("{plus}{}", digits(main)), extension)
}

/// `(+49) 30` is `+49 30`, and so is `+ 49 30`.
fn with_plain_country(number: &str) -> String {
    let opened = number.strip_prefix('(').and_then(|rest| rest.trim_start().strip_prefix('+'));
    match opened.and_then(|rest| rest.split_once(')')) {
        Some((country, rest)) => {
            let gap = if rest.starts_with(|c: char| c.is_ascii_digit()) { " " } else { "" };
            format!("+{}{gap}{rest}", country.trim())
        }
        None => number.strip_prefix("+ ").map_or_else(|| number.to_owned(), |rest| format!("+{rest}")),
    }
}

/// The digits of a phone number, which is what a search compares.
pub(crate) fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

fn single_blanks(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Dashes that telephones and word processors put into numbers.
fn plain_dash(c: char) -> char {
    if matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}') { '-' } else { c }
}

/// The first digits of the scripts whose digits are used for telephone numbers.
///
/// Source: Unicode 16, general category Nd.
const ZEROS: [u32; 18] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0xf20,
    0x1040, 0x17e0, 0x1810,
];

fn ascii_digit(c: char) -> char {
    let value = ZEROS.iter().find_map(|zero| u32::from(c).checked_sub(*zero).filter(|value| *value < 10));
    value.and_then(|value| char::from_digit(value, 10)).unwrap_or(c)
}

/// Removes invisible characters, such as marks that change the writing direction.
///
/// Joiners stay between two characters of scripts with joined forms, and between emoji.
pub(crate) fn visible(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let shapes = matches!(c, '\u{200c}' | '\u{200d}')
            && kept.chars().next_back().is_some_and(has_joined_forms)
            && chars.peek().copied().is_some_and(has_joined_forms);
        if shapes || !is_invisible(c) {
            kept.push(c);
        }
    }
    kept
}

/// Whether a character is of a script with joined forms, or a picture: not Latin, Greek, Cyrillic or Hebrew, and no
/// punctuation.
fn has_joined_forms(c: char) -> bool {
    c >= '\u{600}'
        && !matches!(c, '\u{1c80}'..='\u{1c8f}' | '\u{1d00}'..='\u{203b}' | '\u{2c60}'..='\u{2c7f}' | '\u{2de0}'..='\u{2e7f}')
        && !matches!(c, '\u{3000}'..='\u{3003}' | '\u{a640}'..='\u{a69f}' | '\u{a720}'..='\u{a7ff}' | '\u{fb00}'..='\u{fb06}')
}

/// Whether a character is invisible. A name of only such characters could not be read or clicked; within a name they
/// make different names look alike, or reverse one.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

fn parentheses_match(text: &str) -> bool {
    let mut open = false;
    for c in text.chars() {
        match c {
            '(' if open => return false,
            ')' if !open => return false,
            '(' => open = true,
            ')' => open = false,
            _ => {}
        }
    }
    !open
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_composed() {
        for (typed, kept) in [
            ("  Ann   Lee\t", "Ann Lee"),
            ("A", "A"),
            ("Ame\u{301}lie", "Am\u{e9}lie"),
            ("\u{feff}Ann\u{200b}", "Ann"),
            ("<b>Bob</b> & \"Co\"", "<b>Bob</b> & \"Co\""),
            ("\u{674e}\u{5c0f}\u{9f99}", "\u{674e}\u{5c0f}\u{9f99}"),
        ] {
            assert_eq!(name(typed).as_deref(), Ok(kept), "{typed:?}");
        }
        assert_eq!(name(&"\u{e9}".repeat(200)).map(|n| n.chars().count()), Ok(200));
    }

    #[test]
    fn empty_long_and_unprintable_names_are_refused() {
        for typed in ["", "   ", "\u{200b}\u{feff} ", "a\u{0}b", "bell\u{7}"] {
            assert!(name(typed).is_err(), "{typed:?}");
        }
        assert!(name(&"x".repeat(201)).is_err());
    }

    #[test]
    fn addresses_are_lowered_and_checked() {
        for (typed, kept) in [
            (" Ann@Example.COM ", "ann@example.com"),
            ("o'brien+tag@mail.example.co.uk", "o'brien+tag@mail.example.co.uk"),
            ("\u{ff41}nn@example.com", "ann@example.com"),
            ("j\u{f6}rg@m\u{fc}nchen.example", "j\u{f6}rg@m\u{fc}nchen.example"),
        ] {
            assert_eq!(email(typed).as_deref(), Ok(kept), "{typed:?}");
        }
        for typed in [
            "",
            "ann",
            "ann@",
            "@example.com",
            "ann@example",
            "a b@example.com",
            "ann@@example.com",
            "ann@exam ple.com",
            ".ann@example.com",
            "ann.@example.com",
            "a..b@example.com",
            "ann@-example.com",
            "ann@example-.com",
            "ann@example..com",
            "ann@127.0.0.1",
            "\"ann\"@example.com",
            "ann@example.com,bob@example.com",
            "ann@example.com\r\nBcc: x@example.com",
            "ann@[::1]",
            "ann\u{0}@example.com",
        ] {
            assert!(email(typed).is_err(), "{typed:?}");
        }
        assert!(email(&format!("{}@example.com", "a".repeat(65))).is_err());
        assert!(email(&format!("a@{}.com", "b".repeat(64))).is_err());
        assert!(email(&format!("a@{}com", "b.".repeat(130))).is_err());
    }

    #[test]
    fn phone_numbers_keep_their_form() {
        for (typed, kept) in [
            (" +61  2 5550 1234 ", "+61 2 5550 1234"),
            ("(02) 5550-1234", "(02) 5550-1234"),
            ("030/123456", "030/123456"),
            ("+1\u{a0}202\u{2011}555\u{2013}0101", "+1 202-555-0101"),
            ("\u{ff10}30 1234", "030 1234"),
            ("1.202.555.0101", "1.202.555.0101"),
            ("112", "112"),
            ("(+49) 30 123456", "+49 30 123456"),
            ("(+49)30 123456", "+49 30 123456"),
            ("+ 49 30 123456", "+49 30 123456"),
            ("\u{660}\u{661}\u{660} \u{6f1}\u{6f2}\u{6f3}", "010 123"),
            ("\u{202a}+1 202\u{ad} 555 0101\u{202c}", "+1 202 555 0101"),
        ] {
            assert_eq!(phone_number(typed).as_deref(), Ok(kept), "{typed:?}");
        }
        for typed in [
            "",
            "abc",
            "12",
            "12 ext. 5",
            "ext. 12",
            "+61 2 5550 1234, 0412 555 012",
            "030 1234 ext. 123456789",
            "(+0) 123 456 789",
            "+0 123 456 789",
            "+1",
            "1234567890123456",
            "+1234567890123456",
            "(02 5550 1234",
            "02) 5550 1234",
            "((02)) 5550 1234",
            "+61 +2 5550 1234",
            "1800-FLOWERS",
            "()",
            "555 0100;drop",
        ] {
            assert!(phone_number(typed).is_err(), "{typed:?}");
        }
    }

    #[test]
    fn each_way_to_write_an_extension_becomes_one() {
        for (typed, kept) in [
            ("+1 202 555 0148 x12", "+1 202 555 0148 ext. 12"),
            ("+1-202-555-0148 ext. 5", "+1-202-555-0148 ext. 5"),
            ("020 7946 0018 #123", "020 7946 0018 ext. 123"),
            ("030 1234EXT5", "030 1234 ext. 5"),
            ("030 1234, Extension 5", "030 1234 ext. 5"),
            ("(030) x 5", "(030) ext. 5"),
            ("030 1234,,5", "030 1234 ext. 5"),
            ("030 1234;ext=5", "030 1234 ext. 5"),
        ] {
            assert_eq!(phone_number(typed).as_deref(), Ok(kept), "{typed:?}");
            assert_eq!(phone_number(kept).as_deref(), Ok(kept), "what is kept stays");
        }
        assert_eq!(dialled("+1 (202) 555 ext. 12"), ("+1202555".into(), Some("12")));
        assert_eq!(dialled("030 1234"), ("0301234".into(), None));
    }

    #[test]
    fn what_cannot_be_seen_is_left_out_of_names_but_joiners_that_shape_them() {
        for (typed, kept) in [
            ("Ann\u{202e}eeL", "AnneeL"),
            ("A\u{200b}n\u{2060}n\u{feff} L\u{ad}ee", "Ann Lee"),
            ("\u{2067}\u{5d3}\u{5df}\u{2069}\u{200f}", "\u{5d3}\u{5df}"),
            ("A\u{200d}nn \u{200c}Lee", "Ann Lee"),
            ("e\u{200b}\u{301}", "\u{e9}"),
            ("\u{6af}\u{644}\u{200c}\u{631}\u{62e}", "\u{6af}\u{644}\u{200c}\u{631}\u{62e}"),
            ("\u{915}\u{94d}\u{200d}\u{937}", "\u{915}\u{94d}\u{200d}\u{937}"),
            ("\u{1f469}\u{200d}\u{1f680}", "\u{1f469}\u{200d}\u{1f680}"),
            ("\u{631}\u{200c}", "\u{631}"),
        ] {
            assert_eq!(name(typed).as_deref(), Ok(kept), "{typed:?}");
            assert_eq!(name(kept).as_deref(), Ok(kept), "what is kept stays");
        }
        assert_eq!(email("\u{202a}ann\u{200b}@example.com\u{202c}").as_deref(), Ok("ann@example.com"));
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let form =
            PersonForm { name: " ".into(), email: "ann".into(), phone_number: "+61 2 5550 1234".into() };
        let errors = form.validate().err().unwrap();
        assert!(errors.name.is_some() && errors.email.is_some() && errors.phone_number.is_none());
        assert_eq!(errors.count(), 2);
    }
}
