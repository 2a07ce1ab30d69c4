//! What actions return: the fields that may be selected, and their arguments.
//!
//! Source: prisma-engines 6.19, `query-compiler/schema/src/build/output_types`.

use std::borrow::Cow;

use nicol_schema::model::{Arity, ModelId, ScalarType};
use serde_json::{Value, json};

use super::action::Action;
use super::model::{Column, Kind, Relation, columns, has_key, relations};
use super::types::{Aggregate, Data, Enum, InputField, Object, Type, aggregated, capitalized};
use crate::schema::Schema;

/// An object that an action returns, or a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    /// A row of a model.
    Row(ModelId),
    /// A row that was written together with others.
    WrittenRow(ModelId, Action),
    /// The numbers of rows at the other ends of relations.
    Counts(ModelId),
    /// Aggregates of rows.
    Aggregates(ModelId),
    /// Columns and aggregates of a group of rows.
    Group(ModelId),
    /// Aggregates of one kind.
    Aggregate(ModelId, Aggregate),
    /// `{"count": …}`.
    Affected,
}

/// A field that may be selected.
#[derive(Debug, Clone)]
pub(super) struct OutputField<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) what: Selectable,
    pub(super) arguments: Vec<InputField<'a>>,
    pub(super) ty: OutputType,
    pub(super) list: bool,
}

/// What a field stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Selectable {
    Column(nicol_schema::model::FieldId),
    Relation(Relation),
    Counts,
    Count(Relation),
    Aggregate(Aggregate),
    AllRows,
    Affected,
}

/// The type of a field, or of the items of a list.
#[derive(Debug, Clone, Copy)]
pub(super) enum OutputType {
    Scalar(Kind),
    Object(Output),
}

impl<'a> OutputField<'a> {
    /// Returns the object that the field is.
    pub(super) fn object(&self) -> Option<Output> {
        match self.ty {
            OutputType::Object(output) => Some(output),
            OutputType::Scalar(_) => None,
        }
    }

    /// Whether the field is of a scalar type, and neither an enum nor an object.
    pub(super) fn is_scalar(&self) -> bool {
        matches!(self.ty, OutputType::Scalar(Kind::Scalar(_)))
    }

    fn number(name: impl Into<Cow<'a, str>>, what: Selectable, arguments: Vec<InputField<'a>>) -> Self {
        let ty = OutputType::Scalar(Kind::Scalar(ScalarType::Int));
        Self { name: name.into(), what, arguments, ty, list: false }
    }

    fn column(column: Column<'a>, kind: Kind) -> Self {
        Self {
            name: (&*column.field.name).into(),
            what: Selectable::Column(column.id),
            arguments: Vec::new(),
            ty: OutputType::Scalar(kind),
            list: column.field.arity == Arity::List,
        }
    }

    fn aggregate(column: Column<'a>, aggregate: Aggregate) -> Self {
        use ScalarType::{BigInt, Float, Int};
        match (aggregate, column.kind) {
            (Aggregate::Average, Kind::Scalar(Int | BigInt)) => {
                Self { list: false, ..Self::column(column, Kind::Scalar(Float)) }
            }
            (Aggregate::Average, kind) => Self { list: false, ..Self::column(column, kind) },
            (_, kind) => Self::column(column, kind),
        }
    }

    fn count_of_column(column: Column<'a>) -> Self {
        Self::number(&*column.field.name, Selectable::Column(column.id), Vec::new())
    }

    fn relation(schema: &'a Schema, relation: Relation) -> Self {
        let field = relation.field(schema);
        let target = relation.end(schema).model;
        let arguments = match field.arity {
            Arity::List => many_arguments(schema, target, true),
            Arity::Optional => vec![filter(target)],
            Arity::Required => Vec::new(),
        };
        Self {
            name: (&*field.name).into(),
            what: Selectable::Relation(relation),
            arguments,
            ty: OutputType::Object(Output::Row(target)),
            list: field.arity == Arity::List,
        }
    }

    fn object_of(name: &'static str, what: Selectable, output: Output) -> Self {
        let ty = OutputType::Object(output);
        Self { name: name.into(), what, arguments: Vec::new(), ty, list: false }
    }

