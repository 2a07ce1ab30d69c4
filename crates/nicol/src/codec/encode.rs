//! Encodes values in PostgreSQL's binary form, according to the type of the parameter.

use std::error::Error;
use std::fmt;

use bigdecimal::BigDecimal;
use bytes::{BufMut, BytesMut};
use chrono::{DateTime, NaiveDate, NaiveTime, Timelike as _, Utc};
use postgres_types::{Format, IsNull, Kind, ToSql, Type, to_sql_checked};

use super::epoch::EPOCH;
use super::numeric;
use super::param::Param;
use crate::value::Value;

/// A value that does not fit the type of its parameter. The text names types, never the value.
#[derive(Debug)]
pub(crate) enum EncodeError {
    /// The value is out of the range of its type.
    OutOfRange,
    /// The value is of another type.
    WrongType { value: &'static str, parameter: String },
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange => f.write_str("a value is out of the range of its column"),
            Self::WrongType { value, parameter } => {
                write!(f, "a value of type `{value}` was given for a parameter of type `{parameter}`")
            }
        }
    }
}

impl Error for EncodeError {}

impl ToSql for Param {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        if self.value.is_null() {
            return Ok(IsNull::Yes);
        }
        match &self.value {
            Value::Text(text) if self.literal => out.put_slice(text.as_bytes()),
            Value::List(values) if *ty == Type::UNKNOWN => texts(values, out)?,
            value => Encoder { digits: self.digits, out }.value(value, ty)?,
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, ty: &Type) -> Format {
        let is_literal = self.literal || *ty == Type::UNKNOWN && matches!(self.value, Value::List(_));
        if is_literal { Format::Text } else { Format::Binary }
    }

    to_sql_checked!();
}

/// Writes a list of texts as the literal of an array of any type.
///
/// Source: PostgreSQL 17 manual, 8.15.2.
fn texts(values: &[Value], out: &mut BytesMut) -> Result<(), EncodeError> {
    out.put_u8(b'{');
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.put_u8(b',');
        }
        match value {
            Value::Null => out.put_slice(b"NULL"),
            Value::Text(text) => {
                out.put_u8(b'"');
                for byte in text.bytes() {
                    if matches!(byte, b'"' | b'\\') {
                        out.put_u8(b'\\');
                    }
                    out.put_u8(byte);
                }
                out.put_u8(b'"');
            }
            Value::List(values) => texts(values, out)?,
            other => return Err(wrong_type(other.type_name(), &Type::TEXT_ARRAY)),
        }
    }
    out.put_u8(b'}');
    Ok(())
}

/// Writes values in their binary form. It truncates or rejects what the column would store differently.
struct Encoder<'a> {
    /// The fractional digits of a second that the column keeps. PostgreSQL would round further digits, possibly to a later time.
    digits: u8,
    out: &'a mut BytesMut,
}

impl Encoder<'_> {
    fn value(&mut self, value: &Value, ty: &Type) -> Result<(), EncodeError> {
        if let Kind::Domain(base) = ty.kind() {
            return self.value(value, base);
        }
        match value {
            Value::Bool(value) if *ty == Type::BOOL => self.out.put_u8(u8::from(*value)),
            Value::Int(value) => return self.integer(i64::from(*value), "Int", ty),
            Value::BigInt(value) => return self.integer(*value, "BigInt", ty),
            Value::Float(value) if *ty == Type::FLOAT8 => self.out.put_f64(*value),
            Value::Float(value) if *ty == Type::FLOAT4 => self.out.put_f32(real(*value)?),
            Value::Decimal(value) if *ty == Type::NUMERIC => return self.decimal(value),
            Value::Text(text) => return self.text(text, ty),
            Value::Bytes(bytes) if *ty == Type::BYTEA => self.out.put_slice(bytes),
            Value::DateTime(time) if *ty == Type::TIMESTAMP || *ty == Type::TIMESTAMPTZ => {
                self.out.put_i64(timestamp(*time, self.digits));
            }
            Value::DateTime(time) if *ty == Type::DATE => self.out.put_i32(days(time.date_naive())?),
            Value::Date(date) if *ty == Type::DATE => self.out.put_i32(days(*date)?),
            Value::Time(time) if *ty == Type::TIME => self.out.put_i64(time_of_day(*time, self.digits)),
            Value::Time(time) if *ty == Type::TIMETZ => {
                self.out.put_i64(time_of_day(*time, self.digits));
                // UTC: the offset is 0.
                self.out.put_i32(0);
            }
            Value::Uuid(uuid) if *ty == Type::UUID => self.out.put_slice(uuid.as_bytes()),
            Value::Uuid(uuid) if is_text(ty) => {
                self.out
                    .put_slice(uuid.hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer()).as_bytes());
            }
            Value::Json(json) if *ty == Type::JSONB || *ty == Type::JSON => return self.json(json, ty),
            Value::List(values) => return self.list(values, ty),
            _ => return Err(wrong_type(value.type_name(), ty)),
        }
        Ok(())
    }

    fn integer(&mut self, value: i64, name: &'static str, ty: &Type) -> Result<(), EncodeError> {
        let out_of_range = |_| EncodeError::OutOfRange;
        match *ty {
            Type::INT2 => self.out.put_i16(i16::try_from(value).map_err(out_of_range)?),
            Type::INT4 => self.out.put_i32(i32::try_from(value).map_err(out_of_range)?),
            Type::INT8 => self.out.put_i64(value),
            Type::OID => self.out.put_u32(u32::try_from(value).map_err(out_of_range)?),
            Type::NUMERIC => return self.decimal(&value.into()),
            #[allow(clippy::cast_precision_loss, reason = "as PostgreSQL casts")]
            Type::FLOAT8 => self.out.put_f64(value as f64),
            _ => return Err(wrong_type(name, ty)),
        }
        Ok(())
    }

    fn decimal(&mut self, value: &BigDecimal) -> Result<(), EncodeError> {
        let mut bytes = Vec::new();
        numeric::encode(value, &mut bytes).ok_or(EncodeError::OutOfRange)?;
        self.out.put_slice(&bytes);
        Ok(())
    }

    fn text(&mut self, text: &str, ty: &Type) -> Result<(), EncodeError> {
        // Enums and citext are not built in and have text as their binary form.
        let textual =
            is_text(ty) || matches!(ty.kind(), Kind::Enum(_)) || ty.name() == "citext" || *ty == Type::XML;
        if *ty == Type::JSONB {
            self.out.put_u8(1);
        } else if !textual && *ty != Type::JSON {
            return Err(wrong_type("String", ty));
        }
        self.out.put_slice(text.as_bytes());
        Ok(())
    }

    fn json(&mut self, json: &serde_json::Value, ty: &Type) -> Result<(), EncodeError> {
        if !nests_at_most(json, JSON_LEVELS) {
            return Err(EncodeError::OutOfRange);
        }
        if *ty == Type::JSONB {
            self.out.put_u8(1);
        }
        serde_json::to_writer((&mut *self.out).writer(), json).map_err(|_| EncodeError::OutOfRange)
    }

    /// Writes the number of dimensions, whether there are nulls, the element type, the length and the first index, then each element with its
    /// length.
    ///
    /// Source: PostgreSQL 16 sources, `array_recv` (`arrayfuncs.c`).
    fn list(&mut self, values: &[Value], ty: &Type) -> Result<(), EncodeError> {
        let Kind::Array(element) = ty.kind() else { return Err(wrong_type("list", ty)) };
        let length = i32::try_from(values.len()).map_err(|_| EncodeError::OutOfRange)?;
        self.out.put_i32(i32::from(length > 0));
        self.out.put_i32(i32::from(values.iter().any(Value::is_null)));
        self.out.put_u32(element.oid());
        if length > 0 {
            self.out.put_i32(length);
            self.out.put_i32(1);
        }
        for value in values {
            if value.is_null() {
                self.out.put_i32(-1);
                continue;
            }
            let start = self.out.len();
            self.out.put_i32(0);
            self.value(value, element)?;
            let length = i32::try_from(self.out.len() - start - 4).map_err(|_| EncodeError::OutOfRange)?;
            self.out[start..start + 4].copy_from_slice(&length.to_be_bytes());
        }
        Ok(())
    }
}

