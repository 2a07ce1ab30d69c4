//! [`Changes`] → [`Ordered`]: the one place where the order of changes is decided.
//!
//! Names come first, since all that follows uses them. What other things need comes before them, and goes after them:
//! types before the columns of these types, tables before the foreign keys between them, keys and indexes away before
//! the tables they hang on.

use super::change::{AlterTable, Change, Changes, FormerNames, Sides, TableAction};
use crate::catalog::{Catalog, ObjectName};

/// Changes in the order in which they can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ordered<'a>(Changes<'a>);

/// Sorts the changes by kind; changes of one kind keep their order.
pub(crate) fn order(mut changes: Changes<'_>) -> Ordered<'_> {
    changes.list.sort_by_key(rank);
    keep_unique_until_primary(&mut changes.list);
    Ordered(changes)
}

impl<'a> Ordered<'a> {
    /// The changes, in order.
    pub(crate) fn changes(&self) -> &[Change<'a>] {
        &self.0.list
    }

    /// The two catalogs. The previous one has the new names already where something is renamed.
    pub(crate) fn catalogs(&self) -> Sides<&'a Catalog> {
        self.0.catalogs
    }

    /// What a table is called until the renames are run.
    pub(crate) fn table_before<'n>(&'n self, table: &'n ObjectName) -> &'n ObjectName {
        self.former_names().map_or(table, |names| names.table(table))
    }

    /// What a column is called until the renames are run; its table is given by its new name.
    pub(crate) fn column_before<'n>(&'n self, table: &ObjectName, column: &'n str) -> &'n str {
        self.former_names().map_or(column, |names| names.column(table, column))
    }

    /// What an enum is called until the renames are run.
    pub(crate) fn enum_before<'n>(&'n self, name: &'n ObjectName) -> &'n ObjectName {
        self.former_names().map_or(name, |names| names.enumeration(name))
    }

    fn former_names(&self) -> Option<&'a FormerNames> {
        self.0.former_names
    }
}

fn rank(change: &Change<'_>) -> u8 {
    match change {
        Change::DropExtension(_) => 0,
        Change::CreateSchema(_) => 1,
        Change::CreateExtension(_) => 2,
        Change::Rename(_) | Change::RenameSequence { .. } => 3,
        Change::CreateEnum(_) => 4,
        Change::AlterEnum(_) => 5,
        Change::DropForeignKey(..) => 6,
        Change::DropIndex(..) => 7,
        Change::AlterTable(_) => 8,
        Change::DropTable(_) => 9,
        Change::DropEnum(_) => 10,
        Change::CreateTable(_) => 11,
        Change::CreateIndex(..) => 12,
        Change::RenameForeignKey(..) => 13,
        Change::AddForeignKey(..) => 14,
        Change::RenameIndex(..) => 15,
    }
}

/// Where a unique index makes room for the table's first primary key on the same columns, it goes only after the
/// key has come: rows stay identifiable in between.
fn keep_unique_until_primary(changes: &mut Vec<Change<'_>>) {
    let mut position = 0;
    while let Some(change) = changes.get(position) {
        let Change::AlterTable(alteration) = change else {
            position += 1;
            continue;
        };
        let columns = first_primary_key(alteration).map(<[String]>::to_vec);
        let table = &alteration.sides.previous.name;
        let replaced = changes.iter().position(|change| match change {
            Change::DropIndex(of, index) => {
                let names = index.columns.iter().map(|column| &column.name);
                of.name == *table
                    && index.is_unique
                    && columns.as_ref().is_some_and(|columns| names.eq(columns))
            }
            _ => false,
        });
        if let Some(replaced) = replaced.filter(|it| *it < position) {
            // Takes the alteration one place to the front, and the index to where it was.
            changes[replaced..=position].rotate_left(1);
        }
        position += 1;
    }
}

/// The columns of the primary key that a table gets, where it had none and they stay as they are.
fn first_primary_key<'a>(alteration: &AlterTable<'a>) -> Option<&'a [String]> {
    let is_first = alteration.sides.previous.primary_key.is_none();
    let columns = alteration.actions.iter().find_map(|action| match action {
        TableAction::AddPrimaryKey(key) if is_first => Some(key.columns.as_slice()),
        _ => None,
    })?;
    let is_lost = alteration.actions.iter().any(|action| match action {
        TableAction::DropColumn(column) => columns.contains(&column.name),
        TableAction::RecreateColumn(sides) => columns.contains(&sides.previous.name),
        _ => false,
    });
    (!is_lost).then_some(columns)
}
