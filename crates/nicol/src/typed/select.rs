//! Selections of columns: the fields determine the type of the row.

use std::fmt;
use std::marker::PhantomData;

use super::field::Field;
use super::model::Model;
use super::record::FromRecord;
use super::scalar::FieldType;
use crate::codec::{Cells, DecodeError};

/// What a query returns for each row of `M`: the row ([`Nil`](crate::Nil)), the row with relations ([`Loaded`](crate::Loaded)), or [`Columns`].
pub trait Shape<M: Model>: Send + 'static {
    /// The type of the rows.
    type Row: FromRecord + fmt::Debug + Send + 'static;
}

/// The fields of `M` to read: a tuple of up to eight fields.
pub trait Selection<M: Model> {
    /// The type of the rows: a tuple of the values.
    type Row: FromRecord + fmt::Debug + Send + 'static;

    /// Returns the columns in the order of [`Row`](Self::Row).
    #[doc(hidden)]
    fn columns(self) -> Vec<u16>;
}

/// Structs whose fields are fields of a model, for `select_as`. Implement it with [`#[derive(nicol::Select)]`](macro@crate::Select).
pub trait Select: FromRecord + fmt::Debug + Send + 'static {
    /// The model.
    type Model: Model;

    /// Returns the columns in the order of the fields.
    #[doc(hidden)]
    fn columns() -> Vec<u16>;
}

/// Rows of `Row`, which holds only some columns of a model.
#[derive(Debug)]
pub struct Columns<Row>(PhantomData<fn() -> Row>);

impl<M: Model, Row: FromRecord + fmt::Debug + Send + 'static> Shape<M> for Columns<Row> {
    type Row = Row;
}

macro_rules! selection_tuple {
    ($($name:ident $index:tt),+) => {
        impl<M: Model, $($name: FieldType + fmt::Debug),+> Selection<M> for ($(Field<M, $name>,)+) {
            type Row = ($($name,)+);

            fn columns(self) -> Vec<u16> {
                vec![$(self.$index.column),+]
            }
        }

        impl<$($name: FieldType),+> FromRecord for ($($name,)+) {
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
