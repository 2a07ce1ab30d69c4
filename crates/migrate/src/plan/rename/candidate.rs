//! Finds objects that may have been renamed, to ask the user about them.

use super::apply::ends;
use crate::catalog::type_change::TypeChange;
use crate::catalog::{Arity, Catalog, Column, Table};
use crate::plan::change::Rename;

/// A new object, and the dropped objects it may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The possible renames to its name, the likeliest first. Never empty.
    pub options: Vec<Rename>,
}

/// Returns objects that a plan would create and that are similar to objects that it would drop.
///
/// Earlier renames change what is similar. So ask one question at a time, and call this again with the catalog of
/// [`Renames`](crate::Renames) with all answers so far.
pub fn rename_candidates(previous: &Catalog, next: &Catalog) -> Vec<Candidate> {
    let questions = enums(previous, next)
        .chain(tables(previous, next))
        .chain(columns(previous, next))
        .chain(values(previous, next));
    questions.filter(|options| !options.is_empty()).map(|options| Candidate { options }).collect()
}

fn tables(previous: &Catalog, next: &Catalog) -> impl Iterator<Item = Vec<Rename>> {
    let created = next.tables.iter().filter(|it| previous.table(&it.name).is_none());
    created.map(|created| {
        let dropped = previous.tables.iter().filter(|it| next.table(&it.name).is_none());
        let mut alike: Vec<_> = dropped.filter_map(|it| Some((likeness(it, created)?, it))).collect();
        alike.sort_by_key(|(likeness, _)| std::cmp::Reverse(*likeness));
        let to_rename = |it: &Table| Rename::Table { previous: it.name.clone(), next: created.name.clone() };
        alike.into_iter().map(|(_, it)| to_rename(it)).collect()
    })
}

/// Returns the number of shared columns, if that is at least half of the columns of either table.
///
/// All tables of implicit many-to-many relations have the same columns, so they must also connect the same tables.
fn likeness(a: &Table, b: &Table) -> Option<usize> {
    if (ends(a).is_some() || ends(b).is_some()) && ends(a) != ends(b) {
        return None;
    }
    let shared =
        a.columns.iter().filter(|it| b.column(&it.name).is_some_and(|other| can_become(it, other))).count();
    (shared > 0 && shared * 2 >= a.columns.len().max(b.columns.len())).then_some(shared)
}

fn can_become(previous: &Column, next: &Column) -> bool {
    let is_list = |column: &Column| column.arity == Arity::List;
    is_list(previous) == is_list(next) && TypeChange::of(previous, next) != TypeChange::Recreate
}

fn columns(previous: &Catalog, next: &Catalog) -> impl Iterator<Item = Vec<Rename>> {
    let pairs = next.tables.iter().filter_map(|next| Some((previous.table(&next.name)?, next)));
    pairs.flat_map(|(previous, next)| {
        let added = next.columns.iter().filter(|it| previous.column(&it.name).is_none());
        added.map(|added| {
            let dropped = previous.columns.iter().filter(|it| next.column(&it.name).is_none());
            let mut options: Vec<_> = dropped.filter(|it| can_become(it, added)).collect();
            // Columns of the same type come first.
            options.sort_by_key(|it| it.ty != added.ty || it.arity != added.arity);
            let to_rename = |it: &Column| Rename::Column {
                table: next.name.clone(),
                previous: it.name.clone(),
                next: added.name.clone(),
            };
            options.into_iter().map(to_rename).collect()
        })
    })
}

fn enums(previous: &Catalog, next: &Catalog) -> impl Iterator<Item = Vec<Rename>> {
    let created = next.enums.iter().filter(|it| previous.enumeration(&it.name).is_none());
    created.map(|created| {
        let dropped = previous.enums.iter().filter(|it| next.enumeration(&it.name).is_none());
        let is_alike = |values: &[String]| {
            let shared = values.iter().filter(|it| created.values.contains(it)).count();
            shared > 0 && shared * 2 >= values.len().max(created.values.len())
        };
        let alike = dropped.filter(|it| is_alike(&it.values));
        alike.map(|it| Rename::Enum { previous: it.name.clone(), next: created.name.clone() }).collect()
    })
}

fn values(previous: &Catalog, next: &Catalog) -> impl Iterator<Item = Vec<Rename>> {
    let pairs = next.enums.iter().filter_map(|next| Some((previous.enumeration(&next.name)?, next)));
    pairs.flat_map(|(previous, next)| {
        let added = next.values.iter().filter(|it| !previous.values.contains(it));
        added.map(|added| {
            let removed = previous.values.iter().filter(|it| !next.values.contains(it));
            let to_rename = |it: &String| Rename::EnumValue {
                enumeration: next.name.clone(),
                previous: it.clone(),
                next: added.clone(),
            };
            removed.map(to_rename).collect()
        })
    })
}
