//! Reading rows.

use std::fmt;
use std::marker::PhantomData;

use crate::error::{Error, Kind};
use crate::query::{self, Find};
use crate::sql;
use crate::typed::batch::{Batchable, Step};
use crate::typed::field::{Filter, IntoOrder};
use crate::typed::model::Model;
use crate::typed::relation::{IntoInclude, Loadable, Loaded, Nil, Relations};
use crate::typed::select::{Columns, Select, Selection, Shape};
use crate::typed::stream::RowStream;
use crate::typed::unique::Unique;
use crate::wire::Executor;

/// How many rows a query gives.
pub trait Rows: Send + 'static {
    /// Whether it is an error if there is no row.
    const REQUIRED: bool = false;

    /// What holds them.
    type Of<T: Send + 'static>: Send + 'static;

    /// Puts them there.
    ///
    /// # Errors
    /// There is none where there should be one.
    fn collect<T: Send + 'static>(rows: Vec<T>, find: &'static str) -> Result<Self::Of<T>, Error>;
}

/// The row with a key, if there is one.
#[derive(Debug)]
pub struct ByKey;

/// The first row, if there is one.
#[derive(Debug)]
pub struct First;

/// All rows.
#[derive(Debug)]
pub struct Many;

/// The row, which has to be there.
#[derive(Debug)]
pub struct Required;

macro_rules! at_most_one {
    ($($kind:ty),*) => {$(
        impl Rows for $kind {
            type Of<T: Send + 'static> = Option<T>;

            fn collect<T: Send + 'static>(rows: Vec<T>, _: &'static str) -> Result<Option<T>, Error> {
                Ok(rows.into_iter().next())
            }
        }
    )*};
}

at_most_one!(ByKey, First);

impl Rows for Many {
    type Of<T: Send + 'static> = Vec<T>;

    fn collect<T: Send + 'static>(rows: Vec<T>, _: &'static str) -> Result<Vec<T>, Error> {
        Ok(rows)
    }
}

impl Rows for Required {
    const REQUIRED: bool = true;

    type Of<T: Send + 'static> = T;

    fn collect<T: Send + 'static>(rows: Vec<T>, model: &'static str) -> Result<T, Error> {
        rows.into_iter().next().ok_or_else(|| Kind::NotFound { model }.into())
    }
}

/// Reads rows of `M` in the shape `S`, as many as `K` says.
#[must_use = "a query runs when it is awaited"]
pub struct FindQuery<M, S, K> {
    pub(super) executor: Executor,
    find: Find,
    types: PhantomData<fn() -> (M, S, K)>,
}

/// The query of `find_unique`.
pub type FindUnique<M, S = Nil> = FindQuery<M, S, ByKey>;
/// The query of `find_first`.
pub type FindFirst<M, S = Nil> = FindQuery<M, S, First>;
/// The query of `find_many`.
pub type FindMany<M, S = Nil> = FindQuery<M, S, Many>;

impl<M, S, K> fmt::Debug for FindQuery<M, S, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.find.fmt(f)
    }
}

impl<M, S, K> Clone for FindQuery<M, S, K> {
    fn clone(&self) -> Self {
        Self { executor: self.executor.clone(), find: self.find.clone(), types: PhantomData }
    }
}

impl<M: Model> FindQuery<M, Nil, ByKey> {
    pub(crate) fn by_key(executor: Executor, unique: Unique<M>) -> Self {
        let find = Find { filter: unique.key.condition(), single: true, ..Find::all(M::meta()) };
        Self { executor, find, types: PhantomData }
    }
}

impl<M: Model> FindQuery<M, Nil, First> {
    pub(crate) fn all(executor: Executor) -> Self {
        let find = Find { take: Some(1), single: true, ..Find::all(M::meta()) };
        Self { executor, find, types: PhantomData }
    }
}

impl<M: Model> FindQuery<M, Nil, Many> {
    pub(crate) fn all(executor: Executor) -> Self {
        Self { executor, find: Find::all(M::meta()), types: PhantomData }
    }
}

impl<M: Model, S, K> FindQuery<M, S, K> {
    fn typed<S2, K2>(self) -> FindQuery<M, S2, K2> {
        FindQuery { executor: self.executor, find: self.find, types: PhantomData }
    }

    /// Only rows for which this holds; said twice, both have to.
    pub fn filter(mut self, filter: impl Into<Filter<M>>) -> Self {
        self.find.filter = self.find.filter.and(filter.into().into_condition());
        self
    }
}

impl<M: Model, S: Relations<M>, K> FindQuery<M, S, K> {
    /// Loads a relation with each row, in the same statement.
    pub fn include<I>(mut self, include: I) -> FindQuery<M, Loaded<I::Key, I::Value, S>, K>
    where
        I: IntoInclude<Key: Loadable<From = M>>,
    {
        const { assert!(S::MASK & I::Key::BIT == 0, "this relation is included twice in one query") };
        self.find.includes.push(include.into_include());
        self.typed()
    }
}

impl<M: Model, K> FindQuery<M, Nil, K> {
    /// Reads only these fields: the row is a tuple.
    pub fn select<T: Selection<M>>(mut self, fields: T) -> FindQuery<M, Columns<T::Row>, K> {
        self.find.columns = query::Columns::Some(fields.columns());
        self.typed()
    }

    /// Reads only the fields of a struct with `#[derive(nicol::Select)]`.
    pub fn select_as<T: Select<Model = M>>(mut self) -> FindQuery<M, Columns<T>, K> {
        self.find.columns = query::Columns::Some(T::columns());
        self.typed()
    }
}

/// Queries that may be ordered and skipped: `find_first` and `find_many`.
pub trait Ordered {}

impl Ordered for First {}

impl Ordered for Many {}

impl<M: Model, S, K: Ordered> FindQuery<M, S, K> {
    /// In this order; said twice, the second decides between equals of the first.
    pub fn order_by(mut self, order: impl IntoOrder<M>) -> Self {
        self.find.order.extend(order.into_order());
        self
    }

    /// Leaves out so many of the first rows.
    pub fn skip(mut self, rows: u64) -> Self {
        self.find.skip = rows;
        self
    }
}

impl<M: Model, S> FindQuery<M, S, Many> {
    /// At most so many rows.
    pub fn take(mut self, rows: u64) -> Self {
        self.find.take = Some(rows);
        self
    }

    /// The rows one after the other, as they arrive, on a connection of their own.
    ///
    /// # Errors
    /// No connection could be had, or the database refused the query.
    pub async fn stream(self) -> Result<RowStream<S::Row>, Error>
    where
        S: Shape<M>,
    {
        RowStream::open(&self.executor, &sql::find(self.executor.schema(), &self.find)?).await
    }
}

impl<M: Model, S> FindQuery<M, S, ByKey> {
    /// The row itself; that there is none is an error (P2025).
    pub fn or_not_found(self) -> FindQuery<M, S, Required> {
        self.typed()
    }
}

impl<M: Model, S> FindQuery<M, S, First> {
    /// The row itself; that there is none is an error (P2025).
    pub fn or_not_found(self) -> FindQuery<M, S, Required> {
        self.typed()
    }
}

impl<M: Model, S: Shape<M>, K: Rows> Batchable for FindQuery<M, S, K> {
    type Output = K::Of<S::Row>;

    fn into_step(self) -> Result<Step<Self::Output>, Error> {
        let mut statement = sql::find(self.executor.schema(), &self.find)?;
        statement.requires_row = K::REQUIRED;
        Ok(Step::new(statement, |rows| K::collect(rows.decode::<S::Row>()?, M::meta().name)))
    }
}
