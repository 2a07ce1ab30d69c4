//! Unique keys with their values.

use std::marker::PhantomData;

use crate::query::Key;
use crate::value::Value;

/// A unique key of a model with its values: made by `by_id` and the like.
#[derive(Debug, Clone)]
#[must_use]
pub struct Unique<M> {
    pub(crate) key: Key,
    model: PhantomData<fn() -> M>,
}

impl<M> Unique<M> {
    /// For generated code: columns and values.
    #[doc(hidden)]
    pub fn new(values: Vec<(u16, Value)>) -> Self {
        Self { key: Key { values }, model: PhantomData }
    }

    /// The key as data.
    #[doc(hidden)]
    pub fn into_key(self) -> Key {
        self.key
    }
}
