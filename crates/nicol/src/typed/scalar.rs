//! The Rust types of columns.

use bigdecimal::BigDecimal;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use uuid::Uuid;

use crate::codec::{Cell, DecodeError};
use crate::value::Value;

/// Values that are read from a cell: those of fields, and the rows of relations.
#[diagnostic::on_unimplemented(
    message = "no field or relation has values of type `{Self}`",
    note = "the types of fields are those in `nicol::types`, numbers, strings, bytes, lists and generated enums",
    note = "those of relations are rows, structs with `#[derive(nicol::Select)]`, and `Option` and `Vec` of them"
)]
pub trait FromCell: Sized {
    /// Reads a value.
    ///
    /// # Errors
    /// The cell has another type, or it is null and the value is required.
    #[doc(hidden)]
    fn from_cell(cell: Cell<'_>) -> Result<Self, DecodeError>;
}

impl<T: FromCell> FromCell for Option<T> {
    fn from_cell(cell: Cell<'_>) -> Result<Self, DecodeError> {
        if cell.is_null() { Ok(None) } else { T::from_cell(cell).map(Some) }
    }
}

impl<T: FromCell> FromCell for Vec<T> {
    fn from_cell(cell: Cell<'_>) -> Result<Self, DecodeError> {
        // A list that was never set is null in the database; Prisma reads it as empty. `array_agg` over no rows is null, too.
        if cell.is_null() { Ok(Self::new()) } else { cell.array(T::from_cell) }
    }
}

/// The Rust types of the values of columns: those in [`types`](crate::types), numbers, strings, bytes, lists and generated enums.
pub trait Scalar: FromCell + Clone + Send + 'static {
    /// Returns the value to bind.
    #[doc(hidden)]
    fn into_value(self) -> Value;
}

/// The types of fields: a [`Scalar`], or an `Option` of one.
pub trait FieldType: FromCell + Send + 'static {
    /// The type without the `Option`.
    type Base: Scalar;
}

impl<T: Scalar> FieldType for T {
    type Base = T;
}

impl<T: Scalar> FieldType for Option<T> {
    type Base = T;
}

/// The types of numbers.
pub trait Number: Scalar {
    /// The type of a sum, which is wide enough for many values.
    type Sum: Scalar;
    /// The type of an average.
    type Average: Scalar;
}

impl Number for i32 {
    type Sum = i64;
    type Average = f64;
}

impl Number for i64 {
    type Sum = BigDecimal;
    type Average = f64;
}

impl Number for f64 {
    type Sum = f64;
    type Average = f64;
}

impl Number for BigDecimal {
    type Sum = BigDecimal;
    type Average = BigDecimal;
}

/// The types of the elements of lists.
pub trait ListItem: Scalar {}

impl<T: ListItem> Scalar for Vec<T> {
    fn into_value(self) -> Value {
        Value::List(self.into_iter().map(T::into_value).collect())
    }
}

/// The types of fields with text filters: `String` and `Option<String>`.
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` has no filters for texts",
    label = "this is for fields of type `String`",
    note = "a list has `has`, `has_every` and `has_some`; numbers and times have `eq`, `lt`, `gte` and the like"
)]
pub trait TextField: FieldType<Base = String> {}

impl TextField for String {}

impl TextField for Option<String> {}

macro_rules! scalar {
    ($($type:ty => $variant:ident, $decode:ident;)*) => {$(
        impl Scalar for $type {
            fn into_value(self) -> Value {
                Value::$variant(self)
            }
        }

        impl FromCell for $type {
            fn from_cell(cell: Cell<'_>) -> Result<Self, DecodeError> {
                cell.$decode()
            }
        }

        impl ListItem for $type {}
    )*};
}

scalar! {
    bool => Bool, bool;
    i32 => Int, int;
    i64 => BigInt, big_int;
    f64 => Float, float;
    BigDecimal => Decimal, decimal;
    String => Text, text;
    Vec<u8> => Bytes, bytes;
    DateTime<Utc> => DateTime, date_time;
    NaiveDate => Date, date;
    NaiveTime => Time, time;
    Uuid => Uuid, uuid;
    serde_json::Value => Json, json;
}
