//! What all queries that write and return one row have in common.

use std::fmt;
use std::marker::PhantomData;

use crate::error::Error;
use crate::query::{self, Changes, Create, Find};
use crate::run::Request;
use crate::typed::batch::{Batchable, Step};
use crate::typed::load::IntoInclude;
use crate::typed::loaded::{Nil, Relations};
use crate::typed::model::Model;
use crate::typed::nested::NestIn;
use crate::typed::record::FromRecord;
use crate::typed::relation::Loadable;
use crate::typed::select::{Columns, Select, Selection, Shape};
use crate::typed::setters::{CreateTarget, UpdateTarget};
use crate::wire::{Executor, Outcome};

/// Writes rows of `M` and returns them in the shape `S`. `K` is the kind of the query: create, update, upsert or delete of one row, or
/// `create_many` and `update_many` with `and_return`.
#[must_use = "a query runs when it is awaited"]
pub struct WriteQuery<M, S, K> {
    pub(super) executor: Executor,
    pub(super) kind: K,
    pub(in crate::typed) returning: Find,
    types: PhantomData<fn() -> (M, S)>,
}

impl<M, S, K: fmt::Debug> fmt::Debug for WriteQuery<M, S, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

/// Kinds of queries that write rows and return them.
pub trait Write: Send + 'static {
    /// How many rows the query returns: [`OneRow`] or [`AllRows`].
    type Returned: Returned;

    /// Returns the query as data.
    #[doc(hidden)]
    fn into_write(self, returning: Find) -> query::Write;
}

/// How many rows a write returns.
pub trait Returned {
    /// The type that holds the rows.
    type Of<T: Send + 'static>: Send + 'static;

    /// Reads the rows.
    ///
    /// # Errors
    /// A row cannot be read, or the row is missing.
    fn read<T: FromRecord + Send + 'static>(
        outcome: Outcome,
        model: &'static str,
    ) -> Result<Self::Of<T>, Error>;
}

/// The row that was written.
#[derive(Debug)]
pub struct OneRow;

/// All rows that were written.
#[derive(Debug)]
pub struct AllRows;

impl Returned for OneRow {
    type Of<T: Send + 'static> = T;

    fn read<T: FromRecord + Send + 'static>(outcome: Outcome, model: &'static str) -> Result<T, Error> {
        outcome.decode_one(model)
    }
}

impl Returned for AllRows {
    type Of<T: Send + 'static> = Vec<T>;

    fn read<T: FromRecord + Send + 'static>(outcome: Outcome, _: &'static str) -> Result<Vec<T>, Error> {
        outcome.decode()
    }
}

impl<M: Model, K> WriteQuery<M, Nil, K> {
    pub(super) fn with(executor: Executor, kind: K) -> Self {
        Self { executor, kind, returning: Find::all(M::meta()), types: PhantomData }
    }

    /// Returns only these fields and relations, as a tuple.
    pub fn select<T: Selection<M>>(mut self, fields: T) -> WriteQuery<M, Columns<T::Row>, K> {
        fields.add_to(&mut self.returning);
        self.shaped()
    }

    /// Returns only the fields and relations of a struct with [`#[derive(nicol::Select)]`](macro@crate::Select).
    pub fn select_as<T: Select<M>>(mut self) -> WriteQuery<M, Columns<T>, K> {
        T::add_to(&mut self.returning);
        self.shaped()
    }
}

impl<M, S, K> WriteQuery<M, S, K> {
    pub(in crate::typed) fn shaped<S2>(self) -> WriteQuery<M, S2, K> {
        let Self { executor, kind, returning, .. } = self;
        WriteQuery { executor, kind, returning, types: PhantomData }
    }
}

impl<M: Model, S: Relations, K> WriteQuery<M, S, K> {
    /// Loads a relation with each returned row.
    pub fn include<I>(mut self, include: I) -> WriteQuery<M, S::And<I::Key, I::Value>, K>
    where
        I: IntoInclude<Key: Loadable<From = M>>,
    {
        const { assert!(S::MASK & I::Key::BIT == 0, "this relation is included twice in one query") };
        self.returning.includes.push(include.into_include());
        self.shaped()
    }
}

impl<M, S, K: AsMut<Create>> CreateTarget for WriteQuery<M, S, K> {
    fn create_mut(&mut self) -> &mut Create {
        self.kind.as_mut()
    }
}

impl<M, S, K: AsMut<Changes>> UpdateTarget for WriteQuery<M, S, K> {
    fn changes_mut(&mut self) -> &mut Changes {
        self.kind.as_mut()
    }
}

impl<M, S, K, W: NestIn<K>> NestIn<WriteQuery<M, S, K>> for W {
    type Output = WriteQuery<M, S, W::Output>;

    fn nest_in(self, query: WriteQuery<M, S, K>) -> Self::Output {
        let WriteQuery { executor, kind, returning, types } = query;
        WriteQuery { executor, kind: self.nest_in(kind), returning, types }
    }
}

impl<M: Model, S: Shape<M>, K: Write> Batchable for WriteQuery<M, S, K> {
    type Output = <K::Returned as Returned>::Of<S::Row>;

    fn into_step(self) -> Result<Step<Self::Output>, Error> {
        let Self { executor, kind, returning, .. } = self;
        Step::of(&executor, Request::Write(kind.into_write(returning)), |outcome| {
            K::Returned::read::<S::Row>(outcome, M::meta().name)
        })
    }
}
