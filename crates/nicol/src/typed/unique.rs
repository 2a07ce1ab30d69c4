//! Values of unique keys.

use std::iter;
use std::marker::PhantomData;

use super::field::Filter;
use crate::query::{self, Condition, Key};
use crate::value::Value;

/// A row of model `M`, by a unique key. Generated functions such as `user::by_email` return it.
///
/// Calls that take several rows take one as well: a `Unique` is an iterator of itself.
#[derive(Debug, Clone)]
#[must_use]
pub struct Unique<M> {
    pub(crate) key: Key,
    pub(crate) filter: Condition,
    model: PhantomData<fn() -> M>,
}

impl<M> Unique<M> {
    /// Returns the key with these columns and values.
    #[doc(hidden)]
    pub fn new(values: Vec<(u16, Value)>) -> Self {
        Self { key: Key { values }, filter: Condition::TRUE, model: PhantomData }
    }

    /// Means the row only if it also matches this filter. A second filter is combined with `AND`. A cursor is the row with the key, whatever
    /// the filter says.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, Session, session};
    /// # use nicol::{Error, types::DateTime};
    /// async fn valid(db: &Client, token: &str, now: DateTime) -> Result<Option<Session>, Error> {
    ///     db.session().find_unique(session::by_token(token).filter(session::expires.gt(now))).await
    /// }
    /// # fn main() {}
    /// ```
    pub fn filter(mut self, filter: impl Into<Filter<M>>) -> Self {
        self.filter = self.filter.and(filter.into().into_condition());
        self
    }

    /// Returns the key as data, without the filter.
    #[doc(hidden)]
    pub fn into_key(self) -> Key {
        self.key
    }

    /// Returns the columns of the key.
    pub(crate) fn columns(&self) -> impl Iterator<Item = u16> {
        self.key.values.iter().map(|(column, _)| *column)
    }

    pub(crate) fn into_condition(self) -> Condition {
        query::Unique::from(self).condition()
    }
}

impl<M> From<Unique<M>> for query::Unique {
    fn from(row: Unique<M>) -> Self {
        Self { key: row.key, filter: row.filter }
    }
}

impl<M> IntoIterator for Unique<M> {
    type Item = Self;
    type IntoIter = iter::Once<Self>;

    fn into_iter(self) -> Self::IntoIter {
        iter::once(self)
    }
}
