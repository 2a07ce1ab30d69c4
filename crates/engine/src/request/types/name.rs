//! The names of types, as in Prisma's DMMF and in the errors that Prisma Client reads.
//!
//! Source: prisma-engines 6.19, `query-compiler/schema/src/identifier_type.rs`.

use std::fmt::Write as _;

use nicol_schema::model::{Arity, ModelId, ScalarType};

use super::super::model::{Kind, Relation, key_parts, keys, kind_of};
use super::{Aggregate, Data, Enum, Filter, Item, Object, Type, ValueKind};
use crate::schema::Schema;

impl Type {
    /// Returns the name, as Prisma's errors have it.
    pub(in super::super) fn name(self, schema: &Schema) -> String {
        let mut name = match self.item {
            Item::Null => "Null".to_owned(),
            Item::Scalar(ty) => ty.name().to_owned(),
            Item::Enum(item) => item.name(schema),
            Item::Object(object) => object.name(schema),
        };
        if self.list {
            name.push_str("[]");
        }
        name
    }
}

impl Enum {
    /// Returns the name of the type.
    pub(in super::super) fn name(self, schema: &Schema) -> String {
        match self {
            Self::Schema(id) => schema.source.enumeration(id).name.clone(),
            Self::SortOrder => "SortOrder".to_owned(),
            Self::NullsOrder => "NullsOrder".to_owned(),
            Self::QueryMode => "QueryMode".to_owned(),
            Self::JsonNullFilter => "JsonNullValueFilter".to_owned(),
            Self::JsonNull => "JsonNullValueInput".to_owned(),
            Self::NullableJsonNull => "NullableJsonNullValueInput".to_owned(),
            Self::LoadStrategy => "RelationLoadStrategy".to_owned(),
            Self::Columns(model) => format!("{}ScalarFieldEnum", capitalized(name(schema, model))),
            Self::TextColumns(model) => format!("{}OrderByRelevanceFieldEnum", name(schema, model)),
        }
    }
}

impl Aggregate {
    /// Returns the name within the names of types.
    pub(in super::super) fn name(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Average => "Avg",
            Self::Sum => "Sum",
            Self::Minimum => "Min",
            Self::Maximum => "Max",
        }
    }
}

