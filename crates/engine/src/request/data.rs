//! Data of rows: values, changes and nested writes.
//!
//! Source: prisma-engines 6.19, `query-compiler/core/src/query_graph_builder/write`.

use nicol::__private::query::{
    Assignment, Changes, Condition, Create, CreateMany, Nested, NestedUpsert, Unique,
};
use nicol::Value;
use nicol_schema::model::{Arity, ModelId, RelationKind};

use super::check::Input;
use super::model::{Relation, column_named, relation_named};
use super::types::Object;
use super::{filter, key, value};
use crate::error::Error;
use crate::schema::Schema;

/// Returns a row to create.
///
/// # Errors
/// PostgreSQL would refuse a value.
pub(super) fn create(schema: &Schema, model: ModelId, input: &Input<'_>) -> Result<Create, Error> {
    let mut create = Create::new(schema.model(model).meta);
    for (name, input) in input.entries() {
        if let Some((_, column)) = column_named(schema, model, name) {
            let input = match input {
                Input::Object(Object::CreateList(..), _) => input.get("set").unwrap_or(input),
                input => input,
            };
            create.values.push((column, value::of_column(schema, model, column, input)?));
        } else if let Some(relation) = relation_named(schema, model, name) {
            nested(schema, relation, input, &mut create.nested)?;
        }
    }
    Ok(create)
}

/// Returns rows to create: `data` and `skipDuplicates`.
///
/// # Errors
/// PostgreSQL would refuse a value.
pub(super) fn create_many(
    schema: &Schema,
    model: ModelId,
    data: Option<&Input<'_>>,
    skip_duplicates: Option<&Input<'_>>,
) -> Result<CreateMany, Error> {
    let rows = data.map_or(&[][..], Input::items).iter().map(|row| create(schema, model, row));
    Ok(CreateMany {
        model: schema.model(model).meta,
        rows: rows.collect::<Result<_, _>>()?,
        skip_duplicates: skip_duplicates.and_then(Input::as_bool).unwrap_or(false),
    })
}

/// Returns the changes of a row.
///
/// # Errors
/// PostgreSQL would refuse a value.
pub(super) fn changes(schema: &Schema, model: ModelId, input: &Input<'_>) -> Result<Changes, Error> {
    let mut changes = Changes::new(schema.model(model).meta);
    for (name, input) in input.entries() {
        if let Some((_, column)) = column_named(schema, model, name) {
            changes.assignments.push((column, assignment(schema, model, column, input)?));
        } else if let Some(relation) = relation_named(schema, model, name) {
            let before = changes.nested.len();
            nested(schema, relation, input, &mut changes.nested)?;
            let index = schema.model(model).relation(relation.field);
            if let (true, Some(index)) = (changes.nested.len() == before, index) {
                // Prisma takes this for a change, though it is none.
                let target = schema.model(relation.end(schema).model).meta;
                changes.nested.push((index, Nested::Update(Condition::TRUE, Changes::new(target))));
            }
        }
    }
    Ok(changes)
}

fn assignment(schema: &Schema, model: ModelId, column: u16, input: &Input<'_>) -> Result<Assignment, Error> {
    let value = |input: &Input<'_>| value::of_column(schema, model, column, input);
    let Input::Object(Object::Change(..) | Object::UpdateList(..), entries) = input else {
        return Ok(Assignment::Set(value(input)?));
    };
    let Some((name, input)) = entries.first() else { return Ok(Assignment::Set(Value::Null)) };
    let operand = value(input)?;
    Ok(match *name {
        "increment" => Assignment::Increment(operand),
        "decrement" => Assignment::Decrement(operand),
        "multiply" => Assignment::Multiply(operand),
        "divide" => Assignment::Divide(operand),
        "push" => Assignment::Push(match operand {
            list @ Value::List(_) => list,
            item => Value::List(vec![item]),
        }),
        _ => Assignment::Set(operand),
    })
}

