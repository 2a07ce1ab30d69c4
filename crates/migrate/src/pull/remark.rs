//! What the user should know about a schema that was read from a database.
//!
//! Comments are written where Prisma 6.19 writes one, with different texts. Remarks are returned in any case.

use std::collections::BTreeMap;

/// A remark about objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Its kind.
    pub kind: RemarkKind,
    /// The objects, by their names in the schema file.
    pub of: Vec<String>,
}

macro_rules! remarks {
    ($($(#[doc = $doc:literal])* $name:ident, $key:literal, $noun:literal, $consequence:expr $(, $comment:literal, $slug:literal)?;)*) => {
        /// The kind of a [`Remark`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum RemarkKind {
            $($(#[doc = $doc])* $name,)*
        }

        impl RemarkKind {
            /// Returns its name in machine-readable output.
            pub fn key(self) -> &'static str {
                match self {
                    $(Self::$name => $key,)*
                }
            }

            /// Returns the name of the objects, in the plural.
            pub fn noun(self) -> &'static str {
                match self {
                    $(Self::$name => $noun,)*
                }
            }

            /// Returns what happens to the objects.
            pub fn consequence(self) -> &'static str {
                match self {
                    $(Self::$name => $consequence,)*
                }
            }

            /// Returns the comment in the schema file.
            pub(super) fn comment(self) -> Option<&'static str> {
                match self {
                    $($(Self::$name => Some($comment),)?)*
                    #[allow(unreachable_patterns, reason = "not all have one")]
                    _ => None,
                }
            }

            /// Returns a text that identifies Prisma's comment.
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

/// For objects outside of the schema file.
const UNMANAGED: &str = "not in the schema file: migrations neither change nor create them";
/// For properties of objects in the schema file.
const INEXPRESSIBLE: &str = "a schema file cannot express this: databases created from it lack it";

remarks! {
    /// Items that the schema language refuses.
    Refused, "refused", "items that the schema language refuses", "commented out: a migration would drop them";
    /// Names that no block can have.
    Reserved, "reserved_name", "reserved names", "renamed in the schema file";
    /// Names that occur in several schemas.
    Duplicate, "duplicate_name", "names that occur in several schemas", "renamed in the schema file";
    /// Tables without visible columns.
    NoColumns, "no_columns", "tables without visible columns", "commented out",
        "This table has no columns that the user can see.", "could not retrieve columns";
    /// Models without a key for the client.
    NoUniqueKey, "no_unique_key", "models without a unique, required key", "ignored by the client",
        "The client cannot use this, because it has no unique, required key.", "valid unique identifier";
    /// Fields of types that the schema language lacks.
    UnsupportedType, "unsupported_type", "fields whose type the client does not support", "written as `Unsupported`";
    /// Columns whose names contain no letter.
    UnnamedField, "unnamed_field", "columns whose names contain no letter",
        "commented out: name the field, and keep the column name in `@map`";
    /// Enum values whose names contain no letter.
    UnnamedValue, "unnamed_value", "enum values whose names contain no letter", "renamed in the schema file";
    /// `GENERATED ALWAYS AS (…) STORED`
    Generated, "generated_column", "generated columns",
        "written with a default: a schema file cannot express that they are generated";
    /// `GENERATED … AS IDENTITY`
    Identity, "identity_column", "identity columns",
        "written as `autoincrement()`: a new database uses a sequence instead";
    /// `NULLS NOT DISTINCT`
    NullsNotDistinct, "nulls_not_distinct", "unique keys with `NULLS NOT DISTINCT`",
        "written as plain keys: a new database allows null more than once";
    /// `INCLUDE (…)`
    Included, "included_columns", "indexes with `INCLUDE`", INEXPRESSIBLE;
    /// `COLLATE`
    Collation, "column_collation", "columns with a collation", INEXPRESSIBLE;
    /// `NOT NULL` on an array.
    RequiredList, "required_list", "lists that are `NOT NULL`", INEXPRESSIBLE;
    /// `NOT VALID`
    NotValid, "not_valid", "constraints that are `NOT VALID`", INEXPRESSIBLE;
    /// Columns whose type is a domain.
    DomainColumn, "domain_column", "columns whose type is a domain", "written with the base type, without the checks of the domain";
    /// Partitioned tables.
    Partitioned, "partitioned_table", "partitioned tables", INEXPRESSIBLE,
        "This table is partitioned, which migrations do not manage.", "/partition-tables";
    /// Tables that others inherit from.
    Inherited, "inherited_table", "tables that others inherit from", INEXPRESSIBLE,
        "Other tables inherit from this one, which migrations do not manage.", "/table-inheritance";
    /// Tables that inherit from others.
    Inherits, "inheriting_table", "tables that inherit from others", INEXPRESSIBLE;
    /// `CHECK`
    Check, "check_constraint", "check constraints", UNMANAGED,
        "This table has check constraints, which migrations do not manage.", "/check-constraints";
    /// `EXCLUDE`
    Exclusion, "exclusion_constraint", "exclusion constraints", UNMANAGED,
        "This table has exclusion constraints, which migrations do not manage.", "/exclusion-constraints";
    /// `COMMENT ON`
    Comment, "comment", "comments in the database", UNMANAGED,
        "This has comments in the database, which migrations do not manage.", "/database-comments";
    /// `DEFERRABLE`
    Deferred, "deferrable_constraint", "deferrable constraints", INEXPRESSIBLE,
        "This table has deferrable constraints, which migrations do not manage.", "/constraint-deferring";
    /// `ENABLE ROW LEVEL SECURITY`
    RowLevelSecurity, "row_level_security", "tables with row-level security", INEXPRESSIBLE,
        "This table has row-level security, which migrations do not manage.", "/row-level-security";
    /// `CREATE POLICY`
    Policy, "policy", "policies", UNMANAGED;
    /// `NULLS FIRST` or `NULLS LAST`, if it is not the default.
    NullsOrder, "index_nulls_order", "indexes with a different position of nulls", INEXPRESSIBLE,
        "This table has an index with a different position of nulls, which migrations do not manage.", "/default-index-null-ordering";
    /// Indexes on expressions.
    ExpressionIndex, "expression_index", "indexes on expressions", UNMANAGED,
        "This table has an index on an expression, which migrations do not manage.", "/expression-indexes";
    /// Partial indexes.
    PartialIndex, "partial_index", "partial indexes", UNMANAGED;
    /// Views that are not pulled.
    View, "view", "views", "not in the schema file: enable the preview feature `views` of a generator to include them";
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
    /// Sequences without a column.
    Sequence, "sequence", "sequences without a column", UNMANAGED;
    /// `CREATE DOMAIN`
    Domain, "domain", "domains", UNMANAGED;
    /// Composite and range types.
    Type, "type", "composite and range types", UNMANAGED;
    /// `CREATE COLLATION`
    CollationObject, "collation", "collations", UNMANAGED;
    /// `CREATE STATISTICS`
    Statistics, "statistics", "extended statistics", UNMANAGED;
    /// Extensions that the schema file does not name.
    Extension, "extension", "extensions that the schema file does not name", UNMANAGED;
}

/// A collection of remarks.
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

/// The comment above a block: the current one, and each remark once.
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

    /// Adds the comment of a remark, unless nicol or Prisma has added it before.
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