fn wrong_type(value: &'static str, ty: &Type) -> EncodeError {
    EncodeError::WrongType { value, parameter: ty.to_string() }
}

fn is_text(ty: &Type) -> bool {
    [Type::TEXT, Type::VARCHAR, Type::BPCHAR, Type::NAME, Type::UNKNOWN].contains(ty)
}

/// Returns the number as `real`. A number that would become infinite or zero is an error, as it is for PostgreSQL.
fn real(value: f64) -> Result<f32, EncodeError> {
    #[allow(clippy::cast_possible_truncation, reason = "the nearest `real` is what is wanted")]
    let real = value as f32;
    let is_beyond = value.is_finite() && real.is_infinite();
    let is_below = value != 0.0 && real == 0.0;
    if is_beyond || is_below { Err(EncodeError::OutOfRange) } else { Ok(real) }
}

/// The nesting that `serde_json` reads. Deeper values could be written but not read.
const JSON_LEVELS: u8 = 127;

fn nests_at_most(json: &serde_json::Value, levels: u8) -> bool {
    let is_within = |value| levels.checked_sub(1).is_some_and(|levels| nests_at_most(value, levels));
    match json {
        serde_json::Value::Array(values) => levels > 0 && values.iter().all(is_within),
        serde_json::Value::Object(map) => levels > 0 && map.values().all(is_within),
        _ => true,
    }
}

/// Returns the microseconds since 2000-01-01. The greatest and the smallest time of chrono stand for PostgreSQL's infinities.
fn timestamp(time: DateTime<Utc>, digits: u8) -> i64 {
    match time {
        time if time == DateTime::<Utc>::MAX_UTC => i64::MAX,
        time if time == DateTime::<Utc>::MIN_UTC => i64::MIN,
        // The range of chrono's type fits into 64 bits of microseconds.
        time => cut(time.timestamp_micros() - EPOCH.and_utc().timestamp_micros(), digits),
    }
}

/// Returns the microseconds since midnight; 23:59:60 becomes 24:00:00.
fn time_of_day(time: NaiveTime, digits: u8) -> i64 {
    let seconds = i64::from(time.num_seconds_from_midnight());
    cut(seconds * 1_000_000 + i64::from(time.nanosecond() / 1000), digits)
}

/// Truncates towards the past, on both sides of the epoch.
fn cut(microseconds: i64, digits: u8) -> i64 {
    const UNITS: [i64; 6] = [1_000_000, 100_000, 10_000, 1000, 100, 10];
    UNITS.get(usize::from(digits)).map_or(microseconds, |unit| microseconds - microseconds.rem_euclid(*unit))
}

fn days(date: NaiveDate) -> Result<i32, EncodeError> {
    match date {
        NaiveDate::MAX => Ok(i32::MAX),
        NaiveDate::MIN => Ok(i32::MIN),
        date => i32::try_from((date - EPOCH.date()).num_days()).map_err(|_| EncodeError::OutOfRange),
    }
}