    /// Describes the field as Prisma's errors do.
    pub(super) fn describe(&self, schema: &Schema) -> Value {
        let mut name = match self.ty {
            OutputType::Scalar(kind) => Type::from(kind).name(schema),
            OutputType::Object(output) => output.name(schema),
        };
        if self.list {
            name.push_str("[]");
        }
        let is_relation = matches!(self.what, Selectable::Relation(_));
        json!({ "name": self.name, "typeName": name, "isRelation": is_relation })
    }
}

impl Output {
    /// Returns the name of the type, as Prisma's errors have it.
    pub(super) fn name(self, schema: &Schema) -> String {
        let model = |id| &*schema.source.model(id).name;
        match self {
            Self::Row(id) => model(id).to_owned(),
            Self::WrittenRow(id, Action::CreateManyAndReturn) => {
                format!("CreateMany{}AndReturnOutputType", model(id))
            }
            Self::WrittenRow(id, _) => format!("UpdateMany{}AndReturnOutputType", model(id)),
            Self::Counts(id) => format!("{}CountOutputType", capitalized(model(id))),
            Self::Aggregates(id) => format!("Aggregate{}", capitalized(model(id))),
            Self::Group(id) => format!("{}GroupByOutputType", capitalized(model(id))),
            Self::Aggregate(id, aggregate) => {
                format!("{}{}AggregateOutputType", capitalized(model(id)), aggregate.name())
            }
            Self::Affected => "AffectedRowsOutput".to_owned(),
        }
    }

    /// Returns the fields.
    pub(super) fn fields(self, schema: &Schema) -> Vec<OutputField<'_>> {
        match self {
            Self::Row(model) => {
                let mut fields = plain_columns(schema, model);
                fields
                    .extend(relations(schema, model).map(|relation| OutputField::relation(schema, relation)));
                if relations(schema, model).any(|relation| relation.is_list(schema)) {
                    fields.push(OutputField::object_of("_count", Selectable::Counts, Self::Counts(model)));
                }
                fields
            }
            Self::WrittenRow(model, _) => {
                let mut fields = plain_columns(schema, model);
                let owned = relations(schema, model).filter(|relation| relation.is_owned(schema));
                fields.extend(owned.map(|relation| OutputField::relation(schema, relation)));
                fields
            }
            Self::Counts(model) => {
                let many = relations(schema, model).filter(|relation| relation.is_list(schema));
                let count = |relation: Relation| {
                    let name = &*relation.field(schema).name;
                    let arguments = vec![filter(relation.end(schema).model)];
                    OutputField::number(name, Selectable::Count(relation), arguments)
                };
                many.map(count).collect()
            }
            Self::Aggregates(model) => aggregates(schema, model),
            Self::Group(model) => {
                let mut fields = plain_columns(schema, model);
                fields.extend(aggregates(schema, model));
                fields
            }
            Self::Aggregate(model, Aggregate::Count) => {
                let mut fields: Vec<OutputField<'_>> =
                    columns(schema, model).map(OutputField::count_of_column).collect();
                fields.push(OutputField::number("_all", Selectable::AllRows, Vec::new()));
                fields
            }
            Self::Aggregate(model, aggregate) => {
                let columns = aggregated(schema, model, aggregate);
                columns.map(|column| OutputField::aggregate(column, aggregate)).collect()
            }
            Self::Affected => vec![OutputField::number("count", Selectable::Affected, Vec::new())],
        }
    }

    /// Describes the type as Prisma's errors do.
    pub(super) fn describe(self, schema: &Schema) -> Value {
        let fields: Vec<Value> = self.fields(schema).iter().map(|field| field.describe(schema)).collect();
        json!({ "name": self.name(schema), "fields": fields })
    }
}

fn plain_columns(schema: &Schema, model: ModelId) -> Vec<OutputField<'_>> {
    columns(schema, model).map(|column| OutputField::column(column, column.kind)).collect()
}

fn aggregates(schema: &Schema, model: ModelId) -> Vec<OutputField<'_>> {
    let all = [
        ("_count", Aggregate::Count),
        ("_avg", Aggregate::Average),
        ("_sum", Aggregate::Sum),
        ("_min", Aggregate::Minimum),
        ("_max", Aggregate::Maximum),
    ];
    let some =
        all.into_iter().filter(|(_, aggregate)| aggregated(schema, model, *aggregate).next().is_some());
    some.map(|(name, aggregate)| {
        OutputField::object_of(name, Selectable::Aggregate(aggregate), Output::Aggregate(model, aggregate))
    })
    .collect()
}

