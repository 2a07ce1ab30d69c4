//! Streams the rows of a statement.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::Stream;
use tokio::time::Sleep;
use tokio_postgres::Row;

use super::executor::Executor;
use super::pool::Lease;
use super::statement::Statement;
use crate::error::{Error, Kind};
use crate::meta::ModelMeta;

/// The rows of a statement as they arrive, on a connection of their own. Dropping it cancels the statement.
pub(crate) struct StatementRows {
    stream: Pin<Box<tokio_postgres::RowStream>>,
    lease: Lease,
    /// The time limit of the wait for the next row.
    wait: Option<Pin<Box<Sleep>>>,
    /// The model of the rows.
    pub(crate) model: Option<&'static ModelMeta>,
}

impl StatementRows {
    pub(crate) async fn open(executor: &Executor, statement: &Statement) -> Result<Self, Error> {
        if executor.transaction().is_some() {
            let message = "rows cannot be streamed within a transaction, which needs its connection for other statements";
            return Err(Kind::Unsupported { message }.into());
        }
        let mut lease = executor.lease(None).await?;
        let mut rows = start(&mut lease, statement).await;
        if let Err(failure) = &rows
            && lease.recover(failure, statement.read_only).await?
        {
            rows = start(&mut lease, statement).await;
        }
        Ok(Self { stream: Box::pin(rows?), lease, wait: None, model: statement.model })
    }

    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Row, Error>>> {
        let Poll::Ready(next) = self.stream.as_mut().poll_next(context) else {
            let Some(limit) = self.lease.connection().limit() else { return Poll::Pending };
            let wait = self.wait.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
            ready!(wait.as_mut().poll(context));
            self.wait = None;
            return Poll::Ready(Some(Err(self.lease.connection().expire())));
        };
        self.wait = None;
        Poll::Ready(match next {
            Some(Ok(row)) => Some(Ok(row)),
            Some(Err(error)) => Some(Err(self.lease.connection().failure(&error, None))),
            None => {
                self.lease.done();
                None
            }
        })
    }
}

/// Starts the statement. The lease stays busy until the last row.
async fn start(lease: &mut Lease, statement: &Statement) -> Result<tokio_postgres::RowStream, Error> {
    lease.busy();
    let rows = lease.connection().stream(statement).await;
    if rows.is_err() {
        lease.done();
    }
    rows
}
