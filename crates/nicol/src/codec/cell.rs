//! One value in PostgreSQL's binary form.
//!
//! Source: PostgreSQL 16 sources, `array_send` (`arrayfuncs.c`).

use std::fmt;
use std::io::Write as _;

use bigdecimal::BigDecimal;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use uuid::Uuid;

use super::decode_error::{DecodeError, Found};
use super::epoch::EPOCH;
use super::{inet, numeric, oid};

/// One value in PostgreSQL's binary form, or null.
#[derive(Clone, Copy)]
pub struct Cell<'a> {
    oid: u32,
    bytes: Option<&'a [u8]>,
}

/// A cell that is kept.
#[derive(Clone)]
pub(crate) struct OwnedCell {
    oid: u32,
    bytes: Option<Box<[u8]>>,
}

impl OwnedCell {
    /// Returns the cell.
    pub(crate) fn cell(&self) -> Cell<'_> {
        Cell { oid: self.oid, bytes: self.bytes.as_deref() }
    }
}

impl fmt::Debug for OwnedCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cell().fmt(f)
    }
}

impl From<Cell<'_>> for OwnedCell {
    fn from(cell: Cell<'_>) -> Self {
        Self { oid: cell.oid, bytes: cell.bytes.map(Into::into) }
    }
}

impl fmt::Debug for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<cell of type {}>", self.oid)
    }
}

impl<'a> Cell<'a> {
    /// Returns a cell of the type with this oid.
    pub(crate) fn new(oid: u32, bytes: Option<&'a [u8]>) -> Self {
        Self { oid, bytes }
    }

