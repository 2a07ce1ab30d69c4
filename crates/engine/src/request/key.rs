//! Unique keys: which row a request names.

use nicol::__private::query::{CompareOp, Condition, Key, Operand, Subject, TextMode, Unique};
use nicol::Value;
use nicol_schema::model::ModelId;

use super::check::Input;
use super::model::{column_named, key_name, keys};
use super::{filter, value};
use crate::error::Error;
use crate::schema::Schema;

/// The columns of a key and their values.
type Values = Vec<(u16, Value)>;

/// Returns the row of a `where`: the first key that it has, and all else as a condition.
///
/// # Errors
/// A reference to another field does not fit, or PostgreSQL would refuse a value.
pub(super) fn unique(schema: &Schema, model: ModelId, input: &Input<'_>) -> Result<Unique, Error> {
    let mut keys = Vec::new();
    let mut others = Vec::new();
    for entry in input.entries() {
        let (name, input) = entry;
        match key(schema, model, name, input)? {
            Some(values) => keys.push(values),
            None => others.push(entry),
        }
    }
    let filter = filter::condition_of(schema, model, others)?;
    let mut keys = keys.into_iter();
    let key = Key { values: keys.next().unwrap_or_default() };
    let filter = keys.flatten().map(equal).chain([filter]).fold(Condition::TRUE, Condition::and);
    Ok(Unique { key, filter })
}

/// Returns the row that a page starts from.
///
/// # Errors
/// It has more than keys and values of columns.
pub(super) fn cursor(schema: &Schema, model: ModelId, input: &Input<'_>) -> Result<Key, Error> {
    let mut values = Vec::new();
    for (name, input) in input.entries() {
        match (key(schema, model, name, input)?, column_named(schema, model, name), input) {
            (Some(key), ..) => values.extend(key),
            (None, Some((_, column)), Input::Scalar(_) | Input::Enum(..) | Input::Null) => {
                values.push((column, value::of_column(schema, model, column, input)?));
            }
            _ => return Err(Error::without_code(format!("`cursor.{name}` is not a column or key"))),
        }
    }
    Ok(Key { values })
}

/// Returns the values of the key with this name, if there is one.
fn key(schema: &Schema, model: ModelId, name: &str, input: &Input<'_>) -> Result<Option<Values>, Error> {
    let Some(key) = keys(schema, model).find(|key| key_name(schema, model, key) == name) else {
        return Ok(None);
    };
    let mut values = Vec::with_capacity(key.fields.len());
    for field in &key.fields {
        let Some(column) = schema.model(model).column(field.field) else { continue };
        let name = &schema.source.model(model).field(field.field).name;
        let input = if key.fields.len() == 1 { input } else { input.get(name).unwrap_or(&Input::Null) };
        values.push((column, value::of_column(schema, model, column, input)?));
    }
    Ok(Some(values))
}

fn equal((column, value): (u16, Value)) -> Condition {
    let subject = Subject::Column(column);
    Condition::Compare { subject, op: CompareOp::Equal, value: Operand::Value(value), mode: TextMode::EXACT }
}
