//! Writes types, defaults, keys and indexes in the schema language.

use std::fmt::Write as _;

use nicol_schema::model::{self as psl, ScalarType};

use super::current::{field_of_column, index_named, unique_named};
use super::names::{NamedEnum, NamedTable, Names};
use crate::catalog::{
    Arity, Column, ColumnDetails, ColumnType, Default, Index, IndexAlgorithm, NativeType, SortOrder, Value,
};

/// Returns a string literal of the schema language.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            it if it < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(it));
            }
            it => out.push(it),
        }
    }
    out.push('"');
    out
}

/// Returns the type of a field, and `@db.…` if it is not the default of that type.
pub(super) fn field_type(
    names: &Names<'_>,
    column: &Column,
    details: Option<&ColumnDetails>,
) -> (String, Option<String>) {
    match &column.ty {
        ColumnType::Native(native) => {
            let native = as_written(*native, column, details);
            let (scalar, usual) = scalar_of(native);
            let written = (usual != native)
                .then(|| format!("@{}.{}", names.current.datasource_name(), native_text(native)));
            (scalar.name().to_owned(), written)
        }
        ColumnType::Enum(name) => {
            (names.enumeration(name).map_or_else(|| name.name.clone(), |it| it.name.text.clone()), None)
        }
        ColumnType::Raw(words) => (format!("Unsupported({})", quoted(words)), None),
    }
}

/// Removes the precision of a list whose elements have none in the database.
///
/// Source: Prisma 6.19, compared with what it writes.
fn as_written(native: NativeType, column: &Column, details: Option<&ColumnDetails>) -> NativeType {
    use NativeType::{Time, Timestamp, Timestamptz, Timetz};

    let is_bare = details.is_some_and(|it| !it.formatted_type.contains('('));
    if column.arity != Arity::List || !is_bare {
        return native;
    }
    match native {
        Time(_) => Time(None),
        Timetz(_) => Timetz(None),
        Timestamp(_) => Timestamp(None),
        Timestamptz(_) => Timestamptz(None),
        other => other,
    }
}

/// Returns the scalar type for a database type, and the default database type of that scalar type.
fn scalar_of(native: NativeType) -> (ScalarType, NativeType) {
    use NativeType as N;

    match native {
        N::Text
        | N::Char(_)
        | N::VarChar(_)
        | N::Bit(_)
        | N::VarBit(_)
        | N::Uuid
        | N::Xml
        | N::Inet
        | N::Citext => (ScalarType::String, N::Text),
        N::Boolean => (ScalarType::Boolean, N::Boolean),
        N::Integer | N::SmallInt | N::Oid => (ScalarType::Int, N::Integer),
        N::BigInt => (ScalarType::BigInt, N::BigInt),
        N::Real | N::DoublePrecision => (ScalarType::Float, N::DoublePrecision),
        N::Decimal(_) | N::Money => (ScalarType::Decimal, N::Decimal(Some((65, 30)))),
        N::Timestamp(_) | N::Timestamptz(_) | N::Date | N::Time(_) | N::Timetz(_) => {
            (ScalarType::DateTime, N::Timestamp(Some(3)))
        }
        N::Json | N::JsonB => (ScalarType::Json, N::JsonB),
        N::ByteA => (ScalarType::Bytes, N::ByteA),
    }
}

fn native_text(native: NativeType) -> String {
    let (name, arguments) = nicol_schema::native_type_parts(native);
    if arguments.is_empty() {
        return name.to_owned();
    }
    let arguments: Vec<_> = arguments.iter().map(u32::to_string).collect();
    format!("{name}({})", arguments.join(", "))
}

/// Returns the argument of `@default(…)`.
pub(super) fn default(
    names: &Names<'_>,
    column: &Column,
    details: Option<&ColumnDetails>,
    current: Option<&psl::Scalar>,
) -> Option<String> {
    let Some(default) = &column.default else {
        return made_by_client(column, current?);
    };
    let owner = match &column.ty {
        ColumnType::Enum(name) => names.enumeration(name),
        _ => None,
    };
    let text = match default {
        Default::Sequence => Some("autoincrement()".to_owned()),
        Default::CurrentTimestamp => Some("now()".to_owned()),
        Default::Unstated => Some("dbgenerated()".to_owned()),
        Default::Expression(words) => Some(format!("dbgenerated({})", quoted(words))),
        Default::Value(value) => value_text(value, owner),
        Default::List(values) => {
            let values: Option<Vec<_>> = values.iter().map(|value| value_text(value, owner)).collect();
            values.map(|values| format!("[{}]", values.join(", ")))
        }
    };
    // A value without a name in the schema file can still be written as SQL.
    text.or_else(|| Some(format!("dbgenerated({})", quoted(details?.default.as_deref()?))))
}

