//! Rows of any columns as `{"columns", "types", "rows"}`, with Prisma's names of the types and its forms of the values.
//!
//! Source: Prisma 6.19, `packages/client-engine-runtime/src/interpreter/serialize-sql.ts` and `packages/adapter-pg/src/conversion.ts`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Datelike as _, NaiveDate, Timelike as _, Utc};
use nicol::__private::{ArrayPart as Part, Cell, DecodeError, Outcome, Type, TypeKind};
use serde_json::json;

use super::literal;
use crate::error::Error;
use crate::failure;

/// Writes the rows of a statement as JSON.
///
/// # Errors
/// Prisma has no type for a column (P2010), or a value cannot be read.
pub(super) fn write(out: &mut Vec<u8>, outcome: &Outcome) -> Result<(), Error> {
    let columns: Vec<(&str, &Type)> = outcome.columns().collect();
    let kinds: Result<Vec<Kind>, Error> =
        columns.iter().map(|(_, ty)| kind(ty).ok_or_else(|| unsupported(ty))).collect();
    let kinds = kinds?;
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let types: Vec<String> = kinds.iter().map(Kind::prisma_name).collect();
    let mut text = format!("{{\"columns\":{},\"types\":{},\"rows\":[", json!(names), json!(types));
    for (index, mut cells) in outcome.rows().enumerate() {
        text.push_str(if index > 0 { ",[" } else { "[" });
        for (index, kind) in kinds.iter().enumerate() {
            text.push_str(if index > 0 { "," } else { "" });
            let written = cells.next_cell().and_then(|cell| kind.write(&mut text, cell));
            written.map_err(|error| failure::of_raw(&error.into()))?;
        }
        text.push(']');
    }
    text.push_str("]}");
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

/// The error of a column whose type Prisma does not have.
fn unsupported(ty: &Type) -> Error {
    let name = match ty.kind() {
        // Prisma knows no names of arrays.
        TypeKind::Array(_) => "Unknown",
        _ => ty.name(),
    };
    let message = format!(
        "a column has the type `{name}`, which Prisma does not have\nhelp: cast it to another type, such as `text`"
    );
    failure::adapter(
        Error::new("P2010", message),
        &json!({ "kind": "UnsupportedNativeDataType", "type": name }),
    )
}

/// A type of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Scalar(Scalar),
    List(Scalar),
    /// An array that is written as its text.
    TextOfArray(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scalar {
    Int,
    BigInt,
    Float,
    Double,
    Bool,
    Date,
    Time,
    DateTime,
    Decimal,
    Money,
    Json,
    Uuid,
    Text,
    Bits,
    Address,
    Bytes,
}

fn kind(ty: &Type) -> Option<Kind> {
    // Types that are not built in are texts to Prisma. Of those, nicol reads those whose binary form is their text.
    let is_textual = |ty: &Type| matches!(ty.kind(), TypeKind::Enum(_)) || ty.name() == "citext";
    match ty.kind() {
        _ if *ty == Type::CHAR_ARRAY => Some(Kind::TextOfArray("char-array")),
        TypeKind::Array(element) if is_textual(element) => Some(Kind::TextOfArray("string")),
        // Prisma lacks arrays of times with a zone, but has the times.
        TypeKind::Array(element) if *element != Type::TIMETZ => scalar(element).map(Kind::List),
        _ if is_textual(ty) => Some(Kind::Scalar(Scalar::Text)),
        _ => scalar(ty).map(Kind::Scalar),
    }
}

fn scalar(ty: &Type) -> Option<Scalar> {
    Some(match *ty {
        Type::INT2 | Type::INT4 => Scalar::Int,
        Type::INT8 | Type::OID => Scalar::BigInt,
        Type::FLOAT4 => Scalar::Float,
        Type::FLOAT8 => Scalar::Double,
        Type::BOOL => Scalar::Bool,
        Type::DATE => Scalar::Date,
        Type::TIME | Type::TIMETZ => Scalar::Time,
        Type::TIMESTAMP | Type::TIMESTAMPTZ => Scalar::DateTime,
        Type::NUMERIC => Scalar::Decimal,
        Type::MONEY => Scalar::Money,
        Type::JSON | Type::JSONB => Scalar::Json,
        Type::UUID => Scalar::Uuid,
        Type::BPCHAR | Type::TEXT | Type::VARCHAR | Type::XML => Scalar::Text,
        Type::BIT | Type::VARBIT => Scalar::Bits,
        Type::INET | Type::CIDR => Scalar::Address,
        Type::BYTEA => Scalar::Bytes,
        _ => return None,
    })
}

impl Kind {
    fn prisma_name(&self) -> String {
        match self {
            Self::Scalar(scalar) => scalar.prisma_name().to_owned(),
            Self::List(scalar) => format!("{}-array", scalar.prisma_name()),
            Self::TextOfArray(name) => (*name).to_owned(),
        }
    }

    fn write(self, out: &mut String, cell: Cell<'_>) -> Result<(), DecodeError> {
        if cell.is_null() {
            out.push_str("null");
            return Ok(());
        }
        match self {
            Self::Scalar(scalar) => scalar.write(out, cell),
            Self::List(scalar) => cell.visit_array(&mut |part| {
                match part {
                    Part::Open => out.push('['),
                    Part::Separator => out.push(','),
                    Part::Close => out.push(']'),
                    Part::Element(cell) if cell.is_null() => out.push_str("null"),
                    Part::Element(cell) => scalar.write(out, cell)?,
                }
                Ok(())
            }),
            Self::TextOfArray(_) => {
                let mut text = String::new();
                cell.visit_array(&mut |part| {
                    match part {
                        Part::Open => text.push('{'),
                        Part::Separator => text.push(','),
                        Part::Close => text.push('}'),
                        Part::Element(cell) => match cell.raw() {
                            None => text.push_str("NULL"),
                            Some(bytes) => literal::push_element(&mut text, &String::from_utf8_lossy(bytes)),
                        },
                    }
                    Ok(())
                })?;
                push_text(out, &text);
                Ok(())
            }
        }
    }
}

impl Scalar {
    fn prisma_name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::BigInt => "bigint",
            Self::Float => "float",
            Self::Double => "double",
            Self::Bool => "bool",
            Self::Date => "date",
            Self::Time => "time",
            Self::DateTime => "datetime",
            Self::Decimal | Self::Money => "decimal",
            Self::Json => "json",
            Self::Uuid => "uuid",
            Self::Text | Self::Bits | Self::Address => "string",
            Self::Bytes => "bytes",
        }
    }

    fn write(self, out: &mut String, cell: Cell<'_>) -> Result<(), DecodeError> {
        match self {
            Self::Int => out.push_str(&cell.int()?.to_string()),
            Self::Float | Self::Double => push_number(out, cell.float()?),
            Self::Bool => out.push_str(if cell.bool()? { "true" } else { "false" }),
            // Line breaks in JSON are between values; in texts they are escaped.
            Self::Json => out.push_str(&cell.json_text()?.replace(['\n', '\r'], " ")),
            Self::BigInt => push_text(out, &cell.big_int()?.to_string()),
            Self::Date => push_text(out, &date(cell.date()?)),
            Self::Time => push_text(out, &time(cell)?),
            Self::DateTime => push_text(out, &date_time(cell.date_time()?)),
            Self::Decimal => push_text(out, &decimal(cell)?),
            Self::Money => push_text(out, &money(cell)?),
            Self::Uuid => push_text(out, &cell.uuid()?.to_string()),
            Self::Text => push_text(out, &String::from_utf8_lossy(cell.raw().unwrap_or_default())),
            Self::Address => push_text(out, &cell.text()?),
            Self::Bits => push_text(out, &bits(cell)?),
            Self::Bytes => push_text(out, &STANDARD.encode(cell.bytes()?)),
        }
        Ok(())
    }
}

