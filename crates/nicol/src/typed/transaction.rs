//! Transactions.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use super::client::{Client, Handle};
use crate::error::{Error, Kind};
use crate::wire::{Executor, Isolation, Open};

impl Client {
    /// Returns a transaction to run; see [`Transaction::run`].
    pub fn transaction<C: Handle>(&self) -> Transaction<C> {
        Transaction::new(self.executor())
    }
}

/// A transaction to run: options first, then [`run`](Self::run). `C` is the type of the client.
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

    /// Sets the isolation level (default: that of the database). It has no effect within another transaction.
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.options.isolation = Some(isolation);
        self
    }

    /// Limits the duration of the transaction, not counting the wait for a connection. After that it is rolled back (P1008).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// Runs the closure again, at most this many times, after a serialization failure or a deadlock (P2034), or if a prepared statement was
    /// stale.
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
        F: AsyncFnOnce(C) -> Result<T, Error>,
    {
        self.try_run(body).await
    }

    /// Runs the closure like [`run`](Self::run). Its error type can be any type that [`Error`] converts into.
    ///
    /// # Errors
    /// Returns the error of the closure, or that of beginning or committing.
    pub async fn try_run<T, E, F>(self, body: F) -> Result<T, E>
    where
        F: AsyncFnOnce(C) -> Result<T, E>,
        E: From<Error>,
    {
        if let Some(outer) = self.executor.transaction() {
            return within_savepoint(&self.executor, outer, body).await;
        }
        let lease = self.executor.pool().lease().await?;
        // Dropping this future drops the lease and closes the connection, so the server rolls back.
        let (open, guard) = Open::new(lease, Isolation::begin(self.options.isolation));
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

/// Errors that know whether they come from a conflict of transactions. Implement it for your own error type to use
/// [`Retry::try_run`].
pub trait MaybeConflict {
    /// Whether the transaction may succeed if it is run again.
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

/// Runs the closure in a savepoint.
async fn within_savepoint<C, T, E, F>(executor: &Executor, outer: &Arc<Open>, body: F) -> Result<T, E>
where
    C: Handle,
    F: AsyncFnOnce(C) -> Result<T, E>,
    E: From<Error>,
{
    let savepoint = outer.savepoint().await?;
    let result = body(C::from_client(Client::from_executor(executor.clone()))).await;
    if result.is_ok() && !outer.has_failed() {
        savepoint.release().await?;
        return result;
    }
    savepoint.roll_back().await?;
    match result {
        Ok(_) => Err(Error::from(Kind::TransactionFailed).into()),
        error => error,
    }
}
