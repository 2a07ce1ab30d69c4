//! One column in both catalogs.

use super::type_change::{TypeChange, type_change};
use crate::catalog::{Arity, Column, ColumnDetails, ColumnType, Default, NativeType as N, Value};
use crate::change::{AlterColumn, Sides, TableAction};

/// `details` are there for the sides that a server has described.
pub(super) fn diff<'a>(
    sides: Sides<&'a Column>,
    details: Sides<Option<&ColumnDetails>>,
) -> Option<TableAction<'a>> {
    let change = type_change(sides);
    if change == TypeChange::Recreate {
        return Some(TableAction::RecreateColumn(sides));
    }
    let arity = sides.previous.arity != sides.next.arity;
    let default = !are_defaults_equal(sides) && !is_beyond_words(sides, details);
    let ty = change == TypeChange::Cast;
    (arity || default || ty).then_some(TableAction::AlterColumn(AlterColumn { sides, arity, default, ty }))
}

/// Whether the server fills the column in a way that a schema file cannot say, and the schema file says nothing that
/// would contradict it.
fn is_beyond_words(sides: Sides<&Column>, details: Sides<Option<&ColumnDetails>>) -> bool {
    match (details.previous, details.next) {
        (Some(live), None) => allows(sides.next, live),
        (None, Some(live)) => allows(sides.previous, live),
        _ => false,
    }
}

/// Whether a column of a schema file can be generated, or an identity, as the server has it. An identity is never null.
fn allows(column: &Column, live: &ColumnDetails) -> bool {
    let says_nothing = matches!(column.default, None | Some(Default::Unstated));
    let is_numbered = says_nothing || column.default == Some(Default::Sequence);
    live.is_generated && says_nothing
        || live.identity.is_some() && is_numbered && column.arity == Arity::Required && is_integer(column)
}

/// Whether its type changes, with or without its values.
pub(super) fn has_another_type(sides: Sides<&Column>) -> bool {
    type_change(sides) != TypeChange::None
}

/// Whether it is dropped and added again, and whatever hangs on it goes with it.
pub(super) fn is_recreated(sides: Sides<&Column>) -> bool {
    type_change(sides) == TypeChange::Recreate
}

/// Whether the database can go on with the default that it has.
///
/// Source: Prisma 6.19, the scripts of its schema engine. Of times it does not know the text that the database gives
/// back, and leaves them alone.
pub(crate) fn are_defaults_equal(sides: Sides<&Column>) -> bool {
    let Sides { previous, next } = sides;
    match (previous.default.as_ref(), next.default.as_ref()) {
        // Whatever the database has, it may keep, unless it is a sequence.
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

/// Source: PostgreSQL manual, `CREATE TABLE`: an identity column has one of these types.
fn is_integer(column: &Column) -> bool {
    is_whole(column) && column.ty != ColumnType::Native(N::Oid)
}

fn is_json(column: &Column) -> bool {
    matches!(column.ty, ColumnType::Native(N::Json | N::JsonB))
}

/// What is no JSON cannot be told apart.
fn is_same_json(a: &str, b: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    read(a).zip(read(b)).is_none_or(|(a, b)| a == b)
}

/// Numbers are compared by value: `1.0` is `1`.
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
