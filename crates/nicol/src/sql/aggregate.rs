//! Aggregates and groups.

use super::function::column_of;
use super::page::From;
use super::writer::{Alias, Writer};
use crate::error::Error;
use crate::meta::ModelMeta;
use crate::query::{Aggregate, Function, GroupBy};
use crate::wire::Statement;

pub(crate) fn aggregate(schema: &str, query: &Aggregate) -> Result<Statement, Error> {
    let mut writer = Writer::new(schema);
    let alias = writer.new_alias();
    let model = query.rows.model;
    writer.push("SELECT ");
    writer.functions(model, alias, &query.functions, "");
    writer.push(" FROM ");
    let rows = &query.rows;
    if rows.take.is_none() && rows.skip == 0 && rows.cursor.is_none() && rows.distinct.is_empty() {
        writer.table_as(model, alias);
        writer.filter(model, alias, &rows.filter);
    } else {
        writer.push("(SELECT ");
        writer.alias(alias);
        writer.push(".* FROM ");
        writer.rows_of(rows, alias, From::Table, "");
        writer.push(") AS ");
        writer.alias(alias);
    }
    writer.finish(model, true, true)
}

pub(crate) fn group_by(schema: &str, query: &GroupBy) -> Result<Statement, Error> {
    let mut writer = Writer::new(schema);
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
