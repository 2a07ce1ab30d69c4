//! Creating rows, or updating those that exist.

use std::fmt;
use std::marker::PhantomData;

use crate::error::Error;
use crate::query::{self, Create, Find};
use crate::run::Request;
use crate::sql::Answer;
use crate::typed::batch::{Batchable, Step};
use crate::typed::field::Fields;
use crate::typed::model::Model;
use crate::typed::record::FromRecord;
use crate::typed::select::{Select, Selection};
use crate::wire::{Executor, Outcome};

/// The query of [`Table::upsert_many`](crate::Table::upsert_many). It writes all rows or none and returns `T`: the number of rows that it
/// created or updated.
#[must_use = "a query runs when it is awaited"]
pub struct UpsertMany<M, T = u64> {
    pub(super) executor: Executor,
    upsert: query::UpsertMany,
    pub(in crate::typed) answer: Answer,
    finish: fn(Outcome) -> Result<T, Error>,
    model: PhantomData<fn() -> M>,
}

/// The numbers of rows that [`UpsertMany::counts`](crate::builder::UpsertMany::counts) returns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Upserted {
    /// The number of created rows.
    pub created: u64,
    /// The number of updated rows.
    pub updated: u64,
}

impl<M, T> fmt::Debug for UpsertMany<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UpsertMany({} rows)", self.upsert.rows.len())
    }
}

impl<M: Model> UpsertMany<M> {
    pub(crate) fn new(executor: Executor, key: Vec<u16>, rows: Vec<Create>) -> Self {
        let upsert = query::UpsertMany { model: M::meta(), key, rows, update: None, skip_unchanged: false };
        let finish = |outcome: Outcome| Ok(outcome.affected);
        Self { executor, upsert, answer: Answer::Count, finish, model: PhantomData }
    }

    /// Returns the numbers of created and of updated rows. PostgreSQL cannot tell them apart in a partitioned table.
    pub fn counts(self) -> UpsertMany<M, Upserted> {
        self.answering(Answer::Counts, |outcome| {
            let counts = outcome.all(|cells| Ok((cells.take::<i64>()?, cells.take::<i64>()?)))?;
            Ok(counts.into_iter().fold(Upserted::default(), |sum, (created, written)| Upserted {
                created: sum.created + created.unsigned_abs(),
                updated: sum.updated + (written - created).unsigned_abs(),
            }))
        })
    }

    /// Returns the created and updated rows, in any order.
    pub fn and_return(self) -> UpsertMany<M, Vec<M>> {
        self.answering(Answer::Rows(Box::new(Find::all(M::meta()))), Outcome::decode::<M>)
    }

    /// Returns these fields and relations of the created and updated rows, as tuples in any order.
    pub fn select<F: Selection<M>>(self, fields: F) -> UpsertMany<M, Vec<F::Row>> {
        let mut find = Find::all(M::meta());
        fields.add_to(&mut find);
        self.answering(Answer::Rows(Box::new(find)), Outcome::decode::<F::Row>)
    }

    /// Returns the fields and relations of a struct with [`#[derive(nicol::Select)]`](macro@crate::Select) of the created and updated rows, in any
    /// order.
    pub fn select_as<T: Select<M>>(self) -> UpsertMany<M, Vec<T>> {
        let mut find = Find::all(M::meta());
        T::add_to(&mut find);
        self.answering(Answer::Rows(Box::new(find)), Outcome::decode::<T>)
    }

    pub(in crate::typed) fn rows<T: FromRecord>(self, find: Find) -> UpsertMany<M, Vec<T>> {
        self.answering(Answer::Rows(Box::new(find)), Outcome::decode::<T>)
    }

    fn answering<T>(self, answer: Answer, finish: fn(Outcome) -> Result<T, Error>) -> UpsertMany<M, T> {
        let Self { executor, upsert, model, .. } = self;
        UpsertMany { executor, upsert, answer, finish, model }
    }
}

impl<M: Model, T> UpsertMany<M, T> {
    /// Sets the fields that an existing row takes over from the new one. Fields that the new row does not set stay as they are, and
    /// `@updatedAt` fields are set together with others.
    ///
    /// The default are all fields that the new row sets, except those of the unique key and of the primary key, and those with a generated
    /// default such as `@default(now())`.
    pub fn update(mut self, fields: impl Fields<M>) -> Self {
        self.upsert.update = Some(fields.columns());
        self
    }

    /// Leaves existing rows alone that would not change. They are neither counted nor returned.
    pub fn skip_unchanged(mut self) -> Self {
        self.upsert.skip_unchanged = true;
        self
    }
}

impl<M: Model, T: Send + 'static> Batchable for UpsertMany<M, T> {
    type Output = T;

    fn into_step(self) -> Result<Step<T>, Error> {
        Step::of(&self.executor, Request::UpsertMany(self.upsert, self.answer), self.finish)
    }
}
