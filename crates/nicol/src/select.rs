//! Only some columns: the type of the row follows from the fields that were named.

use std::fmt;
use std::marker::PhantomData;

use crate::cells::{Cells, DecodeError};
use crate::field::Field;
use crate::model::Model;
use crate::relation::{FromRecord, Shape};
use crate::scalar::FieldType;

/// Fields of `M` to read, and the row that they become: a tuple of fields, or a struct with `#[derive(nicol::Select)]`.
pub trait Selection<M: Model> {
    /// The row.
    type Row: FromRecord + fmt::Debug + Send + 'static;

    /// The columns, in the order in which [`Row`](Self::Row) takes them.
    fn columns(self) -> Vec<u16>;
}

/// A struct whose fields are fields of a model: made by `#[derive(nicol::Select)]`.
pub trait Select: FromRecord + fmt::Debug + Send + 'static {
    /// The model.
    type Model: Model;

    /// The columns, in the order of the struct's fields.
    fn columns() -> Vec<u16>;
}

/// The [`Shape`] of rows that hold only some columns.
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
