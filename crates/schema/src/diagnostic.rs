//! What is wrong with a schema, where, and what to do about it; plain data, drawn by [`render`](crate::render()).

use crate::rule::{Rule, Severity};
use crate::span::Span;

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule that is broken.
    pub rule: &'static Rule,
    /// How bad it is, which is the same for all findings of a rule.
    pub severity: Severity,
    /// What is wrong: lower case, no full stop, names in backticks.
    pub message: String,
    /// The place that Prisma 6.19 reports too.
    pub span: Span,
    /// Further places that explain it.
    pub labels: Vec<Label>,
    /// The next step.
    pub help: Option<String>,
}

/// A place with a word about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there.
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

    /// The name of the rule: what people are shown and can search for.
    pub fn code(&self) -> &'static str {
        self.rule.as_str()
    }

    /// Moves all its places towards the end.
    pub(crate) fn shift(&mut self, by: u32) {
        self.span.shift(by);
        for label in &mut self.labels {
            label.span.shift(by);
        }
    }

    /// Does it make the schema unusable.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
