//! Refinements: the conditions, order and page of relations that a struct with `#[derive(Select)]` selects.
//!
//! The derive knows neither which fields of a model are relations nor the markers of these. So it implements [`Selects`] for a [`Key`], a number
//! that it gets from the handle, and a relation knows its key as a type.

use std::fmt;
use std::marker::PhantomData;

use super::builder::find::FindQuery;
use super::builder::update_each::UpdateEach;
use super::builder::upsert_many::UpsertMany;
use super::builder::write::WriteQuery;
use super::load::{Holds, IntoInclude as _, Load, LoadCount};
use super::loaded::Nil;
use super::model::Model;
use super::related::Related;
use super::relation::{Count, Relation};
use super::select::{Columns, Shape};
use crate::query::{Find, Returning};
use crate::sql::Answer;

/// The key of a field or a relation within its model.
#[derive(Debug)]
pub struct Key<const NUMBER: u64>;

/// Returns the number in the key of a relation with this name.
///
/// Source: FNV-1a, RFC 9923.
pub const fn key(name: &str) -> u64 {
    let (bytes, mut hash, mut index) = (name.as_bytes(), 0xcbf2_9ce4_8422_2325_u64, 0);
    while index < bytes.len() {
        hash = (hash ^ bytes[index] as u64).wrapping_mul(0x0100_0000_01b3);
        index += 1;
    }
    hash
}

/// Relations with a key.
pub trait Keyed: Relation {
    /// The number in the key.
    const NUMBER: u64;
    /// The key of the relation.
    type Key;
    /// The key of the number of its rows.
    type CountKey;
}

impl<Rel: Keyed> Related<Rel> {
    /// Tells the relations of a model apart.
    #[doc(hidden)]
    pub const fn key(self) -> u64 {
        Rel::NUMBER
    }

    /// Tells the number of the rows of a relation from the relation.
    #[doc(hidden)]
    pub const fn count_key(self) -> u64 {
        !Rel::NUMBER
    }
}

/// Models that have a relation with this key.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no relation of this name",
    label = "no relation of `{Self}`"
)]
pub trait HasRelation<Key> {
    /// The relation.
    type Relation: Relation;
}

/// Structs that select the relation `Rel`, or the [`Count`] of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not select `{Rel}`, so this cannot be refined",
    label = "a relation that `{Self}` does not select",
    note = "only a struct with `#[derive(nicol::Select)]` can be refined; in a tuple, the relation has its filter, order and page itself"
)]
pub trait Selects<Rel, Key> {
    /// The type of the field that holds the rows.
    type Value;
}

/// What `refine` takes: a relation that `T` selects, with a filter, an order, a page, and refinements of relations beneath it.
pub trait Refinement<T> {
    /// Applies it to the query that reads `T`.
    #[doc(hidden)]
    fn refine(self, find: &mut Find);
}

impl<T, Rel, S> Refinement<T> for Load<Rel, S>
where
    Rel: Keyed,
    T: Selects<Rel, Rel::Key, Value: Holds<Rel::Cardinality, Rel::To>>,
    S: Refinements<<<T as Selects<Rel, Rel::Key>>::Value as Holds<Rel::Cardinality, Rel::To>>::Row>,
{
    fn refine(self, find: &mut Find) {
        find.refine_relation(self.include_rows());
    }
}

impl<T, Rel> Refinement<T> for LoadCount<Rel>
where
    Rel: Keyed,
    T: Selects<Count<Rel>, Rel::CountKey>,
{
    fn refine(self, find: &mut Find) {
        find.refine_relation(self.into_include());
    }
}

/// A relation beneath which others are refined: by `R`, and by `Rest`.
pub struct Refined<R, Rest>(PhantomData<fn() -> (R, Rest)>);

impl<R, Rest> fmt::Debug for Refined<R, Rest> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Refined")
    }
}

/// Refinements of relations that `T` selects: none, or a list of them.
#[diagnostic::on_unimplemented(
    message = "a refinement does not change what is selected",
    note = "a refinement consists of `filter`, `order_by`, `take`, `skip` and, for relations beneath it, `refine`"
)]
pub trait Refinements<T> {}

impl<T> Refinements<T> for Nil {}

impl<T, R: Refinement<T>, Rest: Refinements<T>> Refinements<T> for Refined<R, Rest> {}

/// Relations, with or without conditions, as what is refined beneath a relation.
pub trait IntoRefinement {
    /// Adds it to the query of the relation.
    #[doc(hidden)]
    fn add_to(self, find: &mut Find);
}