impl Object {
    /// Returns the name of the type.
    pub(in super::super) fn name(self, schema: &Schema) -> String {
        let model = |id| name(schema, id);
        let back = |relation: Relation| {
            let back = relation.back(schema).map_or("", |(_, field)| &*field.name);
            capitalized(back)
        };
        let target = |relation: Relation| model(relation.end(schema).model);
        let without = |data: Data| match data.parent {
            Some(parent) => format!("Without{}", back(parent)),
            None => String::new(),
        };
        let nested =
            |relation, write: &str| format!("{}{write}Without{}Input", target(relation), back(relation));
        let unchecked = |unchecked| if unchecked { "Unchecked" } else { "" };
        let field = |id: ModelId, field| &*schema.source.model(id).field(field).name;
        match self {
            Self::Where(id) => format!("{}WhereInput", model(id)),
            Self::ScalarWhere { model: id, aggregates } => {
                format!("{}ScalarWhere{}Input", model(id), if aggregates { "WithAggregates" } else { "" })
            }
            Self::WhereUnique(id) => format!("{}WhereUniqueInput", model(id)),
            Self::Compound(id, index) => {
                let mut name = model(id).to_owned();
                for part in keys(schema, id).nth(index).iter().flat_map(|key| key_parts(schema, id, key)) {
                    name.push_str(&capitalized(part));
                }
                name + "CompoundUniqueInput"
            }
            Self::Filter(filter) => filter.name(schema),
            Self::ListFilter(kind) => format!("{}NullableListFilter", kind_name(schema, kind)),
            Self::ManyFilter(id) => format!("{}ListRelationFilter", capitalized(model(id))),
            Self::OneFilter { model: id, nullable } => {
                let nullable = if nullable { "Nullable" } else { "" };
                format!("{}{nullable}ScalarRelationFilter", capitalized(model(id)))
            }
            Self::FieldRef(value) => {
                let name = match value.of {
                    ValueKind::Column(Kind::Scalar(ty)) => ty.name().to_owned(),
                    ValueKind::Column(kind @ Kind::Enum(_)) => kind_name(schema, kind),
                    ValueKind::QueryMode => "EnumQueryMode".to_owned(),
                };
                format!("{}{name}FieldRefInput", if value.list { "List" } else { "" })
            }
            Self::OrderBy { model: id, aggregates } => {
                format!(
                    "{}OrderByWith{}Input",
                    model(id),
                    if aggregates { "Aggregation" } else { "Relation" }
                )
            }
            Self::OrderByAggregate(id, aggregate) => {
                format!("{}{}OrderByAggregateInput", model(id), aggregate.name())
            }
            Self::OrderByCount(id) => format!("{}OrderByRelationAggregateInput", model(id)),
            Self::Relevance(id) => format!("{}OrderByRelevanceInput", model(id)),
            Self::SortNulls => "SortOrderInput".to_owned(),
            Self::Create(data) => {
                format!("{}{}Create{}Input", model(data.model), unchecked(data.unchecked), without(data))
            }
            Self::CreateMany { model: id, parent } => {
                format!("{}CreateMany{}Input", model(id), parent.map_or(String::new(), back))
            }
            Self::Update(data) => {
                format!("{}{}Update{}Input", model(data.model), unchecked(data.unchecked), without(data))
            }
            Self::UpdateMany(data) if data.unchecked => {
                format!("{}UncheckedUpdateMany{}Input", model(data.model), without(data))
            }
            Self::UpdateMany(data) => format!("{}UpdateManyMutationInput", model(data.model)),
            Self::CreateList(id, column) => format!("{}Create{}Input", model(id), field(id, column)),
            Self::UpdateList(id, column) => format!("{}Update{}Input", model(id), field(id, column)),
            Self::Change(id, column) => {
                let field = schema.source.model(id).field(column);
                let nullable = if field.arity == Arity::Required { "" } else { "Nullable" };
                let kind = kind_of(field).map_or(String::new(), |kind| kind_name(schema, kind));
                format!("{nullable}{kind}FieldUpdateOperationsInput")
            }
            Self::NestedCreate { relation, unchecked: is_unchecked } => {
                let arity = if relation.is_list(schema) { "Many" } else { "One" };
                nested(relation, &format!("{}CreateNested{arity}", unchecked(is_unchecked)))
            }
            Self::NestedUpdate { relation, unchecked: is_unchecked } => {
                let arity = arity_name(relation, schema);
                let unchecked = unchecked(is_unchecked);
                format!("{}{unchecked}Update{arity}Without{}NestedInput", target(relation), back(relation))
            }
            Self::ConnectOrCreate(relation) => nested(relation, "CreateOrConnect"),
            Self::NestedCreateMany(relation) => {
                format!("{}CreateMany{}InputEnvelope", target(relation), back(relation))
            }
            Self::NestedUpsert(relation) if relation.is_list(schema) => {
                nested(relation, "UpsertWithWhereUnique")
            }
            Self::NestedUpsert(relation) => nested(relation, "Upsert"),
            Self::UpdateWhere(relation) if relation.is_list(schema) => {
                nested(relation, "UpdateWithWhereUnique")
            }
            Self::UpdateWhere(relation) => nested(relation, "UpdateToOneWithWhere"),
            Self::UpdateManyWhere(relation) => nested(relation, "UpdateManyWithWhere"),
        }
    }
}

impl Filter {
    fn name(self, schema: &Schema) -> String {
        let nested = if self.nested { "Nested" } else { "" };
        let kind = if self.uuid { "Uuid".to_owned() } else { kind_name(schema, self.kind) };
        let nullable = if self.nullable { "Nullable" } else { "" };
        let aggregates = if self.aggregates { "WithAggregates" } else { "" };
        format!("{nested}{kind}{nullable}{aggregates}Filter")
    }
}

/// Returns the name of a relation's arity within the names of types.
fn arity_name(relation: Relation, schema: &Schema) -> &'static str {
    match relation.field(schema).arity {
        Arity::List => "Many",
        Arity::Required => "OneRequired",
        Arity::Optional => "One",
    }
}

fn name(schema: &Schema, model: ModelId) -> &str {
    &schema.source.model(model).name
}

/// Returns the name of a type within the names of filters and changes.
fn kind_name(schema: &Schema, kind: Kind) -> String {
    match kind {
        Kind::Scalar(ScalarType::Boolean) => "Bool".to_owned(),
        Kind::Scalar(ty) => ty.name().to_owned(),
        Kind::Enum(id) => format!("Enum{}", schema.source.enumeration(id).name),
    }
}

pub(in super::super) fn capitalized(name: &str) -> String {
    let mut letters = name.chars();
    let mut out = String::with_capacity(name.len());
    if let Some(first) = letters.next() {
        let _ = write!(out, "{}{}", first.to_uppercase(), letters.as_str());
    }
    out
}
