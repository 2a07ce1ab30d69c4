//! The handle of a relation: the type of constants such as `user::sessions`.

use std::fmt;
use std::marker::PhantomData;

use super::field::{Fields, Filter, IntoFilter, IntoOrder, OrderBy};
use super::load::{Holds, IntoInclude, Load, LoadCount, included, selectable};
use super::loaded::{Loaded, Nil};
use super::model::Model;
use super::relation::{Cardinality, Loadable, Many, Optional, Relation, ToOne, field};
use super::select::{Columns, Select, SelectAs, Selection, Shape};
use super::unique::Unique;
use crate::meta::Join;
use crate::query::{self, Condition, Find, Quantifier, Subject};

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
        Load::all()
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
        LoadCount::all()
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

impl<Rel: Relation, T: Holds<Rel::Cardinality, Rel::To>> SelectAs<T> for Related<Rel> {
    fn add_as(self, find: &mut Find) {
        find.select_relation(included::<Rel, T>());
    }
}

selectable!([] Related<Rel>;);
