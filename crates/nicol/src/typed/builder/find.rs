//! Reading rows.

use std::fmt;
use std::marker::PhantomData;

use crate::error::{Error, Kind};
use crate::query::{Find, Lock, LockConflict, LockStrength};
use crate::run::{self, Request};
use crate::sql;
use crate::typed::batch::{Batchable, Step};
use crate::typed::field::{Fields, IntoFilter, IntoOrder};
use crate::typed::load::IntoInclude;
use crate::typed::loaded::{Nil, Relations};
use crate::typed::model::Model;
use crate::typed::relation::Loadable;
use crate::typed::scalar::FromCell as _;
use crate::typed::select::{Columns, Select, Selection, Shape};
use crate::typed::stream::RowStream;
use crate::typed::unique::Unique;
use crate::wire::Executor;

/// How many rows a query returns, and in which type.
pub trait Rows: Send + 'static {
    /// Whether the query fails if there is no row.
    const REQUIRED: bool = false;

    /// The type that holds the rows.
    type Of<T: Send + 'static>: Send + 'static;

    /// Collects the rows.
    ///
    /// # Errors
    /// There is no row, and one is required.
    fn collect<T: Send + 'static>(rows: Vec<T>, find: &'static str) -> Result<Self::Of<T>, Error>;
}

/// The row with a key, or `None`.
#[derive(Debug)]
pub struct ByKey;

/// The first row, or `None`.
#[derive(Debug)]
pub struct First;

/// All rows.
#[derive(Debug)]
pub struct Many;

/// The row, which must exist.
#[derive(Debug)]
pub struct Required;

/// The rows of `K` from a cursor on.
#[derive(Debug)]
pub struct FromCursor<K>(PhantomData<fn() -> K>);

macro_rules! at_most_one {
    ($($kind:ty),*) => {$(
        impl Rows for $kind {
            type Of<T: Send + 'static> = Option<T>;

            fn collect<T: Send + 'static>(mut rows: Vec<T>, _: &'static str) -> Result<Option<T>, Error> {
                // There is at most one.
                Ok(rows.pop())
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

    fn collect<T: Send + 'static>(mut rows: Vec<T>, model: &'static str) -> Result<T, Error> {
        rows.pop().ok_or_else(|| Kind::NotFound { model }.into())
    }
}

/// The rows of `K`, which are locked.
#[derive(Debug)]
pub struct Locked<K>(PhantomData<fn() -> K>);

impl<K: Rows> Rows for Locked<K> {
    const REQUIRED: bool = K::REQUIRED;

    type Of<T: Send + 'static> = K::Of<T>;

    fn collect<T: Send + 'static>(rows: Vec<T>, model: &'static str) -> Result<K::Of<T>, Error> {
        K::collect(rows, model)
    }
}

impl<K: Rows> Rows for FromCursor<K> {
    const REQUIRED: bool = K::REQUIRED;

    type Of<T: Send + 'static> = K::Of<T>;

    fn collect<T: Send + 'static>(rows: Vec<T>, model: &'static str) -> Result<K::Of<T>, Error> {
        K::collect(rows, model)
    }
}

/// Reads rows of `M` in the shape `S`. `K` says how many.
#[must_use = "a query runs when it is awaited"]
pub struct FindQuery<M, S, K> {
    pub(super) executor: Executor,
    pub(in crate::typed) find: Find,
    types: PhantomData<fn() -> (M, S, K)>,
}

/// The query of [`Table::find_unique`](crate::Table::find_unique).
pub type FindUnique<M, S = Nil> = FindQuery<M, S, ByKey>;
/// The query of [`Table::find_first`](crate::Table::find_first).
pub type FindFirst<M, S = Nil> = FindQuery<M, S, First>;
/// The query of [`Table::find_many`](crate::Table::find_many).
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
        let find = Find { filter: unique.into_condition(), single: true, ..Find::all(M::meta()) };
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
    pub(in crate::typed) fn typed<S2, K2>(self) -> FindQuery<M, S2, K2> {
        FindQuery { executor: self.executor, find: self.find, types: PhantomData }
    }

    /// Restricts the query to rows that match. A second filter is combined with `AND`.
    pub fn filter(mut self, filter: impl IntoFilter<M>) -> Self {
        self.find.filter = self.find.filter.and(filter.into_filter().into_condition());
        self
    }
}

