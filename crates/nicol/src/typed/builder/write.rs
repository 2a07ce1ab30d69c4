//! What all queries that write and return one row have in common.

use std::fmt;
use std::marker::PhantomData;

use crate::error::Error;
use crate::query::{self, Changes, Create, Find};
use crate::run::Request;
use crate::typed::batch::{Batchable, Step};
use crate::typed::model::Model;
use crate::typed::nested::NestIn;
use crate::typed::relation::{IntoInclude, Loadable, Loaded, Nil, Relations};
use crate::typed::select::{Columns, Select, Selection, Shape};
use crate::typed::setters::{CreateTarget, UpdateTarget};
use crate::wire::Executor;

/// Writes a row of `M` and returns it in the shape `S`. `K` is the kind of the query: create, update, upsert or delete.
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

/// Kinds of queries that write one row.
pub trait Write: Send + 'static {
    /// Returns the query as data.
    #[doc(hidden)]
    fn into_write(self, returning: Find) -> query::Write;
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
    fn shaped<S2>(self) -> WriteQuery<M, S2, K> {
        let Self { executor, kind, returning, .. } = self;
        WriteQuery { executor, kind, returning, types: PhantomData }
    }
}

impl<M: Model, S: Relations<M>, K> WriteQuery<M, S, K> {
    /// Loads a relation with the returned row.
    pub fn include<I>(mut self, include: I) -> WriteQuery<M, Loaded<I::Key, I::Value, S>, K>
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
    type Output = S::Row;

    fn into_step(self) -> Result<Step<S::Row>, Error> {
        let Self { executor, kind, returning, .. } = self;
        Step::of(&executor, Request::Write(kind.into_write(returning)), |outcome| {
            outcome.decode_one::<S::Row>(M::meta().name)
        })
    }
}
