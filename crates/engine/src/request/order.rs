//! Orders of rows and groups.
//!
//! Source: prisma-engines 6.19, `query-compiler/core/src/query_graph_builder/extractors/query_arguments.rs`.

use nicol::__private::query::{Condition, Nulls, Order, OrderBy};
use nicol::Value;
use nicol_schema::model::ModelId;

use super::check::{Arguments, Input};
use super::function;
use super::model::{column_named, relation_named};
use crate::schema::Schema;

/// Returns the terms of `orderBy`, each of which is an object with at most one field.
pub(super) fn order(schema: &Schema, model: ModelId, arguments: &Arguments<'_>) -> Vec<Order> {
    let terms = arguments.get("orderBy").map_or(&[][..], Input::items);
    terms.iter().filter_map(|term| self::term(schema, model, term, Vec::new())).collect()
}

fn term(schema: &Schema, model: ModelId, input: &Input<'_>, mut path: Vec<u16>) -> Option<Order> {
    let (name, input) = input.entries().first()?;
    if *name == "_relevance" {
        let columns = input.get("fields")?.items().iter().filter_map(Input::as_str);
        let columns = columns.filter_map(|name| column_named(schema, model, name)).map(|(_, column)| column);
        let query = Value::Text(input.get("search")?.as_str()?.to_owned());
        let by = OrderBy::Relevance { path, columns: columns.collect(), query };
        return Some(Order { by, descending: is_descending(input.get("sort")?), nulls: None });
    }
    if let Some(relation) = relation_named(schema, model, name) {
        path.push(schema.model(model).relation(relation.field)?);
        if relation.is_list(schema) {
            let (_, sort) = input.entries().first()?;
            let by = OrderBy::Count { path, filter: Condition::TRUE };
            return Some(Order { by, descending: is_descending(sort), nulls: None });
        }
        return term(schema, relation.end(schema).model, input, path);
    }
    if let Some((_, column)) = column_named(schema, model, name) {
        let (sort, nulls) = match input.get("sort") {
            Some(sort) => (sort, input.get("nulls").and_then(Input::as_str)),
            None => (input, None),
        };
        let by = if path.is_empty() { OrderBy::Column(column) } else { OrderBy::Related { path, column } };
        let nulls = nulls.map(|nulls| if nulls == "first" { Nulls::First } else { Nulls::Last });
        return Some(Order { by, descending: is_descending(sort), nulls });
    }
    let (field, sort) = input.entries().first()?;
    let (_, column) = column_named(schema, model, field)?;
    let by = OrderBy::Aggregate(function::named(name, column)?);
    Some(Order { by, descending: is_descending(sort), nulls: None })
}

fn is_descending(sort: &Input<'_>) -> bool {
    sort.as_str() == Some("desc")
}
