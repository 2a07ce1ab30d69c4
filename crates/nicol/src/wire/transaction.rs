//! Open transactions: the connection, and whether a statement has failed.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::{join, join3};
use tokio::sync::Mutex;

use super::connection::Connection;
use super::context::Begin;
use super::outcome::Outcome;
use super::pipeline;
use super::pool::Lease;
use super::statement::Statement;
use super::telemetry::Telemetry;
use crate::error::{Effect, Error, Kind};

/// The isolation level of a transaction.
///
/// Source: PostgreSQL manual, 13.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are SQL's")]
pub enum Isolation {
    ReadUncommitted,
    ReadCommitted,
    RepeatableRead,
    Serializable,
}

/// The options of transactions, for [`Client::transaction_options`](crate::Client::transaction_options).
///
/// The same methods of [`Transaction`](crate::Transaction) set them for one transaction.
#[derive(Debug, Clone, Default)]
pub struct TransactionOptions {
    pub(crate) isolation: Option<Isolation>,
    read_only: bool,
    pub(crate) max_wait: Option<Duration>,
    pub(crate) timeout: Option<Duration>,
}

impl TransactionOptions {
    /// Sets the isolation level (default: that of the database).
    #[must_use]
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.isolation = Some(isolation);
        self
    }

    /// Makes the transactions read-only: PostgreSQL refuses statements that write, with SQLSTATE 25006.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Limits the time to wait for a connection (default: `pool_timeout` of the connection URL, which is 10 s; Prisma's default is 2 s). After
    /// that the transaction fails with P2024.
    #[must_use]
    pub fn max_wait(mut self, max_wait: Duration) -> Self {
        self.max_wait = Some(max_wait);
        self
    }

    /// Limits the duration of [`run`](crate::Transaction::run), not counting the wait for a connection (default: no limit; Prisma's default is
    /// 5 s). After that the transaction is rolled back and fails with P1008.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Returns the command that begins such a transaction.
    pub(crate) fn begin(&self) -> String {
        let level = match self.isolation {
            None => "",
            Some(Isolation::ReadUncommitted) => " ISOLATION LEVEL READ UNCOMMITTED",
            Some(Isolation::ReadCommitted) => " ISOLATION LEVEL READ COMMITTED",
            Some(Isolation::RepeatableRead) => " ISOLATION LEVEL REPEATABLE READ",
            Some(Isolation::Serializable) => " ISOLATION LEVEL SERIALIZABLE",
        };
        format!("BEGIN{level}{}", if self.read_only { " READ ONLY" } else { "" })
    }
}

/// An open transaction.
pub(crate) struct Open {
    telemetry: Telemetry,
    /// `None` after the end of the transaction.
    state: Mutex<Option<State>>,
    /// Whether a statement has failed, so that PostgreSQL will not commit, or a batch, of which a part may have run.
    failed: AtomicBool,
    /// Whether a statement may have changed something.
    writes: AtomicBool,
    /// Whether the first statements were executed.
    begun: AtomicBool,
    /// Whether the server refused a write (25006).
    refused: AtomicBool,
    /// Whether the closure has returned or was dropped.
    over: AtomicBool,
    savepoints: AtomicU32,
    /// The first savepoint whose future was dropped: the next statement rolls back to it. [`NONE`] if there is none.
    dropped: AtomicU32,
}

const NONE: u32 = u32::MAX;

struct State {
    lease: Lease,
    /// The `BEGIN` to send before the first statement.
    begin: Option<Begin>,
    /// Whether a statement is running, or was dropped while it was running.
    under_way: bool,
}

impl fmt::Debug for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Open")
    }
}

/// Ends a transaction whose future is dropped.
#[derive(Debug)]
pub(crate) struct CloseOnDrop(Arc<Open>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::Release);
        // A clone of the client may outlive the transaction. It must not keep the connection.
        if let Ok(mut state) = self.0.state.try_lock() {
            state.take();
        }
    }
}

