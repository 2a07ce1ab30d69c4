//! Diagnostics as plain data; [`render`](crate::render()) draws them.

use crate::rule::{Rule, Severity};
use crate::span::Span;

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The violated rule.
    pub rule: &'static Rule,
    /// The severity, which is the same for all findings of a rule.
    pub severity: Severity,
    /// What is wrong: lower case, no full stop, names in backticks.
    pub message: String,
    /// The span that Prisma 6.19 also reports.
    pub span: Span,
    /// Related spans that explain the finding.
    pub labels: Vec<Label>,
    /// The next step, as an imperative.
    pub help: Option<String>,
}

/// A related span with a short text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The span.
    pub span: Span,
    /// The text.
    pub text: String,
}

impl Rule {
    pub(crate) fn at(&'static self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            rule: self,
            severity: self.severity(),
            message: message.into(),
            span,
            labels: Vec::new(),
            help: None,
        }
    }
}

impl Diagnostic {
    pub(crate) fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn label(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Returns the code of the rule, which users see and can search for.
    pub fn code(&self) -> &'static str {
        self.rule.as_str()
    }

    /// Returns the name that the help suggests for a misspelled one, without signs, quotes, parentheses and what is before a dot; `None` if it
    /// suggests none, or several.
    pub fn suggestion(&self) -> Option<&str> {
        let near = self.help.as_deref()?.strip_prefix("did you mean `")?.strip_suffix("`?")?;
        let name = near.trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
        let name = name.rsplit('.').next().unwrap_or(name);
        (!near.contains('`') && !name.is_empty()).then_some(name)
    }

    /// Moves all spans by this many bytes.
    pub(crate) fn shift(&mut self, by: u32) {
        self.span.shift(by);
        for label in &mut self.labels {
            label.span.shift(by);
        }
    }

    /// Whether it makes the schema unusable.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
