//! Transactions: options first, the closure last.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;

use crate::batch::Outcome;
use crate::client::{Client, Handle};
use crate::connection::Connection;
use crate::error::{Error, Kind};
use crate::executor::{Executor, on_connection};
use crate::pipeline;
use crate::pool::Lease;
use crate::sql::Statement;

/// How much a transaction sees of others.
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

/// A transaction to run, on a client of type `C`.
#[derive(Debug)]
#[must_use = "a transaction does nothing before `run`"]
pub struct Transaction<C> {
    executor: Executor,
    options: Options,
    client: PhantomData<fn() -> C>,
}

#[derive(Debug, Clone, Default)]
struct Options {
    isolation: Option<Isolation>,
    timeout: Option<Duration>,
}

impl<C: Handle> Transaction<C> {
    pub(crate) fn new(executor: Executor) -> Self {
        Self { executor, options: Options::default(), client: PhantomData }
    }

    /// How much it sees of others; the database's default without. Within another transaction it has no effect.
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.options.isolation = Some(isolation);
        self
    }

    /// How long it may take at most, the wait for a connection aside; it is rolled back then (P1008).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// Runs the closure again, up to so many times, after a serialization failure or a deadlock (P2034), or where a prepared statement
    /// turned out to be stale.
    pub fn retry(self, times: u32) -> Retry<C> {
        Retry { transaction: self, times }
    }

    /// Runs the closure in a transaction: commits if it returns `Ok`, rolls back if it returns `Err`, panics or is dropped.
    ///
    /// `BEGIN` travels with the first statement. Within another transaction this is a savepoint. For a closure with an error type of
    /// its own, see [`try_run`](Self::try_run).
    ///
    /// # Errors
    /// Returns the error of the closure, or that of beginning or committing.
    pub async fn run<T, F>(self, body: F) -> Result<T, Error>
    where
        F: AsyncFnOnce(C) -> Result<T, Error>,
    {
        self.try_run(body).await
    }

    /// Runs the closure like [`run`](Self::run), with any error type that an [`Error`] converts into.
    ///
    /// # Errors
    /// Returns the error of the closure, or that of beginning or committing.
    pub async fn try_run<T, E, F>(self, body: F) -> Result<T, E>
    where
        F: AsyncFnOnce(C) -> Result<T, E>,
        E: From<Error>,
    {
        if let Some(outer) = self.executor.transaction() {
            return savepoint(&self.executor, outer, body).await;
        }
        let mut lease = self.executor.pool().lease().await?;
        lease.busy();
        let open = Arc::new(Open::new(lease, begin(self.options.isolation)));
        // If this future is dropped, the lease is, and with it the connection: the server rolls back.
        let guard = CloseOnDrop(Arc::clone(&open));
        let client = C::from_client(Client::from_executor(self.executor.within(Arc::clone(&open))));
        let result = match self.options.timeout {
            None => body(client).await,
            Some(limit) => match tokio::time::timeout(limit, body(client)).await {
                Ok(result) => result,
                Err(_) => Err(Error::from(Kind::Timeout).into()),
            },
        };
        let closed = open.close(result.is_ok()).await;
        drop(guard);
        let value = result?;
        closed?;
        Ok(value)
    }
}

/// A transaction that may be run several times.
#[derive(Debug)]
#[must_use = "a transaction does nothing before `run`"]
pub struct Retry<C> {
    transaction: Transaction<C>,
    times: u32,
}

/// Errors that say whether they come from a conflict of transactions.
pub trait MaybeConflict {
    /// May the transaction succeed if it is run again.
    fn is_conflict(&self) -> bool;
}

impl MaybeConflict for Error {
    fn is_conflict(&self) -> bool {
        matches!(self.kind(), Kind::Conflict | Kind::StalePlan)
    }
}

impl<C: Handle> Retry<C> {
    /// Runs the closure in a transaction, and again after a serialization failure or a deadlock.
    ///
    /// The closure is cloned for each attempt. (An `AsyncFn` could be called several times without, but its futures are not `Send` in the eyes
    /// of rustc 1.95 once they borrow what the closure captured: "implementation of `Send` is not general enough".)
    ///
    /// # Errors
    /// Returns the error of the last attempt's closure, or that of beginning or committing.
    pub async fn run<T, F>(self, body: F) -> Result<T, Error>
    where
        F: AsyncFnOnce(C) -> Result<T, Error> + Clone,
    {
        self.try_run(body).await
    }

