//! Writes `INSERT … ON CONFLICT` for many rows.
//!
//! The rows that set the same columns are one statement from arrays, whatever their number:
//!
//! ```sql
//! INSERT INTO "users" AS "t0" ("id", "email", "name")
//! SELECT DISTINCT ON ("u"."c1") "u"."c0", "u"."c1", "u"."c2"
//! FROM unnest($1, $2, $3) WITH ORDINALITY AS "u" ("c0", "c1", "c2", "n") ORDER BY "u"."c1", "u"."n" DESC
//! ON CONFLICT ("email") DO UPDATE SET "name" = "excluded"."name"
//! ```
//!
//! Of rows with the same key the last one is written, because PostgreSQL changes no row twice in a statement (SQLSTATE 21000). The order by
//! key lets statements that write the same rows at the same time wait for each other instead of running into a deadlock.

use std::collections::BTreeMap;

use super::create::has_lists;
use super::generate::Instant;
use super::part::complete;
use super::writer::{Alias, MAX_PARAMETERS, Writer};
use crate::error::{Error, Kind};
use crate::meta::{Default, ModelMeta};
use crate::query::{Create, Find, UpsertMany};
use crate::value::Value;
use crate::wire::Statement;

/// What an upsert of many rows returns.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// The number of rows that were written.
    Count,
    /// A row with the number of created rows and the number of all rows that were written.
    Counts,
    /// The rows that were written, in any order.
    Rows(Box<Find>),
}

/// Rows that set the same columns.
struct Group {
    columns: Vec<u16>,
    rows: Vec<Vec<Value>>,
}

/// Writes the rows of each group as one statement, or as several if they would have too many parameters.
pub(crate) fn upsert_many(
    schema: &str,
    mut upsert: UpsertMany,
    answer: &Answer,
) -> Result<Vec<Statement>, Error> {
    let is_same =
        |other: &[u16]| other.len() == upsert.key.len() && other.iter().all(|c| upsert.key.contains(c));
    if !upsert.model.uniques.iter().any(|unique| is_same(unique.columns)) {
        let message = "`upsert_many` finds existing rows by a unique key\nhelp: name the field of a unique key, or all its fields in a tuple";
        return Err(Kind::Unsupported { message }.into());
    }
    let rows = std::mem::take(&mut upsert.rows);
    let mut statements = Vec::new();
    for Group { columns, rows } in groups(&upsert.key, rows)? {
        let per_statement =
            if has_lists(upsert.model, &columns) { MAX_PARAMETERS / columns.len() } else { rows.len() };
        for rows in rows.chunks(per_statement) {
            statements.push(statement(schema, &upsert, &columns, rows, answer)?);
        }
    }
    Ok(statements)
}

/// Groups rows by the columns that they set, including generated defaults.
fn groups(key: &[u16], rows: Vec<Create>) -> Result<Vec<Group>, Error> {
    let now = Instant::now();
    let mut places: BTreeMap<Vec<u16>, usize> = BTreeMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for mut row in rows {
        if !row.nested.is_empty() {
            let message = "`upsert_many` does not support nested writes\nhelp: write each row with `upsert`";
            return Err(Kind::Unsupported { message }.into());
        }
        let sets =
            |column: &u16| row.values.iter().rev().find(|(other, _)| other == column).map(|(_, value)| value);
        if key.iter().any(|column| sets(column).is_none_or(|value| *value == Value::Null)) {
            let message =
                "a row of `upsert_many` does not set the unique key\nhelp: set all its fields in every row";
            return Err(Kind::Unsupported { message }.into());
        }
        let (columns, values) = complete(&mut row, now).into_iter().unzip();
        let place = *places.entry(columns).or_insert_with_key(|columns| {
            groups.push(Group { columns: columns.clone(), rows: Vec::new() });
            groups.len() - 1
        });
        groups[place].rows.push(values);
    }
    Ok(groups)
}

