//! Aggregate functions, as columns of a result and in conditions and orders.

use super::writer::{Alias, Writer};
use crate::meta::{ColumnMeta, ColumnType, ModelMeta};
use crate::query::{Function, Operand};
use crate::value::Value;

impl Writer<'_> {
    /// Writes a function as a result column.
    pub(super) fn function(&mut self, model: &ModelMeta, alias: Alias, function: &Function) {
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
    let value = match value {
        Operand::Value(Value::List(values)) => values.first(),
        Operand::Value(value) => Some(value),
        Operand::Column(_) => None,
    };
    match value {
        Some(Value::Decimal(_)) => ColumnType::Numeric,
        Some(Value::Float(_)) => ColumnType::Float8,
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

pub(super) fn column_of(model: &ModelMeta, column: u16) -> &ColumnMeta {
    &model.columns[usize::from(column)]
}
