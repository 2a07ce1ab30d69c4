//! Deleting rows.

use std::fmt;
use std::marker::PhantomData;

use super::attempt::{AttemptQuery, Conditional};
use super::write::{OneRow, Write, WriteQuery};
use crate::error::Error;
use crate::query::{self, Condition, Find};
use crate::run::Request;
use crate::typed::batch::{Batchable, Step};
use crate::typed::field::Filter;
use crate::typed::loaded::Nil;
use crate::typed::model::Model;
use crate::typed::unique::Unique;
use crate::wire::Executor;

/// The query of [`Table::delete`](crate::Table::delete). It returns the deleted row in the shape `S`; if there is no such row, it fails (P2025).
pub type DeleteQuery<M, S = Nil> = WriteQuery<M, S, Delete>;

/// A deletion that returns an [`Attempt`](crate::Attempt).
pub type DeleteAttempt<M, S = Nil> = AttemptQuery<M, S, Delete>;

/// The kind of query that deletes a row.
#[derive(Debug)]
pub struct Delete {
    unique: query::Unique,
}

impl Write for Delete {
    type Returned = OneRow;

    fn into_write(self, returning: Find) -> query::Write {
        query::Write::Delete(self.unique, returning)
    }
}

impl Conditional for Delete {}

impl<M: Model> WriteQuery<M, Nil, Delete> {
    pub(crate) fn new(executor: Executor, unique: Unique<M>) -> Self {
        Self::with(executor, Delete { unique: unique.into() })
    }
}

impl<M: Model, S> WriteQuery<M, S, Delete> {
    /// Deletes the row only if it also matches this filter. A second filter is combined with `AND`.
    pub fn filter(mut self, filter: impl Into<Filter<M>>) -> Self {
        self.kind.unique.filter = self.kind.unique.filter.and(filter.into().into_condition());
        self
    }
}

/// The query of [`Table::delete_many`](crate::Table::delete_many). It returns the number of deleted rows.
#[must_use = "a query runs when it is awaited"]
pub struct DeleteMany<M> {
    pub(super) executor: Executor,
    filter: Condition,
    limit: Option<u64>,
    model: PhantomData<fn() -> M>,
}

impl<M> fmt::Debug for DeleteMany<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.filter.fmt(f)
    }
}

impl<M: Model> DeleteMany<M> {
    pub(crate) fn new(executor: Executor) -> Self {
        Self { executor, filter: Condition::TRUE, limit: None, model: PhantomData }
    }

    /// Restricts the query to rows that match. A second filter is combined with `AND`.
    pub fn filter(mut self, filter: impl Into<Filter<M>>) -> Self {
        self.filter = self.filter.and(filter.into().into_condition());
        self
    }

    /// Limits the number of rows. Without an order, it is not determined which ones are deleted.
    ///
    /// With `relationMode = "prisma"`, referential actions concern all rows that match, whatever the limit is, as in Prisma.
    pub fn limit(mut self, rows: impl Into<Option<u64>>) -> Self {
        self.limit = rows.into();
        self
    }
}

impl<M: Model> Batchable for DeleteMany<M> {
    type Output = u64;

    fn into_step(self) -> Result<Step<u64>, Error> {
        let write = query::Write::DeleteMany { model: M::meta(), filter: self.filter, limit: self.limit };
        Step::of(&self.executor, Request::Write(write), |outcome| Ok(outcome.affected))
    }
}
