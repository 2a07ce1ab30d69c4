//! The enums of the schema file as Rust enums.

use std::fmt;

use crate::codec::{Cell, DecodeError, Found};
use crate::meta::EnumMeta;

/// The generated enums.
pub trait DatabaseEnum: Copy + fmt::Debug + Send + Sync + 'static {
    /// The type in the database.
    #[doc(hidden)]
    const META: &'static EnumMeta;
    /// All values in the order of the schema file.
    const ALL: &'static [Self];

    /// Returns the name of the value in the schema file.
    fn name(self) -> &'static str;

    /// Returns the name of the value in the database.
    fn database_name(self) -> &'static str {
        self.name()
    }

    /// Returns the value with this name in the schema file.
    ///
    /// # Errors
    /// There is no such value.
    fn from_name(name: &str) -> Result<Self, UnknownValue> {
        Self::ALL.iter().copied().find(|value| value.name() == name).ok_or(UnknownValue(Self::META.name))
    }

    /// Reads a value.
    ///
    /// # Errors
    /// The cell is null, not text, or no value of the enum in the schema file.
    #[doc(hidden)]
    fn from_cell(cell: Cell<'_>) -> Result<Self, DecodeError> {
        let text = cell.enum_str()?;
        let value = Self::ALL.iter().copied().find(|value| value.database_name() == text);
        value.ok_or(DecodeError::new(Self::META.name, Found::Malformed))
    }
}

/// The error of a text that is not a value of an enum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownValue(pub(super) &'static str);

impl fmt::Display for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a value of enum `{}`", self.0)
    }
}

impl std::error::Error for UnknownValue {}
