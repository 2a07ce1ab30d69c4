//! Statements to run.

use crate::codec::Param;
use crate::error::{Effect, Error};
use crate::meta::ModelMeta;

/// An SQL statement with its parameters.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each answers a question of its own")]
pub(crate) struct Statement {
    pub(crate) text: String,
    pub(crate) params: Vec<Param>,
    pub(crate) form: Form,
    /// Whether the rows are wanted, not only their number.
    pub(crate) returns_rows: bool,
    /// Whether it only reads, so that it can be repeated after the connection was lost.
    pub(crate) read_only: bool,
    /// Whether a replica may run it outside of transactions, because it surely only reads.
    pub(crate) may_lag: bool,
    /// The model whose constraints an error can name.
    pub(crate) model: Option<&'static ModelMeta>,
    /// The call that it is for, such as `find_many`.
    pub(crate) operation: &'static str,
    /// The rows that must exist for a row to be written.
    pub(crate) references: References,
    /// Whether the query, and the transaction around it, fails if there is no row (P2025).
    pub(crate) requires_row: bool,
}

impl Statement {
    /// Lets a replica run it.
    pub(crate) fn lagging(mut self) -> Self {
        self.may_lag = true;
        self
    }

    /// Whether it is SQL of the application that returns rows, of any types.
    pub(super) fn is_of_application(&self) -> bool {
        self.returns_rows && self.operation == "query_raw"
    }

    /// Tells, of an error without an answer, whether the statement may have changed something. It was not in a transaction.
    pub(crate) fn settle(&self, failure: Error) -> Error {
        match failure.effect() {
            Effect::None => failure,
            Effect::Unknown if self.read_only => failure.with_effect(Effect::Undone),
            // SQL of the application may be a procedure that has committed before.
            Effect::Undone if self.read_only || self.model.is_some() => failure,
            Effect::Undone | Effect::Unknown => failure.uncertain(),
        }
    }

    /// Makes the query fail if there is no row.
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

/// How a statement is sent, and what is kept of its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Prepared. The reader knows the columns of the rows.
    Query,
    /// Prepared. The names and types of the columns are kept, even if there are no rows.
    Described,
    /// Sent as text, so that it may be several statements. It has no parameters and returns no rows.
    Script,
}

/// The models of existing rows that a new row refers to by a key. If one of the rows is missing, nothing is written.
#[derive(Debug, Clone, Default)]
pub(crate) enum References {
    #[default]
    None,
    /// No row is returned if the row is missing.
    One(&'static str),
    /// The last column of the returned row is the index of the first missing row, or null.
    Many(Vec<&'static str>),
}