impl Open {
    /// Opens a transaction on the connection. `begin` is sent with the first statement. Dropping the guard ends the transaction.
    pub(crate) fn new(mut lease: Lease, begin: Begin) -> (Arc<Self>, CloseOnDrop) {
        lease.busy();
        let open = Arc::new(Self {
            telemetry: begin.telemetry.clone(),
            state: Mutex::new(Some(State { lease, begin: Some(begin), under_way: false })),
            failed: AtomicBool::new(false),
            writes: AtomicBool::new(false),
            begun: AtomicBool::new(false),
            refused: AtomicBool::new(false),
            over: AtomicBool::new(false),
            savepoints: AtomicU32::new(0),
            dropped: AtomicU32::new(NONE),
        });
        let guard = CloseOnDrop(Arc::clone(&open));
        (open, guard)
    }

    pub(crate) async fn statement(&self, statement: &Statement) -> Result<Outcome, Error> {
        let mut outcomes = Vec::with_capacity(1);
        self.run(Work::Statements(&[statement]), &mut outcomes).await?;
        Ok(outcomes.pop().expect("each statement has its outcome"))
    }

    /// Runs statements without waiting in between and appends their outcomes, up to the first that fails.
    pub(crate) async fn batch(
        &self,
        statements: &[&Statement],
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(), Error> {
        self.run(Work::Statements(statements), outcomes).await
    }

    /// Sets a savepoint. Dropping it without an end rolls back to it.
    pub(crate) async fn savepoint(&self) -> Result<Savepoint<'_>, Error> {
        let number = self.savepoints.fetch_add(1, Ordering::Relaxed);
        self.command(&format!("SAVEPOINT s{number}")).await?;
        Ok(Savepoint { open: Some(self), number })
    }

    /// Rolls back to the savepoint that was dropped, if there is one.
    async fn roll_back_dropped(&self) -> Result<(), Error> {
        let mut state = self.state.lock().await;
        let state = self.start(&mut state)?;
        let result = self.clean(state).await;
        state.under_way = state.lease.connection().has_expired();
        result
    }

    async fn clean(&self, state: &State) -> Result<(), Error> {
        let savepoint = self.dropped.load(Ordering::Acquire);
        if savepoint != NONE {
            self.command_on(state, &format!("ROLLBACK TO SAVEPOINT s{savepoint}")).await?;
            self.failed.store(false, Ordering::Release);
            self.dropped.store(NONE, Ordering::Release);
        }
        Ok(())
    }

