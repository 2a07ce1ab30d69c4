//! Compares a table of both catalogs: its columns and its primary key.

use super::column;
use crate::catalog::{Column, Details, Table};
use crate::plan::change::{AlterTable, Sides, TableAction};

pub(super) fn diff<'a>(sides: Sides<&'a Table>, details: Sides<&Details>) -> Option<AlterTable<'a>> {
    let Sides { previous, next } = sides;
    let mut actions = Vec::new();
    let (key_dropped, renamed, added) = primary_key(sides);
    actions.extend(key_dropped);
    actions.extend(renamed);
    let mut dropped = columns_missing_in(next, previous);
    // The server refuses to drop a column before a column generated from it.
    dropped.sort_by_key(|it| {
        !details.previous.column(&previous.name, &it.name).is_some_and(|it| it.is_generated)
    });
    actions.extend(dropped.into_iter().map(TableAction::DropColumn));
    actions.extend(columns_missing_in(previous, next).into_iter().map(TableAction::AddColumn));
    actions.extend(columns(sides).filter_map(|it| {
        let previous = details.previous.column(&sides.previous.name, &it.previous.name);
        let next = details.next.column(&sides.next.name, &it.next.name);
        column::diff(it, Sides { previous, next })
    }));
    actions.extend(added);
    (!actions.is_empty()).then_some(AlterTable { sides, actions })
}

/// Returns the columns of `table` that `other` lacks, sorted by name.
fn columns_missing_in<'a>(other: &Table, table: &'a Table) -> Vec<&'a Column> {
    let mut columns: Vec<_> = table.columns.iter().filter(|it| other.column(&it.name).is_none()).collect();
    columns.sort_by(|a, b| a.name.cmp(&b.name));
    columns
}

/// Returns the columns of both tables, in the order of the previous one.
fn columns(sides: Sides<&Table>) -> impl Iterator<Item = Sides<&Column>> {
    let next = sides.next;
    sides
        .previous
        .columns
        .iter()
        .filter_map(move |previous| Some(Sides { previous, next: next.column(&previous.name)? }))
}

/// Returns how the primary key is dropped, renamed and added. It is also dropped and added when the type of one of its columns
/// changes.
fn primary_key(
    sides: Sides<&Table>,
) -> (Option<TableAction<'_>>, Option<TableAction<'_>>, Option<TableAction<'_>>) {
    let (previous, next) = (sides.previous.primary_key.as_ref(), sides.next.primary_key.as_ref());
    let is_kept = previous.zip(next).filter(|(previous, next)| {
        let changed = |name: &String| {
            let columns = columns(sides).find(|it| it.previous.name == *name);
            columns.is_some_and(column::has_another_type)
        };
        previous.columns == next.columns && !previous.columns.iter().any(changed)
    });
    match is_kept {
        Some((previous, next)) => {
            let renamed = previous.name != next.name;
            (None, renamed.then_some(TableAction::RenamePrimaryKey(Sides { previous, next })), None)
        }
        None => (previous.map(TableAction::DropPrimaryKey), None, next.map(TableAction::AddPrimaryKey)),
    }
}
