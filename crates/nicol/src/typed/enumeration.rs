//! Enums of the schema file as Rust enums.

use std::fmt;

use crate::codec::{Cell, DecodeError, Found};
use crate::meta::EnumMeta;

/// A generated enum: the type of columns whose type is an enum of the database.
pub trait DatabaseEnum: Copy + fmt::Debug + Send + Sync + 'static {
    /// The database's type.
    #[doc(hidden)]
    const META: &'static EnumMeta;
    /// Every value, in the order of the schema file.
    const ALL: &'static [Self];

    /// The value's name in the schema file.
    fn name(self) -> &'static str;

    /// The value's name in the database.
    fn database_name(self) -> &'static str {
        self.name()
    }

    /// The value with this name in the schema file.
    ///
    /// # Errors
    /// There is none.
    fn from_name(name: &str) -> Result<Self, UnknownValue> {
        Self::ALL.iter().copied().find(|value| value.name() == name).ok_or(UnknownValue(Self::META.name))
    }

    /// The value of a cell.
    ///
    /// # Errors
    /// The cell is null, not text, or no value that the schema file knows.
    #[doc(hidden)]
    fn from_cell(cell: Cell<'_>) -> Result<Self, DecodeError> {
        let text = cell.str()?;
        let value = Self::ALL.iter().copied().find(|value| value.database_name() == text);
        value.ok_or(DecodeError::new(Self::META.name, Found::Malformed))
    }
}

/// A text is no value of this enum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownValue(&'static str);

impl fmt::Display for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is no value of enum `{}`", self.0)
    }
}

impl std::error::Error for UnknownValue {}
