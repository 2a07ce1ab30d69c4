//! Relations of a model, and what can be loaded of them.

use std::fmt;
use std::marker::PhantomData;

use super::model::Model;
use super::record::FromRecord;
use super::scalar::FromCell;
use crate::query;

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

/// Cardinalities of at most one row.
#[diagnostic::on_unimplemented(
    message = "this relation has many rows at the other end",
    label = "a relation to many rows",
    note = "filter with `some`, `every` or `none`, and sort by the number of rows: `.count().desc()`"
)]
pub trait ToOne: Cardinality {}

impl ToOne for One {}

impl ToOne for Optional {}

/// The type that holds the rows of a relation.
pub type RowsOf<Rel, T> = <<Rel as Relation>::Cardinality as Cardinality>::Of<T>;

/// What is loaded with a row: a relation or its [`Count`].
pub trait Loadable: 'static {
    /// The model that has it.
    type From: Model;
    /// The bit in [`LoadedList::MASK`](super::loaded::LoadedList::MASK).
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

pub(super) fn field<Rel: Relation>() -> &'static str {
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
