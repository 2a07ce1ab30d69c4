//! Interactive transactions: open between requests, found by their id, and limited in time.
//!
//! Source: Prisma 6.19, `packages/client-engine-runtime/src/transaction-manager/`.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nicol::__private::{Executor, Held};
use nicol::Isolation;
use tokio::task::AbortHandle;

use crate::error::Error;
use crate::failure;

/// How many ended transactions are remembered, so that a late request is told how its transaction ended.
const REMEMBERED: usize = 100;

/// How to start an interactive transaction.
#[derive(Debug, Clone)]
pub struct TransactionOptions {
    /// How long to wait for a connection.
    pub max_wait: Duration,
    /// How long the transaction may stay open. After that it is rolled back.
    pub timeout: Duration,
    /// The isolation level by Prisma's name, such as `RepeatableRead` (default: that of the database).
    pub isolation_level: Option<String>,
}

/// The open transactions of an engine, and the last ones that ended.
#[derive(Debug, Clone, Default)]
pub(crate) struct Transactions(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    open: HashMap<String, Arc<Open>>,
    ended: VecDeque<Ended>,
}

#[derive(Debug)]
struct Open {
    executor: Executor,
    /// Whoever ends the transaction takes this, and keeps the lock until the end is known.
    held: tokio::sync::Mutex<Option<Held>>,
    timer: Mutex<Option<AbortHandle>>,
    timeout: Duration,
    started: Instant,
}

#[derive(Debug)]
struct Ended {
    id: String,
    how: End,
    timeout: Duration,
    started: Instant,
}

/// How a transaction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Committed,
    RolledBack,
    TimedOut,
}

impl Transactions {
    /// Starts a transaction and returns its id.
    pub(crate) async fn start(&self, pool: &Executor, options: &TransactionOptions) -> Result<String, Error> {
        let TransactionOptions { max_wait, timeout, isolation_level } = options;
        let isolation = isolation_level.as_deref().map(isolation).transpose()?;
        for (name, duration) in [("timeout", timeout), ("maxWait", max_wait)] {
            if duration.is_zero() {
                return Err(error(format!("`{name}` of the transaction is missing or 0")));
            }
        }
        // As in Prisma, the wait for a connection counts.
        let started = Instant::now();
        let held = tokio::time::timeout(*max_wait, pool.hold(isolation)).await;
        let held = held.map_err(|_| error("no connection became free in time to start the transaction"))?;
        let (executor, held) = held.map_err(|error| failure::of_query(&error))?;
        let id = uuid::Uuid::new_v4().to_string();
        let open = Open {
            executor,
            held: tokio::sync::Mutex::new(Some(held)),
            timer: Mutex::default(),
            timeout: *timeout,
            started,
        };
        let open = Arc::new(open);
        self.state().open.insert(id.clone(), Arc::clone(&open));
        let timer = tokio::spawn(self.clone().expire(id.clone(), *timeout));
        *lock(&open.timer) = Some(timer.abort_handle());
        Ok(id)
    }

    /// Returns the executor of an open transaction. `operation` is what is about to be done, for the error.
    pub(crate) fn executor(&self, id: &str, operation: &str) -> Result<Executor, Error> {
        let executor = self.state().open.get(id).map(|open| open.executor.clone());
        executor.ok_or_else(|| self.gone(id, operation))
    }

    /// Commits an open transaction or rolls it back. A statement that is running comes to its end before.
    pub(crate) async fn end(&self, id: &str, how: End) -> Result<(), Error> {
        let operation = if how == End::Committed { "commit" } else { "rollback" };
        let open = self.state().open.get(id).map(Arc::clone);
        let Some(open) = open else { return Err(self.gone(id, operation)) };
        let mut held = open.held.lock().await;
        // Another request or the timer was faster.
        let Some(transaction) = held.take() else { return Err(self.gone(id, operation)) };
        if let Some(timer) = lock(&open.timer).take()
            && how != End::TimedOut
        {
            timer.abort();
        }
        // Also if this future is dropped, which rolls back.
        let mut ending = Ending { transactions: self, id, how: End::RolledBack };
        let result = match how {
            End::Committed => transaction.commit().await,
            End::RolledBack | End::TimedOut => transaction.roll_back().await,
        };
        ending.how = how;
        result.map_err(|error| failure::of_query(&error))
    }

    /// Waits until a transaction that is ending has ended, and returns the error of a request that came too late.
    pub(crate) async fn ended(&self, id: &str, operation: &str) -> Error {
        let open = self.state().open.get(id).map(Arc::clone);
        if let Some(open) = open {
            drop(open.held.lock().await);
        }
        self.gone(id, operation)
    }

    /// Rolls all open transactions back.
    pub(crate) async fn end_all(&self) {
        let ids: Vec<String> = self.state().open.keys().cloned().collect();
        for id in ids {
            // One that ends by itself meanwhile is gone as well.
            let _ = self.end(&id, End::RolledBack).await;
        }
    }

    async fn expire(self, id: String, timeout: Duration) {
        tokio::time::sleep(timeout).await;
        // It may have ended a moment ago.
        let _ = self.end(&id, End::TimedOut).await;
    }

    /// Returns the error of a request for a transaction that is not open.
    fn gone(&self, id: &str, operation: &str) -> Error {
        let state = self.state();
        let Some(ended) = state.ended.iter().find(|ended| ended.id == id) else {
            return error("the transaction is unknown: its id is wrong, or it ended long ago");
        };
        match ended.how {
            End::Committed => {
                error(format!("a {operation} is not possible, because the transaction is committed"))
            }
            End::RolledBack => {
                error(format!("a {operation} is not possible, because the transaction was rolled back"))
            }
            End::TimedOut => {
                let (timeout, taken) = (milliseconds(ended.timeout), milliseconds(ended.started.elapsed()));
                let message = format!(
                    "a {operation} is not possible, because the transaction was rolled back after its timeout of {timeout} ms; \
                     it began {taken} ms ago\nhelp: do less in the transaction, or raise its timeout"
                );
                error(message).with("operation", operation).with("timeout", timeout).with("timeTaken", taken)
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }
}

/// Moves a transaction from the open ones to those that ended.
struct Ending<'a> {
    transactions: &'a Transactions,
    id: &'a str,
    how: End,
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        let mut state = self.transactions.state();
        let Some(open) = state.open.remove(self.id) else { return };
        if state.ended.len() == REMEMBERED {
            state.ended.pop_front();
        }
        let Open { timeout, started, .. } = *open;
        state.ended.push_back(Ended { id: self.id.to_owned(), how: self.how, timeout, started });
    }
}

/// Returns the isolation level with Prisma's name.
///
/// # Errors
/// PostgreSQL has no such level.
pub(crate) fn isolation(name: &str) -> Result<Isolation, Error> {
    match name {
        "ReadUncommitted" => Ok(Isolation::ReadUncommitted),
        "ReadCommitted" => Ok(Isolation::ReadCommitted),
        "RepeatableRead" => Ok(Isolation::RepeatableRead),
        "Serializable" => Ok(Isolation::Serializable),
        "Snapshot" => {
            Err(error("PostgreSQL has no isolation level `Snapshot`").with("isolationLevel", "SNAPSHOT"))
        }
        name => Err(Error::new("P2023", format!("the isolation level `{name}` is unknown"))
            .with("providedIsolationLevel", name)),
    }
}

fn error(message: impl Into<String>) -> Error {
    Error::new("P2028", message)
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The state is whole at any time, so a panic elsewhere does not spoil it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
