//! Aggregate functions.

use nicol::__private::ColumnType;
use nicol::__private::query::Function;
use nicol_schema::model::ModelId;

use crate::schema::Schema;

/// Returns the function with this name, such as `_sum`.
pub(super) fn named(name: &str, column: u16) -> Option<Function> {
    Some(match name {
        "_count" => Function::Count(column),
        "_avg" => Function::Average(column),
        "_sum" => Function::Sum(column),
        "_min" => Function::Minimum(column),
        "_max" => Function::Maximum(column),
        _ => return None,
    })
}

/// Returns the type that the result of a function is compared as.
pub(super) fn result_type(schema: &Schema, model: ModelId, function: &Function) -> ColumnType {
    let ty = |column: u16| schema.model(model).meta.columns[usize::from(column)].ty;
    match *function {
        Function::CountRows | Function::Count(_) => ColumnType::Int8,
        Function::Average(column) => match ty(column) {
            ColumnType::Numeric | ColumnType::Money => ColumnType::Numeric,
            _ => ColumnType::Float8,
        },
        Function::Sum(column) => match ty(column) {
            ColumnType::Int2 | ColumnType::Int4 | ColumnType::Oid => ColumnType::Int8,
            ty => ty,
        },
        Function::Minimum(column) | Function::Maximum(column) => ty(column),
    }
}
