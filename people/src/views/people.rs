//! The pages of the directory itself.

use askama::Template;
use nicol::types::DateTime;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{FieldErrors, Page, PersonForm, dialled};
use crate::search::{Cursor, Sort};

/// The list, with search and pages.
#[derive(Template)]
#[template(path = "list.html")]
pub struct ListPage {
    /// The frame of the page.
    pub page: Page,
    /// The CSRF token of the undo form.
    pub csrf: String,
    /// The notice about the last action.
    pub notice: Option<Notice>,
    /// The search; empty for everyone.
    pub query: String,
    /// How many there are: "10 people".
    pub summary: String,
    /// The people of this page.
    pub rows: Vec<Row>,
    /// The neighbouring pages.
    pub pages: Pages,
}

/// A notice about the last action.
#[derive(Clone, Debug)]
pub struct Notice {
    /// The person it is about, who begins the sentence.
    pub who: Option<String>,
    /// The sentence, or the rest of it.
    pub text: String,
    /// Whether the action can be undone.
    pub undo: bool,
}

impl Notice {
    /// Makes a notice without undo.
    pub fn of(text: String) -> Self {
        Self { who: None, text, undo: false }
    }
}

/// One person.
#[derive(Template)]
#[template(path = "detail.html")]
pub struct DetailPage {
    /// The frame of the page.
    pub page: Page,
    /// The CSRF token of the forms.
    pub csrf: String,
    /// The notice about the last action.
    pub notice: Option<Notice>,
    /// The person.
    pub row: Row,
    /// When the person was added.
    pub added: DateTime,
    /// When the person was last changed.
    pub changed: DateTime,
}

/// Both versions of a person whom two users changed.
#[derive(Template)]
#[template(path = "conflict.html")]
pub struct ConflictPage {
    /// The frame of the page.
    pub page: Page,
    /// The CSRF token of the form.
    pub csrf: String,
    /// The person.
    pub id: String,
    /// The version that the other user saved.
    pub version: String,
    /// Every field of a person.
    pub fields: [ConflictField; 3],
}

/// One field of two who changed one person.
pub struct ConflictField {
    /// The name in the form.
    pub name: &'static str,
    /// The label.
    pub label: &'static str,
    /// The value that both have seen; `None` if the form did not say.
    pub base: Option<String>,
    /// The value that was sent.
    pub yours: String,
    /// The value that is saved.
    pub theirs: String,
}

impl ConflictField {
    fn differs(&self) -> bool {
        self.yours != self.theirs
    }

    /// Whether both users changed the value.
    fn both(&self) -> bool {
        self.base.as_ref().is_some_and(|base| *base != self.yours && *base != self.theirs)
    }

    /// Whether your value is preselected: it is, unless you did not change it.
    fn keeps_yours(&self) -> bool {
        self.base.as_ref() != Some(&self.yours)
    }
}

/// The form for a new person, or for changing one.
#[derive(Template)]
#[template(path = "person_form.html")]
pub struct FormPage {
    /// The frame of the page.
    pub page: Page,
    /// The CSRF token of the form.
    pub csrf: String,
    /// The heading.
    pub title: String,
    /// The URL of the form.
    pub action: String,
    /// The label of its button.
    pub submit: &'static str,
    /// The version of the person that is edited.
    pub version: Option<String>,
    /// The values from which the editing began.
    pub base: PersonForm,
    /// Why the form is shown, if the user did not ask for it.
    pub explanation: Option<&'static str>,
    /// The URL of "Cancel".
    pub back_url: String,
    /// The values, as typed if they come back with errors.
    pub form: PersonForm,
    /// The messages for invalid fields.
    pub errors: FieldErrors,
    /// The URL that deletes the person, if it exists.
    pub delete_url: Option<String>,
}

/// The question before a person is deleted.
#[derive(Template)]
#[template(path = "delete.html")]
pub struct DeletePage {
    /// The frame of the page.
    pub page: Page,
    /// The CSRF token of the form.
    pub csrf: String,
    /// The version that is shown.
    pub version: String,
    /// The person.
    pub row: Row,
    /// Whether the person was changed since the question was asked first.
    pub is_changed: bool,
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

    /// Source: RFC 3966, 3: a leading `+` and digits, and an extension; visual separators are left out.
    fn phone_link(&self) -> String {
        match dialled(&self.phone_number) {
            (number, None) => format!("tel:{number}"),
            (number, Some(extension)) => format!("tel:{number};ext={extension}"),
        }
    }
}

/// The search of a list and its neighbouring pages.
pub struct Pages {
    /// The search.
    pub query: String,
    /// The order.
    pub sort: Sort,
    /// The position where the previous page ends.
    pub previous: Option<Cursor>,
    /// The position where the next page starts.
    pub next: Option<Cursor>,
}

impl Pages {
    fn previous_url(&self) -> Option<String> {
        self.previous.as_ref().map(|cursor| self.url(self.sort, &format!("before={cursor}")))
    }

    fn next_url(&self) -> Option<String> {
        self.next.as_ref().map(|cursor| self.url(self.sort, &format!("after={cursor}")))
    }

    /// Returns the URL of the first page.
    pub(crate) fn first_url(&self) -> String {
        self.url(self.sort, "")
    }

    fn is_newest(&self) -> bool {
        self.sort == Sort::Newest
    }

    /// Returns the URL of an export of all pages.
    fn export_url(&self, format: &&str) -> String {
        let mut url = format!("/people/export?format={format}");
        if !self.query.is_empty() {
            url.push_str("&q=");
            url.push_str(&percent_encode(&self.query));
        }
        if self.sort != Sort::default() {
            url.push_str("&sort=");
            url.push_str(self.sort.as_str());
        }
        url
    }

    fn url(&self, sort: Sort, place: &str) -> String {
        let query =
            if self.query.is_empty() { String::new() } else { format!("q={}", percent_encode(&self.query)) };
        let sort = if sort == Sort::default() { String::new() } else { format!("sort={sort}") };
        let parts: Vec<&str> = [&*query, &*sort, place].into_iter().filter(|part| !part.is_empty()).collect();
        if parts.is_empty() { "/people".to_owned() } else { format!("/people?{}", parts.join("&")) }
    }
}

/// Escapes everything but unreserved characters.
///
/// Source: RFC 3986, 2.3.
fn percent_encode(text: &str) -> String {
    const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, ESCAPED).to_string()
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
        let pages = |query: &str, sort| Pages {
            query: query.into(),
            sort,
            previous: None,
            next: Cursor::parse("bmEAYw"),
        };
        let searched = pages("a&b=1 %", Sort::Newest);
        assert_eq!(searched.next_url().unwrap(), "/people?q=a%26b%3D1%20%25&sort=newest&after=bmEAYw");
        assert_eq!(searched.previous_url(), None);
        assert_eq!(pages("", Sort::Name).first_url(), "/people");
    }
}
