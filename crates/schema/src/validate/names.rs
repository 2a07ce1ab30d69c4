//! The names that keys, indexes and constraints have in the database, and conflicts between them.
//!
//! The automatic names: [`constraint`].

use std::collections::HashMap;

use super::certain::Certain;
use crate::constraint;
use crate::draft::{Draft, KeyDraft, KeyKind, ModelDraft, RelationDraft, RelationShape};
use crate::model::{FieldId, ModelId};
use crate::span::Span;

/// The occurrences of each name.
#[derive(Default)]
pub(crate) struct Names<'s> {
    /// Keys and indexes by schema: in PostgreSQL each is a relation in its schema.
    global: HashMap<(Option<&'s str>, String), Vec<Span>>,
    /// Keys, indexes and foreign keys by model: constraint names must be unique in their table.
    local: HashMap<(ModelId, String), Vec<Span>>,
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
                let span = key.attribute.span();
                names.global.entry((schema(model), name.clone())).or_default().push(span);
                names.local.entry((id, name)).or_default().push(span);
            }
        }
        for relation in draft.relations.iter().filter(|relation| certain.has_relation(relation)) {
            if let Some(name) = foreign_key_name(relation, draft) {
                // If a relation has only a list field, Prisma counts the name for that field's model.
                let (owner, field) = match relation.from_field {
                    Some(field) => (relation.from, Some(field)),
                    None => (relation.to, relation.to_field),
                };
                // A relation from a view is not a constraint in the database.
                if !draft.model(owner).is_view {
                    let model = draft.model(owner);
                    let span = field.map_or(model.name.span, |field| model.field(field).name.span);
                    names.local.entry((owner, name)).or_default().push(span);
                }
            }
        }
        names.global.retain(|_, spans| spans.len() > 1);
        names.local.retain(|_, spans| spans.len() > 1);
        names
    }

    /// Returns all uses of a primary key's name if it conflicts with a key or index of the schema or a foreign key of
    /// the table.
    pub(super) fn taken(&self, id: ModelId, model: &'s ModelDraft<'_>, name: &str) -> Option<&[Span]> {
        self.taken_in_table(id, name).or_else(|| self.taken_in_schema(model, name))
    }

    /// Returns all uses of an index's name if it conflicts with a key or index of the schema.
    pub(super) fn taken_in_schema(&self, model: &'s ModelDraft<'_>, name: &str) -> Option<&[Span]> {
        self.global.get(&(schema(model), name.to_owned())).map(Vec::as_slice)
    }

    /// Returns all uses of a foreign key's name if it conflicts with a key, index or foreign key of the table.
    pub(super) fn taken_in_table(&self, model: ModelId, name: &str) -> Option<&[Span]> {
        self.local.get(&(model, name.to_owned())).map(Vec::as_slice)
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

/// Returns `None` for relations without a foreign key.
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
