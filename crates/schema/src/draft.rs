//! The schema before it has been validated as a whole.
//!
//! Keeps the spans that messages refer to, and has gaps where the text has errors.

use crate::ast::{self, Name};
use crate::model::{
    Arity, EnumId, FieldId, IndexAlgorithm, ModelId, OperatorClass, ReferentialAction, ScalarType, SortOrder,
};
use crate::span::{Span, to_u32};

/// The contents of the schema, as far as it could be resolved.
#[derive(Debug, Default)]
pub(crate) struct Draft<'a> {
    pub(crate) models: Vec<ModelDraft<'a>>,
    pub(crate) enums: Vec<EnumDraft<'a>>,
    /// `type` blocks, which PostgreSQL does not support.
    pub(crate) composites: Vec<ast::Model<'a>>,
    pub(crate) relations: Vec<RelationDraft>,
}

#[derive(Debug)]
pub(crate) struct ModelDraft<'a> {
    pub(crate) ast: ast::Model<'a>,
    pub(crate) name: Name<'a>,
    pub(crate) is_view: bool,
    pub(crate) fields: Vec<FieldDraft<'a>>,
    pub(crate) map: Option<String>,
    pub(crate) schema: Option<(String, Span)>,
    pub(crate) is_ignored: bool,
    pub(crate) primary_key: Option<KeyDraft<'a>>,
    /// `@unique`, then `@@index`, `@@unique` and `@@fulltext`.
    pub(crate) indexes: Vec<KeyDraft<'a>>,
    pub(crate) shard_key: Option<ShardKeyDraft<'a>>,
}

/// `@shardKey` or `@@shardKey`.
#[derive(Debug)]
pub(crate) struct ShardKeyDraft<'a> {
    pub(crate) attribute: ast::Attribute<'a>,
    /// The field that has the attribute.
    pub(crate) on_field: Option<FieldId>,
}

#[derive(Debug)]
pub(crate) struct FieldDraft<'a> {
    pub(crate) ast: ast::Field<'a>,
    pub(crate) name: Name<'a>,
    pub(crate) arity: Arity,
    pub(crate) ty: DraftType,
    pub(crate) is_ignored: bool,
    pub(crate) map: Option<String>,
    pub(crate) default: Option<DefaultDraft<'a>>,
    pub(crate) native_type: Option<ast::Attribute<'a>>,
    pub(crate) is_updated_at: bool,
    /// The arguments of `@relation`.
    pub(crate) relation: RelationArguments<'a>,
}

/// The type of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DraftType {
    Scalar(ScalarType),
    Enum(EnumId),
    Unsupported(String),
    Model(ModelId),
    /// A `type` block.
    Composite,
    /// An undefined name.
    Unknown,
}

#[derive(Debug)]
pub(crate) struct DefaultDraft<'a> {
    pub(crate) value: ast::Expression<'a>,
    pub(crate) map: Option<String>,
    pub(crate) attribute: ast::Attribute<'a>,
}

#[derive(Debug, Default)]
pub(crate) struct RelationArguments<'a> {
    pub(crate) attribute: Option<ast::Attribute<'a>>,
    pub(crate) name: Option<String>,
    pub(crate) fields: Option<Vec<FieldId>>,
    pub(crate) references: Option<Vec<FieldId>>,
    pub(crate) on_delete: Option<(ReferentialAction, Span)>,
    pub(crate) on_update: Option<(ReferentialAction, Span)>,
    pub(crate) map: Option<String>,
}

/// A primary key, unique key or index.
#[derive(Debug)]
pub(crate) struct KeyDraft<'a> {
    pub(crate) kind: KeyKind,
    pub(crate) attribute: ast::Attribute<'a>,
    /// The field that has the attribute.
    pub(crate) on_field: Option<FieldId>,
    pub(crate) fields: Vec<KeyFieldDraft>,
    pub(crate) name: Option<String>,
    pub(crate) map: Option<String>,
    pub(crate) algorithm: Option<IndexAlgorithm>,
    pub(crate) is_clustered: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Primary,
    Unique,
    Normal,
    Fulltext,
}

#[derive(Debug, Clone)]
pub(crate) struct KeyFieldDraft {
    pub(crate) field: FieldId,
    pub(crate) sort: Option<SortOrder>,
    pub(crate) length: Option<u32>,
    pub(crate) operator_class: Option<OperatorClass>,
}

#[derive(Debug)]
pub(crate) struct EnumDraft<'a> {
    pub(crate) ast: ast::Enum<'a>,
    pub(crate) name: Name<'a>,
    pub(crate) values: Vec<EnumValueDraft<'a>>,
    pub(crate) map: Option<String>,
    pub(crate) schema: Option<(String, Span)>,
}

