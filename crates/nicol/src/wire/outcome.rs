//! The result of a statement.

use postgres_types::Type;
use tokio_postgres::{Column, Row, Statement as Prepared};

use crate::codec::Cells;
use crate::meta::ModelMeta;

/// The result of one or more statements.
#[derive(Debug, Default)]
pub struct Outcome {
    pub(crate) rows: Vec<Row>,
    /// The statement, if its columns are wanted.
    pub(crate) described: Option<Prepared>,
    pub(crate) affected: u64,
    /// The model of a missing row that a new row refers to.
    pub(crate) missing: Option<&'static str>,
    /// The model of the rows.
    pub(crate) model: Option<&'static ModelMeta>,
    /// Whether the statement, or any statement of its batch, has changed the database; false if that was or may still be rolled back.
    pub(crate) wrote: bool,
}

impl Outcome {
    /// Returns the rows as cells.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Cells<'_>> {
        self.rows.iter().map(Cells::of_row)
    }

    /// Returns the names and types of the columns. Behind a transaction pooler they are known only if there is a row.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &Type)> {
        let columns = match (&self.described, self.rows.first()) {
            (Some(statement), _) => statement.columns(),
            (None, Some(row)) => row.columns(),
            (None, None) => &[],
        };
        columns.iter().map(|column: &Column| (column.name(), column.type_()))
    }

    /// Returns the number of affected rows.
    pub fn affected(&self) -> u64 {
        self.affected
    }

    /// Combines the outcomes of statements that return rows of one model, or none.
    pub(crate) fn merged(outcomes: impl IntoIterator<Item = Self>) -> Self {
        let mut outcomes = outcomes.into_iter();
        let mut all = outcomes.next().unwrap_or_default();
        for outcome in outcomes {
            all.affected += outcome.affected;
            all.missing = all.missing.or(outcome.missing);
            all.wrote |= outcome.wrote;
            all.rows.extend(outcome.rows);
        }
        all
    }
}
