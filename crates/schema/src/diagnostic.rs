//! What is wrong with a schema, where, and what to do about it; plain data, drawn by [`render`](crate::render()).

use crate::span::Span;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The schema can be used.
    Warning,
    /// The schema cannot be used.
    Error,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which rule found it.
    pub code: Code,
    /// How bad it is.
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

impl Diagnostic {
    pub(crate) fn error(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: Severity::Error,
            message: message.into(),
            span,
            labels: Vec::new(),
            help: None,
        }
    }

    pub(crate) fn warning(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, span, message) }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn label(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Does it make the schema unusable.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident => $code:literal,)*) => {
        /// The rules, by name; a name keeps its meaning from version to version.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// The name that people are shown and that can be searched for.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Code::$name => $code,)*
                }
            }
        }
    };
}

codes! {
    /// A line or block cannot be read.
    Syntax => "syntax",
    /// A form of Prisma 1 that is no longer part of the language.
    LegacySyntax => "legacy-syntax",
    /// A string holds an escape that does not exist.
    Escape => "escape",
    /// A name is malformed.
    InvalidName => "invalid-name",
    /// A name is reserved.
    ReservedName => "reserved-name",
    /// A name is taken.
    DuplicateName => "duplicate-name",
    /// A type does not exist.
    UnknownType => "unknown-type",
    /// A block has nothing in it that it needs.
    EmptyBlock => "empty-block",
    /// Something of the language that PostgreSQL does not have.
    Unsupported => "unsupported",
    /// A problem of the `datasource` block.
    Datasource => "datasource",
    /// A problem of a `generator` block.
    Generator => "generator",
    /// A preview feature that does not exist or that is needed.
    PreviewFeature => "preview-feature",
    /// An attribute that does not exist here.
    UnknownAttribute => "unknown-attribute",
    /// An attribute that is there twice.
    DuplicateAttribute => "duplicate-attribute",
    /// An argument that does not exist, is missing, or is there twice.
    Argument => "argument",
    /// A value of the wrong kind.
    ValueKind => "value-kind",
    /// An attribute that does not fit its field or block.
    Misplaced => "misplaced-attribute",
    /// A field that is named but does not exist.
    UnknownField => "unknown-field",
    /// A default that does not fit.
    Default => "default",
    /// A native type that does not exist or does not fit.
    NativeType => "native-type",
    /// A problem of a primary key.
    PrimaryKey => "primary-key",
    /// A problem of an index or a unique key.
    Index => "index",
    /// A name in the database that is taken or too long.
    DatabaseName => "database-name",
    /// A problem of a relation.
    Relation => "relation",
    /// A referential action that is not possible.
    ReferentialAction => "referential-action",
    /// A problem of a view.
    View => "view",
    /// A problem with `@@schema`.
    DatabaseSchema => "database-schema",
}
