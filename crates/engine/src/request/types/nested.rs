//! Nested writes.

use nicol_schema::model::Arity;

use super::super::model::Relation;
use super::{Data, InputField, Object, Type, one_or_list};
use crate::schema::Schema;

pub(super) fn of_create(schema: &Schema, relation: Relation) -> Vec<InputField<'_>> {
    let mut fields = creating(schema, relation, false);
    fields.push(by_key(schema, "connect", relation));
    fields
}

pub(super) fn of_update(schema: &Schema, relation: Relation) -> Vec<InputField<'_>> {
    let list = relation.is_list(schema);
    let optional = relation.field(schema).arity == Arity::Optional;
    let mut fields = creating(schema, relation, true);
    if list {
        fields.push(by_key(schema, "set", relation));
        fields.push(by_key(schema, "disconnect", relation));
        fields.push(by_key(schema, "delete", relation));
    } else if optional {
        let types = [Type::BOOLEAN, Type::object(Object::Where(relation.end(schema).model))];
        fields.push(InputField::new("disconnect", types));
        fields.push(InputField::new("delete", types));
    }
    fields.push(by_key(schema, "connect", relation));
    let mut update = one_or_list(Object::UpdateWhere(relation), list);
    if !list {
        update.extend(updates(schema, relation));
    }
    fields.push(InputField::new("update", update));
    if list {
        fields.push(InputField::new("updateMany", one_or_list(Object::UpdateManyWhere(relation), true)));
        let filter = Object::ScalarWhere { model: relation.end(schema).model, aggregates: false };
        fields.push(InputField::new("deleteMany", one_or_list(filter, true)));
    }
    fields
}

/// Returns the writes that may create rows.
fn creating(schema: &Schema, relation: Relation, update: bool) -> Vec<InputField<'_>> {
    let list = relation.is_list(schema);
    let mut fields = Vec::new();
    if schema.can_create(relation.end(schema).model) {
        let creates = creates(schema, relation).into_iter();
        let types: Vec<Type> =
            creates.flat_map(|ty| if list { vec![ty, ty.list()] } else { vec![ty] }).collect();
        fields.push(InputField::new("create", types));
        let connect_or_create = one_or_list(Object::ConnectOrCreate(relation), list);
        fields.push(InputField::new("connectOrCreate", connect_or_create));
        if update {
            fields.push(InputField::new("upsert", one_or_list(Object::NestedUpsert(relation), list)));
        }
        if list && !relation.is_many_to_many(schema) {
            let ty = Type::object(Object::NestedCreateMany(relation));
            fields.push(InputField::new("createMany", [ty]));
        }
    }
    fields
}

fn by_key<'a>(schema: &'a Schema, name: &'static str, relation: Relation) -> InputField<'a> {
    let unique = Object::WhereUnique(relation.end(schema).model);
    InputField::new(name, one_or_list(unique, relation.is_list(schema)))
}

/// Returns the types of a row to create at the other end.
fn creates(schema: &Schema, relation: Relation) -> [Type; 2] {
    both(schema, relation).map(|data| Type::object(Object::Create(data)))
}

/// Returns the types of changes of a row at the other end.
fn updates(schema: &Schema, relation: Relation) -> [Type; 2] {
    both(schema, relation).map(|data| Type::object(Object::Update(data)))
}

fn both(schema: &Schema, relation: Relation) -> [Data; 2] {
    let model = relation.end(schema).model;
    [false, true].map(|unchecked| Data { model, parent: Some(relation), unchecked })
}

pub(super) fn of_connect_or_create(schema: &Schema, relation: Relation) -> Vec<InputField<'_>> {
    vec![unique(schema, relation), InputField::new("create", creates(schema, relation)).required()]
}

pub(super) fn of_create_many(schema: &Schema, relation: Relation) -> Vec<InputField<'_>> {
    let row = Object::CreateMany { model: relation.end(schema).model, parent: Some(relation) };
    vec![
        InputField::new("data", one_or_list(row, true)).required(),
        InputField::new("skipDuplicates", [Type::BOOLEAN]),
    ]
}

pub(super) fn of_upsert(schema: &Schema, relation: Relation) -> Vec<InputField<'_>> {
    let update = InputField::new("update", updates(schema, relation)).required();
    let create = InputField::new("create", creates(schema, relation)).required();
    if relation.is_list(schema) {
        vec![unique(schema, relation), update, create]
    } else {
        vec![update, create, filter(schema, relation)]
    }
}

pub(super) fn of_update_where(schema: &Schema, relation: Relation) -> Vec<InputField<'_>> {
    let data = InputField::new("data", updates(schema, relation)).required();
    if relation.is_list(schema) {
        vec![unique(schema, relation), data]
    } else {
        vec![filter(schema, relation), data]
    }
}

pub(super) fn of_update_many_where(schema: &Schema, relation: Relation) -> Vec<InputField<'_>> {
    let filter = Object::ScalarWhere { model: relation.end(schema).model, aggregates: false };
    let data = both(schema, relation).map(|data| Type::object(Object::UpdateMany(data)));
    vec![
        InputField::new("where", [Type::object(filter)]).required(),
        InputField::new("data", data).required(),
    ]
}

fn unique(schema: &Schema, relation: Relation) -> InputField<'_> {
    InputField::new("where", [Type::object(Object::WhereUnique(relation.end(schema).model))]).required()
}

fn filter(schema: &Schema, relation: Relation) -> InputField<'_> {
    InputField::new("where", [Type::object(Object::Where(relation.end(schema).model))])
}
