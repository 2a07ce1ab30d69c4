//! Values of columns.

use nicol::__private::ColumnType;
use nicol::Value;
use nicol_schema::model::ModelId;

use super::check::{Input, Scalar};
use super::types::Enum;
use crate::error::Error;
use crate::schema::Schema;

/// Returns a value of a column, or of an element if it is an array column.
///
/// # Errors
/// PostgreSQL would refuse the value.
pub(super) fn of_column(
    schema: &Schema,
    model: ModelId,
    column: u16,
    input: &Input<'_>,
) -> Result<Value, Error> {
    let ty = schema.model(model).meta.columns[usize::from(column)].ty;
    of_type(schema, ty, input)
}

/// Returns a value of a type.
///
/// # Errors
/// PostgreSQL would refuse the value.
pub(super) fn of_type(schema: &Schema, ty: ColumnType, input: &Input<'_>) -> Result<Value, Error> {
    Ok(match input {
        Input::Null | Input::Enum(_, "DbNull") | Input::Object(..) => Value::Null,
        Input::Enum(Enum::Schema(id), name) => {
            let mut values = schema.source.enumeration(*id).values.iter();
            let value = values.find(|value| value.name == *name);
            Value::Text(value.map_or(*name, |value| value.database_name()).to_owned())
        }
        Input::Enum(_, "JsonNull") => Value::Json(serde_json::Value::Null),
        Input::Enum(_, name) => Value::Text((*name).to_owned()),
        Input::List(items) => {
            Value::List(items.iter().map(|item| of_type(schema, ty, item)).collect::<Result<_, _>>()?)
        }
        Input::Scalar(scalar) => of_scalar(ty, scalar)?,
    })
}

fn of_scalar(ty: ColumnType, scalar: &Scalar<'_>) -> Result<Value, Error> {
    Ok(match scalar {
        Scalar::Bool(value) => Value::Bool(*value),
        Scalar::Int(value) => integer(ty, *value)?,
        Scalar::BigInt(value) => Value::BigInt(*value),
        Scalar::Float(value) => Value::Float(*value),
        Scalar::Decimal(value) => Value::Decimal(value.clone()),
        Scalar::Text(text) => match ty {
            ColumnType::Uuid => Value::Uuid(text.parse().map_err(|_| invalid("uuid"))?),
            _ => Value::Text((*text).to_owned()),
        },
        Scalar::Bytes(bytes) => Value::Bytes(bytes.clone()),
        Scalar::DateTime(time) => match ty {
            ColumnType::Date => Value::Date(time.date_naive()),
            ColumnType::Time(_) | ColumnType::Timetz(_) => Value::Time(time.time()),
            _ => Value::DateTime(*time),
        },
        Scalar::Json(json) => Value::Json(json.clone()),
        Scalar::JsonText(text) => Value::Json(serde_json::from_str(text).map_err(|_| invalid("json"))?),
    })
}

fn integer(ty: ColumnType, value: i64) -> Result<Value, Error> {
    let (name, range) = match ty {
        ColumnType::Int2 => ("smallint", i64::from(i16::MIN)..=i64::from(i16::MAX)),
        // PostgreSQL takes negative numbers for those above 2³¹.
        ColumnType::Oid => ("oid", i64::from(i32::MIN)..=i64::from(u32::MAX)),
        ColumnType::Int4 => ("integer", i64::from(i32::MIN)..=i64::from(i32::MAX)),
        _ => return Ok(Value::BigInt(value)),
    };
    if !range.contains(&value) {
        let message = format!("a value is out of range for type {name}");
        let cause = serde_json::json!({
            "kind": "ValueOutOfRange",
            "cause": format!("value \"{value}\" is out of range for type {name}"),
            "originalCode": "22003",
            "originalMessage": format!("value \"{value}\" is out of range for type {name}"),
        });
        let adapter = serde_json::json!({ "name": "DriverAdapterError", "cause": cause });
        return Err(Error::new("P2020", message).with("driverAdapterError", adapter));
    }
    Ok(match ty {
        ColumnType::Oid => Value::BigInt(value.rem_euclid(1 << 32)),
        _ => i32::try_from(value).map_or(Value::BigInt(value), Value::Int),
    })
}

/// PostgreSQL refuses such a value, and Prisma has no code for that.
fn invalid(ty: &str) -> Error {
    Error::without_code(format!("a value is not valid for type {ty}"))
}
