//! The changes that lead from one catalog to another, as data that borrows from both.

use std::collections::BTreeMap;
use std::fmt;

use crate::catalog::{Catalog, Column, Enum, Extension, ForeignKey, Index, ObjectName, PrimaryKey, Table};

/// The changes between two catalogs, in no particular order of kinds; [`order`](super::order::order) sorts them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Changes<'a> {
    /// The two catalogs. The previous one has the new names already where something is renamed.
    pub(crate) catalogs: Sides<&'a Catalog>,
    /// The changes.
    pub(crate) list: Vec<Change<'a>>,
    /// What the renamed objects are called until the renames are run.
    pub(crate) former_names: Option<&'a FormerNames>,
}

/// The names of renamed objects until the renames are run, by their new names.
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

/// One step. `previous` and `next` are the two sides throughout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<'a> {
    /// A schema that does not exist yet.
    CreateSchema(&'a str),
    /// An extension to be replaced by [`Change::CreateExtension`].
    DropExtension(&'a Extension),
    /// An extension to be installed.
    CreateExtension(&'a Extension),
    /// Something that keeps what it holds and gets another name.
    Rename(&'a Rename),
    /// The sequence of a column whose table or own name changes, if it has the name that PostgreSQL gives.
    RenameSequence {
        /// As it is, in the schema where its table then lies.
        previous: &'a ObjectName,
        /// As it shall be.
        next: &'a str,
    },
    /// A new enum type.
    CreateEnum(&'a Enum),
    /// An enum type whose values differ.
    AlterEnum(AlterEnum<'a>),
    /// A foreign key that goes.
    DropForeignKey(&'a Table, &'a ForeignKey),
    /// An index that goes.
    DropIndex(&'a Table, &'a Index),
    /// A table whose columns or primary key differ.
    AlterTable(AlterTable<'a>),
    /// A table that goes.
    DropTable(&'a Table),
    /// An enum type that goes.
    DropEnum(&'a Enum),
    /// A new table, without its indexes and foreign keys.
    CreateTable(&'a Table),
    /// A new index.
    CreateIndex(&'a Table, &'a Index),
    /// A foreign key that has another name.
    RenameForeignKey(&'a Table, Sides<&'a ForeignKey>),
    /// A new foreign key.
    AddForeignKey(&'a Table, &'a ForeignKey),
    /// An index that has another name.
    RenameIndex(&'a Table, Sides<&'a Index>),
}

/// The same thing in both catalogs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sides<T> {
    /// As it is.
    pub previous: T,
    /// As it shall be.
    pub next: T,
}

/// How an enum type changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlterEnum<'a> {
    /// The type on both sides.
    pub sides: Sides<&'a Enum>,
    /// Values to be added.
    pub added: Vec<&'a str>,
    /// Values to be removed; any of them means that the type is made anew.
    pub removed: Vec<&'a str>,
    /// Columns of the type in both catalogs, which move over to a type that is made anew.
    pub columns: Vec<(&'a Table, &'a Column)>,
    /// Columns with a default of the type, which must let go of it meanwhile, and what they shall have then.
    pub defaults: Vec<(&'a Table, &'a Column, Option<(&'a Table, &'a Column)>)>,
}

/// How a table changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlterTable<'a> {
    /// The table on both sides.
    pub sides: Sides<&'a Table>,
    /// What changes, in the order of execution.
    pub actions: Vec<TableAction<'a>>,
}

/// One change within a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableAction<'a> {
    /// The primary key goes.
    DropPrimaryKey(&'a PrimaryKey),
    /// The primary key has another name.
    RenamePrimaryKey(Sides<&'a PrimaryKey>),
    /// A column goes.
    DropColumn(&'a Column),
    /// A new column.
    AddColumn(&'a Column),
    /// A column changes in place.
    AlterColumn(AlterColumn<'a>),
    /// A column whose values cannot be kept: dropped and added again.
    RecreateColumn(Sides<&'a Column>),
    /// A new primary key.
    AddPrimaryKey(&'a PrimaryKey),
}

/// How a column changes in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlterColumn<'a> {
    /// The column on both sides.
    pub sides: Sides<&'a Column>,
    /// It may be null on one side only.
    pub arity: bool,
    /// Its defaults differ.
    pub default: bool,
    /// Its types differ.
    pub ty: bool,
}

/// One thing under two names. All names are those in the database.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rename {
    /// A table.
    Table {
        /// As it is.
        previous: ObjectName,
        /// As it shall be.
        next: ObjectName,
    },
    /// A column.
    Column {
        /// Its table, by the name that it shall have.
        table: ObjectName,
        /// As it is.
        previous: String,
        /// As it shall be.
        next: String,
    },
    /// An enum.
    Enum {
        /// As it is.
        previous: ObjectName,
        /// As it shall be.
        next: ObjectName,
    },
    /// A value of an enum.
    EnumValue {
        /// The enum, by the name that it shall have.
        enumeration: ObjectName,
        /// As it is.
        previous: String,
        /// As it shall be.
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
