//! Streams of rows.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::Stream;

use super::record::FromRecord;
use crate::codec::Cells;
use crate::error::Error;
use crate::wire::{Executor, Statement, StatementRows};

/// The rows of a query as they arrive, on a connection of their own. Dropping the stream cancels the query.
///
/// The server sends rows only as fast as they are read, so memory stays bounded.
pub struct RowStream<T> {
    rows: StatementRows,
    row: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for RowStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RowStream")
    }
}

impl<T: FromRecord> RowStream<T> {
    pub(crate) async fn open(executor: &Executor, statement: &Statement) -> Result<Self, Error> {
        Ok(Self { rows: StatementRows::open(executor, statement).await?, row: PhantomData })
    }

    /// Returns the next row, or `None` after the last.
    ///
    /// # Errors
    /// The connection was lost, or the row cannot be read (P2023).
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        futures_util::StreamExt::next(self).await
    }
}

impl<T: FromRecord> Stream for RowStream<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let row = ready!(self.rows.poll_next(context));
        Poll::Ready(row.map(|row| {
            let row = row?;
            T::from_record(&mut Cells::of_row(&row))
                .map_err(|error| error.in_selection(self.rows.model, &row).of_query(false))
        }))
    }
}
