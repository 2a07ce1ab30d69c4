//! Writes the statements that a write of several steps consists of: each finds, inserts, updates, deletes or links rows of one model.

use super::generate::Instant;
use super::part::complete;
use super::writer::{Alias, Writer};
use crate::error::Error;
use crate::meta::{Join, ModelMeta, RelationMeta};
use crate::query::{Assignment, Condition, Create};
use crate::value::Value;
use crate::wire::Statement;

/// Rows of a model.
#[derive(Debug, Clone)]
pub(crate) struct Rows<'a> {
    pub(crate) model: &'static ModelMeta,
    /// What is true of the rows.
    pub(crate) filter: &'a Condition,
    /// Another row that they are connected to.
    pub(crate) connected: Option<&'a Connected>,
    /// What is not true of the rows.
    pub(crate) except: Option<&'a Condition>,
    /// The maximum number of rows.
    pub(crate) limit: Option<u64>,
}

/// The row that other rows are connected to.
#[derive(Debug, Clone)]
pub(crate) struct Connected {
    /// The model of the row.
    pub(crate) model: &'static ModelMeta,
    /// The relation from the row to the others.
    pub(crate) relation: &'static RelationMeta,
    /// The values of the row's columns that join them.
    pub(crate) values: Vec<Value>,
}

impl<'a> Rows<'a> {
    pub(crate) fn matching(model: &'static ModelMeta, filter: &'a Condition) -> Self {
        Self { model, filter, connected: None, except: None, limit: None }
    }

    pub(crate) fn connected(connected: &'a Connected, filter: &'a Condition) -> Self {
        Self { connected: Some(connected), ..Self::matching(connected.relation.target(), filter) }
    }

    pub(crate) fn limited(self, limit: Option<u64>) -> Self {
        Self { limit, ..self }
    }
}

/// Reads columns of rows.
pub(crate) fn select(schema: &str, rows: &Rows<'_>, columns: &[u16]) -> Result<Statement, Error> {
    let mut writer = Writer::new(schema, "find_many");
    let alias = writer.new_alias();
    writer.push("SELECT ");
    writer.output_columns(rows.model, alias, columns);
    writer.push(if columns.is_empty() { "FROM " } else { " FROM " });
    writer.table_as(rows.model, alias);
    writer.conditions(rows, alias);
    writer.limit(rows.limit, 0);
    writer.finish(rows.model, !columns.is_empty(), true)
}

/// Returns the values of a new row by column, including generated defaults.
pub(crate) fn values_of(create: &mut Create, now: Instant) -> Vec<(u16, Value)> {
    complete(create, now).into_iter().collect()
}

/// Inserts a row and returns columns of it. If a row with the same values of the `unless` columns exists, nothing is inserted.
pub(crate) fn insert(
    schema: &str,
    model: &'static ModelMeta,
    values: Vec<(u16, Value)>,
    unless: &[u16],
    returning: &[u16],
) -> Result<Statement, Error> {
    let mut writer = Writer::new(schema, "create");
    let alias = writer.new_alias();
    writer.insert_row(model, Some(alias), values);
    writer.unless(model, unless);
    writer.returning_columns(model, alias, returning);
    writer.finish(model, !returning.is_empty(), false)
}

/// Inserts a row and links it to another by an implicit join table.
pub(crate) fn insert_linked(
    schema: &str,
    model: &'static ModelMeta,
    values: Vec<(u16, Value)>,
    connected: &Connected,
) -> Result<Statement, Error> {
    let mut writer = Writer::new(schema, "create");
    let alias = writer.new_alias();
    writer.push("WITH \"w0\" AS (");
    writer.insert_row(model, Some(alias), values);
    writer.push(" RETURNING ");
    writer.column(alias, &model.columns[usize::from(model.key[0])]);
    writer.push(") ");
    writer.link_from("w0", connected);
    writer.finish(model, false, false)
}

