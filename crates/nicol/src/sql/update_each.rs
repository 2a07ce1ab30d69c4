//! Writes `UPDATE` for many rows, each with its own values.
//!
//! The rows with the same key and the same changes are one statement from arrays, whatever their number:
//!
//! ```sql
//! UPDATE "posts" AS "t0" SET "title" = "u"."c1", "views" = "t0"."views" + "u"."c2"
//! FROM (SELECT DISTINCT ON ("u"."c0") * FROM unnest($1, $2, $3) WITH ORDINALITY AS "u" ("c0", "c1", "c2", "n")
//!     ORDER BY "u"."c0", "u"."n" DESC) AS "u"
//! WHERE "t0"."id" = "u"."c0"
//! ```
//!
//! Of rows with the same key the last one counts: PostgreSQL would update the row once, from any of them.

use std::collections::BTreeMap;

use super::create::has_lists;
use super::generate::Instant;
use super::writer::{Alias, MAX_PARAMETERS, Writer};
use crate::error::{Error, Kind};
use crate::meta::{ColumnType, ModelMeta};
use crate::query::{Assignment, Returning, Unique, UpdateEach, UpdateRow};
use crate::value::Value;
use crate::wire::Statement;

/// What rows of one statement have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Form {
    /// The columns of the key.
    key: Vec<u16>,
    /// The changed columns, each with the operator of the change.
    changes: Vec<(u16, &'static str)>,
}

impl Form {
    /// Returns the columns of the given rows.
    fn columns(&self) -> Vec<u16> {
        self.key.iter().copied().chain(self.changed()).collect()
    }

    fn changed(&self) -> impl Iterator<Item = u16> {
        self.changes.iter().map(|(column, _)| *column)
    }
}

/// Writes the rows of each form as one statement, or as several if they would have too many parameters.
pub(crate) fn update_each(
    schema: &str,
    update: UpdateEach,
    returning: &Returning,
) -> Result<Vec<Statement>, Error> {
    let UpdateEach { model, rows, skip_unchanged } = update;
    let mut places: BTreeMap<Form, usize> = BTreeMap::new();
    let mut groups: Vec<(Form, Vec<Vec<Value>>)> = Vec::new();
    for UpdateRow { unique: Unique { key, .. }, changes } in rows {
        if !changes.nested.is_empty() {
            let message = "`update_each` does not support nested writes\nhelp: update each row with `update`";
            return Err(Kind::Unsupported { message }.into());
        }
        // A later change of a column replaces an earlier one.
        let changes: BTreeMap<u16, Assignment> = changes.assignments.into_iter().collect();
        if changes.is_empty() {
            continue;
        }
        let (key, mut values): (Vec<u16>, Vec<Value>) = key.values.into_iter().unzip();
        values.extend(changes.values().map(|change| change.parts().1.clone()));
        let changes = changes.iter().map(|(column, change)| (*column, change.parts().0)).collect();
        let place = *places.entry(Form { key, changes }).or_insert_with_key(|form| {
            groups.push((form.clone(), Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(values);
    }
    let now = Instant::now();
    let mut statements = Vec::new();
    for (form, rows) in groups {
        let columns = form.columns();
        let per_statement =
            if has_lists(model, &columns) { MAX_PARAMETERS / columns.len() } else { rows.len() };
        for rows in rows.chunks(per_statement) {
            statements.push(statement(schema, (model, &form), rows, now, skip_unchanged, returning)?);
        }
    }
    Ok(statements)
}

fn statement(
    schema: &str,
    (model, form): (&'static ModelMeta, &Form),
    rows: &[Vec<Value>],
    now: Instant,
    skip_unchanged: bool,
    returning: &Returning,
) -> Result<Statement, Error> {
    let mut writer = Writer::new(schema, "update_each");
    let target = writer.new_alias();
    let wrapped = matches!(returning, Returning::Rows(find) if !find.includes.is_empty());
    writer.push(if wrapped { "WITH \"w0\" AS (UPDATE " } else { "UPDATE " });
    writer.table_as(model, target);
    writer.set_given(target, model, form, now);
    writer.push(" FROM (SELECT DISTINCT ON (");
    writer.key_given(model, form);
    writer.push(") * FROM ");
    writer.rows(model, &form.columns(), rows, None);
    writer.push(" ORDER BY ");
    writer.key_given(model, form);
    writer.push(", \"u\".\"n\" DESC) AS \"u\"");
    for (place, column) in form.key.iter().enumerate() {
        let column = &model.columns[usize::from(*column)];
        writer.push(if place == 0 { " WHERE " } else { " AND " });
        writer.column(target, column);
        writer.push(" = ");
        writer.given_column(place);
        writer.cast(column.ty, false);
    }
    // A calculation counts as a change.
    if skip_unchanged && form.changes.iter().all(|(_, operator)| operator.is_empty()) {
        let changed: Vec<u16> = form.changed().collect();
        writer.push(" AND ");
        writer.changes(model, target, &changed, |writer, column| {
            if let Some(index) = changed.iter().position(|other| *other == column) {
                let column = &model.columns[usize::from(column)];
                writer.given_column(form.key.len() + index);
                writer.cast(column.ty, column.list);
            }
        });
    }
    let Returning::Rows(find) = returning else { return writer.finish(model, false, false) };
    writer.returning(target, find, wrapped);
    writer.finish(model, true, false)
}

impl Writer<'_> {
    /// Writes the columns of `"u"` with the key.
    fn key_given(&mut self, model: &ModelMeta, form: &Form) {
        for (place, column) in form.key.iter().enumerate() {
            self.push(if place > 0 { ", " } else { "" });
            self.given_column(place);
            self.cast(model.columns[usize::from(*column)].ty, false);
        }
    }

    /// Writes ` SET …` with the columns of `"u"` after the key.
    fn set_given(&mut self, target: Alias, model: &ModelMeta, form: &Form, now: Instant) {
        let mut before = " SET ";
        for (place, (column, operator)) in (form.key.len()..).zip(&form.changes) {
            let column = &model.columns[usize::from(*column)];
            self.push(before);
            self.ident(column.column);
            self.push(" = ");
            let mut ty = column.ty;
            if !operator.is_empty() {
                self.column(target, column);
                ty = self.number_cast(column);
                self.push(operator);
            }
            self.given_column(place);
            match ty {
                _ if ty == column.ty => self.cast(ty, column.list),
                // `oid` is given as such, and `money` as `numeric`.
                ColumnType::Int8 => self.push("::int8"),
                _ => {}
            }
            before = ", ";
        }
        for (index, column) in (0..).zip(model.columns) {
            if column.updated_at && form.changed().all(|changed| changed != index) {
                self.push(before);
                self.ident(column.column);
                self.push(" = ");
                self.param(now.value(column), column);
            }
        }
    }
}
