//! What happens to values when the type of a column changes: for each pair of types, a condition that finds affected values.
//!
//! Prisma covers only some pairs. Here, a pair is omitted only if no value can change or fail. Tests check this on a server with
//! the boundary values of each type.

use crate::catalog::sql::type_name;
use crate::catalog::{Arity, Column, ColumnType, NativeType as N};

/// How values are affected, and which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Loss {
    pub(super) effect: Effect,
    /// An SQL condition on `v`, true for values that change or are refused. It must not fail for any value; if it does, the
    /// values count as affected.
    condition: String,
}

/// How values are affected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// They are out of range, and the statement fails.
    OutOfRange,
    /// They are rounded, or out of range.
    Rounded,
    /// They are longer than the type allows.
    TooLong,
    /// They are longer than the type allows, or lose trailing spaces.
    TooLongOrPadded,
    /// They do not have the length that the type requires.
    OtherLength,
    /// A timestamp loses its time of day.
    TimeOfDay,
    /// A timestamp loses its date.
    Date,
    /// A time loses its offset from UTC.
    Offset,
    /// Fractions of a second are rounded.
    Fractions,
    /// The time zone of the session shifts them.
    Shifted,
    /// JSON loses the order of keys, duplicate keys and formatting.
    Spelling,
    /// Unknown.
    Unknown,
}

/// Returns how the values of a column are affected, or `None` if no value can be.
pub(super) fn loss(previous: &Column, next: &Column) -> Option<Loss> {
    let (was_list, is_list) = (previous.arity == Arity::List, next.arity == Arity::List);
    match (&previous.ty, &next.ty) {
        (ColumnType::Native(from), ColumnType::Native(to)) if was_list == is_list => native(*from, *to),
        // An array becomes its text.
        (_, ColumnType::Native(N::Text | N::VarChar(None))) if was_list => None,
        (_, ColumnType::Native(N::Char(length) | N::VarChar(length))) if was_list => {
            Some(too_long(length.unwrap_or(1)))
        }
        (ColumnType::Enum(_), ColumnType::Enum(_)) => None,
        // Convert there and back: any difference is a change.
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
        // The largest values are out of range on the way back.
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
        // The cast keeps 6 or 15 digits. Compare with the shortest exact text.
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

        // Compare the texts without whitespace. JSONB refuses the zero character.
        (N::Json, N::JsonB) => {
            let bare = |it: &str| format!("pg_catalog.regexp_replace({it}::text, '[[:space:]]', '', 'g')");
            let (json, jsonb) = (bare("v"), bare("v::jsonb"));
            let zero = "strpos(v::text, pg_catalog.chr(92) || 'u0000') > 0";
            new(E::Spelling, format!("case when {zero} then true else {json} <> {jsonb} end"))
        }
        (N::VarBit(_), N::Bit(length)) => {
            new(E::OtherLength, format!("length(v) <> {}", length.unwrap_or(1)))
        }
        // The server has no cast for these, and refuses.
        (N::Citext | N::Money, _) => new(E::Unknown, "true"),
        _ => return time(from, to),
    })
}

/// Pairs of dates and times.
fn time(from: N, to: N) -> Option<Loss> {
    use Effect as E;
    // The default is the highest precision.
    let of = |precision: Option<u32>| precision.unwrap_or(6);
    let fractions = |to, ty: &str| new(E::Fractions, format!("v <> v::{ty}({})", of(to)));
    // Dates have a larger range than timestamps.
    let is_late = "v > '294276-12-31' and v <> 'infinity'";
    Some(match (from, to) {
        (N::Timestamp(_), N::Date) => new(E::TimeOfDay, "v <> v::date::timestamp"),
        (N::Timestamptz(_), N::Date) => new(E::TimeOfDay, "(v at time zone 'UTC') <> v::date::timestamp"),
        (N::Timestamp(_) | N::Timestamptz(_), N::Time(_) | N::Timetz(_)) => new(E::Date, "true"),
        (N::Timestamp(from), N::Timestamp(to)) if of(from) > of(to) => fractions(to, "timestamp"),
        (N::Timestamptz(from), N::Timestamptz(to)) if of(from) > of(to) => fractions(to, "timestamptz"),
        // The client treats timestamps without time zone as UTC.
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

/// Returns a condition for a number that is rounded or out of range: `taken` is what the cast uses, `value` the exact number.
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
    // The text of other types never ends with spaces.
    if matches!(from, N::Text | N::VarChar(_) | N::Citext | N::Xml | N::Json | N::JsonB) {
        let condition = format!("char_length(v::text) > {length} or right(v::text, 1) = ' '");
        Some(new(Effect::TooLongOrPadded, condition))
    } else if fits(from, length) {
        None
    } else {
        Some(too_long(length))
    }
}

/// Whether the text of every value of the type has at most this many characters.
fn fits(ty: N, length: u32) -> bool {
    let longest = match ty {
        N::Boolean => 5,
        N::SmallInt => 6,
        N::Integer => 11,
        N::BigInt => 20,
        N::Oid => 10,
        N::Real => 15,
        N::DoublePrecision => 24,
        // Plus sign, point and a leading zero.
        N::Decimal(Some((precision, _))) => precision.max(3) + 3,
        N::Uuid => 36,
        N::Bit(length) | N::Char(length) => length.unwrap_or(1),
        N::VarChar(Some(length)) | N::VarBit(Some(length)) => length,
        _ => return false,
    };
    longest <= length
}

/// Returns the maximum number of digits of an integer type.
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
