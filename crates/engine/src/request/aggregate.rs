//! Aggregates of rows and of groups.
//!
//! Source: prisma-engines 6.19, `query-compiler/core/src/query_graph_builder/read/aggregations`.

use nicol::__private::query::{Aggregate, Condition, Function, GroupBy, Operand, OrderBy, Subject};
use nicol_schema::model::ModelId;

use super::check::{Arguments, Input};
use super::model::column_named;
use super::output::Selectable;
use super::problem::input_error;
use super::selection::Selected;
use super::types::{self};
use super::{filter, find, function};
use crate::error::Error;
use crate::plan::{Aggregates, Plan, Query, Shape};
use crate::schema::Schema;

/// Plans `aggregate`.
pub(super) fn aggregate(
    schema: &Schema,
    model: ModelId,
    arguments: &Arguments<'_>,
    selected: &[Selected<'_>],
) -> Result<Plan, Error> {
    let rows = find::rows(schema, model, arguments)?;
    if !find::has_stable_cursor(schema, model, &rows) {
        let details = "aggregates after a cursor need an order by required columns that are unique together";
        return Err(input_error(details.to_owned()));
    }
    let (_, aggregates) = aggregates(schema, model, selected);
    let functions = functions(&aggregates);
    let query = Query::Aggregate(Aggregate { rows, functions });
    Ok(Plan { query, shape: Shape::Aggregates(model, aggregates) })
}

/// Plans `groupBy`.
pub(super) fn group_by(
    schema: &Schema,
    model: ModelId,
    arguments: &Arguments<'_>,
    selected: &[Selected<'_>],
) -> Result<Plan, Error> {
    let names = arguments.get("by").map_or(&[][..], Input::items).iter().filter_map(Input::as_str);
    let mut by: Vec<u16> = Vec::new();
    for (_, column) in names.filter_map(|name| column_named(schema, model, name)) {
        if !by.contains(&column) {
            by.push(column);
        }
    }
    if by.is_empty() {
        return Err(input_error("`by` needs at least one field".to_owned()));
    }
    let having = match arguments.get("having") {
        Some(input) => filter::condition(schema, model, input)?,
        None => Condition::TRUE,
    };
    let rows = find::rows(schema, model, arguments)?;
    let (shown, aggregates) = aggregates(schema, model, selected);
    let field = |column: u16| &*schema.column_field(model, column).name;
    let missing = |columns: &[u16], among: &[u16]| {
        let missing = columns.iter().filter(|column| !among.contains(column));
        let names: Vec<&str> = missing.map(|column| field(*column)).collect();
        (!names.is_empty()).then(|| names.join("`, `"))
    };
    if let Some(names) = missing(&shown, &by) {
        return Err(input_error(format!("`by` must have every selected field; `{names}` is missing")));
    }
    let ordered: Vec<u16> = rows
        .order
        .iter()
        .filter_map(|order| match order.by {
            OrderBy::Column(column) => Some(column),
            _ => None,
        })
        .collect();
    if let Some(names) = missing(&ordered, &by) {
        return Err(input_error(format!("`by` must have every field of `orderBy`; `{names}` is missing")));
    }
    let mut filtered = Vec::new();
    columns_of(&having, &mut filtered);
    if let Some(names) = missing(&filtered, &shown) {
        return Err(input_error(format!("every field of `having` must be selected; `{names}` is missing")));
    }
    let functions = functions(&aggregates);
    let shape = Shape::Groups { model, by: by.clone(), shown, aggregates };
    let query = GroupBy {
        model: rows.model,
        filter: rows.filter,
        functions,
        having,
        order: rows.order,
        take: rows.take,
        backwards: rows.backwards,
        skip: rows.skip,
        by,
    };
    Ok(Plan { query: Query::GroupBy(query), shape })
}

/// Returns the selected columns and aggregates.
fn aggregates(schema: &Schema, model: ModelId, selected: &[Selected<'_>]) -> (Vec<u16>, Vec<Aggregates>) {
    let mut columns = Vec::new();
    let mut aggregates = Vec::new();
    for field in selected {
        match field.what {
            Selectable::Column(id) => columns.extend(schema.model(model).column(id)),
            Selectable::Aggregate(aggregate) => {
                let name = name(aggregate);
                let functions = field.fields.iter().filter_map(|field| {
                    let function = match field.what {
                        Selectable::AllRows => Function::CountRows,
                        Selectable::Column(id) => function::named(name, schema.model(model).column(id)?)?,
                        _ => return None,
                    };
                    Some((field.name.to_string(), function))
                });
                aggregates.push(Aggregates { name, functions: functions.collect(), is_number: false });
            }
            _ => {}
        }
    }
    (columns, aggregates)
}

fn name(aggregate: types::Aggregate) -> &'static str {
    match aggregate {
        types::Aggregate::Count => "_count",
        types::Aggregate::Average => "_avg",
        types::Aggregate::Sum => "_sum",
        types::Aggregate::Minimum => "_min",
        types::Aggregate::Maximum => "_max",
    }
}

fn functions(aggregates: &[Aggregates]) -> Vec<Function> {
    let functions = aggregates.iter().flat_map(|aggregates| &aggregates.functions);
    functions.map(|(_, function)| function.clone()).collect()
}

/// Collects the columns that a condition on groups uses outside of aggregates.
fn columns_of(condition: &Condition, columns: &mut Vec<u16>) {
    let operand = |value: &Operand, columns: &mut Vec<u16>| match value {
        Operand::Column(column) => columns.push(*column),
        Operand::Value(_) => {}
    };
    let subject = |subject: &Subject, columns: &mut Vec<u16>| match subject {
        Subject::Column(column) => columns.push(*column),
        Subject::Aggregate(_) => {}
    };
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            for part in parts {
                columns_of(part, columns);
            }
        }
        Condition::Not(part) => columns_of(part, columns),
        Condition::Compare { subject: of, value, .. }
        | Condition::In { subject: of, values: value, .. }
        | Condition::Text { subject: of, value, .. } => {
            subject(of, columns);
            operand(value, columns);
        }
        Condition::IsNull { subject: of } => subject(of, columns),
        Condition::List { column, values, .. } => {
            columns.push(*column);
            operand(values, columns);
        }
        Condition::Json { column, .. } => columns.push(*column),
        Condition::Search { columns: of, .. } => columns.extend(of),
        Condition::SearchAggregate { query, .. } => operand(query, columns),
        // No request has a condition in SQL.
        Condition::Related { .. } | Condition::Sql(_) => {}
    }
}
