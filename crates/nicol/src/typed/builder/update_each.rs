//! Updating rows, each with its own values.

use std::fmt;
use std::marker::PhantomData;

use crate::error::Error;
use crate::query::{self, Changes, Find, Returning, UpdateRow};
use crate::run::Request;
use crate::typed::batch::{Batchable, Step};
use crate::typed::model::Model;
use crate::typed::record::FromRecord;
use crate::typed::select::{Select, Selection};
use crate::typed::setters::UpdateTarget;
use crate::typed::unique::Unique;
use crate::wire::{Executor, Outcome};

impl UpdateRow {
    /// Returns the row with this key, without changes.
    #[doc(hidden)]
    pub fn new<M: Model>(unique: Unique<M>) -> Self {
        Self { unique: unique.into(), changes: Changes::new(M::meta()) }
    }
}

impl UpdateTarget for UpdateRow {
    fn changes_mut(&mut self) -> &mut Changes {
        &mut self.changes
    }
}

/// The query of [`Table::update_each`](crate::Table::update_each). It updates all rows or none and returns `T`: the number of updated rows.
#[must_use = "a query runs when it is awaited"]
pub struct UpdateEach<M, T = u64> {
    pub(super) executor: Executor,
    update: query::UpdateEach,
    pub(in crate::typed) returning: Returning,
    finish: fn(Outcome) -> Result<T, Error>,
    model: PhantomData<fn() -> M>,
}

impl<M, T> fmt::Debug for UpdateEach<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UpdateEach({} rows)", self.update.rows.len())
    }
}

impl<M: Model> UpdateEach<M> {
    pub(crate) fn new(executor: Executor, rows: Vec<UpdateRow>) -> Self {
        let update = query::UpdateEach { model: M::meta(), rows, skip_unchanged: false };
        let finish = |outcome: Outcome| Ok(outcome.affected);
        Self { executor, update, returning: Returning::Count, finish, model: PhantomData }
    }

    /// Returns the updated rows, in any order.
    pub fn and_return(self) -> UpdateEach<M, Vec<M>> {
        self.returning(Find::all(M::meta()), Outcome::decode::<M>)
    }

    /// Returns these fields and relations of the updated rows, as tuples in any order.
    pub fn select<F: Selection<M>>(self, fields: F) -> UpdateEach<M, Vec<F::Row>> {
        let mut find = Find::all(M::meta());
        fields.add_to(&mut find);
        self.returning(find, Outcome::decode::<F::Row>)
    }

    /// Returns the fields and relations of a struct with [`#[derive(nicol::Select)]`](macro@crate::Select) of the updated rows, in any order.
    pub fn select_as<T: Select<M>>(self) -> UpdateEach<M, Vec<T>> {
        let mut find = Find::all(M::meta());
        T::add_to(&mut find);
        self.returning(find, Outcome::decode::<T>)
    }

    pub(in crate::typed) fn rows<T: FromRecord>(self, find: Find) -> UpdateEach<M, Vec<T>> {
        self.returning(find, Outcome::decode::<T>)
    }

    fn returning<T>(self, find: Find, finish: fn(Outcome) -> Result<T, Error>) -> UpdateEach<M, T> {
        let Self { executor, update, model, .. } = self;
        UpdateEach { executor, update, returning: Returning::Rows(Box::new(find)), finish, model }
    }
}

impl<M: Model, T> UpdateEach<M, T> {
    /// Leaves rows alone that have the given values already. They are neither counted nor returned. Arithmetic, such as
    /// [`increment`](crate::increment), counts as a change.
    pub fn skip_unchanged(mut self) -> Self {
        self.update.skip_unchanged = true;
        self
    }
}

impl<M: Model, T: Send + 'static> Batchable for UpdateEach<M, T> {
    type Output = T;

    fn into_step(self) -> Result<Step<T>, Error> {
        Step::of(&self.executor, Request::UpdateEach(self.update, self.returning), self.finish)
    }
}