impl<M: Model, S: Relations, K> FindQuery<M, S, K> {
    /// Loads a relation with each row, in the same statement. Including a relation twice does not compile.
    pub fn include<I>(mut self, include: I) -> FindQuery<M, S::And<I::Key, I::Value>, K>
    where
        I: IntoInclude<Key: Loadable<From = M>>,
    {
        const { assert!(S::MASK & I::Key::BIT == 0, "this relation is included twice in one query") };
        let mut include = include.into_include();
        // In Prisma, the relations of a row that is found by its key start where the cursor would be, if it is not among them.
        include.find.cursor_must_match &= !(self.find.single && self.find.take.is_none());
        self.find.includes.push(include);
        self.typed()
    }
}

impl<M: Model, K> FindQuery<M, Nil, K> {
    /// Reads only these fields and relations: each row is a tuple.
    pub fn select<T: Selection<M>>(mut self, fields: T) -> FindQuery<M, Columns<T::Row>, K> {
        fields.add_to(&mut self.find);
        self.typed()
    }

    /// Reads only the fields and relations of a struct with [`#[derive(nicol::Select)]`](macro@crate::Select).
    pub fn select_as<T: Select<M>>(mut self) -> FindQuery<M, Columns<T>, K> {
        T::add_to(&mut self.find);
        self.typed()
    }
}

/// Queries that can be sorted: `find_first` and `find_many`.
pub trait Ordered {}

impl Ordered for First {}

impl Ordered for Many {}

impl<K: Ordered> Ordered for FromCursor<K> {}

/// Queries that have no cursor yet.
#[diagnostic::on_unimplemented(
    message = "this query already has a cursor",
    label = "a second cursor",
    note = "a query starts from one row: remove one of the calls of `.cursor(…)`"
)]
pub trait WithoutCursor {}

impl WithoutCursor for First {}

impl WithoutCursor for Many {}

impl<M: Model, S, K: Ordered> FindQuery<M, S, K> {
    /// Sorts the rows. A second call adds terms for rows that are equal so far.
    pub fn order_by(mut self, order: impl IntoOrder<M>) -> Self {
        self.find.order.extend(order.into_order());
        self
    }

    /// Starts from the row with this key, which is the first row of the result; [`skip`](Self::skip) passes over it. `None` starts from the
    /// beginning.
    ///
    /// Without `order_by`, the rows are sorted by their key. If there is no such row, the result is empty.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, User, user};
    /// # use nicol::Error;
    /// async fn page_after(db: &Client, last: Option<&str>) -> Result<Vec<User>, Error> {
    ///     let users = db.user().find_many().order_by((user::created_at.desc(), user::id.asc()));
    ///     users.cursor(last.map(user::by_id)).skip(u64::from(last.is_some())).take(20).await
    /// }
    /// # fn main() {}
    /// ```
    pub fn cursor(mut self, unique: impl Into<Option<Unique<M>>>) -> FindQuery<M, S, FromCursor<K>>
    where
        K: WithoutCursor,
    {
        self.find.cursor = unique.into().map(Unique::into_key);
        self.typed()
    }

    /// Skips this many rows. `None` skips none.
    pub fn skip(mut self, rows: impl Into<Option<u64>>) -> Self {
        self.find.skip = rows.into().unwrap_or_default();
        self
    }

    /// Keeps only the first of the rows that are equal in these fields: a field, or a tuple of up to six. [`skip`](Self::skip) and `take` count
    /// the rows that are kept.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, Session, session};
    /// # use nicol::Error;
    /// async fn newest_session_of_each_user(db: &Client) -> Result<Vec<Session>, Error> {
    ///     db.session().find_many().distinct(session::user_id).order_by(session::expires.desc()).await
    /// }
    /// # fn main() {}
    /// ```
    pub fn distinct(mut self, fields: impl Fields<M>) -> Self {
        self.find.distinct = Some(fields.columns());
        self
    }
}

/// Queries for any number of rows: `find_many`.
pub trait Unlimited: Ordered {}

impl Unlimited for Many {}

impl<K: Unlimited> Unlimited for FromCursor<K> {}

/// Queries for the first row: `find_first`.
pub trait OnlyFirst: Ordered {}

impl OnlyFirst for First {}

impl<K: OnlyFirst> OnlyFirst for FromCursor<K> {}

impl<M: Model, S, K: Unlimited> FindQuery<M, S, K> {
    /// Limits the number of rows. `None` removes the limit.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, User, user};
    /// # use nicol::Error;
    /// async fn users(db: &Client, limit: Option<u64>) -> Result<Vec<User>, Error> {
    ///     db.user().find_many().order_by(user::email.asc()).take(limit).await
    /// }
    /// # fn main() {}
    /// ```
    pub fn take(mut self, rows: impl Into<Option<u64>>) -> Self {
        self.find.take = rows.into();
        self.find.backwards = false;
        self
    }

