//! Values as the page has them, and as the engine has them.
//!
//! To the page, a value is null, a text, or a list of texts: no number is too large for JavaScript, and nothing is ever interpreted as
//! markup. The engine answers and takes Prisma's JSON protocol.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::schema::{Column, Form, Type};

/// The longest text in a list of rows, in characters. Longer ones are cut; the page asks for them when they are opened.
const LONGEST: usize = 1_000;
/// The number of characters that remain of a longer text.
const REMAINING: usize = 200;

/// The values of some fields, by the names of the fields.
pub(crate) type Cells = BTreeMap<String, Cell>;

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Cell {
    Null,
    Text(String),
    List(Vec<String>),
    /// The beginning of a text or list that is too long for a list of rows. The page never sends one.
    Cut {
        cut: String,
        /// The whole length, in characters.
        length: usize,
    },
}

impl Cell {
    /// Reads a value from the engine's answer.
    pub(crate) fn of_answer(raw: &RawValue, form: Form) -> Self {
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'n') | None => Self::Null,
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
                Self::List(items.into_iter().map(|item| plain(item, form)).collect())
            }
            _ => Self::Text(plain(raw, form)),
        }
    }

    /// Cuts a long value for a list of rows.
    pub(crate) fn shortened(self) -> Self {
        let (text, length) = match &self {
            Self::Text(text) if text.len() > LONGEST => (text.clone(), text.chars().count()),
            Self::List(items) if items.iter().map(String::len).sum::<usize>() > LONGEST => {
                let text = items.join(", ");
                let length = text.chars().count();
                (text, length)
            }
            _ => return self,
        };
        Self::Cut { cut: text.chars().take(REMAINING).collect(), length }
    }

    /// Returns the value in Prisma's JSON protocol.
    ///
    /// # Errors
    /// The value does not fit the column. The message does not repeat it.
    pub(crate) fn to_protocol(&self, column: &Column) -> Result<Value, String> {
        match self {
            Self::Null if column.list => Err("a list cannot be null: leave it empty".to_owned()),
            Self::Null if column.required => Err("a value is required".to_owned()),
            Self::Null if column.ty == Type::Json => Ok(json!({ "$type": "Enum", "value": "DbNull" })),
            Self::Null => Ok(Value::Null),
            Self::List(items) if column.list => {
                let items = items.iter().map(|item| of_text(item, column)).collect::<Result<_, _>>();
                items.map(Value::Array)
            }
            Self::Text(text) if !column.list => of_text(text, column),
            Self::List(_) => Err("one value is expected, not a list".to_owned()),
            Self::Text(_) => Err("a list is expected".to_owned()),
            Self::Cut { .. } => Err("the value is not complete".to_owned()),
        }
    }
}

/// Returns a single value as text.
fn plain(raw: &RawValue, form: Form) -> String {
    #[derive(Deserialize)]
    struct Tagged {
        value: Value,
    }
    let text = raw.get();
    let text = match text.as_bytes().first() {
        Some(b'"') => serde_json::from_str(text).unwrap_or_default(),
        Some(b'{') => match serde_json::from_str::<Tagged>(text).map(|tagged| tagged.value) {
            Ok(Value::String(text)) => text,
            Ok(other) => other.to_string(),
            Err(_) => String::new(),
        },
        // Numbers and booleans are kept as they are written.
        _ => text.to_owned(),
    };
    match form {
        Form::Date => text.chars().take(10).collect(),
        Form::Time => text.chars().skip(11).filter(|it| *it != 'Z').collect(),
        Form::Usual => text,
    }
}

/// Returns a single value in Prisma's JSON protocol.
fn of_text(text: &str, column: &Column) -> Result<Value, String> {
    let tagged = |ty: &str, value: &str| json!({ "$type": ty, "value": value });
    let trimmed = text.trim();
    Ok(match &column.ty {
        Type::String => text.into(),
        Type::Boolean => match trimmed {
            "true" => true.into(),
            "false" => false.into(),
            _ => return Err("it must be `true` or `false`".to_owned()),
        },
        Type::Int => {
            let number = trimmed.parse::<i64>();
            let number = number.map_err(|_| "it must be a whole number".to_owned())?;
            if !(i64::from(i32::MIN)..=i64::from(u32::MAX)).contains(&number) {
                return Err("the number is too large for Int".to_owned());
            }
            number.into()
        }
        Type::BigInt => {
            let number = trimmed.parse::<i64>();
            let number =
                number.map_err(|_| "it must be a whole number between -2⁶³ and 2⁶³ - 1".to_owned())?;
            tagged("BigInt", &number.to_string())
        }
        Type::Float => {
            let number = trimmed.parse::<f64>().ok().filter(|number| number.is_finite());
            number.ok_or("it must be a number")?.into()
        }
        Type::Decimal if is_decimal(trimmed) => tagged("Decimal", trimmed),
        Type::Decimal => return Err("it must be a decimal number".to_owned()),
        Type::DateTime => tagged("DateTime", &moment(trimmed, column.form)?),
        Type::Json => {
            if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
                return Err(format!("it is not JSON: line {}, column {}", error.line(), error.column()));
            }
            tagged("Json", text)
        }
        Type::Bytes => {
            let digits: String = text.split_whitespace().collect();
            STANDARD.decode(&digits).map_err(|_| "it must be base64".to_owned())?;
            tagged("Bytes", &digits)
        }
        Type::Enum(values) if values.iter().any(|value| value == text) => text.into(),
        Type::Enum(values) => return Err(format!("it must be one of `{}`", values.join("`, `"))),
        Type::Unsupported(_) => return Err("columns of this type cannot be changed here".to_owned()),
    })
}

