//! Relations to load with filters, an order, a page or nested includes.

use std::fmt;
use std::marker::PhantomData;

use super::field::{Fields, IntoFilter, IntoOrder, OrderBy, SortOrder};
use super::loaded::{Loaded, Nil, Relations};
use super::model::Model;
use super::relation::{Cardinality, Count, Loadable, Many, One, Optional, Relation};
use super::scalar::FromCell;
use super::select::{Columns, Select, SelectAs, Selection, Shape};
use super::unique::Unique;
use crate::query::{self, Condition, Find};

/// The arguments of `.include(…)`: a relation, or a relation with filters, an order, a limit and nested includes.
pub trait IntoInclude {
    /// The relation, or its count.
    type Key: Loadable;
    /// The type that holds the rows.
    type Value: FromCell + Send + 'static;

    /// Returns the include as data.
    #[doc(hidden)]
    fn into_include(self) -> query::Include;
}

/// The types in which a struct holds the rows of a relation: a `T` for [`One`] row, an `Option<T>` for an [`Optional`] one, and a `Vec<T>` for [`Many`],
/// where `T` selects from `M`.
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` cannot hold the rows of a relation to `{C}` `{M}`",
    label = "the relation leads to `{C}` `{M}`",
    note = "`One` row is held by a struct, an `Optional` one by an `Option` of it, and `Many` rows by a `Vec`"
)]
pub trait Holds<C, M: Model> {
    /// The type of a row.
    type Row: Select<M>;
}

impl<M: Model, T: Select<M>> Holds<One, M> for T {
    type Row = T;
}

impl<M: Model, T: Select<M>> Holds<Optional, M> for Option<T> {
    type Row = T;
}

impl<M: Model, T: Select<M>> Holds<Many, M> for Vec<T> {
    type Row = T;
}

/// Returns what reads the rows of a relation for a value that holds them.
pub(super) fn included<Rel: Relation, T: Holds<Rel::Cardinality, Rel::To>>() -> query::Include {
    let mut find = Find::all(Rel::To::meta());
    T::Row::add_to(&mut find);
    query::Include { relation: Rel::INDEX, count: false, find }
}

/// Lists of loaded relations that say what to load.
pub trait SelectList {
    /// Adds the relations to what the query reads.
    fn add_to(find: &mut Find);
}

impl SelectList for Nil {
    fn add_to(_: &mut Find) {}
}

impl<Key: LoadAs<V>, V, Rest: SelectList> SelectList for Loaded<Key, V, Rest> {
    fn add_to(find: &mut Find) {
        Rest::add_to(find);
        find.includes.push(Key::include());
    }
}

/// Relations, and their counts, that are loaded as a `V`.
pub trait LoadAs<V> {
    /// Returns what is to be read.
    fn include() -> query::Include;
}

impl<Rel: Relation, V: Holds<Rel::Cardinality, Rel::To>> LoadAs<V> for Rel {
    fn include() -> query::Include {
        included::<Rel, V>()
    }
}

impl<Rel: Relation> LoadAs<i64> for Count<Rel> {
    fn include() -> query::Include {
        query::Include { relation: Rel::INDEX, count: true, find: Find::all(Rel::To::meta()) }
    }
}

/// A relation to load with filters, an order, a limit or nested includes.
#[must_use]
pub struct Load<Rel, S> {
    pub(super) find: Find,
    types: PhantomData<fn() -> (Rel, S)>,
}

impl<Rel, S> fmt::Debug for Load<Rel, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.find.fmt(f)
    }
}

impl<Rel: Relation, S: Shape<Rel::To>> IntoInclude for Load<Rel, S> {
    type Key = Rel;
    type Value = <Rel::Cardinality as Cardinality>::Of<S::Row>;

    fn into_include(self) -> query::Include {
        self.include_rows()
    }
}

impl<Rel: Relation, R> Load<Rel, R> {
    pub(super) fn shaped<S>(self) -> Load<Rel, S> {
        Load { find: self.find, types: PhantomData }
    }

    pub(super) fn include_rows(self) -> query::Include {
        query::Include { relation: Rel::INDEX, count: false, find: self.find }
    }
}

impl<Rel: Relation, R: Relations> Load<Rel, R> {
    /// Loads the rows, each with a relation of its own.
    pub fn include<I>(mut self, include: I) -> Load<Rel, R::And<I::Key, I::Value>>
    where
        I: IntoInclude<Key: Loadable<From = Rel::To>>,
    {
        const { assert!(R::MASK & I::Key::BIT == 0, "this relation is included twice in one query") };
        self.find.includes.push(include.into_include());
        self.shaped()
    }
}

impl<Rel: Relation> Load<Rel, Nil> {
    /// Loads all rows.
    pub(super) fn all() -> Self {
        Self { find: Find::all(Rel::To::meta()), types: PhantomData }
    }

    /// Loads only some fields and relations of the rows.
    pub fn select<S: Selection<Rel::To>>(mut self, selection: S) -> Load<Rel, Columns<S::Row>> {
        selection.add_to(&mut self.find);
        self.shaped()
    }

    /// Loads only the fields and relations of a struct with [`#[derive(nicol::Select)]`](macro@crate::Select).
    pub fn select_as<T: Select<Rel::To>>(mut self) -> Load<Rel, Columns<T>> {
        T::add_to(&mut self.find);
        self.shaped()
    }
}

impl<Rel: Relation<Cardinality = Many>, S> Load<Rel, S> {
    /// Restricts the rows to those that match. A second filter is combined with `AND`.
    pub fn filter(mut self, filter: impl IntoFilter<Rel::To>) -> Self {
        self.find.filter = self.find.filter.and(filter.into_filter().into_condition());
        self
    }

