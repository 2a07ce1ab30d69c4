//! Statements for enums.

use nicol_pg::push_literal;

use crate::catalog::sql::{push_default, push_ident, push_name};
use crate::catalog::{Arity, Column, Enum, ObjectName, Table};
use crate::plan::change::AlterEnum;

pub(super) fn create(sql: &mut String, name: &ObjectName, values: &[String]) {
    sql.push_str("CREATE TYPE ");
    push_name(sql, name);
    sql.push_str(" AS ENUM (");
    for (position, value) in values.iter().enumerate() {
        if position > 0 {
            sql.push_str(", ");
        }
        push_literal(sql, value);
    }
    sql.push(')');
}

/// Appends statements, the last one without its semicolon. Existing objects of a live database are qualified with their schema,
/// by default `live_schema`, as in Prisma.
pub(super) fn alter(sql: &mut String, change: &AlterEnum<'_>, live_schema: Option<&str>) {
    if change.removed.is_empty() {
        add_values(sql, change);
    } else {
        recreate(sql, change, live_schema);
    }
}

fn with_schema(name: &ObjectName, schema: Option<&str>) -> ObjectName {
    ObjectName { schema: name.schema.clone().or(schema.map(str::to_owned)), name: name.name.clone() }
}

fn add_values(sql: &mut String, change: &AlterEnum<'_>) {
    if change.added.len() > 1 {
        sql.push_str("-- PostgreSQL 11 and older refuse this within one transaction: there, make it several migrations.\n");
    }
    for (position, value) in change.added.iter().enumerate() {
        if position > 0 {
            sql.push_str(";\n");
        }
        sql.push_str("ALTER TYPE ");
        push_name(sql, &change.sides.previous.name);
        sql.push_str(" ADD VALUE ");
        push_literal(sql, value);
    }
}

/// Recreates the type in one transaction, since PostgreSQL cannot remove a value.
fn recreate(sql: &mut String, change: &AlterEnum<'_>, live_schema: Option<&str>) {
    let Enum { name, values } = change.sides.next;
    let with_suffix =
        |suffix: &str| ObjectName { schema: name.schema.clone(), name: format!("{}{suffix}", name.name) };
    let (new, old) = (with_suffix("_new"), with_suffix("_old"));

    sql.push_str("BEGIN;\n");
    create(sql, &new, values);
    sql.push_str(";\n");
    for (table, column, _) in &change.defaults {
        alter_column(sql, &with_schema(&table.name, live_schema), column);
        sql.push_str(" DROP DEFAULT;\n");
    }
    for (table, column) in &change.columns {
        convert(sql, table, column, &new);
    }
    rename(sql, name, &old);
    rename(sql, &new, name);
    sql.push_str("DROP TYPE ");
    let old = ObjectName { schema: change.sides.previous.name.schema.clone(), ..old };
    push_name(sql, &with_schema(&old, live_schema));
    sql.push_str(";\n");
    for (table, column) in change.defaults.iter().filter_map(|(_, _, next)| *next) {
        if let Some(default) = &column.default {
            alter_column(sql, &table.name, column);
            sql.push_str(" SET DEFAULT ");
            push_default(sql, column, default);
            sql.push_str(";\n");
        }
    }
    sql.push_str("COMMIT");
}

fn alter_column(sql: &mut String, table: &ObjectName, column: &Column) {
    sql.push_str("ALTER TABLE ");
    push_name(sql, table);
    sql.push_str(" ALTER COLUMN ");
    push_ident(sql, &column.name);
}

/// Converts values, or arrays of them, through their text.
fn convert(sql: &mut String, table: &Table, column: &Column, new: &ObjectName) {
    let brackets = if column.arity == Arity::List { "[]" } else { "" };
    alter_column(sql, &table.name, column);
    sql.push_str(" TYPE ");
    push_name(sql, new);
    sql.push_str(brackets);
    sql.push_str(" USING (");
    push_ident(sql, &column.name);
    sql.push_str("::text::");
    push_name(sql, new);
    sql.push_str(brackets);
    sql.push_str(");\n");
}

fn rename(sql: &mut String, from: &ObjectName, to: &ObjectName) {
    sql.push_str("ALTER TYPE ");
    push_name(sql, from);
    sql.push_str(" RENAME TO ");
    push_ident(sql, &to.name);
    sql.push_str(";\n");
}
