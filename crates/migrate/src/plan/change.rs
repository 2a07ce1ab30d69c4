//! The changes that lead from one catalog to another, as data that borrows from both.

use std::collections::BTreeMap;
use std::fmt;

use crate::catalog::{Catalog, Column, Enum, Extension, ForeignKey, Index, ObjectName, PrimaryKey, Table};

/// The changes between two catalogs, unsorted; [`order`](super::order::order) sorts them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Changes<'a> {
    /// The two catalogs. The previous one already has the new names of renamed objects.
    pub(crate) catalogs: Sides<&'a Catalog>,
    /// The changes.
    pub(crate) list: Vec<Change<'a>>,
    /// The names of renamed objects before the plan runs.
    pub(crate) former_names: Option<&'a FormerNames>,
}

/// The names of renamed objects before the plan runs, by their new names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FormerNames {
    pub(crate) tables: BTreeMap<ObjectName, ObjectName>,
    /// By table and column.
    pub(crate) columns: BTreeMap<(ObjectName, String), String>,
    pub(crate) enums: BTreeMap<ObjectName, ObjectName>,
}

impl FormerNames {
    pub(crate) fn table<'a>(&'a self, table: &'a ObjectName) -> &'a ObjectName {
        self.tables.get(table).unwrap_or(table)
    }

    pub(crate) fn column<'a>(&'a self, table: &ObjectName, column: &'a str) -> &'a str {
        self.columns.get(&(table.clone(), column.to_owned())).map_or(column, |it| it)
    }

    pub(crate) fn enumeration<'a>(&'a self, name: &'a ObjectName) -> &'a ObjectName {
        self.enums.get(name).unwrap_or(name)
    }
}

/// One change. `previous` and `next` always are the two sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<'a> {
    /// A schema is created.
    CreateSchema(&'a str),
    /// An extension is dropped, to be replaced by [`Change::CreateExtension`].
    DropExtension(&'a Extension),
    /// An extension is installed.
    CreateExtension(&'a Extension),
    /// An object is renamed, and keeps its data.
    Rename(&'a Rename),
    /// The sequence of a column is renamed after its table or column, if it has its default name.
    RenameSequence {
        /// The previous name, in the schema that its table then has.
        previous: &'a ObjectName,
        /// The new name.
        next: &'a str,
    },
    /// An enum is created.
    CreateEnum(&'a Enum),
    /// The values of an enum change.
    AlterEnum(AlterEnum<'a>),
    /// A foreign key is dropped.
    DropForeignKey(&'a Table, &'a ForeignKey),
    /// An index is dropped.
    DropIndex(&'a Table, &'a Index),
    /// The columns or the primary key of a table change.
    AlterTable(AlterTable<'a>),
    /// A table is dropped.
    DropTable(&'a Table),
    /// An enum is dropped.
    DropEnum(&'a Enum),
    /// A table is created, without its indexes and foreign keys.
    CreateTable(&'a Table),
    /// An index is created.
    CreateIndex(&'a Table, &'a Index),
    /// A foreign key is renamed.
    RenameForeignKey(&'a Table, Sides<&'a ForeignKey>),
    /// A foreign key is added.
    AddForeignKey(&'a Table, &'a ForeignKey),
    /// An index is renamed.
    RenameIndex(&'a Table, Sides<&'a Index>),
}

/// The same object in both catalogs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sides<T> {
    /// The object in the previous catalog.
    pub previous: T,
    /// The object in the next catalog.
    pub next: T,
}

/// How an enum changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlterEnum<'a> {
    /// The enum on both sides.
    pub sides: Sides<&'a Enum>,
    /// The added values.
    pub added: Vec<&'a str>,
    /// The removed values. If there are any, the type is recreated.
    pub removed: Vec<&'a str>,
    /// Columns of the type in both catalogs, which are converted to a recreated type.
    pub columns: Vec<(&'a Table, &'a Column)>,
    /// Columns whose default has the type and is dropped meanwhile, and the columns that get a default afterwards.
    pub defaults: Vec<(&'a Table, &'a Column, Option<(&'a Table, &'a Column)>)>,
}

/// How a table changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlterTable<'a> {
    /// The table on both sides.
    pub sides: Sides<&'a Table>,
    /// The changes, in the order of execution.
    pub actions: Vec<TableAction<'a>>,
}

/// One change within a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableAction<'a> {
    /// The primary key is dropped.
    DropPrimaryKey(&'a PrimaryKey),
    /// The primary key is renamed.
    RenamePrimaryKey(Sides<&'a PrimaryKey>),
    /// A column is dropped.
    DropColumn(&'a Column),
    /// A column is added.
    AddColumn(&'a Column),
    /// A column changes in place.
    AlterColumn(AlterColumn<'a>),
    /// A column is dropped and recreated, because its values cannot be converted.
    RecreateColumn(Sides<&'a Column>),
    /// A primary key is added.
    AddPrimaryKey(&'a PrimaryKey),
}

/// How a column changes in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlterColumn<'a> {
    /// The column on both sides.
    pub sides: Sides<&'a Column>,
    /// Whether it is nullable on one side only.
    pub arity: bool,
    /// Whether its default changes.
    pub default: bool,
    /// Whether its type changes.
    pub ty: bool,
}

/// A rename. All names are those in the database.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rename {
    /// A table.
    Table {
        /// The previous name.
        previous: ObjectName,
        /// The new name.
        next: ObjectName,
    },
    /// A column.
    Column {
        /// Its table, by its new name.
        table: ObjectName,
        /// The previous name.
        previous: String,
        /// The new name.
        next: String,
    },
    /// An enum.
    Enum {
        /// The previous name.
        previous: ObjectName,
        /// The new name.
        next: ObjectName,
    },
    /// A value of an enum.
    EnumValue {
        /// The enum, by its new name.
        enumeration: ObjectName,
        /// The previous name.
        previous: String,
        /// The new name.
        next: String,
    },
}

impl fmt::Display for Rename {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table { previous, next } => write!(f, "table `{previous}` → `{next}`"),
            Self::Column { table, previous, next } => {
                write!(f, "column `{table}.{previous}` → `{table}.{next}`")
            }
            Self::Enum { previous, next } => write!(f, "enum `{previous}` → `{next}`"),
            Self::EnumValue { enumeration, previous, next } => {
                write!(f, "value `{enumeration}.{previous}` → `{enumeration}.{next}`")
            }
        }
    }
}
