//! Reads cells as values, to send them again.

use super::cell::Cell;
use super::decode_error::DecodeError;
use crate::meta::{ColumnMeta, ColumnType};
use crate::value::Value;

impl Cell<'_> {
    /// Returns the value of a column, in the form in which it would be sent.
    ///
    /// # Errors
    /// The cell does not have the type of the column.
    pub(crate) fn value_of(self, column: &ColumnMeta) -> Result<Value, DecodeError> {
        if column.list && !self.is_null() {
            return self.array(|cell| cell.value(column.ty)).map(Value::List);
        }
        self.value(column.ty)
    }

    fn value(self, ty: ColumnType) -> Result<Value, DecodeError> {
        if self.is_null() {
            return Ok(Value::Null);
        }
        Ok(match ty {
            ColumnType::Text
            | ColumnType::VarChar
            | ColumnType::Char
            | ColumnType::Citext
            | ColumnType::Xml
            | ColumnType::Inet
            | ColumnType::Bit
            | ColumnType::VarBit
            | ColumnType::Enum(_) => Value::Text(self.text()?),
            ColumnType::Uuid => Value::Uuid(self.uuid()?),
            ColumnType::Bool => Value::Bool(self.bool()?),
            ColumnType::Int2 | ColumnType::Int4 => Value::Int(self.int()?),
            ColumnType::Int8 | ColumnType::Oid => Value::BigInt(self.big_int()?),
            ColumnType::Float4 | ColumnType::Float8 => Value::Float(self.float()?),
            ColumnType::Numeric | ColumnType::Money => Value::Decimal(self.decimal()?),
            ColumnType::Timestamp(_) | ColumnType::Timestamptz(_) => Value::DateTime(self.date_time()?),
            ColumnType::Date => Value::Date(self.date()?),
            ColumnType::Time(_) | ColumnType::Timetz(_) => Value::Time(self.time()?),
            ColumnType::Json | ColumnType::Jsonb => Value::Json(self.json()?),
            ColumnType::Bytea => Value::Bytes(self.bytes()?),
        })
    }
}
