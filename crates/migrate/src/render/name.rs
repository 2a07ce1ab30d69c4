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

/// The same, without the schema where it is this one.
pub(super) fn push_name_outside(sql: &mut String, name: &ObjectName, schema: Option<&str>) {
    if name.schema.as_deref() == schema {
        push_ident(sql, &name.name);
    } else {
        push_name(sql, name);
    }
}