    /// Runs the closure like [`run`](Self::run), with any error type that an [`Error`] converts into and that tells conflicts.
    ///
    /// # Errors
    /// Returns the error of the last attempt's closure, or that of beginning or committing.
    pub async fn try_run<T, E, F>(self, body: F) -> Result<T, E>
    where
        F: AsyncFnOnce(C) -> Result<T, E> + Clone,
        E: From<Error> + MaybeConflict,
    {
        let Self { transaction: Transaction { executor, options, .. }, times } = self;
        // Within another transaction the conflict is the outer one's.
        let times = if executor.transaction().is_some() { 0 } else { times };
        for attempt in 0..times {
            let transaction =
                Transaction { executor: executor.clone(), options: options.clone(), client: PhantomData };
            match transaction.try_run(body.clone()).await {
                Err(error) if error.is_conflict() => {
                    // Both sides of a deadlock should not come back at the same moment.
                    let spread = rand::random_range(1..=1 << attempt.min(6));
                    tokio::time::sleep(Duration::from_millis(spread)).await;
                }
                result => return result,
            }
        }
        Transaction { executor, options, client: PhantomData }.try_run(body).await
    }
}

fn begin(isolation: Option<Isolation>) -> &'static str {
    match isolation {
        None => "BEGIN",
        Some(Isolation::ReadUncommitted) => "BEGIN ISOLATION LEVEL READ UNCOMMITTED",
        Some(Isolation::ReadCommitted) => "BEGIN ISOLATION LEVEL READ COMMITTED",
        Some(Isolation::RepeatableRead) => "BEGIN ISOLATION LEVEL REPEATABLE READ",
        Some(Isolation::Serializable) => "BEGIN ISOLATION LEVEL SERIALIZABLE",
    }
}

/// A transaction that is under way.
pub(crate) struct Open {
    /// `None` once it is over.
    state: Mutex<Option<State>>,
    /// A statement has failed: PostgreSQL will commit nothing.
    failed: AtomicBool,
    /// The closure has returned, or was dropped.
    over: AtomicBool,
    savepoints: AtomicU32,
}

struct State {
    lease: Lease,
    /// `BEGIN`, until it is sent.
    begin: Option<&'static str>,
    /// A statement is under way, or was dropped while it was.
    under_way: bool,
}

impl fmt::Debug for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Open")
    }
}

/// Ends a transaction whose future is dropped: nobody else may use it from then on.
struct CloseOnDrop(Arc<Open>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::Release);
        // A clone of the client may live on; the connection must not wait for it.
        if let Ok(mut state) = self.0.state.try_lock() {
            state.take();
        }
    }
}

impl Open {
    fn new(lease: Lease, begin: &'static str) -> Self {
        Self {
            state: Mutex::new(Some(State { lease, begin: Some(begin), under_way: false })),
            failed: AtomicBool::new(false),
            over: AtomicBool::new(false),
            savepoints: AtomicU32::new(0),
        }
    }

    pub(crate) async fn statement(&self, statement: &Statement) -> Result<Outcome, Error> {
        let outcomes = self.run(Work::Statements(&[statement])).await?;
        Ok(outcomes.into_iter().next().expect("each statement has its outcome"))
    }

    pub(crate) async fn batch(&self, statements: &[&Statement]) -> Result<Vec<Outcome>, Error> {
        self.run(Work::Statements(statements)).await
    }

    async fn command(&self, sql: &str) -> Result<(), Error> {
        self.run(Work::Command(sql)).await.map(drop)
    }

    async fn run(&self, work: Work<'_>) -> Result<Vec<Outcome>, Error> {
        let mut state = self.state.lock().await;
        let state = self.start(&mut state)?;
        let mut result = match state.begin.take() {
            Some(begin) => state.first(begin, work).await,
            None => work.run(state.lease.connection()).await,
        };
        state.under_way = false;
        match &mut result {
            // What it wrote stays only if the transaction is committed.
            Ok(outcomes) => outcomes.iter_mut().for_each(|outcome| outcome.wrote = false),
            Err(_) => self.failed.store(true, Ordering::Release),
        }
        result
    }

