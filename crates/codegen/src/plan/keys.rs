//! Unique keys.

use nicol_schema::constraint;
use nicol_schema::model::{Key, Model};

use super::Unique;
use super::models::Draft;
use crate::names::{self, Scope, reserved};

/// Plans the unique keys of a model, the primary key first. Keys with columns that the client does not know are
/// omitted.
pub(super) fn plan(draft: &Draft<'_>, functions: &mut Scope) -> Vec<Unique> {
    let model = draft.model;
    let table = model.database_name();
    let primary = model.primary_key.iter().map(|key| (key, constraint::primary_key(table)));
    let uniques = model.uniques.iter().map(|key| {
        let columns = key.fields.iter().map(|field| model.field(field.field).database_name());
        (key, constraint::unique(table, &columns.collect::<Vec<_>>()))
    });
    let keys = primary.chain(uniques).filter_map(|(key, automatic)| {
        let columns = draft.columns_of(key)?;
        let bases: Vec<String> = columns.iter().map(|&column| draft.base(column).to_owned()).collect();
        let constructor = match &key.name {
            Some(name) => names::snake_case(name),
            None => bases.join("_and_"),
        };
        let parameters = Scope::with(&[reserved::KEY_PARAMETERS]).take_all(&bases);
        Some(Unique {
            constraint: key.map.clone().unwrap_or(automatic),
            columns,
            constructor: names::ident(&functions.take(format!("by_{constructor}"))),
            parameters: parameters.iter().map(|name| names::ident(name)).collect(),
        })
    });
    keys.collect()
}

/// Returns the columns that identify rows: the primary key, or else the first unique key with only required columns.
pub(super) fn key(draft: &Draft<'_>) -> Vec<u16> {
    let model = draft.model;
    let is_required = |key: &&Key| !key.fields.iter().any(|field| is_nullable(model, field.field));
    let mut keys = model.primary_key.iter().chain(model.uniques.iter().filter(is_required));
    keys.find_map(|key| draft.columns_of(key)).unwrap_or_default()
}

fn is_nullable(model: &Model, field: nicol_schema::model::FieldId) -> bool {
    model.field(field).arity == nicol_schema::model::Arity::Optional
}
