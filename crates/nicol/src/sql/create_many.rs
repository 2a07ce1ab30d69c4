//! Writes `INSERT` for many rows of a model, in their order: one statement from an array for each column, whatever the number of rows.
//!
//! A column that only some of the rows set is null in the others, except if the database has a default for it. Then, and with columns that
//! are arrays themselves, the rows are `VALUES`, where each value is a parameter.

use super::generate::Instant;
use super::writer::{MAX_PARAMETERS, Writer};
use crate::error::{Error, Kind};
use crate::meta::{Default, ModelMeta};
use crate::query::Create;
use crate::value::Value;
use crate::wire::Statement;

/// Writes rows of one model: one statement, or several if `VALUES` would have too many parameters.
pub(crate) fn create_many(
    schema: &str,
    model: &'static ModelMeta,
    rows: Vec<Create>,
    skip_duplicates: bool,
) -> Result<Vec<Statement>, Error> {
    let count = rows.len();
    let columns = columns(model, rows)?;
    let needs_values = |(column, cells): &(u16, Vec<Option<Value>>)| {
        let meta = &model.columns[usize::from(*column)];
        meta.list || meta.default == Default::Database && cells.iter().any(Option::is_none)
    };
    if count == 0 {
        return Ok(Vec::new());
    }
    if !columns.is_empty() && !columns.iter().any(needs_values) {
        return Ok(vec![from_arrays(schema, model, columns, skip_duplicates)?]);
    }
    let per_statement = MAX_PARAMETERS / columns.len().max(1);
    let mut cells: Vec<(u16, std::vec::IntoIter<Option<Value>>)> =
        columns.into_iter().map(|(column, cells)| (column, cells.into_iter())).collect();
    let mut statements = Vec::new();
    for first in (0..count).step_by(per_statement) {
        let rows = per_statement.min(count - first);
        statements.push(from_values(schema, model, rows, &mut cells, skip_duplicates)?);
    }
    Ok(statements)
}

/// Returns the columns that any row sets, each with its cells, and generated defaults.
fn columns(model: &'static ModelMeta, rows: Vec<Create>) -> Result<Vec<(u16, Vec<Option<Value>>)>, Error> {
    let now = Instant::now();
    let count = rows.len();
    let mut columns: Vec<Vec<Option<Value>>> = model.columns.iter().map(|_| Vec::new()).collect();
    for (index, row) in rows.into_iter().enumerate() {
        if !row.nested.is_empty() {
            let message = "`create_many` does not support nested writes\nhelp: create each row with `create`";
            return Err(Kind::Unsupported { message }.into());
        }
        for (column, value) in row.values {
            let cells = &mut columns[usize::from(column)];
            if cells.is_empty() {
                cells.resize(count, None);
            }
            // A later value of a column replaces an earlier one.
            cells[index] = Some(value);
        }
    }
    let columns = (0..).zip(model.columns).zip(columns).filter_map(|((column, meta), mut cells)| {
        let is_set = !cells.is_empty();
        cells.resize(count, None);
        let mut is_filled = is_set;
        for cell in cells.iter_mut().filter(|cell| cell.is_none()) {
            *cell = now.default_for(meta);
            is_filled |= cell.is_some();
        }
        is_filled.then_some((column, cells))
    });
    Ok(columns.collect())
}

fn from_arrays(
    schema: &str,
    model: &'static ModelMeta,
    columns: Vec<(u16, Vec<Option<Value>>)>,
    skip_duplicates: bool,
) -> Result<Statement, Error> {
    let mut writer = Writer::new(schema, "create_many");
    writer.insert_into(model, None, columns.iter().map(|(column, _)| *column));
    writer.push(" SELECT ");
    writer.given(model, &columns.iter().map(|(column, _)| *column).collect::<Vec<_>>());
    writer.push(" FROM unnest(");
    let names = 0..columns.len();
    for (index, (column, cells)) in columns.into_iter().enumerate() {
        writer.push(if index > 0 { ", " } else { "" });
        let array = cells.into_iter().map(|cell| cell.unwrap_or(Value::Null)).collect();
        writer.uncast_param(Value::List(array), model.columns[usize::from(column)].ty, true);
    }
    writer.push(") AS \"u\" (");
    for index in names {
        writer.push(if index > 0 { ", " } else { "" });
        writer.ident(&format!("c{index}"));
    }
    writer.push(")");
    finish(writer, model, skip_duplicates)
}

fn from_values(
    schema: &str,
    model: &'static ModelMeta,
    rows: usize,
    columns: &mut [(u16, std::vec::IntoIter<Option<Value>>)],
    skip_duplicates: bool,
) -> Result<Statement, Error> {
    let mut writer = Writer::new(schema, "create_many");
    if columns.is_empty() {
        // `VALUES` must have a column, and `DEFAULT VALUES` is one row.
        let key: Vec<u16> = (0..).take(1).collect();
        writer.insert_into(model, None, key.into_iter());
    } else {
        writer.insert_into(model, None, columns.iter().map(|(column, _)| *column));
    }
    writer.push(" VALUES ");
    for row in 0..rows {
        writer.push(if row > 0 { ", (" } else { "(" });
        for (index, (column, cells)) in columns.iter_mut().enumerate() {
            writer.push(if index > 0 { ", " } else { "" });
            match cells.next().flatten() {
                Some(value) => writer.param(value, &model.columns[usize::from(*column)]),
                None => writer.push("DEFAULT"),
            }
        }
        writer.push(if columns.is_empty() { "DEFAULT)" } else { ")" });
    }
    finish(writer, model, skip_duplicates)
}

fn finish(
    mut writer: Writer<'_>,
    model: &'static ModelMeta,
    skip_duplicates: bool,
) -> Result<Statement, Error> {
    if skip_duplicates {
        writer.push(" ON CONFLICT DO NOTHING");
    }
    writer.finish(model, false, false)
}
