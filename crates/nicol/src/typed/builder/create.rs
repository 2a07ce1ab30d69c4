//! Creating rows.

use std::fmt;
use std::marker::PhantomData;

use super::write::{Write, WriteQuery};
use crate::error::Error;
use crate::query::{self, Create, Find, Returning};
use crate::run::Request;
use crate::typed::batch::{Batchable, Step};
use crate::typed::model::Model;
use crate::typed::nested::{NestIn, Owner};
use crate::typed::relation::{Nil, Relation};
use crate::typed::setters::CreateTarget;
use crate::wire::Executor;

/// The query of [`Table::create`](crate::Table::create). It returns the new row in the shape `S`.
pub type CreateQuery<M, S = Nil> = WriteQuery<M, S, Create>;

impl AsMut<Create> for Create {
    fn as_mut(&mut self) -> &mut Create {
        self
    }
}

impl Write for Create {
    fn into_write(self, returning: Find) -> query::Write {
        query::Write::Create(self, returning)
    }
}

impl<M: Model> WriteQuery<M, Nil, Create> {
    /// Returns the query that creates a row.
    #[doc(hidden)]
    pub fn new(executor: Executor, create: Create) -> Self {
        Self::with(executor, create)
    }
}

/// A row to create that lacks the key of a required relation. The first nested write sets the key and makes it a query.
#[must_use = "say which row it belongs to: `.with(….connect(…))`"]
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
    /// Returns the query that creates a row.
    #[doc(hidden)]
    pub fn new(executor: Executor, create: Create) -> Self {
        Self { executor, create, types: PhantomData }
    }
}

impl<M: Model, Rel: Relation<From = M>, W: Owner<Rel>> NestIn<CreateInQuery<M, Rel>> for W {
    type Output = CreateQuery<M, Nil>;

    fn nest_in(self, query: CreateInQuery<M, Rel>) -> Self::Output {
        CreateQuery::new(query.executor, self.nest_in(query.create))
    }
}

impl<M, Rel> CreateTarget for CreateInQuery<M, Rel> {
    fn create_mut(&mut self) -> &mut Create {
        &mut self.create
    }
}

/// The rows that [`Table::create`](crate::Table::create) accepts: `New`, `Create` and `NewIn…`. `NewIn…` lacks a foreign key, so its query is
/// completed by a nested write.
pub trait IntoCreate<M: Model> {
    /// The query that creates the row.
    type Query;

    /// Returns the query on this executor.
    #[doc(hidden)]
    fn into_create(self, executor: Executor) -> Self::Query;
}

/// The query of [`Table::create_many`](crate::Table::create_many). It creates all rows or none and returns their number.
#[must_use = "a query runs when it is awaited"]
pub struct CreateMany<M> {
    pub(super) executor: Executor,
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

    /// Skips rows with a unique key that already exists.
    pub fn skip_duplicates(mut self) -> Self {
        self.skip_duplicates = true;
        self
    }
}

impl<M: Model> Batchable for CreateMany<M> {
    type Output = u64;

    fn into_step(self) -> Result<Step<u64>, Error> {
        let Self { executor, rows, skip_duplicates, .. } = self;
        let many = query::CreateMany { model: M::meta(), rows, skip_duplicates };
        let write = query::Write::CreateMany(many, Returning::Count);
        Step::of(&executor, Request::Write(write), |outcome| Ok(outcome.affected))
    }
}