/// Whether a text is a number in decimal digits, with an exponent if need be.
fn is_decimal(text: &str) -> bool {
    let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let digits = digits.strip_prefix(['-', '+']).unwrap_or(digits);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let has_digits = !(whole.is_empty() && fraction.is_empty());
    let only_digits = [whole, fraction].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    has_digits && only_digits && exponent.parse::<i16>().is_ok()
}

/// Returns a date and time as RFC 3339 in UTC. What has no offset is UTC.
fn moment(text: &str, form: Form) -> Result<String, String> {
    let written = |time: NaiveDateTime| time.and_utc().to_rfc3339_opts(SecondsFormat::AutoSi, true);
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.with_timezone(&Utc).to_rfc3339_opts(SecondsFormat::AutoSi, true));
    }
    let times = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
    let time = times.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let date = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|date| date.and_time(NaiveTime::MIN));
    let clock = || {
        let formats = ["%H:%M:%S%.f", "%H:%M"];
        let time = formats.iter().find_map(|format| NaiveTime::parse_from_str(text, format).ok())?;
        Some(NaiveDate::default().and_time(time))
    };
    let found = match form {
        Form::Time => clock().or(time),
        Form::Date | Form::Usual => time.or_else(date),
    };
    found.map(written).ok_or_else(|| {
        let example = match form {
            Form::Date => "2026-11-28",
            Form::Time => "18:30:00",
            Form::Usual => "2026-11-28T18:30:00Z",
        };
        format!("it must have the form `{example}`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(ty: Type) -> Column {
        Column { ty, ..Column::default() }
    }

    fn sent(text: &str, ty: Type) -> Result<Value, String> {
        Cell::Text(text.to_owned()).to_protocol(&column(ty))
    }

    #[test]
    fn values_keep_every_digit() {
        let tagged = |ty: &str, value: &str| Ok(json!({ "$type": ty, "value": value }));
        assert_eq!(sent("9223372036854775807", Type::BigInt), tagged("BigInt", "9223372036854775807"));
        assert_eq!(
            sent("0.10000000000000000000000001", Type::Decimal),
            tagged("Decimal", "0.10000000000000000000000001")
        );
        assert_eq!(sent(" -1e5 ", Type::Decimal), tagged("Decimal", "-1e5"));
        assert_eq!(sent("42", Type::Int), Ok(json!(42)));
        assert_eq!(sent("2026-02-03 04:05", Type::DateTime), tagged("DateTime", "2026-02-03T04:05:00Z"));
        assert_eq!(
            sent("2026-02-03T04:05:06.7+01:00", Type::DateTime),
            tagged("DateTime", "2026-02-03T03:05:06.700Z")
        );
        assert_eq!(sent("", Type::String), Ok(json!("")));
        assert_eq!(sent("null", Type::Json), tagged("Json", "null"));
        assert_eq!(
            sent(r#"{"n":12345678901234567890}"#, Type::Json),
            tagged("Json", r#"{"n":12345678901234567890}"#)
        );
        assert_eq!(sent("AP 8=", Type::Bytes), tagged("Bytes", "AP8="));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (text, ty) in [
            ("9223372036854775808", Type::BigInt),
            ("1.5", Type::Int),
            ("99999999999", Type::Int),
            ("", Type::Int),
            ("yes", Type::Boolean),
            ("NaN", Type::Float),
            (".", Type::Decimal),
            ("1e", Type::Decimal),
            ("2026-02-30", Type::DateTime),
            ("{", Type::Json),
            ("*", Type::Bytes),
            ("C", Type::Enum(vec!["A".to_owned(), "B".to_owned()])),
            ("1", Type::Unsupported("point".to_owned())),
        ] {
            assert!(sent(text, ty.clone()).is_err(), "{text} as {ty:?}");
        }
        let required = Column { required: true, ..column(Type::String) };
        assert!(Cell::Null.to_protocol(&required).is_err());
        assert!(Cell::List(Vec::new()).to_protocol(&required).is_err());
    }

    #[test]
    fn long_values_are_cut_between_characters() {
        let cut = Cell::Text("ä".repeat(2_000)).shortened();
        assert_eq!(cut, Cell::Cut { cut: "ä".repeat(REMAINING), length: 2_000 });
        let short = Cell::Text("a".repeat(LONGEST));
        assert_eq!(short.clone().shortened(), short);
    }
}