fn push_text(out: &mut String, text: &str) {
    out.push_str(&json!(text).to_string());
}

/// JSON has no `NaN` and no infinity, and JavaScript writes them as null.
fn push_number(out: &mut String, number: f64) {
    match serde_json::Number::from_f64(number) {
        Some(number) => out.push_str(&number.to_string()),
        None => out.push_str("null"),
    }
}

fn date(date: NaiveDate) -> String {
    match date {
        NaiveDate::MAX => "infinity".to_owned(),
        NaiveDate::MIN => "-infinity".to_owned(),
        date => {
            let (year, era) = year(date);
            format!("{year}{}{era}", date.format("-%m-%d"))
        }
    }
}

fn date_time(time: DateTime<Utc>) -> String {
    match time {
        time if time == DateTime::<Utc>::MAX_UTC => "infinity".to_owned(),
        time if time == DateTime::<Utc>::MIN_UTC => "-infinity".to_owned(),
        time => {
            let (year, era) = year(time.date_naive());
            let fraction = fraction(time.nanosecond() / 1000);
            format!("{year}{}{fraction}{era}+00:00", time.format("-%m-%dT%H:%M:%S"))
        }
    }
}

/// Returns the year as PostgreSQL shows it: four digits or more, and `BC` if it is before the first.
fn year(date: NaiveDate) -> (String, &'static str) {
    match date.year() {
        year @ 1.. => (format!("{year:04}"), ""),
        year => (format!("{:04}", 1 - year), " BC"),
    }
}

