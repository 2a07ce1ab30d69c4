//! Relations in types: what a query loads is part of the type of its rows.
//!
//! A row with relations is `user::With<R>`, where `R` is a list: [`Nil`], or [`Loaded`] in front of another list. The generated method
//! `accounts()` asks for [`Has<Accounts, _>`](Has), so it exists only on rows of queries that said `.include(user::accounts)`.

use std::fmt;
use std::marker::PhantomData;

use super::field::{Filter, IntoOrder};
use super::model::Model;
use super::record::{FromRecord, FromRelation};
use super::select::{Columns, Selection, Shape};
use crate::codec::{Cells, DecodeError};
use crate::query::{self, Condition, Find, Quantifier};

/// A relation, as its model sees it: a generated marker such as `user::Accounts`.
pub trait Relation: Send + 'static {
    /// The model that has the field.
    type From: Model;
    /// The model at the other end.
    type To: Model;
    /// One, or at most one, or any number: [`One`], [`Optional`] or [`Many`].
    #[doc(hidden)]
    type Cardinality: Cardinality;
    /// Its place among the relations of its model.
    #[doc(hidden)]
    const INDEX: u16;
}

/// How many rows lie at the other end of a relation.
pub trait Cardinality {
    /// The value that holds them.
    type Of<T: FromRecord + fmt::Debug + Send + 'static>: FromRelation + fmt::Debug + Send + 'static;
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
    type Of<T: FromRecord + fmt::Debug + Send + 'static> = T;
}

impl Cardinality for Optional {
    type Of<T: FromRecord + fmt::Debug + Send + 'static> = Option<T>;
}

impl Cardinality for Many {
    type Of<T: FromRecord + fmt::Debug + Send + 'static> = Vec<T>;
}

/// No relation was loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nil;

/// Relation `Rel` was loaded, its rows are in a `V`; `Rest` is what else was loaded.
pub struct Loaded<Rel, V, Rest> {
    pub(crate) value: V,
    pub(crate) rest: Rest,
    relation: PhantomData<fn() -> Rel>,
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

/// The head of a list has the relation.
#[derive(Debug)]
pub struct Here;

/// The rest of a list has the relation.
#[derive(Debug)]
pub struct There<I>(PhantomData<I>);

/// Relation `Rel` was loaded. `Index` is found by the compiler.
#[diagnostic::on_unimplemented(
    message = "relation `{Rel}` was not loaded by this query: add `.include(…)`",
    label = "relation `{Rel}` was not loaded",
    note = "a row has the relations that its query included, and no others"
)]
pub trait Has<Rel, Index> {
    /// What holds the rows.
    type Value;

    /// Returns the rows.
    fn loaded(&self) -> &Self::Value;

    /// Returns the rows, to be changed.
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
pub trait LoadedList: fmt::Debug + Sized + Send + 'static {
    /// A bit for each relation in the list, by its place in the model; counts have the upper half.
    const MASK: u128;

    /// The list from the cells behind the row's own columns.
    ///
    /// # Errors
    /// A cell does not fit.
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
    V: FromRelation + fmt::Debug + Send + 'static,
    Rest: LoadedList,
{
    const MASK: u128 = Rel::BIT | Rest::MASK;

    fn decode(cells: &mut Cells<'_>) -> Result<Self, DecodeError> {
        // Later includes are in front of the list and behind the earlier ones in the row.
        let rest = Rest::decode(cells)?;
        let value = V::from_relation(cells.next_cell()?).map_err(|error| {
            error.within(|| format!("a value of `{}.{}`", Rel::From::meta().name, Rel::field()))
        })?;
        Ok(Self { value, rest, relation: PhantomData })
    }
}

/// A list of loaded relations of `M`, to which more can be added.
pub trait Relations<M: Model>: Shape<M> + LoadedList {}

impl<M: Model, List: Shape<M> + LoadedList> Relations<M> for List {}

impl<M: Model> Shape<M> for Nil {
    type Row = M;
}

impl<M, Rel, V, Rest> Shape<M> for Loaded<Rel, V, Rest>
where
    M: Model,
    Rel: Loadable<From = M>,
    V: FromRelation + fmt::Debug + Send + 'static,
    Rest: LoadedList,
    M::With<Self>: FromRecord,
{
    type Row = M::With<Self>;
}

/// What can be loaded with a row: a relation, or its [`Count`].
pub trait Loadable: 'static {
    /// The model that has it.
    type From: Model;
    /// Its bit in [`LoadedList::MASK`].
    const BIT: u128;
    /// Whether it is the number of the rows.
    const IS_COUNT: bool;

