//! Writes `INSERT`: a row with its nested writes as one statement.
//!
//! Nested rows with the same columns are one `INSERT` from arrays, so that the text of the statement does not depend on their number:
//!
//! ```sql
//! WITH "w0" AS (INSERT INTO "users" ("email") VALUES ($1) RETURNING *),
//! "w1" AS (INSERT INTO "posts" ("title", "user_id") SELECT "u"."c0", "p"."f0"
//!     FROM unnest($2, $3) WITH ORDINALITY AS "u" ("c0", "p", "n")
//!     JOIN (SELECT "id", row_number() OVER () FROM "w0") AS "p" ("f0", "n") ON "p"."n" = "u"."p"
//!     ORDER BY "u"."n" RETURNING *)
//! SELECT … FROM "w0" AS "t0"
//! ```
//!
//! `"p"` is the position of the parent among the rows of its `INSERT`. Rows are inserted and returned in the order of `"n"`.
//!
//! Rows to connect are looked up first (`"k0"`). The first row is written only if all of them exist, and all other rows depend on it.

use postgres_types::Type;

use super::created::Created;
use super::generate::Instant;
use super::part::{Beneath, Lookup, Part, parts};
use super::writer::{Alias, Writer};
use crate::codec::Param;
use crate::error::Error;
use crate::meta::{Join, ModelMeta};
use crate::query::{Create, Find};
use crate::value::Value;
use crate::wire::{References, Statement};

/// Writes a row, the rows that it connects and its nested rows as one statement.
pub(crate) fn create(schema: &str, create: Create, returning: &Find) -> Result<Statement, Error> {
    let model = create.model;
    let parts = parts(create, Instant::now())?;
    let mut writer = Writer::new(schema, "create");
    if let [Part { lookups, .. }] = &parts[..]
        && lookups.len() <= 1
        && returning.includes.is_empty()
    {
        let target = lookups.first().map(|lookup| lookup.target.name);
        writer.single(parts, returning);
        let statement = writer.finish(model, true, false)?;
        return Ok(statement.referring_to(target.map_or(References::None, References::One)));
    }
    let found = writer.lookups(&parts);
    for place in 0..parts.len() {
        writer.push(if place == 0 && found.is_empty() { "WITH " } else { ", " });
        writer.part(&parts, place, &found);
    }
    let alias = writer.new_alias();
    writer.push(" SELECT ");
    writer.row(returning, alias, &Created::root(&parts));
    if found.is_empty() {
        writer.push(" FROM \"w0\" AS ");
        writer.alias(alias);
        return writer.finish(model, true, false);
    }
    // There is always a row in the result. It says which row was missing.
    writer.push(", CASE");
    for (index, (name, count, _)) in found.iter().enumerate() {
        writer.push(" WHEN ");
        writer.not_all_found(name, *count);
        writer.push(" THEN ");
        writer.number(index);
    }
    writer.push(" WHEN NOT EXISTS (SELECT FROM \"w0\") THEN ");
    writer.number(found.len());
    writer.push(" END FROM (SELECT) AS \"o\" LEFT JOIN \"w0\" AS ");
    writer.alias(alias);
    writer.push(" ON TRUE");
    let targets = found.iter().map(|(.., target)| *target).chain([model.name]);
    let references = References::Many(targets.collect());
    Ok(writer.finish(model, true, false)?.referring_to(references))
}

pub(super) fn has_lists(model: &ModelMeta, columns: &[u16]) -> bool {
    columns.iter().any(|column| model.columns[usize::from(*column)].list)
}

