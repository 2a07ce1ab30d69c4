//! What a person should know of a schema that was read from a database.
//!
//! The cases are those in which Prisma 6.19 warns or writes a comment; the words are nicol's.

use std::collections::BTreeMap;

/// What there is to say, and of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// What there is to say.
    pub kind: RemarkKind,
    /// The objects, by their names in the schema file.
    pub of: Vec<String>,
}

macro_rules! remarks {
    ($($(#[doc = $doc:literal])* $name:ident, $heading:literal $(, $comment:literal, $slug:literal)?;)*) => {
        /// What there is to say of a schema that was read from a database.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum RemarkKind {
            $($(#[doc = $doc])* $name,)*
        }

        impl RemarkKind {
            /// A line to stand before the list of objects.
            pub fn heading(self) -> &'static str {
                match self {
                    $(Self::$name => $heading,)*
                }
            }

            /// The comment in the schema file.
            pub(super) fn comment(self) -> Option<&'static str> {
                match self {
                    $($(Self::$name => Some($comment),)?)*
                    #[allow(unreachable_patterns, reason = "not all have one")]
                    _ => None,
                }
            }

            /// What Prisma's comment has that nothing else has.
            fn mark(self) -> Option<&'static str> {
                match self {
                    $($(Self::$name => Some($slug),)?)*
                    #[allow(unreachable_patterns, reason = "not all have one")]
                    _ => None,
                }
            }
        }
    };
}

remarks! {
    /// A name that no block can have.
    Reserved, "renamed, because their names are reserved";
    /// A name that another block has in another schema.
    Duplicate, "renamed, because others have their names";
    /// No column can be seen.
    NoColumns, "commented out, because no column of theirs can be seen",
        "This table has no columns, or none that this user may see.", "could not retrieve columns";
    /// No key by which the client can tell rows apart.
    NoUniqueKey, "ignored by the client, because they have no key that is unique and never null",
        "The client cannot use this: it has no key that is unique and never null.", "valid unique identifier";
    /// A type that the language has no word for.
    UnsupportedType, "fields of types that the client cannot use";
    /// A column whose name has no letter.
    UnnamedField, "commented out, because their names have no letter: name them and keep the name in `@map`";
    /// A value whose name has no letter.
    UnnamedValue, "enum values commented out, because their names have no letter: name them and keep the name in `@map`";
    /// A partitioned table.
    Partitioned, "partitioned: migrations do not know of it",
        "This table is partitioned, which migrations do not know of.", "/partition-tables";
    /// A table that others inherit from.
    Inherited, "inherited from by other tables: migrations do not know of it",
        "Other tables inherit from this one, which migrations do not know of.", "/table-inheritance";
    /// `CHECK`
    Check, "check constraints: migrations do not know of them",
        "This table has check constraints, which migrations do not know of.", "/check-constraints";
    /// `EXCLUDE`
    Exclusion, "exclusion constraints: migrations do not know of them",
        "This table has exclusion constraints, which migrations do not know of.", "/exclusion-constraints";
    /// `COMMENT ON`
    Comment, "comments in the database: migrations do not know of them",
        "This has comments in the database, which migrations do not know of.", "/database-comments";
    /// `DEFERRABLE`
    Deferred, "constraints that are checked late: migrations do not know of it",
        "This table has constraints that are checked late, which migrations do not know of.", "/constraint-deferring";
    /// `ENABLE ROW LEVEL SECURITY`
    RowLevelSecurity, "row level security: migrations do not know of it",
        "This table has row level security, which migrations do not know of.", "/row-level-security";
    /// `NULLS FIRST` or `LAST` where it is not the usual place.
    NullsOrder, "indexes with nulls at the other end: migrations do not know of it",
        "This table has an index with nulls at the other end, which migrations do not know of.", "/default-index-null-ordering";
    /// An index with an expression.
    ExpressionIndex, "indexes on expressions, left out: migrations leave them alone",
        "This table has an index on an expression, which migrations do not know of.", "/expression-indexes";
    /// An index of some rows.
    PartialIndex, "indexes of some rows only, left out: migrations leave them alone";
}

/// Remarks being collected.
#[derive(Debug, Default)]
pub(super) struct Remarks(BTreeMap<RemarkKind, Vec<String>>);

impl Remarks {
    pub(super) fn add(&mut self, kind: RemarkKind, of: impl Into<String>) {
        self.0.entry(kind).or_default().push(of.into());
    }

    pub(super) fn finish(self) -> Vec<Remark> {
        self.0.into_iter().map(|(kind, of)| Remark { kind, of }).collect()
    }
}

/// The comment on top of a block: the one that is there, and what there is to say, once.
#[derive(Debug, Default)]
pub(super) struct Comment(String);

impl Comment {
    pub(super) fn new(current: Option<&str>) -> Self {
        let mut comment = Self::default();
        for line in current.into_iter().flat_map(str::lines) {
            comment.line(line);
        }
        comment
    }

    pub(super) fn line(&mut self, line: &str) {
        self.0.push_str("///");
        if !line.is_empty() {
            self.0.push(' ');
            self.0.push_str(line);
        }
        self.0.push('\n');
    }

    /// Says it, unless it was said before, by nicol or by Prisma.
    pub(super) fn say(&mut self, kind: RemarkKind) {
        let Some(line) = kind.comment() else { return };
        let is_said = self.0.contains(line) || kind.mark().is_some_and(|mark| self.0.contains(mark));
        if !is_said {
            self.line(line);
        }
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        self.0.lines()
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}
