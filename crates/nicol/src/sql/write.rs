//! `INSERT`, `UPDATE`, `DELETE`: each query is one statement wherever it can be.

use std::collections::BTreeMap;

use super::generate::Instant;
use super::select::Created;
use super::{Alias, MAX_PARAMETERS, Naming, Statement, Writer, wire_types};
use crate::error::{Error, Kind};
use crate::meta::{Join, ModelMeta, RelationMeta};
use crate::query::{Assignment, Changes, Condition, Create, Find, Key};
use crate::value::Value;

/// The values of a row to write by column, the client's own included.
type Values = BTreeMap<u16, Value>;

fn complete(create: &mut Create, now: Instant) -> Values {
    let mut values: Values = std::mem::take(&mut create.values).into_iter().collect();
    let connected = |column: u16| {
        create.connects.iter().any(|(relation, _)| {
            let join = &create.model.relations[usize::from(*relation)].join;
            matches!(join, Join::Columns { here, owned: true, .. } if here.contains(&column))
        })
    };
    for (index, column) in (0..).zip(create.model.columns) {
        if !values.contains_key(&index)
            && !connected(index)
            && let Some(value) = now.default_for(column)
        {
            values.insert(index, value);
        }
    }
    values
}

/// A row, the rows that it refers to and the rows that refer to it, in one statement.
pub(crate) fn create(naming: &Naming, mut create: Create, returning: &Find) -> Result<Statement, Error> {
    let now = Instant::now();
    let model = create.model;
    let mut writer = Writer::new(naming);
    if create.children.is_empty() && returning.includes.is_empty() {
        let values = complete(&mut create, now);
        let alias = writer.new_alias();
        writer.insert(model, Some(alias), values, &create.connects, None)?;
        writer.push(" RETURNING ");
        writer.row(returning, alias, &Created::default());
        return writer.finish(model, true, false);
    }
    writer.push("WITH ");
    let mut names = 0;
    let created = writer.create_within(create, None, now, &mut names)?;
    let alias = writer.new_alias();
    writer.push(" SELECT ");
    writer.row(returning, alias, &created);
    writer.push(" FROM \"w0\" AS ");
    writer.alias(alias);
    writer.finish(model, true, false)
}

/// Many rows of one model, as few statements as there are sets of columns.
pub(crate) fn create_many(
    naming: &Naming,
    model: &'static ModelMeta,
    rows: Vec<Create>,
    skip_duplicates: bool,
) -> Result<Vec<Statement>, Error> {
    let now = Instant::now();
    let mut sets: BTreeMap<Vec<u16>, Vec<Vec<Value>>> = BTreeMap::new();
    for mut row in rows {
        if !row.connects.is_empty() || !row.children.is_empty() {
            let message = "`create_many` writes one table: create rows with nested writes one by one";
            return Err(Kind::Unsupported { message }.into());
        }
        let (columns, values) = complete(&mut row, now).into_iter().unzip();
        sets.entry(columns).or_default().push(values);
    }
    let mut statements = Vec::new();
    for (columns, mut rows) in sets {
        let lists = columns.iter().any(|column| model.columns[usize::from(*column)].list);
        // An array of arrays would have to be rectangular, so lists go row by row; without columns there is nothing to unnest.
        let per_statement = if lists {
            MAX_PARAMETERS / columns.len()
        } else if columns.is_empty() {
            1
        } else {
            usize::MAX
        };
        while !rows.is_empty() {
            let rest = rows.split_off(per_statement.min(rows.len()));
            let mut writer = Writer::new(naming);
            writer.insert_rows(model, &columns, rows, lists);
            if skip_duplicates {
                writer.push(" ON CONFLICT DO NOTHING");
            }
            statements.push(writer.finish(model, false, false)?);
            rows = rest;
        }
    }
    Ok(statements)
}

/// The row, or its change where the key is there already; `None` where that needs more than one statement.
pub(crate) fn upsert(
    naming: &Naming,
    key: &Key,
    create: &Create,
    changes: &Changes,
    returning: &Find,
) -> Result<Option<Statement>, Error> {
    let given = |(column, value): &(u16, Value)| {
        create.values.iter().rev().find(|(other, _)| other == column).is_some_and(|(_, other)| other == value)
    };
    if !create.children.is_empty() || !create.connects.is_empty() || !key.values.iter().all(given) {
        return Ok(None);
    }
    let now = Instant::now();
    let model = create.model;
    let mut writer = Writer::new(naming);
    let target = writer.new_alias();
    let wrapped = !returning.includes.is_empty();
    if wrapped {
        writer.push("WITH \"w0\" AS (");
    }
    let values = complete(&mut create.clone(), now);
    writer.insert(model, Some(target), values, &[], None)?;
    writer.push(" ON CONFLICT (");
    for (index, (column, _)) in key.values.iter().enumerate() {
        if index > 0 {
            writer.push(", ");
        }
        writer.ident(model.columns[usize::from(*column)].column);
    }
    writer.push(") DO UPDATE SET ");
    if !writer.assignments(target, changes, now) {
        // Nothing to change; but only a row that is touched is returned.
        let column = &model.columns[usize::from(key.values[0].0)];
        writer.ident(column.column);
        writer.push(" = ");
        writer.column(target, column);
    }
    writer.returning(target, returning, wrapped);
    writer.finish(model, true, false).map(Some)
}

