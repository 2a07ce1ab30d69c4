//! Writes `UPDATE`, `DELETE` and `INSERT … ON CONFLICT`.

use std::collections::BTreeMap;

use super::created::Created;
use super::generate::Instant;
use super::part::complete;
use super::rows::{self, Rows};
use super::select::find;
use super::writer::{Alias, Writer};
use crate::error::Error;
use crate::meta::{ColumnType, ModelMeta};
use crate::query::{Assignment, Changes, Condition, Create, Find, Key, Returning, UpdateMany};
use crate::value::Value;
use crate::wire::Statement;

/// Writes an upsert as one statement; `None` if it needs several.
pub(crate) fn upsert(
    schema: &str,
    key: &Key,
    create: &Create,
    changes: &Changes,
    returning: &Find,
) -> Result<Option<Statement>, Error> {
    let given = |(column, value): &(u16, Value)| {
        create.values.iter().rev().find(|(other, _)| other == column).is_some_and(|(_, other)| other == value)
    };
    if !create.nested.is_empty() || !key.values.iter().all(given) {
        return Ok(None);
    }
    let now = Instant::now();
    let model = create.model;
    let mut writer = Writer::new(schema, "upsert");
    let target = writer.new_alias();
    let wrapped = !returning.includes.is_empty();
    if wrapped {
        writer.push("WITH \"w0\" AS (");
    }
    let values = complete(&mut create.clone(), now);
    writer.insert_row(model, Some(target), values);
    writer.push(" ON CONFLICT (");
    for (index, (column, _)) in key.values.iter().enumerate() {
        if index > 0 {
            writer.push(", ");
        }
        writer.ident(model.columns[usize::from(*column)].column);
    }
    writer.push(") DO UPDATE SET ");
    if !writer.assignments(target, model, &changes.assignments, Some(now)) {
        // There is nothing to change, but only an updated row is returned.
        let column = &model.columns[usize::from(key.values[0].0)];
        writer.ident(column.column);
        writer.push(" = ");
        writer.column(target, column);
    }
    writer.returning(target, returning, wrapped);
    writer.finish(model, true, false).map(Some)
}

pub(crate) fn update(
    schema: &str,
    filter: &Condition,
    changes: &Changes,
    returning: &Find,
) -> Result<Statement, Error> {
    let model = changes.model;
    let mut writer = Writer::new(schema, "update");
    let target = writer.new_alias();
    let wrapped = !returning.includes.is_empty();
    if wrapped {
        writer.push("WITH \"w0\" AS (");
    }
    if !writer.update(target, filter, changes) {
        let read = Find { filter: filter.clone(), single: true, ..returning.clone() };
        return find(schema, &read).map(Statement::requiring_row);
    }
    writer.returning(target, returning, wrapped);
    writer.finish(model, true, false).map(Statement::requiring_row)
}

/// Updates the rows that match.
pub(crate) fn update_many(
    schema: &str,
    update: &UpdateMany,
    returning: &Returning,
) -> Result<Statement, Error> {
    let UpdateMany { filter, changes, limit } = update;
    let model = changes.model;
    let rows = Rows::matching(model, filter).limited(*limit);
    if changes.assignments.is_empty() {
        // There is nothing to change: the rows that match are counted, or read.
        return match returning {
            Returning::Count => rows::select(schema, &rows, &[]),
            Returning::Rows(returning) => {
                find(schema, &Find { filter: filter.clone(), take: *limit, ..(**returning).clone() })
            }
        };
    }
    let mut writer = Writer::new(schema, "update_many");
    let target = writer.new_alias();
    let wrapped = matches!(returning, Returning::Rows(find) if !find.includes.is_empty());
    writer.push(if wrapped { "WITH \"w0\" AS (UPDATE " } else { "UPDATE " });
    writer.table_as(model, target);
    writer.push(" SET ");
    writer.assignments(target, model, &changes.assignments, Some(Instant::now()));
    writer.written_rows(&rows, target);
    let Returning::Rows(returning) = returning else { return writer.finish(model, false, false) };
    writer.returning(target, returning, wrapped);
    writer.finish(model, true, false)
}

/// Makes a statement that writes rows return them.
pub(crate) fn returning(schema: &str, statement: Statement, returning: &Find) -> Result<Statement, Error> {
    let mut writer = Writer::new(schema, statement.operation);
    writer.push("WITH \"w0\" AS (");
    writer.push(&statement.text);
    writer.params = statement.params;
    writer.push(" RETURNING *) SELECT ");
    let alias = writer.new_alias();
    let joins = writer.row(returning, alias, &Created::NOTHING);
    writer.push(" FROM \"w0\" AS ");
    writer.alias(alias);
    writer.push(&joins);
    writer.finish(returning.model, true, false)
}

