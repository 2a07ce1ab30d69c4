//! Streams the rows of a statement.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use futures_util::Stream;
use futures_util::future::join3;
use tokio::time::Sleep;
use tokio_postgres::Row;
use tracing::Span;

use super::context::Begin;
use super::executor::{Executor, number};
use super::pool::Lease;
use super::replicas::Replica;
use super::statement::Statement;
use super::telemetry::{self, Telemetry};
use crate::error::{Effect, Error, Kind};
use crate::meta::ModelMeta;

/// The rows of a statement as they arrive, on a connection of their own. Dropping it cancels the statement.
pub(crate) struct StatementRows {
    stream: Pin<Box<tokio_postgres::RowStream>>,
    state: State,
    /// Whether the statement runs in a transaction, which sets the context of the client.
    in_transaction: bool,
    /// The time limit of the wait for the next row.
    wait: Option<Pin<Box<Sleep>>>,
    told: Told,
    /// The model of the rows.
    pub(crate) model: Option<&'static ModelMeta>,
}

/// What is told about the statement when it ends.
struct Told {
    telemetry: Telemetry,
    replica: Option<usize>,
    span: Span,
    statement: Statement,
    started: Instant,
    rows: u64,
    failed: bool,
}

impl Told {
    /// Tells, of an error without an answer, whether the statement may have changed something.
    fn settle(&self, failure: Error, in_transaction: bool) -> Error {
        // Its transaction is not committed.
        if in_transaction { failure } else { self.statement.settle(failure) }
    }

    fn fail(&mut self, error: Error) -> Error {
        self.failed = true;
        telemetry::record(&self.span, Err(&error));
        error
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        self.span.record("db.response.returned_rows", self.rows);
        let rows = (!self.failed).then_some(self.rows);
        self.telemetry.statement(self.replica, &self.statement, self.started, rows);
    }
}

#[allow(clippy::large_enum_variant, reason = "there is one for each stream")]
enum State {
    Reading(Lease),
    /// The transaction ends.
    Ending(Pin<Box<dyn Future<Output = Result<(), Error>> + Send + Sync>>),
    Over,
}

impl StatementRows {
    pub(crate) async fn open(executor: &Executor, statement: &Statement) -> Result<Self, Error> {
        if executor.transaction().is_some() {
            let message = "rows cannot be streamed within a transaction, which needs its connection for other statements";
            return Err(Kind::Unsupported { message }.into());
        }
        executor.check_passed(statement)?;
        if let Some(replicas) = executor.replicas_for(statement) {
            let mut round = replicas.round();
            while let Some(replica) = replicas.next(&mut round) {
                let rows = Self::open_on(executor, Some(replica), statement).await;
                if !replica.gives_way(&rows, &mut round) {
                    return rows;
                }
            }
        }
        Self::open_on(executor, None, statement).await
    }

    /// Begins on a replica, or on the primary.
    async fn open_on(
        executor: &Executor,
        replica: Option<&Arc<Replica>>,
        statement: &Statement,
    ) -> Result<Self, Error> {
        let (begin, pool) = (executor.begin(executor.options()), executor.pool_of(replica));
        let mut told = Told {
            telemetry: begin.telemetry.clone(),
            replica: number(replica),
            span: executor.query_span(pool, statement),
            statement: statement.clone(),
            started: Instant::now(),
            rows: 0,
            failed: true,
        };
        let mut lease = executor.lease_from(pool, None).await?;
        let rows = loop {
            let failure = match start(&mut lease, &begin, statement).await {
                Ok(rows) => break Ok(rows),
                Err(failure) if begin.context.is_some() && !statement.read_only => failure,
                Err(failure) => statement.settle(failure),
            };
            if !Box::pin(lease.recover(&failure)).await? {
                break Err(failure);
            }
        };
        let rows = rows.inspect_err(|error| telemetry::record(&told.span, Err(error)));
        let (stream, in_transaction) = (Box::pin(rows?), begin.context.is_some());
        told.failed = false;
        let (state, model) = (State::Reading(lease), statement.model);
        Ok(Self { stream, state, in_transaction, wait: None, told, model })
    }

    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Row, Error>>> {
        let lease = match &mut self.state {
            State::Reading(lease) => lease,
            State::Ending(end) => {
                let ended = ready!(end.as_mut().poll(context));
                self.state = State::Over;
                return Poll::Ready(ended.err().map(Err));
            }
            State::Over => return Poll::Ready(None),
        };
        let Poll::Ready(next) = self.stream.as_mut().poll_next(context) else {
            let Some(limit) = lease.connection().limit() else { return Poll::Pending };
            let wait = self.wait.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
            ready!(wait.as_mut().poll(context));
            self.wait = None;
            let error = self.told.settle(lease.connection().expire(), self.in_transaction);
            return Poll::Ready(Some(Err(self.told.fail(error))));
        };
        self.wait = None;
        match next {
            Some(Ok(row)) => {
                self.told.rows += 1;
                Poll::Ready(Some(Ok(row)))
            }
            Some(Err(error)) => {
                let error = lease.connection().failure(&error, None);
                let error = self.told.settle(error, self.in_transaction);
                Poll::Ready(Some(Err(self.told.fail(error))))
            }
            None if self.in_transaction => {
                if let State::Reading(lease) = std::mem::replace(&mut self.state, State::Over) {
                    self.state = State::Ending(Box::pin(commit(lease, !self.told.statement.read_only)));
                }
                self.poll_next(context)
            }
            None => {
                lease.done();
                Poll::Ready(None)
            }
        }
    }
}

async fn commit(mut lease: Lease, writes: bool) -> Result<(), Error> {
    let committed = lease.connection().command("COMMIT").await;
    committed.map_err(|failure| match failure.effect() {
        Effect::Unknown if writes => failure.uncertain(),
        _ => failure,
    })?;
    lease.done();
    Ok(())
}

/// Starts the statement, in a transaction if there is a context to set. The lease stays busy until the last row.
async fn start(
    lease: &mut Lease,
    begin: &Begin,
    statement: &Statement,
) -> Result<tokio_postgres::RowStream, Error> {
    lease.busy();
    let connection = lease.connection();
    let rows = match &begin.context {
        None => connection.stream(statement).await,
        Some(context) => {
            connection.prepare(context).await?;
            let begin = connection.command(&begin.command);
            let (begin, context, rows) =
                join3(begin, connection.run(context), connection.stream(statement)).await;
            let rows = begin.and(context.map(drop)).and(rows);
            if rows.is_err() {
                // The error says more than that of a lost connection would.
                drop(connection.command("ROLLBACK").await);
            }
            rows
        }
    };
    if rows.is_err() {
        lease.done();
    }
    rows
}
