//! What a person should know of a schema that was read from a database.
//!
//! Comments are written where Prisma 6.19 writes one, in nicol's words. What the file cannot say is told in any case.

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
    ($($(#[doc = $doc:literal])* $name:ident, $key:literal, $noun:literal, $consequence:expr $(, $comment:literal, $slug:literal)?;)*) => {
        /// What there is to say of a schema that was read from a database.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum RemarkKind {
            $($(#[doc = $doc])* $name,)*
        }

        impl RemarkKind {
            /// The word for it in machine-readable output.
            pub fn key(self) -> &'static str {
                match self {
                    $(Self::$name => $key,)*
                }
            }

            /// What the objects are, in the plural.
            pub fn noun(self) -> &'static str {
                match self {
                    $(Self::$name => $noun,)*
                }
            }

            /// What becomes of them.
            pub fn consequence(self) -> &'static str {
                match self {
                    $(Self::$name => $consequence,)*
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

/// Of objects that stay in the database as they are, and that a new database lacks.
const UNMANAGED: &str = "not in the schema file: migrations leave them alone and do not create them";
/// Of properties that objects of the schema file have in the database alone.
const UNSAID: &str = "the schema file cannot say it: in a database made from it this is missing";

remarks! {
    /// What the language refuses.
    Refused, "refused", "items that the schema language refuses", "commented out: a migration would drop them";
    /// A name that no block can have.
    Reserved, "reserved_name", "reserved names", "renamed in the schema file";
    /// A name that another block has in another schema.
    Duplicate, "duplicate_name", "names that several schemas have", "renamed in the schema file";
    /// No column can be seen.
    NoColumns, "no_columns", "tables without a column that can be seen", "commented out",
        "This table has no columns, or none that this user may see.", "could not retrieve columns";
    /// No key by which the client can tell rows apart.
    NoUniqueKey, "no_unique_key", "models with no key that is unique and never null", "ignored by the client",
        "The client cannot use this: it has no key that is unique and never null.", "valid unique identifier";
    /// A type that the language has no word for.
    UnsupportedType, "unsupported_type", "fields of types that the client cannot use", "written as `Unsupported`";
    /// A column whose name has no letter.
    UnnamedField, "unnamed_field", "columns whose names have no letter",
        "commented out: name the field, and keep the column's name in `@map`";
    /// A value whose name has no letter.
    UnnamedValue, "unnamed_value", "enum values whose names have no letter", "renamed in the schema file";
    /// `GENERATED ALWAYS AS (…) STORED`
    Generated, "generated_column", "generated columns",
        "written with a default: the schema file cannot say that the database computes them";
    /// `GENERATED … AS IDENTITY`
    Identity, "identity_column", "identity columns",
        "written as `autoincrement()`: in a new database they get a sequence instead";
    /// `NULLS NOT DISTINCT`
    NullsNotDistinct, "nulls_not_distinct", "unique keys with `NULLS NOT DISTINCT`",
        "written as plain keys: in a new database null may come twice";
    /// `INCLUDE (…)`
    Included, "included_columns", "indexes with `INCLUDE`", UNSAID;
    /// `COLLATE`
    Collation, "column_collation", "columns with a collation of their own", UNSAID;
    /// `NOT NULL` on an array.
    RequiredList, "required_list", "lists that are `NOT NULL`", UNSAID;
    /// `NOT VALID`
    NotValid, "not_valid", "constraints that are `NOT VALID`", UNSAID;
    /// A column whose type is a domain.
    DomainColumn, "domain_column", "columns whose type is a domain", "written with the type below the domain, without its checks";
    /// A partitioned table.
    Partitioned, "partitioned_table", "partitioned tables", UNSAID,
        "This table is partitioned, which migrations do not know of.", "/partition-tables";
    /// A table that others inherit from.
    Inherited, "inherited_table", "tables that others inherit from", UNSAID,
        "Other tables inherit from this one, which migrations do not know of.", "/table-inheritance";
    /// A table that inherits from others.
    Inherits, "inheriting_table", "tables that inherit from others", UNSAID;
    /// `CHECK`
    Check, "check_constraint", "check constraints", UNMANAGED,
        "This table has check constraints, which migrations do not know of.", "/check-constraints";
    /// `EXCLUDE`
    Exclusion, "exclusion_constraint", "exclusion constraints", UNMANAGED,
        "This table has exclusion constraints, which migrations do not know of.", "/exclusion-constraints";
    /// `COMMENT ON`
    Comment, "comment", "comments in the database", UNMANAGED,
        "This has comments in the database, which migrations do not know of.", "/database-comments";
    /// `DEFERRABLE`
    Deferred, "deferrable_constraint", "deferrable constraints", UNSAID,
        "This table has constraints that are checked late, which migrations do not know of.", "/constraint-deferring";
    /// `ENABLE ROW LEVEL SECURITY`
    RowLevelSecurity, "row_level_security", "tables with row level security", UNSAID,
        "This table has row level security, which migrations do not know of.", "/row-level-security";
    /// `CREATE POLICY`
    Policy, "policy", "policies", UNMANAGED;
    /// `NULLS FIRST` or `LAST` where it is not the usual place.
    NullsOrder, "index_nulls_order", "indexes with nulls at the other end", UNSAID,
        "This table has an index with nulls at the other end, which migrations do not know of.", "/default-index-null-ordering";
    /// An index with an expression.
    ExpressionIndex, "expression_index", "indexes on expressions", UNMANAGED,
        "This table has an index on an expression, which migrations do not know of.", "/expression-indexes";
    /// An index of some rows.
    PartialIndex, "partial_index", "indexes of some rows only", UNMANAGED;
    /// A view that is not pulled.
    View, "view", "views", "not in the schema file: the preview feature `views` of a generator takes them in";
    /// `CREATE MATERIALIZED VIEW`
    MaterializedView, "materialized_view", "materialized views", UNMANAGED;
    /// `CREATE FOREIGN TABLE`
    ForeignTable, "foreign_table", "foreign tables", UNMANAGED;
    /// `CREATE TRIGGER`
    Trigger, "trigger", "triggers", UNMANAGED;
    /// `CREATE RULE`
    Rule, "rule", "rules", UNMANAGED;
    /// Functions, procedures and aggregates.
    Function, "function", "functions and procedures", UNMANAGED;
    /// A sequence that belongs to no column.
    Sequence, "sequence", "sequences that belong to no column", UNMANAGED;
    /// `CREATE DOMAIN`
    Domain, "domain", "domains", UNMANAGED;
    /// Composite and range types.
    Type, "type", "composite and range types", UNMANAGED;
    /// `CREATE COLLATION`
    CollationObject, "collation", "collations", UNMANAGED;
    /// `CREATE STATISTICS`
    Statistics, "statistics", "extended statistics", UNMANAGED;
    /// An extension that the schema file does not name.
    Extension, "extension", "extensions that the schema file does not name", UNMANAGED;
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
