//! The pages of the directory itself.

use askama::Template;

use super::{FieldErrors, Page, PersonForm, digits};

/// The list, with search and pages.
#[derive(Template)]
#[template(path = "list.html")]
pub struct ListPage {
    /// What is around it.
    pub page: Page,
    /// What was just done, in a sentence.
    pub notice: Option<&'static str>,
    /// What is searched for; empty for everybody.
    pub query: String,
    /// How many there are: "10 people".
    pub summary: String,
    /// The people of this page.
    pub rows: Vec<Row>,
    /// Where in the list this page is.
    pub pages: Pages,
}

/// The form for a new person, or for changing one.
#[derive(Template)]
#[template(path = "person_form.html")]
pub struct FormPage {
    /// What is around it.
    pub page: Page,
    /// Proof that the form came from here.
    pub csrf: String,
    /// The heading.
    pub title: String,
    /// Where the form goes.
    pub action: String,
    /// The label of its button.
    pub submit: &'static str,
    /// The version of the person that is edited.
    pub version: Option<String>,
    /// The values, as typed if they come back with errors.
    pub form: PersonForm,
    /// What is wrong with them.
    pub errors: FieldErrors,
    /// Where a person who exists can be deleted.
    pub delete_url: Option<String>,
}

/// The question before a person is deleted.
#[derive(Template)]
#[template(path = "delete.html")]
pub struct DeletePage {
    /// What is around it.
    pub page: Page,
    /// Proof that the form came from here.
    pub csrf: String,
    /// The version that is shown.
    pub version: String,
    /// Whom it is about.
    pub row: Row,
}

/// A person as the pages show them.
pub struct Row {
    /// The id, which is part of addresses.
    pub id: String,
    /// The full name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// The phone number as typed.
    pub phone_number: String,
}

impl Row {
    /// The first letters of the first and the last word of the name.
    fn initials(&self) -> String {
        let mut letters =
            self.name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
        letters.next().into_iter().chain(letters.next_back()).flat_map(char::to_uppercase).collect()
    }

    /// One of eight colours, always the same for the same person.
    fn tint(&self) -> u32 {
        self.id.bytes().fold(7, |sum: u32, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) % 8
    }

    fn mail_link(&self) -> String {
        format!("mailto:{}", percent_encode(&self.email))
    }

    /// Source: RFC 3966, 3: a leading `+` and digits; visual separators are left out.
    fn phone_link(&self) -> String {
        let plus = if self.phone_number.starts_with('+') { "+" } else { "" };
        format!("tel:{plus}{}", digits(&self.phone_number))
    }
}

/// Which page of how many.
pub struct Pages {
    /// This one, from 1.
    pub current: u32,
    /// The last one; at least 1.
    pub last: u32,
    /// What is searched for.
    pub query: String,
}

impl Pages {
    fn previous_url(&self) -> Option<String> {
        (self.current > 1).then(|| self.url(self.current - 1))
    }

    fn next_url(&self) -> Option<String> {
        (self.current < self.last).then(|| self.url(self.current + 1))
    }

    /// The address of the last page.
    pub(crate) fn last_url(&self) -> String {
        self.url(self.last)
    }

    fn url(&self, number: u32) -> String {
        let query =
            if self.query.is_empty() { String::new() } else { format!("q={}&", percent_encode(&self.query)) };
        format!("/people?{query}page={number}")
    }
}

/// Source: RFC 3986, 2.3: everything but unreserved characters is escaped.
fn percent_encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str) -> Row {
        Row {
            id: "c1".into(),
            name: name.into(),
            email: "o'b+x@example.com".into(),
            phone_number: "+61 (2) 5550-1234".into(),
        }
    }

    #[test]
    fn initials_come_from_the_first_and_the_last_word() {
        for (name, initials) in [
            ("Jane Smith", "JS"),
            ("Jane van der Berg", "JB"),
            ("Cher", "C"),
            ("\u{e9}mile (junior)", "\u{c9}J"),
            ("- -", ""),
        ] {
            assert_eq!(row(name).initials(), initials, "{name}");
        }
    }

    #[test]
    fn links_carry_nothing_but_the_address() {
        assert_eq!(row("x").mail_link(), "mailto:o%27b%2Bx%40example.com");
        assert_eq!(row("x").phone_link(), "tel:+61255501234");
        let pages = Pages { current: 2, last: 3, query: "a&b=1 %".into() };
        assert_eq!(pages.next_url().unwrap(), "/people?q=a%26b%3D1%20%25&page=3");
        assert_eq!(pages.previous_url().unwrap(), "/people?q=a%26b%3D1%20%25&page=1");
    }
}
