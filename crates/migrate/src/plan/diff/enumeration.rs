//! Compares the enums of both catalogs.

use super::Pair;
use crate::catalog::{Column, ColumnType, Enum, ObjectName, Table};
use crate::plan::change::{AlterEnum, Change, Sides};

pub(super) fn diff<'a>(pair: &Pair<'a>, changes: &mut Vec<Change<'a>>) {
    let catalogs = pair.catalogs;
    for previous in &catalogs.previous.enums {
        match catalogs.next.enumeration(&previous.name) {
            Some(next) => changes.extend(alter(pair, Sides { previous, next }).map(Change::AlterEnum)),
            None => changes.push(Change::DropEnum(previous)),
        }
    }
    let created = catalogs.next.enums.iter().filter(|it| catalogs.previous.enumeration(&it.name).is_none());
    changes.extend(created.map(Change::CreateEnum));
}

/// Returns the change of an enum. The order of values is ignored, since changing it would recreate the type.
fn alter<'a>(pair: &Pair<'a>, sides: Sides<&'a Enum>) -> Option<AlterEnum<'a>> {
    let missing_in = |from: &'a Enum, other: &'a Enum| -> Vec<&'a str> {
        from.values.iter().filter(|value| !other.values.contains(value)).map(String::as_str).collect()
    };
    let added = missing_in(sides.next, sides.previous);
    let removed = missing_in(sides.previous, sides.next);
    if added.is_empty() && removed.is_empty() {
        return None;
    }
    let name = &sides.previous.name;
    Some(AlterEnum { sides, added, removed, columns: columns(pair, name), defaults: defaults(pair, name) })
}

/// Returns the existing columns that have the type in the next catalog, whatever type they have now: Prisma also converts those
/// that it then recreates. A default of another type cannot be converted.
fn columns<'a>(pair: &Pair<'a>, name: &ObjectName) -> Vec<(&'a Table, &'a Column)> {
    let tables = pair.catalogs.next.tables.iter().filter_map(|table| pair.table(&table.name));
    let can_move = |previous: &Column| is_of(previous, name) || previous.default.is_none();
    tables
        .flat_map(|sides| {
            let columns = columns_of(sides.next, name);
            columns
                .filter(move |next| sides.previous.column(&next.name).is_some_and(can_move))
                .map(move |column| (sides.next, column))
        })
        .collect()
}

/// Returns the columns whose default has the type. Dropped tables come first, and within the others dropped columns, sorted by
/// name.
fn defaults<'a>(
    pair: &Pair<'a>,
    name: &ObjectName,
) -> Vec<(&'a Table, &'a Column, Option<(&'a Table, &'a Column)>)> {
    let mut defaults = Vec::new();
    for table in &pair.catalogs.previous.tables {
        let next = pair.catalogs.next.table(&table.name);
        for column in columns_of(table, name).filter(|it| it.default.is_some()) {
            let next = next.and_then(|next| Some((next, next.column(&column.name)?)));
            defaults.push((table, column, next));
        }
    }
    // A stable sort: tables keep their order.
    let positions: Vec<_> = pair.catalogs.previous.tables.iter().map(|it| &it.name).collect();
    defaults.sort_by_key(|(table, column, next)| {
        let stays = pair.catalogs.next.table(&table.name).is_some();
        let position = positions.iter().position(|it| **it == table.name);
        (stays, position, stays && next.is_some(), if stays { column.name.as_str() } else { "" })
    });
    let keeps = |(_, next): &(&Table, &Column)| is_of(next, name) && next.default.is_some();
    defaults.into_iter().map(|(table, column, next)| (table, column, next.filter(keeps))).collect()
}

fn columns_of<'a>(table: &'a Table, name: &ObjectName) -> impl Iterator<Item = &'a Column> {
    table.columns.iter().filter(move |column| is_of(column, name))
}

fn is_of(column: &Column, name: &ObjectName) -> bool {
    matches!(&column.ty, ColumnType::Enum(ty) if ty.is_same(name))
}
