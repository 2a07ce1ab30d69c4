//! The names that keys, indexes and constraints have in the database, and which of them meet.
//!
//! The automatic names: [`constraint`].

use std::collections::HashMap;

use super::certain::Certain;
use crate::constraint;
use crate::draft::{Draft, KeyDraft, KeyKind, ModelDraft, RelationDraft, RelationShape};
use crate::model::{FieldId, ModelId};

/// How often each name is used.
pub(crate) struct Names<'s> {
    /// By schema, keys and indexes: in PostgreSQL each is a relation of its own in its schema.
    global: HashMap<(Option<&'s str>, String), usize>,
    /// By model, foreign keys included: constraints have to differ within their table.
    local: HashMap<(ModelId, String), usize>,
}

impl<'s> Names<'s> {
    pub(super) fn new(draft: &'s Draft<'_>, certain: &Certain) -> Names<'s> {
        let mut names = Names { global: HashMap::new(), local: HashMap::new() };
        for id in draft.model_ids().filter(|id| certain.has_model(*id)) {
            let model = draft.model(id);
            for key in model.keys() {
                let name = match key.kind {
                    KeyKind::Primary => primary_key_name(model, key),
                    _ => index_name(model, key),
                };
                *names.global.entry((schema(model), name.clone())).or_default() += 1;
                *names.local.entry((id, name)).or_default() += 1;
            }
        }
        for relation in draft.relations.iter().filter(|relation| certain.has_relation(relation)) {
            if let Some(name) = foreign_key_name(relation, draft) {
                // Where only a list stands for the relation, Prisma counts the name for the model of the list.
                let owner = match relation.from_field {
                    Some(_) => relation.from,
                    None => relation.to,
                };
                // What refers from a view is no constraint of the database.
                if !draft.model(owner).is_view {
                    *names.local.entry((owner, name)).or_default() += 1;
                }
            }
        }
        names.global.retain(|_, count| *count > 1);
        names.local.retain(|_, count| *count > 1);
        names
    }

    /// Is the name of a primary key taken: by a key or index of the schema, or a foreign key of the table.
    pub(super) fn is_taken(&self, id: ModelId, model: &ModelDraft<'_>, name: &str) -> bool {
        self.is_taken_in_table(id, name) || self.is_taken_in_schema(model, name)
    }

    /// Is the name of an index taken by a key or index of the schema.
    pub(super) fn is_taken_in_schema(&self, model: &ModelDraft<'_>, name: &str) -> bool {
        self.global.contains_key(&(schema(model), name.to_owned()))
    }

    /// Is the name of a foreign key taken by a key, index or foreign key of the table.
    pub(super) fn is_taken_in_table(&self, model: ModelId, name: &str) -> bool {
        self.local.contains_key(&(model, name.to_owned()))
    }
}

fn schema<'s>(model: &'s ModelDraft<'_>) -> Option<&'s str> {
    model.schema.as_ref().map(|(name, _)| name.as_str())
}

pub(super) fn primary_key_name(model: &ModelDraft<'_>, key: &KeyDraft<'_>) -> String {
    key.map.clone().unwrap_or_else(|| constraint::primary_key(model.database_name()))
}

pub(super) fn index_name(model: &ModelDraft<'_>, key: &KeyDraft<'_>) -> String {
    key.map.clone().unwrap_or_else(|| {
        let columns = columns(model, key.field_ids());
        let name = if key.is_unique() { constraint::unique } else { constraint::index };
        name(model.database_name(), &columns)
    })
}

/// None for relations that have no foreign key.
pub(super) fn foreign_key_name(relation: &RelationDraft, draft: &Draft<'_>) -> Option<String> {
    if !matches!(relation.kind, RelationShape::OneToOne | RelationShape::OneToMany) {
        return None;
    }
    let model = draft.model(relation.from);
    let arguments = relation.from_field.map(|field| &model.field(field).relation);
    if let Some(map) = arguments.and_then(|arguments| arguments.map.clone()) {
        return Some(map);
    }
    let fields = arguments.and_then(|arguments| arguments.fields.clone()).unwrap_or_default();
    let columns = if fields.is_empty() { vec![""] } else { columns(model, fields) };
    Some(constraint::foreign_key(model.database_name(), &columns))
}

fn columns<'m>(model: &'m ModelDraft<'_>, fields: impl IntoIterator<Item = FieldId>) -> Vec<&'m str> {
    fields.into_iter().map(|field| model.field(field).database_name()).collect()
}
