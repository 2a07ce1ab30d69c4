//! Whether two objects are equivalent, whatever their names and wording.

use super::{Column, ColumnType, Default, Index, IndexColumn, NativeType as N, SortOrder, Table, Value};

/// Whether the table has an equivalent index, whatever its name.
pub(crate) fn has_equal_index(table: &Table, index: &Index) -> bool {
    table.indexes.iter().any(|other| are_indexes_equal(other, index))
}

/// Whether two indexes are equivalent, whatever their names.
pub(crate) fn are_indexes_equal(a: &Index, b: &Index) -> bool {
    let is_same_column = |(a, b): (&IndexColumn, &IndexColumn)| {
        a.name == b.name && a.operator_class == b.operator_class && is_descending(a) == is_descending(b)
    };
    a.is_unique == b.is_unique
        && a.algorithm == b.algorithm
        && a.columns.len() == b.columns.len()
        && a.columns.iter().zip(&b.columns).all(is_same_column)
}

/// Whether the column is sorted in descending order. Ascending is the default.
fn is_descending(column: &IndexColumn) -> bool {
    column.sort == Some(SortOrder::Desc)
}

/// Whether the database can keep its default.
///
/// Source: Prisma 6.19, the scripts of its schema engine. It does not normalize times as the database does, and ignores
/// changes of their defaults.
pub(crate) fn are_defaults_equal(previous: &Column, next: &Column) -> bool {
    match (previous.default.as_ref(), next.default.as_ref()) {
        // The database may keep any default except a sequence.
        (previous, Some(Default::Unstated)) => previous != Some(&Default::Sequence),
        (Some(Default::Expression(_)), Some(Default::List(_)))
        | (Some(Default::List(_)), Some(Default::Expression(_))) => is_time(previous) || is_time(next),
        (Some(Default::Value(_)), Some(_)) if is_time(previous) => true,
        (Some(_), Some(Default::Value(_))) if is_time(next) => true,
        (Some(Default::Value(Value::Text(a))), Some(Default::Value(Value::Text(b))))
            if is_json(previous) || is_json(next) =>
        {
            is_same_json(a, b)
        }
        (Some(Default::Value(a)), Some(Default::Value(b))) => {
            is_whole(previous) == is_whole(next) && are_values_equal(a, b)
        }
        (Some(Default::List(a)), Some(Default::List(b))) => {
            let is_time = is_time(previous) || is_time(next);
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_time || are_values_equal(a, b))
        }
        (Some(Default::Expression(a)), Some(Default::Expression(b))) => a.eq_ignore_ascii_case(b),
        (previous, next) => previous == next,
    }
}

fn is_time(column: &Column) -> bool {
    matches!(
        column.ty,
        ColumnType::Native(N::Timestamp(_) | N::Timestamptz(_) | N::Date | N::Time(_) | N::Timetz(_))
    )
}

fn is_whole(column: &Column) -> bool {
    matches!(column.ty, ColumnType::Native(N::Integer | N::SmallInt | N::BigInt | N::Oid))
}

fn is_json(column: &Column) -> bool {
    matches!(column.ty, ColumnType::Native(N::Json | N::JsonB))
}

/// Whether two texts are equal as JSON. Invalid JSON counts as equal.
fn is_same_json(a: &str, b: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    read(a).zip(read(b)).is_none_or(|(a, b)| a == b)
}

/// Whether two values are equal. Numbers are compared by value: `1.0` is `1`.
fn are_values_equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => without_trailing_zeros(a) == without_trailing_zeros(b),
        _ => a == b,
    }
}

fn without_trailing_zeros(number: &str) -> &str {
    match number.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|digit| digit == b'0') => whole,
        Some(_) => number.trim_end_matches('0'),
        None => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_equal_by_value() {
        for (a, b, equal) in [
            ("1", "1.0", true),
            ("1.50", "1.5", true),
            ("10", "1", false),
            ("10", "10.00", true),
            ("0.1", "0.10", true),
            ("100", "1", false),
        ] {
            let value = |text: &str| Value::Number(text.to_owned());
            assert_eq!(are_values_equal(&value(a), &value(b)), equal, "{a} and {b}");
        }
    }
}