/// Appends the writes at the other end of a relation, in the order in which they are given.
fn nested(
    schema: &Schema,
    relation: Relation,
    input: &Input<'_>,
    writes: &mut Vec<(u16, Nested)>,
) -> Result<(), Error> {
    let Some(index) = schema.model(relation.model).relation(relation.field) else { return Ok(()) };
    for (name, input) in input.entries() {
        if *name == "set" {
            let keys = input.items().iter().map(|input| unique(schema, relation, Some(input)));
            writes.push((index, Nested::Set(keys.collect::<Result<_, _>>()?)));
            continue;
        }
        // Prisma refuses this even if no row is named.
        if *name == "disconnect" && input.as_bool() != Some(false) && is_required(schema, relation) {
            return Err(violation(schema, relation));
        }
        for input in input.items() {
            writes.extend(write(schema, relation, name, input)?.map(|write| (index, write)));
        }
    }
    Ok(())
}

fn write(
    schema: &Schema,
    relation: Relation,
    name: &str,
    input: &Input<'_>,
) -> Result<Option<Nested>, Error> {
    let model = relation.end(schema).model;
    let field = |name| input.get(name).unwrap_or(&Input::Null);
    Ok(Some(match name {
        "create" => Nested::Create(create(schema, model, input)?),
        "createMany" => {
            Nested::CreateMany(create_many(schema, model, input.get("data"), input.get("skipDuplicates"))?)
        }
        "connect" => Nested::Connect(unique(schema, relation, Some(input))?),
        "connectOrCreate" => Nested::ConnectOrCreate(
            unique(schema, relation, input.get("where"))?,
            create(schema, model, field("create"))?,
        ),
        // Prisma sets the foreign key to null, whatever the row that it refers to is like, and even for `false`.
        "disconnect" if is_many_to_one(schema, relation) => Nested::Disconnect(Condition::TRUE),
        "disconnect" | "delete" => {
            let condition = match input.as_bool() {
                Some(true) => Condition::TRUE,
                Some(false) => return Ok(None),
                None => connected(schema, relation, Some(input))?,
            };
            if name == "delete" { Nested::Delete(condition) } else { Nested::Disconnect(condition) }
        }
        "update" => match input {
            Input::Object(Object::UpdateWhere(_), _) => Nested::Update(
                connected(schema, relation, input.get("where"))?,
                changes(schema, model, field("data"))?,
            ),
            data => Nested::Update(Condition::TRUE, changes(schema, model, data)?),
        },
        "updateMany" => Nested::UpdateMany(
            filter::condition(schema, model, field("where"))?,
            changes(schema, model, field("data"))?,
        ),
        "upsert" => Nested::Upsert(Box::new(NestedUpsert {
            filter: connected(schema, relation, input.get("where"))?,
            create: create(schema, model, field("create"))?,
            update: changes(schema, model, field("update"))?,
        })),
        "deleteMany" => Nested::DeleteMany(filter::condition(schema, model, input)?),
        _ => return Ok(None),
    }))
}

/// Whether a row on either side needs a row on the other.
fn is_required(schema: &Schema, relation: Relation) -> bool {
    let back = relation.back(schema).map(|(_, field)| field.arity);
    relation.field(schema).arity == Arity::Required || back == Some(Arity::Required)
}

/// Returns the error of a write that would leave a row without the row that it needs.
fn violation(schema: &Schema, relation: Relation) -> Error {
    let relation = schema.source.relation(relation.end(schema).relation);
    let model = |id| &*schema.source.model(id).name;
    let (name, from, to) = (&*relation.effective_name, model(relation.from), model(relation.to));
    let message = format!("`{from}` needs a `{to}` (relation `{name}`), so it cannot be disconnected");
    let error = Error::new("P2014", message).with("relation_name", name);
    error.with("model_a_name", from).with("model_b_name", to)
}

fn unique(schema: &Schema, relation: Relation, input: Option<&Input<'_>>) -> Result<Unique, Error> {
    key::unique(schema, relation.end(schema).model, input.unwrap_or(&Input::Null))
}

/// Returns the condition on a connected row: by a key if there may be many, else any.
fn connected(schema: &Schema, relation: Relation, input: Option<&Input<'_>>) -> Result<Condition, Error> {
    match input {
        None => Ok(Condition::TRUE),
        Some(input) if relation.is_list(schema) => Ok(unique(schema, relation, Some(input))?.condition()),
        Some(input) => filter::condition(schema, relation.end(schema).model, input),
    }
}

fn is_many_to_one(schema: &Schema, relation: Relation) -> bool {
    let kind = &schema.source.relation(relation.end(schema).relation).kind;
    !relation.is_list(schema) && !matches!(kind, RelationKind::OneToOne(_))
}
