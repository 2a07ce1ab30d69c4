//! What generated code says of a model to the typed builders.

use std::fmt::Debug;

use crate::builder::create::CreateIn;
use crate::executor::Executor;
use crate::meta::ModelMeta;
use crate::query::{Assignment, Changes, Create, Key};
use crate::relation::FromRecord;
use crate::value::Value;

/// A model: the generated struct of its row.
pub trait Model: FromRecord + Debug + Clone + Send + Sync + 'static {
    /// The row with relations that a query loaded.
    type With<R: Debug + Send + 'static>: Debug + Send + 'static;
    /// Something that creates rows (data or a query), with the model's setters.
    type CreateWith<Q>: Setters<Q>;
    /// Something that updates rows (changes or a query), with the model's setters.
    type UpdateWith<Q>: Setters<Q>;

    /// Its table, columns, keys and relations.
    fn meta() -> &'static ModelMeta;
}

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

/// A unique key of a model with its values: made by `by_id` and the like.
#[derive(Debug, Clone)]
#[must_use]
pub struct Unique<M> {
    pub(crate) key: Key,
    model: std::marker::PhantomData<fn() -> M>,
}

impl<M: Model> Unique<M> {
    /// For generated code: columns and values.
    pub fn new(values: Vec<(u16, Value)>) -> Self {
        Self { key: Key { values }, model: std::marker::PhantomData }
    }

    /// The key as data.
    pub fn into_key(self) -> Key {
        self.key
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
    fn with_connect<M: Model>(mut self, relation: u16, unique: Unique<M>) -> Self
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

/// What `create` takes: `New` with every required field gives a query, `NewIn…` without a foreign key one that waits for `connect_…`.
pub trait IntoCreate<M: Model> {
    /// The query.
    type Query;

    /// The query on this database.
    fn into_create(self, executor: Executor) -> Self::Query;
}
