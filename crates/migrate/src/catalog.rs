//! A database as data: what a schema file asks for, or what a server holds.
//!
//! Everything is kept in order, since the order of tables, columns and keys shows in the SQL.

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

/// The objects of one database that migrations take care of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalog {
    /// The schema that the search path of a connection begins with, where that is known.
    pub default_schema: Option<String>,
    /// Schemas that are there, or may be made as soon as an object below needs them.
    pub schemas: Vec<String>,
    /// Extensions, by name.
    pub extensions: Vec<Extension>,
    /// Enum types.
    pub enums: Vec<Enum>,
    /// Tables, those of implicit many-to-many relations last.
    pub tables: Vec<Table>,
    /// What a live database has beside; empty for a schema file.
    pub details: Details,
    /// Columns, by table and name, whose default is made by the client (`cuid()`, `@updatedAt`): the database knows
    /// nothing of it.
    pub client_defaults: BTreeSet<(ObjectName, String)>,
}

impl Catalog {
    /// The schema that names without one lie in, for a catalog that was read from a database.
    pub(crate) fn schema_if_live(&self) -> Option<&str> {
        self.default_schema.as_deref().filter(|_| self.details.server_version > 0)
    }

    /// The table with this name.
    pub fn table(&self, name: &ObjectName) -> Option<&Table> {
        self.tables.iter().find(|table| table.name.is_same(name))
    }

    /// The enum with this name.
    pub fn enumeration(&self, name: &ObjectName) -> Option<&Enum> {
        self.enums.iter().find(|enumeration| enumeration.name.is_same(name))
    }
}

/// The name of a table or type. Without a schema the connection's search path decides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectName {
    /// The schema, where the schema file names one.
    pub schema: Option<String>,
    /// The name itself.
    pub name: String,
}

impl ObjectName {
    /// Whether both are one object where one schema file names schemas and the other does not: without one it lies in
    /// `public`.
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

/// An extension to be installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Its name in the database.
    pub name: String,
    /// The schema to create it in, where that matters.
    pub schema: Option<String>,
    /// The version to create, where that matters.
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
    /// Its indexes, those of unique keys among them, without that of the primary key.
    pub indexes: Vec<Index>,
    /// Its foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
}

impl Table {
    /// The column with this name.
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
    /// Whether it may be null or is an array.
    pub arity: Arity,
    /// What it gets when nothing is given.
    pub default: Option<Default>,
}

/// How many values a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arity {
    /// `NOT NULL`
    Required,
    /// May be null.
    Optional,
    /// An array.
    List,
}

/// The type of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnType {
    /// One of PostgreSQL's own.
    Native(NativeType),
    /// An enum of the catalog.
    Enum(ObjectName),
    /// The database's own words, taken over as they are.
    Raw(String),
}

/// The default of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Default {
    /// The next number of a sequence that belongs to the column.
    Sequence,
    /// The time at which the transaction began.
    CurrentTimestamp,
    /// An SQL expression, taken over as it is.
    Expression(String),
    /// The database has one; what it is, is not said.
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

/// An index, perhaps a unique one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Whether two rows may agree in it.
    pub is_unique: bool,
    /// Its columns, in order.
    pub columns: Vec<IndexColumn>,
    /// How it is built.
    pub algorithm: IndexAlgorithm,
}

/// A column within an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexColumn {
    /// The column's name.
    pub name: String,
    /// The order, where written.
    pub sort: Option<SortOrder>,
    /// The operator class, where it is not the type's own.
    pub operator_class: Option<String>,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// The constraint's name.
    pub name: String,
    /// The columns of the table it belongs to.
    pub columns: Vec<String>,
    /// The table referred to.
    pub referenced_table: ObjectName,
    /// The columns referred to, as many.
    pub referenced_columns: Vec<String>,
    /// What happens when the row referred to is deleted.
    pub on_delete: ReferentialAction,
    /// What happens when the key referred to changes.
    pub on_update: ReferentialAction,
}
