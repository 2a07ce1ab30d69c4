//! Values of unique keys.

use std::marker::PhantomData;

use crate::query::Key;
use crate::value::Value;

/// The values of a unique key of model `M`. Generated functions such as `user::by_email` return it.
#[derive(Debug, Clone)]
#[must_use]
pub struct Unique<M> {
    pub(crate) key: Key,
    model: PhantomData<fn() -> M>,
}

impl<M> Unique<M> {
    /// Returns the key with these columns and values.
    #[doc(hidden)]
    pub fn new(values: Vec<(u16, Value)>) -> Self {
        Self { key: Key { values }, model: PhantomData }
    }

    /// Returns the key as data.
    #[doc(hidden)]
    pub fn into_key(self) -> Key {
        self.key
    }
}
