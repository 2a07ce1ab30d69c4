//! The cells of a row or a nested record, in order.
//!
//! Source: PostgreSQL 16 sources, `record_send` (`rowtypes.c`).

use std::fmt;

use postgres_types::Type;
use tokio_postgres::Row;

use super::cell::{Cell, take_i32, take_u32, take_value};
use super::decode_error::{DecodeError, Found};
use super::oid;
use crate::meta::{ColumnMeta, ColumnType, ModelMeta};

/// The cells of a row or record, taken in order.
#[derive(Debug)]
pub struct Cells<'a>(Source<'a>);

#[derive(Clone, Copy)]
struct Source<'a> {
    /// The index of the next cell.
    next: usize,
    of: Of<'a>,
}

#[derive(Clone, Copy)]
enum Of<'a> {
    Row(&'a Row),
    /// The bytes that are left.
    Record(&'a [u8]),
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if matches!(self.of, Of::Row(_)) { "row" } else { "record" };
        write!(f, "{kind} from cell {}", self.next)
    }
}

impl<'a> Cells<'a> {
    /// Returns the cells of a row.
    pub(crate) fn of_row(row: &'a Row) -> Self {
        Self(Source { next: 0, of: Of::Row(row) })
    }

    /// Returns the fields of a record.
    ///
    /// # Errors
    /// The cell is null or not a record.
    pub fn of_record(cell: Cell<'a>) -> Result<Self, DecodeError> {
        let mut buffer = cell.bytes_of("record", &[oid::RECORD])?;
        let _fields = take_i32(&mut buffer, "record")?;
        Ok(Self(Source { next: 0, of: Of::Record(buffer) }))
    }

    /// Returns the next cell.
    ///
    /// # Errors
    /// There is no further cell.
    #[allow(
        clippy::inline_always,
        reason = "a cell that is returned in memory takes longer to read back than to decode"
    )]
    #[inline(always)]
    pub fn next_cell(&mut self) -> Result<Cell<'a>, DecodeError> {
        let index = self.0.next;
        self.0.next += 1;
        match &mut self.0.of {
            Of::Row(row) => cell(row, index).ok_or(DecodeError::new("column", Found::Missing)),
            Of::Record(buffer) => {
                let oid = take_u32(buffer, "record")?;
                let bytes = take_value(buffer, "record")?;
                Ok(Cell::new(oid, bytes))
            }
        }
    }

    /// Returns the next cell, decoded. An error says which cell it is.
    ///
    /// # Errors
    /// There is no further cell, or `decode` fails.
    pub(crate) fn decode_next<T>(
        &mut self,
        decode: impl FnOnce(Cell<'a>) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        let index = self.0.next;
        decode(self.next_cell()?).map_err(|error| error.at(index))
    }

    /// Reads a row of this model. An error names the model, the field and the row.
    ///
    /// # Errors
    /// `read` fails.
    pub fn row<T>(
        &mut self,
        model: &'static ModelMeta,
        read: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        let first = self.0;
        match read(self) {
            Err(error) => Err(error.in_row(model, first)),
            row => row,
        }
    }
}

/// Returns column `index` of a row.
#[inline]
pub(crate) fn cell(row: &Row, index: usize) -> Option<Cell<'_>> {
    let raw: Raw<'_> = row.try_get(index).ok()?;
    Some(Cell::new(row.columns().get(index)?.type_().oid(), raw.0))
}

/// The bytes of a column of any type.
struct Raw<'a>(Option<&'a [u8]>);

impl<'a> postgres_types::FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(Some(raw)))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl DecodeError {
    /// Names the field, if the error is in a row of this model whose columns start at `first`.
    #[cold]
    fn in_row(self, model: &ModelMeta, first: Source<'_>) -> Self {
        let Some(index) = self.place() else { return self };
        let Some((_, column)) =
            index.checked_sub(first.next).and_then(|index| model.row_columns().nth(index))
        else {
            return self;
        };
        let key = |column: u16| {
            let place = model.row_columns().position(|(index, _)| index == column)?;
            let mut cells = Cells(first);
            (0..place).try_for_each(|_| cells.next_cell().map(drop)).ok()?;
            cells.next_cell().ok()
        };
        self.within(|| field_of_row(model, column, key))
    }

    /// Names the field, if the error is in this row with some columns of the model.
    #[cold]
    pub(crate) fn in_selection(self, model: Option<&ModelMeta>, row: &Row) -> Self {
        let (Some(model), Some(index)) = (model, self.place()) else { return self };
        let name = row.columns().get(index).map(tokio_postgres::Column::name);
        let Some(column) = model.columns.iter().find(|column| Some(column.column) == name) else {
            return self.within(|| format!("a value of `{}`", model.name));
        };
        let key = |column: u16| {
            let name = model.columns.get(usize::from(column))?.column;
            cell(row, row.columns().iter().position(|column| column.name() == name)?)
        };
        self.within(|| field_of_row(model, column, key))
    }
}

/// Returns `` `Invoice.total` of the row with `id` 3 ``. A key is shown only if it reveals nothing: a number or a generated identifier.
fn field_of_row<'a>(model: &ModelMeta, column: &ColumnMeta, key: impl Fn(u16) -> Option<Cell<'a>>) -> String {
    let mut text = format!("`{}.{}` of ", model.name, column.field);
    let keys = model.key.iter().filter_map(|index| {
        let column = model.columns.get(usize::from(*index))?;
        Some(format!("`{}` {}", column.field, shown(column, key(*index)?)?))
    });
    let keys: Vec<String> = keys.collect();
    if keys.is_empty() {
        text.push_str("a row");
    } else {
        text.push_str("the row with ");
        text.push_str(&keys.join(" and "));
    }
    text
}

fn shown(column: &ColumnMeta, cell: Cell<'_>) -> Option<String> {
    match column.ty {
        ColumnType::Int2 | ColumnType::Int4 | ColumnType::Int8 | ColumnType::Oid => {
            cell.big_int().ok().map(|number| number.to_string())
        }
        ColumnType::Uuid => cell.uuid().ok().map(|uuid| uuid.to_string()),
        _ if column.default.is_identifier() => cell.text().ok(),
        _ => None,
    }
}
