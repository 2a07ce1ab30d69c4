//! Relations, seen from the row above a nested write.

use super::row::Row;
use crate::error::{Cause, Error, Kind, RelationField};
use crate::meta::{Join, ModelMeta, RelationMeta};
use crate::query::Nested;
use crate::value::Value;

/// Whether the row above a nested write is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parent {
    New,
    Old,
}

/// A relation, seen from the row above a nested write.
#[derive(Clone, Copy)]
pub(super) struct Link {
    pub(super) model: &'static ModelMeta,
    pub(super) index: u16,
    pub(super) relation: &'static RelationMeta,
}

/// Whether the foreign key is on this side.
pub(super) fn owns(relation: &RelationMeta) -> bool {
    matches!(relation.join, Join::Columns { owned: true, .. })
}

/// Whether a nested write comes before the row, which stores the key of the other.
pub(super) fn refers_first(
    model: &ModelMeta,
    relation: &RelationMeta,
    nested: &Nested,
    parent: Parent,
) -> bool {
    let refers = match nested {
        Nested::Create(_) => true,
        // The row that loses the reference to a new one is found first.
        Nested::Connect(_) | Nested::ConnectOrCreate(..) => {
            parent == Parent::New || !is_one_to_one(model, relation)
        }
        _ => false,
    };
    owns(relation) && refers
}

/// Whether at most one row refers to the other.
fn is_one_to_one(model: &ModelMeta, relation: &RelationMeta) -> bool {
    match relation.join {
        Join::Table { .. } => false,
        Join::Columns { owned: false, .. } => !relation.many,
        Join::Columns { owned: true, .. } => {
            let is_back = |back: &&RelationMeta| {
                std::ptr::eq(back.target(), model) && relation.join.is_inverse_of(&back.join)
            };
            relation.target().relations.iter().find(is_back).is_some_and(|back| !back.many)
        }
    }
}

impl Link {
    pub(super) fn new(model: &'static ModelMeta, index: u16) -> Self {
        Self { model, index, relation: &model.relations[usize::from(index)] }
    }

    pub(super) fn target(self) -> &'static ModelMeta {
        self.relation.target()
    }

    pub(super) fn is_table(self) -> bool {
        matches!(self.relation.join, Join::Table { .. })
    }

    pub(super) fn is_one_to_one(self) -> bool {
        is_one_to_one(self.model, self.relation)
    }

    /// The columns on this side and on the other; none if there is a join table.
    pub(super) fn columns(self) -> (&'static [u16], &'static [u16]) {
        match self.relation.join {
            Join::Columns { here, there, .. } => (here, there),
            Join::Table { .. } => (&[], &[]),
        }
    }

    /// Whether the foreign key is on this side and cannot be null.
    pub(super) fn is_required_here(self) -> bool {
        owns(self.relation) && are_required(self.model, self.columns().0)
    }

    /// Whether the foreign key is on the other side and cannot be null.
    pub(super) fn is_required_there(self) -> bool {
        !owns(self.relation) && !self.is_table() && are_required(self.target(), self.columns().1)
    }

    /// The values of the foreign key on the other side that refer to a row.
    pub(super) fn reference_to(self, row: &Row) -> Vec<(u16, Value)> {
        let (here, there) = self.columns();
        there.iter().copied().zip(row.values(here)).collect()
    }

    /// The values of the foreign key on this side that refer to a row on the other.
    pub(super) fn reference_from(self, row: &Row) -> Vec<(u16, Value)> {
        let (here, there) = self.columns();
        here.iter().copied().zip(row.values(there)).collect()
    }

    pub(super) fn required(self) -> Error {
        Kind::RequiredRelation { relation: field(self.model, self.relation) }.into()
    }

    /// The error that a row of a model is missing.
    pub(super) fn missing(
        self,
        model: &ModelMeta,
        operation: &'static str,
        needed_for: Option<String>,
    ) -> Error {
        let relation = field(self.model, self.relation);
        let error = Error::from(Kind::NotFound { model: model.name });
        error.because(Cause::Missing { relation, operation, needed_for })
    }

    pub(super) fn not_all_found(self, rows: usize) -> Error {
        let expected = u64::try_from(rows).unwrap_or(u64::MAX);
        Error::from(Kind::NotFound { model: self.target().name }).because(Cause::Incomplete { expected })
    }
}

fn are_required(model: &ModelMeta, columns: &[u16]) -> bool {
    columns.iter().all(|column| !model.columns[usize::from(*column)].nullable)
}

/// Returns the name of the relation.
pub(super) fn field(model: &ModelMeta, relation: &RelationMeta) -> RelationField {
    RelationField { model: model.name, field: relation.field }
}
