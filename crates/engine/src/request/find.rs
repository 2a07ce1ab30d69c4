//! Which rows are read, and what of them.

use nicol::__private::query::{Columns, Condition, Find, Include, Order, OrderBy};
use nicol_schema::model::ModelId;

use super::check::{Arguments, Input};
use super::model::{Relation, column_named, keys};
use super::output::Selectable;
use super::selection::Selected;
use super::{filter, key, order, problem};
use crate::error::Error;
use crate::plan::{self, Row};
use crate::schema::Schema;

/// Returns the rows that arguments name: filter, order, page and distinct columns.
///
/// # Errors
/// An argument is of the right type and yet not allowed.
pub(super) fn rows(schema: &Schema, model: ModelId, arguments: &Arguments<'_>) -> Result<Find, Error> {
    let meta = schema.model(model).meta;
    let mut find = Find::all(meta);
    if let Some(input) = arguments.get("where") {
        find.filter = filter::condition(schema, model, input)?;
    }
    find.order = order::order(schema, model, arguments);
    if let Some(input) = arguments.get("cursor") {
        find.cursor = Some(key::cursor(schema, model, input)?);
    }
    let take = arguments.get("take").and_then(Input::as_int);
    find.take = take.map(i64::unsigned_abs);
    find.backwards = take.is_some_and(|take| take < 0);
    find.skip = skip(arguments)?;
    find.distinct = arguments.get("distinct").map(|names| {
        let column = |name: &Input<'_>| column_named(schema, model, name.as_str()?);
        names.items().iter().filter_map(column).map(|(_, column)| column).collect()
    });
    let is_paged = find.skip > 0 || find.take.is_some() || find.cursor.is_some();
    if is_paged && find.order.is_empty() {
        find.order = key_order(schema, model)?;
    }
    find.cursor_must_match = !has_stable_cursor(schema, model, &find);
    Ok(find)
}

/// Returns how many rows are skipped.
///
/// # Errors
/// The number is negative.
pub(super) fn skip(arguments: &Arguments<'_>) -> Result<u64, Error> {
    let skip = arguments.get("skip").and_then(Input::as_int).unwrap_or(0);
    u64::try_from(skip).map_err(|_| Error::without_code("`skip` is negative"))
}

/// Returns the order by the key, for pages without an order.
fn key_order(schema: &Schema, model: ModelId) -> Result<Vec<Order>, Error> {
    let key = schema.model(model).meta.key;
    if key.is_empty() {
        let details = "`orderBy` must not be empty for a view without a unique key";
        return Err(problem::input_error(details.to_owned()));
    }
    Ok(key.iter().map(|column| Order::by_column(*column)).collect())
}

/// How many rows a find reads, as far as its relations depend on it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reads {
    /// One, by its key. Prisma pages the relations of such a row in the database, where a cursor need not be among the rows.
    ByKey,
    Any,
}