/// A written lookup: its name, the parameter with the number of its rows, and the model.
type Found = (String, usize, &'static str);

impl Writer<'_> {
    /// Writes `INSERT INTO … (…)`.
    pub(super) fn insert_into(
        &mut self,
        model: &ModelMeta,
        alias: Option<Alias>,
        columns: impl Iterator<Item = u16>,
    ) {
        self.push("INSERT INTO ");
        match alias {
            Some(alias) => self.table_as(model, alias),
            None => self.table(model),
        }
        let mut separator = " (";
        for column in columns {
            self.push(separator);
            self.ident(model.columns[usize::from(column)].column);
            separator = ", ";
        }
        if separator == ", " {
            self.push(")");
        }
    }

    /// Writes `INSERT INTO … VALUES …`.
    pub(super) fn insert_row(
        &mut self,
        model: &ModelMeta,
        alias: Option<Alias>,
        values: impl IntoIterator<Item = (u16, Value)>,
    ) {
        let (columns, values): (Vec<u16>, Vec<Value>) = values.into_iter().unzip();
        self.insert_into(model, alias, columns.iter().copied());
        if columns.is_empty() {
            return self.push(" DEFAULT VALUES");
        }
        self.push(" VALUES (");
        self.values(model, &columns, values);
        self.push(")");
    }

    fn values(&mut self, model: &ModelMeta, columns: &[u16], values: Vec<Value>) {
        for (index, (column, value)) in columns.iter().zip(values).enumerate() {
            self.push(if index > 0 { ", " } else { "" });
            self.param(value, &model.columns[usize::from(*column)]);
        }
    }

    /// Writes a row that connects at most one other, which needs no `WITH`.
    fn single(&mut self, parts: Vec<Part>, returning: &Find) {
        let alias = self.new_alias();
        for Part { model, columns, rows, lookups, .. } in parts {
            for values in rows {
                let Some(Lookup { references, target, columns: key, keys }) = lookups.first() else {
                    self.insert_row(model, Some(alias), columns.iter().copied().zip(values));
                    continue;
                };
                let there = self.new_alias();
                let all = columns.iter().copied().chain(references.iter().map(|(here, _)| *here));
                self.insert_into(model, Some(alias), all);
                self.push(" SELECT ");
                let given = !values.is_empty();
                self.values(model, &columns, values);
                for (index, (_, column)) in references.iter().enumerate() {
                    self.push(if index > 0 || given { ", " } else { "" });
                    self.column(there, &target.columns[usize::from(*column)]);
                }
                self.push(" FROM ");
                self.table_as(target, there);
                for (index, (column, value)) in key.iter().zip(keys.iter().flatten()).enumerate() {
                    let column = &target.columns[usize::from(*column)];
                    self.push(if index == 0 { " WHERE " } else { " AND " });
                    self.column(there, column);
                    self.push(" = ");
                    self.param(value.clone(), column);
                }
            }
        }
        self.push(" RETURNING ");
        self.row(returning, alias, &Created::NOTHING);
    }

    /// Writes `"k0" ("n", "f0") AS (…)`: the rows to connect.
    fn lookups(&mut self, parts: &[Part]) -> Vec<Found> {
        let mut found = Vec::new();
        for Lookup { references, target, columns, keys } in parts.iter().flat_map(|part| &part.lookups) {
            self.push(if found.is_empty() { "WITH " } else { ", " });
            let name = format!("k{}", found.len());
            self.ident(&name);
            self.push(" (\"n\"");
            for index in 0..references.len() {
                self.push(", ");
                self.ident(&format!("f{index}"));
            }
            self.push(") AS (SELECT \"u\".\"n\"");
            let there = self.new_alias();
            for (_, column) in references {
                self.push(", ");
                self.column(there, &target.columns[usize::from(*column)]);
            }
            self.push(" FROM ");
            self.rows(target, columns, keys, None);
            self.push(" JOIN ");
            self.table_as(target, there);
            for (index, column) in columns.iter().enumerate() {
                let column = &target.columns[usize::from(*column)];
                self.push(if index == 0 { " ON " } else { " AND " });
                self.column(there, column);
                self.push(" = ");
                self.given_column(index);
                self.cast(column.ty, false);
            }
            self.push(")");
            found.push((name, keys.len(), target.name));
        }
        // The numbers of rows are parameters, so that the text does not depend on them.
        for (_, count, _) in &mut found {
            let rows = big_int(*count);
            *count = self.params.len() + 1;
            self.params.push(Param::new(rows, Some(Type::INT8)));
        }
        found
    }

    fn not_all_found(&mut self, name: &str, count: usize) {
        self.push("(SELECT count(*) FROM ");
        self.ident(name);
        self.push(") <> $");
        self.number(count);
    }

    /// Writes `"w1" AS (INSERT INTO …)`, and `"l1"` for the rows of an implicit join table.
    fn part(&mut self, parts: &[Part], place: usize, found: &[Found]) {
        let part = &parts[place];
        let model = part.model;
        self.ident(&format!("w{place}"));
        self.push(" AS (");
        // Lookups are numbered across all parts.
        let before: usize = parts[..place].iter().map(|part| part.lookups.len()).sum();
        let own = &found[before..before + part.lookups.len()];
        match &part.beneath {
            None if found.is_empty() => {
                let values = part.rows.iter().flatten().cloned();
                self.insert_row(model, None, part.columns.iter().copied().zip(values));
            }
            None => self.root(part, found, own),
            Some(beneath) => self.children(part, beneath, own),
        }
        self.push(" RETURNING *)");
        if let Some(beneath) = &part.beneath
            && let Join::Table { schema, table, here, there } = beneath.meta.join
        {
            self.push(", ");
            self.ident(&format!("l{place}"));
            self.push(" AS (INSERT INTO ");
            self.qualified(schema, table);
            self.push(" (");
            self.ident(here);
            self.push(", ");
            self.ident(there);
            self.push(") SELECT \"p\".\"f0\", \"c\".\"f0\" FROM unnest(");
            self.bare_param(numbers(&part.parents), Type::INT8_ARRAY);
            self.push(") WITH ORDINALITY AS \"u\" (\"p\", \"n\")");
            self.numbered("p", beneath.parent, beneath.parent_model, &beneath.parent_model.key[..1], "p");
            self.numbered("c", place, model, &model.key[..1], "n");
            self.push(" RETURNING *)");
        }
    }

    /// Writes the first row, if there are lookups: it is inserted only if all rows to connect exist.
    fn root(&mut self, part: &Part, found: &[Found], own: &[Found]) {
        let model = part.model;
        let references = part.lookups.iter().flat_map(|lookup| &lookup.references);
        let all = part.columns.iter().copied().chain(references.map(|(here, _)| *here));
        self.insert_into(model, None, all);
        self.push(" SELECT ");
        let values: Vec<Value> = part.rows.iter().flatten().cloned().collect();
        let given = !values.is_empty();
        self.values(model, &part.columns, values);
        self.looked_up(part, own, given);
        for (index, (name, ..)) in own.iter().enumerate() {
            self.push(if index == 0 { " FROM " } else { ", " });
            self.ident(name);
        }
        for (index, (name, count, _)) in found.iter().enumerate() {
            self.push(if index == 0 { " WHERE NOT (" } else { " OR " });
            self.not_all_found(name, *count);
        }
        self.push(")");
    }

    fn children(&mut self, part: &Part, beneath: &Beneath, own: &[Found]) {
        let model = part.model;
        let from_parent = beneath.columns();
        let references = part.lookups.iter().flat_map(|lookup| &lookup.references);
        let foreign = from_parent.iter().map(|(_, here)| *here).chain(references.map(|(here, _)| *here));
        self.insert_into(model, None, part.columns.iter().copied().chain(foreign));
        self.push(" SELECT ");
        self.given(model, &part.columns);
        for index in 0..from_parent.len() {
            self.push(if index > 0 || !part.columns.is_empty() { ", " } else { "" });
            self.push("\"p\".");
            self.ident(&format!("f{index}"));
        }
        self.looked_up(part, own, !part.columns.is_empty() || !from_parent.is_empty());
        self.push(" FROM ");
        self.rows(model, &part.columns, &part.rows, Some(&part.parents));
        if !from_parent.is_empty() {
            let columns: Vec<u16> = from_parent.iter().map(|(there, _)| *there).collect();
            self.numbered("p", beneath.parent, beneath.parent_model, &columns, "p");
        }
        for (name, ..) in own {
            self.push(" JOIN ");
            self.ident(name);
            self.push(" ON ");
            self.ident(name);
            self.push(".\"n\" = \"u\".\"n\"");
        }
        self.push(" ORDER BY \"u\".\"n\"");
    }

    /// Writes `"k0"."f0"`, ….
    fn looked_up(&mut self, part: &Part, own: &[Found], mut after: bool) {
        for (lookup, (name, ..)) in part.lookups.iter().zip(own) {
            for index in 0..lookup.references.len() {
                self.push(if after { ", " } else { "" });
                self.ident(name);
                self.push(".");
                self.ident(&format!("f{index}"));
                after = true;
            }
        }
    }

    /// Writes `JOIN (SELECT "id", row_number() OVER () FROM "w0") AS "p" ("f0", "n") ON "p"."n" = "u"."p"`
    fn numbered(&mut self, name: &str, place: usize, model: &ModelMeta, columns: &[u16], by: &str) {
        self.push(" JOIN (SELECT ");
        for column in columns {
            self.ident(model.columns[usize::from(*column)].column);
            self.push(", ");
        }
        self.push("row_number() OVER () FROM ");
        self.ident(&format!("w{place}"));
        self.push(") AS ");
        self.ident(name);
        self.push(" (");
        for index in 0..columns.len() {
            self.ident(&format!("f{index}"));
            self.push(", ");
        }
        self.push("\"n\") ON ");
        self.ident(name);
        self.push(".\"n\" = \"u\".");
        self.ident(by);
    }

    /// Writes the columns of `"u"`, cast to the types of the table.
    pub(super) fn given(&mut self, model: &ModelMeta, columns: &[u16]) {
        for (index, column) in columns.iter().enumerate() {
            self.push(if index > 0 { ", " } else { "" });
            self.given_column(index);
            let column = &model.columns[usize::from(*column)];
            self.cast(column.ty, column.list);
        }
    }

    pub(super) fn given_column(&mut self, index: usize) {
        self.push("\"u\".");
        self.ident(&format!("c{index}"));
    }

    /// Writes `unnest(…) WITH ORDINALITY AS "u" ("c0", "p", "n")`: numbered rows from arrays. Rows with lists are `VALUES`, because an array of
    /// arrays must be rectangular.
    pub(super) fn rows(
        &mut self,
        model: &ModelMeta,
        columns: &[u16],
        rows: &[Vec<Value>],
        parents: Option<&[usize]>,
    ) {
        // Without an array there would be no rows.
        let ones = vec![1; if columns.is_empty() { rows.len() } else { 0 }];
        let parents = parents.or((!ones.is_empty()).then_some(&ones[..]));
        if has_lists(model, columns) {
            self.row_by_row(model, columns, rows, parents);
        } else {
            self.push("unnest(");
            for (index, column) in columns.iter().enumerate() {
                self.push(if index > 0 { ", " } else { "" });
                let array = rows.iter().map(|row| row[index].clone()).collect();
                let column = &model.columns[usize::from(*column)];
                self.uncast_param(Value::List(array), column.ty, true);
            }
            if let Some(parents) = parents {
                self.push(if columns.is_empty() { "" } else { ", " });
                self.bare_param(numbers(parents), Type::INT8_ARRAY);
            }
            self.push(") WITH ORDINALITY");
        }
        self.push(" AS \"u\" (");
        for index in 0..columns.len() {
            self.ident(&format!("c{index}"));
            self.push(", ");
        }
        self.push(if parents.is_some() { "\"p\", \"n\")" } else { "\"n\")" });
    }

    fn row_by_row(
        &mut self,
        model: &ModelMeta,
        columns: &[u16],
        rows: &[Vec<Value>],
        parents: Option<&[usize]>,
    ) {
        self.push("(VALUES ");
        for (index, row) in rows.iter().enumerate() {
            self.push(if index > 0 { ", (" } else { "(" });
            for (value, column) in row.iter().zip(columns) {
                let column = &model.columns[usize::from(*column)];
                self.uncast_param(value.clone(), column.ty, column.list);
                self.push(", ");
            }
            if let Some(parents) = parents {
                self.number(parents[index]);
                self.push(", ");
            }
            self.number(index + 1);
            self.push(")");
        }
        self.push(")");
    }
}

fn numbers(numbers: &[usize]) -> Value {
    Value::List(numbers.iter().copied().map(big_int).collect())
}

fn big_int(number: usize) -> Value {
    Value::BigInt(i64::try_from(number).unwrap_or(i64::MAX))
}
