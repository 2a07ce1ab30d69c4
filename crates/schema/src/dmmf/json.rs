//! A minimal JSON writer.

use std::fmt::{self, Display, Formatter, Write as _};

/// A JSON value. Members keep their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    /// A number, as written.
    Number(String),
    String(String),
    Array(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
}

impl Json {
    pub(super) fn string(text: &str) -> Json {
        Json::String(text.to_owned())
    }

    pub(super) fn optional(text: Option<&str>) -> Json {
        text.map_or(Json::Null, Json::string)
    }

    pub(super) fn array(values: impl IntoIterator<Item = Json>) -> Json {
        Json::Array(values.into_iter().collect())
    }

    pub(super) fn object(members: impl IntoIterator<Item = (&'static str, Json)>) -> Json {
        Json::Object(members.into_iter().collect())
    }

    /// Converts an integer of the schema language, which may have leading zeros.
    pub(super) fn integer(text: &str) -> Json {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", text),
        };
        let digits = digits.trim_start_matches('0');
        Json::Number(if digits.is_empty() { "0".to_owned() } else { format!("{sign}{digits}") })
    }

    /// Converts a number of the schema language, which has a fraction and, in strings for decimals, an exponent.
    ///
    /// Prisma keeps digits and scale apart and multiplies with a power of ten, which does not always give the nearest
    /// number: `0.6` becomes `0.6000000000000001`. Numbers that exceed a float are kept as written.
    pub(super) fn float(text: &str) -> Json {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits: f64 = format!("{whole}{fraction}").parse().unwrap_or_default();
        let exponent: i64 = exponent.parse().unwrap_or_default();
        let scale = i64::try_from(fraction.len()).unwrap_or(i64::MAX).saturating_sub(exponent);
        let power =
            i32::try_from(scale.saturating_neg()).unwrap_or(if scale < 0 { i32::MAX } else { i32::MIN });
        let value = digits * 10f64.powi(power);
        if digits == 0.0 {
            Json::Number("0".to_owned())
        } else if value.is_finite() {
            Json::Number(value.to_string())
        } else {
            Json::string(text)
        }
    }
}

impl Display for Json {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(value) => write!(f, "{value}"),
            Json::Number(text) => f.write_str(text),
            Json::String(text) => write_string(text, f),
            Json::Array(values) => {
                f.write_char('[')?;
                for (at, value) in values.iter().enumerate() {
                    if at > 0 {
                        f.write_char(',')?;
                    }
                    write!(f, "{value}")?;
                }
                f.write_char(']')
            }
            Json::Object(members) => {
                f.write_char('{')?;
                for (at, (name, value)) in members.iter().enumerate() {
                    if at > 0 {
                        f.write_char(',')?;
                    }
                    write_string(name, f)?;
                    write!(f, ":{value}")?;
                }
                f.write_char('}')
            }
        }
    }
}

/// Source: RFC 8259, section 7.
fn write_string(text: &str, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '\0'..='\x1f' => write!(f, "\\u{:04x}", u32::from(c))?,
            _ => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped() {
        assert_eq!(Json::string("a\"b\\c\n\u{1}é").to_string(), "\"a\\\"b\\\\c\\n\\u0001é\"");
    }

    #[test]
    fn numbers_lose_needless_zeros() {
        assert_eq!(Json::integer("-007"), Json::Number("-7".to_owned()));
        assert_eq!(Json::integer("000"), Json::Number("0".to_owned()));
        assert_eq!(Json::float("-007.50"), Json::Number("-7.5".to_owned()));
        assert_eq!(Json::float("-0.0"), Json::Number("0".to_owned()));
    }

    #[test]
    fn fractions_are_as_far_off_as_those_of_prisma() {
        assert_eq!(Json::float("0.6"), Json::Number("0.6000000000000001".to_owned()));
    }
}