/// Sets what is read of each row, and returns how the row becomes an object.
///
/// # Errors
/// An argument of an included relation is of the right type and yet not allowed.
pub(super) fn select(
    schema: &Schema,
    model: ModelId,
    find: &mut Find,
    selected: &[Selected<'_>],
    reads: Reads,
) -> Result<Row, Error> {
    if find.take == Some(0) {
        // Prisma asks the database nothing, so that nothing in the filter or order can be wrong.
        *find =
            Find { take: Some(0), single: find.single, filter: Condition::FALSE, ..Find::all(find.model) };
    }
    let mut columns = Vec::new();
    let mut includes = Vec::new();
    for field in selected {
        match field.what {
            Selectable::Column(id) => columns.extend(schema.model(model).column(id)),
            Selectable::Relation(relation) => {
                let Some(index) = schema.model(model).relation(relation.field) else { continue };
                let target = relation.end(schema).model;
                let mut rows = rows(schema, target, &field.arguments)?;
                rows.cursor_must_match |= reads == Reads::Any;
                let row = select(schema, target, &mut rows, &field.fields, Reads::Any)?;
                find.includes.push(Include { relation: index, count: false, find: rows });
                let name = field.name.to_string();
                includes.push(if relation.is_list(schema) {
                    plan::Include::Many(name, row)
                } else {
                    plan::Include::One(name, row)
                });
            }
            Selectable::Counts => {
                for count in &field.fields {
                    let Selectable::Count(relation) = count.what else { continue };
                    find.includes.extend(self::count(schema, relation, &count.arguments)?);
                    includes.push(plan::Include::Count(count.name.to_string()));
                }
            }
            _ => {}
        }
    }
    if find.take == Some(0) {
        find.includes.clear();
    }
    let shown = columns.len();
    if columns.is_empty() {
        // A row has at least one cell.
        columns.extend(schema.model(model).meta.key.first().or(Some(&0)));
    }
    find.columns = Columns::Some(columns.clone());
    Ok(Row { model, columns, shown, includes })
}

fn count(schema: &Schema, relation: Relation, arguments: &Arguments<'_>) -> Result<Option<Include>, Error> {
    let target = relation.end(schema).model;
    let mut find = Find::all(schema.model(target).meta);
    if let Some(input) = arguments.get("where") {
        find.filter = filter::condition(schema, target, input)?;
    }
    let relation = schema.model(relation.model).relation(relation.field);
    Ok(relation.map(|relation| Include { relation, count: true, find }))
}

/// Returns the find that reads one row.
pub(super) fn single(schema: &Schema, model: ModelId, filter: Condition) -> Find {
    let mut find = Find::all(schema.model(model).meta);
    find.filter = filter;
    find.single = true;
    find
}

/// Whether equal rows in the order of a page are told apart, so that the database can find the row to start from.
///
/// Source: prisma-engines 6.19, `query-compiler/query-structure/src/query_arguments.rs`.
pub(super) fn has_stable_cursor(schema: &Schema, model: ModelId, find: &Find) -> bool {
    if find.cursor.is_none() || find.order.is_empty() {
        return true;
    }
    let source = schema.source.model(model);
    let meta = schema.model(model).meta;
    let is_unique = |model: ModelId, column: u16| {
        let mut keys = keys(schema, model).filter(|key| key.fields.len() == 1);
        keys.any(|key| schema.model(model).column(key.fields[0].field) == Some(column))
    };
    let mut own = Vec::new();
    let mut has_unique = false;
    for order in &find.order {
        match &order.by {
            OrderBy::Column(column) => {
                // A list counts as optional.
                if meta.columns[usize::from(*column)].nullable || meta.columns[usize::from(*column)].list {
                    return false;
                }
                own.push(*column);
                has_unique |= is_unique(model, *column);
            }
            OrderBy::Related { path, column } => {
                let Some(end) = end_of(schema, model, path) else { return false };
                if end.optional || schema.model(end.model).meta.columns[usize::from(*column)].nullable {
                    return false;
                }
                has_unique |= end.one_to_one && is_unique(end.model, *column);
            }
            _ => {}
        }
    }
    let is_ordered = |key: &nicol_schema::model::Key| {
        let columns = key.fields.iter().map(|field| schema.model(model).column(field.field));
        columns.into_iter().all(|column| column.is_some_and(|column| own.contains(&column)))
    };
    has_unique || source.uniques.iter().any(is_ordered)
}

/// Where a path of relations leads.
struct End {
    model: ModelId,
    /// Whether one of the relations may lead to no row.
    optional: bool,
    /// Whether no two rows lead to the same one.
    one_to_one: bool,
}

fn end_of(schema: &Schema, model: ModelId, path: &[u16]) -> Option<End> {
    let mut end = End { model, optional: false, one_to_one: true };
    for index in path {
        let relation = Relation { model: end.model, field: schema.model(end.model).relation_field(*index)? };
        let kind = &schema.source.relation(relation.end(schema).relation).kind;
        end.one_to_one &= matches!(kind, nicol_schema::model::RelationKind::OneToOne(_));
        end.optional |= relation.field(schema).arity == nicol_schema::model::Arity::Optional;
        end.model = relation.end(schema).model;
    }
    Some(end)
}
