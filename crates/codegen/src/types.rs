//! Column types: from the schema's types to PostgreSQL's and Rust's.

use nicol_schema::model::{DefaultValue, EnumId, FieldType, NativeType, Scalar};

/// The type of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueType {
    /// A Rust type and a PostgreSQL type, by its name in `nicol::__private::ColumnType`; for times, the fractional
    /// digits of a second.
    Builtin { rust: RustType, column: &'static str, digits: Option<u8> },
    /// An enum of the schema.
    Enum(EnumId),
}

/// A Rust type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the types'")]
pub(crate) enum RustType {
    Bool,
    I32,
    I64,
    F64,
    String,
    Bytes,
    /// A type of `nicol::types`.
    Runtime(&'static str),
}

/// Returns the types of a column; `None` if there is no Rust type (`Unsupported`).
pub(crate) fn value_type(scalar: &Scalar) -> Option<ValueType> {
    let builtin = |native| {
        let (rust, column) = native_type(native);
        Some(ValueType::Builtin { rust, column, digits: digits(native) })
    };
    match (&scalar.ty, scalar.native_type) {
        (FieldType::Unsupported(_), _) => None,
        (FieldType::Enum(id), _) => Some(ValueType::Enum(*id)),
        (FieldType::Scalar(_), Some(native)) => builtin(native),
        (FieldType::Scalar(ty), None) => builtin(ty.default_native_type()),
    }
}

/// PostgreSQL types without a corresponding Rust type are transferred as text.
fn native_type(native: NativeType) -> (RustType, &'static str) {
    match native {
        NativeType::Text => (RustType::String, "Text"),
        NativeType::Char(_) => (RustType::String, "Char"),
        NativeType::VarChar(_) => (RustType::String, "VarChar"),
        NativeType::Bit(_) => (RustType::String, "Bit"),
        NativeType::VarBit(_) => (RustType::String, "VarBit"),
        NativeType::Uuid => (RustType::Runtime("Uuid"), "Uuid"),
        NativeType::Xml => (RustType::String, "Xml"),
        NativeType::Inet => (RustType::String, "Inet"),
        NativeType::Citext => (RustType::String, "Citext"),
        NativeType::Boolean => (RustType::Bool, "Bool"),
        NativeType::Integer => (RustType::I32, "Int4"),
        NativeType::SmallInt => (RustType::I32, "Int2"),
        NativeType::Oid => (RustType::I64, "Oid"),
        NativeType::BigInt => (RustType::I64, "Int8"),
        NativeType::Real => (RustType::F64, "Float4"),
        NativeType::DoublePrecision => (RustType::F64, "Float8"),
        NativeType::Decimal(_) => (RustType::Runtime("Decimal"), "Numeric"),
        NativeType::Money => (RustType::Runtime("Decimal"), "Money"),
        NativeType::Timestamp(_) => (RustType::Runtime("DateTime"), "Timestamp"),
        NativeType::Timestamptz(_) => (RustType::Runtime("DateTime"), "Timestamptz"),
        NativeType::Date => (RustType::Runtime("Date"), "Date"),
        NativeType::Time(_) => (RustType::Runtime("Time"), "Time"),
        NativeType::Timetz(_) => (RustType::Runtime("Time"), "Timetz"),
        NativeType::Json => (RustType::Runtime("Json"), "Json"),
        NativeType::JsonB => (RustType::Runtime("Json"), "Jsonb"),
        NativeType::ByteA => (RustType::Bytes, "Bytea"),
    }
}

/// Returns the Rust type of values that SQL returns in this type of PostgreSQL.
pub(crate) fn returned_type(name: &str) -> Option<RustType> {
    match name {
        "inet" | "cidr" => Some(RustType::String),
        "citext" | "xml" => None,
        _ => passed_type(name),
    }
}

/// Returns the Rust type of values that SQL takes in this type of PostgreSQL.
pub(crate) fn passed_type(name: &str) -> Option<RustType> {
    Some(match name {
        "bool" => RustType::Bool,
        "int2" | "int4" => RustType::I32,
        "int8" | "oid" => RustType::I64,
        "float4" | "float8" => RustType::F64,
        "numeric" => RustType::Runtime("Decimal"),
        "text" | "varchar" | "bpchar" | "name" | "citext" | "xml" => RustType::String,
        "uuid" => RustType::Runtime("Uuid"),
        "date" => RustType::Runtime("Date"),
        "time" | "timetz" => RustType::Runtime("Time"),
        "timestamp" | "timestamptz" => RustType::Runtime("DateTime"),
        "json" | "jsonb" => RustType::Runtime("Json"),
        "bytea" => RustType::Bytes,
        _ => return None,
    })
}

/// Returns the Rust type that a comment gives a parameter; `None` if PostgreSQL's type does not take it. The error is for names of no type.
pub(crate) fn declared_type(declared: &str, database: &str) -> Result<Option<RustType>, ()> {
    let (rust, takes): (_, &[&str]) = match declared {
        "Int" => (RustType::I32, &["int2", "int4", "int8", "oid", "numeric", "float8"]),
        "BigInt" => (RustType::I64, &["int2", "int4", "int8", "oid", "numeric", "float8"]),
        "Float" => (RustType::F64, &["float4", "float8"]),
        "Decimal" => (RustType::Runtime("Decimal"), &["numeric"]),
        "Boolean" => (RustType::Bool, &["bool"]),
        "String" => {
            (RustType::String, &["text", "varchar", "bpchar", "name", "citext", "xml", "json", "jsonb"])
        }
        "DateTime" => (RustType::Runtime("DateTime"), &["timestamp", "timestamptz", "date"]),
        "Json" => (RustType::Runtime("Json"), &["json", "jsonb"]),
        "Bytes" => (RustType::Bytes, &["bytea"]),
        _ => return Err(()),
    };
    Ok(takes.contains(&database).then_some(rust))
}

/// Returns the fractional digits of a second that a column stores; PostgreSQL's maximum if the schema does not say.
fn digits(native: NativeType) -> Option<u8> {
    const ALL: u8 = 6;
    match native {
        NativeType::Timestamp(digits)
        | NativeType::Timestamptz(digits)
        | NativeType::Time(digits)
        | NativeType::Timetz(digits) => {
            Some(digits.and_then(|digits| u8::try_from(digits).ok()).unwrap_or(ALL))
        }
        _ => None,
    }
}

/// What fills in a missing value: a variant of `nicol::__private::Default`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filler {
    /// The database.
    Database,
    /// The client, with this variant.
    Client(&'static str),
    /// The client, with a `Nanoid` of this length.
    Nanoid(u8),
}

/// The default length of `nanoid()`.
///
/// Source: Prisma 6.19 schema reference, "`nanoid()`".
const NANOID_LENGTH: u8 = 21;

/// Returns what fills in a column with this default.
pub(crate) fn filler(default: &DefaultValue) -> Filler {
    match default {
        DefaultValue::Literal(_)
        | DefaultValue::List(_)
        | DefaultValue::Autoincrement
        | DefaultValue::DbGenerated(_) => Filler::Database,
        DefaultValue::Now => Filler::Client("Now"),
        DefaultValue::Cuid(2) => Filler::Client("Cuid2"),
        DefaultValue::Cuid(_) => Filler::Client("Cuid"),
        DefaultValue::Uuid(7) => Filler::Client("UuidV7"),
        DefaultValue::Uuid(_) => Filler::Client("UuidV4"),
        DefaultValue::Ulid => Filler::Client("Ulid"),
        DefaultValue::Nanoid(length) => Filler::Nanoid(length.unwrap_or(NANOID_LENGTH)),
    }
}