    /// Reads the last rows instead of the first ones, in the same order: Prisma's negative `take`. Of several calls of `take` and `take_last`,
    /// the last one counts.
    ///
    /// [`skip`](Self::skip) counts from the end, and a [`cursor`](Self::cursor) is the last row instead of the first one.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, User, user};
    /// # use nicol::Error;
    /// async fn page_before(db: &Client, first: &str) -> Result<Vec<User>, Error> {
    ///     let users = db.user().find_many().order_by((user::created_at.desc(), user::id.asc()));
    ///     users.cursor(user::by_id(first)).skip(1).take_last(20).await
    /// }
    /// # fn main() {}
    /// ```
    pub fn take_last(mut self, rows: u64) -> Self {
        self.find.take = Some(rows);
        self.find.backwards = true;
        self
    }

    /// Returns the rows of the page and the number of all rows that match, whatever `skip` and `take` say. Both are of the same moment.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, User, user};
    /// # use nicol::Error;
    /// async fn page(db: &Client, number: u64) -> Result<(Vec<User>, i64), Error> {
    ///     let users = db.user().find_many().filter(user::visits.gt(0)).order_by((user::email.asc(), user::id.asc()));
    ///     users.skip(20 * number).take(20).and_count().await
    /// }
    /// # fn main() {}
    /// ```
    pub fn and_count(self) -> FindAndCount<M, S> {
        FindAndCount { executor: self.executor.clone(), query: self.typed() }
    }

    /// Runs the query and returns its rows as they arrive, on a connection of their own.
    ///
    /// # Errors
    /// There is no connection, the database refuses the query, or the client is that of a transaction (P2009).
    pub async fn stream(self) -> Result<RowStream<S::Row>, Error>
    where
        S: Shape<M>,
    {
        let Self { mut executor, mut find, .. } = self;
        if let Some(extensions) = run::extensions(&executor) {
            find = extensions.stream(find)?;
            executor = executor.plain();
        }
        let statement = sql::find(executor.schema(), &find)?;
        RowStream::open(&executor, &statement.lagging()).await
    }
}

impl<M: Model, S> FindQuery<M, S, ByKey> {
    /// Returns the row itself instead of an `Option`. If there is no row, the query fails (P2025).
    pub fn or_not_found(self) -> FindQuery<M, S, Required> {
        self.typed()
    }
}

impl<M: Model, S, K: OnlyFirst> FindQuery<M, S, K> {
    /// Reads the last row instead of the first one: `take: -1` in Prisma. [`skip`](Self::skip) counts from the end.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, User, user};
    /// # use nicol::Error;
    /// async fn newest(db: &Client) -> Result<Option<User>, Error> {
    ///     db.user().find_first().order_by(user::created_at.asc()).last().await
    /// }
    /// # fn main() {}
    /// ```
    pub fn last(mut self) -> Self {
        self.find.backwards = true;
        self
    }

    /// Returns the row itself instead of an `Option`. If there is no row, the query fails (P2025).
    pub fn or_not_found(self) -> FindQuery<M, S, Required> {
        self.typed()
    }
}

/// Locks, which are the last part of a query, as in SQL.
impl<M: Model, S, K: Rows> FindQuery<M, S, K> {
    fn locked(mut self, strength: LockStrength) -> FindQuery<M, S, Locked<K>> {
        self.find.lock = Some(Lock { strength, conflict: LockConflict::Wait });
        self.typed()
    }

    /// Locks the rows until the end of the transaction (`FOR UPDATE`): other transactions can read them, but neither change nor lock them.
    ///
    /// Rows that another transaction has locked are waited for, unless [`skip_locked`](Self::skip_locked) or [`nowait`](Self::nowait) follows.
    /// Rows of included relations are not locked. The lock comes after `filter`, `order_by`, `skip` and `take`, as in SQL.
    ///
    /// A table as a queue: each worker takes the oldest job that no other worker has taken. If a worker fails, its transaction is rolled back,
    /// and another one takes the job.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, session};
    /// # async fn handle(_: &str) -> Result<(), nicol::Error> { Ok(()) }
    /// /// Returns whether there was a job.
    /// async fn work(db: &Client) -> Result<bool, nicol::Error> {
    ///     db.transaction()
    ///         .run(async |tx| {
    ///             let next = tx.session().find_first().order_by(session::expires.asc()).for_update().skip_locked();
    ///             let Some(job) = next.await? else { return Ok(false) };
    ///             handle(&job.token).await?;
    ///             tx.session().delete(session::by_id(job.id)).await?;
    ///             Ok(true)
    ///         })
    ///         .await
    /// }
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    /// The query fails (P2009) outside a transaction, where the lock would end with the query. So does one with `distinct` or from the end, which
    /// PostgreSQL cannot lock.
    pub fn for_update(self) -> FindQuery<M, S, Locked<K>> {
        self.locked(LockStrength::Update)
    }

