//! The values of rows as JSON: what a frontend gets from `JSON.stringify` of Prisma Client's rows.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bigdecimal::BigDecimal;
use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, Timelike as _, Utc};
pub use serde_core::de::{Deserialize, Deserializer};
use serde_core::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde_core::ser::{Serialize, Serializer};
use serde_json::Value;
use uuid::Uuid;

use super::enumeration::DatabaseEnum;
use super::scalar::ListItem;
use crate::meta::{ColumnMeta, ColumnType, ModelMeta};

/// The types of fields as JSON.
pub trait JsonField: Sized {
    /// Writes the value of a column of this type.
    ///
    /// # Errors
    /// Returns the error of the serializer.
    fn serialize_json<S: Serializer>(&self, column: ColumnType, serializer: S) -> Result<S::Ok, S::Error>;

    /// Reads what [`serialize_json`](Self::serialize_json) writes; `None` if it is no such value.
    fn from_json(value: Value) -> Option<Self>;
}

/// A value of a column of this type.
pub(super) struct AsJson<'a, T>(pub(super) &'a T, pub(super) ColumnType);

impl<T: JsonField> Serialize for AsJson<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize_json(self.1, serializer)
    }
}

impl<T: JsonField> JsonField for Option<T> {
    fn serialize_json<S: Serializer>(&self, column: ColumnType, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Some(value) => serializer.serialize_some(&AsJson(value, column)),
            None => serializer.serialize_none(),
        }
    }

    fn from_json(value: Value) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::from_json(value).map(Some) }
    }
}

impl<T: JsonField + ListItem> JsonField for Vec<T> {
    fn serialize_json<S: Serializer>(&self, column: ColumnType, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(|value| AsJson(value, column)))
    }

    fn from_json(value: Value) -> Option<Self> {
        let Value::Array(values) = value else { return None };
        values.into_iter().map(T::from_json).collect()
    }
}

impl<T: DatabaseEnum> JsonField for T {
    fn serialize_json<S: Serializer>(&self, _: ColumnType, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }

    fn from_json(value: Value) -> Option<Self> {
        T::from_name(value.as_str()?).ok()
    }
}

macro_rules! json {
    ($($type:ty, |$value:ident, $column:pat_param, $serializer:ident| $write:expr, |$json:ident| $read:expr;)*) => {$(
        impl JsonField for $type {
            fn serialize_json<S: Serializer>(&self, $column: ColumnType, $serializer: S) -> Result<S::Ok, S::Error> {
                let $value = self;
                $write
            }

            fn from_json($json: Value) -> Option<Self> {
                $read
            }
        }
    )*};
}

json! {
    bool, |value, _, serializer| serializer.serialize_bool(*value), |json| json.as_bool();
    i32, |value, _, serializer| serializer.serialize_i32(*value), |json| i32::try_from(json.as_i64()?).ok();
    // A JavaScript number does not have all digits of a `BigInt`, and `JSON.stringify` refuses one; Prisma advises text.
    i64, |value, column, serializer| match column {
        ColumnType::Oid => serializer.serialize_i64(*value),
        _ => serializer.collect_str(value),
    }, |json| json.as_i64().or_else(|| json.as_str()?.parse().ok());
    f64, |value, _, serializer| serializer.serialize_f64(*value), |json| json.as_f64();
    BigDecimal, |value, _, serializer| serializer.collect_str(&DecimalText(value)), |json| match json {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    };
    String, |value, _, serializer| serializer.serialize_str(value), |json| match json {
        Value::String(text) => Some(text),
        _ => None,
    };
    // `JSON.stringify` makes an object of a `Uint8Array`, with a property for each byte.
    Vec<u8>, |value, _, serializer| serializer.collect_str(&STANDARD.encode(value)), |json| STANDARD.decode(json.as_str()?).ok();
    DateTime<Utc>, |value, _, serializer| serializer.collect_str(&Instant(value.date_naive(), value.time())),
        |json| json.as_str()?.parse().ok();
    NaiveDate, |value, _, serializer| serializer.collect_str(&Instant(*value, NaiveTime::MIN)),
        |json| json.as_str()?.split('T').next()?.parse().ok();
    NaiveTime, |value, _, serializer| serializer.collect_str(&Instant(NaiveDate::default(), *value)),
        |json| json.as_str()?.rsplit('T').next()?.trim_end_matches('Z').parse().ok();
    Uuid, |value, _, serializer| serializer.collect_str(value), |json| json.as_str()?.parse().ok();
    Value, |value, _, serializer| value.serialize(serializer), |json| Some(json);
}

/// An instant as JavaScript's `toISOString` writes it, except that microseconds are kept if there are any.
struct Instant(NaiveDate, NaiveTime);

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(date, time) = self;
        match date.year() {
            year @ 0..=9999 => write!(f, "{year:04}")?,
            year => write!(f, "{year:+07}")?,
        }
        write!(f, "-{:02}-{:02}T", date.month(), date.day())?;
        write!(f, "{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())?;
        let micros = time.nanosecond() / 1000 % 1_000_000;
        if micros % 1000 == 0 { write!(f, ".{:03}Z", micros / 1000) } else { write!(f, ".{micros:06}Z") }
    }
}

