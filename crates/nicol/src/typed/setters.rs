//! What the generated setters set: rows to create, rows beneath them, and changes.

use std::fmt;
use std::marker::PhantomData;

use super::scalar::Scalar;
use super::unique::Unique;
use crate::query::{Assignment, Changes, Create};
use crate::value::Value;

/// The generated setters around what they set.
pub trait Setters<Q> {
    /// Puts the setters around it.
    fn new(inner: Q) -> Self;

    /// What the setters have set.
    fn into_inner(self) -> Q;
}

/// The setters of a model that cannot be written: none.
#[derive(Debug, Clone)]
#[must_use]
pub struct ReadOnly<Q>(Q);

impl<Q> Setters<Q> for ReadOnly<Q> {
    fn new(inner: Q) -> Self {
        Self(inner)
    }

    fn into_inner(self) -> Q {
        self.0
    }
}

/// What setters change: the values of a row to create.
pub trait CreateTarget {
    /// The row.
    fn create_mut(&mut self) -> &mut Create;

    /// The row with a value in this column.
    #[must_use]
    fn with_value(mut self, column: u16, value: Value) -> Self
    where
        Self: Sized,
    {
        self.create_mut().values.push((column, value));
        self
    }

    /// The row with a reference, by this relation, to the row with a key.
    #[must_use]
    fn with_connect<M>(mut self, relation: u16, unique: Unique<M>) -> Self
    where
        Self: Sized,
    {
        self.create_mut().connects.push((relation, unique.key));
        self
    }

    /// The row with rows that refer to it by this relation.
    #[must_use]
    fn with_children<Rel, C>(mut self, relation: u16, rows: impl Iterator<Item = C>) -> Self
    where
        Self: Sized,
        C: Setters<CreateIn<Rel>>,
    {
        let rows = rows.map(|row| (relation, row.into_inner().into_create()));
        self.create_mut().children.extend(rows);
        self
    }
}

impl Create {
    /// For generated code: the row with a value in this column.
    #[must_use]
    pub fn with(mut self, column: u16, value: impl Scalar) -> Self {
        self.values.push((column, value.into_value()));
        self
    }
}

impl CreateTarget for Create {
    fn create_mut(&mut self) -> &mut Create {
        self
    }
}

/// What setters change: the changes of an update.
pub trait UpdateTarget {
    /// The changes.
    fn changes_mut(&mut self) -> &mut Changes;

    /// The changes and this one of a column.
    #[must_use]
    fn with_assignment(mut self, column: u16, assignment: Assignment) -> Self
    where
        Self: Sized,
    {
        self.changes_mut().assignments.push((column, assignment));
        self
    }
}

impl UpdateTarget for Changes {
    fn changes_mut(&mut self) -> &mut Changes {
        self
    }
}

/// A row to write under a parent whose key is not known yet; `Rel` is the relation to the parent.
pub struct CreateIn<Rel> {
    create: Create,
    relation: PhantomData<fn() -> Rel>,
}

impl<Rel> fmt::Debug for CreateIn<Rel> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.create.fmt(f)
    }
}

impl<Rel> CreateIn<Rel> {
    /// For generated code.
    pub fn new(create: Create) -> Self {
        Self { create, relation: PhantomData }
    }

    /// The row.
    pub fn into_create(self) -> Create {
        self.create
    }
}

impl<Rel> CreateTarget for CreateIn<Rel> {
    fn create_mut(&mut self) -> &mut Create {
        &mut self.create
    }
}

/// What a nested write takes: one row, or many.
pub trait IntoChildren<T> {
    /// The rows.
    #[doc(hidden)]
    fn into_children(self) -> impl Iterator<Item = T>;
}

impl<T, C: Into<T>, const N: usize> IntoChildren<T> for [C; N] {
    fn into_children(self) -> impl Iterator<Item = T> {
        self.into_iter().map(Into::into)
    }
}

impl<T, C: Into<T>> IntoChildren<T> for Vec<C> {
    fn into_children(self) -> impl Iterator<Item = T> {
        self.into_iter().map(Into::into)
    }
}
