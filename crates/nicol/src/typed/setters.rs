//! What generated setters write to: rows to create, nested rows, and changes.

use std::fmt;
use std::marker::PhantomData;

use super::scalar::Scalar;
use crate::meta::{Join, ModelMeta};
use crate::query::{Assignment, Changes, Create};
use crate::value::Value;

/// Generated setters, as a wrapper of what they write to.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not write to `{Q}`",
    note = "`same` is for upserts: the row that exists takes over what the new one sets"
)]
pub trait Setters<Q> {
    /// Wraps a row, changes or a query.
    fn new(inner: Q) -> Self;

    /// Returns the wrapped value.
    fn into_inner(self) -> Q;
}

/// The setters of a model that cannot be written: there are none.
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

/// A row to create, or a query that creates it.
pub trait CreateTarget {
    /// Returns the row.
    fn create_mut(&mut self) -> &mut Create;

    /// Sets a column, or leaves it alone.
    #[must_use]
    fn with_value(mut self, column: u16, value: Option<Value>) -> Self
    where
        Self: Sized,
    {
        self.create_mut().values.extend(value.map(|value| (column, value)));
        self
    }
}

impl Create {
    /// Sets a column.
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

/// The changes of a row, or a query that updates it.
pub trait UpdateTarget {
    /// Returns the changes.
    fn changes_mut(&mut self) -> &mut Changes;

    /// Adds the change of a column, if there is one.
    #[must_use]
    fn with_assignment(mut self, column: u16, assignment: Option<Assignment>) -> Self
    where
        Self: Sized,
    {
        self.changes_mut().assignments.extend(assignment.map(|assignment| (column, assignment)));
        self
    }
}

impl UpdateTarget for Changes {
    fn changes_mut(&mut self) -> &mut Changes {
        self
    }
}

/// The changes of the row that an upsert finds.
#[derive(Debug)]
pub struct Existing {
    pub(super) changes: Changes,
    is_same: bool,
}

impl UpdateTarget for Existing {
    fn changes_mut(&mut self) -> &mut Changes {
        &mut self.changes
    }
}

impl Existing {
    pub(super) fn new(model: &'static ModelMeta) -> Self {
        Self { changes: Changes::new(model), is_same: false }
    }

    /// Returns the changes. The row would be created otherwise, and is found by these columns.
    pub(super) fn into_changes(self, row: &Create, key: &[u16]) -> Changes {
        let Self { mut changes, is_same } = self;
        if !is_same {
            return changes;
        }
        let model = changes.model;
        let in_key = |column: &u16| model.key.contains(column) || key.contains(column);
        let values = row.values.iter().filter(|(column, _)| !in_key(column));
        let same = values.map(|(column, value)| (*column, Assignment::Set(value.clone())));
        let nested = row.nested.iter().filter(|(relation, _)| {
            let join = &model.relations[usize::from(*relation)].join;
            !matches!(join, Join::Columns { here, owned: true, .. } if here.iter().any(in_key))
        });
        let nested: Vec<_> = nested.cloned().collect();
        changes.assignments.splice(..0, same.collect::<Vec<_>>());
        changes.nested.splice(..0, nested);
        changes
    }
}

/// The third argument of an upsert whose existing row takes over what the new one sets: its values and nested writes, except those of the key by
/// which the row is found, and of the primary key.
///
/// ```
/// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
/// # use db::{Client, User, user};
/// # use nicol::{Error, same};
/// async fn rename(db: &Client, email: &str, name: &str) -> Result<User, Error> {
///     let user = user::New { email: email.into() }.and().name(name);
///     db.user().upsert(user::by_email(email), user, same).await
/// }
/// # fn main() {}
/// ```
///
/// Further changes follow: `|user| same(user).visits(increment(1))`.
pub fn same<S: Setters<Existing>>(row: S) -> S {
    let mut existing = row.into_inner();
    existing.is_same = true;
    S::new(existing)
}

/// The same changes of many rows, which have no nested writes.
#[derive(Debug)]
pub struct ManyChanges(pub(super) Changes);

impl UpdateTarget for ManyChanges {
    fn changes_mut(&mut self) -> &mut Changes {
        &mut self.0
    }
}

/// A row to create at the other end of a relation where the client cannot create rows: there is no such value.
#[derive(Debug)]
pub enum NoChild {}

impl From<NoChild> for Create {
    fn from(row: NoChild) -> Self {
        match row {}
    }
}

/// A row to create under a parent whose key is not known yet. `Rel` is the relation to the parent.
pub struct CreateIn<Rel> {
    create: Create,
    relation: PhantomData<fn() -> Rel>,
}

impl<Rel> fmt::Debug for CreateIn<Rel> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.create.fmt(f)
    }
}

impl<Rel> Clone for CreateIn<Rel> {
    fn clone(&self) -> Self {
        Self::new(self.create.clone())
    }
}

impl<Rel> CreateIn<Rel> {
    /// Wraps a row.
    pub fn new(create: Create) -> Self {
        Self { create, relation: PhantomData }
    }
}

impl<Rel> From<CreateIn<Rel>> for Create {
    fn from(row: CreateIn<Rel>) -> Self {
        row.create
    }
}

impl<Rel> CreateTarget for CreateIn<Rel> {
    fn create_mut(&mut self) -> &mut Create {
        &mut self.create
    }
}

/// The arguments of nested writes: a row, an array or a `Vec`.
pub trait IntoChildren<T> {
    /// Returns the rows.
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
