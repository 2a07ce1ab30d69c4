//! Writing new rows.

use std::fmt;
use std::marker::PhantomData;

use super::write::{Write, WriteQuery};
use crate::error::Error;
use crate::query::{Create, Find};
use crate::sql;
use crate::typed::batch::{Batchable, Step};
use crate::typed::model::Model;
use crate::typed::relation::{Nil, Relation};
use crate::typed::setters::CreateTarget;
use crate::typed::unique::Unique;
use crate::wire::{Executor, Statement};

/// Writes a row and gives it back in the shape `S`.
pub type CreateQuery<M, S = Nil> = WriteQuery<M, S, Create>;

impl AsMut<Create> for Create {
    fn as_mut(&mut self) -> &mut Create {
        self
    }
}

impl Write for Create {
    fn statement(self, schema: &str, returning: &Find) -> Result<Statement, Error> {
        sql::create(schema, self, returning)
    }
}

impl<M: Model> WriteQuery<M, Nil, Create> {
    /// For generated code.
    #[doc(hidden)]
    pub fn new(executor: Executor, create: Create) -> Self {
        Self::with(executor, create)
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
    #[doc(hidden)]
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

/// What `create` takes: `New` with every required field gives a query, `NewIn…` without a foreign key one that waits for `connect_…`.
pub trait IntoCreate<M: Model> {
    /// The query.
    type Query;

    /// The query on this database.
    #[doc(hidden)]
    fn into_create(self, executor: Executor) -> Self::Query;
}

/// Writes many rows, all or none.
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
            sql::create_many(self.executor.schema(), M::meta(), self.rows, self.skip_duplicates)?;
        Ok(Step::many(statements, |outcome| Ok(outcome.affected)))
    }
}