    /// Whether a statement has failed, so that PostgreSQL accepts no other statements.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    async fn command(&self, sql: &str) -> Result<(), Error> {
        let started = Instant::now();
        let result = self.run(Work::Command(sql), &mut Vec::new()).await;
        self.telemetry.command(None, sql, started, result.is_err());
        result
    }

    async fn command_on(&self, state: &State, sql: &str) -> Result<(), Error> {
        let started = Instant::now();
        let result = state.lease.connection().command(sql).await;
        self.telemetry.command(None, sql, started, result.is_err());
        result
    }

    async fn run(&self, work: Work<'_>, outcomes: &mut Vec<Outcome>) -> Result<(), Error> {
        let mut state = self.state.lock().await;
        let state = self.start(&mut state)?;
        self.writes.fetch_or(work.writes(), Ordering::Relaxed);
        let result = match (state.begin.take(), self.clean(state).await) {
            (_, Err(error)) => Err(error),
            (Some(begin), Ok(())) => {
                let started = Instant::now();
                let result = state.first(&begin, work, outcomes).await;
                self.begun.store(result.is_ok(), Ordering::Relaxed);
                self.telemetry.command(None, &begin.command, started, false);
                if let Some(context) = &begin.context {
                    self.telemetry.statement(None, context, started, result.is_ok().then_some(1));
                }
                result
            }
            (None, Ok(())) => state.next(work, outcomes).await,
        };
        // After a timeout, it still runs.
        state.under_way = state.lease.connection().has_expired();
        // The changes are kept only if the transaction commits.
        for outcome in outcomes {
            outcome.wrote = false;
        }
        if result.as_ref().is_err_and(Error::is_refused_write) {
            self.refused.store(true, Ordering::Relaxed);
        }
        match &result {
            // A single statement that was never sent, such as for a value that does not fit, leaves the transaction as it was.
            Err(error) if error.sqlstate().is_some() || work.is_batch() => {
                self.failed.store(true, Ordering::Release);
            }
            _ => {}
        }
        result
    }

    /// Marks a statement as running, unless the transaction has ended.
    fn start<'a>(&self, state: &'a mut Option<State>) -> Result<&'a mut State, Error> {
        match state {
            Some(state) if !self.over.load(Ordering::Acquire) => {
                state.under_way = true;
                Ok(state)
            }
            _ => Err(Kind::TransactionClosed.into()),
        }
    }

    /// Commits or rolls back. Returns whether it is committed: not if a statement has failed.
    pub(crate) async fn close(&self, commit: bool) -> Result<bool, Error> {
        self.over.store(true, Ordering::Release);
        let Some(mut state) = self.state.lock().await.take() else {
            return Err(Kind::TransactionClosed.into());
        };
        if state.under_way {
            // ROLLBACK would wait for the abandoned statement. Dropping the busy lease cancels the statement and closes the connection.
            return Err(Kind::TransactionFailed.into());
        }
        // Nothing was sent, so there is nothing to end.
        if state.begin.is_some() {
            state.lease.done();
            return Ok(commit);
        }
        if commit {
            self.clean(&state).await?;
        }
        // The closure may have ignored the error of a statement. PostgreSQL would answer COMMIT with ROLLBACK.
        let commits = commit && !self.has_failed();
        let ended = self.command_on(&state, if commits { "COMMIT" } else { "ROLLBACK" }).await;
        // A COMMIT that fails (a deferred constraint, a serialization failure) is also a rollback.
        if ended.is_ok() || commit {
            state.lease.done();
        }
        if self.refused.load(Ordering::Relaxed) {
            // The next transaction shall not meet this server again.
            Box::pin(state.lease.leave_standby()).await;
        }
        ended.map_err(|failure| match failure.effect() {
            Effect::Unknown if commits && self.writes.load(Ordering::Relaxed) => failure.uncertain(),
            _ => failure,
        })?;
        Ok(commits)
    }
}

/// A part of a transaction that is kept or rolled back by itself. Dropping it rolls back, before the next statement.
pub(crate) struct Savepoint<'a> {
    /// `None` after it has been released.
    open: Option<&'a Open>,
    number: u32,
}

impl Savepoint<'_> {
    /// Keeps what was done since, even if this future is dropped.
    pub(crate) async fn release(mut self) -> Result<(), Error> {
        match self.open.take() {
            Some(open) => open.command(&format!("RELEASE SAVEPOINT s{}", self.number)).await,
            None => Ok(()),
        }
    }

    /// Rolls back now, also after a failure.
    pub(crate) async fn roll_back(self) -> Result<(), Error> {
        let open = self.open;
        drop(self);
        match open {
            Some(open) => open.roll_back_dropped().await,
            None => Ok(()),
        }
    }
}

impl Drop for Savepoint<'_> {
    fn drop(&mut self) {
        if let Some(open) = self.open {
            // An outer one takes those within it along.
            open.dropped.fetch_min(self.number, Ordering::AcqRel);
        }
    }
}

/// A transaction that is held open by itself, not by a closure. Dropping it rolls back.
#[derive(Debug)]
pub struct Held {
    open: Arc<Open>,
    _guard: CloseOnDrop,
}

impl Held {
    pub(crate) fn new(lease: Lease, begin: Begin) -> Self {
        let (open, guard) = Open::new(lease, begin);
        Self { open, _guard: guard }
    }

    pub(crate) fn open(&self) -> &Arc<Open> {
        &self.open
    }

