//! Updating rows.

use std::fmt;
use std::marker::PhantomData;

use super::attempt::{AttemptQuery, Conditional};
use super::write::{AllRows, OneRow, Write, WriteQuery};
use crate::error::Error;
use crate::query::{self, Changes, Condition, Find, Returning};
use crate::run::Request;
use crate::typed::batch::{Batchable, Step};
use crate::typed::field::Filter;
use crate::typed::loaded::Nil;
use crate::typed::model::Model;
use crate::typed::nested::{NestIn, NestedWrite};
use crate::typed::setters::UpdateTarget;
use crate::typed::unique::Unique;
use crate::wire::Executor;

/// The query of [`Table::update`](crate::Table::update). It returns the updated row in the shape `S`; if there is no such row, it fails (P2025).
pub type UpdateQuery<M, S = Nil> = WriteQuery<M, S, Update>;

/// An update that returns an [`Attempt`](crate::Attempt).
pub type UpdateAttempt<M, S = Nil> = AttemptQuery<M, S, Update>;

/// The kind of query that updates a row.
#[derive(Debug)]
pub struct Update {
    unique: query::Unique,
    changes: Changes,
}

impl AsMut<Changes> for Update {
    fn as_mut(&mut self) -> &mut Changes {
        &mut self.changes
    }
}

impl Write for Update {
    type Returned = OneRow;

    fn into_write(self, returning: Find) -> query::Write {
        query::Write::Update(self.unique, self.changes, returning)
    }
}

impl<W: NestedWrite> NestIn<Update> for W {
    type Output = Update;

    fn nest_in(self, update: Update) -> Update {
        Update { changes: self.nest_in(update.changes), ..update }
    }
}

impl Conditional for Update {}

impl<M: Model> WriteQuery<M, Nil, Update> {
    pub(crate) fn new(executor: Executor, unique: Unique<M>) -> Self {
        Self::with(executor, Update { unique: unique.into(), changes: Changes::new(M::meta()) })
    }
}

impl<M: Model, S> WriteQuery<M, S, Update> {
    /// Updates the row only if it also matches this filter. A second filter is combined with `AND`.
    pub fn filter(mut self, filter: impl Into<Filter<M>>) -> Self {
        self.kind.unique.filter = self.kind.unique.filter.and(filter.into().into_condition());
        self
    }
}

/// The query of [`UpdateMany::and_return`]. It returns the updated rows in the shape `S`.
pub type UpdateManyAndReturn<M, S = Nil> = WriteQuery<M, S, query::UpdateMany>;

impl Write for query::UpdateMany {
    type Returned = AllRows;

    fn into_write(self, returning: Find) -> query::Write {
        query::Write::UpdateMany(self, Returning::Rows(Box::new(returning)))
    }
}

/// The query of [`Table::update_many`](crate::Table::update_many). It returns the number of updated rows.
#[must_use = "a query runs when it is awaited"]
pub struct UpdateMany<M> {
    pub(super) executor: Executor,
    update: query::UpdateMany,
    model: PhantomData<fn() -> M>,
}

impl<M> fmt::Debug for UpdateMany<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.update.fmt(f)
    }
}

impl<M: Model> UpdateMany<M> {
    pub(crate) fn new(executor: Executor) -> Self {
        let update =
            query::UpdateMany { filter: Condition::TRUE, changes: Changes::new(M::meta()), limit: None };
        Self { executor, update, model: PhantomData }
    }

    /// Restricts the query to rows that match. A second filter is combined with `AND`.
    pub fn filter(mut self, filter: impl Into<Filter<M>>) -> Self {
        self.update.filter = self.update.filter.and(filter.into().into_condition());
        self
    }

    /// Limits the number of rows. Without an order, it is not determined which ones are updated.
    ///
    /// With `relationMode = "prisma"`, referential actions concern all rows that match, whatever the limit is, as in Prisma.
    pub fn limit(mut self, rows: impl Into<Option<u64>>) -> Self {
        self.update.limit = rows.into();
        self
    }

    /// Returns the updated rows instead of their number, in any order.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, User, user};
    /// # use nicol::{Error, increment};
    /// async fn reward(db: &Client) -> Result<Vec<User>, Error> {
    ///     let users = db.user().update_many().filter(user::visits.lt(10)).visits(increment(1));
    ///     users.limit(100).and_return().await
    /// }
    /// # fn main() {}
    /// ```
    pub fn and_return(self) -> UpdateManyAndReturn<M> {
        WriteQuery::with(self.executor, self.update)
    }
}

impl<M> UpdateTarget for UpdateMany<M> {
    fn changes_mut(&mut self) -> &mut Changes {
        &mut self.update.changes
    }
}

impl<M: Model> Batchable for UpdateMany<M> {
    type Output = u64;

    fn into_step(self) -> Result<Step<u64>, Error> {
        let write = query::Write::UpdateMany(self.update, Returning::Count);
        Step::of(&self.executor, Request::Write(write), |outcome| Ok(outcome.affected))
    }
}
