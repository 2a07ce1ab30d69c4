//! Writing rows.

use super::condition::Condition;
use super::find::Find;
use super::key::Unique;
use crate::meta::{Default, ModelMeta};
use crate::value::Value;

/// A query that writes.
#[derive(Debug, Clone)]
pub enum Write {
    /// Creates a row and returns it.
    Create(Create, Find),
    /// Creates rows.
    CreateMany(CreateMany, Returning),
    /// Updates a row and returns it.
    Update(Unique, Changes, Find),
    /// Updates all rows that match.
    UpdateMany(UpdateMany, Returning),
    /// Updates a row, or creates it if it does not exist, and returns it.
    Upsert(Box<Upsert>, Find),
    /// Deletes a row and returns it.
    Delete(Unique, Find),
    /// Deletes all rows that match, or at most a number of them.
    DeleteMany {
        /// The model.
        model: &'static ModelMeta,
        /// The rows to delete.
        filter: Condition,
        /// The maximum number of rows.
        limit: Option<u64>,
    },
}

impl Write {
    /// Returns the call that the write is.
    pub(crate) fn operation(&self) -> &'static str {
        match self {
            Self::Create(..) => "create",
            Self::CreateMany(_, Returning::Count) => "create_many",
            Self::CreateMany(_, Returning::Rows(_)) => "create_many_and_return",
            Self::Update(..) => "update",
            Self::UpdateMany(_, Returning::Count) => "update_many",
            Self::UpdateMany(_, Returning::Rows(_)) => "update_many_and_return",
            Self::Upsert(..) => "upsert",
            Self::Delete(..) => "delete",
            Self::DeleteMany { .. } => "delete_many",
        }
    }

    /// Whether the write looks for a row and creates it if it is missing, at any depth.
    pub(crate) fn looks_before(&self) -> bool {
        match self {
            Self::Create(create, _) => look_before(&create.nested),
            Self::Update(_, changes, _) => look_before(&changes.nested),
            Self::Upsert(..) => true,
            _ => false,
        }
    }
}

fn look_before(nested: &[(u16, Nested)]) -> bool {
    nested.iter().any(|(_, nested)| match nested {
        Nested::ConnectOrCreate(..) | Nested::Upsert(_) => true,
        Nested::Create(create) => look_before(&create.nested),
        Nested::Update(_, changes) => look_before(&changes.nested),
        _ => false,
    })
}

impl Write {
    /// Whether the write looks for a row of this model and, if it is missing, creates it with given values of these fields, at any depth. Then
    /// the same write elsewhere may have created it meanwhile.
    pub(crate) fn looks_for(&self, model: &str, fields: &[String]) -> bool {
        match self {
            Self::Create(create, _) => look_for(&create.nested, model, fields),
            Self::Update(_, changes, _) => look_for(&changes.nested, model, fields),
            Self::Upsert(upsert, _) => {
                gives(&upsert.unique, &upsert.create, model, fields)
                    || look_for(&upsert.create.nested, model, fields)
                    || look_for(&upsert.update.nested, model, fields)
            }
            _ => false,
        }
    }
}

fn look_for(nested: &[(u16, Nested)], model: &str, fields: &[String]) -> bool {
    nested.iter().any(|(_, nested)| match nested {
        Nested::ConnectOrCreate(unique, create) => {
            gives(unique, create, model, fields) || look_for(&create.nested, model, fields)
        }
        // It looks for a connected row, whatever its key is.
        Nested::Upsert(upsert) => {
            upsert.create.model.name == model
                || look_for(&upsert.create.nested, model, fields)
                || look_for(&upsert.update.nested, model, fields)
        }
        Nested::Create(create) => look_for(&create.nested, model, fields),
        Nested::Update(_, changes) => look_for(&changes.nested, model, fields),
        _ => false,
    })
}

/// Whether these fields have values in the key of a row or in the row.
fn gives(unique: &Unique, create: &Create, model: &str, fields: &[String]) -> bool {
    let meta = |column: u16| &create.model.columns[usize::from(column)];
    // What the key has and the row has not comes from the row above, or is a default, which the key does not decide.
    let of_key =
        || unique.key.values.iter().filter(|(column, _)| matches!(meta(*column).default, Default::None));
    let given =
        |field: &String| of_key().chain(&create.values).any(|(column, _)| meta(*column).field == field);
    create.model.name == model && fields.iter().all(given)
}

/// What a query that writes several rows returns.
#[derive(Debug, Clone)]
pub enum Returning {
    /// The number of rows.
    Count,
    /// The rows, in any order. The find has no filter, order or page.
    Rows(Box<Find>),
}

/// Rows to create, without nested writes.
#[derive(Debug, Clone)]
pub struct CreateMany {
    /// The model.
    pub model: &'static ModelMeta,
    /// The rows.
    pub rows: Vec<Create>,
    /// Whether rows with a unique key that already exists are skipped.
    pub skip_duplicates: bool,
}

