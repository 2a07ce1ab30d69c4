//! What becomes of the values of a column whose type changes: one table of pairs, and for each the question that finds the
//! values concerned.
//!
//! Prisma knows of some pairs only. Here a pair is left out if no value of the one type can suffer in the other; that is
//! tested against the server, with the values at the edges of each type.

use crate::catalog::sql::type_name;
use crate::catalog::{Arity, Column, ColumnType, NativeType as N};

/// How values suffer, and which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Loss {
    pub(super) effect: Effect,
    /// An SQL condition on `v`, true for the values that are not the same afterwards or are refused. It must not fail for any
    /// value; where that cannot be ensured, a failure counts as yes.
    condition: String,
}

/// How values suffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// They do not fit, and the statement fails.
    OutOfRange,
    /// They lose digits, or do not fit.
    Rounded,
    /// They are longer than the type allows.
    TooLong,
    /// They are longer than the type allows, or end with blanks, which it does not keep.
    TooLongOrPadded,
    /// They have another length than the type asks for.
    OtherLength,
    /// A time stamp becomes a date.
    TimeOfDay,
    /// A time stamp becomes a time.
    Date,
    /// A time loses its offset from UTC.
    Offset,
    /// Fractions of a second are lost.
    Fractions,
    /// The time zone of the session decides which time it is.
    Shifted,
    /// JSON loses the order of keys, duplicate keys and the spelling.
    Spelling,
    /// It is not known which.
    Unknown,
}

/// What happens to the values of a column; `None` if nothing can.
pub(super) fn loss(previous: &Column, next: &Column) -> Option<Loss> {
    let (was_list, is_list) = (previous.arity == Arity::List, next.arity == Arity::List);
    match (&previous.ty, &next.ty) {
        (ColumnType::Native(from), ColumnType::Native(to)) if was_list == is_list => native(*from, *to),
        // The text of an array.
        (_, ColumnType::Native(N::Text | N::VarChar(None))) if was_list => None,
        (_, ColumnType::Native(N::Char(length) | N::VarChar(length))) if was_list => {
            Some(too_long(length.unwrap_or(1)))
        }
        (ColumnType::Enum(_), ColumnType::Enum(_)) => None,
        // There and back: what is no longer the same was changed.
        (from, to) => {
            let (from, to) = (words(from), words(to));
            Some(Loss {
                effect: Effect::Unknown,
                condition: format!("v::{to}::{from}::text is distinct from v::text"),
            })
        }
    }
}

fn words(ty: &ColumnType) -> String {
    let column = Column { name: String::new(), ty: ty.clone(), arity: Arity::Required, default: None };
    type_name(&column)
}

impl Loss {
    /// Returns the condition for the value of a column, or for any element of it.
    pub(super) fn condition(&self, column: &str, is_list: bool) -> String {
        let condition = &self.condition;
        let source =
            if is_list { format!("pg_catalog.unnest({column})") } else { format!("(select {column})") };
        format!("exists (select from {source} as s(v) where v is not null and ({condition}))")
    }
}

fn new(effect: Effect, condition: impl Into<String>) -> Loss {
    Loss { effect, condition: condition.into() }
}

