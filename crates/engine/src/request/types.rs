//! The types of arguments: what each field of each input object may be, as in Prisma's DMMF.
//!
//! An object type is a small value that names itself ([`Object`]); its fields are made when they are needed. The types are compared with
//! those of Prisma in `tests/reference.rs`.
//!
//! Source: prisma-engines 6.19, `query-compiler/schema/src/build/input_types`.

mod data;
mod filter;
mod nested;
mod order;

use std::borrow::Cow;
use std::fmt::Write as _;

use nicol_schema::model::{
    self, Arity, EnumId, Field, FieldId, FieldKind, FieldType, Key, ModelId, NativeType, RelationEnd, Scalar,
    ScalarType, Side,
};

use crate::schema::Schema;

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

/// The type of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Scalar(ScalarType),
    Enum(EnumId),
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

/// A relation field of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Relation {
    pub(super) model: ModelId,
    pub(super) field: FieldId,
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

    /// Returns the name, as Prisma's errors have it.
    pub(super) fn name(self, schema: &Schema) -> String {
        let mut name = match self.item {
            Item::Null => "Null".to_owned(),
            Item::Scalar(ty) => scalar_name(ty).to_owned(),
            Item::Enum(item) => item.name(schema),
            Item::Object(object) => object.name(schema),
        };
        if self.list {
            name.push_str("[]");
        }
        name
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
    /// Returns the name of the type.
    pub(super) fn name(self, schema: &Schema) -> String {
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

    /// Whether this is one of its values.
    pub(super) fn has(self, schema: &Schema, value: &str) -> bool {
        let one_of = |values: &[&str]| values.contains(&value);
        match self {
            Self::Schema(id) => schema.source.enumeration(id).values.iter().any(|item| item.name == value),
            Self::SortOrder => one_of(&["asc", "desc"]),
            Self::NullsOrder => one_of(&["first", "last"]),
            Self::QueryMode => one_of(&["default", "insensitive"]),
            Self::JsonNullFilter => one_of(&["DbNull", "JsonNull", "AnyNull"]),
            Self::JsonNull => one_of(&["JsonNull"]),
            Self::NullableJsonNull => one_of(&["DbNull", "JsonNull"]),
            Self::LoadStrategy => one_of(&["query", "join"]),
            Self::Columns(model) => columns(schema, model).any(|column| column.field.name == value),
            Self::TextColumns(model) => columns(schema, model)
                .any(|column| column.field.name == value && column.kind == Kind::Scalar(ScalarType::String)),
        }
    }
}

impl Aggregate {
    /// Returns the name within the names of types.
    pub(super) fn name(self) -> &'static str {
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
    pub(super) fn name(self, schema: &Schema) -> String {
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
                    ValueKind::Column(Kind::Scalar(ty)) => scalar_name(ty).to_owned(),
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
                let arity = relation.arity_name(schema);
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

impl Relation {
    pub(super) fn field(self, schema: &Schema) -> &Field {
        schema.source.model(self.model).field(self.field)
    }

    pub(super) fn is_list(self, schema: &Schema) -> bool {
        self.field(schema).arity == Arity::List
    }

    /// Returns the name of the arity within the names of types.
    fn arity_name(self, schema: &Schema) -> &'static str {
        match self.field(schema).arity {
            Arity::List => "Many",
            Arity::Required => "OneRequired",
            Arity::Optional => "One",
        }
    }

    /// Returns what the field leads to.
    pub(super) fn end(self, schema: &Schema) -> RelationEnd {
        match self.field(schema).kind {
            FieldKind::Relation(end) => end,
            FieldKind::Scalar(_) => unreachable!("it is made of relation fields only"),
        }
    }

    /// Returns the field of the other model that leads back.
    pub(super) fn back(self, schema: &Schema) -> Option<(FieldId, &Field)> {
        let end = self.end(schema);
        let relation = schema.source.relation(end.relation);
        let field = match end.side {
            Side::From => relation.to_field,
            Side::To => relation.from_field,
        };
        field.map(|field| (field, schema.source.model(end.model).field(field)))
    }

    /// Returns the columns of its own model that join the rows; none if there is a join table.
    pub(super) fn own_columns(self, schema: &Schema) -> &[FieldId] {
        let end = self.end(schema);
        match (&schema.source.relation(end.relation).kind, end.side) {
            (model::RelationKind::ManyToMany, _) => &[],
            (model::RelationKind::OneToOne(key) | model::RelationKind::OneToMany(key), Side::From) => {
                &key.fields
            }
            (model::RelationKind::OneToOne(key) | model::RelationKind::OneToMany(key), Side::To) => {
                &key.references
            }
        }
    }

    /// Returns the foreign key at the other end; none if it is at this end or there is a join table.
    pub(super) fn foreign_key_there(self, schema: &Schema) -> &[FieldId] {
        let end = self.end(schema);
        match (&schema.source.relation(end.relation).kind, end.side) {
            (model::RelationKind::OneToOne(key) | model::RelationKind::OneToMany(key), Side::To) => {
                &key.fields
            }
            _ => &[],
        }
    }

    /// Whether the foreign key is at this end.
    pub(super) fn is_owned(self, schema: &Schema) -> bool {
        let end = self.end(schema);
        let has_key = !matches!(schema.source.relation(end.relation).kind, model::RelationKind::ManyToMany);
        has_key && end.side == Side::From
    }

    pub(super) fn is_many_to_many(self, schema: &Schema) -> bool {
        let end = self.end(schema);
        matches!(schema.source.relation(end.relation).kind, model::RelationKind::ManyToMany)
    }
}

/// A field that is a column and visible.
#[derive(Clone, Copy)]
pub(super) struct Column<'a> {
    pub(super) id: FieldId,
    pub(super) field: &'a Field,
    pub(super) scalar: &'a Scalar,
    pub(super) kind: Kind,
}

impl Column<'_> {
    /// Whether the column, or each element of an array, is a number.
    pub(super) fn is_numeric(&self) -> bool {
        use ScalarType::{BigInt, Decimal, Float, Int};
        matches!(self.kind, Kind::Scalar(Int | BigInt | Float | Decimal))
    }

    /// Whether the column has a smallest and a greatest value.
    pub(super) fn is_ordered(&self) -> bool {
        self.kind != Kind::Scalar(ScalarType::Json) && self.field.arity != Arity::List
    }

    fn is_autoincrement(&self) -> bool {
        let default = self.scalar.default.as_ref().map(|default| &default.value);
        default == Some(&model::DefaultValue::Autoincrement)
    }
}

