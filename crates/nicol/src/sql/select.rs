//! Writes `SELECT`. Relations are nested records, so that a query is one statement at any depth.

use postgres_types::Type;

use super::created::{Created, Source};
use super::grouped::is_grouped;
use super::page::From;
use super::writer::{Alias, Writer};
use crate::error::{Error, Kind};
use crate::meta::{Join, ModelMeta};
use crate::query::{Columns, Find, Include, Lock, LockConflict, LockStrength, Selected};
use crate::value::Value;
use crate::wire::Statement;

pub(crate) fn find(schema: &str, find: &Find) -> Result<Statement, Error> {
    if find.lock.is_some() && find.needs_numbers() {
        let message = "rows cannot be locked by a query with `distinct`, from the end, or with a cursor in an order in which rows can be equal\n\
            help: read the keys first, and lock the rows with these keys";
        return Err(Kind::Unsupported { message }.into());
    }
    let mut writer = Writer::new(schema, find.operation());
    // PostgreSQL would not lock the rows of a common table.
    if is_grouped(find) && find.lock.is_none() {
        writer.find_grouped(find);
        return writer.finish(find.model, true, true);
    }
    let alias = writer.new_alias();
    writer.push("SELECT ");
    let joins = writer.row(find, alias, &Created::NOTHING);
    writer.push(" FROM ");
    writer.rows_of(find, alias, From::Table, &joins);
    if let Some(lock) = find.lock {
        writer.lock(lock, alias);
    }
    writer.finish(find.model, true, true)
}

