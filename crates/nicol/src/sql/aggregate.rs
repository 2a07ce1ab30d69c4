//! Aggregates and groups.

use super::function::column_of;
use super::page::From;
use super::writer::{Alias, Writer};
use crate::error::Error;
use crate::meta::ModelMeta;
use crate::query::{Aggregate, Function, GroupBy};
use crate::wire::Statement;

pub(crate) fn aggregate(schema: &str, query: &Aggregate) -> Result<Statement, Error> {
    let mut writer = Writer::new(schema, query.operation());
    writer.aggregated(query);
    writer.finish(query.rows.model, true, true)
}

pub(crate) fn group_by(schema: &str, query: &GroupBy) -> Result<Statement, Error> {
    let mut writer = Writer::new(schema, "group_by");
    let alias = writer.new_alias();
    let model = query.model;
    writer.push("SELECT ");
    let mut separator = "";
    for column in &query.by {
        writer.push(separator);
        writer.output(alias, column_of(model, *column));
        separator = ", ";
    }
    writer.functions(model, alias, &query.functions, separator);
    writer.push(" FROM ");
    writer.table_as(model, alias);
    writer.filter(model, alias, &query.filter);
    for (index, column) in query.by.iter().enumerate() {
        writer.push(if index == 0 { " GROUP BY " } else { ", " });
        writer.column(alias, column_of(model, *column));
    }
    if !query.having.is_true() {
        writer.push(" HAVING ");
        writer.condition(model, alias, &query.having, false);
    }
    let (_, terms) = writer.ordering(model, alias, &query.order, query.backwards);
    writer.order_by(&terms);
    writer.limit(query.take, query.skip);
    writer.finish(model, true, true)
}

impl Writer<'_> {
    /// Writes `SELECT count(*) FROM …`.
    pub(super) fn aggregated(&mut self, query: &Aggregate) {
        let alias = self.new_alias();
        let rows = &query.rows;
        self.push("SELECT ");
        self.functions(rows.model, alias, &query.functions, "");
        self.push(" FROM ");
        if rows.take.is_none() && rows.skip == 0 && rows.cursor.is_none() && rows.distinct.is_none() {
            self.table_as(rows.model, alias);
            return self.filter(rows.model, alias, &rows.filter);
        }
        self.push("(SELECT ");
        self.alias(alias);
        self.push(".* FROM ");
        self.rows_of(rows, alias, From::Table, "");
        self.push(") AS ");
        self.alias(alias);
    }

    fn functions(
        &mut self,
        model: &ModelMeta,
        alias: Alias,
        functions: &[Function],
        mut separator: &'static str,
    ) {
        for function in functions {
            self.push(separator);
            self.function(model, alias, function);
            separator = ", ";
        }
    }
}
