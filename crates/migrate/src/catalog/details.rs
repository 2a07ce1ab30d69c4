//! What a live database contains beyond what the schema language can express.
//!
//! [`align`](crate::align) uses it to decide whether two wordings mean the same, plans to leave alone what a schema file
//! cannot express, and [`pull`](crate::pull) to list what the schema file cannot express.

use std::collections::BTreeMap;

use super::{Column, ObjectName};

/// What was found in addition to the [`Catalog`](super::Catalog).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// The version of the server as a number, such as 150007; 0 for a schema file.
    pub server_version: i32,
    /// Columns, by table and name.
    pub columns: BTreeMap<(ObjectName, String), ColumnDetails>,
    /// Tables with special properties.
    pub tables: BTreeMap<ObjectName, TableDetails>,
    /// Indexes, including those of constraints, by table and name.
    pub indexes: BTreeMap<(ObjectName, String), IndexDetails>,
    /// Deferrable foreign keys, by table and name.
    pub foreign_keys: BTreeMap<(ObjectName, String), Deferral>,
    /// Comments on enums.
    pub enum_comments: BTreeMap<ObjectName, String>,
    /// Views, including materialized ones.
    pub views: Vec<View>,
    /// Sequences, including those of columns.
    pub sequences: Vec<Sequence>,
    /// Foreign tables.
    pub foreign_tables: Vec<ObjectName>,
    /// Objects that a schema file cannot express.
    pub others: Vec<Other>,
}

impl Details {
    /// Returns the details of a column.
    pub fn column(&self, table: &ObjectName, column: &str) -> Option<&ColumnDetails> {
        self.columns.get(&(table.clone(), column.to_owned()))
    }

    /// Returns the details of an index.
    pub fn index(&self, table: &ObjectName, index: &str) -> Option<&IndexDetails> {
        self.indexes.get(&(table.clone(), index.to_owned()))
    }

    /// Whether an index belongs to a constraint, and can only be dropped with it.
    pub(crate) fn is_of_constraint(&self, table: &ObjectName, index: &str) -> bool {
        self.index(table, index).is_some_and(|it| it.is_constraint)
    }

    /// Moves the details of a table to another name.
    pub(crate) fn rename_table(&mut self, previous: &ObjectName, next: &ObjectName) {
        let Self { columns, tables, indexes, foreign_keys, .. } = self;
        rename_keys(tables, |it| if it == *previous { next.clone() } else { it });
        let rename = |(table, name)| if table == *previous { (next.clone(), name) } else { (table, name) };
        rename_keys(columns, rename);
        rename_keys(indexes, rename);
        rename_keys(foreign_keys, rename);
    }

    /// Moves the details of a column to another name.
    pub(crate) fn rename_column(&mut self, table: &ObjectName, previous: &str, next: &str) {
        if let Some(details) = self.columns.remove(&(table.clone(), previous.to_owned())) {
            self.columns.insert((table.clone(), next.to_owned()), details);
        }
    }
}

fn rename_keys<K: Ord, V>(map: &mut BTreeMap<K, V>, rename: impl Fn(K) -> K) {
    *map = std::mem::take(map).into_iter().map(|(key, value)| (rename(key), value)).collect();
}

/// A column as the server describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnDetails {
    /// The whole type, as `format_type` writes it: `character varying(20)[]`.
    pub formatted_type: String,
    /// The name of the type in `pg_type`, such as `_varchar`; for a domain, its base type.
    pub type_name: String,
    /// The domain, if the type is one.
    pub domain: Option<String>,
    /// Whether it is `NOT NULL`.
    pub is_not_null: bool,
    /// The default or generation expression, as `pg_get_expr` returns it.
    pub default: Option<String>,
    /// Whether it is a generated column.
    pub is_generated: bool,
    /// Whether it is generated when it is read (`VIRTUAL`).
    pub is_virtual: bool,
    /// How it is an identity column, if it is one.
    pub identity: Option<Identity>,
    /// The collation as SQL, if it is not the default of the type.
    pub collation: Option<String>,
    /// `COMMENT ON COLUMN`
    pub comment: Option<String>,
}

/// `GENERATED … AS IDENTITY`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// `ALWAYS`: explicit values are refused.
    Always,
    /// `BY DEFAULT`: explicit values are accepted.
    ByDefault,
}

/// Special properties of a table.
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
    /// `NOT VALID`: checks and foreign keys that existing rows may violate, by name.
    pub unvalidated: Vec<String>,
    /// `EXCLUDE`, by name.
    pub exclusions: Vec<Constraint>,
    /// Indexes on expressions, by name.
    pub expression_indexes: Vec<String>,
    /// Partial indexes, by name.
    pub partial_indexes: Vec<String>,
    /// `COMMENT ON TABLE`
    pub comment: Option<String>,
}

/// An object that the schema language cannot express.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// Its kind.
    pub kind: OtherKind,
    /// The table that it belongs to.
    pub table: Option<ObjectName>,
    /// Its name.
    pub name: ObjectName,
}

/// The kind of an [`Other`].
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

/// A constraint that the schema language cannot express.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint {
    /// Its name.
    pub name: String,
    /// The definition, as `pg_get_constraintdef` returns it.
    pub definition: String,
}

/// An index as the server describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexDetails {
    /// Whether it belongs to a constraint (`UNIQUE`, `PRIMARY KEY`), and is dropped with that.
    pub is_constraint: bool,
    /// When the constraint is checked.
    pub deferral: Deferral,
    /// The operator class of each column, including defaults.
    pub operator_classes: Vec<String>,
    /// For each column, whether nulls are not in their default position.
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
    /// The query, as `pg_get_viewdef` returns it.
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
