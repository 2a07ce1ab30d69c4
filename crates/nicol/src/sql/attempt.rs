//! Writes an `UPDATE` or a `DELETE` of one row that depends on a condition, and returns the row in either case.
//!
//! ```sql
//! WITH "c" AS (SELECT "t0".*, ("t0"."version" = $1) IS TRUE AS "#ok" FROM "documents" AS "t0" WHERE "t0"."id" = $2 FOR NO KEY UPDATE),
//! "w0" AS (UPDATE "documents" AS "t1" SET "title" = $3 FROM "c" WHERE "t1"."id" = "c"."id" AND "c"."#ok" RETURNING "t1".*, TRUE)
//! SELECT "t2"."id", …, "t2"."#ok"
//! FROM (SELECT * FROM "c" WHERE NOT "#ok" UNION ALL SELECT * FROM "w0") AS "t2"
//! ```
//!
//! The row is locked first, because that waits for other transactions and then reads what they have written. An `UPDATE` waits, too, but what it
//! leaves alone would be read as it was when the statement began.
//!
//! Source: PostgreSQL 17 manual, 13.2.1.

use super::created::Created;
use super::generate::Instant;
use super::writer::{Alias, Writer};
use crate::error::Error;
use crate::meta::ModelMeta;
use crate::query::{Changes, Find, Unique};
use crate::wire::Statement;

/// Writes an update that depends on the filter of `unique`. The last column of the row says whether it was updated.
pub(crate) fn attempt_update(
    schema: &str,
    unique: &Unique,
    changes: &Changes,
    returning: &Find,
) -> Result<Statement, Error> {
    let model = changes.model;
    let mut writer = Writer::new(schema, "update");
    if changes.assignments.is_empty() {
        writer.current(model, unique, ")");
        writer.attempted(returning, "\"c\"");
        return writer.finish(model, true, true);
    }
    writer.current(model, unique, " FOR NO KEY UPDATE), \"w0\" AS (UPDATE ");
    let target = writer.new_alias();
    writer.table_as(model, target);
    writer.push(" SET ");
    writer.assignments(target, model, &changes.assignments, Some(Instant::now()));
    writer.push(" FROM \"c\"");
    writer.is_current(model, target);
    writer.push(" RETURNING ");
    writer.alias(target);
    writer.push(".*, TRUE)");
    writer.attempted(returning, "(SELECT * FROM \"c\" WHERE NOT \"#ok\" UNION ALL SELECT * FROM \"w0\")");
    writer.finish(model, true, false)
}

/// Writes a deletion that depends on the filter of `unique`. The last column of the row says whether it was deleted.
pub(crate) fn attempt_delete(schema: &str, unique: &Unique, returning: &Find) -> Result<Statement, Error> {
    let model = returning.model;
    let mut writer = Writer::new(schema, "delete");
    writer.current(model, unique, " FOR UPDATE), \"w0\" AS (DELETE FROM ");
    let target = writer.new_alias();
    writer.table_as(model, target);
    writer.push(" USING \"c\"");
    writer.is_current(model, target);
    writer.push(")");
    writer.attempted(returning, "\"c\"");
    writer.finish(model, true, false)
}

impl Writer<'_> {
    /// Writes `WITH "c" AS (…`: the row and whether the condition holds.
    fn current(&mut self, model: &'static ModelMeta, unique: &Unique, end: &str) {
        let alias = self.new_alias();
        self.push("WITH \"c\" AS (SELECT ");
        self.alias(alias);
        self.push(".*, (");
        self.condition(model, alias, &unique.filter, false);
        self.push(") IS TRUE AS \"#ok\" FROM ");
        self.table_as(model, alias);
        self.filter(model, alias, &unique.key.clone().condition());
        self.push(end);
    }

    /// Writes the condition that a row is that of `"c"`, and that it may be written.
    fn is_current(&mut self, model: &ModelMeta, target: Alias) {
        self.push(" WHERE ");
        for column in model.key {
            let column = &model.columns[usize::from(*column)];
            self.column(target, column);
            self.push(" = \"c\".");
            self.ident(column.column);
            self.push(" AND ");
        }
        self.push("\"c\".\"#ok\"");
    }

    /// Writes the row that is returned.
    fn attempted(&mut self, returning: &Find, from: &str) {
        let alias = self.new_alias();
        self.push(" SELECT ");
        self.row(returning, alias, &Created::NOTHING);
        self.push(", ");
        self.alias(alias);
        self.push(".\"#ok\" FROM ");
        self.push(from);
        self.push(" AS ");
        self.alias(alias);
    }
}
