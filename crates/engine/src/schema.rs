//! A schema that requests are answered for: its models, with the runtime's metadata.

use std::collections::HashMap;

use nicol::__private::ModelMeta;
use nicol_schema::model::{self, Field, FieldId, ModelId};

use crate::meta;

/// A schema and the metadata of its models.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) source: model::Schema,
    models: Vec<Model>,
    by_name: HashMap<String, ModelId>,
}

/// A model and its metadata.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) meta: &'static ModelMeta,
    /// The field of each column of the metadata.
    columns: Vec<FieldId>,
    /// The field of each relation of the metadata.
    relations: Vec<FieldId>,
}

impl Schema {
    /// Makes the metadata of a schema. It is kept for as long as the program runs.
    pub(crate) fn new(source: model::Schema) -> Self {
        let metas = meta::models(&source);
        let models = source.models.iter().zip(metas).map(|(model, meta)| Model {
            meta,
            columns: meta::columns(model),
            relations: meta::relations(&source, model),
        });
        let models = models.collect();
        let by_name = source.models().map(|(id, model)| (model.name.clone(), id)).collect();
        Self { source, models, by_name }
    }

    /// Whether conditions and orders may use full-text search.
    pub(crate) fn has_full_text_search(&self) -> bool {
        self.has_preview_feature("fullTextSearchPostgres")
    }

    /// Whether requests may say how relations are loaded.
    pub(crate) fn has_relation_joins(&self) -> bool {
        self.has_preview_feature("relationJoins")
    }

    fn has_preview_feature(&self, name: &str) -> bool {
        let mut features = self.source.generators.iter().flat_map(|generator| &generator.preview_features);
        features.any(|feature| feature == name)
    }

    /// Whether rows of a model can be created: no column of an unknown type needs a value.
    pub(crate) fn can_create(&self, model: ModelId) -> bool {
        !self.source.model(model).scalars().any(|(_, field, scalar)| {
            let is_unknown = matches!(scalar.ty, model::FieldType::Unsupported(_));
            is_unknown && field.arity == model::Arity::Required && scalar.default.is_none()
        })
    }

    /// Returns the model with this name.
    pub(crate) fn find(&self, name: &str) -> Option<ModelId> {
        self.by_name.get(name).copied()
    }

    /// Returns a model as the runtime sees it.
    pub(crate) fn model(&self, id: ModelId) -> &Model {
        &self.models[id.index()]
    }

    /// Returns a field of a model by the index of its column.
    pub(crate) fn column_field(&self, model: ModelId, column: u16) -> &Field {
        self.source.model(model).field(self.model(model).columns[usize::from(column)])
    }
}

impl Model {
    /// Returns the index of a field among the columns.
    pub(crate) fn column(&self, field: FieldId) -> Option<u16> {
        place(&self.columns, field)
    }

    /// Returns the field of a relation.
    pub(crate) fn relation_field(&self, relation: u16) -> Option<FieldId> {
        self.relations.get(usize::from(relation)).copied()
    }

    /// Returns the index of a field among the relations.
    pub(crate) fn relation(&self, field: FieldId) -> Option<u16> {
        place(&self.relations, field)
    }
}

fn place(fields: &[FieldId], field: FieldId) -> Option<u16> {
    fields.iter().position(|other| *other == field).and_then(|place| u16::try_from(place).ok())
}
