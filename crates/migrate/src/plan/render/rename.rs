//! Statements that rename.

use nicol_pg::push_literal;

use crate::catalog::ObjectName;
use crate::catalog::sql::{push_ident, push_name};
use crate::plan::change::Rename;

pub(super) fn heading(rename: &Rename) -> &'static str {
    match rename {
        Rename::Table { .. } => "RenameTable",
        Rename::Column { .. } => "RenameColumn",
        Rename::Enum { .. } => "RenameEnum",
        Rename::EnumValue { .. } => "RenameEnumValue",
    }
}

/// Appends statements, the last one without its semicolon.
pub(super) fn rename(sql: &mut String, rename: &Rename) {
    match rename {
        Rename::Table { previous, next } => object(sql, "ALTER TABLE ", previous, next),
        Rename::Enum { previous, next } => object(sql, "ALTER TYPE ", previous, next),
        Rename::Column { table, previous, next } => {
            sql.push_str("ALTER TABLE ");
            push_name(sql, table);
            sql.push_str(" RENAME COLUMN ");
            push_ident(sql, previous);
            sql.push_str(" TO ");
            push_ident(sql, next);
        }
        Rename::EnumValue { enumeration, previous, next } => {
            sql.push_str("ALTER TYPE ");
            push_name(sql, enumeration);
            sql.push_str(" RENAME VALUE ");
            push_literal(sql, previous);
            sql.push_str(" TO ");
            push_literal(sql, next);
        }
    }
}

/// Renames `previous` to `next`, which may be in another schema.
fn object(sql: &mut String, words: &str, previous: &ObjectName, next: &ObjectName) {
    let mut moved = previous.clone();
    if let Some(schema) =
        next.schema.as_ref().filter(|_| previous.schema.is_some() && previous.schema != next.schema)
    {
        sql.push_str(words);
        push_name(sql, previous);
        sql.push_str(" SET SCHEMA ");
        push_ident(sql, schema);
        moved.schema = Some(schema.clone());
    }
    if previous.name != next.name {
        if moved != *previous {
            sql.push_str(";\n");
        }
        sql.push_str(words);
        push_name(sql, &moved);
        sql.push_str(" RENAME TO ");
        push_ident(sql, &next.name);
    }
}

/// Renames the sequence of an `autoincrement()` column, if it has its default name.
pub(super) fn sequence(sql: &mut String, previous: &ObjectName, next: &str) {
    sql.push_str("ALTER SEQUENCE IF EXISTS ");
    push_name(sql, previous);
    sql.push_str(" RENAME TO ");
    push_ident(sql, next);
}