/// Returns the arguments of an action.
pub(super) fn arguments(schema: &Schema, action: Action, model: ModelId) -> Vec<InputField<'_>> {
    let data = |unchecked| Data { model, parent: None, unchecked };
    let creates = [false, true].map(|unchecked| Type::object(Object::Create(data(unchecked))));
    let updates = [false, true].map(|unchecked| Type::object(Object::Update(data(unchecked))));
    let unique = InputField::new("where", [Type::object(Object::WhereUnique(model))]).required();
    let limit = InputField::new("limit", [Type::INT]);
    let mut arguments = match action {
        Action::FindUnique | Action::FindUniqueOrThrow | Action::DeleteOne => vec![unique],
        Action::FindFirst | Action::FindFirstOrThrow | Action::FindMany => {
            many_arguments(schema, model, true)
        }
        Action::Aggregate => many_arguments(schema, model, false),
        Action::GroupBy => {
            let order = Type::object(Object::OrderBy { model, aggregates: true });
            let by = Type::enumeration(Enum::Columns(model));
            let having = Type::object(Object::ScalarWhere { model, aggregates: true });
            let mut arguments = vec![
                filter(model),
                InputField::new("orderBy", [order.list(), order]),
                InputField::new("by", [by.list(), by]).required(),
                InputField::new("having", [having]),
            ];
            arguments.extend(page(schema, model));
            arguments
        }
        Action::CreateOne => {
            let mut fields = Object::Create(data(false)).fields(schema).into_iter();
            // Prisma sets `@updatedAt` itself, and yet counts it as a value that is needed.
            let is_set_by_client = schema
                .source
                .model(model)
                .scalars()
                .any(|(_, _, scalar)| scalar.is_updated_at && scalar.default.is_none());
            let required = is_set_by_client || fields.any(|field| field.required);
            vec![InputField::new("data", creates).required_if(required)]
        }
        Action::CreateMany | Action::CreateManyAndReturn => {
            let row = Type::object(Object::CreateMany { model, parent: None });
            vec![
                InputField::new("data", [row, row.list()]).required(),
                InputField::new("skipDuplicates", [Type::BOOLEAN]),
            ]
        }
        Action::UpdateOne => vec![InputField::new("data", updates).required(), unique],
        Action::UpdateMany | Action::UpdateManyAndReturn => {
            let types = [false, true].map(|unchecked| Type::object(Object::UpdateMany(data(unchecked))));
            vec![InputField::new("data", types).required(), filter(model), limit]
        }
        Action::UpsertOne => vec![
            unique,
            InputField::new("create", creates).required(),
            InputField::new("update", updates).required(),
        ],
        Action::DeleteMany => vec![filter(model), limit],
    };
    if action.loads_relations() && schema.has_relation_joins() {
        arguments.push(InputField::new("relationLoadStrategy", [Type::enumeration(Enum::LoadStrategy)]));
    }
    arguments
}

fn filter(model: ModelId) -> InputField<'static> {
    InputField::new("where", [Type::object(Object::Where(model))])
}

fn many_arguments(schema: &Schema, model: ModelId, distinct: bool) -> Vec<InputField<'_>> {
    let order = Type::object(Object::OrderBy { model, aggregates: false });
    let mut arguments = vec![filter(model), InputField::new("orderBy", [order.list(), order])];
    if has_key(schema, model) {
        arguments.push(InputField::new("cursor", [Type::object(Object::WhereUnique(model))]));
    }
    arguments.extend(page(schema, model));
    if distinct {
        let column = Type::enumeration(Enum::Columns(model));
        arguments.push(InputField::new("distinct", [column, column.list()]));
    }
    arguments
}

/// Without a key, nothing but an order says which rows come first.
fn page(schema: &Schema, model: ModelId) -> [InputField<'static>; 2] {
    let requires = (!has_key(schema, model)).then_some("orderBy");
    ["take", "skip"].map(|name| InputField { requires, ..InputField::new(name, [Type::INT]) })
}