#[derive(Debug)]
pub(crate) struct EnumValueDraft<'a> {
    pub(crate) ast: ast::EnumValue<'a>,
    pub(crate) name: Name<'a>,
    pub(crate) map: Option<String>,
}

/// A field: its model and its index there.
pub(crate) type FieldRef = (ModelId, FieldId);

/// Two relation fields that belong together, or one without an opposite field.
#[derive(Debug, Clone)]
pub(crate) struct RelationDraft {
    pub(crate) kind: RelationShape,
    /// The model with the foreign key, or column `A`.
    pub(crate) from: ModelId,
    pub(crate) from_field: Option<FieldId>,
    pub(crate) to: ModelId,
    pub(crate) to_field: Option<FieldId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RelationShape {
    OneToOne,
    OneToMany,
    ManyToMany,
    /// Two lists of which at least one has `fields:`; only document databases support this.
    Embedded,
}

impl<'a> Draft<'a> {
    pub(crate) fn model(&self, id: ModelId) -> &ModelDraft<'a> {
        &self.models[id.index()]
    }

    pub(crate) fn field(&self, (model, field): FieldRef) -> &FieldDraft<'a> {
        &self.models[model.index()].fields[field.index()]
    }

    /// Sorts the relations by the field that first mentions them, which is the order in the [`Schema`].
    ///
    /// [`Schema`]: crate::Schema
    pub(crate) fn sort_relations(&mut self) {
        self.relations.sort_by_key(|relation| {
            let from = relation.from_field.map(|field| (relation.from, field));
            let to = relation.to_field.map(|field| (relation.to, field));
            match (from, to) {
                (Some(from), Some(to)) => Some(from.min(to)),
                (one, other) => one.or(other),
            }
        });
    }

    pub(crate) fn model_ids(&self) -> impl Iterator<Item = ModelId> + use<> {
        (0..to_u32(self.models.len())).map(ModelId)
    }
}

impl<'a> ModelDraft<'a> {
    pub(crate) fn keyword(&self) -> &'static str {
        if self.is_view { "view" } else { "model" }
    }

    pub(crate) fn field(&self, id: FieldId) -> &FieldDraft<'a> {
        &self.fields[id.index()]
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = (FieldId, &FieldDraft<'a>)> {
        (0..).map(FieldId).zip(&self.fields)
    }

    pub(crate) fn database_name(&self) -> &str {
        self.map.as_deref().unwrap_or(self.name.text)
    }

    /// Returns the field with this name; the later one if there are two.
    pub(crate) fn find(&self, name: &str) -> Option<FieldId> {
        self.fields().filter(|(_, field)| field.name.text == name).last().map(|(id, _)| id)
    }

    /// Returns the primary key and all indexes.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &KeyDraft<'a>> {
        self.primary_key.iter().chain(&self.indexes)
    }

    /// Returns the names of fields, for messages.
    pub(crate) fn names(&self, fields: impl IntoIterator<Item = FieldId>) -> Vec<&'a str> {
        fields.into_iter().map(|field| self.field(field).name.text).collect()
    }
}

impl FieldDraft<'_> {
    /// Whether it is a column.
    pub(crate) fn is_scalar(&self) -> bool {
        !matches!(self.ty, DraftType::Model(_) | DraftType::Unknown)
    }

    pub(crate) fn database_name(&self) -> &str {
        self.map.as_deref().unwrap_or(self.name.text)
    }

    pub(crate) fn is_unsupported(&self) -> bool {
        matches!(self.ty, DraftType::Unsupported(_))
    }
}

impl KeyDraft<'_> {
    /// Returns the attribute's name, including its `@` or `@@`.
    pub(crate) fn attribute_name(&self) -> &'static str {
        match (self.kind, self.on_field.is_some()) {
            (KeyKind::Primary, true) => "@id",
            (KeyKind::Primary, false) => "@@id",
            (KeyKind::Unique, true) => "@unique",
            (KeyKind::Unique, false) => "@@unique",
            (KeyKind::Normal, _) => "@@index",
            (KeyKind::Fulltext, _) => "@@fulltext",
        }
    }

    pub(crate) fn field_ids(&self) -> impl Iterator<Item = FieldId> {
        self.fields.iter().map(|field| field.field)
    }

    pub(crate) fn is_unique(&self) -> bool {
        self.kind == KeyKind::Unique
    }
}

/// Returns the default name of a relation.
pub(crate) fn default_relation_name(from: &ModelDraft<'_>, to: &ModelDraft<'_>) -> String {
    let (first, second) = if from.name.text <= to.name.text { (from, to) } else { (to, from) };
    format!("{}To{}", first.name.text, second.name.text)
}
