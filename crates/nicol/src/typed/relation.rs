//! Relations in types: the type of a row says which relations its query loaded.
//!
//! A row with relations is `user::With<R>`, where `R` is a list: [`Nil`], or [`Loaded`] in front of another list. The generated method
//! `accounts()` requires [`Has<Accounts, _>`](Has), so it exists only on rows of queries with `.include(user::accounts)`.

use std::fmt;
use std::marker::PhantomData;

use super::field::{Fields, Filter, IntoFilter, IntoOrder, OrderBy, SortOrder};
use super::model::Model;
use super::record::FromRecord;
use super::scalar::FromCell;
use super::select::{Columns, Select, SelectAs, Selectable, Selection, Shape};
use super::unique::Unique;
use crate::codec::{Cells, DecodeError};
use crate::meta::Join;
use crate::query::{self, Condition, Find, Quantifier, Subject};

/// A relation, seen from its model: implemented by generated markers such as `user::Sessions`.
pub trait Relation: Send + 'static {
    /// The model that has the field.
    type From: Model;
    /// The model at the other end.
    type To: Model;
    /// How many rows there are at the other end: [`One`], [`Optional`] or [`Many`].
    #[doc(hidden)]
    type Cardinality: Cardinality;
    /// A row at the other end that is created through the relation: [`NoChild`](super::setters::NoChild) if the client cannot create one.
    #[doc(hidden)]
    type Child: Into<query::Create>;
    /// The index among the relations of the model.
    #[doc(hidden)]
    const INDEX: u16;
}

/// How many rows there are at the other end of a relation.
pub trait Cardinality {
    /// The type that holds the rows.
    type Of<T: FromRecord + Send + 'static>: FromCell + Send + 'static;
}

/// Exactly one row.
#[derive(Debug)]
pub struct One;

/// One row or none.
#[derive(Debug)]
pub struct Optional;

/// Any number of rows.
#[derive(Debug)]
pub struct Many;

impl Cardinality for One {
    type Of<T: FromRecord + Send + 'static> = T;
}

impl Cardinality for Optional {
    type Of<T: FromRecord + Send + 'static> = Option<T>;
}

impl Cardinality for Many {
    type Of<T: FromRecord + Send + 'static> = Vec<T>;
}

/// The end of a list of loaded relations: no relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nil;

/// A list of loaded relations: `Rel`, with its rows in a `V`, and `Rest`.
pub struct Loaded<Rel, V, Rest> {
    pub(crate) value: V,
    pub(crate) rest: Rest,
    pub(super) relation: PhantomData<fn() -> Rel>,
}

impl<Rel, V: Clone, Rest: Clone> Clone for Loaded<Rel, V, Rest> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), rest: self.rest.clone(), relation: PhantomData }
    }
}

impl<Rel, V: fmt::Debug, Rest: fmt::Debug> fmt::Debug for Loaded<Rel, V, Rest> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entry(&self.value).entry(&self.rest).finish()
    }
}

/// The relation is at the head of the list.
#[derive(Debug)]
pub struct Here;

/// The relation is in the rest of the list.
#[derive(Debug)]
pub struct There<I>(PhantomData<I>);

/// Lists of loaded relations that contain `Rel`. The compiler infers `Index`.
///
/// A function that needs a loaded relation names it as a bound:
///
/// ```
/// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
/// # use db::{Session, user};
/// # use nicol::Has;
/// fn tokens<R, I>(user: &user::With<R>) -> Vec<&str>
/// where
///     R: Has<user::Sessions, I, Value = Vec<Session>>,
/// {
///     user.sessions().iter().map(|session| &*session.token).collect()
/// }
/// # fn main() {}
/// ```
#[diagnostic::on_unimplemented(
    message = "relation `{Rel}` was not loaded by this query: add `.include(…)`",
    label = "relation `{Rel}` was not loaded",
    note = "a row has the relations that its query included, and no others"
)]
pub trait Has<Rel, Index> {
    /// The type that holds the rows.
    type Value;

    /// Returns the rows.
    fn loaded(&self) -> &Self::Value;

    /// Returns the rows for modification.
    fn loaded_mut(&mut self) -> &mut Self::Value;

    /// Returns the rows without copying them.
    fn into_loaded(self) -> Self::Value
    where
        Self: Sized;
}

impl<Rel, V, Rest> Has<Rel, Here> for Loaded<Rel, V, Rest> {
    type Value = V;

    fn loaded(&self) -> &V {
        &self.value
    }

