//! Compares the indexes of both catalogs.

use super::{Pair, column};
use crate::catalog::compare::{are_indexes_equal, has_equal_index};
use crate::catalog::{Index, Table};
use crate::plan::change::{Change, Sides};

pub(super) fn diff<'a>(pair: &Pair<'a>, changes: &mut Vec<Change<'a>>) {
    for table in pair.created_tables() {
        changes.extend(table.indexes.iter().map(|index| Change::CreateIndex(table, index)));
    }
    for sides in &pair.tables {
        let Sides { previous, next } = *sides;
        let dropped = previous.indexes.iter().filter(|it| !has_equal_index(next, it));
        changes.extend(dropped.map(|index| Change::DropIndex(previous, index)));
        let created = next.indexes.iter().filter(|it| !has_equal_index(previous, it) || is_lost(*sides, it));
        changes.extend(created.map(|index| Change::CreateIndex(next, index)));
        changes.extend(renamed(*sides));
    }
}

/// Whether two indexes are on the same columns, whatever their order or method.
fn are_alike(a: &Index, b: &Index) -> bool {
    let names = |index: &'_ Index| index.columns.iter().map(|it| it.name.clone()).collect::<Vec<_>>();
    a.is_unique == b.is_unique && names(a) == names(b)
}

/// Whether an index of both tables is dropped with a recreated column.
fn is_lost(sides: Sides<&Table>, index: &Index) -> bool {
    index.columns.iter().any(|it| {
        let columns = sides.previous.column(&it.name).zip(sides.next.column(&it.name));
        columns.is_some_and(|(previous, next)| column::is_recreated(Sides { previous, next }))
    })
}

/// Returns renames of equivalent indexes. Several similar indexes of a table cannot be told apart, and keep their names.
fn renamed(sides: Sides<&Table>) -> impl Iterator<Item = Change<'_>> {
    let Sides { previous, next } = sides;
    let is_only_one = |index: &&Index| previous.indexes.iter().filter(|it| are_alike(it, index)).count() == 1;
    previous.indexes.iter().filter(is_only_one).filter_map(move |index| {
        let other = next.indexes.iter().find(|it| are_indexes_equal(it, index))?;
        let is_renamed = other.name != index.name && !is_lost(sides, other);
        is_renamed.then_some(Change::RenameIndex(next, Sides { previous: index, next: other }))
    })
}
