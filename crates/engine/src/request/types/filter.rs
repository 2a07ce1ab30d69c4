//! Conditions.

use nicol_schema::model::{Arity, ModelId, ScalarType};

use super::super::model::{Column, Kind, Relation, columns, is_uuid, key_name, keys, kind_of, relations};
use super::{Enum, Filter, InputField, Object, Type, Value, ValueKind};
use crate::schema::Schema;

pub(super) fn of_model(schema: &Schema, model: ModelId) -> Vec<InputField<'_>> {
    let mut fields = logic(Object::Where(model));
    fields.extend(columns(schema, model).map(|column| of_column(column, false)));
    fields.extend(relations(schema, model).map(|relation| of_relation(schema, relation)));
    fields
}

pub(super) fn of_columns(schema: &Schema, model: ModelId, aggregates: bool) -> Vec<InputField<'_>> {
    let mut fields = logic(Object::ScalarWhere { model, aggregates });
    fields.extend(columns(schema, model).map(|column| of_column(column, aggregates)));
    fields
}

/// Returns the keys first, then all other fields.
pub(super) fn of_row(schema: &Schema, model: ModelId) -> Vec<InputField<'_>> {
    let is_key = |column: &Column<'_>| {
        keys(schema, model).any(|key| matches!(&*key.fields, [only] if only.field == column.id))
    };
    let mut fields: Vec<InputField<'_>> = columns(schema, model)
        .filter(is_key)
        .map(|column| InputField::new(&*column.field.name, [Type::from(column.kind)]))
        .collect();
    // The primary key comes last.
    let primary = usize::from(schema.source.model(model).primary_key.is_some());
    let compound: Vec<_> = keys(schema, model).enumerate().filter(|(_, key)| key.fields.len() > 1).collect();
    let (first, uniques): (Vec<_>, Vec<_>) = compound.into_iter().partition(|(index, _)| *index < primary);
    for (index, key) in uniques.into_iter().chain(first) {
        let ty = Type::object(Object::Compound(model, index));
        fields.push(InputField::new(key_name(schema, model, key), [ty]));
    }
    fields.extend(logic(Object::Where(model)));
    let others = columns(schema, model).filter(|column| !is_key(column));
    fields.extend(others.map(|column| of_column(column, false)));
    fields.extend(relations(schema, model).map(|relation| of_relation(schema, relation)));
    fields
}

pub(super) fn of_key(schema: &Schema, model: ModelId, index: usize) -> Vec<InputField<'_>> {
    let fields = keys(schema, model).nth(index).into_iter().flat_map(|key| &key.fields);
    let fields = fields.filter_map(|field| {
        let field = schema.source.model(model).field(field.field);
        Some(InputField::new(&*field.name, [Type::from(kind_of(field)?)]).required())
    });
    fields.collect()
}

/// Returns `AND`, `OR` and `NOT`.
fn logic(object: Object) -> Vec<InputField<'static>> {
    let one = Type::object(object);
    vec![
        InputField::new("AND", [one, one.list()]),
        InputField::new("OR", [one.list()]),
        InputField::new("NOT", [one, one.list()]),
    ]
}

fn of_column(column: Column<'_>, aggregates: bool) -> InputField<'_> {
    let Column { field, scalar, kind, .. } = column;
    if field.arity == Arity::List {
        return InputField::new(&*field.name, [Type::object(Object::ListFilter(kind))]);
    }
    let nullable = field.arity == Arity::Optional;
    let filter = Filter { kind, uuid: is_uuid(scalar), nullable, nested: false, aggregates };
    let filter = Type::object(Object::Filter(filter));
    if kind == Kind::Scalar(ScalarType::Json) {
        return InputField::new(&*field.name, [filter]);
    }
    InputField::new(&*field.name, [filter, kind.into()]).nullable_if(nullable)
}

fn of_relation(schema: &Schema, relation: Relation) -> InputField<'_> {
    let (field, model) = (relation.field(schema), relation.end(schema).model);
    let name = &*field.name;
    if field.arity == Arity::List {
        return InputField::new(name, [Type::object(Object::ManyFilter(model))]);
    }
    let nullable = field.arity == Arity::Optional;
    let filter = Type::object(Object::OneFilter { model, nullable });
    InputField::new(name, [filter, Type::object(Object::Where(model))]).nullable_if(nullable)
}

pub(super) fn of_many(model: ModelId) -> Vec<InputField<'static>> {
    let ty = Type::object(Object::Where(model));
    ["every", "some", "none"].map(|name| InputField::new(name, [ty])).into()
}

pub(super) fn of_one(model: ModelId, nullable: bool) -> Vec<InputField<'static>> {
    let ty = Type::object(Object::Where(model));
    ["is", "isNot"].map(|name| InputField::new(name, [ty]).nullable_if(nullable)).into()
}