fn value_text(value: &Value, owner: Option<&NamedEnum<'_>>) -> Option<String> {
    Some(match (value, owner) {
        (Value::Text(text), Some(owner)) => {
            let place = owner.enumeration.values.iter().position(|it| it == text)?;
            Some(owner.values[place].text.clone()).filter(|name| !name.is_empty())?
        }
        (Value::Text(text), None) => quoted(text),
        (Value::Number(number), _) => number.clone(),
        (Value::Boolean(value), _) => value.to_string(),
        (Value::Bytes(bytes), _) => quoted(&to_base64(bytes)),
    })
}

/// Returns a default that the client generates, which only the current schema file contains.
fn made_by_client(column: &Column, current: &psl::Scalar) -> Option<String> {
    use psl::DefaultValue as D;

    if !matches!(&column.ty, ColumnType::Native(native) if scalar_of(*native).0 == ScalarType::String) {
        return None;
    }
    Some(match current.default.as_ref()?.value {
        D::Cuid(1) => "cuid()".to_owned(),
        D::Cuid(version) => format!("cuid({version})"),
        D::Uuid(4) => "uuid()".to_owned(),
        D::Uuid(version) => format!("uuid({version})"),
        D::Ulid => "ulid()".to_owned(),
        D::Nanoid(None) => "nanoid()".to_owned(),
        D::Nanoid(Some(length)) => format!("nanoid({length})"),
        _ => return None,
    })
}

