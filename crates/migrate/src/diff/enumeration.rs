//! Enum types of both catalogs.

use super::Pair;
use crate::catalog::{Column, ColumnType, Enum, ObjectName, Table};
use crate::change::{AlterEnum, Change, Sides};

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

/// The order of values does not count: PostgreSQL cannot change it without making the type anew.
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

fn columns<'a>(pair: &Pair<'a>, name: &ObjectName) -> Vec<(&'a Table, &'a Column)> {
    let tables = pair.catalogs.next.tables.iter().filter_map(|table| pair.table(&table.name));
    tables
        .flat_map(|sides| {
            let columns = columns_of(sides.next, name);
            columns
                .filter(move |next| sides.previous.column(&next.name).is_some_and(|it| is_of(it, name)))
                .map(move |column| (sides.next, column))
        })
        .collect()
}

fn defaults<'a>(
    pair: &Pair<'a>,
    name: &ObjectName,
) -> Vec<(&'a Table, &'a Column, Option<(&'a Table, &'a Column)>)> {
    let with_default = |table: &'a Table| {
        columns_of(table, name).filter(|it| it.default.is_some()).map(move |column| (table, column))
    };
    let previous = pair.catalogs.previous.tables.iter().flat_map(with_default);
    previous
        .map(|(table, column)| {
            let next = pair.catalogs.next.table(&table.name);
            let next = next.and_then(|next| Some((next, next.column(&column.name)?)));
            (table, column, next.filter(|(_, next)| is_of(next, name) && next.default.is_some()))
        })
        .collect()
}

fn columns_of<'a>(table: &'a Table, name: &ObjectName) -> impl Iterator<Item = &'a Column> {
    table.columns.iter().filter(move |column| is_of(column, name))
}

fn is_of(column: &Column, name: &ObjectName) -> bool {
    matches!(&column.ty, ColumnType::Enum(ty) if ty.is_same(name))
}
