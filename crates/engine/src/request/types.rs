//! The types of arguments: what each field of each input object may be, as in Prisma's DMMF.
//!
//! An object type is a small value that names itself ([`Object`]); its fields are made when they are needed. The types are compared with
//! those of Prisma in `tests/reference.rs`.
//!
//! Source: prisma-engines 6.19, `query-compiler/schema/src/build/input_types`.

mod data;
mod filter;
mod name;
mod nested;
mod order;

use std::borrow::Cow;

use nicol_schema::model::{EnumId, FieldId, ModelId, ScalarType};

use super::model::{Kind, Relation, columns, key_name};
use crate::schema::Schema;

pub(super) use name::capitalized;
pub(super) use order::aggregated;

/// One of the types that a field may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Type {
    pub(super) item: Item,
    /// Whether it is a list of items.
    pub(super) list: bool,
}

/// A type that is not a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Item {
    Null,
    Scalar(ScalarType),
    Enum(Enum),
    Object(Object),
}

/// An enum: one of the schema, or of Prisma's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Enum {
    Schema(EnumId),
    SortOrder,
    NullsOrder,
    QueryMode,
    JsonNullFilter,
    JsonNull,
    NullableJsonNull,
    LoadStrategy,
    /// The columns of a model.
    Columns(ModelId),
    /// The text columns of a model.
    TextColumns(ModelId),
}

/// An object with fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Object {
    /// A condition on the rows of a model.
    Where(ModelId),
    /// A condition on the columns of a model, and on aggregates of them.
    ScalarWhere {
        model: ModelId,
        aggregates: bool,
    },
    /// One row, by a unique key and further conditions.
    WhereUnique(ModelId),
    /// The values of a unique key of several columns.
    Compound(ModelId, usize),
    /// A condition on a column.
    Filter(Filter),
    /// A condition on an array column.
    ListFilter(Kind),
    /// Conditions on the rows at the other end of a relation.
    ManyFilter(ModelId),
    /// Conditions on the row at the other end of a relation.
    OneFilter {
        model: ModelId,
        nullable: bool,
    },
    /// Another field of the same model.
    FieldRef(Value),
    /// A term of an order, or with aggregates, of an order of groups.
    OrderBy {
        model: ModelId,
        aggregates: bool,
    },
    /// An order by an aggregate of a column.
    OrderByAggregate(ModelId, Aggregate),
    /// An order by the number of rows at the other end of a relation.
    OrderByCount(ModelId),
    /// An order by relevance.
    Relevance(ModelId),
    /// An order that says where nulls go.
    SortNulls,
    /// A row to create.
    Create(Data),
    /// A row to create, without nested writes.
    CreateMany {
        model: ModelId,
        parent: Option<Relation>,
    },
    /// The changes of a row.
    Update(Data),
    /// The changes of many rows.
    UpdateMany(Data),
    /// The value of an array column of a new row.
    CreateList(ModelId, FieldId),
    /// The change of an array column.
    UpdateList(ModelId, FieldId),
    /// The change of a column.
    Change(ModelId, FieldId),
    /// The writes at the other end of a relation when a row is created.
    NestedCreate {
        relation: Relation,
        unchecked: bool,
    },
    /// The writes at the other end of a relation when a row is updated.
    NestedUpdate {
        relation: Relation,
        unchecked: bool,
    },
    ConnectOrCreate(Relation),
    NestedCreateMany(Relation),
    /// A row to update, or to create.
    NestedUpsert(Relation),
    /// A row to update, and its changes.
    UpdateWhere(Relation),
    UpdateManyWhere(Relation),
}

/// A value that a field reference stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Value {
    pub(super) of: ValueKind,
    pub(super) list: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum ValueKind {
    Column(Kind),
    QueryMode,
}