fn native(from: N, to: N) -> Option<Loss> {
    use Effect as E;
    Some(match (from, to) {
        (_, N::Text | N::VarChar(None))
        | (N::Text | N::Inet | N::Money, N::Citext)
        | (N::Money | N::SmallInt | N::Integer | N::BigInt, N::Decimal(None)) => return None,
        (_, N::VarChar(Some(length))) if fits(from, length) => return None,
        (_, N::VarChar(Some(length))) => too_long(length),
        (_, N::Char(length)) => return char(from, length.unwrap_or(1)),

        (N::SmallInt | N::Integer | N::BigInt | N::Oid, to @ (N::SmallInt | N::Integer | N::BigInt)) => {
            let is_wider = digits(from) > digits(to) || from == N::Oid && to == N::Integer;
            if !is_wider {
                return None;
            }
            new(E::OutOfRange, format!("not ({})", within(from, to)))
        }
        (N::Integer, N::Real) => new(E::Rounded, "v::real::bigint <> v"),
        // The largest ones become a number that is out of range on the way back.
        (N::BigInt, N::Real | N::DoublePrecision) => {
            let to = if to == N::Real { "real" } else { "double precision" };
            let largest = "9223372036854775808::double precision";
            new(E::Rounded, format!("case when v::{to} >= {largest} then true else v::{to}::bigint <> v end"))
        }
        (N::SmallInt | N::Integer | N::BigInt, N::Decimal(Some((precision, scale)))) => {
            let room = precision.saturating_sub(scale);
            if room >= digits(from) {
                return None;
            }
            new(E::OutOfRange, format!("abs(v::numeric) >= '1e{room}'::numeric"))
        }

        (N::Real | N::DoublePrecision | N::Decimal(_), N::SmallInt | N::Integer | N::BigInt) => {
            new(E::Rounded, format!("not (v = trunc(v) and {})", within(from, to)))
        }
        (N::DoublePrecision, N::Real) => new(
            E::Rounded,
            "case when v in ('NaN', 'Infinity', '-Infinity') then false
                when abs(v) > 3.4028234663852886e38 or v <> 0 and abs(v) < 1.4e-45 then true
                else v::real::double precision <> v end",
        ),
        // The shortest text that means the number, against the 6 or 15 digits that are taken over.
        (N::Real | N::DoublePrecision, N::Decimal(None)) => new(E::Rounded, "v::text::numeric <> v::numeric"),
        (N::Real | N::DoublePrecision, N::Decimal(Some(size))) => {
            new(E::Rounded, rounded("v::numeric", "v::text::numeric", size))
        }
        (N::Decimal(size), N::Real | N::DoublePrecision) => {
            let (to, kept, largest, smallest) = match to {
                N::Real => ("real", 6, "3.4028235e38", "1.4e-45"),
                _ => ("double precision", 15, "1.7976931348623157e308", "4.9e-324"),
            };
            if size.is_some_and(|(precision, _)| precision <= kept) {
                return None;
            }
            new(
                E::Rounded,
                format!(
                    "case when v::text in ('NaN', 'Infinity', '-Infinity') then false
                        when abs(v) > '{largest}'::numeric or v <> 0 and abs(v) < '{smallest}'::numeric then true
                        else v::{to}::text::numeric <> v end"
                ),
            )
        }
        (N::Decimal(Some((old, old_scale))), N::Decimal(Some((precision, scale))))
            if old_scale <= scale && old.saturating_sub(old_scale) <= precision.saturating_sub(scale) =>
        {
            return None;
        }
        (N::Decimal(_), N::Decimal(Some(size))) => new(E::Rounded, rounded("v", "v", size)),
        (N::Money, N::Decimal(Some(size))) => new(E::Rounded, rounded("v::numeric", "v::numeric", size)),

        // What stays: the text without blanks. JSONB refuses the zero character.
        (N::Json, N::JsonB) => {
            let bare = |it: &str| format!("pg_catalog.regexp_replace({it}::text, '[[:space:]]', '', 'g')");
            let (json, jsonb) = (bare("v"), bare("v::jsonb"));
            let zero = "strpos(v::text, pg_catalog.chr(92) || 'u0000') > 0";
            new(E::Spelling, format!("case when {zero} then true else {json} <> {jsonb} end"))
        }
        (N::VarBit(_), N::Bit(length)) => {
            new(E::OtherLength, format!("length(v) <> {}", length.unwrap_or(1)))
        }
        // The server has no conversion of its own for these, and refuses.
        (N::Citext | N::Money, _) => new(E::Unknown, "true"),
        _ => return time(from, to),
    })
}