impl Writer<'_> {
    /// Writes the columns of a row and its relations, separated by commas, and returns the joins that they need.
    pub(super) fn row(&mut self, find: &Find, alias: Alias, created: &Created<'_>) -> String {
        let mut joins = String::new();
        self.results(find, alias, |writer, include| {
            joins.push_str(&writer.include(find.model, alias, include, created));
        });
        joins
    }

    /// Writes the columns of a row and, with the function, its relations, separated by commas.
    pub(super) fn results(
        &mut self,
        find: &Find,
        alias: Alias,
        mut relation: impl FnMut(&mut Self, &Include),
    ) {
        let Columns::Mixed(selected) = &find.columns else {
            self.columns(find, alias);
            for include in &find.includes {
                self.push(", ");
                relation(self, include);
            }
            return;
        };
        for (index, selected) in selected.iter().enumerate() {
            self.push(if index > 0 { ", " } else { "" });
            match selected {
                Selected::Column(column) => self.output(alias, &find.model.columns[usize::from(*column)]),
                Selected::Include(include) => relation(self, &find.includes[*include]),
            }
        }
    }

    fn columns(&mut self, find: &Find, alias: Alias) {
        let model = find.model;
        let all = || model.row_columns().map(|(index, _)| index);
        let left: Vec<u16>;
        let columns = match &find.columns {
            Columns::All => {
                left = all().collect();
                &left
            }
            Columns::Except(omitted) => {
                self.push("'{");
                for (index, column) in omitted.iter().enumerate() {
                    self.push(if index > 0 { "," } else { "" });
                    self.number(usize::from(*column));
                }
                self.push("}'::int2[]");
                left = all().filter(|column| !omitted.contains(column)).collect();
                self.push(if left.is_empty() { "" } else { ", " });
                &left
            }
            Columns::Some(columns) => columns,
            Columns::Mixed(_) => return,
        };
        for (index, column) in columns.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.output(alias, &model.columns[usize::from(*column)]);
        }
    }

    /// Writes a relation as one value (a record, an array of records, or a number) and returns the join that it needs, if any.
    pub(super) fn include(
        &mut self,
        model: &'static ModelMeta,
        alias: Alias,
        include: &Include,
        created: &Created<'_>,
    ) -> String {
        let relation = &model.relations[usize::from(include.relation)];
        let (source, nested) = created.relation(include.relation).unzip();
        let nested = nested.unwrap_or(Created::NOTHING);
        let find = &include.find;
        let is_limited = find.take.is_some() || find.skip > 0 || find.needs_numbers();
        if let Some(source) = &source
            && !created.is_one_row()
            && !is_limited
        {
            return self.created_group((model, alias), include, source, &nested);
        }
        let there = self.new_alias();
        let of = (model, alias);
        let from = From::Relation { of, relation, instead: source.as_ref() };
        if include.count {
            self.push("(SELECT count(*) FROM ");
            self.rows_of(find, there, from, "");
        } else {
            // `ARRAY(…)` keeps the order of the rows, and is empty rather than null if there are none.
            self.push(if relation.many { "ARRAY(SELECT ROW(" } else { "(SELECT ROW(" });
            let joins = self.row(find, there, &nested);
            self.push(") FROM ");
            self.rows_of(find, there, from, &joins);
        }
        self.push(")");
        String::new()
    }

    /// Writes the same for rows that were created under many parents: they are read once, grouped and joined, because there is no index for
    /// the rows of one parent.
    fn created_group(
        &mut self,
        (model, alias): (&'static ModelMeta, Alias),
        include: &Include,
        source: &Source,
        nested: &Created<'_>,
    ) -> String {
        let relation = &model.relations[usize::from(include.relation)];
        let (find, target) = (&include.find, relation.target());
        let (group, there, link) = (self.new_alias(), self.new_alias(), self.new_alias());
        self.push(if include.count { "coalesce(" } else { "" });
        self.alias(group);
        self.push(if include.count { ".\"v\", 0)" } else { ".\"v\"" });
        let outer = std::mem::take(&mut self.text);
        self.push(" LEFT JOIN (SELECT ");
        let key = &model.key[..1];
        let (here, joined_by) = match &relation.join {
            Join::Columns { here, there: columns, .. } => {
                for (index, column) in columns.iter().enumerate() {
                    self.column(there, &target.columns[usize::from(*column)]);
                    self.key_name(" AS ", index);
                    self.push(", ");
                }
                (*here, None)
            }
            Join::Table { here, there: column, .. } => {
                self.alias(link);
                self.push(".");
                self.ident(here);
                self.push(" AS \"k0\", ");
                (key, Some(column))
            }
        };
        let mut joins = String::new();
        if include.count {
            self.push("count(*) AS \"v\"");
        } else {
            self.push(if relation.many { "array_agg(ROW(" } else { "(array_agg(ROW(" });
            joins = self.row(find, there, nested);
            self.push(")");
            let (order_joins, terms) = self.ordering(find.model, there, &find.order, false);
            joins.push_str(&order_joins);
            self.order_by(&terms);
            self.push(if relation.many { ") AS \"v\"" } else { "))[1] AS \"v\"" });
        }
        self.push(" FROM ");
        self.push(&source.rows);
        self.push(" AS ");
        self.alias(there);
        if let Some(column) = joined_by {
            self.push(" JOIN ");
            self.push(&source.links);
            self.push(" AS ");
            self.alias(link);
            self.push(" ON ");
            self.alias(link);
            self.push(".");
            self.ident(column);
            self.push(" = ");
            self.column(there, &target.columns[usize::from(target.key[0])]);
        }
        self.push(&joins);
        if !find.filter.is_true() {
            self.push(" WHERE ");
            self.condition(find.model, there, &find.filter, false);
        }
        for index in 0..here.len() {
            self.push(if index == 0 { " GROUP BY " } else { ", " });
            self.number(index + 1);
        }
        self.push(") AS ");
        self.alias(group);
        for (index, column) in here.iter().enumerate() {
            self.push(if index == 0 { " ON " } else { " AND " });
            self.alias(group);
            self.key_name(".", index);
            self.push(" = ");
            self.column(alias, &model.columns[usize::from(*column)]);
        }
        std::mem::replace(&mut self.text, outer)
    }

    /// Writes ` FOR UPDATE OF "t0" SKIP LOCKED`.
    fn lock(&mut self, lock: Lock, alias: Alias) {
        self.push(match lock.strength {
            LockStrength::Update => " FOR UPDATE OF ",
            LockStrength::NoKeyUpdate => " FOR NO KEY UPDATE OF ",
            LockStrength::Share => " FOR SHARE OF ",
            LockStrength::KeyShare => " FOR KEY SHARE OF ",
        });
        self.alias(alias);
        self.push(match lock.conflict {
            LockConflict::Wait => "",
            LockConflict::Fail => " NOWAIT",
            LockConflict::Skip => " SKIP LOCKED",
        });
    }

    /// Writes `"k0"`.
    pub(super) fn key_name(&mut self, before: &str, index: usize) {
        self.push(before);
        self.push("\"k");
        self.number(index);
        self.push("\"");
    }

    pub(super) fn limit(&mut self, take: Option<u64>, skip: u64) {
        // Parameters, so that all pages are the same statement.
        let number = |rows: u64| Value::BigInt(i64::try_from(rows).unwrap_or(i64::MAX));
        if let Some(take) = take {
            self.push(" LIMIT ");
            self.bare_param(number(take), Type::INT8);
        }
        if skip > 0 {
            self.push(" OFFSET ");
            self.bare_param(number(skip), Type::INT8);
        }
    }
}
