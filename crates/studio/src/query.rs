//! Requests to the engine: conditions, orders and the place of a page.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::cell::{Cell, Cells};
use crate::failure::Failure;
use crate::schema::{Column, Model, Models, Relation, Type};

/// A condition on a field. All filters of a list have to be met.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filter {
    field: String,
    operator: String,
    #[serde(default = "null")]
    value: Cell,
    /// For `is`: values of the row at the other end of a relation.
    #[serde(default)]
    row: Cells,
}

fn null() -> Cell {
    Cell::Null
}

/// A field to sort by.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sort {
    field: String,
    #[serde(default)]
    descending: bool,
}

/// Returns the condition of filters.
///
/// # Errors
/// A field or an operator is unknown, or a value does not fit its column.
pub(crate) fn condition(models: &Models, model: &Model, filters: &[Filter]) -> Result<Value, Failure> {
    let parts: Vec<Value> =
        filters.iter().map(|filter| one(models, model, filter)).collect::<Result<_, _>>()?;
    Ok(all(parts))
}

/// Returns the condition that all parts are met.
pub(crate) fn all(mut parts: Vec<Value>) -> Value {
    match parts.len() {
        0 => json!({}),
        1 => parts.remove(0),
        _ => json!({ "AND": parts }),
    }
}

fn one(models: &Models, model: &Model, filter: &Filter) -> Result<Value, Failure> {
    if let Some(column) = model.column(&filter.field) {
        return of_column(column, filter);
    }
    if let Some(relation) = model.relation(&filter.field) {
        return of_relation(models, relation, filter);
    }
    Err(Failure::request(format!("`{}` has no field `{}`", model.name, filter.field)))
}

fn of_column(column: &Column, Filter { field, operator, value, .. }: &Filter) -> Result<Value, Failure> {
    if !column.operators.contains(&&**operator) {
        return Err(Failure::request(format!("`{field}` cannot be filtered by `{operator}`")));
    }
    let wrong = |message| Failure::value(field, message);
    // A filter may ask for null even where the schema has none.
    let of = |cell: &Cell| cell.to_protocol(column).map_err(wrong);
    let item = |cell: &Cell| {
        let item = Column { list: false, ty: column.ty.clone(), form: column.form, ..Column::default() };
        cell.to_protocol(&item).map_err(wrong)
    };
    let is_null = json!({ field: { "equals": nothing(column) } });
    Ok(match &**operator {
        "isNull" if column.required => json!({ "OR": [] }),
        "isNotNull" if column.required => json!({}),
        "isNull" => is_null,
        "isNotNull" => json!({ "NOT": is_null }),
        // What is null is different from any value, too.
        "not" if !column.required => json!({ "OR": [{ field: { "not": of(value)? } }, is_null] }),
        "contains" | "startsWith" | "endsWith" => {
            let has_case = !matches!(column.native.as_deref(), Some("Citext"));
            let mut test = json!({ operator: of(&literal(value))? });
            if has_case {
                test["mode"] = "insensitive".into();
            }
            json!({ field: test })
        }
        "in" => {
            let Cell::List(items) = value else { return Err(wrong("a list is expected".to_owned())) };
            let items = items.iter().map(|text| item(&Cell::Text(text.clone())));
            json!({ field: { "in": items.collect::<Result<Vec<_>, _>>()? } })
        }
        "has" => json!({ field: { "has": item(value)? } }),
        "isEmpty" => json!({ field: { "isEmpty": true } }),
        operator => json!({ field: { operator: of(value)? } }),
    })
}

/// Escapes what `LIKE` would take for wildcards: as in Prisma, the engine does not.
fn literal(cell: &Cell) -> Cell {
    match cell {
        Cell::Text(text) => Cell::Text(text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_")),
        other => other.clone(),
    }
}

fn nothing(column: &Column) -> Value {
    if column.ty == Type::Json { json!({ "$type": "Enum", "value": "DbNull" }) } else { Value::Null }
}

fn of_relation(models: &Models, relation: &Relation, filter: &Filter) -> Result<Value, Failure> {
    let Filter { field, operator, row, .. } = filter;
    let target = models.get(&relation.model);
    let target = target.ok_or_else(|| Failure::request(format!("the model of `{field}` is not shown")))?;
    match &**operator {
        // Without a join, if the foreign key says it.
        "is" if relation.is_owner && relation.references.iter().all(|name| row.contains_key(name)) => {
            let mut parts = Vec::new();
            for (own, other) in relation.fields.iter().zip(&relation.references) {
                let column = target.column(other);
                let column = column.ok_or_else(|| Failure::request(format!("`{other}` is no column")))?;
                let value =
                    row[other].to_protocol(column).map_err(|message| Failure::value(other, message))?;
                parts.push(json!({ own: { "equals": value } }));
            }
            Ok(all(parts))
        }
        "is" => {
            let quantifier = if relation.many { "some" } else { "is" };
            Ok(json!({ field: { quantifier: equal(target, row)? } }))
        }
        "isNull" if relation.many => Ok(json!({ field: { "none": {} } })),
        "isNotNull" if relation.many => Ok(json!({ field: { "some": {} } })),
        "isNull" => Ok(json!({ field: { "is": null } })),
        "isNotNull" => Ok(json!({ field: { "isNot": null } })),
        operator => Err(Failure::request(format!("`{field}` cannot be filtered by `{operator}`"))),
    }
}

/// Returns the condition that a row has these values.
///
/// # Errors
/// There are no values, or they are not those of columns.
pub(crate) fn equal(model: &Model, row: &Cells) -> Result<Value, Failure> {
    if row.is_empty() {
        return Err(Failure::request("the row at the other end is missing"));
    }
    let mut parts = Vec::new();
    for (name, cell) in row {
        let column = model.column(name);
        let column =
            column.ok_or_else(|| Failure::request(format!("`{}` has no column `{name}`", model.name)))?;
        let value = cell.to_protocol(column).map_err(|message| Failure::value(name, message))?;
        parts.push(json!({ name: { "equals": value } }));
    }
    Ok(all(parts))
}

/// Returns `where` for the row with a key.
///
/// # Errors
/// The model has no key, or the values are not those of its key.
pub(crate) fn unique(model: &Model, values: &Cells) -> Result<Value, Failure> {
    let key = model.key.as_ref();
    let key = key.ok_or_else(|| Failure::request(format!("rows of `{}` have no key", model.name)))?;
    let mut parts = Map::new();
    for name in &key.fields {
        let (Some(cell), Some(column)) = (values.get(name), model.column(name)) else {
            return Err(Failure::request(format!("the key of `{}` needs `{name}`", model.name)));
        };
        let value = cell.to_protocol(column).map_err(|message| Failure::value(name, message))?;
        parts.insert(name.clone(), value);
    }
    if parts.len() != values.len() {
        return Err(Failure::request(format!("the key of `{}` has other fields", model.name)));
    }
    Ok(if parts.len() == 1 { Value::Object(parts) } else { json!({ &key.name: parts }) })
}

/// Returns the columns of the model that the engine reads, as a selection.
pub(crate) fn selection(model: &Model) -> Value {
    model.columns().map(|(name, _)| (name.to_owned(), Value::Bool(true))).collect::<Map<_, _>>().into()
}

/// The order of a list: what was asked for, and then the key, so that it leaves no two rows equal.
#[derive(Debug)]
pub(crate) struct Order<'a> {
    parts: Vec<Part<'a>>,
    /// Whether a page can begin behind a row instead of counting rows from the beginning.
    pub(crate) is_exact: bool,
}

