//! A step from one catalog to another, borrowing from both.

use crate::catalog::{Column, Enum, Extension, ForeignKey, Index, ObjectName, PrimaryKey, Table};
use crate::rename::Rename;

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