/// Pairs of dates and times.
fn time(from: N, to: N) -> Option<Loss> {
    use Effect as E;
    // Without a number it is as exact as can be.
    let of = |precision: Option<u32>| precision.unwrap_or(6);
    let fractions = |to, ty: &str| new(E::Fractions, format!("v <> v::{ty}({})", of(to)));
    // Dates reach further than time stamps do.
    let is_late = "v > '294276-12-31' and v <> 'infinity'";
    Some(match (from, to) {
        (N::Timestamp(_), N::Date) => new(E::TimeOfDay, "v <> v::date::timestamp"),
        (N::Timestamptz(_), N::Date) => new(E::TimeOfDay, "(v at time zone 'UTC') <> v::date::timestamp"),
        (N::Timestamp(_) | N::Timestamptz(_), N::Time(_) | N::Timetz(_)) => new(E::Date, "true"),
        (N::Timestamp(from), N::Timestamp(to)) if of(from) > of(to) => fractions(to, "timestamp"),
        (N::Timestamptz(from), N::Timestamptz(to)) if of(from) > of(to) => fractions(to, "timestamptz"),
        // To the client a time stamp without a zone is one of UTC.
        (N::Timestamp(_), N::Timestamptz(to)) => {
            new(E::Shifted, format!("(v at time zone 'UTC') <> v::timestamptz({})", of(to)))
        }
        (N::Timestamptz(_), N::Timestamp(to)) => {
            new(E::Shifted, format!("(v at time zone 'UTC') <> v::timestamp({})", of(to)))
        }
        (N::Date, N::Timestamp(_)) => new(E::OutOfRange, is_late),
        (N::Date, N::Timestamptz(_)) => new(
            E::Shifted,
            format!(
                "case when {is_late} then true else (v::timestamp at time zone 'UTC') <> v::timestamptz end"
            ),
        ),
        (N::Time(_), N::Timetz(to)) => {
            new(E::Shifted, format!("(v::text || '+00')::timetz <> v::timetz({})", of(to)))
        }
        (N::Timetz(_), N::Time(to)) => {
            new(E::Offset, format!("v <> (v::time({})::text || '+00')::timetz", of(to)))
        }
        (N::Timetz(from), N::Timetz(to)) if of(from) > of(to) => fractions(to, "timetz"),
        _ => return None,
    })
}

/// Whether a value, given as a number that is taken over and as the number that it is, gets another one or has no room.
fn rounded(taken: &str, value: &str, (precision, scale): (u32, u32)) -> String {
    let room = precision.saturating_sub(scale);
    format!(
        "case {value}::text when 'NaN' then false when 'Infinity' then true when '-Infinity' then true
            else round({taken}, {scale}) <> {value} or abs(round({taken}, {scale})) >= '1e{room}'::numeric end"
    )
}

fn too_long(length: u32) -> Loss {
    new(Effect::TooLong, format!("char_length(v::text) > {length}"))
}

fn char(from: N, length: u32) -> Option<Loss> {
    // All others have no blanks at their end.
    if matches!(from, N::Text | N::VarChar(_) | N::Citext | N::Xml | N::Json | N::JsonB) {
        let condition = format!("char_length(v::text) > {length} or right(v::text, 1) = ' '");
        Some(new(Effect::TooLongOrPadded, condition))
    } else if fits(from, length) {
        None
    } else {
        Some(too_long(length))
    }
}

/// Whether the text of any value of the type has this many characters at most.
fn fits(ty: N, length: u32) -> bool {
    let longest = match ty {
        N::Boolean => 5,
        N::SmallInt => 6,
        N::Integer => 11,
        N::BigInt => 20,
        N::Oid => 10,
        N::Real => 15,
        N::DoublePrecision => 24,
        // The sign, the point, and a zero before it.
        N::Decimal(Some((precision, _))) => precision.max(3) + 3,
        N::Uuid => 36,
        N::Bit(length) | N::Char(length) => length.unwrap_or(1),
        N::VarChar(Some(length)) | N::VarBit(Some(length)) => length,
        _ => return false,
    };
    longest <= length
}

/// The most digits that a whole number of the type has.
fn digits(ty: N) -> u32 {
    match ty {
        N::SmallInt => 5,
        N::Integer | N::Oid => 10,
        _ => 19,
    }
}

fn within(from: N, to: N) -> String {
    let value = if from == N::Oid { "v::bigint" } else { "v" };
    let (least, end) = match to {
        N::SmallInt => ("-32768", "32768"),
        N::Integer => ("-2147483648", "2147483648"),
        _ => ("-9223372036854775808", "9223372036854775808"),
    };
    format!("{value} >= {least} and {value} < {end}")
}