    /// Sorts the rows. A second call adds terms for rows that are equal so far.
    pub fn order_by(mut self, order: impl IntoOrder<Rel::To>) -> Self {
        self.find.order.extend(order.into_order());
        self
    }

    /// Limits the number of rows for each parent. `None` removes the limit.
    pub fn take(mut self, rows: impl Into<Option<u64>>) -> Self {
        self.find.take = rows.into();
        self.find.backwards = false;
        self
    }

    /// Loads the last rows of each parent instead of the first ones, in the same order: Prisma's negative `take`. Of several calls of `take` and
    /// `take_last`, the last one counts.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, session, user};
    /// # use nicol::Error;
    /// async fn last_sessions(db: &Client) -> Result<(), Error> {
    ///     let last = user::sessions.order_by(session::expires.asc()).take_last(3);
    ///     for user in db.user().find_many().include(last).await? {
    ///         println!("{}: {} sessions", user.email, user.sessions().len());
    ///     }
    ///     Ok(())
    /// }
    /// # fn main() {}
    /// ```
    pub fn take_last(mut self, rows: u64) -> Self {
        self.find.take = Some(rows);
        self.find.backwards = true;
        self
    }

    /// Skips this many rows for each parent. `None` skips none.
    pub fn skip(mut self, rows: impl Into<Option<u64>>) -> Self {
        self.find.skip = rows.into().unwrap_or_default();
        self
    }

    /// Starts from the row with this key, for each parent. `None` starts from the beginning. A second cursor replaces the first.
    ///
    /// A parent that does not have this row has none in the result. Only if the parent is found by its key, as in Prisma, its rows start where
    /// the cursor would be.
    pub fn cursor(mut self, unique: impl Into<Option<Unique<Rel::To>>>) -> Self {
        self.find.cursor = unique.into().map(Unique::into_key);
        self.find.cursor_must_match = self.find.cursor.is_some();
        self
    }

    /// Keeps only the first of the rows of each parent that are equal in these fields: a field, or a tuple of up to six.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, session, user};
    /// # use nicol::Error;
    /// async fn days_of_sessions(db: &Client, email: &str) -> Result<usize, Error> {
    ///     let sessions = user::sessions.order_by(session::expires.asc()).distinct(session::expires);
    ///     let user = db.user().find_unique(user::by_email(email)).include(sessions).or_not_found().await?;
    ///     Ok(user.sessions().len())
    /// }
    /// # fn main() {}
    /// ```
    pub fn distinct(mut self, fields: impl Fields<Rel::To>) -> Self {
        self.find.distinct = Some(fields.columns());
        self
    }
}

/// A relation whose rows are counted.
#[must_use]
pub struct LoadCount<Rel> {
    filter: Condition,
    relation: PhantomData<fn() -> Rel>,
}

impl<Rel> fmt::Debug for LoadCount<Rel> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.filter.fmt(f)
    }
}

impl<Rel: Relation> LoadCount<Rel> {
    /// Counts all rows.
    pub(super) fn all() -> Self {
        Self { filter: Condition::TRUE, relation: PhantomData }
    }

    /// Counts only the rows that match. A second filter is combined with `AND`.
    pub fn filter(mut self, filter: impl IntoFilter<Rel::To>) -> Self {
        self.filter = self.filter.and(filter.into_filter().into_condition());
        self
    }

    /// Sorts by the number of rows, the smallest first.
    pub fn asc(self) -> OrderBy<Rel::From> {
        self.order(SortOrder::Asc)
    }

    /// Sorts by the number of rows, the greatest first. After a filter, only the rows that match it are counted.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, User, user};
    /// # use nicol::Error;
    /// async fn most_active(db: &Client) -> Result<Vec<User>, Error> {
    ///     db.user().find_many().order_by((user::sessions.count().desc(), user::email.asc())).take(10).await
    /// }
    /// # fn main() {}
    /// ```
    pub fn desc(self) -> OrderBy<Rel::From> {
        self.order(SortOrder::Desc)
    }

    /// Sorts by the number of rows, in this direction.
    pub fn order(self, order: SortOrder) -> OrderBy<Rel::From> {
        let by = query::OrderBy::Count { path: vec![Rel::INDEX], filter: self.filter };
        OrderBy::new(by, order.is_descending())
    }
}

impl<Rel: Relation> IntoInclude for LoadCount<Rel> {
    type Key = Count<Rel>;
    type Value = i64;

    fn into_include(self) -> query::Include {
        let find = Find { filter: self.filter, ..Find::all(Rel::To::meta()) };
        query::Include { relation: Rel::INDEX, count: true, find }
    }
}

impl<Rel: Relation> SelectAs<i64> for LoadCount<Rel> {
    fn add_as(self, find: &mut Find) {
        find.select_relation(self.into_include());
    }
}

/// Implements [`Selectable`] for what can be included.
macro_rules! selectable {
    ($([$($shape:ident)?] $handle:ty;)*) => {$(
        impl<M: $crate::typed::model::Model, Rel: Relation $(, $shape)?> $crate::typed::select::Selectable<M> for $handle
        where
            Self: $crate::typed::load::IntoInclude<Key: Loadable<From = M>>,
        {
            type Value = <Self as $crate::typed::load::IntoInclude>::Value;

            fn add_to(self, find: &mut Find) {
                find.select_relation(self.into_include());
            }
        }
    )*};
}

pub(super) use selectable;

selectable! {
    [S] Load<Rel, S>;
    [] LoadCount<Rel>;
}
