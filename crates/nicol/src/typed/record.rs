//! Reads the rows of a result, and the records nested in them, into Rust values.

use tokio_postgres::Row;

use super::scalar::FromCell;
use crate::codec::{Cell, Cells, DecodeError};
use crate::error::{Error, Kind};
use crate::wire::Outcome;

/// Rows that are read from cells: the row of a model, with or without relations, or those of a selection.
pub trait FromRecord: Sized {
    /// Reads a row.
    ///
    /// # Errors
    /// A cell does not have the type of its field.
    fn from_record(cells: &mut Cells<'_>) -> Result<Self, DecodeError>;
}

impl<T: FromRecord> FromCell for T {
    fn from_cell(cell: Cell<'_>) -> Result<Self, DecodeError> {
        T::from_record(&mut Cells::of_record(cell)?)
    }
}

impl Cells<'_> {
    /// Reads the next cell as a field or a relation.
    ///
    /// # Errors
    /// There is no further cell, or it does not have the type of the value.
    pub fn take<T: FromCell>(&mut self) -> Result<T, DecodeError> {
        self.decode_next(T::from_cell)
    }
}

impl Outcome {
    pub(crate) fn all<T>(
        self,
        decode: fn(&mut Cells<'_>) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, Error> {
        // A loop: iterators would be compiled in the application, some thirty functions for each type of rows.
        let mut rows = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            match decode(&mut Cells::of_row(row)) {
                Ok(read) => rows.push(read),
                Err(error) => return Err(self.unreadable(error, row)),
            }
        }
        Ok(rows)
    }

    #[cold]
    fn unreadable(&self, error: DecodeError, row: &Row) -> Error {
        error.in_selection(self.model, row).of_query(self.wrote)
    }

    pub(crate) fn first<T>(
        self,
        decode: impl Fn(&mut Cells<'_>) -> Result<T, DecodeError>,
    ) -> Result<T, Error> {
        let row =
            self.rows.first().ok_or(Kind::Inconsistent { message: "an aggregate returned no row".into() })?;
        decode(&mut Cells::of_row(row)).map_err(|error| self.unreadable(error, row))
    }

    pub(crate) fn decode<T: FromRecord>(self) -> Result<Vec<T>, Error> {
        self.all(T::from_record)
    }

    pub(crate) fn decode_one<T: FromRecord>(self, model: &'static str) -> Result<T, Error> {
        let row = self.rows.first().ok_or(Kind::NotFound { model: self.missing.unwrap_or(model) })?;
        T::from_record(&mut Cells::of_row(row)).map_err(|error| self.unreadable(error, row))
    }
}
