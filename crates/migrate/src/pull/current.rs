//! The current schema file, and which of its parts belong to which object of the database.

use std::collections::HashMap;

use nicol_schema::model::{
    Enum, Field, FieldId, Key, Model, Relation, RelationKind, RelationMode, Scalar, Schema, Side,
};
use nicol_schema::{Parse, ast};

use super::{Pull, SchemaFile};
use crate::catalog::{ForeignKey, ObjectName};

/// The current schema file.
pub(super) struct Current<'a> {
    pub(super) files: &'a [SchemaFile],
    pub(super) parses: &'a [Parse],
    pub(super) options: &'a Pull,
    /// All of it, for its settings.
    pub(super) settings: &'a Schema,
    /// Its models and enums; `None` if they are not kept.
    schema: Option<&'a Schema>,
    /// The file of each block, by name.
    places: HashMap<&'a str, usize>,
}

impl<'a> Current<'a> {
    pub(super) fn new(
        files: &'a [SchemaFile],
        parses: &'a [Parse],
        settings: &'a Schema,
        options: &'a Pull,
    ) -> Self {
        let mut places = HashMap::new();
        for (place, parse) in parses.iter().enumerate() {
            for item in parse.tree.file().items() {
                let name = match item {
                    ast::Item::Model(model) => model.name(),
                    ast::Item::Enum(it) => it.name(),
                    ast::Item::Config(_) => None,
                };
                if let Some(name) = name {
                    places.insert(name.text, place);
                }
            }
        }
        let schema = (!options.is_forced).then_some(settings);
        Self { files, parses, options, settings, schema, places }
    }

    /// Whether the client emulates relations, so that the database has no foreign keys.
    pub(super) fn has_emulated_relations(&self) -> bool {
        self.settings.datasource.as_ref().is_some_and(|it| it.relation_mode == RelationMode::Prisma)
    }

    /// Whether blocks have `@@schema`.
    pub(super) fn has_schemas(&self) -> bool {
        self.options.schemas.is_some()
            || self.settings.datasource.as_ref().is_some_and(|it| !it.schemas.is_empty())
    }

    /// Returns the name of the datasource, the prefix of native types.
    pub(super) fn datasource_name(&self) -> &str {
        self.settings.datasource.as_ref().map_or("db", |it| it.name.as_str())
    }

    pub(super) fn has_preview_feature(&self, name: &str) -> bool {
        self.settings.generators.iter().flat_map(|it| &it.preview_features).any(|it| it == name)
    }

    /// Returns the index of the file with a block of this name.
    pub(super) fn file_of(&self, name: &str) -> Option<usize> {
        self.schema.and_then(|_| self.places.get(name).copied())
    }

