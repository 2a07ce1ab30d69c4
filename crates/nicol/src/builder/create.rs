//! Writing new rows.

use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;

use crate::batch::{Batchable, Step};
use crate::builder::QueryFuture;
use crate::error::Error;
use crate::executor::Executor;
use crate::model::{CreateTarget, Model, Unique};
use crate::query::{self, Create, Find};
use crate::relation::{IntoInclude, Loadable, Loaded, Nil, Relation, Relations, Shape};
use crate::select::{Columns, Selection};

/// Writes a row and gives it back in the shape `S`.
#[must_use = "a query runs when it is awaited"]
pub struct CreateQuery<M, S = Nil> {
    executor: Executor,
    create: Create,
    returning: Find,
    types: PhantomData<fn() -> (M, S)>,
}

impl<M, S> fmt::Debug for CreateQuery<M, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.create.fmt(f)
    }
}

impl<M: Model> CreateQuery<M, Nil> {
    /// For generated code.
    pub fn new(executor: Executor, create: Create) -> Self {
        Self { executor, create, returning: Find::all(M::meta()), types: PhantomData }
    }

    /// Gives back only these fields.
    pub fn select<T: Selection<M>>(mut self, fields: T) -> CreateQuery<M, Columns<T::Row>> {
        self.returning.columns = query::Columns::Some(fields.columns());
        self.typed()
    }
}

impl<M: Model, S> CreateQuery<M, S> {
    fn typed<S2>(self) -> CreateQuery<M, S2> {
        CreateQuery {
            executor: self.executor,
            create: self.create,
            returning: self.returning,
            types: PhantomData,
        }
    }
}

impl<M: Model, S: Relations<M>> CreateQuery<M, S> {
    /// Gives back a relation with the row.
    pub fn include<I>(mut self, include: I) -> CreateQuery<M, Loaded<I::Key, I::Value, S>>
    where
        I: IntoInclude<Key: Loadable<From = M>>,
    {
        const { assert!(S::MASK & I::Key::BIT == 0, "this relation is included twice in one query") };
        self.returning.includes.push(include.into_include());
        self.typed()
    }
}

impl<M, S> CreateTarget for CreateQuery<M, S> {
    fn create_mut(&mut self) -> &mut Create {
        &mut self.create
    }
}

impl<M: Model, S: Shape<M>> Batchable for CreateQuery<M, S> {
    type Output = S::Row;

    fn into_step(self) -> Result<Step<S::Row>, Error> {
        let statements = crate::sql::create(&self.executor.naming(), self.create, &self.returning)?;
        Ok(Step::many(statements, |rows| rows.decode_one::<S::Row>(M::meta().name)))
    }
}

impl<M: Model, S: Shape<M>> IntoFuture for CreateQuery<M, S> {
    type Output = Result<S::Row, Error>;
    type IntoFuture = QueryFuture<S::Row>;

    fn into_future(self) -> Self::IntoFuture {
        let executor = self.executor.clone();
        Box::pin(async move { executor.run(self.into_step()?).await })
    }
}

/// A row to write from which the key of one required relation is missing: `connect_…` gives it.
#[must_use = "say which row it belongs to: `.connect_…(…)`"]
pub struct CreateInQuery<M, Rel> {
    executor: Executor,
    create: Create,
    types: PhantomData<fn() -> (M, Rel)>,
}

impl<M, Rel> fmt::Debug for CreateInQuery<M, Rel> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.create.fmt(f)
    }
}

impl<M: Model, Rel: Relation<From = M>> CreateInQuery<M, Rel> {
    /// For generated code.
    pub fn new(executor: Executor, create: Create) -> Self {
        Self { executor, create, types: PhantomData }
    }

    /// The row with this key is the one it belongs to; that there is none is an error (P2025).
    pub fn connect(mut self, unique: Unique<Rel::To>) -> CreateQuery<M, Nil> {
        self.create.connects.push((Rel::INDEX, unique.key));
        CreateQuery::new(self.executor, self.create)
    }
}

impl<M, Rel> CreateTarget for CreateInQuery<M, Rel> {
    fn create_mut(&mut self) -> &mut Create {
        &mut self.create
    }
}

/// A row to write under a parent whose key is not known yet; `Rel` is the relation to the parent.
pub struct CreateIn<Rel> {
    create: Create,
    relation: PhantomData<fn() -> Rel>,
}

impl<Rel> fmt::Debug for CreateIn<Rel> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.create.fmt(f)
    }
}

impl<Rel> CreateIn<Rel> {
    /// For generated code.
    pub fn new(create: Create) -> Self {
        Self { create, relation: PhantomData }
    }

    /// The row.
    pub fn into_create(self) -> Create {
        self.create
    }
}

impl<Rel> CreateTarget for CreateIn<Rel> {
    fn create_mut(&mut self) -> &mut Create {
        &mut self.create
    }
}

/// What a nested write takes: one row, or many.
pub trait IntoChildren<T> {
    /// The rows.
    fn into_children(self) -> impl Iterator<Item = T>;
}

impl<T, C: Into<T>, const N: usize> IntoChildren<T> for [C; N] {
    fn into_children(self) -> impl Iterator<Item = T> {
        self.into_iter().map(Into::into)
    }
}

impl<T, C: Into<T>> IntoChildren<T> for Vec<C> {
    fn into_children(self) -> impl Iterator<Item = T> {
        self.into_iter().map(Into::into)
    }
}

/// Writes many rows, all or none.
#[must_use = "a query runs when it is awaited"]
pub struct CreateMany<M> {
    executor: Executor,
    rows: Vec<Create>,
    skip_duplicates: bool,
    model: PhantomData<fn() -> M>,
}

impl<M> fmt::Debug for CreateMany<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CreateMany({} rows)", self.rows.len())
    }
}

impl<M: Model> CreateMany<M> {
    pub(crate) fn new(executor: Executor, rows: Vec<Create>) -> Self {
        Self { executor, rows, skip_duplicates: false, model: PhantomData }
    }

    /// Leaves out rows of which a unique key is there already.
    pub fn skip_duplicates(mut self) -> Self {
        self.skip_duplicates = true;
        self
    }
}

impl<M: Model> Batchable for CreateMany<M> {
    type Output = u64;

    fn into_step(self) -> Result<Step<u64>, Error> {
        let statements =
            crate::sql::create_many(&self.executor.naming(), M::meta(), self.rows, self.skip_duplicates)?;
        Ok(Step::many(statements, |outcome| Ok(outcome.affected)))
    }
}

impl<M: Model> IntoFuture for CreateMany<M> {
    type Output = Result<u64, Error>;
    type IntoFuture = QueryFuture<u64>;

    fn into_future(self) -> Self::IntoFuture {
        let executor = self.executor.clone();
        Box::pin(async move { executor.run(self.into_step()?).await })
    }
}
