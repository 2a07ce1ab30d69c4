//! The schema as it is understood before it has been checked as a whole.
//!
//! It keeps the places that messages point at, and holes where the text has mistakes.

use crate::ast::{self, Name};
use crate::model::{
    Arity, EnumId, FieldId, IndexAlgorithm, ModelId, OperatorClass, ReferentialAction, ScalarType, SortOrder,
};
use crate::span::{Span, to_u32};

/// Everything the schema says, so far as it could be understood.
#[derive(Debug, Default)]
pub(crate) struct Draft<'a> {
    pub(crate) models: Vec<ModelDraft<'a>>,
    pub(crate) enums: Vec<EnumDraft<'a>>,
    /// `type` blocks, which PostgreSQL has no use for.
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
    /// The field that carries the attribute.
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
    /// What `@relation` says.
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
    /// Nothing of this name.
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
    /// The field that carries the attribute.
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

/// A field by its model and its place there.
pub(crate) type FieldRef = (ModelId, FieldId);

/// Two relation fields, or one without its other end, that belong together.
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
    /// Two lists of which one at least has `fields:`; only document databases can do that.
    Embedded,
}

impl<'a> Draft<'a> {
    pub(crate) fn model(&self, id: ModelId) -> &ModelDraft<'a> {
        &self.models[id.index()]
    }

    pub(crate) fn field(&self, (model, field): FieldRef) -> &FieldDraft<'a> {
        &self.models[model.index()].fields[field.index()]
    }

    /// The relations in the order of the fields that first name them, which is the order of the [`Schema`].
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

    /// The field of this name; of two that share it the later.
    pub(crate) fn find(&self, name: &str) -> Option<FieldId> {
        self.fields().filter(|(_, field)| field.name.text == name).last().map(|(id, _)| id)
    }

    /// The primary key and all indexes.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &KeyDraft<'a>> {
        self.primary_key.iter().chain(&self.indexes)
    }

    /// The names of some of its fields, for a message.
    pub(crate) fn names(&self, fields: impl IntoIterator<Item = FieldId>) -> Vec<&'a str> {
        fields.into_iter().map(|field| self.field(field).name.text).collect()
    }
}

impl FieldDraft<'_> {
    /// Is it a column.
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
    /// As it is written, with its signs.
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

/// Returns the name of a relation that is given none.
pub(crate) fn default_relation_name(from: &ModelDraft<'_>, to: &ModelDraft<'_>) -> String {
    let (first, second) = if from.name.text <= to.name.text { (from, to) } else { (to, from) };
    format!("{}To{}", first.name.text, second.name.text)
}
