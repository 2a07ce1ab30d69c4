//! The error of a value that cannot be read, and the place of the value.

use std::fmt;

use postgres_types::Type;

use crate::error::{Error, Kind};

/// A value that cannot be read: the tables differ from the schema file, or the value cannot be represented in Rust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError {
    expected: &'static str,
    found: Found,
    place: Option<Box<Place>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Null,
    Type(u32),
    Malformed,
    NotFinite,
    Missing,
}

/// The place of the cell.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// The index in its row or record.
    Cell(usize),
    /// The name of the field, and the row.
    Named(String),
}

impl DecodeError {
    pub(crate) fn new(expected: &'static str, found: Found) -> Self {
        Self { expected, found, place: None }
    }

    pub(crate) fn expecting(self, expected: &'static str) -> Self {
        Self { expected, ..self }
    }

    /// Notes the index of the cell, unless the place is known.
    #[cold]
    pub(super) fn at(mut self, index: usize) -> Self {
        self.place.get_or_insert_with(|| Box::new(Place::Cell(index)));
        self
    }

    /// Returns the index of the cell if its field is not known yet.
    pub(super) fn place(&self) -> Option<usize> {
        match self.place.as_deref() {
            Some(Place::Cell(index)) => Some(*index),
            _ => None,
        }
    }

    /// Names the place, unless it has a name.
    #[cold]
    pub(crate) fn within(mut self, name: impl FnOnce() -> String) -> Self {
        if !matches!(self.place.as_deref(), Some(Place::Named(_))) {
            self.place = Some(Box::new(Place::Named(name())));
        }
        self
    }
}

impl DecodeError {
    /// Converts into the error of a query. `wrote` says that the statement has changed the database.
    pub(crate) fn of_query(&self, wrote: bool) -> Error {
        let mut message = self.to_string();
        if wrote {
            // Otherwise the caller would take the statement for one that did nothing.
            message.push_str("; the write itself succeeded");
        }
        Kind::Inconsistent { message }.into()
    }
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        error.of_query(false)
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expected = self.expected;
        if let Some(Place::Named(name)) = self.place.as_deref() {
            write!(f, "{name}: ")?;
        }
        match self.found {
            Found::Null => write!(f, "expected a value of type `{expected}`, found null"),
            Found::Type(oid) => match Type::from_oid(oid) {
                Some(ty) => write!(f, "expected a value of type `{expected}`, found one of type `{ty}`"),
                None => {
                    write!(f, "expected a value of type `{expected}`, found one of the type with oid {oid}")
                }
            },
            Found::Malformed => write!(f, "the value is malformed or out of range for type `{expected}`"),
            Found::NotFinite => write!(f, "type `{expected}` cannot represent a value that is not finite"),
            Found::Missing => write!(f, "expected a value of type `{expected}`, found the end of the row"),
        }
    }
}

impl std::error::Error for DecodeError {}
