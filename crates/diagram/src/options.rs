//! What to draw.

use std::error::Error;
use std::fmt;

/// What to draw.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The models to draw, by their names in the schema file; all if it is empty.
    pub models: Vec<String>,
    /// How many relations away from `models` others are drawn, too.
    pub depth: usize,
    /// Use the names in the database (`@map`, `@@map`) instead of those in the schema file.
    pub database_names: bool,
}

/// A model that [`Options`] name is not in the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownModel {
    /// The name.
    pub name: String,
}

impl fmt::Display for UnknownModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the schema has no model `{}`", self.name)
    }
}

impl Error for UnknownModel {}
