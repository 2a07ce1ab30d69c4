//! What steps of a write have in common.

use std::pin::Pin;

use super::row::{Row, among};
use crate::error::Error;
use crate::meta::ModelMeta;
use crate::query::{Assignment, Condition, Nested, Unique};
use crate::sql::{Connected, Rows};
use crate::value::Value;

/// The future of a step. Steps contain each other.
pub(super) type Step<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// The writes at the other ends of relations.
pub(super) type Writes = Vec<(u16, Nested)>;

/// A row that a step looked for and created if it was missing.
pub(super) enum Ensured {
    Found(Row),
    Created(Row),
}

/// The rows that a step changes.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) filter: Condition,
    pub(super) connected: Option<Connected>,
    /// The key in the filter, if there is one.
    pub(super) key: Vec<(u16, Value)>,
    pub(super) limit: Option<u64>,
}

impl Target {
    pub(super) fn unique(unique: Unique) -> Self {
        let key = unique.key.values.clone();
        Self { key, ..Self::matching(unique.condition()) }
    }

    pub(super) fn matching(filter: Condition) -> Self {
        Self { filter, connected: None, key: Vec::new(), limit: None }
    }

    pub(super) fn connected(connected: Connected, filter: Condition) -> Self {
        Self { connected: Some(connected), ..Self::matching(filter) }
    }

    pub(super) fn row(row: &Row) -> Self {
        Self { key: row.key(), ..Self::matching(row.condition()) }
    }

    /// Returns these rows instead, with the same limit.
    pub(super) fn among(self, model: &'static ModelMeta, rows: &[Row]) -> Self {
        Self { limit: self.limit, ..Self::matching(among(model.key, rows, model.key)) }
    }

    /// Adds a condition.
    pub(super) fn and(self, filter: Condition) -> Self {
        Self { filter: self.filter.and(filter), ..self }
    }

    pub(super) fn rows(&self, model: &'static ModelMeta) -> Rows<'_> {
        Rows {
            model,
            filter: &self.filter,
            connected: self.connected.as_ref(),
            except: None,
            limit: self.limit,
        }
    }
}

pub(super) fn set((column, value): (u16, Value)) -> (u16, Assignment) {
    (column, Assignment::Set(value))
}

pub(super) fn distinct(mut columns: Vec<u16>) -> Vec<u16> {
    columns.sort_unstable();
    columns.dedup();
    columns
}
