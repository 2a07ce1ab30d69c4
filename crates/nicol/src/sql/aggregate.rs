//! Aggregates and groups.

use super::writer::{Alias, Writer};
use crate::error::Error;
use crate::meta::{ColumnMeta, ColumnType, ModelMeta};
use crate::query::{Aggregate, Function, GroupBy, Operand};
use crate::value::Value;
use crate::wire::Statement;

pub(crate) fn aggregate(schema: &str, query: &Aggregate) -> Result<Statement, Error> {
    let mut writer = Writer::new(schema);
    let alias = writer.new_alias();
    let model = query.rows.model;
    writer.push("SELECT ");
    writer.functions(model, alias, &query.functions, "");
    writer.push(" FROM ");
    writer.table_as(model, alias);
    writer.filter(model, alias, &query.rows.filter);
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
    writer.order(model, alias, &query.order);
    writer.limit(query.take, query.skip);
    writer.finish(model, true, true)
}

fn column_of(model: &ModelMeta, column: u16) -> &ColumnMeta {
    &model.columns[usize::from(column)]
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

    /// Writes a function as a result column.
    fn function(&mut self, model: &ModelMeta, alias: Alias, function: &Function) {
        self.applied(model, alias, function);
        if let Function::Minimum(column) | Function::Maximum(column) = function {
            let column = column_of(model, *column);
            self.output_cast(column);
            if column.ty == ColumnType::Uuid {
                self.push("::uuid");
            }
        }
    }

    /// Writes a function for a comparison: the smallest and greatest value in the order of the column.
    pub(super) fn applied(&mut self, model: &ModelMeta, alias: Alias, function: &Function) {
        let (name, column) = match function {
            Function::CountRows => return self.push("count(*)"),
            Function::Count(column) => ("count(", column),
            Function::Sum(column) => ("sum(", column),
            Function::Average(column) => ("avg(", column),
            Function::Minimum(column) => ("min(", column),
            Function::Maximum(column) => ("max(", column),
        };
        let column = column_of(model, *column);
        self.push(name);
        self.column(alias, column);
        match function {
            Function::Sum(_) | Function::Average(_) => {
                self.number_cast(column);
            }
            Function::Minimum(_) | Function::Maximum(_) if has_no_extremes(column.ty) => self.push("::text"),
            _ => {}
        }
        self.push(")");
        // PostgreSQL averages integers as `numeric`, Prisma as Float.
        if matches!(function, Function::Average(_)) && !is_decimal(column.ty) {
            self.push("::float8");
        }
    }
}

/// Returns the type in which the result of a function is compared with a value.
pub(super) fn result_type(model: &ModelMeta, function: &Function, value: &Operand) -> ColumnType {
    if let Function::Minimum(column) | Function::Maximum(column) = function {
        let ty = column_of(model, *column).ty;
        return if has_no_extremes(ty) { ColumnType::Text } else { ty };
    }
    match value {
        Operand::Value(Value::Decimal(_)) => ColumnType::Numeric,
        Operand::Value(Value::Float(_)) => ColumnType::Float8,
        _ => ColumnType::Int8,
    }
}

fn is_decimal(ty: ColumnType) -> bool {
    matches!(ty, ColumnType::Numeric | ColumnType::Money)
}

/// Whether PostgreSQL has no `min` and `max` of the type (it has them for `uuid` since version 18), so that the text is compared.
fn has_no_extremes(ty: ColumnType) -> bool {
    matches!(ty, ColumnType::Uuid | ColumnType::Bit | ColumnType::VarBit | ColumnType::Xml)
}
