//! Columns within statements.

use std::fmt::Write as _;

use nicol_pg::{push_bytea, push_literal};

use super::name::{push_ident, push_name};
use crate::catalog::{Arity, Column, ColumnDetails, ColumnType, Default, NativeType as N, Value};

/// `"name" TYPE NOT NULL DEFAULT …`; `details` are there for a column that another database has.
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

/// The word that makes a column together with its sequence.
fn serial_type(column: &Column) -> Option<&'static str> {
    if column.default != Some(Default::Sequence) {
        return None;
    }
    match column.ty {
        ColumnType::Native(N::SmallInt) => Some("SMALLSERIAL"),
        ColumnType::Native(N::BigInt) => Some("BIGSERIAL"),
        // PostgreSQL has none for it, and Prisma makes no sequence.
        ColumnType::Native(N::Oid) => None,
        _ => Some("SERIAL"),
    }
}

pub(crate) fn push_type(sql: &mut String, column: &Column) {
    match &column.ty {
        ColumnType::Native(native) => push_native(sql, *native),
        ColumnType::Enum(name) => push_name(sql, name),
        ColumnType::Raw(words) => sql.push_str(words),
    }
    if column.arity == Arity::List {
        sql.push_str("[]");
    }
}

fn push_native(sql: &mut String, native: N) {
    let (name, length) = match native {
        N::Text => ("TEXT", None),
        N::Char(length) => ("CHAR", length),
        N::VarChar(length) => ("VARCHAR", length),
        N::Bit(length) => ("BIT", length),
        N::VarBit(length) => ("VARBIT", length),
        N::Uuid => ("UUID", None),
        N::Xml => ("XML", None),
        N::Inet => ("INET", None),
        N::Citext => ("CITEXT", None),
        N::Boolean => ("BOOLEAN", None),
        N::Integer => ("INTEGER", None),
        N::SmallInt => ("SMALLINT", None),
        N::Oid => ("OID", None),
        N::BigInt => ("BIGINT", None),
        N::Real => ("REAL", None),
        N::DoublePrecision => ("DOUBLE PRECISION", None),
        N::Decimal(None) => ("DECIMAL", None),
        N::Decimal(Some((precision, scale))) => {
            write!(sql, "DECIMAL({precision},{scale})").expect("writing into a String cannot fail");
            return;
        }
        N::Money => ("MONEY", None),
        N::Timestamp(precision) => ("TIMESTAMP", precision),
        N::Timestamptz(precision) => ("TIMESTAMPTZ", precision),
        N::Date => ("DATE", None),
        N::Time(precision) => ("TIME", precision),
        N::Timetz(precision) => ("TIMETZ", precision),
        N::Json => ("JSON", None),
        N::JsonB => ("JSONB", None),
        N::ByteA => ("BYTEA", None),
    };
    sql.push_str(name);
    if let Some(length) = length {
        write!(sql, "({length})").expect("writing into a String cannot fail");
    }
}

/// A sequence has no words of its own here: its column has a serial type, or a statement makes it apart.
pub(crate) fn push_default(sql: &mut String, column: &Column, default: &Default) {
    match default {
        Default::Sequence | Default::Unstated => {}
        Default::CurrentTimestamp => sql.push_str("CURRENT_TIMESTAMP"),
        Default::Expression(expression) => sql.push_str(expression),
        Default::Value(value) => push_value(sql, value),
        Default::List(values) => {
            sql.push_str("ARRAY[");
            for (position, value) in values.iter().enumerate() {
                if position > 0 {
                    sql.push_str(", ");
                }
                push_value(sql, value);
            }
            sql.push_str("]::");
            push_type(sql, column);
        }
    }
}

fn push_value(sql: &mut String, value: &Value) {
    match value {
        Value::Text(text) => push_literal(sql, text),
        Value::Number(number) => sql.push_str(number),
        Value::Boolean(value) => sql.push_str(if *value { "true" } else { "false" }),
        Value::Bytes(bytes) => push_bytea(sql, bytes),
    }
}
