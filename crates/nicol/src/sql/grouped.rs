//! Reads relations of many rows at once, where reading them for one row at a time would scan a table again and again.
//!
//! Prisma creates no index for a foreign key, so many foreign keys have none. A subquery for each parent would then scan the whole table of
//! the children each time, so they are read once and grouped:
//!
//! ```sql
//! WITH "p0" AS MATERIALIZED (SELECT "t0".* FROM "users" AS "t0" LIMIT 20)
//! SELECT "t0"."id", "t1"."v" FROM "p0" AS "t0"
//! LEFT JOIN (SELECT "t2"."user_id" AS "k0", array_agg(ROW("t2"."id")) AS "v" FROM "accounts" AS "t2"
//!            WHERE ("t2"."user_id") IN (SELECT "id" FROM "p0") GROUP BY 1) AS "t1" ON "t1"."k0" = "t0"."id"
//! ```
//!
//! So are the relations on the way to such children. Their rows are a common table, too, so that the children of all of them are read once.

use std::borrow::Cow;

use postgres_types::Type;

use super::created::Created;
use super::page::From;
use super::writer::{Alias, Writer};
use crate::meta::{Join, ModelMeta, RelationMeta};
use crate::query::{Find, Include, OrderBy};
use crate::value::Value;

/// Whether the query reads a relation that should be grouped.
pub(super) fn is_grouped(find: &Find) -> bool {
    find.includes.iter().any(|include| grouped(find.model, include, find.single))
}

/// Whether a relation should be grouped: it, or one beneath it, has no index and is read for many rows.
fn grouped(model: &ModelMeta, include: &Include, is_one_row: bool) -> bool {
    // What these leave out is decided for one parent at a time.
    if include.find.cursor.is_some() || include.find.distinct.is_some() {
        return false;
    }
    let relation = &model.relations[usize::from(include.relation)];
    let is_foreign = matches!(relation.join, Join::Columns { owned: false, .. });
    let scans = is_foreign && relation.many && !relation.indexed && !is_one_row;
    scans || has_grouped(model, include, is_one_row)
}

/// Whether a relation beneath a relation should be grouped.
fn has_grouped(model: &ModelMeta, include: &Include, is_one_row: bool) -> bool {
    let is_one_row = is_one_row && !model.relations[usize::from(include.relation)].many;
    let find = &include.find;
    find.includes.iter().any(|include| grouped(find.model, include, is_one_row))
}

/// The rows at the other end of a relation of many rows.
#[derive(Clone, Copy)]
struct Children<'a> {
    relation: &'static RelationMeta,
    model: &'static ModelMeta,
    parents: Alias,
    find: &'a Find,
    rows: Alias,
    /// The rows of an implicit join table, or of the common table that has its column.
    links: Alias,
}