/// The same changes of many rows.
#[derive(Debug, Clone)]
pub struct UpdateMany {
    /// The rows to update.
    pub filter: Condition,
    /// The changes.
    pub changes: Changes,
    /// The maximum number of rows.
    pub limit: Option<u64>,
}

/// A row to update, or to create if it does not exist.
#[derive(Debug, Clone)]
pub struct Upsert {
    /// The row.
    pub unique: Unique,
    /// The row to create.
    pub create: Create,
    /// The changes of an existing row.
    pub update: Changes,
}

/// Rows to create, without nested writes, or to update where there is a row with the same unique key.
#[derive(Debug, Clone)]
pub struct UpsertMany {
    /// The model.
    pub model: &'static ModelMeta,
    /// The columns of the unique key. Every row sets them.
    pub key: Vec<u16>,
    /// The rows.
    pub rows: Vec<Create>,
    /// The columns that an existing row takes over, as far as the new one sets them. Without a choice, these are all but those of the two
    /// keys and those with a generated default.
    pub update: Option<Vec<u16>>,
    /// Whether existing rows that would not change are left alone.
    pub skip_unchanged: bool,
}

/// A row to create, with nested writes.
#[derive(Debug, Clone)]
pub struct Create {
    /// The model.
    pub model: &'static ModelMeta,
    /// The columns and values that were set. A later value of a column replaces an earlier one.
    pub values: Vec<(u16, Value)>,
    /// The writes at the other ends of relations, in order.
    pub nested: Vec<(u16, Nested)>,
}

impl Create {
    /// Returns a row without values.
    pub fn new(model: &'static ModelMeta) -> Self {
        // Most rows set most columns.
        Self { model, values: Vec::with_capacity(model.columns.len()), nested: Vec::new() }
    }
}

/// A write at the other end of a relation.
#[derive(Debug, Clone)]
pub enum Nested {
    /// Creates a row and connects it.
    Create(Create),
    /// Creates rows and connects them.
    CreateMany(CreateMany),
    /// Connects an existing row.
    Connect(Unique),
    /// Connects a row, and creates it if it does not exist.
    ConnectOrCreate(Unique, Create),
    /// Disconnects the connected rows that match: at most one by its key, or the only one.
    Disconnect(Condition),
    /// Connects these rows and disconnects all others.
    Set(Vec<Unique>),
    /// Updates the connected row that matches.
    Update(Condition, Changes),
    /// Updates all connected rows that match.
    UpdateMany(Condition, Changes),
    /// Updates the connected row that matches, or creates one.
    Upsert(Box<NestedUpsert>),
    /// Deletes the connected row that matches.
    Delete(Condition),
    /// Deletes all connected rows that match.
    DeleteMany(Condition),
}

/// A connected row to update, or a row to create and connect if there is none.
#[derive(Debug, Clone)]
pub struct NestedUpsert {
    /// The connected row.
    pub filter: Condition,
    /// The row to create.
    pub create: Create,
    /// The changes of an existing row.
    pub update: Changes,
}

/// A change of one column.
#[derive(Debug, Clone)]
pub enum Assignment {
    /// Sets the value.
    Set(Value),
    /// Adds the value.
    Increment(Value),
    /// Subtracts the value.
    Decrement(Value),
    /// Multiplies by the value.
    Multiply(Value),
    /// Divides by the value.
    Divide(Value),
    /// Appends the values of a list to the array.
    Push(Value),
}

/// The changes of an update.
#[derive(Debug, Clone)]
pub struct Changes {
    /// The model.
    pub model: &'static ModelMeta,
    /// The columns and their changes. A later change of a column replaces an earlier one.
    pub assignments: Vec<(u16, Assignment)>,
    /// The writes at the other ends of relations, in order. Changes of many rows have none.
    pub nested: Vec<(u16, Nested)>,
}

impl Changes {
    /// Returns an update without changes.
    pub fn new(model: &'static ModelMeta) -> Self {
        Self { model, assignments: Vec::new(), nested: Vec::new() }
    }

    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        self.assignments.is_empty() && self.nested.is_empty()
    }
}

/// A row to update, by a unique key without a further filter.
#[derive(Debug, Clone)]
pub struct UpdateRow {
    /// The row.
    pub unique: Unique,
    /// The changes, without nested writes.
    pub changes: Changes,
}

/// Rows to update, each with its own changes.
#[derive(Debug, Clone)]
pub struct UpdateEach {
    /// The model.
    pub model: &'static ModelMeta,
    /// The rows.
    pub rows: Vec<UpdateRow>,
    /// Whether rows that would not change are left alone.
    pub skip_unchanged: bool,
}
