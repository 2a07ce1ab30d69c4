//! Creating rows.

use std::fmt;
use std::marker::PhantomData;

use super::write::{Write, WriteQuery};
use crate::error::Error;
use crate::query::{self, Create, Find, Nested, Returning};
use crate::run::Request;
use crate::typed::batch::{Batchable, Step};
use crate::typed::model::Model;
use crate::typed::nested::{Nests, Owner, add};
use crate::typed::relation::{Nil, Relation};
use crate::typed::setters::CreateTarget;
use crate::typed::unique::Unique;
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

/// A row to create that lacks the key of a required relation. `connect_…` sets the key and makes it a query.
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
    /// Returns the query that creates a row.
    #[doc(hidden)]
    pub fn new(executor: Executor, create: Create) -> Self {
        Self { executor, create, types: PhantomData }
    }

    /// Sets the relation to the existing row with this key. If there is no such row, the query fails (P2025).
    pub fn connect(mut self, unique: Unique<Rel::To>) -> CreateQuery<M, Nil> {
        self.create.nested.push((Rel::INDEX, Nested::Connect(unique.into())));
        CreateQuery::new(self.executor, self.create)
    }
}

impl<M: Model, Rel: Relation<From = M>, W: Owner<Rel>> Nests<W> for CreateInQuery<M, Rel> {
    type Output = CreateQuery<M, Nil>;

    fn nest(mut self, writes: W) -> Self::Output {
        add(&mut self.create.nested, writes);
        CreateQuery::new(self.executor, self.create)
    }
}

impl<M, Rel> CreateTarget for CreateInQuery<M, Rel> {
    fn create_mut(&mut self) -> &mut Create {
        &mut self.create
    }
}

/// The rows that [`Table::create`](crate::Table::create) accepts: `New`, `Create` and `NewIn…`. `NewIn…` lacks a foreign key, so its query is
/// completed by `connect_…`.
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
