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
    /// What is around it.
    pub page: Page,
    /// Proof that the form that takes a deletion back came from here.
    pub csrf: String,
    /// What was just done.
    pub notice: Option<Notice>,
    /// What is searched for; empty for everybody.
    pub query: String,
    /// How many there are: "10 people".
    pub summary: String,
    /// The people of this page.
    pub rows: Vec<Row>,
    /// Where in the list this page is.
    pub pages: Pages,
}

/// What was just done.
#[derive(Clone, Debug)]
pub struct Notice {
    /// The person it is about, who begins the sentence.
    pub who: Option<String>,
    /// The sentence, or the rest of it.
    pub text: String,
    /// Whether it can be taken back.
    pub undo: bool,
}

impl Notice {
    /// What cannot be taken back.
    pub fn of(text: String) -> Self {
        Self { who: None, text, undo: false }
    }
}

/// One person.
#[derive(Template)]
#[template(path = "detail.html")]
pub struct DetailPage {
    /// What is around it.
    pub page: Page,
    /// Proof that forms came from here.
    pub csrf: String,
    /// What was just done.
    pub notice: Option<Notice>,
    /// Who it is.
    pub row: Row,
    /// Since when.
    pub added: DateTime,
    /// When it was changed last.
    pub changed: DateTime,
}

/// What somebody wants to save beside what somebody else saved before.
#[derive(Template)]
#[template(path = "conflict.html")]
pub struct ConflictPage {
    /// What is around it.
    pub page: Page,
    /// Proof that the form came from here.
    pub csrf: String,
    /// Whom it is about.
    pub id: String,
    /// The version that somebody else has saved.
    pub version: String,
    /// Every field of a person.
    pub fields: [ConflictField; 3],
}

/// One field of two who changed one person.
pub struct ConflictField {
    /// The name in the form.
    pub name: &'static str,
    /// The name for people.
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

    /// Whether neither left the value as it was.
    fn both(&self) -> bool {
        self.base.as_ref().is_some_and(|base| *base != self.yours && *base != self.theirs)
    }

    /// What is proposed: your value, unless you left it alone.
    fn keeps_yours(&self) -> bool {
        self.base.as_ref() != Some(&self.yours)
    }
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
    /// The values from which the editing began.
    pub base: PersonForm,
    /// Why the form is shown, if nobody asked for it.
    pub explanation: Option<&'static str>,
    /// The page to which one gives up.
    pub back_url: String,
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

/// What the list shows and where its neighbours are.
pub struct Pages {
    /// What is searched for.
    pub query: String,
    /// In which order.
    pub sort: Sort,
    /// What the page before this one ends with.
    pub previous: Option<Cursor>,
    /// What the page after this one begins with.
    pub next: Option<Cursor>,
}

impl Pages {
    fn previous_url(&self) -> Option<String> {
        self.previous.as_ref().map(|cursor| self.url(self.sort, &format!("before={cursor}")))
    }

    fn next_url(&self) -> Option<String> {
        self.next.as_ref().map(|cursor| self.url(self.sort, &format!("after={cursor}")))
    }

    /// The address of the first page.
    pub(crate) fn first_url(&self) -> String {
        self.url(self.sort, "")
    }

    fn is_newest(&self) -> bool {
        self.sort == Sort::Newest
    }

    /// The address of a file with everybody on all pages.
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
