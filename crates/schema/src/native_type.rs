//! `@db.…`: PostgreSQL's types in the schema language.
//!
//! Source: Prisma 6.19 schema reference, "Model field scalar types", PostgreSQL columns.

use crate::model::{NativeType, ScalarType};

/// An error in a native type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// There is no type with this name.
    Unknown,
    /// The type accepts at most this many arguments.
    TooManyArguments(usize),
    /// The type is not for this scalar type but for that one.
    WrongScalar(ScalarType),
    /// An argument is not a 32-bit integer, or one of two is missing.
    NotANumber { wanted: usize },
    /// An argument is outside of this range.
    OutOfRange(&'static str),
}

/// All names.
pub(crate) const NAMES: [&str; 26] = [
    "Text",
    "Char",
    "VarChar",
    "Bit",
    "VarBit",
    "Uuid",
    "Xml",
    "Inet",
    "Citext",
    "Boolean",
    "Integer",
    "SmallInt",
    "Oid",
    "BigInt",
    "Real",
    "DoublePrecision",
    "Decimal",
    "Money",
    "Timestamp",
    "Timestamptz",
    "Date",
    "Time",
    "Timetz",
    "Json",
    "JsonB",
    "ByteA",
];

/// Returns the maximum number of arguments.
pub(crate) fn max_arguments(name: &str) -> Option<usize> {
    match name {
        "Char" | "VarChar" | "Bit" | "VarBit" | "Timestamp" | "Timestamptz" | "Time" | "Timetz" => Some(1),
        "Decimal" => Some(2),
        _ => NAMES.contains(&name).then_some(0),
    }
}

/// Parses a native type with its arguments, as written.
pub(crate) fn parse(name: &str, arguments: &[&str], scalar: ScalarType) -> Result<NativeType, Problem> {
    let max = max_arguments(name).ok_or(Problem::Unknown)?;
    if arguments.len() > max {
        return Err(Problem::TooManyArguments(max));
    }
    let own_scalar = scalar_of(name);
    if own_scalar != scalar {
        return Err(Problem::WrongScalar(own_scalar));
    }
    let native = read(name, arguments)?;
    match out_of_range(native) {
        Some(range) => Err(Problem::OutOfRange(range)),
        None => Ok(native),
    }
}

/// Parses a known type with arguments that are numbers of any size.
fn read(name: &str, arguments: &[&str]) -> Result<NativeType, Problem> {
    let numbers: Vec<Option<u32>> = arguments.iter().map(|text| text.parse().ok()).collect();
    Ok(match (name, numbers.as_slice()) {
        ("Decimal", []) => NativeType::Decimal(None),
        ("Decimal", [Some(precision), Some(scale)]) => NativeType::Decimal(Some((*precision, *scale))),
        ("Decimal", _) => return Err(Problem::NotANumber { wanted: 2 }),
        (_, [None]) => return Err(Problem::NotANumber { wanted: 1 }),
        (_, numbers) => with_length(name, numbers.first().copied().flatten()).ok_or(Problem::Unknown)?,
    })
}

fn with_length(name: &str, length: Option<u32>) -> Option<NativeType> {
    Some(match name {
        "Text" => NativeType::Text,
        "Char" => NativeType::Char(length),
        "VarChar" => NativeType::VarChar(length),
        "Bit" => NativeType::Bit(length),
        "VarBit" => NativeType::VarBit(length),
        "Uuid" => NativeType::Uuid,
        "Xml" => NativeType::Xml,
        "Inet" => NativeType::Inet,
        "Citext" => NativeType::Citext,
        "Boolean" => NativeType::Boolean,
        "Integer" => NativeType::Integer,
        "SmallInt" => NativeType::SmallInt,
        "Oid" => NativeType::Oid,
        "BigInt" => NativeType::BigInt,
        "Real" => NativeType::Real,
        "DoublePrecision" => NativeType::DoublePrecision,
        "Money" => NativeType::Money,
        "Timestamp" => NativeType::Timestamp(length),
        "Timestamptz" => NativeType::Timestamptz(length),
        "Date" => NativeType::Date,
        "Time" => NativeType::Time(length),
        "Timetz" => NativeType::Timetz(length),
        "Json" => NativeType::Json,
        "JsonB" => NativeType::JsonB,
        "ByteA" => NativeType::ByteA,
        _ => return None,
    })
}

