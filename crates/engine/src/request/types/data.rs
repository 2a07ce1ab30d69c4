//! Data of rows.

use nicol_schema::model::{Arity, FieldId, ModelId, ScalarType};

use super::super::model::{Column, Kind, Relation, columns, kind_of, relations};
use super::{Data, Enum, InputField, Object, Type};
use crate::schema::Schema;

pub(super) fn of_create(schema: &Schema, data: Data) -> Vec<InputField<'_>> {
    let Data { model, unchecked, .. } = data;
    let columns = columns(schema, model).filter(move |column| {
        if unchecked {
            !is_given_by_parent(schema, data.parent, column.id)
        } else {
            !is_foreign_key(schema, model, column.id) && !is_generated_key(schema, model, column)
        }
    });
    let relations = nested_relations(schema, data).map(|relation| {
        let ty = Type::object(Object::NestedCreate { relation, unchecked });
        let field = relation.field(schema);
        let has_default = |id: &FieldId| match &schema.source.model(model).field(*id).kind {
            nicol_schema::model::FieldKind::Scalar(scalar) => scalar.default.is_some(),
            nicol_schema::model::FieldKind::Relation(_) => false,
        };
        let filled = relation.own_columns(schema).iter().all(has_default);
        InputField::new(&*field.name, [ty]).required_if(field.arity == Arity::Required && !filled)
    });
    columns.map(|column| created(model, column)).chain(relations).collect()
}

pub(super) fn of_create_many(
    schema: &Schema,
    model: ModelId,
    parent: Option<Relation>,
) -> Vec<InputField<'_>> {
    let columns = columns(schema, model).filter(|column| !is_given_by_parent(schema, parent, column.id));
    columns.map(|column| created(model, column)).collect()
}

fn created(model: ModelId, column: Column<'_>) -> InputField<'_> {
    let Column { field, scalar, kind, .. } = column;
    if field.arity == Arity::List {
        let set = Type::object(Object::CreateList(model, column.id));
        return InputField::new(&*field.name, [set, Type::from(kind).list()]);
    }
    let optional = field.arity == Arity::Optional;
    let required = !optional && scalar.default.is_none() && !scalar.is_updated_at;
    let types = if kind == Kind::Scalar(ScalarType::Json) {
        InputField::new(&*field.name, [json_null(optional), kind.into()])
    } else {
        InputField::new(&*field.name, [kind.into()]).nullable_if(optional)
    };
    types.required_if(required)
}

pub(super) fn of_update(schema: &Schema, data: Data) -> Vec<InputField<'_>> {
    let relations = nested_relations(schema, data).map(|relation| {
        let ty = Type::object(Object::NestedUpdate { relation, unchecked: data.unchecked });
        InputField::new(&*relation.field(schema).name, [ty])
    });
    updated_columns(schema, data).chain(relations).collect()
}

pub(super) fn of_update_many(schema: &Schema, data: Data) -> Vec<InputField<'_>> {
    updated_columns(schema, data).collect()
}

fn updated_columns(schema: &Schema, data: Data) -> impl Iterator<Item = InputField<'_>> {
    let Data { model, unchecked, parent } = data;
    let columns = columns(schema, model).filter(move |column| {
        if unchecked {
            !is_given_by_parent(schema, parent, column.id)
        } else {
            !is_foreign_key(schema, model, column.id)
                && !is_generated_key(schema, model, column)
                && !is_generated_unique(schema, model, column)
        }
    });
    columns.map(move |column| updated(model, column))
}

fn updated(model: ModelId, column: Column<'_>) -> InputField<'_> {
    let Column { id, field, kind, .. } = column;
    if field.arity == Arity::List {
        let change = Type::object(Object::UpdateList(model, id));
        return InputField::new(&*field.name, [change, Type::from(kind).list()]);
    }
    let optional = field.arity == Arity::Optional;
    if kind == Kind::Scalar(ScalarType::Json) {
        return InputField::new(&*field.name, [json_null(optional), kind.into()]);
    }
    let change = Type::object(Object::Change(model, id));
    InputField::new(&*field.name, [kind.into(), change]).nullable_if(optional)
}

pub(super) fn of_created_list(schema: &Schema, model: ModelId, field: FieldId) -> Vec<InputField<'_>> {
    let kind = kind_of(schema.source.model(model).field(field));
    kind.map(|kind| InputField::new("set", [Type::from(kind).list()]).required()).into_iter().collect()
}

pub(super) fn of_updated_list(schema: &Schema, model: ModelId, field: FieldId) -> Vec<InputField<'_>> {
    let Some(kind) = kind_of(schema.source.model(model).field(field)) else { return Vec::new() };
    let one = Type::from(kind);
    vec![InputField::new("set", [one.list()]), InputField::new("push", [one, one.list()])]
}

pub(super) fn of_change(schema: &Schema, model: ModelId, field: FieldId) -> Vec<InputField<'_>> {
    let field = schema.source.model(model).field(field);
    let Some(kind) = kind_of(field) else { return Vec::new() };
    let set = InputField::new("set", [kind.into()]).nullable_if(field.arity == Arity::Optional);
    let mut fields = vec![set];
    if let Kind::Scalar(ScalarType::Int | ScalarType::BigInt | ScalarType::Float | ScalarType::Decimal) = kind
    {
        let names = ["increment", "decrement", "multiply", "divide"];
        fields.extend(names.map(|name| InputField::new(name, [kind.into()])));
    }
    fields
}

fn json_null(optional: bool) -> Type {
    Type::enumeration(if optional { Enum::NullableJsonNull } else { Enum::JsonNull })
}

/// Returns the relations that data may write through: not the one that leads to the row, and in unchecked data only those whose foreign
/// key is not a column of the row.
fn nested_relations(schema: &Schema, data: Data) -> impl Iterator<Item = Relation> {
    let back = data.parent.and_then(|parent| parent.back(schema)).map(|(id, _)| id);
    relations(schema, data.model).filter(move |relation| {
        Some(relation.field) != back && !(data.unchecked && relation.is_owned(schema))
    })
}

/// Whether the row that leads to this one gives the value of the column.
fn is_given_by_parent(schema: &Schema, parent: Option<Relation>, column: FieldId) -> bool {
    parent.is_some_and(|parent| parent.foreign_key_there(schema).contains(&column))
}

/// Whether the column is part of a foreign key.
fn is_foreign_key(schema: &Schema, model: ModelId, column: FieldId) -> bool {
    let fields = schema.source.model(model).relation_fields();
    let mut relations = fields.map(|(field, ..)| Relation { model, field });
    relations.any(|relation| relation.is_owned(schema) && relation.own_columns(schema).contains(&column))
}

/// Whether the column is a primary key that counts up.
fn is_generated_key(schema: &Schema, model: ModelId, column: &Column<'_>) -> bool {
    let key = schema.source.model(model).primary_key.as_ref();
    let is_key = key.is_some_and(|key| matches!(&*key.fields, [only] if only.field == column.id));
    is_key && column.is_autoincrement() && column.kind == Kind::Scalar(ScalarType::Int)
}

/// Whether the column is a unique key that counts up.
fn is_generated_unique(schema: &Schema, model: ModelId, column: &Column<'_>) -> bool {
    let mut keys = schema.source.model(model).uniques.iter();
    let is_unique = keys.any(|key| matches!(&*key.fields, [only] if only.field == column.id));
    is_unique && column.is_autoincrement() && column.kind == Kind::Scalar(ScalarType::Int)
}