/// Links rows to another by an implicit join table, and counts those that match, whether they were linked before or not.
pub(crate) fn link(schema: &str, filter: &Condition, connected: &Connected) -> Result<Statement, Error> {
    let model = connected.relation.target();
    let mut writer = Writer::new(schema, "update_many");
    writer.push("WITH \"w0\" AS (");
    writer.select_keys(&Rows::matching(model, filter), &model.key[..1]);
    writer.push("), \"w1\" AS (");
    writer.link_from("w0", connected);
    writer.push(") SELECT FROM \"w0\"");
    writer.finish(model, false, false)
}

/// Removes the links of another row to rows that match.
pub(crate) fn unlink(schema: &str, filter: &Condition, connected: &Connected) -> Result<Statement, Error> {
    let model = connected.relation.target();
    let mut writer = Writer::new(schema, "update_many");
    let Join::Table { schema: table_schema, table, here, there } = connected.relation.join else {
        return writer.finish(model, false, true);
    };
    writer.push("DELETE FROM ");
    writer.qualified(table_schema, table);
    writer.push(" WHERE ");
    writer.ident(here);
    writer.push(" = ");
    writer.linked_value(connected);
    if !filter.is_true() {
        writer.push(" AND ");
        writer.ident(there);
        writer.push(" IN (");
        writer.select_keys(&Rows::matching(model, filter), &model.key[..1]);
        writer.push(")");
    }
    // It deletes links, not rows of the model.
    Ok(Statement { model: None, ..writer.finish(model, false, false)? })
}

/// Updates rows and returns columns of them. `now` is the new value of `@updatedAt` columns; without it they do not change.
pub(crate) fn change(
    schema: &str,
    rows: &Rows<'_>,
    assignments: &[(u16, Assignment)],
    now: Option<Instant>,
    returning: &[u16],
) -> Result<Statement, Error> {
    let mut writer = Writer::new(schema, "update_many");
    let alias = writer.new_alias();
    writer.push("UPDATE ");
    writer.table_as(rows.model, alias);
    writer.push(" SET ");
    writer.assignments(alias, rows.model, assignments, now);
    writer.written_rows(rows, alias);
    writer.returning_columns(rows.model, alias, returning);
    writer.finish(rows.model, !returning.is_empty(), false)
}

/// Makes a statement that writes rows return their keys.
pub(crate) fn returning_key(statement: Statement, model: &'static ModelMeta) -> Statement {
    let mut writer = Writer::new("", statement.operation);
    writer.text = statement.text;
    for (index, column) in model.key.iter().enumerate() {
        let column = &model.columns[usize::from(*column)];
        writer.push(if index == 0 { " RETURNING " } else { ", " });
        writer.ident(column.column);
        writer.output_cast(column);
    }
    Statement { text: writer.text, returns_rows: !model.key.is_empty(), ..statement }
}

/// Deletes rows.
pub(crate) fn remove(schema: &str, rows: &Rows<'_>) -> Result<Statement, Error> {
    let mut writer = Writer::new(schema, "delete_many");
    let alias = writer.new_alias();
    writer.push("DELETE FROM ");
    writer.table_as(rows.model, alias);
    writer.written_rows(rows, alias);
    writer.finish(rows.model, false, false)
}

