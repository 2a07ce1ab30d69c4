//! Changing rows.

use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;

use crate::batch::{Batchable, Step};
use crate::builder::QueryFuture;
use crate::error::Error;
use crate::executor::Executor;
use crate::field::Filter;
use crate::model::{Model, Unique, UpdateTarget};
use crate::query::{self, Changes, Condition, Find};
use crate::relation::{IntoInclude, Loadable, Loaded, Nil, Relations, Shape};
use crate::select::{Columns, Selection};

/// Changes the row with a key and gives it back in the shape `S`; that there is none is an error (P2025).
#[must_use = "a query runs when it is awaited"]
pub struct UpdateQuery<M, S = Nil> {
    executor: Executor,
    filter: Condition,
    changes: Changes,
    returning: Find,
    types: PhantomData<fn() -> (M, S)>,
}

impl<M, S> fmt::Debug for UpdateQuery<M, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateQuery").field("filter", &self.filter).field("changes", &self.changes).finish()
    }
}

impl<M: Model> UpdateQuery<M, Nil> {
    pub(crate) fn new(executor: Executor, unique: Unique<M>) -> Self {
        Self {
            executor,
            filter: unique.key.condition(),
            changes: Changes::new(M::meta()),
            returning: Find::all(M::meta()),
            types: PhantomData,
        }
    }

    /// Gives back only these fields.
    pub fn select<T: Selection<M>>(mut self, fields: T) -> UpdateQuery<M, Columns<T::Row>> {
        self.returning.columns = query::Columns::Some(fields.columns());
        self.typed()
    }
}

impl<M: Model, S> UpdateQuery<M, S> {
    fn typed<S2>(self) -> UpdateQuery<M, S2> {
        UpdateQuery {
            executor: self.executor,
            filter: self.filter,
            changes: self.changes,
            returning: self.returning,
            types: PhantomData,
        }
    }

    /// Only if this holds for the row, too.
    pub fn filter(mut self, filter: impl Into<Filter<M>>) -> Self {
        self.filter = self.filter.and(filter.into().into_condition());
        self
    }
}

impl<M: Model, S: Relations<M>> UpdateQuery<M, S> {
    /// Gives back a relation with the row.
    pub fn include<I>(mut self, include: I) -> UpdateQuery<M, Loaded<I::Key, I::Value, S>>
    where
        I: IntoInclude<Key: Loadable<From = M>>,
    {
        const { assert!(S::MASK & I::Key::BIT == 0, "this relation is included twice in one query") };
        self.returning.includes.push(include.into_include());
        self.typed()
    }
}

impl<M, S> UpdateTarget for UpdateQuery<M, S> {
    fn changes_mut(&mut self) -> &mut Changes {
        &mut self.changes
    }
}

impl<M: Model, S: Shape<M>> Batchable for UpdateQuery<M, S> {
    type Output = S::Row;

    fn into_step(self) -> Result<Step<S::Row>, Error> {
        let statement =
            crate::sql::update(&self.executor.naming(), self.filter, self.changes, &self.returning)?;
        Ok(Step::new(statement, |rows| rows.decode_one::<S::Row>(M::meta().name)))
    }
}

impl<M: Model, S: Shape<M>> IntoFuture for UpdateQuery<M, S> {
    type Output = Result<S::Row, Error>;
    type IntoFuture = QueryFuture<S::Row>;

    fn into_future(self) -> Self::IntoFuture {
        let executor = self.executor.clone();
        Box::pin(async move { executor.run(self.into_step()?).await })
    }
}

/// Changes all rows of a filter and says how many there were.
#[must_use = "a query runs when it is awaited"]
pub struct UpdateMany<M> {
    executor: Executor,
    filter: Condition,
    changes: Changes,
    model: PhantomData<fn() -> M>,
}

impl<M> fmt::Debug for UpdateMany<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateMany").field("filter", &self.filter).field("changes", &self.changes).finish()
    }
}

impl<M: Model> UpdateMany<M> {
    pub(crate) fn new(executor: Executor) -> Self {
        Self { executor, filter: Condition::TRUE, changes: Changes::new(M::meta()), model: PhantomData }
    }

    /// Only rows for which this holds; said twice, both have to.
    pub fn filter(mut self, filter: impl Into<Filter<M>>) -> Self {
        self.filter = self.filter.and(filter.into().into_condition());
        self
    }
}

impl<M> UpdateTarget for UpdateMany<M> {
    fn changes_mut(&mut self) -> &mut Changes {
        &mut self.changes
    }
}

impl<M: Model> Batchable for UpdateMany<M> {
    type Output = u64;

    fn into_step(self) -> Result<Step<u64>, Error> {
        let statement = crate::sql::update_many(&self.executor.naming(), self.filter, self.changes)?;
        Ok(Step::new(statement, |outcome| Ok(outcome.affected)))
    }
}

impl<M: Model> IntoFuture for UpdateMany<M> {
    type Output = Result<u64, Error>;
    type IntoFuture = QueryFuture<u64>;

    fn into_future(self) -> Self::IntoFuture {
        let executor = self.executor.clone();
        Box::pin(async move { executor.run(self.into_step()?).await })
    }
}