    fn loaded_mut(&mut self) -> &mut V {
        &mut self.value
    }

    fn into_loaded(self) -> V {
        self.value
    }
}

impl<Rel, Other, V, Rest: Has<Rel, Index>, Index> Has<Rel, There<Index>> for Loaded<Other, V, Rest> {
    type Value = Rest::Value;

    fn loaded(&self) -> &Self::Value {
        self.rest.loaded()
    }

    fn loaded_mut(&mut self) -> &mut Self::Value {
        self.rest.loaded_mut()
    }

    fn into_loaded(self) -> Self::Value {
        self.rest.into_loaded()
    }
}

/// A list of loaded relations.
pub trait LoadedList: Sized + Send + 'static {
    /// A bit for each relation in the list, by its index. Counts use the upper half.
    const MASK: u128;

    /// Reads the list from the cells after the columns of the row.
    ///
    /// # Errors
    /// A cell does not have the type of its relation.
    fn decode(cells: &mut Cells<'_>) -> Result<Self, DecodeError>;
}

impl LoadedList for Nil {
    const MASK: u128 = 0;

    fn decode(_: &mut Cells<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}

impl<Rel, V, Rest> LoadedList for Loaded<Rel, V, Rest>
where
    Rel: Loadable,
    V: FromCell + Send + 'static,
    Rest: LoadedList,
{
    const MASK: u128 = Rel::BIT | Rest::MASK;

    fn decode(cells: &mut Cells<'_>) -> Result<Self, DecodeError> {
        // Later includes are at the front of the list and at the end of the row.
        let rest = Rest::decode(cells)?;
        let value = V::from_cell(cells.next_cell()?).map_err(|error| {
            error.within(|| format!("a value of `{}.{}`", Rel::From::meta().name, Rel::field()))
        })?;
        Ok(Self { value, rest, relation: PhantomData })
    }
}

/// What a query returns if a relation can be added to it: rows with a list of loaded relations.
pub trait Relations {
    /// A bit for each relation in the list. See [`LoadedList::MASK`].
    const MASK: u128;

    /// The same with a further relation.
    type And<Key, Value>;
}

impl Relations for Nil {
    const MASK: u128 = 0;

    type And<Key, Value> = Loaded<Key, Value, Self>;
}

impl<Rel, V, Rest> Relations for Loaded<Rel, V, Rest>
where
    Self: LoadedList,
{
    const MASK: u128 = <Self as LoadedList>::MASK;

    type And<Key, Value> = Loaded<Key, Value, Self>;
}

impl<M: Model> Shape<M> for Nil {
    type Row = M;
}

impl<M, Rel, V, Rest> Shape<M> for Loaded<Rel, V, Rest>
where
    M: Model,
    Rel: Loadable<From = M>,
    V: FromCell + Send + 'static,
    Rest: LoadedList,
    M::With<Self>: FromRecord,
{
    type Row = M::With<Self>;
}

/// What is loaded with a row: a relation or its [`Count`].
pub trait Loadable: 'static {
    /// The model that has it.
    type From: Model;
    /// The bit in [`LoadedList::MASK`].
    const BIT: u128;
    /// Whether only the number of rows is loaded.
    const IS_COUNT: bool;

    /// Returns the name of the relation in the schema file.
    fn field() -> &'static str;
}

impl<Rel: Relation> Loadable for Rel {
    type From = Rel::From;
    const BIT: u128 = bit(Rel::INDEX, 0);
    const IS_COUNT: bool = false;

    fn field() -> &'static str {
        field::<Rel>()
    }
}

fn field<Rel: Relation>() -> &'static str {
    Rel::From::meta().relations[usize::from(Rel::INDEX)].field
}

/// Beyond 64 relations of a model, including one of them twice is not detected.
const fn bit(index: u16, offset: u16) -> u128 {
    if index < 64 { 1 << (index + offset) } else { 0 }
}

/// The number of rows of a relation.
pub struct Count<Rel>(PhantomData<fn() -> Rel>);

impl<Rel> fmt::Debug for Count<Rel> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Count")
    }
}

impl<Rel: Relation> Loadable for Count<Rel> {
    type From = Rel::From;
    const BIT: u128 = bit(Rel::INDEX, 64);
    const IS_COUNT: bool = true;

    fn field() -> &'static str {
        field::<Rel>()
    }
}

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

/// A relation as a value: the type of constants such as `user::sessions`. `C` says how many rows there are at the other end, so that methods
/// of the same name can take other arguments.
pub struct Related<Rel: Relation, C = <Rel as Relation>::Cardinality>(PhantomData<fn() -> (Rel, C)>);