/// Returns the columns that requests may name, in order.
pub(super) fn columns(schema: &Schema, model: ModelId) -> impl Iterator<Item = Column<'_>> {
    schema
        .source
        .model(model)
        .scalars()
        .filter(|(_, field, _)| !field.is_ignored)
        .filter_map(|(id, field, scalar)| kind_of(field).map(|kind| Column { id, field, scalar, kind }))
}

/// Returns the relations that requests may name, in order.
pub(super) fn relations(schema: &Schema, model: ModelId) -> impl Iterator<Item = Relation> {
    let visible = |(_, field, end): &(FieldId, &Field, RelationEnd)| {
        !field.is_ignored && !schema.source.model(end.model).is_ignored
    };
    let fields = schema.source.model(model).relation_fields().filter(move |field| visible(field));
    fields
        .filter(move |(id, ..)| schema.model(model).relation(*id).is_some())
        .map(move |(field, ..)| Relation { model, field })
}

/// Returns the unique keys that requests may name: the primary key first.
pub(super) fn keys(schema: &Schema, model: ModelId) -> impl Iterator<Item = &Key> {
    let model = schema.source.model(model);
    let known = |key: &&Key| key.fields.iter().all(|field| kind_of(model.field(field.field)).is_some());
    model.primary_key.iter().chain(&model.uniques).filter(known)
}

/// Returns the name of a unique key: as given, or its fields joined.
pub(super) fn key_name<'a>(schema: &'a Schema, model: ModelId, key: &'a Key) -> Cow<'a, str> {
    match *key_parts(schema, model, key) {
        [name] => name.into(),
        ref names => names.join("_").into(),
    }
}

/// Returns the name that is given to a key, or the names of its fields.
fn key_parts<'a>(schema: &'a Schema, model: ModelId, key: &'a Key) -> Vec<&'a str> {
    match &key.name {
        Some(name) if key.fields.len() > 1 => vec![name],
        _ => key.fields.iter().map(|field| &*schema.source.model(model).field(field.field).name).collect(),
    }
}

/// Returns the column of the field with this name, if it is one.
pub(super) fn column_named(schema: &Schema, model: ModelId, name: &str) -> Option<(FieldId, u16)> {
    let column = columns(schema, model).find(|column| column.field.name == name)?;
    Some((column.id, schema.model(model).column(column.id)?))
}

/// Returns the relation of the field with this name, if it is one.
pub(super) fn relation_named(schema: &Schema, model: ModelId, name: &str) -> Option<Relation> {
    relations(schema, model).find(|relation| relation.field(schema).name == name)
}

/// Whether rows have a key: a primary key, or a unique key whose columns are all required.
pub(super) fn has_key(schema: &Schema, model: ModelId) -> bool {
    !schema.model(model).meta.key.is_empty()
}

/// Returns the type of a field's values, if it is a column of a known type.
pub(super) fn kind_of(field: &Field) -> Option<Kind> {
    match &field.kind {
        FieldKind::Scalar(scalar) => match scalar.ty {
            FieldType::Scalar(ty) => Some(Kind::Scalar(ty)),
            FieldType::Enum(id) => Some(Kind::Enum(id)),
            FieldType::Unsupported(_) => None,
        },
        FieldKind::Relation(_) => None,
    }
}

fn is_uuid(scalar: &Scalar) -> bool {
    scalar.native_type == Some(NativeType::Uuid)
}

fn name(schema: &Schema, model: ModelId) -> &str {
    &schema.source.model(model).name
}

pub(super) fn scalar_name(ty: ScalarType) -> &'static str {
    match ty {
        ScalarType::String => "String",
        ScalarType::Boolean => "Boolean",
        ScalarType::Int => "Int",
        ScalarType::BigInt => "BigInt",
        ScalarType::Float => "Float",
        ScalarType::Decimal => "Decimal",
        ScalarType::DateTime => "DateTime",
        ScalarType::Json => "Json",
        ScalarType::Bytes => "Bytes",
    }
}

/// Returns the name of a type within the names of filters and changes.
fn kind_name(schema: &Schema, kind: Kind) -> String {
    match kind {
        Kind::Scalar(ScalarType::Boolean) => "Bool".to_owned(),
        Kind::Scalar(ty) => scalar_name(ty).to_owned(),
        Kind::Enum(id) => format!("Enum{}", schema.source.enumeration(id).name),
    }
}

pub(super) fn capitalized(name: &str) -> String {
    let mut letters = name.chars();
    let mut out = String::with_capacity(name.len());
    if let Some(first) = letters.next() {
        let _ = write!(out, "{}{}", first.to_uppercase(), letters.as_str());
    }
    out
}
