//! [`Changes`] → [`Ordered`]: the one place where the order of changes is decided.
//!
//! Renames come first, since all other changes use the new names. An object is created before those that need it, and dropped
//! after them: types before their columns, tables before foreign keys, and the other way round.

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
    /// Returns the changes, in order.
    pub(crate) fn changes(&self) -> &[Change<'a>] {
        &self.0.list
    }

    /// Returns the two catalogs. The previous one already has the new names of renamed objects.
    pub(crate) fn catalogs(&self) -> Sides<&'a Catalog> {
        self.0.catalogs
    }

    /// Returns the name of a table before the plan runs.
    pub(crate) fn table_before<'n>(&'n self, table: &'n ObjectName) -> &'n ObjectName {
        self.former_names().map_or(table, |names| names.table(table))
    }

    /// Returns the name of a column before the plan runs. `table` is the new name of its table.
    pub(crate) fn column_before<'n>(&'n self, table: &ObjectName, column: &'n str) -> &'n str {
        self.former_names().map_or(column, |names| names.column(table, column))
    }

    /// Returns the name of an enum before the plan runs.
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

/// If the first primary key of a table replaces a unique index on the same columns, the key is added before the index is
/// dropped, so that rows always have a key.
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
            // Moves the index to the position of the alteration, and the alteration before it.
            changes[replaced..=position].rotate_left(1);
        }
        position += 1;
    }
}

/// Returns the columns of the first primary key of a table, if they keep their values.
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
