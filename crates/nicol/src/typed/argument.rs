//! The values that can be passed for fields: in filters, for new rows, and as changes.

use std::borrow::Cow;

use super::scalar::{ListItem, Number, Scalar};
use crate::query::Assignment;
use crate::value::{AnyNull, Null, Value};

/// The values that can be passed for a field of type `T`: the value itself or a reference to it, any string type for a `String`, and an
/// array or a slice for a list. For an `Option`, also [`NULL`](crate::NULL), an `Option` of a value, and an `Option` of a reference.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a value for a field of type `{T}`")]
pub trait IntoField<T> {
    /// Returns the value to bind.
    #[doc(hidden)]
    fn into_field(self) -> Value;
}

/// What can be passed for a field of type `T` of a row to create: a value, as for [`IntoField`], or [`if_some`].
#[diagnostic::on_unimplemented(message = "`{Self}` is not a value for a field of type `{T}`")]
pub trait IntoInitial<T> {
    /// Returns the value to bind, or `None` to leave the field alone.
    #[doc(hidden)]
    fn into_initial(self) -> Option<Value>;
}

/// The changes that can be passed for a field of type `T`: a value, as for [`IntoField`], [`if_some`], [`push`] for a list, or arithmetic such
/// as [`increment`].
#[diagnostic::on_unimplemented(message = "`{Self}` is not a change for a field of type `{T}`")]
pub trait IntoAssignment<T> {
    /// Returns the change as data, or `None` to leave the field alone.
    #[doc(hidden)]
    fn into_assignment(self) -> Option<Assignment>;
}

/// What a field of type `T` can be compared with: a value, as for [`IntoField`], or a field of the same type of the same model `M`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be compared with a field of type `{T}` of `{M}`",
    label = "neither a value for a field of type `{T}` nor a field of this type of `{M}`"
)]
pub trait IntoOperand<M, T> {
    /// Returns what to compare with.
    #[doc(hidden)]
    fn into_operand(self) -> Compared;
}

/// What a field is compared with.
#[derive(Debug, Clone)]
pub enum Compared {
    /// A value, or null.
    Value(Value),
    /// The column with this index, of the same row.
    Column(u16),
    /// Both nulls of JSON.
    AnyNull,
}

// Listed, because a blanket implementation for `IntoField` would conflict with those for fields, arithmetic and `if_some`. The list of type
// parameters ends with a comma.
macro_rules! values {
    ($([$($generics:tt)*] $(where [$($bounds:tt)*])? $field:ty, $value:ty, |$given:ident| $into_value:expr;)*) => {$(
        impl<$($generics)*> $crate::typed::argument::IntoField<$field> for $value
        $(where $($bounds)*)?
        {
            fn into_field(self) -> $crate::value::Value {
                let $given = self;
                $into_value
            }
        }

        impl<$($generics)*> $crate::typed::argument::IntoInitial<$field> for $value
        $(where $($bounds)*)?
        {
            fn into_initial(self) -> Option<$crate::value::Value> {
                let $given = self;
                Some($into_value)
            }
        }

        impl<$($generics)*> $crate::typed::argument::IntoAssignment<$field> for $value
        $(where $($bounds)*)?
        {
            fn into_assignment(self) -> Option<$crate::query::Assignment> {
                let $given = self;
                Some($crate::query::Assignment::Set($into_value))
            }
        }

        impl<$($generics)* M> $crate::typed::argument::IntoOperand<M, $field> for $value
        $(where $($bounds)*)?
        {
            fn into_operand(self) -> $crate::typed::argument::Compared {
                let $given = self;
                $crate::typed::argument::Compared::Value($into_value)
            }
        }
    )*};
}

#[cfg(any(feature = "with-jiff-1", feature = "with-rust_decimal-1", feature = "with-time-0_3"))]
pub(crate) use values;

values! {
    [T: Scalar,] T, T, |value| value.into_value();
    [T: Scalar,] T, &T, |value| value.clone().into_value();
    [T: Scalar,] T, &&T, |value| T::into_value((*value).clone());
    [T: Scalar,] Option<T>, T, |value| value.into_value();
    [T: Scalar,] Option<T>, &T, |value| value.clone().into_value();
    [T: Scalar,] Option<T>, Option<T>, |value| or_null(value, T::into_value);
    [T: Scalar,] Option<T>, &Option<T>, |value| or_null(value.clone(), T::into_value);
    [T: Scalar,] Option<T>, Option<&T>, |value| or_null(value.cloned(), T::into_value);
    [T: Scalar,] Option<T>, Null, |_value| Value::Null;
    [T: ListItem, V: IntoField<T>, const N: usize,] Vec<T>, [V; N], |values| list(values);
    ['a, T: ListItem, V, const N: usize,] where [&'a V: IntoField<T>] Vec<T>, &'a [V; N], |values| list(values);
    ['a, T: ListItem, V,] where [&'a V: IntoField<T>] Vec<T>, &'a [V], |values| list(values);
}

