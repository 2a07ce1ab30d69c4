//! The parameters of a statement.

use postgres_types::Type;

use crate::value::Value;

/// A parameter. Without a type, PostgreSQL infers one.
#[derive(Debug, Clone)]
pub(crate) struct Param {
    pub(crate) value: Value,
    pub(crate) ty: Option<Type>,
    /// The fractional digits of a second to send; further digits are truncated.
    pub(crate) digits: u8,
    /// Whether a text is in PostgreSQL's text form of the parameter's type, whichever that is.
    pub(crate) literal: bool,
}

/// PostgreSQL stores microseconds.
pub(crate) const MAX_DIGITS: u8 = 6;

impl Param {
    /// Returns a parameter that belongs to no column.
    pub(crate) fn new(value: Value, ty: Option<Type>) -> Self {
        Self { value, ty, digits: MAX_DIGITS, literal: false }
    }

    /// Returns a parameter whose type PostgreSQL infers, and of which it reads a text as it would read a literal.
    pub(crate) fn literal(value: Value) -> Self {
        let literal = matches!(value, Value::Text(_));
        Self { literal, ..Self::new(value, None) }
    }

    /// Returns the type to declare if the statement is not prepared first.
    pub(crate) fn wire_type(&self) -> Type {
        if let Some(ty) = &self.ty {
            return ty.clone();
        }
        match &self.value {
            // PostgreSQL reads text as the type that the context needs.
            Value::Null | Value::Text(_) => Type::UNKNOWN,
            Value::List(values) => list_type(values),
            Value::Bool(_) => Type::BOOL,
            Value::Int(_) => Type::INT4,
            Value::BigInt(_) => Type::INT8,
            Value::Float(_) => Type::FLOAT8,
            Value::Decimal(_) => Type::NUMERIC,
            Value::Bytes(_) => Type::BYTEA,
            Value::DateTime(_) => Type::TIMESTAMPTZ,
            Value::Date(_) => Type::DATE,
            Value::Time(_) => Type::TIME,
            Value::Uuid(_) => Type::UUID,
            Value::Json(_) => Type::JSONB,
        }
    }
}

/// Returns the type of a list by its first value. A list of texts is sent as a literal, which PostgreSQL reads as a list of what it needs.
fn list_type(values: &[Value]) -> Type {
    match values.iter().find(|value| !value.is_null()) {
        None | Some(Value::Null | Value::Text(_) | Value::List(_)) => Type::UNKNOWN,
        Some(Value::Bool(_)) => Type::BOOL_ARRAY,
        Some(Value::Int(_)) => Type::INT4_ARRAY,
        Some(Value::BigInt(_)) => Type::INT8_ARRAY,
        Some(Value::Float(_)) => Type::FLOAT8_ARRAY,
        Some(Value::Decimal(_)) => Type::NUMERIC_ARRAY,
        Some(Value::Bytes(_)) => Type::BYTEA_ARRAY,
        Some(Value::DateTime(_)) => Type::TIMESTAMPTZ_ARRAY,
        Some(Value::Date(_)) => Type::DATE_ARRAY,
        Some(Value::Time(_)) => Type::TIME_ARRAY,
        Some(Value::Uuid(_)) => Type::UUID_ARRAY,
        Some(Value::Json(_)) => Type::JSONB_ARRAY,
    }
}
