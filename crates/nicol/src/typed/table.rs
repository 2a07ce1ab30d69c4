//! `db.person()`: where every query of a model begins.

use std::fmt;
use std::marker::PhantomData;

use super::builder::aggregate::{AggregateQuery, Aggregates, CountQuery, Fields, GroupBy};
use super::builder::create::{CreateMany, IntoCreate};
use super::builder::delete::{DeleteMany, DeleteQuery};
use super::builder::find::{FindFirst, FindMany, FindUnique};
use super::builder::update::{UpdateMany, UpdateQuery};
use super::builder::upsert::UpsertQuery;
use super::model::Model;
use super::relation::Nil;
use super::setters::Setters;
use super::unique::Unique;
use crate::query::{Changes, Create};
use crate::wire::Executor;

/// The table of model `M`, on a client or within a transaction.
#[must_use]
pub struct Table<M> {
    executor: Executor,
    model: PhantomData<fn() -> M>,
}

impl<M> Clone for Table<M> {
    fn clone(&self) -> Self {
        Self { executor: self.executor.clone(), model: PhantomData }
    }
}

impl<M: Model> fmt::Debug for Table<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({})", M::meta().name)
    }
}

impl<M: Model> Table<M> {
    /// For generated code.
    #[doc(hidden)]
    pub fn new(executor: Executor) -> Self {
        Self { executor, model: PhantomData }
    }

    /// The row with this key, if there is one.
    pub fn find_unique(&self, unique: Unique<M>) -> FindUnique<M> {
        FindUnique::by_key(self.executor.clone(), unique)
    }

    /// The first row of a filter and an order, if there is one.
    pub fn find_first(&self) -> FindFirst<M> {
        FindFirst::all(self.executor.clone())
    }

    /// All rows of a filter, in an order.
    pub fn find_many(&self) -> FindMany<M> {
        FindMany::all(self.executor.clone())
    }

    /// Writes a row: every required field in a struct literal, the others by setters.
    pub fn create<C: IntoCreate<M>>(&self, row: C) -> C::Query {
        row.into_create(self.executor.clone())
    }

    /// Writes many rows in few statements, all or none.
    pub fn create_many<C: Into<M::CreateWith<Create>>>(
        &self,
        rows: impl IntoIterator<Item = C>,
    ) -> CreateMany<M> {
        let rows = rows.into_iter().map(|row| row.into().into_inner()).collect();
        CreateMany::new(self.executor.clone(), rows)
    }

    /// Changes the row with this key.
    pub fn update(&self, unique: Unique<M>) -> M::UpdateWith<UpdateQuery<M, Nil>> {
        Setters::new(UpdateQuery::new(self.executor.clone(), unique))
    }

    /// Changes all rows of a filter.
    pub fn update_many(&self) -> M::UpdateWith<UpdateMany<M>> {
        Setters::new(UpdateMany::new(self.executor.clone()))
    }

    /// Writes the row, or changes it where the key is there already.
    pub fn upsert(
        &self,
        unique: Unique<M>,
        create: impl Into<M::CreateWith<Create>>,
        update: impl FnOnce(M::UpdateWith<Changes>) -> M::UpdateWith<Changes>,
    ) -> UpsertQuery<M, Nil> {
        let changes = update(Setters::new(Changes::new(M::meta()))).into_inner();
        UpsertQuery::new(self.executor.clone(), unique, create.into().into_inner(), changes)
    }

    /// Deletes the row with this key.
    pub fn delete(&self, unique: Unique<M>) -> DeleteQuery<M, Nil> {
        DeleteQuery::new(self.executor.clone(), unique)
    }

    /// Deletes all rows of a filter.
    pub fn delete_many(&self) -> DeleteMany<M> {
        DeleteMany::new(self.executor.clone())
    }

    /// How many rows a filter has.
    pub fn count(&self) -> CountQuery<M> {
        CountQuery::new(self.executor.clone())
    }

    /// Sums, means, least and greatest values over all rows of a filter.
    pub fn aggregate<A: Aggregates<M>>(&self, aggregates: A) -> AggregateQuery<M, A> {
        AggregateQuery::new(self.executor.clone(), aggregates)
    }

    /// Aggregates for each combination of values of some fields.
    pub fn group_by<F: Fields<M>>(&self, fields: F) -> GroupBy<M, F> {
        GroupBy::new(self.executor.clone(), fields)
    }
}