/// A decimal as decimal.js writes it: without trailing zeros, and with an exponent if it is far from 1.
struct DecimalText<'a>(&'a BigDecimal);

impl fmt::Display for DecimalText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// decimal.js: `toExpNeg` and `toExpPos`.
        const PLAIN: std::ops::Range<i64> = -6..21;
        let (integer, scale) = self.0.normalized().into_bigint_and_exponent();
        let text = integer.to_string();
        let digits = text.trim_start_matches('-');
        let exponent = i64::try_from(digits.len()).unwrap_or(i64::MAX) - 1 - scale;
        if PLAIN.contains(&exponent) {
            return f.write_str(&self.0.normalized().to_plain_string());
        }
        if digits.len() < text.len() {
            f.write_str("-")?;
        }
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        write!(f, "{first}{point}{rest}e{exponent:+}")
    }
}

/// The columns of a row that is read.
pub struct JsonColumns {
    meta: &'static ModelMeta,
    values: std::vec::IntoIter<(&'static ColumnMeta, Option<Value>)>,
}

impl JsonColumns {
    /// Reads an object with the field names of the schema file. Other names, such as those of loaded relations, are passed over.
    ///
    /// # Errors
    /// It is not an object, or the error of the deserializer.
    pub fn read<'de, D: Deserializer<'de>>(
        meta: &'static ModelMeta,
        deserializer: D,
    ) -> Result<Self, D::Error> {
        let values = deserializer.deserialize_map(RowVisitor(meta))?;
        Ok(Self { meta, values: values.into_iter() })
    }

    /// Returns the next column.
    ///
    /// # Errors
    /// The value is missing, or does not have the type of the field.
    pub fn take<T: JsonField, E: serde_core::de::Error>(&mut self) -> Result<T, E> {
        let Some((column, value)) = self.values.next() else {
            return Err(E::custom("the row has more fields than columns"));
        };
        let value = match value {
            Some(value) => value,
            None if column.nullable => Value::Null,
            None => return Err(E::missing_field(column.field)),
        };
        let wrong = || E::custom(format_args!("not a value of field `{}.{}`", self.meta.name, column.field));
        T::from_json(value).ok_or_else(wrong)
    }
}

/// Reads an enum by the name of its value in the schema file.
///
/// # Errors
/// There is no such value, or the error of the deserializer.
pub fn deserialize_enum<'de, T: DatabaseEnum, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::from_name(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// Reads the values of the columns in their order.
struct RowVisitor(&'static ModelMeta);

impl<'de> Visitor<'de> for RowVisitor {
    type Value = Vec<(&'static ColumnMeta, Option<Value>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with the fields of `{}`", self.0.name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values: Self::Value = self.0.row_columns().map(|(_, column)| (column, None)).collect();
        while let Some(name) = map.next_key::<String>()? {
            match values.iter_mut().find(|(column, _)| column.field == name) {
                Some((_, value)) => *value = Some(map.next_value()?),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text<T: JsonField>(value: &T, column: ColumnType) -> String {
        serde_json::to_value(AsJson(value, column)).unwrap().as_str().unwrap().to_owned()
    }

    #[test]
    fn decimals_are_written_as_decimal_js_does() {
        // Source: decimal.js in Prisma Client 6.19, `JSON.stringify(new Prisma.Decimal(text))`.
        for (decimal, expected) in [
            ("1.50", "1.5"),
            ("0.0000001", "1e-7"),
            ("0.000001", "0.000001"),
            ("100000000000000000000", "100000000000000000000"),
            ("1000000000000000000000", "1e+21"),
            ("123456789012345678901234567890.5", "1.234567890123456789012345678905e+29"),
            ("-0.00000012", "-1.2e-7"),
            ("0.00", "0"),
            ("-12.30", "-12.3"),
            ("1e3", "1000"),
        ] {
            let value: BigDecimal = decimal.parse().unwrap();
            assert_eq!(text(&value, ColumnType::Numeric), expected);
            assert_eq!(BigDecimal::from_json(expected.into()), Some(value));
        }
    }

    #[test]
    fn times_are_written_as_javascript_does_and_keep_microseconds() {
        // Source: `JSON.stringify(new Date(…))`.
        for (seconds, nanoseconds, expected) in [
            (0, 0, "1970-01-01T00:00:00.000Z"),
            (0, 120_000_000, "1970-01-01T00:00:00.120Z"),
            (0, 120_450_000, "1970-01-01T00:00:00.120450Z"),
            (-62_198_755_200, 0, "-000001-01-01T00:00:00.000Z"),
            (253_402_300_800, 0, "+010000-01-01T00:00:00.000Z"),
        ] {
            let time = DateTime::from_timestamp(seconds, nanoseconds).unwrap();
            assert_eq!(text(&time, ColumnType::Timestamp(6)), expected);
            assert_eq!(DateTime::from_json(expected.into()), Some(time));
        }
    }
}
