//! Deleting rows.

use std::fmt;
use std::marker::PhantomData;

use super::write::{Write, WriteQuery};
use crate::error::Error;
use crate::query::{Condition, Find};
use crate::sql;
use crate::typed::batch::{Batchable, Step};
use crate::typed::field::Filter;
use crate::typed::model::Model;
use crate::typed::relation::Nil;
use crate::typed::unique::Unique;
use crate::wire::{Executor, Statement};

/// Deletes the row with a key and gives it back as it was, in the shape `S`; that there is none is an error (P2025).
pub type DeleteQuery<M, S = Nil> = WriteQuery<M, S, Delete>;

/// Which row.
#[derive(Debug)]
pub struct Delete {
    filter: Condition,
}

impl Write for Delete {
    fn statement(self, schema: &str, returning: &Find) -> Result<Statement, Error> {
        sql::delete(schema, &self.filter, returning)
    }
}

impl<M: Model> WriteQuery<M, Nil, Delete> {
    pub(crate) fn new(executor: Executor, unique: Unique<M>) -> Self {
        Self::with(executor, Delete { filter: unique.key.condition() })
    }
}

impl<M: Model, S> WriteQuery<M, S, Delete> {
    /// Only if this holds for the row, too.
    pub fn filter(mut self, filter: impl Into<Filter<M>>) -> Self {
        self.kind.filter = self.kind.filter.and(filter.into().into_condition());
        self
    }
}

/// Deletes all rows of a filter and says how many there were.
#[must_use = "a query runs when it is awaited"]
pub struct DeleteMany<M> {
    pub(super) executor: Executor,
    filter: Condition,
    model: PhantomData<fn() -> M>,
}

impl<M> fmt::Debug for DeleteMany<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.filter.fmt(f)
    }
}

impl<M: Model> DeleteMany<M> {
    pub(crate) fn new(executor: Executor) -> Self {
        Self { executor, filter: Condition::TRUE, model: PhantomData }
    }

    /// Only rows for which this holds; said twice, both have to.
    pub fn filter(mut self, filter: impl Into<Filter<M>>) -> Self {
        self.filter = self.filter.and(filter.into().into_condition());
        self
    }
}

impl<M: Model> Batchable for DeleteMany<M> {
    type Output = u64;

    fn into_step(self) -> Result<Step<u64>, Error> {
        let statement = sql::delete_many(self.executor.schema(), M::meta(), &self.filter)?;
        Ok(Step::new(statement, |outcome| Ok(outcome.affected)))
    }
}