#[derive(Debug)]
struct Part<'a> {
    name: &'a str,
    column: &'a Column,
    descending: bool,
}

impl<'a> Order<'a> {
    /// # Errors
    /// A field cannot be sorted by.
    pub(crate) fn new(model: &'a Model, sorts: &[Sort]) -> Result<Self, Failure> {
        let mut parts: Vec<Part<'a>> = Vec::new();
        for sort in sorts {
            let found = model.columns().find(|(name, column)| *name == sort.field && column.sorts);
            let (name, column) =
                found.ok_or_else(|| Failure::request(format!("`{}` cannot be sorted by", sort.field)))?;
            if parts.iter().all(|part| part.name != name) {
                parts.push(Part { name, column, descending: sort.descending });
            }
        }
        // In the direction of the last field, so that an index of both can be read either way.
        let descending = parts.last().is_some_and(|part| part.descending);
        for key in model.key_fields() {
            let found = model.columns().find(|(name, _)| name == key);
            if let Some((name, column)) = found
                && parts.iter().all(|part| part.name != name)
            {
                parts.push(Part { name, column, descending });
            }
        }
        let is_exact = model.key.is_some() && parts.iter().all(|part| part.column.is_exact);
        Ok(Self { parts, is_exact })
    }

    /// Returns `orderBy`. PostgreSQL has nulls last in ascending order and first in descending order.
    pub(crate) fn to_protocol(&self, reversed: bool) -> Value {
        let direction = |part: &Part<'_>| if part.descending == reversed { "asc" } else { "desc" };
        self.parts.iter().map(|part| json!({ part.name: direction(part) })).collect()
    }

    /// Returns the values of a row that say where it stands.
    pub(crate) fn position(&self, cells: &Cells) -> Cells {
        let named = |part: &Part<'_>| Some((part.name.to_owned(), cells.get(part.name)?.clone()));
        self.parts.iter().filter_map(named).collect()
    }

    /// Returns the condition for the rows behind a position.
    ///
    /// # Errors
    /// The position is not one of this order.
    pub(crate) fn behind(&self, position: &BTreeMap<String, Cell>, reversed: bool) -> Result<Value, Failure> {
        let mut alternatives = Vec::new();
        let mut equal: Vec<Value> = Vec::new();
        let mut bound = None;
        for (index, part) in self.parts.iter().enumerate() {
            let cell = position.get(part.name);
            let cell = cell.ok_or_else(|| Failure::request(format!("the position lacks `{}`", part.name)))?;
            let name = part.name;
            let is_ascending = part.descending == reversed;
            let is_null = json!({ name: { "equals": null } });
            let mut behind = Vec::new();
            if *cell == Cell::Null {
                if !is_ascending {
                    behind.push(json!({ "NOT": is_null }));
                }
                alternatives.extend(behind.into_iter().map(|it| with(&equal, it)));
                equal.push(is_null);
                continue;
            }
            let value = cell.to_protocol(part.column).map_err(|message| Failure::value(name, message))?;
            let operator = if is_ascending { "gt" } else { "lt" };
            behind.push(json!({ name: { operator: value } }));
            if !part.column.required && is_ascending {
                behind.push(is_null);
            } else if index == 0 {
                // Implied by the alternatives, but only this is a place where an index can be entered.
                bound = Some(json!({ name: { format!("{operator}e"): value } }));
            }
            alternatives.extend(behind.into_iter().map(|it| with(&equal, it)));
            equal.push(json!({ name: { "equals": value } }));
        }
        let alternatives = match alternatives.len() {
            1 => alternatives.remove(0),
            _ => json!({ "OR": alternatives }),
        };
        Ok(all(bound.into_iter().chain([alternatives]).collect()))
    }
}

fn with(equal: &[Value], last: Value) -> Value {
    all(equal.iter().cloned().chain([last]).collect())
}