/// A condition on a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::struct_excessive_bools, reason = "each is a part of the name")]
pub(super) struct Filter {
    pub(super) kind: Kind,
    /// Whether the column is of the type `uuid`, which has no operators of texts.
    pub(super) uuid: bool,
    pub(super) nullable: bool,
    /// Whether it is within another filter.
    pub(super) nested: bool,
    /// Whether it may have conditions on aggregates.
    pub(super) aggregates: bool,
}

/// Data of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Data {
    pub(super) model: ModelId,
    /// The relation that leads to the row, if the write is nested.
    pub(super) parent: Option<Relation>,
    /// Whether foreign keys are set as columns, and not by nested writes.
    pub(super) unchecked: bool,
}

/// A kind of aggregate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Aggregate {
    Count,
    Average,
    Sum,
    Minimum,
    Maximum,
}

/// A field of an input object, or an argument of an action.
#[derive(Debug, Clone)]
pub(super) struct InputField<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) types: Vec<Type>,
    pub(super) required: bool,
    /// Another field that has to be there as well.
    pub(super) requires: Option<&'static str>,
}

/// How many of the fields of an object must be given.
#[derive(Debug, Clone, Default)]
pub(super) struct Constraints<'a> {
    pub(super) min: Option<usize>,
    pub(super) max: Option<usize>,
    /// The fields that count; all if it is not given.
    pub(super) fields: Option<Vec<Cow<'a, str>>>,
}

impl Constraints<'_> {
    const EXACTLY_ONE: Self = Self { min: Some(1), max: Some(1), fields: None };
}

impl Type {
    pub(super) const NULL: Self = Self { item: Item::Null, list: false };
    pub(super) const BOOLEAN: Self = Self::scalar(ScalarType::Boolean);
    pub(super) const INT: Self = Self::scalar(ScalarType::Int);
    pub(super) const STRING: Self = Self::scalar(ScalarType::String);

    pub(super) const fn scalar(ty: ScalarType) -> Self {
        Self { item: Item::Scalar(ty), list: false }
    }

    pub(super) const fn object(object: Object) -> Self {
        Self { item: Item::Object(object), list: false }
    }

    pub(super) const fn enumeration(item: Enum) -> Self {
        Self { item: Item::Enum(item), list: false }
    }

    pub(super) const fn list(self) -> Self {
        Self { list: true, ..self }
    }
}

impl From<Kind> for Type {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Scalar(ty) => Self::scalar(ty),
            Kind::Enum(id) => Self::enumeration(Enum::Schema(id)),
        }
    }
}

impl<'a> InputField<'a> {
    /// Returns an optional field.
    pub(super) fn new(name: impl Into<Cow<'a, str>>, types: impl Into<Vec<Type>>) -> Self {
        Self { name: name.into(), types: types.into(), required: false, requires: None }
    }

    pub(super) fn required_if(mut self, required: bool) -> Self {
        self.required = required;
        self
    }

    pub(super) fn required(self) -> Self {
        self.required_if(true)
    }

    pub(super) fn nullable_if(mut self, nullable: bool) -> Self {
        if nullable {
            self.types.push(Type::NULL);
        }
        self
    }
}

/// An object, or a list of them.
fn one_or_list(object: Object, list: bool) -> Vec<Type> {
    let ty = Type::object(object);
    if list { vec![ty, ty.list()] } else { vec![ty] }
}

impl Enum {
    /// Whether this is one of its values.
    pub(super) fn has(self, schema: &Schema, value: &str) -> bool {
        self.values(schema).contains(&value)
    }

