//! A statement on its way to the server.

use crate::codec::Param;
use crate::meta::ModelMeta;

/// An SQL statement with its parameters.
#[derive(Debug, Clone)]
pub struct Statement {
    pub(crate) text: String,
    pub(crate) params: Vec<Param>,
    /// Does it give rows; else only their number is of interest.
    pub(crate) returns_rows: bool,
    /// May it run again after the connection was lost: it only reads.
    pub(crate) read_only: bool,
    /// The model whose constraints an error may name.
    pub(crate) model: Option<&'static ModelMeta>,
    /// The rows that have to be there for a row to be written.
    pub(crate) references: References,
    /// Without a row the query fails (P2025), and with it the transaction that it is a part of.
    pub(crate) requires_row: bool,
}

impl Statement {
    /// Notes that the query fails without a row.
    pub(crate) fn requiring_row(mut self) -> Self {
        self.requires_row = true;
        self
    }

    pub(crate) fn referring_to(mut self, references: References) -> Self {
        self.requires_row = !matches!(references, References::None);
        self.references = references;
        self
    }
}

/// The models of rows that a row to write refers to by a key; the row is not written if one of them is missing.
#[derive(Debug, Clone, Default)]
pub(crate) enum References {
    #[default]
    None,
    /// No row comes back if it is missing.
    One(&'static str),
    /// The last column of the row that comes back is the place of the first that is missing, or null.
    Many(Vec<&'static str>),
}