impl Writer<'_> {
    /// Writes `SELECT …` for a statement that needs the keys of rows.
    fn select_keys(&mut self, rows: &Rows<'_>, columns: &[u16]) {
        let alias = self.new_alias();
        self.push("SELECT ");
        for (index, column) in columns.iter().enumerate() {
            self.push(if index > 0 { ", " } else { "" });
            self.column(alias, &rows.model.columns[usize::from(*column)]);
        }
        self.push(" FROM ");
        self.table_as(rows.model, alias);
        self.conditions(rows, alias);
        self.limit(rows.limit, 0);
    }

    fn output_columns(&mut self, model: &ModelMeta, alias: Alias, columns: &[u16]) {
        for (index, column) in columns.iter().enumerate() {
            self.push(if index > 0 { ", " } else { "" });
            self.output(alias, &model.columns[usize::from(*column)]);
        }
    }

    fn returning_columns(&mut self, model: &ModelMeta, alias: Alias, columns: &[u16]) {
        if !columns.is_empty() {
            self.push(" RETURNING ");
            self.output_columns(model, alias, columns);
        }
    }

    /// Writes ` ON CONFLICT (…) DO NOTHING`.
    fn unless(&mut self, model: &ModelMeta, columns: &[u16]) {
        for (index, column) in columns.iter().enumerate() {
            self.push(if index == 0 { " ON CONFLICT (" } else { ", " });
            self.ident(model.columns[usize::from(*column)].column);
        }
        self.push(if columns.is_empty() { "" } else { ") DO NOTHING" });
    }

    /// Writes ` WHERE …` for the rows of an `UPDATE` or a `DELETE`, which have no `LIMIT` of their own.
    pub(super) fn written_rows(&mut self, rows: &Rows<'_>, alias: Alias) {
        let model = rows.model;
        // Prisma looks for connected rows, and for those whose references it sees to, before it writes them.
        self.decides = rows.connected.is_none() && !model.is_emulated();
        if rows.limit.is_none() || model.key.is_empty() {
            self.conditions(rows, alias);
            self.decides = false;
            return;
        }
        for (index, column) in model.key.iter().enumerate() {
            self.push(if index == 0 { " WHERE (" } else { ", " });
            self.column(alias, &model.columns[usize::from(*column)]);
        }
        self.push(") IN (");
        self.select_keys(rows, model.key);
        self.push(")");
        self.decides = false;
    }

    /// Writes ` WHERE …`.
    fn conditions(&mut self, rows: &Rows<'_>, alias: Alias) {
        let mut before = " WHERE ";
        if let Some(connected) = rows.connected {
            self.push(before);
            self.connected_to(connected, alias);
            before = " AND ";
        }
        if !rows.filter.is_true() {
            self.push(before);
            self.condition(rows.model, alias, rows.filter, true);
            before = " AND ";
        }
        if let Some(except) = rows.except {
            self.push(before);
            self.push("(");
            self.condition(rows.model, alias, except, false);
            self.push(") IS NOT TRUE");
        }
    }

    fn connected_to(&mut self, connected: &Connected, alias: Alias) {
        let relation = connected.relation;
        let model = relation.target();
        match relation.join {
            Join::Columns { there, .. } => {
                for (index, (column, value)) in there.iter().zip(&connected.values).enumerate() {
                    let column = &model.columns[usize::from(*column)];
                    self.push(if index == 0 { "" } else { " AND " });
                    self.column(alias, column);
                    self.push(" = ");
                    self.param(value.clone(), column);
                }
            }
            Join::Table { schema, table, here, there } => {
                let link = self.new_alias();
                self.push("EXISTS (SELECT FROM ");
                self.qualified(schema, table);
                self.push(" AS ");
                self.alias(link);
                self.push(" WHERE ");
                self.alias(link);
                self.push(".");
                self.ident(there);
                self.push(" = ");
                self.column(alias, &model.columns[usize::from(model.key[0])]);
                self.push(" AND ");
                self.alias(link);
                self.push(".");
                self.ident(here);
                self.push(" = ");
                self.linked_value(connected);
                self.push(")");
            }
        }
    }

    /// Writes `INSERT INTO "_AToB" … SELECT … FROM "w0"`.
    fn link_from(&mut self, source: &str, connected: &Connected) {
        let Join::Table { schema, table, here, there } = connected.relation.join else { return };
        let model = connected.relation.target();
        self.push("INSERT INTO ");
        self.qualified(schema, table);
        self.push(" (");
        self.ident(here);
        self.push(", ");
        self.ident(there);
        self.push(") SELECT ");
        self.linked_value(connected);
        self.push(", ");
        self.ident(model.columns[usize::from(model.key[0])].column);
        self.push(" FROM ");
        self.ident(source);
        self.push(" ON CONFLICT DO NOTHING");
    }

    /// Writes the value of the row that the others are linked to, in the type of its key.
    fn linked_value(&mut self, connected: &Connected) {
        let value = connected.values.first().cloned().unwrap_or(Value::Null);
        self.param(value, &connected.model.columns[usize::from(connected.model.key[0])]);
    }
}