    /// Returns the bytes, or `None` for null.
    pub fn raw(&self) -> Option<&'a [u8]> {
        self.bytes
    }

    /// Returns the integer of 64 bits at the start of the bytes, in which some types keep their value.
    ///
    /// # Errors
    /// The cell is null or shorter.
    pub fn first_i64(&self, expected: &'static str) -> Result<i64, DecodeError> {
        let first = self.bytes.and_then(|bytes| bytes.first_chunk());
        first.map(|bytes| i64::from_be_bytes(*bytes)).ok_or(malformed(expected))
    }

    /// Returns the integer of 32 bits at the start of the bytes.
    ///
    /// # Errors
    /// The cell is null or shorter.
    pub fn first_i32(&self, expected: &'static str) -> Result<i32, DecodeError> {
        let first = self.bytes.and_then(|bytes| bytes.first_chunk());
        first.map(|bytes| i32::from_be_bytes(*bytes)).ok_or(malformed(expected))
    }

    /// Whether the value is null.
    pub fn is_null(&self) -> bool {
        self.bytes.is_none()
    }

    fn error(&self, expected: &'static str) -> DecodeError {
        let found = if self.bytes.is_none() { Found::Null } else { Found::Type(self.oid) };
        DecodeError::new(expected, found)
    }

    pub(super) fn bytes_of(&self, expected: &'static str, oids: &[u32]) -> Result<&'a [u8], DecodeError> {
        match self.bytes {
            Some(bytes) if oids.contains(&self.oid) => Ok(bytes),
            _ => Err(self.error(expected)),
        }
    }

    /// Returns a boolean.
    ///
    /// # Errors
    /// The cell is null, or its type is another one.
    pub fn bool(self) -> Result<bool, DecodeError> {
        let bytes = self.bytes_of("Boolean", &[oid::BOOL])?;
        fixed::<1>(bytes, "Boolean").map(|[byte]| byte != 0)
    }

    /// Returns an integer of 32 bits.
    ///
    /// # Errors
    /// The cell is null, or its type is another one.
    pub fn int(self) -> Result<i32, DecodeError> {
        let bytes = self.bytes_of("Int", &[oid::INT4, oid::INT2, oid::OID])?;
        match self.oid {
            oid if oid == oid::INT2 => fixed(bytes, "Int").map(|bytes| i16::from_be_bytes(bytes).into()),
            oid if oid == oid::OID => {
                i32::try_from(u32::from_be_bytes(fixed(bytes, "Int")?)).map_err(|_| malformed("Int"))
            }
            _ => fixed(bytes, "Int").map(i32::from_be_bytes),
        }
    }

    /// Returns an integer of 64 bits.
    ///
    /// # Errors
    /// The cell is null, or its type is another one.
    pub fn big_int(self) -> Result<i64, DecodeError> {
        if self.oid == oid::OID {
            let bytes = self.bytes_of("BigInt", &[oid::OID])?;
            return fixed(bytes, "BigInt").map(|bytes| u32::from_be_bytes(bytes).into());
        }
        if self.oid != oid::INT8 {
            return self.int().map(i64::from).map_err(|error| error.expecting("BigInt"));
        }
        let bytes = self.bytes_of("BigInt", &[oid::INT8])?;
        fixed(bytes, "BigInt").map(i64::from_be_bytes)
    }

    /// Returns a number.
    ///
    /// # Errors
    /// The cell is null, or its type is another one.
    pub fn float(self) -> Result<f64, DecodeError> {
        let bytes = self.bytes_of("Float", &[oid::FLOAT8, oid::FLOAT4])?;
        if self.oid == oid::FLOAT4 {
            return fixed(bytes, "Float").map(|bytes| widened(f32::from_be_bytes(bytes)));
        }
        fixed(bytes, "Float").map(f64::from_be_bytes)
    }

    /// Returns a decimal.
    ///
    /// # Errors
    /// The cell is null, or its type is another one.
    pub fn decimal(self) -> Result<BigDecimal, DecodeError> {
        let bytes = self.bytes_of("Decimal", &[oid::NUMERIC])?;
        numeric::decode(bytes).map_err(|found| DecodeError::new("Decimal", found))
    }

    /// Returns a text.
    ///
    /// # Errors
    /// The cell is null, or its type is another one.
    pub fn text(self) -> Result<String, DecodeError> {
        match self.bytes {
            Some(bytes) if self.oid == oid::INET || self.oid == oid::CIDR => {
                inet::decode(bytes).ok_or(malformed("String"))
            }
            _ => self.str().map(str::to_owned),
        }
    }

    /// Returns the text, borrowed.
    ///
    /// # Errors
    /// The cell is null, or not of a text type.
    pub fn str(self) -> Result<&'a str, DecodeError> {
        const TEXT: &[u32] = &[oid::TEXT, oid::VARCHAR, oid::BPCHAR, oid::NAME, oid::UNKNOWN];
        let bytes = self.bytes_of("String", TEXT)?;
        std::str::from_utf8(bytes).map_err(|_| malformed("String"))
    }

    /// Returns the name of an enum's value, borrowed. The binary form of an enum is its text, and its type is none of PostgreSQL's own.
    ///
    /// # Errors
    /// The cell is null, or neither of a text type nor of a type that was created.
    pub fn enum_str(self) -> Result<&'a str, DecodeError> {
        match self.bytes {
            Some(bytes) if self.oid >= oid::FIRST_CREATED => {
                std::str::from_utf8(bytes).map_err(|_| malformed("enum"))
            }
            _ => self.str(),
        }
    }

    /// Returns bytes.
    ///
    /// # Errors
    /// The cell is null, or its type is another one.
    pub fn bytes(self) -> Result<Vec<u8>, DecodeError> {
        self.bytes_of("Bytes", &[oid::BYTEA]).map(<[u8]>::to_vec)
    }

    /// Returns an instant.
    ///
    /// # Errors
    /// The cell is null, or its type is another one.
    pub fn date_time(self) -> Result<DateTime<Utc>, DecodeError> {
        let bytes = self.bytes_of("DateTime", &[oid::TIMESTAMP, oid::TIMESTAMPTZ])?;
        match i64::from_be_bytes(fixed(bytes, "DateTime")?) {
            i64::MAX => Ok(DateTime::<Utc>::MAX_UTC),
            i64::MIN => Ok(DateTime::<Utc>::MIN_UTC),
            microseconds => {
                let time = EPOCH.checked_add_signed(TimeDelta::microseconds(microseconds));
                time.map(|time| time.and_utc()).ok_or(malformed("DateTime"))
            }
        }
    }

    /// Returns a date.
    ///
    /// # Errors
    /// The cell is null, or its type is another one.
    pub fn date(self) -> Result<NaiveDate, DecodeError> {
        let bytes = self.bytes_of("Date", &[oid::DATE])?;
        match i32::from_be_bytes(fixed(bytes, "Date")?) {
            i32::MAX => Ok(NaiveDate::MAX),
            i32::MIN => Ok(NaiveDate::MIN),
            days => {
                let date =
                    TimeDelta::try_days(days.into()).and_then(|days| EPOCH.date().checked_add_signed(days));
                // The last day of chrono's type stands for infinity.
                date.filter(|date| *date < NaiveDate::MAX).ok_or(malformed("Date"))
            }
        }
    }

    /// Returns a time of day.
    ///
    /// # Errors
    /// The cell is null, or its type is another one.
    pub fn time(self) -> Result<NaiveTime, DecodeError> {
        const DAY: i64 = 86_400_000_000;
        let bytes = self.bytes_of("Time", &[oid::TIME, oid::TIMETZ])?;
        let microseconds = if self.oid == oid::TIMETZ {
            // The time, and the offset of its zone in seconds west of UTC.
            let (time, west) = bytes.split_at_checked(8).ok_or(malformed("Time"))?;
            let time = i64::from_be_bytes(fixed(time, "Time")?);
            match i64::from(i32::from_be_bytes(fixed(west, "Time")?)) {
                0 => time,
                west => (time + west * 1_000_000).rem_euclid(DAY),
            }
        } else {
            i64::from_be_bytes(fixed(bytes, "Time")?)
        };
        if microseconds == DAY {
            // PostgreSQL has 24:00:00; the last time of chrono's type is 23:59:60.
            return NaiveTime::from_hms_nano_opt(23, 59, 59, 1_000_000_000).ok_or(malformed("Time"));
        }
        let seconds = u32::try_from(microseconds.div_euclid(1_000_000)).map_err(|_| malformed("Time"))?;
        let nanoseconds =
            u32::try_from(microseconds.rem_euclid(1_000_000) * 1000).map_err(|_| malformed("Time"))?;
        NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanoseconds).ok_or(malformed("Time"))
    }

    /// Returns a UUID.
    ///
    /// # Errors
    /// The cell is null, or its type is another one.
    pub fn uuid(self) -> Result<Uuid, DecodeError> {
        let bytes = self.bytes_of("Uuid", &[oid::UUID])?;
        fixed(bytes, "Uuid").map(Uuid::from_bytes)
    }

    /// Returns a JSON value.
    ///
    /// # Errors
    /// The cell is null, or its type is another one.
    pub fn json(self) -> Result<serde_json::Value, DecodeError> {
        let text = self.json_text()?;
        serde_json::from_str(text).map_err(|_| malformed("Json"))
    }

    /// Returns the text of a JSON value.
    ///
    /// # Errors
    /// The cell is null, or its type is another one.
    pub fn json_text(self) -> Result<&'a str, DecodeError> {
        let bytes = self.bytes_of("Json", &[oid::JSONB, oid::JSON])?;
        let text = if self.oid == oid::JSONB {
            // Version 1 of the binary form is one byte and the text.
            bytes.strip_prefix(&[1]).ok_or(malformed("Json"))?
        } else {
            bytes
        };
        std::str::from_utf8(text).map_err(|_| malformed("Json"))
    }

    /// Returns the elements of a one-dimensional array.
    ///
    /// # Errors
    /// The cell is not such an array, or an element cannot be decoded.
    pub fn array<T>(
        self,
        mut decode: impl FnMut(Cell<'_>) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        const EXPECTED: &str = "list";
        let mut buffer = self.bytes.ok_or_else(|| self.error(EXPECTED))?;
        let dimensions = take_i32(&mut buffer, EXPECTED)?;
        let _has_nulls = take_i32(&mut buffer, EXPECTED)?;
        let oid = take_u32(&mut buffer, EXPECTED)?;
        if dimensions == 0 {
            return Ok(Vec::new());
        }
        if dimensions != 1 {
            return Err(malformed(EXPECTED));
        }
        let length = usize::try_from(take_i32(&mut buffer, EXPECTED)?).map_err(|_| malformed(EXPECTED))?;
        let _lower_bound = take_i32(&mut buffer, EXPECTED)?;
        // Each element starts with its length of four bytes, which bounds the memory to allocate.
        if length > buffer.len() / 4 {
            return Err(malformed(EXPECTED));
        }
        let mut elements = Vec::with_capacity(length);
        for _ in 0..length {
            let bytes = take_value(&mut buffer, EXPECTED)?;
            elements.push(decode(Cell { oid, bytes })?);
        }
        Ok(elements)
    }
}