/// Encodes base64 (RFC 4648, section 4).
fn to_base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().chain(&[0, 0]).take(3).fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        for place in 0..4 {
            if place <= chunk.len() {
                text.push(char::from(DIGITS[(bits >> (18 - 6 * place) & 63) as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

/// Returns `name(a, b)`, or `name` without arguments.
pub(super) fn call(name: &str, arguments: &[String]) -> String {
    if arguments.is_empty() { name.to_owned() } else { format!("{name}({})", arguments.join(", ")) }
}

/// Returns `@id`, if the column alone is the primary key.
pub(super) fn id_of_column(table: &NamedTable<'_>, column: &str) -> Option<String> {
    let key = table.table.primary_key.as_ref().filter(|key| key.columns == [column])?;
    let usual = nicol_schema::constraint::primary_key(&table.table.name.name);
    let map = (key.name != usual).then(|| format!("map: {}", quoted(&key.name)));
    Some(call("@id", map.as_slice()))
}

/// Returns `@@id`, if several columns are the primary key.
pub(super) fn id_of_table(table: &NamedTable<'_>) -> Option<String> {
    let key = table.table.primary_key.as_ref().filter(|key| key.columns.len() > 1)?;
    let fields: Vec<_> = key.columns.iter().map(|column| table.field(column)).collect();
    let mut arguments = vec![format!("[{}]", fields.join(", "))];
    let current = table.current.and_then(|model| model.primary_key.as_ref()?.name.as_ref());
    arguments.extend(current.map(|name| format!("name: {}", quoted(name))));
    if key.name != nicol_schema::constraint::primary_key(&table.table.name.name) {
        arguments.push(format!("map: {}", quoted(&key.name)));
    }
    Some(call("@@id", &arguments))
}

/// Returns `@unique`, if there is a unique index on the column alone.
pub(super) fn unique_of_column(table: &NamedTable<'_>, column: &str) -> Option<String> {
    let index = table.table.indexes.iter().find(|it| it.is_unique && is_on(it, column))?;
    let mut arguments = Vec::new();
    if index.name != nicol_schema::constraint::unique(&table.table.name.name, &[column]) {
        arguments.push(format!("map: {}", quoted(&index.name)));
    }
    if index.columns.iter().any(|it| it.sort == Some(SortOrder::Desc)) {
        arguments.push("sort: Desc".to_owned());
    }
    Some(call("@unique", &arguments))
}

fn is_on(index: &Index, column: &str) -> bool {
    matches!(index.columns.as_slice(), [only] if only.name == column)
}

/// Returns the `@@unique` and `@@index` of a table, in the order of the schema file and with new ones last.
pub(super) fn indexes(names: &Names<'_>, table: &NamedTable<'_>) -> Vec<String> {
    let is_of_block = |index: &&Index| !(index.is_unique && index.columns.len() == 1);
    let mut placed: Vec<_> =
        table.table.indexes.iter().filter(is_of_block).map(|it| placed(names, table, it)).collect();
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, text)| text).collect()
}

fn placed(names: &Names<'_>, table: &NamedTable<'_>, index: &Index) -> ((bool, usize), String) {
    let columns: Vec<_> = index.columns.iter().map(|it| it.name.as_str()).collect();
    let (name, usual, place) = if index.is_unique {
        let current = table.current.and_then(|model| unique_named(model, &index.name));
        let name = current.and_then(|(_, key)| key.name.clone()).filter(|name| *name != index.name);
        let usual = nicol_schema::constraint::unique(&table.table.name.name, &columns);
        (name, usual, current.map(|(place, _)| place))
    } else {
        let place = table.current.and_then(|model| index_named(model, &index.name));
        (None, nicol_schema::constraint::index(&table.table.name.name, &columns), place)
    };
    let fields: Vec<_> = index
        .columns
        .iter()
        .enumerate()
        .map(|(place, column)| {
            let mut arguments = Vec::new();
            if column.sort == Some(SortOrder::Desc) {
                arguments.push("sort: Desc".to_owned());
            }
            if let Some(class) = &column.operator_class {
                arguments.push(format!("ops: {}", operator_class(class)));
            } else if let Some(class) = unexpected_class(names, table, index, place) {
                arguments.push(format!("ops: raw({})", quoted(class)));
            }
            call(table.field(&column.name), &arguments)
        })
        .collect();
    let mut arguments = vec![format!("[{}]", fields.join(", "))];
    arguments.extend(name.map(|name| format!("name: {}", quoted(&name))));
    if index.name != usual {
        arguments.push(format!("map: {}", quoted(&index.name)));
    }
    if index.algorithm != IndexAlgorithm::BTree {
        arguments.push(format!("type: {:?}", index.algorithm));
    }
    let text = call(if index.is_unique { "@@unique" } else { "@@index" }, &arguments);
    // Those of the schema file come first.
    ((place.is_none(), place.unwrap_or(0)), text)
}

/// Returns the operator class that an extension (`btree_gin`, `btree_gist`) has made the default for a type that has none in the
/// schema language.
fn unexpected_class<'n>(
    names: &'n Names<'_>,
    table: &NamedTable<'_>,
    index: &Index,
    place: usize,
) -> Option<&'n str> {
    let column = table.table.column(&index.columns[place].name)?;
    let details = names.catalog.details.column(&table.table.name, &column.name);
    let class = names.catalog.details.index(&table.table.name, &index.name)?.operator_classes.get(place)?;
    (!has_class(column, details, index.algorithm)).then_some(class)
}

/// Whether the schema language accepts the column in such an index without an operator class.
fn has_class(column: &Column, details: Option<&ColumnDetails>, algorithm: IndexAlgorithm) -> bool {
    use IndexAlgorithm as A;

    let is_list = column.arity == Arity::List;
    let native = match &column.ty {
        ColumnType::Raw(_) => return true,
        ColumnType::Enum(_) => {
            return matches!(algorithm, A::BTree | A::Hash) || algorithm == A::Gin && is_list;
        }
        ColumnType::Native(native) => as_written(*native, column, details),
    };
    let (scalar, usual) = scalar_of(native);
    match algorithm {
        A::BTree | A::Hash => true,
        A::Gin => is_list || scalar == ScalarType::Json && native == NativeType::JsonB,
        // The rule is looser for a type that is not written.
        A::Gist | A::SpGist if native == usual => scalar == ScalarType::String,
        A::Brin if native == usual => !matches!(scalar, ScalarType::Json | ScalarType::Boolean),
        A::Gist => false,
        A::SpGist | A::Brin => nicol_schema::has_default_operator_class(native, algorithm),
    }
}

/// Returns an operator class by its name in the schema language, or as raw SQL.
fn operator_class(class: &str) -> String {
    let known = nicol_schema::operator_class_names()
        .find(|name| crate::from_model::operator_class_sql(name) == class);
    known.map_or_else(|| format!("raw({})", quoted(class)), str::to_owned)
}

/// Returns the current field of a column.
pub(super) fn current_scalar<'m>(
    model: Option<&'m psl::Model>,
    column: &str,
) -> Option<(&'m psl::Field, &'m psl::Scalar)> {
    model.and_then(|model| field_of_column(model, column)).map(|(_, field, scalar)| (field, scalar))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped() {
        assert_eq!(quoted("a\"b\\c\nd\u{1}"), r#""a\"b\\c\nd\u0001""#);
    }

    #[test]
    fn bytes_are_written_in_base64() {
        assert_eq!(to_base64(&[0, 255, 16]), "AP8Q");
        assert_eq!(to_base64(b"a"), "YQ==");
        assert_eq!(to_base64(b"ab"), "YWI=");
        assert_eq!(to_base64(b""), "");
    }
}
