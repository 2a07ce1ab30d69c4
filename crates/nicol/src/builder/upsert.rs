//! Writing a row, or changing it where it is there already.

use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;

use crate::builder::QueryFuture;
use crate::error::Error;
use crate::executor::Executor;
use crate::model::{Model, Unique};
use crate::query::{self, Changes, Create, Find, Key};
use crate::relation::{IntoInclude, Loadable, Loaded, Nil, Relations, Shape};
use crate::select::{Columns, Selection};

/// Writes a row, or changes the one that has the key, and gives it back in the shape `S`.
///
/// One `INSERT … ON CONFLICT` where the new row has the key that was asked for and carries no nested writes; else an `UPDATE` and, where
/// that found nothing, an `INSERT`, in one transaction.
#[must_use = "a query runs when it is awaited"]
pub struct UpsertQuery<M, S = Nil> {
    executor: Executor,
    key: Key,
    create: Create,
    changes: Changes,
    returning: Find,
    types: PhantomData<fn() -> (M, S)>,
}

impl<M, S> fmt::Debug for UpsertQuery<M, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpsertQuery").field("create", &self.create).field("changes", &self.changes).finish()
    }
}

impl<M: Model> UpsertQuery<M, Nil> {
    pub(crate) fn new(executor: Executor, unique: Unique<M>, create: Create, changes: Changes) -> Self {
        let returning = Find::all(M::meta());
        Self { executor, key: unique.key, create, changes, returning, types: PhantomData }
    }

    /// Gives back only these fields.
    pub fn select<T: Selection<M>>(mut self, fields: T) -> UpsertQuery<M, Columns<T::Row>> {
        self.returning.columns = query::Columns::Some(fields.columns());
        self.typed()
    }
}

impl<M: Model, S> UpsertQuery<M, S> {
    fn typed<S2>(self) -> UpsertQuery<M, S2> {
        UpsertQuery {
            executor: self.executor,
            key: self.key,
            create: self.create,
            changes: self.changes,
            returning: self.returning,
            types: PhantomData,
        }
    }
}

impl<M: Model, S: Relations<M>> UpsertQuery<M, S> {
    /// Gives back a relation with the row.
    pub fn include<I>(mut self, include: I) -> UpsertQuery<M, Loaded<I::Key, I::Value, S>>
    where
        I: IntoInclude<Key: Loadable<From = M>>,
    {
        const { assert!(S::MASK & I::Key::BIT == 0, "this relation is included twice in one query") };
        self.returning.includes.push(include.into_include());
        self.typed()
    }
}

impl<M: Model, S: Shape<M>> IntoFuture for UpsertQuery<M, S> {
    type Output = Result<S::Row, Error>;
    type IntoFuture = QueryFuture<S::Row>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { executor, key, create, changes, returning, .. } = self;
        Box::pin(async move {
            let outcome = executor.upsert(key, create, changes, returning).await?;
            outcome.decode_one::<S::Row>(M::meta().name)
        })
    }
}
