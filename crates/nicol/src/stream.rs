//! Rows one after the other, without holding all of them.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::Stream;

use crate::cells::Cells;
use crate::error::{Error, Kind};
use crate::executor::Executor;
use crate::meta::ModelMeta;
use crate::pool::Lease;
use crate::relation::FromRecord;
use crate::sql::Statement;

/// Rows as they arrive, on a connection of their own. Dropping it ends the query.
///
/// The server sends no faster than the rows are taken.
pub struct RowStream<T> {
    rows: Pin<Box<tokio_postgres::RowStream>>,
    lease: Lease,
    model: Option<&'static ModelMeta>,
    row: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for RowStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RowStream")
    }
}

impl<T: FromRecord> RowStream<T> {
    pub(crate) async fn open(executor: &Executor, statement: Statement) -> Result<Self, Error> {
        if executor.transaction().is_some() {
            let message =
                "rows cannot be streamed within a transaction: its connection is needed for other statements";
            return Err(Kind::Unsupported { message }.into());
        }
        let mut lease = executor.pool().lease().await?;
        let mut rows = rows(&mut lease, &statement).await;
        if let Err(failure) = &rows
            && lease.recover(failure, statement.read_only).await?
        {
            rows = self::rows(&mut lease, &statement).await;
        }
        Ok(Self { rows: Box::pin(rows?), lease, model: statement.model, row: PhantomData })
    }

    /// The next row; `None` after the last.
    ///
    /// # Errors
    /// The connection was lost, or the row does not fit.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        futures_util::StreamExt::next(self).await
    }
}

/// Starts the statement; the lease stays busy while rows are to come.
async fn rows(lease: &mut Lease, statement: &Statement) -> Result<tokio_postgres::RowStream, Error> {
    lease.busy();
    let rows = lease.connection().stream(statement).await;
    if rows.is_err() {
        lease.done();
    }
    rows
}

impl<T: FromRecord> Stream for RowStream<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(match ready!(self.rows.as_mut().poll_next(context)) {
            Some(Ok(row)) => Some(
                T::from_record(&mut Cells::of_row(&row))
                    .map_err(|error| Error::unreadable(&error.in_selection(self.model, &row), false)),
            ),
            Some(Err(error)) => Some(Err(self.lease.connection().failure(&error, None))),
            None => {
                self.lease.done();
                None
            }
        })
    }
}