impl Writer<'_> {
    pub(super) fn find_grouped(&mut self, find: &Find) {
        let model = find.model;
        let alias = self.new_alias();
        // The order of the parents is needed again at the end. Joins are not, if the parents are numbered.
        let by_columns = find.order.iter().all(|order| matches!(order.by, OrderBy::Column(_)));
        let is_numbered = find.needs_numbers() || !by_columns;
        self.push("WITH ");
        self.common_table(alias);
        self.push(" AS MATERIALIZED (SELECT ");
        self.alias(alias);
        self.push(".* FROM ");
        if is_numbered {
            self.numbered_rows(find, alias, From::Table);
        } else {
            self.rows_of(find, alias, From::Table, "");
        }
        self.push(")");
        let mut tables = std::mem::take(&mut self.text);
        let joins = self.grouped_row(find, alias, find.single, &mut tables);
        let row = std::mem::replace(&mut self.text, tables);
        self.push(" SELECT ");
        self.push(&row);
        self.push(" FROM ");
        self.common_table(alias);
        self.push(" AS ");
        self.alias(alias);
        self.push(&joins);
        if is_numbered {
            self.by_number(find.backwards);
        } else {
            let (_, terms) = self.ordering(model, alias, &find.order, false);
            self.order_by(&terms);
        }
    }

    /// Writes `"p0"`: the common table with the rows of an alias.
    fn common_table(&mut self, rows: Alias) {
        self.push("\"p");
        self.number(rows.0);
        self.push("\"");
    }

    /// Writes the columns of rows and their relations, separated by commas, and returns the joins that they need. Common tables are added to
    /// `tables`; if a relation is grouped, the rows are one of these.
    fn grouped_row(&mut self, find: &Find, alias: Alias, is_one_row: bool, tables: &mut String) -> String {
        let mut joins = String::new();
        self.results(find, alias, |writer, include| {
            if !grouped(find.model, include, is_one_row) {
                joins.push_str(&writer.include(find.model, alias, include, &Created::NOTHING));
                return;
            }
            let group = writer.new_alias();
            // A parent without children has no group.
            writer.push(if include.count { "coalesce(" } else { "" });
            writer.alias(group);
            writer.push(if include.count { ".\"v\", 0)" } else { ".\"v\"" });
            let outer = std::mem::take(&mut writer.text);
            writer.group((find.model, alias), include, is_one_row, group, tables);
            joins.push_str(&std::mem::replace(&mut writer.text, outer));
        });
        joins
    }

    /// Writes the join of the groups of children.
    fn group(
        &mut self,
        (model, parents): (&'static ModelMeta, Alias),
        include: &Include,
        is_one_row: bool,
        group: Alias,
        tables: &mut String,
    ) {
        let (find, relation) = (&include.find, &model.relations[usize::from(include.relation)]);
        let (rows, has_grouped) = (self.new_alias(), has_grouped(model, include, is_one_row));
        let links = if has_grouped { rows } else { self.new_alias() };
        let children = Children { relation, model, parents, find, rows, links };
        if has_grouped {
            let outer = std::mem::replace(&mut self.text, std::mem::take(tables));
            self.push(", ");
            self.common_table(rows);
            self.push(" AS MATERIALIZED (SELECT ");
            self.alias(rows);
            self.push(".*");
            let links = self.new_alias();
            if let Join::Table { here, .. } = relation.join {
                self.push(", ");
                self.alias(links);
                self.push(".");
                self.ident(here);
                self.push(" AS \"#k\"");
            }
            self.rows_of_all(Children { links, ..children }, "");
            self.push(")");
            *tables = std::mem::replace(&mut self.text, outer);
        }
        let is_one_row = is_one_row && !relation.many;
        let is_limited = relation.many && !include.count && (find.take.is_some() || find.skip > 0);
        let order = if is_limited { find.effective_order() } else { Cow::Borrowed(&find.order[..]) };
        let is_backwards = is_limited && find.backwards;
        let (mut joins, terms) = self.ordering(find.model, rows, &order, is_backwards);
        let keys = children.here().len();
        self.push(" LEFT JOIN (SELECT ");
        if is_limited {
            for index in 0..keys {
                self.key_name("", index);
                self.push(", ");
            }
            self.push("array_agg(\"r\" ORDER BY \"n\"");
            self.push(if is_backwards {
                " DESC) AS \"v\" FROM (SELECT "
            } else {
                ") AS \"v\" FROM (SELECT "
            });
        }
        for index in 0..keys {
            self.child_key(children, index);
            self.key_name(" AS ", index);
            self.push(", ");
        }
        if include.count {
            self.push("count(*) AS \"v\"");
        } else if is_limited {
            self.push("ROW(");
            joins.push_str(&self.grouped_row(find, rows, is_one_row, tables));
            self.push(") AS \"r\", row_number() OVER (PARTITION BY ");
            self.child_keys(children);
            self.order_by(&terms);
            self.push(") AS \"n\"");
        } else {
            self.push(if relation.many { "array_agg(ROW(" } else { "(array_agg(ROW(" });
            joins.push_str(&self.grouped_row(find, rows, is_one_row, tables));
            self.push(")");
            self.order_by(&terms);
            self.push(if relation.many { ") AS \"v\"" } else { "))[1] AS \"v\"" });
        }
        if has_grouped {
            self.push(" FROM ");
            self.common_table(rows);
            self.push(" AS ");
            self.alias(rows);
            self.push(&joins);
        } else {
            self.rows_of_all(children, &joins);
        }
        if is_limited {
            let number = |rows: u64| Value::BigInt(i64::try_from(rows).unwrap_or(i64::MAX));
            self.push(") AS \"s\" WHERE \"n\" > ");
            self.bare_param(number(find.skip), Type::INT8);
            if let Some(take) = find.take {
                self.push(" AND \"n\" <= ");
                self.bare_param(number(find.skip.saturating_add(take)), Type::INT8);
            }
        }
        for index in 0..keys {
            self.push(if index == 0 { " GROUP BY " } else { ", " });
            self.number(index + 1);
        }
        self.push(") AS ");
        self.alias(group);
        for (index, column) in children.here().iter().enumerate() {
            self.push(if index == 0 { " ON " } else { " AND " });
            self.alias(group);
            self.key_name(".", index);
            self.push(" = ");
            self.column(parents, &model.columns[usize::from(*column)]);
        }
    }

    /// Writes ` FROM …`: the children of all parents, with further joins.
    fn rows_of_all(&mut self, children: Children<'_>, joins: &str) {
        let Children { relation, model, parents, find, rows, links } = children;
        self.push(" FROM ");
        self.table_as(find.model, rows);
        if let Join::Table { schema, table, there, .. } = relation.join {
            self.push(" JOIN ");
            self.qualified(schema, table);
            self.push(" AS ");
            self.alias(links);
            self.push(" ON ");
            self.alias(links);
            self.push(".");
            self.ident(there);
            self.push(" = ");
            self.column(rows, &find.model.columns[usize::from(find.model.key[0])]);
        }
        self.push(joins);
        self.push(" WHERE (");
        self.child_keys(children);
        self.push(") IN (SELECT ");
        for (index, column) in children.here().iter().enumerate() {
            self.push(if index > 0 { ", " } else { "" });
            self.ident(model.columns[usize::from(*column)].column);
        }
        self.push(" FROM ");
        self.common_table(parents);
        self.push(")");
        if !find.filter.is_true() {
            self.push(" AND ");
            self.condition(find.model, rows, &find.filter, true);
        }
    }

    fn child_keys(&mut self, children: Children<'_>) {
        for index in 0..children.here().len() {
            self.push(if index > 0 { ", " } else { "" });
            self.child_key(children, index);
        }
    }

    /// Writes a column of the children that tells their parent.
    fn child_key(&mut self, children: Children<'_>, index: usize) {
        match children.relation.join {
            Join::Columns { there, .. } => {
                self.column(children.rows, &children.find.model.columns[usize::from(there[index])]);
            }
            Join::Table { here, .. } => {
                self.alias(children.links);
                self.push(".");
                self.ident(if children.links == children.rows { "#k" } else { here });
            }
        }
    }
}

impl Children<'_> {
    /// Returns the columns of the parents that their children refer to.
    fn here(&self) -> &'static [u16] {
        match self.relation.join {
            Join::Columns { here, .. } => here,
            Join::Table { .. } => &self.model.key[..1],
        }
    }
}
