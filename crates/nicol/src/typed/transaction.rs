//! Transactions.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::Either;
use tracing::Instrument as _;

use super::client::{Client, Handle};
use crate::error::{Error, Kind};
use crate::run::Work;
use crate::wire::{Executor, Isolation, Open, Outcome, TransactionOptions};

impl Client {
    /// Returns a transaction to run; see [`Transaction::run`].
    pub fn transaction<C: Handle>(&self) -> Transaction<C> {
        Transaction::new(self.executor())
    }

    /// Runs queries of which not all statements are known, one after the other in a transaction.
    pub(super) async fn in_transaction<T>(
        &self,
        works: Vec<Work>,
        finish: impl FnOnce(Vec<Outcome>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let body = async |tx: Self| {
            let executor = tx.executor();
            let mut outcomes = Vec::with_capacity(works.len());
            for work in works {
                outcomes.push(work.run(&executor).await?);
            }
            finish(outcomes)
        };
        self.transaction().run(body).await
    }
}

/// A transaction to run: options first, then [`run`](Self::run). `C` is the type of the client.
#[derive(Debug)]
#[must_use = "a transaction does nothing before `run`"]
pub struct Transaction<C> {
    executor: Executor,
    options: TransactionOptions,
    client: PhantomData<fn() -> C>,
}

impl<C: Handle> Transaction<C> {
    pub(crate) fn new(executor: Executor) -> Self {
        // Those of the client are in effect already if this is a savepoint.
        let options = if executor.transaction().is_some() {
            TransactionOptions::default()
        } else {
            executor.options().clone()
        };
        Self { executor, options, client: PhantomData }
    }

    /// Sets the isolation level (default: that of the database). It has no effect within another transaction.
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.options = self.options.isolation(isolation);
        self
    }

    /// Makes the transaction read-only: PostgreSQL refuses statements that write, with SQLSTATE 25006. It has no effect within another
    /// transaction.
    pub fn read_only(mut self) -> Self {
        self.options = self.options.read_only();
        self
    }

    /// Limits the time to wait for a connection (default: `pool_timeout` of the connection URL, which is 10 s). After that the transaction fails
    /// with P2024. It has no effect within another transaction.
    pub fn max_wait(mut self, max_wait: Duration) -> Self {
        self.options = self.options.max_wait(max_wait);
        self
    }

    /// Limits the duration of the transaction, not counting the wait for a connection (default: no limit). After that it is rolled back (P1008).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options = self.options.timeout(timeout);
        self
    }

    /// Runs the closure again, at most this many times, after a serialization failure or a deadlock (P2034), if a prepared statement was
    /// stale, or if the connection was lost before `COMMIT` was sent, so that nothing was changed (P1017, [`Kind::Closed`]). If it was lost
    /// afterwards, the transaction may have been committed, and it is not run again ([`Kind::Uncertain`]).
    pub fn retry(self, times: u32) -> Retry<C> {
        Retry { transaction: self, times }
    }

    /// Runs the closure in a transaction: commits if it returns `Ok`, rolls back if it returns `Err`, panics or is dropped.
    ///
    /// `BEGIN` is sent with the first statement. Within another transaction this is a savepoint. For a closure with its own error type, see
    /// [`try_run`](Self::try_run).
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, Session, session, user};
    /// # use nicol::{Error, Isolation, types::DateTime};
    /// async fn sign_up(db: &Client, email: &str, expires: DateTime) -> Result<Session, Error> {
    ///     db.transaction()
    ///         .isolation(Isolation::Serializable)
    ///         .retry(3)
    ///         .run(async |tx| {
    ///             let user = tx.user().create(user::New { email: email.into() }).await?;
    ///             tx.session().create(session::New { token: "secret".into(), expires, user_id: user.id }).await
    ///         })
    ///         .await
    /// }
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    /// Returns the error of the closure, or that of beginning or committing.
    pub async fn run<T, F>(self, body: F) -> Result<T, Error>
    where
        // The compiler shows this line if the error is another.
        F: AsyncFnOnce(C) -> Result<T, Error>, // for an error type of your own, use `try_run`
    {
        self.try_run(body).await
    }

    /// Runs the closure like [`run`](Self::run). Its error type can be any type that [`Error`] converts into.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, user};
    /// enum SignUpError {
    ///     Full,
    ///     Database(nicol::Error),
    /// }
    ///
    /// impl From<nicol::Error> for SignUpError {
    ///     fn from(error: nicol::Error) -> Self {
    ///         Self::Database(error)
    ///     }
    /// }
    ///
    /// async fn sign_up(db: &Client, email: &str) -> Result<(), SignUpError> {
    ///     db.transaction()
    ///         .try_run(async |tx| {
    ///             tx.user().create(user::New { email: email.into() }).await?;
    ///             if tx.user().count().await? > 100 { Err(SignUpError::Full) } else { Ok(()) }
    ///         })
    ///         .await
    /// }
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    /// Returns the error of the closure, or that of beginning or committing.
    pub async fn try_run<T, E, F>(self, body: F) -> Result<T, E>
    where
        F: AsyncFnOnce(C) -> Result<T, E>,
        E: From<Error>,
    {
        let span = self.executor.transaction_span();
        let result = self.in_transaction(body).instrument(span.clone()).await;
        if result.is_err() {
            span.record("otel.status_code", "ERROR");
        }
        result
    }

    async fn in_transaction<T, E, F>(self, body: F) -> Result<T, E>
    where
        F: AsyncFnOnce(C) -> Result<T, E>,
        E: From<Error>,
    {
        if let Some(outer) = self.executor.transaction() {
            return within_savepoint(&self, outer, body).await;
        }
        // Boxed, as the end is, because the future of a transaction is part of the caller's.
        self.executor.note_write();
        let lease = Box::pin(self.executor.lease(self.options.max_wait)).await?;
        // Dropping this future drops the lease and closes the connection, so the server rolls back.
        let (open, guard) = Open::new(lease, self.executor.begin(&self.options));
        let client = C::from_client(Client::from_executor(self.executor.within(Arc::clone(&open))));
        let result = limited(self.options.timeout, body(client)).await;
        let closed = Box::pin(open.close(result.is_ok())).await;
        drop(guard);
        let value = result?;
        if closed? { Ok(value) } else { Err(Error::from(Kind::TransactionFailed).into()) }
    }
}

