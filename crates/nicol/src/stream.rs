//! Rows one after the other.

use std::fmt;
use std::marker::PhantomData;

use crate::error::Error;
use crate::executor::Executor;
use crate::relation::FromRecord;
use crate::sql::Statement;

/// Rows as they arrive.
pub struct RowStream<T> {
    row: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for RowStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RowStream")
    }
}

impl<T: FromRecord> RowStream<T> {
    pub(crate) async fn open(executor: &Executor, statement: Statement) -> Result<Self, Error> {
        executor.statements(vec![statement]).await?;
        Ok(Self { row: PhantomData })
    }

    /// The next row.
    ///
    /// # Errors
    /// The connection was lost, or the row does not fit.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        None
    }
}
