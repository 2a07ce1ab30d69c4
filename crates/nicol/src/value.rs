//! A value of a column on its way to the database.

use std::fmt;

use bigdecimal::BigDecimal;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use uuid::Uuid;

/// A value to bind to a parameter. `Debug` shows only its type, because a value may be personal data.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// SQL's `NULL`.
    Null,
    /// `Boolean`
    Bool(bool),
    /// `Int`
    Int(i32),
    /// `BigInt`
    BigInt(i64),
    /// `Float`
    Float(f64),
    /// `Decimal`
    Decimal(BigDecimal),
    /// `String`, and every type whose values are sent as text, such as enums
    Text(String),
    /// `Bytes`
    Bytes(Vec<u8>),
    /// `DateTime`
    DateTime(DateTime<Utc>),
    /// `DateTime @db.Date`
    Date(NaiveDate),
    /// `DateTime @db.Time`
    Time(NaiveTime),
    /// `String @db.Uuid`
    Uuid(Uuid),
    /// `Json`
    Json(serde_json::Value),
    /// A list of values of one type
    List(Vec<Value>),
}

impl Value {
    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Returns roughly how many bytes the value takes on the wire. Types of a fixed size count as nothing.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            Self::Json(json) => size_of_json(json),
            Self::List(values) => values.iter().map(Self::size).sum(),
            _ => 0,
        }
    }

    /// Returns the name of the type, for messages.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "Boolean",
            Self::Int(_) => "Int",
            Self::BigInt(_) => "BigInt",
            Self::Float(_) => "Float",
            Self::Decimal(_) => "Decimal",
            Self::Text(_) => "String",
            Self::Bytes(_) => "Bytes",
            Self::DateTime(_) => "DateTime",
            Self::Date(_) => "Date",
            Self::Time(_) => "Time",
            Self::Uuid(_) => "Uuid",
            Self::Json(_) => "Json",
            Self::List(_) => "list",
        }
    }
}

fn size_of_json(json: &serde_json::Value) -> usize {
    match json {
        serde_json::Value::String(text) => text.len(),
        serde_json::Value::Array(values) => values.iter().map(|value| 1 + size_of_json(value)).sum(),
        serde_json::Value::Object(object) => {
            object.iter().map(|(key, value)| key.len() + size_of_json(value)).sum()
        }
        _ => 0,
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.type_name())
    }
}

/// The type of [`NULL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Null;

/// Null, for optional fields: `.image(NULL)`. For a `Json` field, it is the null of the database: `Prisma.DbNull`.
pub const NULL: Null = Null;

/// The JSON value `null`, as a value and in filters: `Prisma.JsonNull`. A field that has this value is not null in the database.
pub const JSON_NULL: serde_json::Value = serde_json::Value::Null;

/// The type of [`ANY_NULL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnyNull;

/// Both nulls of a `Json` field, in filters: `Prisma.AnyNull`.
pub const ANY_NULL: AnyNull = AnyNull;