/// A transaction that is run again after a conflict. [`Transaction::retry`] returns it.
#[derive(Debug)]
#[must_use = "a transaction does nothing before `run`"]
pub struct Retry<C> {
    transaction: Transaction<C>,
    times: u32,
}

/// Errors that know whether they come from a conflict of transactions, or from the loss of a connection that changed nothing. Implement it for your own error type to use
/// [`Retry::try_run`].
pub trait MaybeConflict {
    /// Whether the transaction may succeed if it is run again.
    fn is_conflict(&self) -> bool;
}

impl MaybeConflict for Error {
    fn is_conflict(&self) -> bool {
        matches!(self.kind(), Kind::Conflict | Kind::StalePlan | Kind::StatementClash | Kind::Closed)
    }
}

impl<C: Handle> Retry<C> {
    /// Runs the closure in a transaction, and again after the errors that [`Transaction::retry`] lists.
    ///
    /// The closure is cloned for each attempt. (An `AsyncFn` would not need a clone, but rustc 1.95 does not see that its futures are `Send` if
    /// they borrow from the closure: "implementation of `Send` is not general enough".)
    ///
    /// # Errors
    /// Returns the error of the last attempt's closure, or that of beginning or committing.
    pub async fn run<T, F>(self, body: F) -> Result<T, Error>
    where
        F: AsyncFnOnce(C) -> Result<T, Error> + Clone,
    {
        self.try_run(body).await
    }

    /// Runs the closure like [`run`](Self::run). Its error type can be any type that [`Error`] converts into and that implements
    /// [`MaybeConflict`].
    ///
    /// # Errors
    /// Returns the error of the last attempt's closure, or that of beginning or committing.
    pub async fn try_run<T, E, F>(self, body: F) -> Result<T, E>
    where
        F: AsyncFnOnce(C) -> Result<T, E> + Clone,
        E: From<Error> + MaybeConflict,
    {
        let Self { transaction: Transaction { executor, options, .. }, times } = self;
        // A conflict within another transaction concerns the outer one.
        let times = if executor.transaction().is_some() { 0 } else { times };
        for attempt in 0..times {
            let transaction =
                Transaction { executor: executor.clone(), options: options.clone(), client: PhantomData };
            match transaction.try_run(body.clone()).await {
                Err(error) if error.is_conflict() => {
                    // The two sides of a deadlock should not retry at the same time.
                    let spread = rand::random_range(1..=1 << attempt.min(6));
                    tokio::time::sleep(Duration::from_millis(spread)).await;
                }
                result => return result,
            }
        }
        Transaction { executor, options, client: PhantomData }.try_run(body).await
    }
}

/// Waits for the closure, at most this long. Not an `async fn`, which would hold the future twice.
fn limited<T, E: From<Error>>(
    limit: Option<Duration>,
    body: impl Future<Output = Result<T, E>>,
) -> impl Future<Output = Result<T, E>> {
    match limit {
        None => Either::Left(body),
        Some(limit) => {
            let in_time =
                |result: Result<_, _>| result.unwrap_or_else(|_| Err(Error::from(Kind::Timeout).into()));
            Either::Right(tokio::time::timeout(limit, body).map(in_time))
        }
    }
}

/// Runs the closure in a savepoint.
async fn within_savepoint<C, T, E, F>(inner: &Transaction<C>, outer: &Arc<Open>, body: F) -> Result<T, E>
where
    C: Handle,
    F: AsyncFnOnce(C) -> Result<T, E>,
    E: From<Error>,
{
    let savepoint = Box::pin(outer.savepoint()).await?;
    let client = C::from_client(Client::from_executor(inner.executor.clone()));
    let result = limited(inner.options.timeout, body(client)).await;
    if result.is_ok() && !outer.has_failed() {
        Box::pin(savepoint.release()).await?;
        return result;
    }
    Box::pin(savepoint.roll_back()).await?;
    match result {
        Ok(_) => Err(Error::from(Kind::TransactionFailed).into()),
        error => error,
    }
}
