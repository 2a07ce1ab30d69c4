//! Changing rows.

use std::fmt;
use std::marker::PhantomData;

use super::write::{Write, WriteQuery};
use crate::error::Error;
use crate::query::{Changes, Condition, Find};
use crate::sql;
use crate::typed::batch::{Batchable, Step};
use crate::typed::field::Filter;
use crate::typed::model::Model;
use crate::typed::relation::Nil;
use crate::typed::setters::UpdateTarget;
use crate::typed::unique::Unique;
use crate::wire::{Executor, Statement};

/// Changes the row with a key and gives it back in the shape `S`; that there is none is an error (P2025).
pub type UpdateQuery<M, S = Nil> = WriteQuery<M, S, Update>;

/// Which row, and what changes.
#[derive(Debug)]
pub struct Update {
    filter: Condition,
    changes: Changes,
}

impl AsMut<Changes> for Update {
    fn as_mut(&mut self) -> &mut Changes {
        &mut self.changes
    }
}

impl Write for Update {
    fn statement(self, schema: &str, returning: &Find) -> Result<Statement, Error> {
        sql::update(schema, &self.filter, &self.changes, returning)
    }
}

impl<M: Model> WriteQuery<M, Nil, Update> {
    pub(crate) fn new(executor: Executor, unique: Unique<M>) -> Self {
        Self::with(executor, Update { filter: unique.key.condition(), changes: Changes::new(M::meta()) })
    }
}

impl<M: Model, S> WriteQuery<M, S, Update> {
    /// Only if this holds for the row, too.
    pub fn filter(mut self, filter: impl Into<Filter<M>>) -> Self {
        self.kind.filter = self.kind.filter.and(filter.into().into_condition());
        self
    }
}

/// Changes all rows of a filter and says how many there were.
#[must_use = "a query runs when it is awaited"]
pub struct UpdateMany<M> {
    pub(super) executor: Executor,
    filter: Condition,
    changes: Changes,
    model: PhantomData<fn() -> M>,
}

impl<M> fmt::Debug for UpdateMany<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UpdateMany({:?}, {:?})", self.filter, self.changes)
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
        let statement = sql::update_many(self.executor.schema(), &self.filter, &self.changes)?;
        Ok(Step::new(statement, |outcome| Ok(outcome.affected)))
    }
}
