//! Column definitions.

use std::fmt::Write as _;

use crate::catalog::sql::{push_default, push_ident, push_type};
use crate::catalog::{Arity, Column, ColumnDetails, ColumnType, Default, NativeType as N};

/// Appends `"name" TYPE NOT NULL DEFAULT …`. `details` exist for a column that was read from a server.
pub(super) fn push_column(sql: &mut String, column: &Column, details: Option<&ColumnDetails>) {
    push_ident(sql, &column.name);
    sql.push(' ');
    let serial = serial_type(column);
    match serial {
        Some(serial) => sql.push_str(serial),
        None => push_type(sql, column),
    }
    if column.arity == Arity::Required {
        sql.push_str(" NOT NULL");
    }
    let generated = details.filter(|it| it.is_generated).and_then(|it| Some((it, it.default.as_ref()?)));
    if let Some((details, expression)) = generated {
        let kept = if details.is_virtual { "VIRTUAL" } else { "STORED" };
        write!(sql, " GENERATED ALWAYS AS ({expression}) {kept}").expect("writing into a String cannot fail");
        return;
    }
    if let (Some(default), None) = (&column.default, serial)
        && !matches!(default, Default::Unstated | Default::Sequence)
    {
        sql.push_str(" DEFAULT ");
        push_default(sql, column, default);
    }
}

/// Returns the type that creates a column with its sequence.
fn serial_type(column: &Column) -> Option<&'static str> {
    if column.default != Some(Default::Sequence) {
        return None;
    }
    match column.ty {
        ColumnType::Native(N::SmallInt) => Some("SMALLSERIAL"),
        ColumnType::Native(N::BigInt) => Some("BIGSERIAL"),
        // PostgreSQL has no serial type for it, and Prisma creates no sequence.
        ColumnType::Native(N::Oid) => None,
        _ => Some("SERIAL"),
    }
}
