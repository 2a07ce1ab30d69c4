//! Aggregates and groups.

use postgres_types::Type;

use super::condition::operator;
use super::writer::{Alias, Writer};
use crate::error::Error;
use crate::meta::{ColumnMeta, ColumnType, ModelMeta};
use crate::query::{Aggregate, Function, Having};
use crate::value::Value;
use crate::wire::Statement;

pub(crate) fn aggregate(schema: &str, query: &Aggregate) -> Result<Statement, Error> {
    let mut writer = Writer::new(schema);
    let alias = writer.new_alias();
    let model = query.model;
    writer.push("SELECT ");
    for (index, column) in query.by.iter().enumerate() {
        if index > 0 {
            writer.push(", ");
        }
        writer.output(alias, column_of(model, *column));
    }
    for (index, function) in query.functions.iter().enumerate() {
        if index > 0 || !query.by.is_empty() {
            writer.push(", ");
        }
        writer.function(model, alias, function);
    }
    writer.push(" FROM ");
    writer.table_as(model, alias);
    writer.filter(model, alias, &query.filter);
    for (index, column) in query.by.iter().enumerate() {
        writer.push(if index == 0 { " GROUP BY " } else { ", " });
        writer.column(alias, column_of(model, *column));
    }
    if let Some(having) = &query.having {
        writer.push(" HAVING ");
        writer.having(model, alias, having);
    }
    writer.order(model, alias, &query.order);
    writer.limit(query.take, query.skip);
    writer.finish(model, true, true)
}

fn column_of(model: &ModelMeta, column: u16) -> &ColumnMeta {
    &model.columns[usize::from(column)]
}

impl Writer<'_> {
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
    fn applied(&mut self, model: &ModelMeta, alias: Alias, function: &Function) {
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

    fn having(&mut self, model: &ModelMeta, alias: Alias, having: &Having) {
        let (parts, separator, none) = match having {
            Having::All(parts) => (parts, " AND ", "TRUE"),
            Having::Any(parts) => (parts, " OR ", "FALSE"),
            Having::Compare { function, op, value } => {
                self.applied(model, alias, function);
                self.push(operator(*op));
                return self.having_value(model, function, value);
            }
        };
        if parts.is_empty() {
            return self.push(none);
        }
        self.push("(");
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.push(separator);
            }
            self.having(model, alias, part);
        }
        self.push(")");
    }

    fn having_value(&mut self, model: &ModelMeta, function: &Function, value: &Value) {
        let ty = match (function, value) {
            (Function::Minimum(column) | Function::Maximum(column), _) => {
                let column = column_of(model, *column);
                if !has_no_extremes(column.ty) {
                    return self.param(value.clone(), column);
                }
                Type::TEXT
            }
            (_, Value::Decimal(_)) => Type::NUMERIC,
            (_, Value::Float(_)) => Type::FLOAT8,
            _ => Type::INT8,
        };
        self.bare_param(value.clone(), ty);
    }
}

fn is_decimal(ty: ColumnType) -> bool {
    matches!(ty, ColumnType::Numeric | ColumnType::Money)
}

/// Whether PostgreSQL has no `min` and `max` of the type (it has them for `uuid` since version 18), so that the text is compared.
fn has_no_extremes(ty: ColumnType) -> bool {
    matches!(ty, ColumnType::Uuid | ColumnType::Bit | ColumnType::VarBit | ColumnType::Xml)
}
