//! Foreign keys of both catalogs.

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

/// Keys of a renamed table of an implicit many-to-many relation follow its name.
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

/// The keys of implicit many-to-many relations once had other names, which they may keep.
fn is_join_table(previous: &Table, next: &Table) -> bool {
    [previous, next]
        .iter()
        .all(|it| it.columns.len() == 2 && it.column("A").is_some() && it.column("B").is_some())
}

/// Which table a key belongs to.
#[derive(Clone, Copy)]
enum Side {
    Previous,
    Next,
}

/// The key of the other table that does the same, whatever its name.
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
    // There may be several alike.
    let by_name = other.foreign_keys.iter().find(|it| it.name == key.name && is_equal(it));
    by_name.or_else(|| other.foreign_keys.iter().find(is_equal))
}

/// Whether the key is there under its name already: one that does the same beside it is left alone.
fn has_name(sides: Sides<&Table>, next: &ForeignKey) -> bool {
    equal(sides, next, Side::Next).is_some_and(|previous| previous.name == next.name)
}

/// A key goes and comes with a column whose type changes.
fn keeps_type(sides: Sides<&Table>, name: &str) -> bool {
    let columns = sides.previous.column(name).zip(sides.next.column(name));
    columns.is_none_or(|(previous, next)| !column::has_another_type(Sides { previous, next }))
}