fn statement(
    schema: &str,
    upsert: &UpsertMany,
    columns: &[u16],
    rows: &[Vec<Value>],
    answer: &Answer,
) -> Result<Statement, Error> {
    let model = upsert.model;
    let mut writer = Writer::new(schema, "upsert_many");
    let target = writer.new_alias();
    let wrapped = match answer {
        Answer::Count => false,
        Answer::Counts => true,
        Answer::Rows(find) => !find.includes.is_empty(),
    };
    writer.push(if wrapped { "WITH \"w0\" AS (" } else { "" });
    writer.insert_into(model, Some(target), columns.iter().copied());
    writer.push(" SELECT DISTINCT ON (");
    writer.given_key(upsert, columns);
    writer.push(") ");
    writer.given(model, columns);
    writer.push(" FROM ");
    writer.rows(model, columns, rows, None);
    writer.push(" ORDER BY ");
    writer.given_key(upsert, columns);
    writer.push(", \"u\".\"n\" DESC ON CONFLICT (");
    for (index, column) in upsert.key.iter().enumerate() {
        writer.push(if index > 0 { ", " } else { "" });
        writer.ident(model.columns[usize::from(*column)].column);
    }
    writer.push(")");
    writer.change_existing(target, upsert, columns);
    match answer {
        Answer::Count => return writer.finish(model, false, false),
        Answer::Rows(find) => writer.returning(target, find, wrapped),
        Answer::Counts => {
            writer.push(" RETURNING ");
            writer.alias(target);
            // A new row has not been locked by anybody yet.
            writer.push(".xmax = 0 AS \"new\") SELECT count(*) FILTER (WHERE \"new\"), count(*) FROM \"w0\"");
        }
    }
    writer.finish(model, true, false)
}

/// Returns the columns that an existing row takes over, without those with the time of the update.
fn updated(upsert: &UpsertMany, columns: &[u16]) -> Vec<u16> {
    let UpsertMany { model, key, update, .. } = upsert;
    let is_updated = |column: &u16| {
        let meta = &model.columns[usize::from(*column)];
        match update {
            Some(chosen) => chosen.contains(column),
            None => {
                let is_key = key.contains(column) || model.key.contains(column);
                !is_key && !meta.updated_at && matches!(meta.default, Default::None | Default::Database)
            }
        }
    };
    columns.iter().copied().filter(is_updated).collect()
}

impl Writer<'_> {
    /// Writes the columns of `"u"` with the unique key.
    fn given_key(&mut self, upsert: &UpsertMany, columns: &[u16]) {
        for (index, column) in upsert.key.iter().enumerate() {
            self.push(if index > 0 { ", " } else { "" });
            let Some(place) = columns.iter().position(|other| other == column) else { continue };
            self.given_column(place);
            self.cast(upsert.model.columns[usize::from(*column)].ty, false);
        }
    }

    /// Writes what is done with an existing row.
    fn change_existing(&mut self, target: Alias, upsert: &UpsertMany, columns: &[u16]) {
        let model = upsert.model;
        let updated = updated(upsert, columns);
        if updated.is_empty() {
            if upsert.skip_unchanged {
                return self.push(" DO NOTHING");
            }
            // There is nothing to change, but only an updated row is counted and returned.
            let key = &model.columns[usize::from(upsert.key[0])];
            self.push(" DO UPDATE SET ");
            self.ident(key.column);
            self.push(" = ");
            return self.column(target, key);
        }
        let is_set =
            |column: &&u16| updated.contains(column) || model.columns[usize::from(**column)].updated_at;
        for (index, column) in columns.iter().filter(is_set).enumerate() {
            self.push(if index == 0 { " DO UPDATE SET " } else { ", " });
            self.ident(model.columns[usize::from(*column)].column);
            self.push(" = ");
            self.excluded(model, *column);
        }
        if upsert.skip_unchanged {
            self.push(" WHERE ");
            self.changes(model, target, &updated, |writer, column| writer.excluded(model, column));
        }
    }

    /// Writes `"excluded"."name"`: the column of the row that was not inserted.
    fn excluded(&mut self, model: &ModelMeta, column: u16) {
        self.push("\"excluded\".");
        self.ident(model.columns[usize::from(column)].column);
    }
}
