//! What is wrong with a value that cannot be read, and where it is.

use std::fmt;

use postgres_types::Type;

use crate::error::{Error, Kind};

/// A cell that does not have the expected form: the database's tables are not those of the schema file, or the value has no form in Rust.
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

/// Where the cell is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// At this place of the row or record.
    Cell(usize),
    /// In this field of a row, by names.
    Named(String),
}

impl DecodeError {
    pub(crate) fn new(expected: &'static str, found: Found) -> Self {
        Self { expected, found, place: None }
    }

    pub(crate) fn expecting(self, expected: &'static str) -> Self {
        Self { expected, ..self }
    }

    /// It is the cell at this place, unless a place is known.
    #[cold]
    pub(super) fn at(mut self, index: usize) -> Self {
        self.place.get_or_insert_with(|| Box::new(Place::Cell(index)));
        self
    }

    /// The place of the cell in its row or record, where it has no name yet.
    pub(super) fn place(&self) -> Option<usize> {
        match self.place.as_deref() {
            Some(Place::Cell(index)) => Some(*index),
            _ => None,
        }
    }

    /// It is in what is called this, unless it has a better name.
    #[cold]
    pub(crate) fn within(mut self, name: impl FnOnce() -> String) -> Self {
        if !matches!(self.place.as_deref(), Some(Place::Named(_))) {
            self.place = Some(Box::new(Place::Named(name())));
        }
        self
    }
}

impl DecodeError {
    /// Converts into the error of a query; `wrote` says that the statement had already changed the database.
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
            Found::Malformed => write!(f, "a value of type `{expected}` is malformed or out of range"),
            Found::NotFinite => write!(f, "a value that is not finite has no form in `{expected}`"),
            Found::Missing => write!(f, "expected a value of type `{expected}`, found no further column"),
        }
    }
}

impl std::error::Error for DecodeError {}
