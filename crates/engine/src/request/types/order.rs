//! Orders.

use nicol_schema::model::{Arity, ModelId, ScalarType};

use super::super::model::{Column, Kind, columns, relations};
use super::{Aggregate, Enum, InputField, Object, Type};
use crate::schema::Schema;

const SORT: Type = Type::enumeration(Enum::SortOrder);

pub(super) fn fields(schema: &Schema, model: ModelId, aggregates: bool) -> Vec<InputField<'_>> {
    let mut fields: Vec<InputField<'_>> = columns(schema, model).map(of_column).collect();
    if aggregates {
        let all = [
            ("_count", Aggregate::Count),
            ("_avg", Aggregate::Average),
            ("_max", Aggregate::Maximum),
            ("_min", Aggregate::Minimum),
            ("_sum", Aggregate::Sum),
        ];
        let some =
            all.into_iter().filter(|(_, aggregate)| aggregated(schema, model, *aggregate).next().is_some());
        fields.extend(some.map(|(name, aggregate)| {
            InputField::new(name, [Type::object(Object::OrderByAggregate(model, aggregate))])
        }));
        return fields;
    }
    fields.extend(relations(schema, model).map(|relation| {
        let target = relation.end(schema).model;
        let ty = if relation.is_list(schema) {
            Object::OrderByCount(target)
        } else {
            Object::OrderBy { model: target, aggregates: false }
        };
        InputField::new(&*relation.field(schema).name, [Type::object(ty)])
    }));
    let is_text = |column: Column<'_>| column.kind == Kind::Scalar(ScalarType::String);
    if schema.has_full_text_search() && columns(schema, model).any(is_text) {
        fields.push(InputField::new("_relevance", [Type::object(Object::Relevance(model))]));
    }
    fields
}

fn of_column(column: Column<'_>) -> InputField<'_> {
    let mut types = vec![SORT];
    if column.field.arity == Arity::Optional {
        types.push(Type::object(Object::SortNulls));
    }
    InputField::new(&*column.field.name, types)
}

pub(super) fn of_aggregate(schema: &Schema, model: ModelId, aggregate: Aggregate) -> Vec<InputField<'_>> {
    let columns = aggregated(schema, model, aggregate);
    columns.map(|column| InputField::new(&*column.field.name, [SORT])).collect()
}

/// Returns the columns that have an aggregate.
pub(in super::super) fn aggregated(
    schema: &Schema,
    model: ModelId,
    aggregate: Aggregate,
) -> impl Iterator<Item = Column<'_>> {
    columns(schema, model).filter(move |column| match aggregate {
        Aggregate::Count => true,
        Aggregate::Average | Aggregate::Sum => column.is_numeric(),
        Aggregate::Minimum | Aggregate::Maximum => column.is_ordered(),
    })
}

pub(super) fn of_relevance(model: ModelId) -> Vec<InputField<'static>> {
    let columns = Type::enumeration(Enum::TextColumns(model));
    vec![
        InputField::new("fields", [columns, columns.list()]).required(),
        InputField::new("sort", [SORT]).required(),
        InputField::new("search", [Type::STRING]).required(),
    ]
}

pub(super) fn with_nulls() -> Vec<InputField<'static>> {
    let nulls = Type::enumeration(Enum::NullsOrder);
    vec![InputField::new("sort", [SORT]).required(), InputField::new("nulls", [nulls])]
}