impl<Rel: Relation, S> IntoRefinement for Load<Rel, S> {
    fn add_to(self, find: &mut Find) {
        find.includes.push(self.include_rows());
    }
}

impl<Rel: Relation> IntoRefinement for LoadCount<Rel> {
    fn add_to(self, find: &mut Find) {
        find.includes.push(self.into_include());
    }
}

impl<Rel: Relation> Related<Rel>
where
    Nil: Shape<Rel::To>,
{
    /// In a refinement, refines a relation beneath this one. See [`FindQuery::refine`](crate::builder::FindQuery::refine).
    pub fn refine<R: IntoRefinement>(self, refinement: R) -> Load<Rel, Refined<R, Nil>> {
        Self::load().refine(refinement)
    }
}

impl<Rel: Relation> Load<Rel, Nil> {
    /// In a refinement, refines a relation beneath this one. See [`FindQuery::refine`](crate::builder::FindQuery::refine).
    pub fn refine<R: IntoRefinement>(mut self, refinement: R) -> Load<Rel, Refined<R, Nil>> {
        refinement.add_to(&mut self.find);
        self.shaped()
    }
}

impl<Rel: Relation, Before, Rest> Load<Rel, Refined<Before, Rest>> {
    /// Refines a further relation beneath this one.
    pub fn refine<R: IntoRefinement>(
        mut self,
        refinement: R,
    ) -> Load<Rel, Refined<R, Refined<Before, Rest>>> {
        refinement.add_to(&mut self.find);
        self.shaped()
    }
}

impl<Rel: Relation, T> Load<Rel, Columns<T>> {
    /// Sets the filter, the order and the page of a relation that `T` selects. See [`FindQuery::refine`](crate::builder::FindQuery::refine).
    pub fn refine(mut self, refinement: impl Refinement<T>) -> Self {
        refinement.refine(&mut self.find);
        self
    }
}

impl<M: Model, T, K> FindQuery<M, Columns<T>, K> {
    /// Sets the filter, the order and the page of a relation that the struct of [`select_as`](Self::select_as) selects, or the filter of a count.
    /// It does not compile if the struct does not select the relation.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, session, user};
    /// # use nicol::{Error, types::DateTime};
    /// #[derive(nicol::Select)]
    /// #[select(user)]
    /// struct Card {
    ///     email: String,
    ///     sessions: Vec<Device>,
    ///     #[select(count = sessions)]
    ///     active: i64,
    /// }
    ///
    /// #[derive(nicol::Select)]
    /// #[select(session)]
    /// struct Device {
    ///     expires: DateTime,
    /// }
    ///
    /// async fn cards(db: &Client, now: DateTime) -> Result<Vec<Card>, Error> {
    ///     let cards = db.user().find_many().select_as::<Card>();
    ///     cards
    ///         .refine(user::sessions.order_by(session::expires.desc()).take(3))
    ///         .refine(user::sessions.count().filter(session::expires.gt(now)))
    ///         .await
    /// }
    /// # fn main() {}
    /// ```
    ///
    /// Relations of relations are refined within the refinement: `post::author.refine(user::sessions.take(3))`.
    pub fn refine(mut self, refinement: impl Refinement<T>) -> Self {
        refinement.refine(&mut self.find);
        self
    }
}

impl<M: Model, T, K> WriteQuery<M, Columns<T>, K> {
    /// Sets the filter, the order and the page of a relation that `T` selects. See [`FindQuery::refine`](crate::builder::FindQuery::refine).
    pub fn refine(mut self, refinement: impl Refinement<T>) -> Self {
        refinement.refine(&mut self.returning);
        self
    }
}

impl<M: Model, T> UpsertMany<M, Vec<T>> {
    /// Sets the filter, the order and the page of a relation that `T` selects. See [`FindQuery::refine`](crate::builder::FindQuery::refine).
    pub fn refine(mut self, refinement: impl Refinement<T>) -> Self {
        if let Answer::Rows(find) = &mut self.answer {
            refinement.refine(find);
        }
        self
    }
}

impl<M: Model, T> UpdateEach<M, Vec<T>> {
    /// Sets the filter, the order and the page of a relation that `T` selects. See [`FindQuery::refine`](crate::builder::FindQuery::refine).
    pub fn refine(mut self, refinement: impl Refinement<T>) -> Self {
        if let Returning::Rows(find) = &mut self.returning {
            refinement.refine(find);
        }
        self
    }
}