pub(crate) fn update(
    naming: &Naming,
    filter: &Condition,
    changes: &Changes,
    returning: &Find,
) -> Result<Statement, Error> {
    let model = changes.model;
    let mut writer = Writer::new(naming);
    let target = writer.new_alias();
    let wrapped = !returning.includes.is_empty();
    if wrapped {
        writer.push("WITH \"w0\" AS (");
    }
    if !writer.update(target, filter, changes) {
        return super::find(naming, &Find { filter: filter.clone(), single: true, ..returning.clone() });
    }
    writer.returning(target, returning, wrapped);
    writer.finish(model, true, false)
}

pub(crate) fn update_many(
    naming: &Naming,
    filter: &Condition,
    changes: &Changes,
) -> Result<Statement, Error> {
    let model = changes.model;
    let mut writer = Writer::new(naming);
    let target = writer.new_alias();
    if writer.update(target, filter, changes) {
        return writer.finish(model, false, false);
    }
    // Nothing to change: how many rows would have been.
    let mut writer = Writer::new(naming);
    let target = writer.new_alias();
    writer.push("SELECT FROM ");
    writer.table_as(model, target);
    writer.filter(model, target, filter);
    writer.finish(model, false, true)
}

pub(crate) fn delete(naming: &Naming, filter: &Condition, returning: &Find) -> Result<Statement, Error> {
    let model = returning.model;
    let mut writer = Writer::new(naming);
    let target = writer.new_alias();
    let wrapped = !returning.includes.is_empty();
    if wrapped {
        writer.push("WITH \"w0\" AS (");
    }
    writer.push("DELETE FROM ");
    writer.table_as(model, target);
    writer.filter(model, target, filter);
    writer.returning(target, returning, wrapped);
    writer.finish(model, true, false)
}

pub(crate) fn delete_many(
    naming: &Naming,
    model: &'static ModelMeta,
    filter: &Condition,
) -> Result<Statement, Error> {
    let mut writer = Writer::new(naming);
    let target = writer.new_alias();
    writer.push("DELETE FROM ");
    writer.table_as(model, target);
    writer.filter(model, target, filter);
    writer.finish(model, false, false)
}

/// The row that a nested row refers to: the name of its part of the statement, and how the two join.
struct Parent<'a> {
    name: &'a str,
    model: &'static ModelMeta,
    relation: &'static RelationMeta,
}

