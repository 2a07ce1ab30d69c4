//! Batches of `findUnique` that become one query.
//!
//! Prisma Client sends calls of `findUnique` that are made at the same moment as a batch, so that a list of resolvers does not make as many
//! queries.
//!
//! Source: prisma-engines, `query-compiler/core/src/query_document/mod.rs`, `can_compact`.

use std::collections::HashMap;

use nicol::__private::query::{Columns, CompareOp, Condition, Find, Key, Operand, Subject, TextMode};
use nicol::__private::{Cell, ColumnMeta, ColumnType, DecodeError, Outcome};
use nicol::Value;

use crate::answer;
use crate::json::Json;
use crate::plan::{Plan, Query, Row, Shape};
use crate::schema::Schema;

/// The most values in the keys of a query.
const MAX_VALUES: usize = 32_767;

/// Several `findUnique` as one query.
#[derive(Debug)]
pub(crate) struct Compacted {
    pub(crate) find: Find,
    /// Whether a missing row is an error of its request.
    pub(crate) required: bool,
    row: Row,
    /// The columns of the key, and how many columns of a row come before them.
    key: Vec<&'static ColumnMeta>,
    before: usize,
    /// The key of each request.
    wanted: Vec<Vec<u8>>,
}

/// Whether requests ask for the same of rows that are found by the values of some columns.
pub(crate) fn is_compactable(requests: &[Json]) -> bool {
    let parts = |request: &Json| {
        let query = request.get("query")?;
        let action = request.get("action")?.as_str()?;
        let is_unique = matches!(action, "findUnique" | "findUniqueOrThrow");
        let only_where = query.get("arguments")?.entries().iter().all(|(name, _)| name == "where");
        (is_unique && only_where).then_some(())?;
        Some((action.to_owned(), request.get("modelName")?.clone(), query.get("selection")?.clone()))
    };
    let Some((action, model, selection)) = requests.first().and_then(parts) else { return false };
    requests.iter().all(|request| {
        parts(request)
            .is_some_and(|other| other.0 == action && other.1 == model && is_same(&other.2, &selection))
    })
}

/// Whether two values are equal, whatever the order of keys.
fn is_same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Object(entries), Json::Object(others)) => {
            entries.len() == others.len()
                && entries.iter().all(|(name, value)| b.get(name).is_some_and(|other| is_same(value, other)))
        }
        (Json::List(items), Json::List(others)) => {
            items.len() == others.len() && items.iter().zip(others).all(|(a, b)| is_same(a, b))
        }
        (a, b) => a == b,
    }
}

/// Makes one query of the plans of such requests, unless a condition is more than the values of some columns.
pub(crate) fn compact(plans: &[&Plan]) -> Option<Compacted> {
    let Plan { query: Query::Find { find, required }, shape: Shape::Row(row) } = plans.first()? else {
        return None;
    };
    let keys: Vec<Vec<(u16, Value)>> = plans.iter().map(|plan| self::key(plan)).collect::<Option<_>>()?;
    let columns: Vec<u16> = keys.first()?.iter().map(|(column, _)| *column).collect();
    let is_alike = |key: &Vec<(u16, Value)>| key.iter().map(|(column, _)| column).eq(&columns);
    let key: Vec<&'static ColumnMeta> =
        columns.iter().map(|column| &find.model.columns[usize::from(*column)]).collect();
    if !keys.iter().all(is_alike) || !key.iter().all(|column| has_one_form(column)) {
        return None;
    }
    if keys.len().saturating_mul(columns.len()) > MAX_VALUES {
        return None;
    }
    let (mut find, mut row) = (find.clone(), row.clone());
    let before = row.columns.len();
    row.columns.extend(&columns);
    find.columns = Columns::Some(row.columns.clone());
    find.single = false;
    find.take = None;
    for include in &mut find.includes {
        // The rows are no longer read by their keys, one by one.
        include.find.cursor_must_match = true;
    }
    let wanted = keys.iter().map(|key| form(key.iter().map(|(_, value)| of_value(value)))).collect();
    find.filter = condition(keys);
    Some(Compacted { find, required: *required, row, key, before, wanted })
}

