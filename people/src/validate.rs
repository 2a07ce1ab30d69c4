//! What a person's details must look like.
//!
//! A form as it was typed is a [`PersonForm`]; what passed is a [`PersonInput`], which only this module can
//! make, so that nothing unchecked reaches the database. A form that did not pass keeps its values and comes
//! back with one message per field.

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use crate::db::Person;

/// The longest name, in characters.
pub const NAME_MAX: usize = 200;
/// The longest e-mail address, in bytes.
///
/// Source: RFC 5321, 4.5.3.1.3, less the two angle brackets.
pub const EMAIL_MAX: usize = 254;
/// The longest phone number as typed, in characters: fifteen digits and what people put between them.
pub const PHONE_MAX: usize = 40;

/// The fields of the form as they were typed.
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
    /// One message for each field that did not pass.
    pub fn validate(&self) -> Result<PersonInput, FieldErrors> {
        match (name(&self.name), email(&self.email), phone_number(&self.phone_number)) {
            (Ok(name), Ok(email), Ok(phone_number)) => Ok(PersonInput { name, email, phone_number }),
            (name, email, phone_number) => {
                Err(FieldErrors { name: name.err(), email: email.err(), phone_number: phone_number.err() })
            }
        }
    }
}

/// Some of the fields as they were given; the others stay as they are.
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
    /// One message for each field that did not pass.
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

/// Some details, which passed every check.
#[derive(Clone, PartialEq, Eq)]
pub struct PartialInput {
    name: Option<String>,
    email: Option<String>,
    phone_number: Option<String>,
}

impl PartialInput {
    /// Whether a person has these very details.
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

/// Details that passed every check.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonInput {
    name: String,
    email: String,
    phone_number: String,
}

impl PersonInput {
    /// Whether a person has these very details.
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

/// One message for each field that is wrong.
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
    /// Somebody else has the e-mail address already.
    pub fn email_taken() -> Self {
        Self { email: Some("Somebody with this e-mail address is listed already."), ..Self::default() }
    }

    /// How many fields are wrong.
    pub fn count(&self) -> usize {
        [self.name, self.email, self.phone_number].iter().flatten().count()
    }
}

/// A name: composed characters, single blanks, no control characters.
fn name(typed: &str) -> Result<String, &'static str> {
    let composed: String = typed.nfc().collect();
    let name = single_blanks(composed.trim_matches(|c: char| c.is_whitespace() || is_invisible(c)));
    if name.is_empty() {
        return Err("Enter a name.");
    }
    if name.chars().count() > NAME_MAX {
        return Err("Use at most 200 characters.");
    }
    if name.chars().any(char::is_control) {
        return Err("Use letters and ordinary punctuation: this name has a control character in it.");
    }
    Ok(name)
}

/// An address in the form that nearly everybody has: dot-separated words, `@`, a domain with a dot.
///
/// Normalised as Auth.js does it (NFKC, lower case, trimmed), so that the same address is the same text in
/// `people` and in `users`. Quoted local parts and address literals are left out on purpose: they are valid,
/// and in a form they are always a mistake.
///
/// Source: RFC 5321, 4.1.2; RFC 5322, 3.2.3 (`atext`); RFC 6531 for letters beyond ASCII.
fn email(typed: &str) -> Result<String, &'static str> {
    let email = typed.nfkc().collect::<String>().to_lowercase().trim().to_owned();
    if email.is_empty() {
        return Err("Enter an e-mail address.");
    }
    if email.len() > EMAIL_MAX {
        return Err("Use at most 254 characters.");
    }
    let Some((local, domain)) = email.split_once('@') else {
        return Err("An e-mail address has an @ in it, as in ann@example.com.");
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

/// A number in international form (`+61 2 5550 1234`) or national form (`(02) 5550 1234`).
///
/// Source: ITU-T E.164, 6: at most fifteen digits, and no country code begins with 0.
fn phone_number(typed: &str) -> Result<String, &'static str> {
    let number = single_blanks(&typed.nfkc().map(plain_dash).collect::<String>());
    if number.is_empty() {
        return Err("Enter a phone number.");
    }
    let rest = number.strip_prefix('+').unwrap_or(&number);
    if number.chars().count() > PHONE_MAX
        || !rest.chars().all(|c| c.is_ascii_digit() || " -./()".contains(c))
        || !parentheses_match(rest)
    {
        return Err("Use digits, blanks and dashes, as in +61 2 5550 1234 or (02) 5550 1234.");
    }
    let digits = digits(rest);
    if number.starts_with('+') {
        if digits.starts_with('0') {
            return Err("After the + comes a country code, which never begins with 0.");
        }
        if !(7..=15).contains(&digits.len()) {
            return Err("An international number has 7 to 15 digits.");
        }
    } else if !(4..=15).contains(&digits.len()) {
        return Err("A phone number has 4 to 15 digits.");
    }
    Ok(number)
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

/// Characters that draw nothing: a name of these alone would be a row that nobody can read or click.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
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
        ] {
            assert_eq!(phone_number(typed).as_deref(), Ok(kept), "{typed:?}");
        }
        for typed in [
            "",
            "abc",
            "12",
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
    fn every_wrong_field_is_named_at_once() {
        let form =
            PersonForm { name: " ".into(), email: "ann".into(), phone_number: "+61 2 5550 1234".into() };
        let errors = form.validate().err().unwrap();
        assert!(errors.name.is_some() && errors.email.is_some() && errors.phone_number.is_none());
        assert_eq!(errors.count(), 2);
    }
}
