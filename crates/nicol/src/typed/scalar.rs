//! The Rust types of columns, and the values that can be passed for them.

use bigdecimal::BigDecimal;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use uuid::Uuid;

use crate::codec::{Cell, DecodeError};
use crate::query::Assignment;
use crate::value::{Null, Value};

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
pub trait Scalar: FromCell + Send + 'static {
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

/// The values that can be passed for a field of type `T`: a `T`, any string type for a `String`, and [`NULL`](crate::NULL) or the value itself for
/// an `Option`.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a value for a field of type `{T}`")]
pub trait IntoField<T> {
    /// Returns the value to bind.
    #[doc(hidden)]
    fn into_field(self) -> Value;
}

impl<T: Scalar> IntoField<T> for T {
    fn into_field(self) -> Value {
        self.into_value()
    }
}

impl<T: Scalar> IntoField<Option<T>> for T {
    fn into_field(self) -> Value {
        self.into_value()
    }
}

impl<T: Scalar> IntoField<Option<T>> for Option<T> {
    fn into_field(self) -> Value {
        self.map_or(Value::Null, T::into_value)
    }
}

impl<T: Scalar> IntoField<Option<T>> for Null {
    fn into_field(self) -> Value {
        Value::Null
    }
}

macro_rules! text_into_field {
    ($($from:ty),*) => {$(
        impl IntoField<String> for $from {
            fn into_field(self) -> Value {
                Value::Text(self.into())
            }
        }

        impl IntoField<Option<String>> for $from {
            fn into_field(self) -> Value {
                Value::Text(self.into())
            }
        }
    )*};
}

text_into_field!(&str, &String, Box<str>, std::borrow::Cow<'_, str>);

impl IntoField<Option<String>> for Option<&str> {
    fn into_field(self) -> Value {
        self.map_or(Value::Null, |text| Value::Text(text.into()))
    }
}

/// The changes that can be passed for a field of type `T`: a value, [`push`] for a list, or arithmetic such as [`increment`].
#[diagnostic::on_unimplemented(message = "`{Self}` is not a change for a field of type `{T}`")]
pub trait IntoAssignment<T> {
    /// Returns the change as data.
    #[doc(hidden)]
    fn into_assignment(self) -> Assignment;
}

// Listed, because a blanket implementation for `IntoField` would conflict with that for arithmetic.
macro_rules! set {
    ($(($($parameter:ident)?) $field:ty, $value:ty;)*) => {$(
        impl$(<$parameter: Scalar>)? IntoAssignment<$field> for $value {
            fn into_assignment(self) -> Assignment {
                Assignment::Set(IntoField::<$field>::into_field(self))
            }
        }
    )*};
}

set! {
    (T) T, T;
    (T) Option<T>, T;
    (T) Option<T>, Option<T>;
    (T) Option<T>, Null;
    () String, &str;
    () String, &String;
    () String, Box<str>;
    () String, std::borrow::Cow<'_, str>;
    () Option<String>, &str;
    () Option<String>, &String;
    () Option<String>, Box<str>;
    () Option<String>, std::borrow::Cow<'_, str>;
    () Option<String>, Option<&str>;
}

/// A change that depends on the current value. [`increment`](crate::increment) and the like return it.
#[derive(Debug, Clone)]
pub struct Arithmetic<T> {
    value: T,
    assignment: fn(Value) -> Assignment,
}

impl<T: Number> IntoAssignment<T> for Arithmetic<T> {
    fn into_assignment(self) -> Assignment {
        (self.assignment)(self.value.into_value())
    }
}

impl<T: Number> IntoAssignment<Option<T>> for Arithmetic<T> {
    fn into_assignment(self) -> Assignment {
        (self.assignment)(self.value.into_value())
    }
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

/// Adds to the current value: `.visits(increment(1))`.
pub fn increment<T: Number>(by: T) -> Arithmetic<T> {
    Arithmetic { value: by, assignment: Assignment::Increment }
}

/// Subtracts from the current value.
pub fn decrement<T: Number>(by: T) -> Arithmetic<T> {
    Arithmetic { value: by, assignment: Assignment::Decrement }
}

/// Multiplies the current value.
pub fn multiply<T: Number>(by: T) -> Arithmetic<T> {
    Arithmetic { value: by, assignment: Assignment::Multiply }
}

/// Divides the current value.
pub fn divide<T: Number>(by: T) -> Arithmetic<T> {
    Arithmetic { value: by, assignment: Assignment::Divide }
}

/// A change that appends to a list. [`push`](crate::push) returns it.
#[derive(Debug, Clone)]
pub struct Push<T>(Vec<T>);

impl<T: ListItem> IntoAssignment<Vec<T>> for Push<T> {
    fn into_assignment(self) -> Assignment {
        Assignment::Push(Value::List(self.0.into_iter().map(T::into_value).collect()))
    }
}

/// Appends values to a list: `.tags(push(["new".to_owned()]))`.
pub fn push<T: ListItem>(values: impl IntoIterator<Item = T>) -> Push<T> {
    Push(values.into_iter().collect())
}

/// The types of the elements of lists.
pub trait ListItem: Scalar {}

impl<T: ListItem> Scalar for Vec<T> {
    fn into_value(self) -> Value {
        Value::List(self.into_iter().map(T::into_value).collect())
    }
}

/// The types of fields with text filters: `String` and `Option<String>`.
pub trait TextField: FieldType<Base = String> {}

impl<T: FieldType<Base = String>> TextField for T {}

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