impl Writer<'_> {
    /// `UPDATE … SET … WHERE …`; false where there is nothing to set.
    fn update(&mut self, target: Alias, filter: &Condition, changes: &Changes) -> bool {
        self.push("UPDATE ");
        self.table_as(changes.model, target);
        self.push(" SET ");
        let changed = self.assignments(target, changes, Instant::now());
        self.filter(changes.model, target, filter);
        changed
    }

    /// What follows `SET`; false where there is nothing: the time of an update moves only with another column.
    fn assignments(&mut self, target: Alias, changes: &Changes, now: Instant) -> bool {
        if changes.assignments.is_empty() {
            return false;
        }
        let model = changes.model;
        let mut last: BTreeMap<u16, &Assignment> = BTreeMap::new();
        for (column, assignment) in &changes.assignments {
            last.insert(*column, assignment);
        }
        let mut first = true;
        for (index, column) in (0..).zip(model.columns) {
            let assignment = last.get(&index);
            if assignment.is_none() && !column.updated_at {
                continue;
            }
            if !first {
                self.push(", ");
            }
            first = false;
            self.ident(column.column);
            self.push(" = ");
            let (operator, value) = match assignment {
                None => ("", now.value(column)),
                Some(Assignment::Set(value)) => ("", value.clone()),
                Some(Assignment::Increment(value)) => (" + ", value.clone()),
                Some(Assignment::Decrement(value)) => (" - ", value.clone()),
                Some(Assignment::Multiply(value)) => (" * ", value.clone()),
                Some(Assignment::Divide(value)) => (" / ", value.clone()),
                Some(Assignment::Push(value)) => (" || ", value.clone()),
            };
            if !operator.is_empty() {
                self.column(target, column);
                self.push(operator);
            }
            self.param(value, column);
        }
        true
    }

    /// `RETURNING …`, or, where relations are to be loaded, a `SELECT` around the statement: relations cannot be read by its `RETURNING`
    /// in the form that an updated key asks for.
    fn returning(&mut self, target: Alias, returning: &Find, wrapped: bool) {
        if !wrapped {
            self.push(" RETURNING ");
            return self.row(returning, target, &Created::default());
        }
        self.push(" RETURNING ");
        self.alias(target);
        self.push(".*) SELECT ");
        let alias = self.new_alias();
        self.row(returning, alias, &Created::default());
        self.push(" FROM \"w0\" AS ");
        self.alias(alias);
    }

    /// `INSERT INTO … VALUES …`, or `… SELECT …` where keys have to be looked up.
    fn insert(
        &mut self,
        model: &'static ModelMeta,
        alias: Option<Alias>,
        values: Values,
        connects: &[(u16, Key)],
        parent: Option<&Parent<'_>>,
    ) -> Result<(), Error> {
        self.push("INSERT INTO ");
        match alias {
            Some(alias) => self.table_as(model, alias),
            None => self.table(model),
        }
        // Columns that come from other rows: the column here, the place of the other row, and the column there.
        let mut foreign: Vec<(u16, String, &str)> = Vec::new();
        for (index, (relation, _)) in connects.iter().enumerate() {
            let relation = &model.relations[usize::from(*relation)];
            let Join::Columns { here, there, owned: true } = relation.join else {
                let message = "only the row that holds the foreign key can be connected while it is created";
                return Err(Kind::Unsupported { message }.into());
            };
            let columns = here.iter().zip(there).map(|(here, there)| {
                (*here, format!("c{index}"), relation.target.columns[usize::from(*there)].column)
            });
            foreign.extend(columns);
        }
        if let Some(Parent { name, model: parent, relation }) = parent
            && let Join::Columns { here, there, .. } = relation.join
        {
            let columns = here
                .iter()
                .zip(there)
                .map(|(here, there)| (*there, (*name).to_owned(), parent.columns[usize::from(*here)].column));
            foreign.extend(columns);
        }
        let values: Vec<_> = values
            .into_iter()
            .filter(|(column, _)| foreign.iter().all(|(other, ..)| other != column))
            .collect();
        if values.is_empty() && foreign.is_empty() {
            self.push(" DEFAULT VALUES");
            return Ok(());
        }
        self.push(" (");
        let columns =
            values.iter().map(|(column, _)| *column).chain(foreign.iter().map(|(column, ..)| *column));
        self.column_names(model, columns);
        self.push(if foreign.is_empty() { ") VALUES (" } else { ") SELECT " });
        let given = values.len();
        for (index, (column, value)) in values.into_iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.param(value, &model.columns[usize::from(column)]);
        }
        for (index, (_, source, column)) in foreign.iter().enumerate() {
            if index > 0 || given > 0 {
                self.push(", ");
            }
            self.ident(source);
            self.push(".");
            self.ident(column);
        }
        if foreign.is_empty() {
            self.push(")");
            return Ok(());
        }
        self.push(" FROM ");
        if let Some(parent) = parent {
            self.ident(parent.name);
        }
        self.connected_rows(model, connects, parent.is_some());
        Ok(())
    }

    /// `users AS "c0" … WHERE "c0"."email" = $1 …`
    fn connected_rows(&mut self, model: &ModelMeta, connects: &[(u16, Key)], after_parent: bool) {
        let target = |relation: u16| model.relations[usize::from(relation)].target;
        for (index, (relation, _)) in connects.iter().enumerate() {
            if index > 0 || after_parent {
                self.push(", ");
            }
            self.table(target(*relation));
            self.push(" AS ");
            self.ident(&format!("c{index}"));
        }
        let mut separator = " WHERE ";
        for (index, (relation, key)) in connects.iter().enumerate() {
            for (column, value) in &key.values {
                let column = &target(*relation).columns[usize::from(*column)];
                self.push(separator);
                separator = " AND ";
                self.ident(&format!("c{index}"));
                self.push(".");
                self.ident(column.column);
                self.push(" = ");
                self.param(value.clone(), column);
            }
        }
    }

    fn column_names(&mut self, model: &ModelMeta, columns: impl Iterator<Item = u16>) {
        for (index, column) in columns.enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.ident(model.columns[usize::from(column)].column);
        }
    }

    /// `"w0" AS (INSERT … RETURNING *)`, and the same for the rows beneath.
    fn create_within(
        &mut self,
        mut create: Create,
        parent: Option<&Parent<'_>>,
        now: Instant,
        names: &mut u32,
    ) -> Result<Created, Error> {
        let model = create.model;
        let values = complete(&mut create, now);
        let name = format!("w{names}");
        if *names > 0 {
            self.push(", ");
        }
        *names += 1;
        self.ident(&name);
        self.push(" AS (");
        self.insert(model, None, values, &create.connects, parent)?;
        self.push(" RETURNING *)");
        if let Some(Parent { name: parent, model: parent_model, relation }) = parent
            && let Join::Table { schema, table, here, there } = relation.join
        {
            let link = format!(", \"l{names}\" AS (INSERT INTO ");
            self.push(&link);
            self.qualified(schema, table);
            self.push(" (");
            self.ident(here);
            self.push(", ");
            self.ident(there);
            self.push(") SELECT ");
            self.ident(parent);
            self.push(".");
            self.ident(parent_model.columns[usize::from(parent_model.key[0])].column);
            self.push(", ");
            self.ident(&name);
            self.push(".");
            self.ident(model.columns[usize::from(model.key[0])].column);
            self.push(" FROM ");
            self.ident(parent);
            self.push(", ");
            self.ident(&name);
            self.push(")");
        }
        let mut created = Created::default();
        let mut children: BTreeMap<u16, Vec<Create>> = BTreeMap::new();
        for (relation, child) in create.children {
            children.entry(relation).or_default().push(child);
        }
        for (relation, rows) in children {
            let meta: &'static RelationMeta = &model.relations[usize::from(relation)];
            let parent = Parent { name: &name, model, relation: meta };
            let mut sources = Vec::new();
            let mut nested = Created::default();
            for row in rows {
                sources.push(format!("w{names}"));
                nested.relations.extend(self.create_within(row, Some(&parent), now, names)?.relations);
            }
            created.relations.push((relation, union(&sources), merged(nested)));
        }
        Ok(created)
    }

    /// `INSERT INTO … SELECT … FROM unnest(…)`, or `VALUES` for rows with lists.
    fn insert_rows(
        &mut self,
        model: &'static ModelMeta,
        columns: &[u16],
        rows: Vec<Vec<Value>>,
        lists: bool,
    ) {
        self.push("INSERT INTO ");
        self.table(model);
        if columns.is_empty() {
            return self.push(" DEFAULT VALUES");
        }
        self.push(" (");
        self.column_names(model, columns.iter().copied());
        let meta = |column: u16| &model.columns[usize::from(column)];
        if lists {
            self.push(") VALUES ");
            for (index, row) in rows.into_iter().enumerate() {
                self.push(if index > 0 { ", (" } else { "(" });
                for (index, (value, column)) in row.into_iter().zip(columns).enumerate() {
                    if index > 0 {
                        self.push(", ");
                    }
                    self.param(value, meta(*column));
                }
                self.push(")");
            }
            return;
        }
        self.push(") SELECT ");
        for (index, column) in columns.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.ident(&format!("c{index}"));
            self.cast(meta(*column).ty, false);
        }
        self.push(" FROM unnest(");
        let mut arrays: Vec<Vec<Value>> = columns.iter().map(|_| Vec::with_capacity(rows.len())).collect();
        for row in rows {
            for (array, value) in arrays.iter_mut().zip(row) {
                array.push(value);
            }
        }
        for (index, (array, column)) in arrays.into_iter().zip(columns).enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.bare_param(Value::List(array), wire_types(meta(*column).ty).1);
        }
        self.push(") AS \"u\" (");
        for index in 0..columns.len() {
            if index > 0 {
                self.push(", ");
            }
            self.ident(&format!("c{index}"));
        }
        self.push(")");
    }
}

/// The rows of several parts of a statement as one table.
fn union(names: &[String]) -> String {
    match names {
        [name] => format!("\"{name}\""),
        names => {
            let parts: Vec<_> = names.iter().map(|name| format!("SELECT * FROM \"{name}\"")).collect();
            format!("({})", parts.join(" UNION ALL "))
        }
    }
}

/// Siblings that were created with children of their own: for each relation one source, of all of them.
fn merged(created: Created) -> Created {
    let mut relations: Vec<(u16, Vec<String>, Created)> = Vec::new();
    for (relation, source, nested) in created.relations {
        let source = format!("SELECT * FROM {source} AS \"s\"");
        match relations.iter_mut().find(|(other, ..)| *other == relation) {
            Some((_, sources, all)) => {
                sources.push(source);
                all.relations.extend(nested.relations);
            }
            None => relations.push((relation, vec![source], nested)),
        }
    }
    let relations = relations.into_iter().map(|(relation, sources, nested)| {
        (relation, format!("({})", sources.join(" UNION ALL ")), merged(nested))
    });
    Created { relations: relations.collect() }
}