    /// Whether the first statements of the transaction were executed.
    pub(crate) fn has_begun(&self) -> bool {
        self.open.begun.load(Ordering::Relaxed)
    }

    /// Waits for the statement that is running and commits. If a statement has failed, PostgreSQL rolls back, and this is no error.
    ///
    /// # Errors
    /// The transaction cannot be committed: a deferred constraint is violated, another transaction is in the way, a statement was given up or
    /// took too long, or the connection is lost.
    pub async fn commit(self) -> Result<(), Error> {
        self.open.close(true).await.map(drop)
    }

    /// Waits for the statement that is running and rolls back.
    ///
    /// # Errors
    /// The connection is lost, which rolls back, too.
    pub async fn roll_back(self) -> Result<(), Error> {
        self.open.close(false).await.map(drop)
    }
}

impl State {
    async fn next(&self, work: Work<'_>, outcomes: &mut Vec<Outcome>) -> Result<(), Error> {
        let connection = self.lease.connection();
        work.learn(connection, true).await?;
        work.run(connection, outcomes).await
    }

    /// Runs the first statements of the transaction after `BEGIN`. If they fail because of a lost connection, a stale plan or a server that accepts
    /// no writes, they are repeated: nothing has been done yet.
    async fn first(
        &mut self,
        begin: &Begin,
        work: Work<'_>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(), Error> {
        loop {
            let connection = self.lease.connection();
            let result = match work.learn(connection, false).await {
                Err(lost) if matches!(lost.kind(), Kind::Closed | Kind::Timeout) => Err(lost),
                // A refused statement is refused again, so that the transaction that it begins has failed.
                _ => work.run_after(begin, connection, outcomes).await,
            };
            let Err(mut failure) = result else { return Ok(()) };
            if failure.effect() == Effect::Unknown {
                failure = failure.with_effect(Effect::Undone);
            }
            if matches!(failure.kind(), Kind::StalePlan | Kind::StatementClash) || failure.is_refused_write()
            {
                self.lease.connection().command("ROLLBACK").await?;
            }
            if !Box::pin(self.lease.recover(&failure)).await? {
                return Err(failure);
            }
            outcomes.clear();
        }
    }
}

/// What to run in a transaction.
#[derive(Clone, Copy)]
enum Work<'a> {
    Statements(&'a [&'a Statement]),
    Command(&'a str),
}

impl Work<'_> {
    fn writes(self) -> bool {
        matches!(self, Self::Statements(statements) if statements.iter().any(|statement| !statement.read_only))
    }

    fn is_batch(self) -> bool {
        matches!(self, Self::Statements(statements) if statements.len() > 1)
    }

    /// Lets the driver look up types, `within` the transaction or before it has begun.
    async fn learn(self, connection: &Connection, within: bool) -> Result<(), Error> {
        if let Self::Statements(statements) = self {
            for statement in statements {
                connection.learn(statement, within).await?;
            }
        }
        Ok(())
    }

    async fn run(self, connection: &Connection, outcomes: &mut Vec<Outcome>) -> Result<(), Error> {
        match self {
            Self::Statements([statement]) => outcomes.push(connection.run(statement).await?),
            Self::Statements(statements) => {
                pipeline::statements(connection, statements, outcomes).await?;
            }
            Self::Command(sql) => connection.command(sql).await?,
        }
        Ok(())
    }

    /// Sends `BEGIN`, the context and the statements without waiting in between.
    async fn run_after(
        self,
        begin: &Begin,
        connection: &Connection,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(), Error> {
        let Some(context) = &begin.context else {
            let (begin, result) =
                join(connection.command(&begin.command), self.run(connection, outcomes)).await;
            return begin.and(result);
        };
        // Once it is prepared, it is sent when its future is first polled, before the statements.
        connection.prepare(context).await?;
        let begin = connection.command(&begin.command);
        // Boxed, because few clients have a context.
        let all = Box::pin(join3(begin, connection.run(context), self.run(connection, outcomes)));
        let (begin, context, result) = all.await;
        begin.and(context).and(result)
    }
}