fn malformed(expected: &'static str) -> DecodeError {
    DecodeError::new(expected, Found::Malformed)
}

/// Returns the number with the same text as the `real`: 0.1, not 0.10000000149011612.
fn widened(real: f32) -> f64 {
    // Enough for the digits that identify a `real`, a point, signs and an exponent.
    let mut text = [0; 24];
    let mut rest = &mut text[..];
    let written = write!(rest, "{real:e}").map(|()| rest.len());
    let exact = f64::from(real);
    let Ok(rest) = written else { return exact };
    let digits = &text[..text.len() - rest];
    std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok()).unwrap_or(exact)
}

fn fixed<const N: usize>(bytes: &[u8], expected: &'static str) -> Result<[u8; N], DecodeError> {
    bytes.try_into().map_err(|_| malformed(expected))
}

pub(super) fn take_i32(buffer: &mut &[u8], expected: &'static str) -> Result<i32, DecodeError> {
    let (head, tail) = buffer.split_first_chunk().ok_or(malformed(expected))?;
    *buffer = tail;
    Ok(i32::from_be_bytes(*head))
}

pub(super) fn take_u32(buffer: &mut &[u8], expected: &'static str) -> Result<u32, DecodeError> {
    take_i32(buffer, expected).map(i32::cast_unsigned)
}

/// Takes a length and as many bytes; the length of null is -1.
pub(super) fn take_value<'a>(
    buffer: &mut &'a [u8],
    expected: &'static str,
) -> Result<Option<&'a [u8]>, DecodeError> {
    let length = take_i32(buffer, expected)?;
    if length == -1 {
        return Ok(None);
    }
    let length = usize::try_from(length).map_err(|_| malformed(expected))?;
    let (value, tail) = buffer.split_at_checked(length).ok_or(malformed(expected))?;
    *buffer = tail;
    Ok(Some(value))
}