pub(crate) fn delete(schema: &str, filter: &Condition, returning: &Find) -> Result<Statement, Error> {
    let model = returning.model;
    let mut writer = Writer::new(schema, "delete");
    let target = writer.new_alias();
    let wrapped = !returning.includes.is_empty();
    if wrapped {
        writer.push("WITH \"w0\" AS (");
    }
    writer.push("DELETE FROM ");
    writer.table_as(model, target);
    writer.written_rows(&Rows::matching(model, filter), target);
    writer.returning(target, returning, wrapped);
    writer.finish(model, true, false).map(Statement::requiring_row)
}

impl Assignment {
    /// Returns the operator between the current value and the given one, and the given value. To set it, no operator is needed.
    pub(super) fn parts(&self) -> (&'static str, &Value) {
        match self {
            Self::Set(value) => ("", value),
            Self::Increment(value) => (" + ", value),
            Self::Decrement(value) => (" - ", value),
            Self::Multiply(value) => (" * ", value),
            Self::Divide(value) => (" / ", value),
            Self::Push(value) => (" || ", value),
        }
    }
}

impl Writer<'_> {
    /// Writes `UPDATE … SET … WHERE …` and returns whether there is anything to set.
    fn update(&mut self, target: Alias, filter: &Condition, changes: &Changes) -> bool {
        self.push("UPDATE ");
        self.table_as(changes.model, target);
        self.push(" SET ");
        let changed = self.assignments(target, changes.model, &changes.assignments, Some(Instant::now()));
        self.written_rows(&Rows::matching(changes.model, filter), target);
        changed
    }

    /// Writes the assignments and returns whether there are any: `@updatedAt` columns change only together with another column, and not at all
    /// without `now`.
    pub(super) fn assignments(
        &mut self,
        target: Alias,
        model: &ModelMeta,
        assignments: &[(u16, Assignment)],
        now: Option<Instant>,
    ) -> bool {
        if assignments.is_empty() {
            return false;
        }
        let mut last: BTreeMap<u16, &Assignment> = BTreeMap::new();
        for (column, assignment) in assignments {
            last.insert(*column, assignment);
        }
        let mut first = true;
        for (index, column) in (0..).zip(model.columns) {
            let assignment = last.get(&index);
            let time = now.filter(|_| column.updated_at);
            if assignment.is_none() && time.is_none() {
                continue;
            }
            if !first {
                self.push(", ");
            }
            first = false;
            self.ident(column.column);
            self.push(" = ");
            let (operator, value) = match assignment {
                None => ("", time.map_or(Value::Null, |time| time.value(column))),
                Some(assignment) => {
                    let (operator, value) = assignment.parts();
                    (operator, value.clone())
                }
            };
            if operator.is_empty() {
                self.param(value, column);
                continue;
            }
            self.column(target, column);
            // The assignment casts back to the type of the column.
            let ty = self.number_cast(column);
            self.push(operator);
            self.param_as(value, ty, column.list);
        }
        true
    }

    /// Writes whether columns would change to new values. Columns with the time of the update do not count.
    pub(super) fn changes(
        &mut self,
        model: &'static ModelMeta,
        target: Alias,
        columns: &[u16],
        new: impl Fn(&mut Self, u16),
    ) {
        let meta = |column: u16| &model.columns[usize::from(column)];
        let compared = || columns.iter().copied().filter(|column| !meta(*column).updated_at);
        if compared().next().is_none() {
            return self.push("TRUE");
        }
        let cast = |writer: &mut Self, column: u16| {
            let column = meta(column);
            // `json` and `xml` cannot be compared, `citext` ignores case, and a list of `bit` is given as one of `varbit`.
            writer.push(match column.ty {
                ColumnType::Json | ColumnType::Xml | ColumnType::Citext => "::text",
                ColumnType::Bit => "::varbit",
                _ => return,
            });
            writer.push(if column.list { "[]" } else { "" });
        };
        for (index, column) in compared().enumerate() {
            self.push(if index == 0 { "(" } else { ", " });
            self.column(target, meta(column));
            cast(self, column);
        }
        for (index, column) in compared().enumerate() {
            self.push(if index == 0 { ") IS DISTINCT FROM (" } else { ", " });
            new(self, column);
            cast(self, column);
        }
        self.push(")");
    }

    /// Writes `RETURNING …` or, if relations are loaded, a `SELECT` around the statement: `RETURNING` would read the relations of the key from
    /// before the update.
    pub(super) fn returning(&mut self, target: Alias, returning: &Find, wrapped: bool) {
        if !wrapped {
            self.push(" RETURNING ");
            self.row(returning, target, &Created::NOTHING);
            return;
        }
        self.push(" RETURNING ");
        self.alias(target);
        self.push(".*) SELECT ");
        let alias = self.new_alias();
        self.row(returning, alias, &Created::NOTHING);
        self.push(" FROM \"w0\" AS ");
        self.alias(alias);
    }
}
