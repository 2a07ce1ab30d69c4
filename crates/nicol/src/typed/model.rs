//! What generated code says of a model to the typed builders.

use std::fmt::Debug;

use super::record::FromRecord;
use super::setters::Setters;
use crate::meta::ModelMeta;

/// A model: the generated struct of its row.
pub trait Model: FromRecord + Debug + Clone + Send + Sync + 'static {
    /// The row with relations that a query loaded.
    type With<R: Debug + Send + 'static>: Debug + Send + 'static;
    /// Something that creates rows (data or a query), with the model's setters.
    #[doc(hidden)]
    type CreateWith<Q>: Setters<Q>;
    /// Something that updates rows (changes or a query), with the model's setters.
    #[doc(hidden)]
    type UpdateWith<Q>: Setters<Q>;

    /// Its table, columns, keys and relations.
    #[doc(hidden)]
    fn meta() -> &'static ModelMeta;
}
