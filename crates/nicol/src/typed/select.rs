//! Selections of fields and relations: they determine the type of the row.

use std::marker::PhantomData;

use super::field::Field;
use super::model::Model;
use super::record::FromRecord;
use super::scalar::{FieldType, FromCell};
use crate::codec::{Cells, DecodeError};
use crate::query::Find;

/// What a query returns for each row of `M`: the row ([`Nil`](crate::Nil)), the row with relations ([`Loaded`](crate::Loaded)), or [`Columns`].
pub trait Shape<M: Model>: Send + 'static {
    /// The type of the rows.
    type Row: FromRecord + Send + 'static;
}

/// Rows of `Row`, which holds only some fields and relations of a model.
#[derive(Debug)]
pub struct Columns<Row>(PhantomData<fn() -> Row>);

impl<M: Model, Row: FromRecord + Send + 'static> Shape<M> for Columns<Row> {
    type Row = Row;
}

/// What a [`Selection`] consists of: a field such as `user::email`, a relation such as `user::sessions`, also with arguments, or the number of its
/// rows (`user::sessions.count()`).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be selected from `{M}`",
    label = "not a field or a relation of `{M}`"
)]
pub trait Selectable<M: Model> {
    /// The type of the value.
    type Value: FromCell + Send + 'static;

    /// Adds it to what the query reads.
    #[doc(hidden)]
    fn add_to(self, find: &mut Find);
}

impl<M: Model, T: FieldType> Selectable<M> for Field<M, T> {
    type Value = T;

    fn add_to(self, find: &mut Find) {
        find.select_column(self.column);
    }
}

/// What to read of `M`: a tuple of up to twelve fields and relations.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a selection of `{M}`",
    label = "not a tuple of up to twelve fields and relations",
    note = "a single field is written as a tuple, too: `(user::id,)`",
    note = "for more than twelve fields, use a struct with `#[derive(nicol::Select)]` and `select_as`"
)]
pub trait Selection<M: Model> {
    /// The type of the rows: a tuple of the values.
    type Row: FromRecord + Send + 'static;

    /// Adds the fields and relations to what the query reads.
    #[doc(hidden)]
    fn add_to(self, find: &mut Find);
}

/// Rows that hold fields and relations of `M`: the row of the model, and structs for which
/// [`#[derive(nicol::Select)]`](macro@crate::Select) implements this.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not hold a row of `{M}`",
    label = "neither the row of `{M}`, nor a struct that selects from it",
    note = "such a struct has `#[derive(nicol::Select)]` and `#[select(…)]` with the module of the model",
    note = "a relation to one row is held by such a struct, one that may be absent by an `Option` of it, and many rows by a `Vec`"
)]
pub trait Select<M: Model>: FromRecord + Send + 'static {
    /// Adds the fields and relations to what the query reads, in their order in the struct.
    #[doc(hidden)]
    fn add_to(find: &mut Find);
}

impl<M: Model> Select<M> for M {
    fn add_to(_: &mut Find) {}
}

/// Fields and relations whose values a struct holds in a field of type `T`.
#[diagnostic::on_unimplemented(
    message = "a field of type `{T}` cannot hold the values of `{Self}`",
    label = "this type differs from that in the schema file"
)]
pub trait SelectAs<T> {
    /// Adds it to what the query reads.
    #[doc(hidden)]
    fn add_as(self, find: &mut Find);
}

impl<M: Model, T: FieldType> SelectAs<T> for Field<M, T> {
    fn add_as(self, find: &mut Find) {
        find.select_column(self.column);
    }
}

impl<M, T> Field<M, T> {
    /// Tells the fields of a model apart; see [`Selects`](super::refine::Selects).
    #[doc(hidden)]
    pub const fn key(self) -> u64 {
        self.column as u64
    }
}

macro_rules! selection_tuple {
    ($($name:ident $index:tt),+) => {
        impl<M: Model, $($name: Selectable<M>),+> Selection<M> for ($($name,)+) {
            type Row = ($($name::Value,)+);

            fn add_to(self, find: &mut Find) {
                $(self.$index.add_to(find);)+
            }
        }

        impl<$($name: FromCell),+> FromRecord for ($($name,)+) {
            fn from_record(cells: &mut Cells<'_>) -> Result<Self, DecodeError> {
                Ok(($(cells.take::<$name>()?,)+))
            }
        }
    };
}

selection_tuple!(A 0);
selection_tuple!(A 0, B 1);
selection_tuple!(A 0, B 1, C 2);
selection_tuple!(A 0, B 1, C 2, D 3);
selection_tuple!(A 0, B 1, C 2, D 3, E 4);
selection_tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
selection_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
selection_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
selection_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
selection_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
selection_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
selection_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
