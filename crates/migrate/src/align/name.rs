//! Names that the server has truncated to 63 bytes.

use crate::catalog::{Catalog, ColumnType, ObjectName};

/// Source: PostgreSQL manual, 4.1.1, "Identifiers and Key Words" (`NAMEDATALEN - 1`).
const LONGEST: usize = 63;

/// Gives tables, columns and enums their full names again. Names of constraints and indexes in a schema file are never
/// longer than 63 bytes.
pub(super) fn align(live: &mut Catalog, other: &Catalog) {
    for next in other.enums.iter().filter(|it| is_long(&it.name.name)) {
        rename_enum(live, &next.name);
    }
    for next in &other.tables {
        if is_long(&next.name.name) {
            rename_table(live, &next.name);
        }
        for column in next.columns.iter().filter(|it| is_long(&it.name)) {
            rename_column(live, &next.name, &column.name);
        }
    }
}

fn is_long(name: &str) -> bool {
    name.len() > LONGEST
}

/// Truncates a name as the server does: to whole characters.
fn cut(name: &str) -> &str {
    &name[..name.floor_char_boundary(LONGEST)]
}

fn cut_object(name: &ObjectName) -> ObjectName {
    ObjectName { schema: name.schema.clone(), name: cut(&name.name).to_owned() }
}

fn rename_enum(live: &mut Catalog, name: &ObjectName) {
    let short = cut_object(name);
    for enumeration in live.enums.iter_mut().filter(|it| it.name == short) {
        enumeration.name = name.clone();
    }
    for column in live.tables.iter_mut().flat_map(|table| &mut table.columns) {
        if column.ty == ColumnType::Enum(short.clone()) {
            column.ty = ColumnType::Enum(name.clone());
        }
    }
}

fn rename_table(live: &mut Catalog, name: &ObjectName) {
    let short = cut_object(name);
    for table in &mut live.tables {
        for key in table.foreign_keys.iter_mut().filter(|it| it.referenced_table == short) {
            key.referenced_table = name.clone();
        }
        if table.name == short {
            table.name = name.clone();
        }
    }
    live.details.rename_table(&short, name);
}

fn rename_column(live: &mut Catalog, table: &ObjectName, name: &str) {
    let short = cut(name);
    let rename = |it: &mut String| {
        if it == short {
            name.clone_into(it);
        }
    };
    for of in &mut live.tables {
        for key in of.foreign_keys.iter_mut().filter(|it| it.referenced_table == *table) {
            key.referenced_columns.iter_mut().for_each(rename);
        }
        if of.name != *table {
            continue;
        }
        of.columns.iter_mut().map(|it| &mut it.name).for_each(rename);
        of.primary_key.iter_mut().flat_map(|it| &mut it.columns).for_each(rename);
        of.indexes.iter_mut().flat_map(|it| &mut it.columns).map(|it| &mut it.name).for_each(rename);
        of.foreign_keys.iter_mut().flat_map(|it| &mut it.columns).for_each(rename);
    }
    live.details.rename_column(table, short, name);
}
