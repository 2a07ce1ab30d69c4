//! Names within statements.

use crate::catalog::ObjectName;

pub(super) use nicol_pg::push_ident;

/// Appends names, quoted, with something in between.
pub(super) fn push_idents(sql: &mut String, names: &[String], between: &str) {
    for (position, name) in names.iter().enumerate() {
        if position > 0 {
            sql.push_str(between);
        }
        push_ident(sql, name);
    }
}

/// Appends `"schema"."name"`, or the name alone where no schema is given.
pub(super) fn push_name(sql: &mut String, name: &ObjectName) {
    if let Some(schema) = &name.schema {
        push_ident(sql, schema);
        sql.push('.');
    }
    push_ident(sql, &name.name);
}

/// The same for statements that drop something, which leave out `"public"` as Prisma's do.
pub(super) fn push_dropped_name(sql: &mut String, name: &ObjectName) {
    match name.schema.as_deref() {
        Some("public") => push_ident(sql, &name.name),
        _ => push_name(sql, name),
    }
}