/// Returns the columns of a condition and their values, in the order of columns, if it is nothing else.
fn key(plan: &Plan) -> Option<Vec<(u16, Value)>> {
    fn collect(condition: &Condition, key: &mut Vec<(u16, Value)>) -> Option<()> {
        match condition {
            Condition::All(parts) => parts.iter().try_for_each(|part| collect(part, key)),
            Condition::Compare {
                subject: Subject::Column(column),
                op: CompareOp::Equal,
                value: Operand::Value(value),
                mode,
            } if !mode.insensitive => {
                key.push((*column, value.clone()));
                Some(())
            }
            _ => None,
        }
    }
    let Query::Find { find, .. } = &plan.query else { return None };
    let mut key_values = Vec::new();
    collect(&find.filter, &mut key_values)?;
    key_values.sort_by_key(|(column, _)| *column);
    let is_unique = key_values.windows(2).all(|pair| pair[0].0 != pair[1].0);
    (is_unique && !key_values.is_empty()).then_some(key_values)
}

/// Returns the condition that a row has one of the keys.
fn condition(keys: Vec<Vec<(u16, Value)>>) -> Condition {
    let is_single = keys.iter().all(|key| key.len() == 1);
    if is_single && let Some((column, _)) = keys.first().and_then(|key| key.first()) {
        let subject = Subject::Column(*column);
        let values = keys.into_iter().flatten().map(|(_, value)| value).collect();
        let values = Operand::Value(Value::List(values));
        return Condition::In { subject, values, negated: false, mode: TextMode::EXACT };
    }
    Condition::Any(keys.into_iter().map(|values| Key { values }.condition()).collect())
}

impl Compacted {
    /// Returns the row of each request as JSON, or `None` if it is missing.
    ///
    /// # Errors
    /// A row does not have the types of the schema.
    pub(crate) fn rows(
        &self,
        schema: &Schema,
        outcome: &Outcome,
    ) -> Result<Vec<Option<Vec<u8>>>, DecodeError> {
        let mut found: HashMap<Vec<u8>, Vec<u8>> = HashMap::with_capacity(self.wanted.len());
        for (mut cells, mut again) in outcome.rows().zip(outcome.rows()) {
            for _ in 0..self.before {
                cells.next_cell()?;
            }
            let values = self.key.iter().map(|column| of_cell(column, cells.next_cell()?));
            let values: Vec<Vec<u8>> = values.collect::<Result<_, _>>()?;
            let mut json = Vec::new();
            answer::write_row(&mut json, schema, &self.row, &mut again)?;
            found.insert(form(values), json);
        }
        Ok(self.wanted.iter().map(|key| found.get(key).cloned()).collect())
    }
}

/// Whether equal values of a column have only one form, so that a value of a request can be found among the rows.
fn has_one_form(column: &ColumnMeta) -> bool {
    use ColumnType::{Bool, Bytea, Enum, Int2, Int4, Int8, Text, Uuid, VarChar};
    let has_one = matches!(column.ty, Bool | Bytea | Enum(_) | Int2 | Int4 | Int8 | Text | Uuid | VarChar);
    has_one && !column.list
}

/// Joins the values of a key so that different keys are different.
fn form(values: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut form = Vec::new();
    for value in values {
        form.extend_from_slice(&value.len().to_be_bytes());
        form.extend_from_slice(&value);
    }
    form
}

fn of_value(value: &Value) -> Vec<u8> {
    match value {
        Value::Bool(value) => vec![u8::from(*value)],
        Value::Int(value) => i64::from(*value).to_be_bytes().to_vec(),
        Value::BigInt(value) => value.to_be_bytes().to_vec(),
        Value::Text(text) => text.as_bytes().to_vec(),
        Value::Bytes(bytes) => bytes.clone(),
        Value::Uuid(uuid) => uuid.as_bytes().to_vec(),
        // No column of such a value is part of a key here.
        _ => Vec::new(),
    }
}

fn of_cell(column: &ColumnMeta, cell: Cell<'_>) -> Result<Vec<u8>, DecodeError> {
    match column.ty {
        ColumnType::Int2 | ColumnType::Int4 | ColumnType::Int8 => {
            cell.big_int().map(|value| value.to_be_bytes().to_vec())
        }
        // The binary form is that of the value.
        _ => Ok(cell.raw().unwrap_or_default().to_vec()),
    }
}
