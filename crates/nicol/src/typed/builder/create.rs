//! Creating rows.

use std::fmt;
use std::marker::PhantomData;

use super::write::{AllRows, OneRow, Write, WriteQuery};
use crate::error::Error;
use crate::query::{self, Create, Find, Returning};
use crate::run::Request;
use crate::typed::batch::{Batchable, Step};
use crate::typed::loaded::Nil;
use crate::typed::model::Model;
use crate::typed::nested::{NestIn, Owner};
use crate::typed::relation::Relation;
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
    type Returned = OneRow;

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

/// The rows that [`Table::create`](crate::Table::create) accepts: `New`, `Create`, `NewIn…` and `NewByRelations`. `NewIn…` lacks a foreign key and
/// `NewByRelations` those of all required relations, so their queries are completed by nested writes.
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
    many: query::CreateMany,
    model: PhantomData<fn() -> M>,
}

/// The query of [`CreateMany::and_return`]. It returns the new rows in the shape `S`.
pub type CreateManyAndReturn<M, S = Nil> = WriteQuery<M, S, query::CreateMany>;

impl<M> fmt::Debug for CreateMany<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CreateMany({} rows)", self.many.rows.len())
    }
}

impl<M: Model> CreateMany<M> {
    pub(crate) fn new(executor: Executor, rows: Vec<Create>) -> Self {
        let many = query::CreateMany { model: M::meta(), rows, skip_duplicates: false };
        Self { executor, many, model: PhantomData }
    }

    /// Skips rows with a unique key that already exists.
    pub fn skip_duplicates(mut self) -> Self {
        self.many.skip_duplicates = true;
        self
    }

    /// Returns the new rows instead of their number, in any order and without those that were skipped.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, user};
    /// # use nicol::Error;
    /// async fn invite(db: &Client, emails: &[&str]) -> Result<Vec<(String, String)>, Error> {
    ///     let users = emails.iter().map(|email| user::New { email: (*email).into() });
    ///     db.user().create_many(users).skip_duplicates().and_return().select((user::id, user::email)).await
    /// }
    /// # fn main() {}
    /// ```
    pub fn and_return(self) -> CreateManyAndReturn<M> {
        WriteQuery::with(self.executor, self.many)
    }
}

impl Write for query::CreateMany {
    type Returned = AllRows;

    fn into_write(self, returning: Find) -> query::Write {
        query::Write::CreateMany(self, Returning::Rows(Box::new(returning)))
    }
}

impl<M: Model> Batchable for CreateMany<M> {
    type Output = u64;

    fn into_step(self) -> Result<Step<u64>, Error> {
        let write = query::Write::CreateMany(self.many, Returning::Count);
        Step::of(&self.executor, Request::Write(write), |outcome| Ok(outcome.affected))
    }
}