    pub(super) fn model(&self, name: &ObjectName, is_view: bool) -> Option<&'a Model> {
        let models = &self.schema?.models;
        models.iter().find(|model| {
            model.is_view == is_view && is_named(name, model.database_name(), model.schema.as_deref())
        })
    }

    pub(super) fn enumeration(&self, name: &ObjectName) -> Option<&'a Enum> {
        let enums = &self.schema?.enums;
        enums.iter().find(|it| is_named(name, it.database_name(), it.schema.as_deref()))
    }

    /// Returns the position of a model, to keep the order.
    pub(super) fn position(&self, model: &Model) -> usize {
        self.settings.models.iter().position(|it| it.name == model.name).unwrap_or(usize::MAX)
    }

    pub(super) fn enum_position(&self, enumeration: &Enum) -> usize {
        self.settings.enums.iter().position(|it| it.name == enumeration.name).unwrap_or(usize::MAX)
    }

    /// Returns the relation of a model for this foreign key: the one with its name, else the first on its columns.
    pub(super) fn relation(&self, model: &Model, key: &ForeignKey) -> Option<&'a Relation> {
        let mut relations = self.relations(model, key);
        let first = relations.next()?;
        let all = || std::iter::once(first).chain(self.relations(model, key));
        all().find(|relation| is_key_named(relation, model, key)).or(Some(first))
    }

    /// Whether the model has a relation with the name of this foreign key.
    pub(super) fn has_relation_named(&self, model: &Model, key: &ForeignKey) -> bool {
        self.relations(model, key).any(|relation| is_key_named(relation, model, key))
    }

    fn relations<'k>(
        &self,
        model: &'k Model,
        key: &'k ForeignKey,
    ) -> impl Iterator<Item = &'a Relation> + use<'a, 'k> {
        let ends = model.relation_fields().filter(|(_, _, end)| end.side == Side::From);
        let schema = self.schema;
        let relations = ends.filter_map(move |(_, _, end)| Some(schema?.relation(end.relation)));
        relations.filter(move |relation| match &relation.kind {
            RelationKind::OneToOne(own) | RelationKind::OneToMany(own) => {
                let columns = own.fields.iter().map(|field| model.field(*field).database_name());
                columns.eq(key.columns.iter().map(String::as_str))
            }
            RelationKind::ManyToMany => false,
        })
    }

    /// Returns the many-to-many relation with this table.
    pub(super) fn many_to_many(&self, table: &str) -> Option<&'a Relation> {
        self.schema?.relations.iter().find(|relation| {
            matches!(relation.kind, RelationKind::ManyToMany)
                && nicol_schema::constraint::join_table(&relation.effective_name) == table
        })
    }

    /// Returns the field at one end of a relation.
    pub(super) fn end(&self, relation: &Relation, side: Side) -> Option<&'a Field> {
        let schema = self.schema?;
        let (model, field): (_, Option<FieldId>) = match side {
            Side::From => (relation.from, relation.from_field),
            Side::To => (relation.to, relation.to_field),
        };
        Some(schema.model(model).field(field?))
    }

    pub(super) fn model_name(&self, id: nicol_schema::model::ModelId) -> &'a str {
        &self.settings.model(id).name
    }

    pub(super) fn schema(&self) -> Option<&'a Schema> {
        self.schema
    }
}

fn is_named(name: &ObjectName, database_name: &str, schema: Option<&str>) -> bool {
    name.name == database_name
        && (schema.is_none() || name.schema.is_none() || name.schema.as_deref() == schema)
}

/// Whether a foreign key has the name of a relation.
fn is_key_named(relation: &Relation, model: &Model, key: &ForeignKey) -> bool {
    let (RelationKind::OneToOne(own) | RelationKind::OneToMany(own)) = &relation.kind else { return false };
    let columns: Vec<_> = key.columns.iter().map(String::as_str).collect();
    let usual = || nicol_schema::constraint::foreign_key(model.database_name(), &columns);
    own.map.clone().unwrap_or_else(usual) == key.name
}

/// Returns the field of a model for a column.
pub(super) fn field_of_column<'m>(
    model: &'m Model,
    column: &str,
) -> Option<(FieldId, &'m Field, &'m Scalar)> {
    model.scalars().find(|(_, field, _)| field.database_name() == column)
}

/// Returns the unique key with this name in the database, and its position.
pub(super) fn unique_named<'m>(model: &'m Model, name: &str) -> Option<(usize, &'m Key)> {
    let columns = |key: &Key| -> Vec<&str> {
        key.fields.iter().map(|it| model.field(it.field).database_name()).collect()
    };
    model.uniques.iter().enumerate().find(|(_, key)| match &key.map {
        Some(map) => map == name,
        None => {
            nicol_schema::constraint::unique(model.database_name(), &columns(key)) == name
                || key.name.as_deref() == Some(name)
        }
    })
}

/// Returns the position of the index with this name in the database.
pub(super) fn index_named(model: &Model, name: &str) -> Option<usize> {
    model.indexes.iter().position(|index| match &index.map {
        Some(map) => map == name,
        None => {
            let columns: Vec<_> =
                index.fields.iter().map(|it| model.field(it.field).database_name()).collect();
            nicol_schema::constraint::index(model.database_name(), &columns) == name
        }
    })
}
