//! Parts of a catalog as SQL: names, types, defaults.

use std::fmt::Write as _;

pub(crate) use nicol_pg::push_ident;
use nicol_pg::{push_bytea, push_literal};

use super::{Arity, Column, ColumnType, Default, NativeType as N, ObjectName, Value};

/// Appends quoted names with a separator between them.
pub(crate) fn push_idents(sql: &mut String, names: &[String], between: &str) {
    for (position, name) in names.iter().enumerate() {
        if position > 0 {
            sql.push_str(between);
        }
        push_ident(sql, name);
    }
}

/// Appends `"schema"."name"`, or the name alone if it has no schema.
pub(crate) fn push_name(sql: &mut String, name: &ObjectName) {
    if let Some(schema) = &name.schema {
        push_ident(sql, schema);
        sql.push('.');
    }
    push_ident(sql, &name.name);
}

/// Appends a name as [`push_name`], but without the schema if it is this one.
pub(crate) fn push_name_outside(sql: &mut String, name: &ObjectName, schema: Option<&str>) {
    if name.schema.as_deref() == schema {
        push_ident(sql, &name.name);
    } else {
        push_name(sql, name);
    }
}

/// Returns `"schema"."name"`, or the name alone if it has no schema.
pub(crate) fn name_sql(name: &ObjectName) -> String {
    let mut sql = String::new();
    push_name(&mut sql, name);
    sql
}

/// Returns the type of a column.
pub(crate) fn type_name(column: &Column) -> String {
    let mut sql = String::new();
    push_type(&mut sql, column);
    sql
}

/// Appends the type of a column.
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

/// Appends a default. A sequence has none: its column has a serial type, or a separate statement creates it.
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