pub(super) fn of_list(kind: Kind) -> Vec<InputField<'static>> {
    let (one, list) = (or_field(kind, false), or_field(kind, true));
    vec![
        InputField::new("equals", list.clone()).nullable_if(true),
        InputField::new("has", one).nullable_if(true),
        InputField::new("hasEvery", list.clone()),
        InputField::new("hasSome", list),
        InputField::new("isEmpty", [Type::BOOLEAN]),
    ]
}

/// Returns the types of a value: itself, or a reference to another field.
fn or_field(kind: Kind, list: bool) -> Vec<Type> {
    let ty = Type { list, ..kind.into() };
    vec![ty, Type::object(Object::FieldRef(Value { of: ValueKind::Column(kind), list }))]
}

impl Filter {
    pub(super) fn fields(self, schema: &Schema) -> Vec<InputField<'static>> {
        let value = or_field(self.kind, false);
        let list = or_field(self.kind, true);
        let json_null = Type::enumeration(Enum::JsonNullFilter);
        let mut fields = Vec::new();
        let equals = InputField::new("equals", value.clone());
        let (is_text, is_json) = match self.kind {
            Kind::Scalar(ScalarType::String) => (true, false),
            Kind::Scalar(ScalarType::Json) => (false, true),
            _ => (false, false),
        };
        if is_json {
            fields.push(InputField::new("equals", [&*value, &[json_null]].concat()));
            fields.extend(self.of_json());
        } else {
            fields.push(equals.nullable_if(self.nullable));
        }
        if !is_json && self.kind != Kind::Scalar(ScalarType::Boolean) {
            fields.push(InputField::new("in", list.clone()).nullable_if(self.nullable));
            fields.push(InputField::new("notIn", list).nullable_if(self.nullable));
        }
        let is_ordered = match self.kind {
            Kind::Scalar(ScalarType::Boolean | ScalarType::Bytes) | Kind::Enum(_) => false,
            Kind::Scalar(_) => true,
        };
        if is_ordered {
            fields.extend(["lt", "lte", "gt", "gte"].map(|name| InputField::new(name, value.clone())));
        }
        if is_text {
            if !self.uuid {
                let names = ["contains", "startsWith", "endsWith"];
                fields.extend(names.map(|name| InputField::new(name, value.clone())));
            }
            if schema.has_full_text_search() {
                fields.push(InputField::new("search", [Type::STRING]));
            }
            if !self.nested {
                fields.push(InputField::new("mode", [Type::enumeration(Enum::QueryMode)]));
            }
        }
        fields.push(if is_json {
            InputField::new("not", [&*value, &[json_null]].concat())
        } else {
            let not = Type::object(Object::Filter(Self { nested: true, ..self }));
            InputField::new("not", [self.kind.into(), not]).nullable_if(self.nullable)
        });
        if self.aggregates {
            fields.extend(self.of_aggregates());
        }
        fields
    }

    fn of_json(self) -> impl Iterator<Item = InputField<'static>> {
        let text = or_field(Kind::Scalar(ScalarType::String), false);
        let json = or_field(self.kind, false);
        let mode = Object::FieldRef(Value { of: ValueKind::QueryMode, list: false });
        let settings = [
            InputField::new("path", [Type::STRING.list()]),
            InputField::new("mode", [Type::enumeration(Enum::QueryMode), Type::object(mode)]),
        ];
        let texts = ["string_contains", "string_starts_with", "string_ends_with"];
        let texts = texts.map(|name| InputField::new(name, text.clone()));
        let arrays = ["array_starts_with", "array_ends_with", "array_contains"];
        let arrays = arrays.map(|name| InputField::new(name, json.clone()).nullable_if(true));
        settings.into_iter().chain(texts).chain(arrays)
    }

    /// Returns the conditions on aggregates of the column.
    fn of_aggregates(self) -> impl Iterator<Item = InputField<'static>> {
        use ScalarType::{BigInt, Decimal, Float, Int};
        let field = move |name, kind| {
            let filter = Self { kind, uuid: false, nested: true, aggregates: false, ..self };
            InputField::new(name, [Type::object(Object::Filter(filter))])
        };
        let average = match self.kind {
            Kind::Scalar(Int | BigInt | Float) => Some(Kind::Scalar(Float)),
            Kind::Scalar(Decimal) => Some(self.kind),
            _ => None,
        };
        let numeric = average.map(|average| [field("_avg", average), field("_sum", self.kind)]);
        let count = field("_count", Kind::Scalar(Int));
        let extremes = [field("_min", self.kind), field("_max", self.kind)];
        [count].into_iter().chain(numeric.into_iter().flatten()).chain(extremes)
    }
}