/// Returns the scalar type of a native type.
pub(crate) fn scalar_of(name: &str) -> ScalarType {
    match name {
        "Boolean" => ScalarType::Boolean,
        "Integer" | "SmallInt" | "Oid" => ScalarType::Int,
        "BigInt" => ScalarType::BigInt,
        "Real" | "DoublePrecision" => ScalarType::Float,
        "Decimal" | "Money" => ScalarType::Decimal,
        "Timestamp" | "Timestamptz" | "Date" | "Time" | "Timetz" => ScalarType::DateTime,
        "Json" | "JsonB" => ScalarType::Json,
        "ByteA" => ScalarType::Bytes,
        _ => ScalarType::String,
    }
}

fn out_of_range(native: NativeType) -> Option<&'static str> {
    match native {
        NativeType::Decimal(Some((precision, scale))) if scale > precision => {
            Some("the scale cannot be larger than the precision")
        }
        NativeType::Decimal(Some((precision, _))) if precision == 0 || precision > 1000 => {
            Some("the precision lies between 1 and 1000")
        }
        NativeType::Bit(Some(0)) | NativeType::VarBit(Some(0)) => Some("the length is at least 1"),
        NativeType::Timestamp(Some(digits))
        | NativeType::Timestamptz(Some(digits))
        | NativeType::Time(Some(digits))
        | NativeType::Timetz(Some(digits))
            if digits > 6 =>
        {
            Some("the digits of the second's fraction lie between 0 and 6")
        }
        _ => None,
    }
}

/// Parses a database type name, such as the contents of `Unsupported`, and returns its native and scalar type.
///
/// As in Prisma, superfluous arguments are ignored and ranges are not checked.
pub(crate) fn parse_any(name: &str, arguments: &[&str]) -> Option<(NativeType, ScalarType)> {
    let max = max_arguments(name)?;
    let arguments = if max == 0 { &[] } else { arguments };
    if arguments.len() > max {
        return None;
    }
    read(name, arguments).ok().map(|native| (native, scalar_of(name)))
}

impl ScalarType {
    /// Returns the native type of a field without `@db.…`.
    ///
    /// Source: Prisma 6.19 schema reference, "Model field scalar types", default type mapping for PostgreSQL.
    pub fn default_native_type(self) -> NativeType {
        match self {
            Self::String => NativeType::Text,
            Self::Boolean => NativeType::Boolean,
            Self::Int => NativeType::Integer,
            Self::BigInt => NativeType::BigInt,
            Self::Float => NativeType::DoublePrecision,
            Self::Decimal => NativeType::Decimal(Some((65, 30))),
            Self::DateTime => NativeType::Timestamp(Some(3)),
            Self::Json => NativeType::JsonB,
            Self::Bytes => NativeType::ByteA,
        }
    }
}

/// Splits a native type into its name and arguments.
pub fn parts(native: NativeType) -> (&'static str, Vec<u32>) {
    let (name, length) = match native {
        NativeType::Text => ("Text", None),
        NativeType::Char(length) => ("Char", length),
        NativeType::VarChar(length) => ("VarChar", length),
        NativeType::Bit(length) => ("Bit", length),
        NativeType::VarBit(length) => ("VarBit", length),
        NativeType::Uuid => ("Uuid", None),
        NativeType::Xml => ("Xml", None),
        NativeType::Inet => ("Inet", None),
        NativeType::Citext => ("Citext", None),
        NativeType::Boolean => ("Boolean", None),
        NativeType::Integer => ("Integer", None),
        NativeType::SmallInt => ("SmallInt", None),
        NativeType::Oid => ("Oid", None),
        NativeType::BigInt => ("BigInt", None),
        NativeType::Real => ("Real", None),
        NativeType::DoublePrecision => ("DoublePrecision", None),
        NativeType::Decimal(Some((precision, scale))) => return ("Decimal", vec![precision, scale]),
        NativeType::Decimal(None) => ("Decimal", None),
        NativeType::Money => ("Money", None),
        NativeType::Timestamp(digits) => ("Timestamp", digits),
        NativeType::Timestamptz(digits) => ("Timestamptz", digits),
        NativeType::Date => ("Date", None),
        NativeType::Time(digits) => ("Time", digits),
        NativeType::Timetz(digits) => ("Timetz", digits),
        NativeType::Json => ("Json", None),
        NativeType::JsonB => ("JsonB", None),
        NativeType::ByteA => ("ByteA", None),
    };
    (name, length.into_iter().collect())
}
