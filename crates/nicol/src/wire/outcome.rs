//! What the server answered to a statement.

use tokio_postgres::Row;

use crate::meta::ModelMeta;

/// What statements brought back.
#[derive(Debug, Default)]
pub struct Outcome {
    pub(crate) rows: Vec<Row>,
    pub(crate) affected: u64,
    /// The model of a row that had to be there for another to be written.
    pub(crate) missing: Option<&'static str>,
    /// The model whose rows they are.
    pub(crate) model: Option<&'static ModelMeta>,
    /// Whether something was written, by the statement or, in a batch, by any of its statements; not where that was rolled back, or
    /// still may be.
    pub(crate) wrote: bool,
}

impl Outcome {
    /// Combines the outcomes of several statements: the affected rows of all, the rows of the last that has any.
    pub(crate) fn merged(outcomes: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::default();
        for outcome in outcomes {
            all.affected += outcome.affected;
            all.missing = all.missing.or(outcome.missing);
            all.wrote |= outcome.wrote;
            if !outcome.rows.is_empty() {
                all.rows = outcome.rows;
                all.model = outcome.model;
            }
        }
        all
    }
}