fn or_null<T>(value: Option<T>, into_value: fn(T) -> Value) -> Value {
    value.map_or(Value::Null, into_value)
}

/// Returns values for a field of type `T` as a list.
pub(crate) fn list<T, V: IntoField<T>>(values: impl IntoIterator<Item = V>) -> Value {
    Value::List(values.into_iter().map(V::into_field).collect())
}

macro_rules! converted {
    ($($value:ty => $field:ty, $variant:ident;)*) => {$(
        values! {
            [] $field, $value, |value| Value::$variant(value.into());
            [] Option<$field>, $value, |value| Value::$variant(value.into());
            [] Option<$field>, Option<$value>, |value| or_null(value, |value| Value::$variant(value.into()));
        }
    )*};
}

converted! {
    &str => String, Text;
    char => String, Text;
    Box<str> => String, Text;
    Cow<'_, str> => String, Text;
    &[u8] => Vec<u8>, Bytes;
}

values! {
    [] String, &&str, |text| Value::Text((*text).to_owned());
    [] String, &Cow<'_, str>, |text| Value::Text(text.as_ref().to_owned());
    [const N: usize,] Vec<u8>, [u8; N], |bytes| Value::Bytes(bytes.to_vec());
    [const N: usize,] Vec<u8>, &[u8; N], |bytes| Value::Bytes(bytes.to_vec());
}

impl<M> IntoOperand<M, serde_json::Value> for AnyNull {
    fn into_operand(self) -> Compared {
        Compared::AnyNull
    }
}

impl<M> IntoOperand<M, Option<serde_json::Value>> for AnyNull {
    fn into_operand(self) -> Compared {
        Compared::AnyNull
    }
}

/// A value that may be missing. [`if_some`] returns it.
#[derive(Debug, Clone, Copy)]
pub struct IfSome<V>(Option<V>);

/// Sets a field only if there is a value. `None` leaves the field alone, as `undefined` does in Prisma Client, whereas a bare `None` is null.
///
/// ```
/// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
/// # use db::{Client, User, user};
/// # use nicol::{Error, if_some};
/// async fn change(db: &Client, id: &str, email: Option<&str>, name: Option<Option<&str>>) -> Result<User, Error> {
///     db.user().update(user::by_id(id)).email(if_some(email)).name(if_some(name)).await
/// }
/// # fn main() {}
/// ```
pub fn if_some<V>(value: Option<V>) -> IfSome<V> {
    IfSome(value)
}

impl<T, V: IntoField<T>> IntoInitial<T> for IfSome<V> {
    fn into_initial(self) -> Option<Value> {
        self.0.map(V::into_field)
    }
}

impl<T, V: IntoAssignment<T>> IntoAssignment<T> for IfSome<V> {
    fn into_assignment(self) -> Option<Assignment> {
        self.0.and_then(V::into_assignment)
    }
}

/// A change that depends on the current value. [`increment`](crate::increment) and the like return it.
#[derive(Debug, Clone)]
pub struct Arithmetic<T> {
    value: T,
    assignment: fn(Value) -> Assignment,
}

impl<T: Number> IntoAssignment<T> for Arithmetic<T> {
    fn into_assignment(self) -> Option<Assignment> {
        Some((self.assignment)(self.value.into_value()))
    }
}

impl<T: Number> IntoAssignment<Option<T>> for Arithmetic<T> {
    fn into_assignment(self) -> Option<Assignment> {
        Some((self.assignment)(self.value.into_value()))
    }
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
pub struct Push<V>(Vec<V>);

impl<T: ListItem, V: IntoField<T>> IntoAssignment<Vec<T>> for Push<V> {
    fn into_assignment(self) -> Option<Assignment> {
        Some(Assignment::Push(list(self.0)))
    }
}

/// Appends values to a list: `.tags(push(["new"]))`.
pub fn push<V>(values: impl IntoIterator<Item = V>) -> Push<V> {
    Push(values.into_iter().collect())
}
