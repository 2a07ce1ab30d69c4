//! What generated code tells the typed builders about a model.

use std::fmt::Debug;

use super::record::FromRecord;
use super::setters::Setters;
use crate::meta::{ColumnMeta, ModelMeta};

/// A model: implemented by the generated struct of its rows, such as `User`.
pub trait Model: FromRecord + Debug + Clone + Send + Sync + 'static {
    /// The row with the relations that a query loaded, such as `user::With<R>`.
    type With<R: Send + 'static>: Send + 'static;
    /// The setters of the model around a row to create or a query.
    #[doc(hidden)]
    type CreateWith<Q>: Setters<Q>;
    /// The setters of the model around the changes of a row or a query.
    #[doc(hidden)]
    type UpdateWith<Q>: Setters<Q>;

    /// Returns the table, columns, keys and relations of the model.
    #[doc(hidden)]
    fn meta() -> &'static ModelMeta;

    /// Returns the columns of a row, with their indexes.
    #[doc(hidden)]
    fn row_columns() -> impl Iterator<Item = (u16, &'static ColumnMeta)> {
        Self::meta().row_columns()
    }
}
