//! Relations in types: the type of a row says which relations its query loaded.
//!
//! A row with relations is `user::With<R>`, where `R` is a list: [`Nil`], or [`Loaded`] in front of another list. The generated method
//! `accounts()` requires [`Has<Accounts, _>`](Has), so it exists only on rows of queries with `.include(user::accounts)`.

use std::fmt;
use std::marker::PhantomData;

use super::model::Model;
use super::record::FromRecord;
use super::relation::Loadable;
use super::scalar::FromCell;
use super::select::Shape;
use crate::codec::{Cells, DecodeError};

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
