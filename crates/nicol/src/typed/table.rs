//! Tables: `db.user()`, where every query of a model begins.

use std::fmt;
use std::marker::PhantomData;

use super::builder::aggregate::{AggregateQuery, Aggregates, CountQuery, GroupBy};
use super::builder::create::{CreateMany, IntoCreate};
use super::builder::delete::{DeleteMany, DeleteQuery};
use super::builder::find::{FindFirst, FindMany, FindUnique};
use super::builder::update::{UpdateMany, UpdateQuery};
use super::builder::update_each::UpdateEach;
use super::builder::upsert::UpsertQuery;
use super::builder::upsert_many::UpsertMany;
use super::field::Fields;
use super::loaded::Nil;
use super::model::Model;
use super::setters::{Existing, Setters};
use super::sql::{Sql, SqlPart, table};
use super::unique::Unique;
use crate::query::{Create, UpdateRow};
use crate::wire::Executor;

/// The table of model `M`, on the pool or within a transaction: `db.user()`.
///
/// Every method returns a query, which runs when it is awaited.
#[must_use]
pub struct Table<M> {
    executor: Executor,
    model: PhantomData<fn() -> M>,
}

impl<M> Clone for Table<M> {
    fn clone(&self) -> Self {
        Self { executor: self.executor.clone(), model: PhantomData }
    }
}

impl<M: Model> fmt::Debug for Table<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({})", M::meta().name)
    }
}

impl<M: Model> Table<M> {
    /// Returns the table on this executor.
    #[doc(hidden)]
    pub fn new(executor: Executor) -> Self {
        Self { executor, model: PhantomData }
    }

    /// Reads the row with this key, or `None`.
    pub fn find_unique(&self, unique: Unique<M>) -> FindUnique<M> {
        FindUnique::by_key(self.executor.clone(), unique)
    }

    /// Reads the first row of a filter and an order, or `None`.
    pub fn find_first(&self) -> FindFirst<M> {
        FindFirst::all(self.executor.clone())
    }

    /// Reads all rows of a filter.
    pub fn find_many(&self) -> FindMany<M> {
        FindMany::all(self.executor.clone())
    }

    /// Creates a row and returns it. The required fields are a struct literal (`New`), the others are setters of the query.
    pub fn create<C: IntoCreate<M>>(&self, row: C) -> C::Query {
        row.into_create(self.executor.clone())
    }

    /// Creates rows, all or none, and returns their number. Rows with the same fields are one statement.
    pub fn create_many<C: Into<M::CreateWith<Create>>>(
        &self,
        rows: impl IntoIterator<Item = C>,
    ) -> CreateMany<M> {
        let rows = rows.into_iter().map(|row| row.into().into_inner()).collect();
        CreateMany::new(self.executor.clone(), rows)
    }

    /// Updates the row with this key and returns it. The changes are setters of the query. If there is no row, the query fails (P2025).
    pub fn update(&self, unique: Unique<M>) -> M::UpdateWith<UpdateQuery<M, Nil>> {
        Setters::new(UpdateQuery::new(self.executor.clone(), unique))
    }

    /// Updates all rows of a filter and returns their number.
    pub fn update_many(&self) -> M::UpdateWith<UpdateMany<M>> {
        Setters::new(UpdateMany::new(self.executor.clone()))
    }

    /// Updates rows, each with its own changes, and returns their number. Rows that do not exist are passed over.
    ///
    /// All rows are updated or none. Rows with the same key that change the same fields are one statement. If the same row is given several times,
    /// the last one counts.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, user};
    /// # use nicol::Error;
    /// async fn rename(db: &Client, names: &[(&str, &str)]) -> Result<u64, Error> {
    ///     let users = names.iter().map(|(email, name)| user::update(user::by_email(*email)).name(*name));
    ///     db.user().update_each(users).skip_unchanged().await
    /// }
    /// # fn main() {}
    /// ```
    pub fn update_each(&self, rows: impl IntoIterator<Item = M::UpdateWith<UpdateRow>>) -> UpdateEach<M> {
        let rows = rows.into_iter().map(Setters::into_inner).collect();
        UpdateEach::new(self.executor.clone(), rows)
    }

    /// Updates the row with this key, or creates it, and returns it. With [`same`](crate::same) for the changes, an existing row takes over what
    /// the new one sets.
    pub fn upsert(
        &self,
        unique: Unique<M>,
        create: impl Into<M::CreateWith<Create>>,
        update: impl FnOnce(M::UpdateWith<Existing>) -> M::UpdateWith<Existing>,
    ) -> UpsertQuery<M, Nil> {
        let create = create.into().into_inner();
        let existing = update(Setters::new(Existing::new(M::meta()))).into_inner();
        let changes = existing.into_changes(&create, &unique.columns().collect::<Vec<_>>());
        UpsertQuery::new(self.executor.clone(), unique, create, changes)
    }

    /// Creates rows, or updates those whose unique key exists, and returns their number. The key is a field, or a tuple of fields.
    ///
    /// An existing row takes over the fields of the new one, except those of the keys and those with a generated default, such as
    /// `@default(now())`; [`update`](UpsertMany::update) names other fields. If several rows have the same key, the last one is written.
    ///
    /// All rows are written or none. Rows that set the same fields are one statement, and any number of such statements can run at once.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, user};
    /// # use nicol::Error;
    /// async fn sync(db: &Client, emails: &[&str]) -> Result<(), Error> {
    ///     let users = emails.iter().map(|email| user::create(user::New { email: (*email).into() }).visits(1));
    ///     let done = db.user().upsert_many(user::email, users).update(user::visits).skip_unchanged().counts().await?;
    ///     println!("{} users are new, {} have changed", done.created, done.updated);
    ///     Ok(())
    /// }
    /// # fn main() {}
    /// ```
    pub fn upsert_many<C: Into<M::CreateWith<Create>>>(
        &self,
        key: impl Fields<M>,
        rows: impl IntoIterator<Item = C>,
    ) -> UpsertMany<M> {
        let rows = rows.into_iter().map(|row| row.into().into_inner()).collect();
        UpsertMany::new(self.executor.clone(), key.columns(), rows)
    }

    /// Deletes the row with this key and returns it. If there is no row, the query fails (P2025).
    pub fn delete(&self, unique: Unique<M>) -> DeleteQuery<M, Nil> {
        DeleteQuery::new(self.executor.clone(), unique)
    }

    /// Deletes all rows of a filter and returns their number.
    pub fn delete_many(&self) -> DeleteMany<M> {
        DeleteMany::new(self.executor.clone())
    }

    /// Counts the rows of a filter.
    pub fn count(&self) -> CountQuery<M> {
        CountQuery::new(self.executor.clone())
    }

    /// Computes aggregates of all rows of a filter, such as `(count(), sum(order::total))`.
    pub fn aggregate<A: Aggregates<M>>(&self, aggregates: A) -> AggregateQuery<M, A> {
        AggregateQuery::new(self.executor.clone(), aggregates)
    }

    /// Groups the rows by fields, for aggregates of each group.
    pub fn group_by<F: Fields<M>>(&self, fields: F) -> GroupBy<M, F> {
        GroupBy::new(self.executor.clone(), fields)
    }
}

impl<M: Model> SqlPart<Self> for Table<M> {
    fn to_sql(&self) -> Sql {
        table::<M>()
    }
}