    /// Something is about to run on the connection.
    fn start<'a>(&self, state: &'a mut Option<State>) -> Result<&'a mut State, Error> {
        match state {
            Some(state) if !self.over.load(Ordering::Acquire) => {
                state.under_way = true;
                Ok(state)
            }
            _ => Err(Kind::TransactionClosed.into()),
        }
    }

    /// Commits, or rolls back.
    async fn close(&self, commit: bool) -> Result<(), Error> {
        self.over.store(true, Ordering::Release);
        let Some(State { mut lease, begin, under_way }) = self.state.lock().await.take() else {
            return Err(Kind::TransactionClosed.into());
        };
        if under_way {
            // A ROLLBACK would wait behind the statement that nobody waits for; the lease is dropped as it is, which cancels both.
            return Err(Kind::TransactionFailed.into());
        }
        // Where nothing was sent, nothing has begun.
        if begin.is_some() {
            lease.done();
            return Ok(());
        }
        // PostgreSQL would answer this COMMIT with ROLLBACK, and the closure believes that all went well.
        let failed = self.failed.load(Ordering::Acquire);
        let ended = lease.connection().command(if commit && !failed { "COMMIT" } else { "ROLLBACK" }).await;
        // A COMMIT that is refused (a deferred constraint, a serialization failure) is a rollback, too.
        if ended.is_ok() || commit {
            lease.done();
        }
        ended?;
        if commit && failed { Err(Kind::TransactionFailed.into()) } else { Ok(()) }
    }
}

impl State {
    /// Runs the first work of the transaction, behind `BEGIN`. Where it fails, nothing has been done yet, so that a lost connection or a
    /// stale plan is no reason to fail.
    async fn first(&mut self, begin: &str, work: Work<'_>) -> Result<Vec<Outcome>, Error> {
        let result = work.run_after(begin, self.lease.connection()).await;
        let Err(failure) = &result else { return result };
        if *failure.kind() == Kind::StalePlan {
            self.lease.connection().command("ROLLBACK").await?;
        }
        if self.lease.recover(failure, true).await? {
            return work.run_after(begin, self.lease.connection()).await;
        }
        result
    }
}

/// What runs within a transaction.
#[derive(Clone, Copy)]
enum Work<'a> {
    Statements(&'a [&'a Statement]),
    Command(&'a str),
}

impl Work<'_> {
    async fn run(self, connection: &Connection) -> Result<Vec<Outcome>, Error> {
        match self {
            Self::Statements([statement]) => Ok(vec![on_connection(connection, statement).await?]),
            Self::Statements(statements) => pipeline::statements(connection, statements).await,
            Self::Command(sql) => connection.command(sql).await.map(|()| Vec::new()),
        }
    }

    /// Sends `BEGIN` and the work without waiting in between.
    async fn run_after(self, begin: &str, connection: &Connection) -> Result<Vec<Outcome>, Error> {
        let (begin, result) =
            futures_util::future::join(connection.command(begin), self.run(connection)).await;
        begin.and(result)
    }
}

/// A transaction within a transaction.
async fn savepoint<C, T, E, F>(executor: &Executor, outer: &Arc<Open>, body: F) -> Result<T, E>
where
    C: Handle,
    F: AsyncFnOnce(C) -> Result<T, E>,
    E: From<Error>,
{
    let name = outer.savepoints.fetch_add(1, Ordering::Relaxed);
    outer.command(&format!("SAVEPOINT s{name}")).await?;
    let result = body(C::from_client(Client::from_executor(executor.clone()))).await;
    if result.is_ok() && !outer.failed.load(Ordering::Acquire) {
        outer.command(&format!("RELEASE SAVEPOINT s{name}")).await?;
        return result;
    }
    outer.command(&format!("ROLLBACK TO SAVEPOINT s{name}")).await?;
    outer.failed.store(false, Ordering::Release);
    match result {
        Ok(_) => Err(Error::from(Kind::TransactionFailed).into()),
        error => error,
    }
}
