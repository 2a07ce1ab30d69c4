//! Which rows a write has written, at any depth.

use crate::codec;
use crate::error::{Error, Kind};
use crate::meta::ModelMeta;
use crate::value::Value;
use crate::wire::{Outcome, Statement};

/// A row that was written.
#[derive(Debug, Clone)]
pub(crate) struct WrittenRow {
    pub(crate) model: &'static ModelMeta,
    pub(crate) change: RowChange,
    /// The values of the columns of the model's key.
    pub(crate) key: Vec<Value>,
}

/// What happened to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowChange {
    Created,
    Updated,
    Deleted,
}

/// The models whose written rows are recorded.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watched(Vec<&'static ModelMeta>);

impl Watched {
    pub(crate) fn add(&mut self, model: &'static ModelMeta) {
        if !self.contains(model) {
            self.0.push(model);
        }
    }

    pub(crate) fn contains(&self, model: &ModelMeta) -> bool {
        self.0.iter().any(|other| std::ptr::eq(*other, model))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Returns what a statement of a step does to rows of its model.
pub(super) fn change(statement: &Statement) -> Option<RowChange> {
    let is = |word: &str| statement.text.starts_with(word);
    match () {
        () if is("INSERT ") => Some(RowChange::Created),
        () if is("UPDATE ") => Some(RowChange::Updated),
        () if is("DELETE ") => Some(RowChange::Deleted),
        () => None,
    }
}

/// Reads the keys of the rows that a statement returns.
pub(super) fn keys(model: &'static ModelMeta, outcome: &Outcome) -> Result<Vec<Vec<Value>>, Error> {
    let key = |row: &tokio_postgres::Row| {
        let values = model.key.iter().map(|column| {
            let column = &model.columns[usize::from(*column)];
            let place = row.columns().iter().position(|other| other.name() == column.column);
            let Some(cell) = place.and_then(|place| codec::cell(row, place)) else {
                let message = format!("a row of `{}` was written without its key", model.name);
                return Err(Kind::Inconsistent { message }.into());
            };
            Ok(cell.value_of(column)?)
        });
        values.collect::<Result<Vec<_>, Error>>()
    };
    outcome.rows.iter().map(key).collect()
}