    /// The name of the relation's field in the schema file.
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

/// Beyond 64 relations of one model nobody is told of including one twice.
const fn bit(index: u16, offset: u16) -> u128 {
    if index < 64 { 1 << (index + offset) } else { 0 }
}

/// How many rows a relation has.
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

/// What `.include(…)` takes.
pub trait IntoInclude {
    /// What is loaded.
    type Key: Loadable;
    /// What holds it.
    type Value: FromRelation + fmt::Debug + Send + 'static;

    /// As data.
    #[doc(hidden)]
    fn into_include(self) -> query::Include;
}

/// The handle of a relation: the constants such as `user::accounts`.
pub struct Related<Rel>(PhantomData<fn() -> Rel>);

impl<Rel> Clone for Related<Rel> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Rel> Copy for Related<Rel> {}

impl<Rel: Relation> fmt::Debug for Related<Rel> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", Rel::From::meta().name, field::<Rel>())
    }
}

impl<Rel> Related<Rel> {
    /// For generated code.
    #[allow(clippy::new_without_default, reason = "a handle is a constant, nobody makes one")]
    #[doc(hidden)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<Rel: Relation> Related<Rel>
where
    Nil: Shape<Rel::To>,
{
    /// Loads its rows.
    fn load() -> Load<Rel, Nil> {
        Load { find: Find::all(Rel::To::meta()), types: PhantomData }
    }

    /// Loads with each of its rows a relation of that row.
    pub fn include<I>(self, include: I) -> Load<Rel, Loaded<I::Key, I::Value, Nil>>
    where
        I: IntoInclude<Key: Loadable<From = Rel::To>>,
    {
        Self::load().include(include)
    }

    /// Loads only some columns of its rows.
    pub fn select<S: Selection<Rel::To>>(self, selection: S) -> Load<Rel, Columns<S::Row>> {
        Self::load().select(selection)
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
    /// Loads those of its rows for which this holds.
    pub fn filter(self, filter: impl Into<Filter<Rel::To>>) -> Load<Rel, Nil> {
        Self::load().filter(filter)
    }

    /// Loads its rows in this order.
    pub fn order_by(self, order: impl IntoOrder<Rel::To>) -> Load<Rel, Nil> {
        Self::load().order_by(order)
    }

    /// Loads at most so many of its rows for each parent.
    pub fn take(self, rows: u64) -> Load<Rel, Nil> {
        Self::load().take(rows)
    }

    /// Leaves out so many of the first of its rows for each parent.
    pub fn skip(self, rows: u64) -> Load<Rel, Nil> {
        Self::load().skip(rows)
    }

    /// Loads how many rows it has.
    pub fn count(self) -> LoadCount<Rel> {
        LoadCount { filter: Condition::TRUE, relation: PhantomData }
    }

    /// Matches a row without any row at the other end.
    pub fn is_empty(self) -> Filter<Rel::From> {
        Self::related(Quantifier::None, Filter::new(Condition::TRUE))
    }

    /// Matches a row with at least one row at the other end.
    pub fn is_not_empty(self) -> Filter<Rel::From> {
        Self::related(Quantifier::Some, Filter::new(Condition::TRUE))
    }

    /// One of its rows, at least, satisfies this.
    pub fn some(self, filter: impl Into<Filter<Rel::To>>) -> Filter<Rel::From> {
        Self::related(Quantifier::Some, filter)
    }

    /// None of its rows satisfies this.
    pub fn none(self, filter: impl Into<Filter<Rel::To>>) -> Filter<Rel::From> {
        Self::related(Quantifier::None, filter)
    }

    /// All of its rows satisfy this.
    pub fn every(self, filter: impl Into<Filter<Rel::To>>) -> Filter<Rel::From> {
        Self::related(Quantifier::Every, filter)
    }
}

/// Cardinalities with one row at most.
pub trait ToOne: Cardinality {}

impl ToOne for One {}

impl ToOne for Optional {}

impl<Rel: Relation<Cardinality: ToOne>> Related<Rel>
where
    Nil: Shape<Rel::To>,
{
    /// There is a row, and it satisfies this.
    pub fn is(self, filter: impl Into<Filter<Rel::To>>) -> Filter<Rel::From> {
        Self::related(Quantifier::Some, filter)
    }

    /// There is no row that satisfies this.
    pub fn is_not(self, filter: impl Into<Filter<Rel::To>>) -> Filter<Rel::From> {
        Self::related(Quantifier::None, filter)
    }
}

impl<Rel: Relation<Cardinality = Optional>> Related<Rel>
where
    Nil: Shape<Rel::To>,
{
    /// There is no row.
    pub fn is_null(self) -> Filter<Rel::From> {
        Self::related(Quantifier::None, Filter::new(Condition::TRUE))
    }

    /// There is a row.
    pub fn is_not_null(self) -> Filter<Rel::From> {
        Self::related(Quantifier::Some, Filter::new(Condition::TRUE))
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

/// A relation to load, and what to load of it.
#[must_use]
pub struct Load<Rel, S> {
    find: Find,
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
        query::Include { relation: Rel::INDEX, count: false, find: self.find }
    }
}

impl<Rel: Relation, R> Load<Rel, R> {
    fn shaped<S>(self) -> Load<Rel, S> {
        Load { find: self.find, types: PhantomData }
    }
}

impl<Rel: Relation, R: Relations<Rel::To>> Load<Rel, R> {
    /// Loads with each of its rows a relation of that row.
    pub fn include<I>(mut self, include: I) -> Load<Rel, Loaded<I::Key, I::Value, R>>
    where
        I: IntoInclude<Key: Loadable<From = Rel::To>>,
    {
        const { assert!(R::MASK & I::Key::BIT == 0, "this relation is included twice in one query") };
        self.find.includes.push(include.into_include());
        self.shaped()
    }
}

impl<Rel: Relation> Load<Rel, Nil> {
    /// Loads only some columns of its rows.
    pub fn select<S: Selection<Rel::To>>(mut self, selection: S) -> Load<Rel, Columns<S::Row>> {
        self.find.columns = query::Columns::Some(selection.columns());
        self.shaped()
    }
}

impl<Rel: Relation<Cardinality = Many>, S> Load<Rel, S> {
    /// Those of its rows for which this holds.
    pub fn filter(mut self, filter: impl Into<Filter<Rel::To>>) -> Self {
        self.find.filter = self.find.filter.and(filter.into().into_condition());
        self
    }

    /// In this order.
    pub fn order_by(mut self, order: impl IntoOrder<Rel::To>) -> Self {
        self.find.order.extend(order.into_order());
        self
    }

    /// At most so many rows for each parent.
    pub fn take(mut self, rows: u64) -> Self {
        self.find.take = Some(rows);
        self
    }

    /// Without so many of the first rows for each parent.
    pub fn skip(mut self, rows: u64) -> Self {
        self.find.skip = rows;
        self
    }
}

/// A relation to count.
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
    /// Only rows for which this holds.
    pub fn filter(mut self, filter: impl Into<Filter<Rel::To>>) -> Self {
        self.filter = self.filter.and(filter.into().into_condition());
        self
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
