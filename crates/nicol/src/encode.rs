//! Values in PostgreSQL's binary form, for the type that the parameter has.

use std::error::Error;
use std::fmt;

use bytes::{BufMut, BytesMut};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use postgres_types::{IsNull, Kind, ToSql, Type, to_sql_checked};

use crate::cells::encode_numeric;
use crate::sql::Param;
use crate::value::Value;

/// A value that the parameter's type cannot take. The text names types, never the value.
#[derive(Debug)]
pub(crate) enum EncodeError {
    /// The type is right, and the value beyond its range.
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
        if self.value == Value::Null {
            return Ok(IsNull::Yes);
        }
        encode(&self.value, ty, out)?;
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn encode(value: &Value, ty: &Type, out: &mut BytesMut) -> Result<(), EncodeError> {
    if let Kind::Domain(base) = ty.kind() {
        return encode(value, base, out);
    }
    match value {
        Value::Bool(value) if *ty == Type::BOOL => out.put_u8(u8::from(*value)),
        Value::Int(value) => return integer(i64::from(*value), "Int", ty, out),
        Value::BigInt(value) => return integer(*value, "BigInt", ty, out),
        Value::Float(value) if *ty == Type::FLOAT8 => out.put_f64(*value),
        #[allow(clippy::cast_possible_truncation, reason = "a `real` column holds what `real` can")]
        Value::Float(value) if *ty == Type::FLOAT4 => out.put_f32(*value as f32),
        Value::Decimal(value) if *ty == Type::NUMERIC => {
            let mut bytes = Vec::new();
            encode_numeric(value, &mut bytes).ok_or(EncodeError::OutOfRange)?;
            out.put_slice(&bytes);
        }
        Value::Text(text) => return encode_text(text, ty, out),
        Value::Bytes(bytes) if *ty == Type::BYTEA => out.put_slice(bytes),
        Value::DateTime(time) if *ty == Type::TIMESTAMP || *ty == Type::TIMESTAMPTZ => {
            out.put_i64(microseconds(time)?);
        }
        Value::DateTime(time) if *ty == Type::DATE => out.put_i32(days(time.date_naive())?),
        Value::Date(date) if *ty == Type::DATE => out.put_i32(days(*date)?),
        Value::Time(time) if *ty == Type::TIME => {
            let since = *time - NaiveTime::MIN;
            out.put_i64(since.num_microseconds().ok_or(EncodeError::OutOfRange)?);
        }
        Value::Uuid(uuid) if *ty == Type::UUID => out.put_slice(uuid.as_bytes()),
        Value::Uuid(uuid) if is_text(ty) => out.put_slice(uuid.to_string().as_bytes()),
        Value::Json(json) if *ty == Type::JSONB || *ty == Type::JSON => {
            if *ty == Type::JSONB {
                out.put_u8(1);
            }
            serde_json::to_writer(out.writer(), json).map_err(|_| EncodeError::OutOfRange)?;
        }
        Value::List(values) => return list(values, ty, out),
        _ => return Err(wrong_type(value, ty)),
    }
    Ok(())
}

fn wrong_type(value: &Value, ty: &Type) -> EncodeError {
    EncodeError::WrongType { value: value.type_name(), parameter: ty.to_string() }
}

fn is_text(ty: &Type) -> bool {
    [Type::TEXT, Type::VARCHAR, Type::BPCHAR, Type::NAME, Type::UNKNOWN].contains(ty)
}

fn encode_text(text: &str, ty: &Type, out: &mut BytesMut) -> Result<(), EncodeError> {
    // Types outside the built-in ones that have text as their binary form: enums, and citext.
    let textual =
        is_text(ty) || matches!(ty.kind(), Kind::Enum(_)) || ty.name() == "citext" || *ty == Type::XML;
    if *ty == Type::JSONB {
        out.put_u8(1);
    } else if !textual && *ty != Type::JSON {
        return Err(EncodeError::WrongType { value: "String", parameter: ty.to_string() });
    }
    out.put_slice(text.as_bytes());
    Ok(())
}

fn integer(value: i64, name: &'static str, ty: &Type, out: &mut BytesMut) -> Result<(), EncodeError> {
    let out_of_range = |_| EncodeError::OutOfRange;
    match *ty {
        Type::INT2 => out.put_i16(i16::try_from(value).map_err(out_of_range)?),
        Type::INT4 => out.put_i32(i32::try_from(value).map_err(out_of_range)?),
        Type::INT8 => out.put_i64(value),
        Type::OID => out.put_u32(u32::try_from(value).map_err(out_of_range)?),
        Type::NUMERIC => return encode(&Value::Decimal(value.into()), ty, out),
        #[allow(clippy::cast_precision_loss, reason = "as PostgreSQL casts")]
        Type::FLOAT8 => out.put_f64(value as f64),
        _ => return Err(EncodeError::WrongType { value: name, parameter: ty.to_string() }),
    }
    Ok(())
}

/// One dimension, whether there are nulls, the type of the elements, their number, the first index; then each with its length.
///
/// Source: PostgreSQL 16 sources, `array_recv` (`arrayfuncs.c`).
fn list(values: &[Value], ty: &Type, out: &mut BytesMut) -> Result<(), EncodeError> {
    let Kind::Array(element) = ty.kind() else {
        return Err(EncodeError::WrongType { value: "list", parameter: ty.to_string() });
    };
    let length = i32::try_from(values.len()).map_err(|_| EncodeError::OutOfRange)?;
    out.put_i32(i32::from(length > 0));
    out.put_i32(i32::from(values.contains(&Value::Null)));
    out.put_u32(element.oid());
    if length > 0 {
        out.put_i32(length);
        out.put_i32(1);
    }
    for value in values {
        if *value == Value::Null {
            out.put_i32(-1);
            continue;
        }
        let start = out.len();
        out.put_i32(0);
        encode(value, element, out)?;
        let length = i32::try_from(out.len() - start - 4).map_err(|_| EncodeError::OutOfRange)?;
        out[start..start + 4].copy_from_slice(&length.to_be_bytes());
    }
    Ok(())
}

fn microseconds(time: &DateTime<Utc>) -> Result<i64, EncodeError> {
    (time.naive_utc() - crate::cells::EPOCH).num_microseconds().ok_or(EncodeError::OutOfRange)
}

fn days(date: NaiveDate) -> Result<i32, EncodeError> {
    i32::try_from((date - crate::cells::EPOCH.date()).num_days()).map_err(|_| EncodeError::OutOfRange)
}