/// Returns the fraction of a second without trailing zeros.
fn fraction(microseconds: u32) -> String {
    if microseconds == 0 {
        return String::new();
    }
    format!(".{microseconds:06}").trim_end_matches('0').to_owned()
}

/// Returns a time of day without its zone, as Prisma does.
fn time(cell: Cell<'_>) -> Result<String, DecodeError> {
    let microseconds = cell.first_i64("Time")?;
    let seconds = microseconds.div_euclid(1_000_000);
    let fraction = fraction(u32::try_from(microseconds.rem_euclid(1_000_000)).unwrap_or_default());
    Ok(format!("{:02}:{:02}:{:02}{fraction}", seconds / 3600, seconds / 60 % 60, seconds % 60))
}

fn decimal(cell: Cell<'_>) -> Result<String, DecodeError> {
    // The sign word of what is not a number.
    match cell.raw().and_then(|bytes| bytes.get(4..6)) {
        Some([0xC0, 0x00]) => Ok("NaN".to_owned()),
        Some([0xD0, 0x00]) => Ok("Infinity".to_owned()),
        Some([0xF0, 0x00]) => Ok("-Infinity".to_owned()),
        _ => Ok(cell.decimal()?.to_plain_string()),
    }
}

/// Returns an amount of money with two decimals, as in most locales. Its binary form does not say how many there are.
fn money(cell: Cell<'_>) -> Result<String, DecodeError> {
    let amount = cell.first_i64("Money")?;
    let sign = if amount < 0 { "-" } else { "" };
    let amount = amount.unsigned_abs();
    Ok(format!("{sign}{}.{:02}", amount / 100, amount % 100))
}

/// Returns the digits of a bit string: their number, then the bytes.
fn bits(cell: Cell<'_>) -> Result<String, DecodeError> {
    let length = cell.first_i32("String")?;
    let bytes = cell.raw().and_then(|bytes| bytes.get(4..)).unwrap_or_default();
    let digit = |index: usize| {
        if bytes.get(index / 8).is_some_and(|byte| byte & (0x80 >> (index % 8)) != 0) { '1' } else { '0' }
    };
    Ok((0..usize::try_from(length).unwrap_or_default().min(bytes.len() * 8)).map(digit).collect())
}
