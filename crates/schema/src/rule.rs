//! The rules of the schema language, with codes, explanations and examples: the basis of the diagnostics and of
//! `docs/schema-errors.md`.
//!
//! Each finding is made from a rule, so its code and severity are those of the rule. A test runs all examples.

#![allow(
    clippy::needless_raw_string_hashes,
    reason = "all examples have the same frame, with quotes or without"
)]

pub(crate) mod attribute;
pub(crate) mod configuration;
pub(crate) mod default;
pub(crate) mod index;
pub(crate) mod key;
pub(crate) mod name;
pub(crate) mod native_type;
pub(crate) mod referential_action;
pub(crate) mod relation;
pub(crate) mod syntax;
pub(crate) mod view;

/// The code of the warning about a `datasource` without `url`, for callers that know the database.
pub const URL_ELSEWHERE: &str = "url-elsewhere";

use std::fmt;

use crate::span::Span;

/// How severe a violation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The schema can still be used.
    Warning,
    /// The schema cannot be used.
    Error,
}

/// A rule of the schema language.
pub struct Rule {
    pub(crate) code: &'static str,
    pub(crate) severity: Severity,
    pub(crate) title: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) wrong: &'static str,
    pub(crate) right: &'static str,
}

/// A group of rules.
#[derive(Debug)]
pub struct Subject {
    /// The heading of the group.
    pub title: &'static str,
    /// The rules, in reading order.
    pub rules: &'static [&'static Rule],
}

/// All rules, by group.
pub const SUBJECTS: [Subject; 11] = [
    Subject { title: "Lines and blocks", rules: syntax::ALL },
    Subject { title: "Names and types", rules: name::ALL },
    Subject { title: "Attributes and their arguments", rules: attribute::ALL },
    Subject { title: "Defaults", rules: default::ALL },
    Subject { title: "Types of the database", rules: native_type::ALL },
    Subject { title: "Keys and names in the database", rules: key::ALL },
    Subject { title: "Indexes", rules: index::ALL },
    Subject { title: "Relations", rules: relation::ALL },
    Subject { title: "Referential actions", rules: referential_action::ALL },
    Subject { title: "Views", rules: view::ALL },
    Subject { title: "`datasource` and `generator`", rules: configuration::ALL },
];

impl Rule {
    /// Returns the code, which users see and can search for. Codes are stable across versions.
    pub fn as_str(&self) -> &'static str {
        self.code
    }

    /// Returns the severity of violations.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// Returns the rule in one sentence, without a full stop.
    pub fn title(&self) -> &'static str {
        self.title
    }

    /// Returns the reason for the rule, and advice.
    pub fn reason(&self) -> &'static str {
        self.reason
    }

    /// Returns a schema that violates only this rule, and the spans that are reported; empty if no example is small
    /// enough.
    ///
    /// A `datasource` for PostgreSQL is appended if the example has none.
    pub fn wrong(&self) -> (String, Vec<Span>) {
        let mut text = String::new();
        let mut spans = Vec::new();
        for c in self.wrong.trim_start_matches('\n').chars() {
            let at = crate::span::to_u32(text.len());
            match (c, spans.last_mut()) {
                ('«', _) => spans.push(Span::new(at, at)),
                ('»', Some(span)) => span.end = at,
                _ => text.push(c),
            }
        }
        (with_datasource(&text), spans)
    }

    /// Returns the fixed schema, with a `datasource` as in [`Rule::wrong`].
    pub fn right(&self) -> String {
        with_datasource(self.right.trim_start_matches('\n'))
    }
}

fn with_datasource(text: &str) -> String {
    if text.is_empty() || text.contains("datasource") {
        return text.to_owned();
    }
    format!("{text}{DATASOURCE}")
}

const DATASOURCE: &str = r#"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
"#;

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Rule) -> bool {
        self.code == other.code
    }
}

impl Eq for Rule {}

/// Defines the rules of a group. In `wrong`, `«` and `»` mark the reported spans.
macro_rules! rules {
    ($($name:ident = $severity:ident $code:literal {
        title: $title:literal,
        reason: $reason:literal,
        wrong: $wrong:literal,
        right: $right:literal,
    })*) => {
        $(pub(crate) static $name: $crate::rule::Rule = $crate::rule::Rule {
            code: $code,
            severity: $crate::rule::Severity::$severity,
            title: $title,
            reason: $reason,
            wrong: $wrong,
            right: $right,
        };)*

        pub(super) const ALL: &[&$crate::rule::Rule] = &[$(&$name),*];
    };
}
use rules;