    /// Returns the values, in order.
    pub(super) fn values(self, schema: &Schema) -> Vec<&str> {
        match self {
            Self::Schema(id) => {
                schema.source.enumeration(id).values.iter().map(|value| &*value.name).collect()
            }
            Self::SortOrder => vec!["asc", "desc"],
            Self::NullsOrder => vec!["first", "last"],
            Self::QueryMode => vec!["default", "insensitive"],
            Self::JsonNullFilter => vec!["DbNull", "JsonNull", "AnyNull"],
            Self::JsonNull => vec!["JsonNull"],
            Self::NullableJsonNull => vec!["DbNull", "JsonNull"],
            Self::LoadStrategy => vec!["query", "join"],
            Self::Columns(model) => columns(schema, model).map(|column| &*column.field.name).collect(),
            Self::TextColumns(model) => columns(schema, model)
                .filter(|column| column.kind == Kind::Scalar(ScalarType::String))
                .map(|column| &*column.field.name)
                .collect(),
        }
    }
}

impl Object {
    /// Returns the fields.
    pub(super) fn fields(self, schema: &Schema) -> Vec<InputField<'_>> {
        match self {
            Self::Where(model) => filter::of_model(schema, model),
            Self::ScalarWhere { model, aggregates } => filter::of_columns(schema, model, aggregates),
            Self::WhereUnique(model) => filter::of_row(schema, model),
            Self::Compound(model, index) => filter::of_key(schema, model, index),
            Self::Filter(filter) => filter.fields(schema),
            Self::ListFilter(kind) => filter::of_list(kind),
            Self::ManyFilter(model) => filter::of_many(model),
            Self::OneFilter { model, nullable } => filter::of_one(model, nullable),
            Self::FieldRef(_) => {
                vec![
                    InputField::new("_ref", [Type::STRING]).required(),
                    InputField::new("_container", [Type::STRING]).required(),
                ]
            }
            Self::OrderBy { model, aggregates } => order::fields(schema, model, aggregates),
            Self::OrderByAggregate(model, aggregate) => order::of_aggregate(schema, model, aggregate),
            Self::OrderByCount(_) => vec![InputField::new("_count", [Type::enumeration(Enum::SortOrder)])],
            Self::Relevance(model) => order::of_relevance(model),
            Self::SortNulls => order::with_nulls(),
            Self::Create(data) => data::of_create(schema, data),
            Self::CreateMany { model, parent } => data::of_create_many(schema, model, parent),
            Self::Update(data) => data::of_update(schema, data),
            Self::UpdateMany(data) => data::of_update_many(schema, data),
            Self::CreateList(model, field) => data::of_created_list(schema, model, field),
            Self::UpdateList(model, field) => data::of_updated_list(schema, model, field),
            Self::Change(model, field) => data::of_change(schema, model, field),
            Self::NestedCreate { relation, .. } => nested::of_create(schema, relation),
            Self::NestedUpdate { relation, .. } => nested::of_update(schema, relation),
            Self::ConnectOrCreate(relation) => nested::of_connect_or_create(schema, relation),
            Self::NestedCreateMany(relation) => nested::of_create_many(schema, relation),
            Self::NestedUpsert(relation) => nested::of_upsert(schema, relation),
            Self::UpdateWhere(relation) => nested::of_update_where(schema, relation),
            Self::UpdateManyWhere(relation) => nested::of_update_many_where(schema, relation),
        }
    }

    /// Returns how many fields must be given.
    pub(super) fn constraints(self, schema: &Schema) -> Constraints<'_> {
        match self {
            Self::WhereUnique(model) => {
                // Unlike the fields, all keys with their own names.
                let source = schema.source.model(model);
                let keys = source.primary_key.iter().chain(&source.uniques);
                let names = keys.map(|key| match &key.name {
                    Some(name) => name.into(),
                    None => key_name(schema, model, key),
                });
                let names = names.collect();
                Constraints { min: Some(1), max: None, fields: Some(names) }
            }
            Self::OrderBy { .. } => Constraints { min: Some(0), max: Some(1), fields: None },
            Self::ListFilter(_)
            | Self::OrderByAggregate(..)
            | Self::OrderByCount(_)
            | Self::CreateList(..)
            | Self::UpdateList(..)
            | Self::Change(..) => Constraints::EXACTLY_ONE,
            _ => Constraints::default(),
        }
    }
}
