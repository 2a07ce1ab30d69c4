//! What a live database has beyond what the schema language says.
//!
//! It is for [`align`](crate::align), which decides whether two wordings mean the same; for plans, which leave alone what
//! a schema file cannot say; and for `pull`, which writes a schema file and tells what could not be said in it.

use std::collections::BTreeMap;

use super::{Column, ObjectName};

/// What was seen beside the [`Catalog`](super::Catalog) that it belongs to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// The server's version as a number, such as 150007.
    pub server_version: i32,
    /// The versions and places of extensions are in the catalog itself; these are the columns, by table and name.
    pub columns: BTreeMap<(ObjectName, String), ColumnDetails>,
    /// Tables of which there is something to say.
    pub tables: BTreeMap<ObjectName, TableDetails>,
    /// Indexes, those of keys among them, by table and name.
    pub indexes: BTreeMap<(ObjectName, String), IndexDetails>,
    /// Foreign keys that differ from a plain one, by table and name.
    pub foreign_keys: BTreeMap<(ObjectName, String), Deferral>,
    /// Comments on enums.
    pub enum_comments: BTreeMap<ObjectName, String>,
    /// Views, materialized ones among them.
    pub views: Vec<View>,
    /// Sequences, those of columns among them.
    pub sequences: Vec<Sequence>,
    /// Tables that live on another server.
    pub foreign_tables: Vec<ObjectName>,
    /// What a schema file has no words for.
    pub others: Vec<Other>,
}

impl Details {
    /// What there is to say about a column.
    pub fn column(&self, table: &ObjectName, column: &str) -> Option<&ColumnDetails> {
        self.columns.get(&(table.clone(), column.to_owned()))
    }

    /// What there is to say about an index.
    pub fn index(&self, table: &ObjectName, index: &str) -> Option<&IndexDetails> {
        self.indexes.get(&(table.clone(), index.to_owned()))
    }

    /// Whether an index goes only with the constraint that it serves.
    pub(crate) fn is_of_constraint(&self, table: &ObjectName, index: &str) -> bool {
        self.index(table, index).is_some_and(|it| it.is_constraint)
    }

    /// Files what is said of a table under another name.
    pub(crate) fn rename_table(&mut self, previous: &ObjectName, next: &ObjectName) {
        let Self { columns, tables, indexes, foreign_keys, .. } = self;
        rename_keys(tables, |it| if it == *previous { next.clone() } else { it });
        let rename = |(table, name)| if table == *previous { (next.clone(), name) } else { (table, name) };
        rename_keys(columns, rename);
        rename_keys(indexes, rename);
        rename_keys(foreign_keys, rename);
    }

    /// Files what is said of a column under another name.
    pub(crate) fn rename_column(&mut self, table: &ObjectName, previous: &str, next: &str) {
        if let Some(details) = self.columns.remove(&(table.clone(), previous.to_owned())) {
            self.columns.insert((table.clone(), next.to_owned()), details);
        }
    }
}

fn rename_keys<K: Ord, V>(map: &mut BTreeMap<K, V>, rename: impl Fn(K) -> K) {
    *map = std::mem::take(map).into_iter().map(|(key, value)| (rename(key), value)).collect();
}

/// A column in the server's words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnDetails {
    /// The whole type, as `format_type` writes it: `character varying(20)[]`.
    pub formatted_type: String,
    /// The type's own name: `_varchar`; for a domain that of the type below it.
    pub type_name: String,
    /// The domain that the type is, where it is one.
    pub domain: Option<String>,
    /// Whether it refuses null.
    pub is_not_null: bool,
    /// The default, or what it is generated from, as `pg_get_expr` writes it.
    pub default: Option<String>,
    /// Whether the server computes it from other columns.
    pub is_generated: bool,
    /// Whether it does so each time that the column is read.
    pub is_virtual: bool,
    /// Whether its sequence belongs to it as an identity.
    pub identity: Option<Identity>,
    /// The collation as SQL, where it is not the type's own.
    pub collation: Option<String>,
    /// `COMMENT ON COLUMN`
    pub comment: Option<String>,
}

/// `GENERATED … AS IDENTITY`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// A value given by hand is refused.
    Always,
    /// A value given by hand is taken.
    ByDefault,
}

/// What is special about a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a property of its own")]
pub struct TableDetails {
    /// `PARTITION BY …`
    pub is_partitioned: bool,
    /// Other tables inherit from it.
    pub has_children: bool,
    /// It inherits from other tables.
    pub has_parents: bool,
    /// `ENABLE ROW LEVEL SECURITY`
    pub has_row_level_security: bool,
    /// `CHECK`, by name.
    pub checks: Vec<Constraint>,
    /// `NOT VALID`: checks and foreign keys that old rows need not fulfil, by name.
    pub unvalidated: Vec<String>,
    /// `EXCLUDE`, by name.
    pub exclusions: Vec<Constraint>,
    /// Indexes with an expression in place of a column, by name.
    pub expression_indexes: Vec<String>,
    /// Indexes of some rows only, by name.
    pub partial_indexes: Vec<String>,
    /// `COMMENT ON TABLE`
    pub comment: Option<String>,
}

/// An object that the schema language has no words for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// What it is.
    pub kind: OtherKind,
    /// The table that it belongs to.
    pub table: Option<ObjectName>,
    /// Its name.
    pub name: ObjectName,
}

/// What an [`Other`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum OtherKind {
    Trigger,
    Policy,
    Rule,
    Statistics,
    /// Functions, procedures and aggregates.
    Function,
    Domain,
    /// Composite and range types.
    Type,
    Collation,
}

/// A constraint that the schema language has no words for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint {
    /// Its name.
    pub name: String,
    /// As `pg_get_constraintdef` writes it.
    pub definition: String,
}

/// An index in the server's words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexDetails {
    /// A constraint (`UNIQUE`, `PRIMARY KEY`) owns it: it goes by dropping that.
    pub is_constraint: bool,
    /// When the constraint is checked.
    pub deferral: Deferral,
    /// The operator class of each column, the type's own included.
    pub operator_classes: Vec<String>,
    /// For each column whether its nulls lie where they would not by themselves.
    pub has_other_nulls: Vec<bool>,
    /// `INCLUDE`
    pub included: Vec<String>,
    /// `NULLS NOT DISTINCT`
    pub nulls_not_distinct: bool,
}

/// When a constraint is checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Deferral {
    /// `DEFERRABLE`
    pub is_deferrable: bool,
    /// `INITIALLY DEFERRED`
    pub is_deferred: bool,
}

/// A view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Its name.
    pub name: ObjectName,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// As `pg_get_viewdef` writes it.
    pub definition: String,
    /// `MATERIALIZED`
    pub is_materialized: bool,
    /// `COMMENT ON VIEW`
    pub comment: Option<String>,
}

/// A sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// Its name.
    pub name: ObjectName,
    /// The table and column that own it.
    pub owner: Option<(ObjectName, String)>,
}