impl<Rel: Relation, C> Clone for Related<Rel, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Rel: Relation, C> Copy for Related<Rel, C> {}

impl<Rel: Relation, C> fmt::Debug for Related<Rel, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", Rel::From::meta().name, field::<Rel>())
    }
}

impl<Rel: Relation> Related<Rel> {
    /// Returns the relation.
    #[allow(clippy::new_without_default, reason = "only generated constants call it")]
    #[doc(hidden)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<Rel: Relation> Related<Rel>
where
    Nil: Shape<Rel::To>,
{
    /// Loads the rows.
    pub(super) fn load() -> Load<Rel, Nil> {
        Load { find: Find::all(Rel::To::meta()), types: PhantomData }
    }

    /// Loads the rows, each with a relation of its own.
    pub fn include<I>(self, include: I) -> Load<Rel, Loaded<I::Key, I::Value, Nil>>
    where
        I: IntoInclude<Key: Loadable<From = Rel::To>>,
    {
        Self::load().include(include)
    }

    /// Loads only some fields and relations of the rows.
    pub fn select<S: Selection<Rel::To>>(self, selection: S) -> Load<Rel, Columns<S::Row>> {
        Self::load().select(selection)
    }

    /// Loads only the fields and relations of a struct with [`#[derive(nicol::Select)]`](macro@crate::Select).
    pub fn select_as<T: Select<Rel::To>>(self) -> Load<Rel, Columns<T>> {
        Self::load().select_as()
    }

    /// Matches a row if there is a row at the other end that matches the filter.
    pub fn is(self, filter: impl Into<Filter<Rel::To>>) -> Filter<Rel::From>
    where
        Rel::Cardinality: ToOne,
    {
        Self::related(Quantifier::Some, filter)
    }

    /// Matches a row if there is no row at the other end that matches the filter.
    pub fn is_not(self, filter: impl Into<Filter<Rel::To>>) -> Filter<Rel::From>
    where
        Rel::Cardinality: ToOne,
    {
        Self::related(Quantifier::None, filter)
    }

    /// Sorts by the row at the other end: by a field, by a number of rows, or again by a relation. Rows without one are sorted as if the value
    /// were null.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, Session, session, user};
    /// # use nicol::Error;
    /// async fn sessions(db: &Client) -> Result<Vec<Session>, Error> {
    ///     db.session().find_many().order_by((session::user.by(user::email.asc()), session::expires.desc())).await
    /// }
    /// # fn main() {}
    /// ```
    pub fn by(self, order: OrderBy<Rel::To>) -> OrderBy<Rel::From>
    where
        Rel::Cardinality: ToOne,
    {
        order.through(Rel::INDEX)
    }

    fn related(quantifier: Quantifier, filter: impl Into<Filter<Rel::To>>) -> Filter<Rel::From> {
        let condition = Box::new(filter.into().into_condition());
        Filter::new(Condition::Related { relation: Rel::INDEX, quantifier, condition })
    }
}

impl<Rel: Relation<Cardinality = Many>> Related<Rel>
where
    Nil: Shape<Rel::To>,
{
    /// Loads the rows that match.
    pub fn filter(self, filter: impl IntoFilter<Rel::To>) -> Load<Rel, Nil> {
        Self::load().filter(filter)
    }

    /// Loads the rows in this order.
    pub fn order_by(self, order: impl IntoOrder<Rel::To>) -> Load<Rel, Nil> {
        Self::load().order_by(order)
    }

    /// Loads at most this many rows for each parent. `None` is no limit.
    pub fn take(self, rows: impl Into<Option<u64>>) -> Load<Rel, Nil> {
        Self::load().take(rows)
    }

    /// Loads the last rows of each parent, as [`Load::take_last`].
    pub fn take_last(self, rows: u64) -> Load<Rel, Nil> {
        Self::load().take_last(rows)
    }

    /// Loads the rows without the first ones of each parent.
    pub fn skip(self, rows: impl Into<Option<u64>>) -> Load<Rel, Nil> {
        Self::load().skip(rows)
    }

    /// Loads the rows from the one with this key on, as [`Load::cursor`].
    pub fn cursor(self, unique: impl Into<Option<Unique<Rel::To>>>) -> Load<Rel, Nil> {
        Self::load().cursor(unique)
    }

    /// Loads only the first of the rows of each parent that are equal in these fields, as [`Load::distinct`].
    pub fn distinct(self, fields: impl Fields<Rel::To>) -> Load<Rel, Nil> {
        Self::load().distinct(fields)
    }

    /// Loads the number of rows, or [sorts](LoadCount::desc) by it.
    pub fn count(self) -> LoadCount<Rel> {
        LoadCount { filter: Condition::TRUE, relation: PhantomData }
    }

    /// Matches a row if there are no rows at the other end.
    pub fn is_empty(self) -> Filter<Rel::From> {
        Self::related(Quantifier::None, Filter::new(Condition::TRUE))
    }

    /// Matches a row if there is at least one row at the other end.
    pub fn is_not_empty(self) -> Filter<Rel::From> {
        Self::related(Quantifier::Some, Filter::new(Condition::TRUE))
    }

    /// Matches a row if at least one row at the other end matches the filter.
    pub fn some(self, filter: impl Into<Filter<Rel::To>>) -> Filter<Rel::From> {
        Self::related(Quantifier::Some, filter)
    }

    /// Matches a row if no row at the other end matches the filter.
    pub fn none(self, filter: impl Into<Filter<Rel::To>>) -> Filter<Rel::From> {
        Self::related(Quantifier::None, filter)
    }

    /// Matches a row if all rows at the other end match the filter, or there are none.
    pub fn every(self, filter: impl Into<Filter<Rel::To>>) -> Filter<Rel::From> {
        Self::related(Quantifier::Every, filter)
    }
}

/// Cardinalities of at most one row.
#[diagnostic::on_unimplemented(
    message = "this relation has many rows at the other end",
    label = "a relation to many rows",
    note = "filter with `some`, `every` or `none`, and sort by the number of rows: `.count().desc()`"
)]
pub trait ToOne: Cardinality {}