    /// Locks the rows until the end of the transaction (`FOR NO KEY UPDATE`): as [`for_update`](Self::for_update), but other transactions can write
    /// rows that refer to them.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, user};
    /// async fn visit(tx: &Client, email: &str) -> Result<(), nicol::Error> {
    ///     let user = tx.user().find_unique(user::by_email(email)).or_not_found().for_no_key_update().await?;
    ///     let visits = if user.visits < 100 { user.visits + 1 } else { 0 };
    ///     tx.user().update(user::by_id(user.id)).visits(visits).await?;
    ///     Ok(())
    /// }
    /// # fn main() {}
    /// ```
    pub fn for_no_key_update(self) -> FindQuery<M, S, Locked<K>> {
        self.locked(LockStrength::NoKeyUpdate)
    }

    /// Locks the rows until the end of the transaction (`FOR SHARE`): no other transaction changes or deletes them. Several transactions can hold this lock.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, user};
    /// async fn visits(tx: &Client) -> Result<Vec<(String, i32)>, nicol::Error> {
    ///     tx.user().find_many().select((user::email, user::visits)).for_share().await
    /// }
    /// # fn main() {}
    /// ```
    pub fn for_share(self) -> FindQuery<M, S, Locked<K>> {
        self.locked(LockStrength::Share)
    }

    /// Locks the rows until the end of the transaction (`FOR KEY SHARE`): no other transaction deletes them or changes their keys. Several transactions can hold
    /// this lock.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, User, user};
    /// async fn owner(tx: &Client, email: &str) -> Result<User, nicol::Error> {
    ///     tx.user().find_unique(user::by_email(email)).or_not_found().for_key_share().await
    /// }
    /// # fn main() {}
    /// ```
    pub fn for_key_share(self) -> FindQuery<M, S, Locked<K>> {
        self.locked(LockStrength::KeyShare)
    }
}

impl<M: Model, S, K> FindQuery<M, S, Locked<K>> {
    fn on_conflict(mut self, conflict: LockConflict) -> Self {
        self.find.lock = self.find.lock.map(|lock| Lock { conflict, ..lock });
        self
    }

    /// Leaves out rows that another transaction has locked, instead of waiting for it. See [`for_update`](FindQuery::for_update).
    pub fn skip_locked(self) -> Self {
        self.on_conflict(LockConflict::Skip)
    }

    /// Fails with [`Kind::Locked`] if another transaction has locked one of the rows, instead of waiting for it.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, User, user};
    /// # use nicol::{Error, Kind};
    /// /// Returns `None` if another transaction is editing the user.
    /// async fn edit(tx: &Client, email: &str) -> Result<Option<User>, Error> {
    ///     match tx.user().find_unique(user::by_email(email)).for_update().nowait().await {
    ///         Err(error) if *error.kind() == Kind::Locked => Ok(None),
    ///         user => user,
    ///     }
    /// }
    /// # fn main() {}
    /// ```
    pub fn nowait(self) -> Self {
        self.on_conflict(LockConflict::Fail)
    }
}

impl<M: Model, S: Shape<M>, K: Rows> Batchable for FindQuery<M, S, K> {
    type Output = K::Of<S::Row>;

    fn into_step(self) -> Result<Step<Self::Output>, Error> {
        if self.find.lock.is_some() && self.executor.transaction().is_none() {
            let message = "a lock ends with its transaction, and this query is not part of one\n\
                help: run it on the client that `transaction().run(…)` passes to its closure";
            return Err(Kind::Unsupported { message }.into());
        }
        let request = Request::Find { find: self.find, required: K::REQUIRED };
        Step::of(&self.executor, request, |rows| K::collect(rows.decode::<S::Row>()?, M::meta().name))
    }
}

/// The query of [`and_count`](FindQuery::and_count).
#[must_use = "a query runs when it is awaited"]
pub struct FindAndCount<M, S = Nil> {
    pub(super) executor: Executor,
    query: FindMany<M, S>,
}

impl<M, S> fmt::Debug for FindAndCount<M, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.query.fmt(f)
    }
}

impl<M: Model, S: Shape<M>> Batchable for FindAndCount<M, S> {
    type Output = (Vec<S::Row>, i64);

    fn into_step(self) -> Result<Step<Self::Output>, Error> {
        Step::of(&self.executor, Request::FindAndCount(self.query.find), |outcome| {
            outcome.first(|cells| Ok((cells.decode_next(Vec::<S::Row>::from_cell)?, cells.take()?)))
        })
    }
}
