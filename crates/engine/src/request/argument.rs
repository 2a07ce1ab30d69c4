//! The values of arguments as Prisma's JSON protocol writes them. Types that JSON lacks are tagged:
//! `{"$type": "DateTime", "value": "2026-01-01T00:00:00Z"}`.
//!
//! Source: Prisma 6.19, `packages/client/src/runtime/core/jsonProtocol/serializeJsonQuery.ts`.

use std::fmt;
use std::str::FromStr as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bigdecimal::BigDecimal;
use chrono::{DateTime, Utc};

use crate::error::Error;
use crate::json::Json;

/// The value of an argument, before it is compared with the types that the argument may have.
#[derive(Clone)]
pub(super) enum Argument<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    BigInt(i64),
    Decimal(BigDecimal),
    Text(&'a str),
    Enum(&'a str),
    DateTime(DateTime<Utc>),
    Bytes(Vec<u8>),
    /// A JSON document as text.
    Json(&'a str),
    /// A JSON value in which `$type` has no meaning.
    Raw(&'a Json),
    List(Vec<Argument<'a>>),
    Object(Vec<(&'a str, Argument<'a>)>),
    /// Another field of the model: `_ref` and `_container`.
    FieldRef(Vec<(&'a str, Argument<'a>)>),
}

impl<'a> Argument<'a> {
    /// Reads a value.
    ///
    /// # Errors
    /// A tagged value is not of its type. Prisma has no code for this.
    pub(super) fn read(json: &'a Json) -> Result<Self, Error> {
        Ok(match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Int(value) => Self::Int(*value),
            Json::Float(value) => Self::Float(*value),
            Json::Text(value) => Self::Text(value),
            Json::List(items) => Self::List(items.iter().map(Self::read).collect::<Result<_, _>>()?),
            Json::Object(entries) => match json.get("$type").and_then(Json::as_str) {
                Some(tag) => return Self::tagged(tag, json.get("value"), entries),
                None => Self::Object(object(entries)?),
            },
        })
    }

    fn tagged(tag: &'a str, value: Option<&'a Json>, entries: &'a [(String, Json)]) -> Result<Self, Error> {
        let text = value.and_then(Json::as_str);
        let argument = match tag {
            "DateTime" => text.and_then(date_time).map(Self::DateTime),
            "BigInt" => text.and_then(|text| text.parse().ok()).map(Self::BigInt),
            "Decimal" => text.and_then(|text| BigDecimal::from_str(text).ok()).map(Self::Decimal),
            "Bytes" => text.and_then(bytes).map(Self::Bytes),
            "Json" => text.map(Self::Json),
            "Enum" => text.map(Self::Enum),
            "Raw" => value.map(Self::Raw),
            "FieldRef" => match value {
                Some(Json::Object(entries)) => Some(Self::FieldRef(object(entries)?)),
                _ => None,
            },
            _ => Some(Self::Object(object(entries)?)),
        };
        argument.ok_or_else(|| Error::without_code(format!("a value tagged as `{tag}` is not of this type")))
    }

    /// Whether an argument of the type `Json` takes the value as it is, as JSON.
    pub(super) fn is_plain_json(&self) -> bool {
        match self {
            Self::Json(_) | Self::Enum(_) | Self::FieldRef(_) => false,
            Self::List(items) => items.iter().all(Self::is_plain_json),
            _ => true,
        }
    }

    /// Returns the JSON value that an argument of the type `Json` takes.
    pub(super) fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Int(value) | Self::BigInt(value) => (*value).into(),
            Self::Float(value) => (*value).into(),
            Self::Decimal(value) => value.to_plain_string().into(),
            Self::Text(text) | Self::Enum(text) => (*text).into(),
            Self::DateTime(time) => time.to_rfc3339_opts(chrono::SecondsFormat::Millis, false).into(),
            Self::Bytes(bytes) => STANDARD.encode(bytes).into(),
            Self::Json(text) => serde_json::from_str(text).unwrap_or_else(|_| (*text).into()),
            Self::Raw(json) => json.to_value(),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Object(entries) | Self::FieldRef(entries) => {
                entries.iter().map(|(name, value)| ((*name).to_owned(), value.to_json())).collect()
            }
        }
    }

    /// Returns the name of the type, as Prisma's errors have it.
    pub(super) fn type_name(&self) -> String {
        let name = match self {
            Self::Null => "Null",
            Self::Bool(_) => "Boolean",
            Self::Int(_) => "Int",
            Self::Float(_) | Self::Decimal(_) => "Float",
            Self::BigInt(_) => "BigInt",
            Self::Text(_) => "String",
            Self::Enum(_) => "Enum",
            Self::DateTime(_) => "DateTime",
            Self::Bytes(_) => "Bytes",
            Self::Json(_) | Self::Raw(_) => "JSON",
            Self::Object(_) => "Object",
            Self::FieldRef(_) => "FieldRef",
            Self::List(items) => {
                let names: Vec<String> = items.iter().map(Self::type_name).collect();
                return format!("({})", names.join(", "));
            }
        };
        name.to_owned()
    }
}

/// Shows only the type, because the value may be personal data.
impl fmt::Debug for Argument<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.type_name())
    }
}

fn object<'a>(entries: &'a [(String, Json)]) -> Result<Vec<(&'a str, Argument<'a>)>, Error> {
    let mut object: Vec<(&'a str, Argument<'a>)> = Vec::with_capacity(entries.len());
    for (name, value) in entries {
        let value = Argument::read(value)?;
        // Of equal keys, the last one counts.
        match object.iter_mut().find(|(other, _)| other == name) {
            Some((_, place)) => *place = value,
            None => object.push((name, value)),
        }
    }
    Ok(object)
}

/// Reads a time with an offset: ISO 8601 as in RFC 3339.
pub(super) fn date_time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

/// Reads base64.
pub(super) fn bytes(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}