impl ToOne for One {}

impl ToOne for Optional {}

impl<Rel: Relation<Cardinality = Optional>> Related<Rel>
where
    Nil: Shape<Rel::To>,
{
    /// Matches a row if there is no row at the other end. If the foreign key is a field of this model, only the key is looked at.
    pub fn is_null(self) -> Filter<Rel::From> {
        let relation = &Rel::From::meta().relations[usize::from(Rel::INDEX)];
        match relation.join {
            Join::Columns { here, owned: true, .. } => {
                let is_null = |column: &u16| Condition::IsNull { subject: Subject::Column(*column) };
                Filter::new(Condition::All(here.iter().map(is_null).collect()))
            }
            _ => Self::related(Quantifier::None, Filter::new(Condition::TRUE)),
        }
    }

    /// Matches a row if there is a row at the other end.
    pub fn is_not_null(self) -> Filter<Rel::From> {
        !self.is_null()
    }
}

impl<Rel: Relation> IntoInclude for Related<Rel>
where
    Nil: Shape<Rel::To>,
{
    type Key = Rel;
    type Value = <Rel::Cardinality as Cardinality>::Of<<Nil as Shape<Rel::To>>::Row>;

    fn into_include(self) -> query::Include {
        Self::load().into_include()
    }
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
fn included<Rel: Relation, T: Holds<Rel::Cardinality, Rel::To>>() -> query::Include {
    let mut find = Find::all(Rel::To::meta());
    T::Row::add_to(&mut find);
    query::Include { relation: Rel::INDEX, count: false, find }
}

impl<Rel: Relation, T: Holds<Rel::Cardinality, Rel::To>> SelectAs<T> for Related<Rel> {
    fn add_as(self, find: &mut Find) {
        find.select_relation(included::<Rel, T>());
    }
}

/// The type that holds the rows of a relation.
pub type RowsOf<Rel, T> = <<Rel as Relation>::Cardinality as Cardinality>::Of<T>;

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

impl<Rel: Relation> SelectAs<i64> for LoadCount<Rel> {
    fn add_as(self, find: &mut Find) {
        find.select_relation(self.into_include());
    }
}

macro_rules! selectable {
    ($([$($shape:ident)?] $handle:ty;)*) => {$(
        impl<M: Model, Rel: Relation $(, $shape)?> Selectable<M> for $handle
        where
            Self: IntoInclude<Key: Loadable<From = M>>,
        {
            type Value = <Self as IntoInclude>::Value;

            fn add_to(self, find: &mut Find) {
                find.select_relation(self.into_include());
            }
        }
    )*};
}

selectable! {
    [] Related<Rel>;
    [S] Load<Rel, S>;
    [] LoadCount<Rel>;
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
