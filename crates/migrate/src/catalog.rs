//! A database as data: as a schema file describes it, or as a server contains it.
//!
//! Everything is kept in order, because the order of tables, columns and keys shows in the SQL.

pub(crate) mod compare;
mod details;
pub(crate) mod sql;
pub(crate) mod type_change;

use std::collections::BTreeSet;
use std::fmt;

pub use details::{
    ColumnDetails, Constraint, Deferral, Details, Identity, IndexDetails, Other, OtherKind, Sequence,
    TableDetails, View,
};

pub use nicol_schema::model::{IndexAlgorithm, NativeType, ReferentialAction, SortOrder};

/// The objects of a database that migrations manage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalog {
    /// The first schema of the search path, if known.
    pub default_schema: Option<String>,
    /// Existing schemas, or those that may be created when an object below needs them.
    pub schemas: Vec<String>,
    /// Extensions, by name.
    pub extensions: Vec<Extension>,
    /// Enum types.
    pub enums: Vec<Enum>,
    /// Tables, those of implicit many-to-many relations last.
    pub tables: Vec<Table>,
    /// What else a live database contains; empty for a schema file.
    pub details: Details,
    /// Columns, by table and name, whose default the client generates (`cuid()`, `@updatedAt`), and the database does not
    /// have.
    pub client_defaults: BTreeSet<(ObjectName, String)>,
}

impl Catalog {
    /// Returns the schema of unqualified names, for a catalog that was read from a database.
    pub(crate) fn schema_if_live(&self) -> Option<&str> {
        self.default_schema.as_deref().filter(|_| self.details.server_version > 0)
    }

    /// Returns the table with this name.
    pub fn table(&self, name: &ObjectName) -> Option<&Table> {
        self.tables.iter().find(|table| table.name.is_same(name))
    }

    /// Returns the enum with this name.
    pub fn enumeration(&self, name: &ObjectName) -> Option<&Enum> {
        self.enums.iter().find(|enumeration| enumeration.name.is_same(name))
    }
}

/// The name of a table or type. Without a schema, the search path of the connection decides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectName {
    /// The schema, if the schema file names one.
    pub schema: Option<String>,
    /// The name itself.
    pub name: String,
}

impl ObjectName {
    /// Whether both name the same object. A name without a schema is in `public`.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.name == other.name && self.schema_or_public() == other.schema_or_public()
    }

    pub(crate) fn schema_or_public(&self) -> &str {
        self.schema.as_deref().unwrap_or("public")
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}.")?;
        }
        f.write_str(&self.name)
    }
}

/// An extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Its name in the database.
    pub name: String,
    /// The schema to create it in, if given.
    pub schema: Option<String>,
    /// The version to create, if given.
    pub version: Option<String>,
}

/// An enum type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enum {
    /// Its name.
    pub name: ObjectName,
    /// Its values, in order.
    pub values: Vec<String>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: ObjectName,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Its primary key.
    pub primary_key: Option<PrimaryKey>,
    /// Its indexes, including those of unique constraints, but without that of the primary key.
    pub indexes: Vec<Index>,
    /// Its foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
}

impl Table {
    /// Returns the column with this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The type of its values, or of their elements.
    pub ty: ColumnType,
    /// Whether it is nullable or an array.
    pub arity: Arity,
    /// Its default.
    pub default: Option<Default>,
}

/// How many values a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arity {
    /// `NOT NULL`
    Required,
    /// Nullable.
    Optional,
    /// An array.
    List,
}

/// The type of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnType {
    /// A type that PostgreSQL provides.
    Native(NativeType),
    /// An enum of the catalog.
    Enum(ObjectName),
    /// SQL, taken as it is.
    Raw(String),
}

/// The default of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Default {
    /// The next number of a sequence that belongs to the column.
    Sequence,
    /// `CURRENT_TIMESTAMP`
    CurrentTimestamp,
    /// An SQL expression, taken as it is.
    Expression(String),
    /// The database has a default that the schema file does not give (`dbgenerated()`).
    Unstated,
    /// A single value.
    Value(Value),
    /// An array of values.
    List(Vec<Value>),
}

/// A value within a default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text, JSON, a time, or a value of an enum.
    Text(String),
    /// A number, as it was written.
    Number(String),
    /// `true` or `false`
    Boolean(bool),
    /// A byte string.
    Bytes(Vec<u8>),
}

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrimaryKey {
    /// The constraint's name.
    pub name: String,
    /// Its columns, in order.
    pub columns: Vec<String>,
}

/// An index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Whether it is unique.
    pub is_unique: bool,
    /// Its columns, in order.
    pub columns: Vec<IndexColumn>,
    /// The index method.
    pub algorithm: IndexAlgorithm,
}

/// A column within an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexColumn {
    /// The column's name.
    pub name: String,
    /// The sort order, if given.
    pub sort: Option<SortOrder>,
    /// The operator class, if it is not the default of the type.
    pub operator_class: Option<String>,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// The constraint's name.
    pub name: String,
    /// The referencing columns.
    pub columns: Vec<String>,
    /// The referenced table.
    pub referenced_table: ObjectName,
    /// The referenced columns, in the order of `columns`.
    pub referenced_columns: Vec<String>,
    /// The action when the referenced row is deleted.
    pub on_delete: ReferentialAction,
    /// The action when the referenced key changes.
    pub on_update: ReferentialAction,
}
