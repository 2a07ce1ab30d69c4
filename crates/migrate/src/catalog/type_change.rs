//! Whether PostgreSQL can convert the values of one type into another.
//!
//! Data depends on this, so it follows Prisma for each pair of types, including its oddities: `citext` and `money` count as
//! convertible to anything.
//!
//! Source: Prisma 6.19.0, its migration for each pair of types.

use super::{Arity, Column, ColumnType, NativeType as N};

/// What happens to a column whose type may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TypeChange {
    /// Nothing: the types are the same.
    None,
    /// The values are converted. The hazards of a plan say which ones suffer.
    Cast,
    /// The values are lost: the column is dropped and added again.
    Recreate,
}

impl TypeChange {
    /// Returns what happens to the column `previous` when it becomes `next`.
    pub(crate) fn of(previous: &Column, next: &Column) -> Self {
        let was_list = previous.arity == Arity::List;
        let is_list = next.arity == Arity::List;
        match (&previous.ty, &next.ty) {
            (ColumnType::Enum(a), ColumnType::Enum(b)) if a.is_same(b) => {
                if was_list == is_list {
                    TypeChange::None
                } else {
                    TypeChange::Cast
                }
            }
            (ColumnType::Enum(_), _) | (_, ColumnType::Enum(_)) => TypeChange::Recreate,
            _ if was_list == is_list => match (&previous.ty, &next.ty) {
                (ColumnType::Native(a), ColumnType::Native(b)) => native(*a, *b),
                // Nothing is known about two types given as SQL, not even whether they differ.
                (ColumnType::Raw(_), ColumnType::Raw(_)) => TypeChange::None,
                _ => TypeChange::Cast,
            },
            // An array has a text form.
            (_, ColumnType::Native(N::Text | N::Char(_) | N::VarChar(_))) if was_list => TypeChange::Cast,
            _ => TypeChange::Recreate,
        }
    }
}

fn native(previous: N, next: N) -> TypeChange {
    if previous == next || is_default_precision(previous, next) {
        TypeChange::None
    } else if is_castable(previous, next) {
        TypeChange::Cast
    } else {
        TypeChange::Recreate
    }
}

/// Whether one of two times has no precision, which matches any precision.
fn is_default_precision(previous: N, next: N) -> bool {
    match (previous, next) {
        (N::Timestamp(a), N::Timestamp(b))
        | (N::Timestamptz(a), N::Timestamptz(b))
        | (N::Time(a), N::Time(b))
        | (N::Timetz(a), N::Timetz(b)) => a.is_none() || b.is_none(),
        _ => false,
    }
}

fn is_castable(previous: N, next: N) -> bool {
    match (previous, next) {
        (_, N::VarChar(Some(length))) => text_length(previous).is_none_or(|it| length >= it),
        (N::Inet | N::Oid, N::Char(_)) => false,
        (N::Boolean, N::Char(length)) => length.unwrap_or(1) >= 4,
        (_, N::Char(length)) => text_length(previous).is_none_or(|it| length.unwrap_or(1) >= it),
        (N::Bit(length), N::VarBit(max)) => max.is_none_or(|max| max >= length.unwrap_or(1)),
        (N::VarBit(Some(max)), N::Bit(length)) => length.unwrap_or(1) <= max,
        (N::VarBit(Some(previous)), N::VarBit(next)) => next.is_none_or(|next| next > previous),
        (N::Citext | N::Money, _)
        | (_, N::Text | N::VarChar(None))
        | (N::Text | N::Inet, N::Citext)
        | (N::VarBit(None), N::Bit(_))
        | (N::Oid, N::Integer | N::BigInt)
        | (N::Timestamp(_) | N::Timestamptz(_), N::Date | N::Time(_) | N::Timetz(_))
        | (N::Timestamp(_) | N::Timestamptz(_) | N::Date, N::Timestamp(_) | N::Timestamptz(_))
        | (N::Time(_), N::Timetz(_))
        | (N::Timetz(_), N::Time(_) | N::Timetz(_))
        | (N::Json, N::JsonB)
        | (N::JsonB, N::Json) => true,
        _ => is_number(previous) && is_number(next),
    }
}

fn is_number(ty: N) -> bool {
    matches!(ty, N::Integer | N::SmallInt | N::BigInt | N::Real | N::DoublePrecision | N::Decimal(_))
}

/// Returns the number of characters that every value of the type fits in, or `None` if Prisma does not check it.
fn text_length(ty: N) -> Option<u32> {
    match ty {
        N::Bit(length) => Some(length.unwrap_or(1)),
        N::ByteA => Some(3),
        N::Time(_) => Some(14),
        N::Timetz(_) => Some(19),
        N::Timestamp(_) => Some(23),
        N::Timestamptz(_) | N::Date => Some(28),
        N::Uuid => Some(32),
        _ => None,
    }
}
