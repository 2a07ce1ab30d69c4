//! Compares the foreign keys of both catalogs.

use super::{Pair, column};
use crate::catalog::{ForeignKey, Table};
use crate::plan::change::{Change, Sides};

pub(super) fn diff<'a>(pair: &Pair<'a>, changes: &mut Vec<Change<'a>>) {
    for previous in &pair.catalogs.previous.tables {
        let next = pair.catalogs.next.table(&previous.name);
        for key in &previous.foreign_keys {
            match next.and_then(|next| Some((next, equal(Sides { previous, next }, key, Side::Previous)?))) {
                None => changes.push(Change::DropForeignKey(previous, key)),
                Some((next, other))
                    if other.name != key.name
                        && !is_join_table(previous, next)
                        && !has_name(Sides { previous, next }, other) =>
                {
                    changes.push(Change::RenameForeignKey(next, Sides { previous: key, next: other }));
                }
                Some(_) => {}
            }
        }
    }
    for next in &pair.catalogs.next.tables {
        let previous = pair.catalogs.previous.table(&next.name);
        let is_new = |key: &&ForeignKey| {
            previous.is_none_or(|previous| equal(Sides { previous, next }, key, Side::Next).is_none())
        };
        changes.extend(next.foreign_keys.iter().filter(is_new).map(|key| Change::AddForeignKey(next, key)));
    }
}

/// Returns renames of the foreign keys of a renamed table of an implicit many-to-many relation.
pub(super) fn renamed_with_join_table<'a>(previous: &'a Table, next: &'a Table) -> Vec<Change<'a>> {
    if !is_join_table(previous, next) {
        return Vec::new();
    }
    let sides = Sides { previous, next };
    let renamed = |key: &'a ForeignKey| {
        let other = equal(sides, key, Side::Previous).filter(|other| other.name != key.name)?;
        Some(Change::RenameForeignKey(next, Sides { previous: key, next: other }))
    };
    previous.foreign_keys.iter().filter_map(renamed).collect()
}

/// Whether it is the table of an implicit many-to-many relation. Older Prisma versions named its keys differently, and they keep
/// their names.
fn is_join_table(previous: &Table, next: &Table) -> bool {
    [previous, next]
        .iter()
        .all(|it| it.columns.len() == 2 && it.column("A").is_some() && it.column("B").is_some())
}

/// The side of the table that a key belongs to.
#[derive(Clone, Copy)]
enum Side {
    Previous,
    Next,
}

/// Returns the equivalent key of the other table, whatever its name.
fn equal<'a>(sides: Sides<&'a Table>, key: &ForeignKey, side: Side) -> Option<&'a ForeignKey> {
    let other = match side {
        Side::Previous => sides.next,
        Side::Next => sides.previous,
    };
    let is_equal = |it: &&ForeignKey| {
        it.referenced_table.name == key.referenced_table.name
            && it.columns == key.columns
            && it.referenced_columns == key.referenced_columns
            && it.on_delete == key.on_delete
            && it.on_update == key.on_update
            && key.columns.iter().all(|name| keeps_type(sides, name))
    };
    // There may be several equivalent keys.
    let by_name = other.foreign_keys.iter().find(|it| it.name == key.name && is_equal(it));
    by_name.or_else(|| other.foreign_keys.iter().find(is_equal))
}

/// Whether a key with this name already exists; then an equivalent key beside it is kept.
fn has_name(sides: Sides<&Table>, next: &ForeignKey) -> bool {
    equal(sides, next, Side::Next).is_some_and(|previous| previous.name == next.name)
}

/// Whether a column keeps its type. Otherwise the key is dropped and recreated with it.
fn keeps_type(sides: Sides<&Table>, name: &str) -> bool {
    let columns = sides.previous.column(name).zip(sides.next.column(name));
    columns.is_none_or(|(previous, next)| !column::has_another_type(Sides { previous, next }))
}
