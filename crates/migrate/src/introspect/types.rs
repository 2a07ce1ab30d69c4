//! Types of PostgreSQL → types of the schema language.
//!
//! Source: Prisma 6.19, `sql-schema-describer`; PostgreSQL, `information_schema`, for the modifiers.

use super::rows::Column;
use crate::catalog::{ColumnType, NativeType as N, ObjectName};

/// Returns the type of a column, or of its elements. `enum_name` looks up enums of the catalog.
pub(super) fn column_type(column: &Column, enum_name: impl Fn(&Column) -> Option<ObjectName>) -> ColumnType {
    if column.element_kind == "e"
        && let Some(name) = enum_name(column)
    {
        return ColumnType::Enum(name);
    }
    native_type(column).map_or_else(|| ColumnType::Raw(column.formatted_element.clone()), ColumnType::Native)
}

fn native_type(column: &Column) -> Option<N> {
    let (schema, name) = &column.element;
    let modifier = u32::try_from(column.modifier).ok();
    if name == "citext" {
        return Some(N::Citext);
    }
    if schema != "pg_catalog" {
        return None;
    }
    // The modifier includes a header of four bytes.
    let characters = modifier.map(|it| it.saturating_sub(4));
    // Without a modifier, the precision is the highest.
    let seconds = Some(modifier.unwrap_or(6));
    Some(match name.as_str() {
        "int2" => N::SmallInt,
        "int4" => N::Integer,
        "int8" => N::BigInt,
        "oid" => N::Oid,
        "float4" => N::Real,
        "float8" => N::DoublePrecision,
        "bool" => N::Boolean,
        "text" => N::Text,
        "varchar" => N::VarChar(characters),
        "bpchar" => N::Char(characters),
        "char" => N::Char(None),
        "date" => N::Date,
        "bytea" => N::ByteA,
        "json" => N::Json,
        "jsonb" => N::JsonB,
        "uuid" => N::Uuid,
        "xml" => N::Xml,
        "bit" => N::Bit(modifier),
        "varbit" => N::VarBit(modifier),
        "numeric" => N::Decimal(match characters {
            // The schema language cannot express a negative scale (PostgreSQL 15).
            Some(both) if both & 0x400 != 0 => return None,
            both => both.map(|it| (it >> 16, it & 0x7ff)),
        }),
        "money" => N::Money,
        "time" => N::Time(seconds),
        "timetz" => N::Timetz(seconds),
        "timestamp" => N::Timestamp(seconds),
        "timestamptz" => N::Timestamptz(seconds),
        "inet" => N::Inet,
        _ => return None,
    })
}
