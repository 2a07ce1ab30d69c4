//! The pool: at most `connection_limit` connections, and a limit to the wait for one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nicol_pg::{ConnectionUrl, Connector};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connection::Connection;
use super::failure;
use crate::error::{Error, Kind};

/// Connections to one database.
pub(crate) struct Pool {
    connector: Connector,
    limit: usize,
    permits: Arc<Semaphore>,
    /// The most recently used last: it is taken first, so that the others can grow old and be closed.
    idle: Mutex<Vec<Idle>>,
    waiting: AtomicUsize,
}

/// How a pool is doing, at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStatus {
    /// How many connections there may be.
    pub limit: usize,
    /// How many are in use, or being opened to be used.
    pub busy: usize,
    /// How many are open and unused.
    pub idle: usize,
    /// How many queries wait for one.
    pub waiting: usize,
}

/// Counts somebody who waits, for as long as it lives: a wait may be given up.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Idle {
    connection: Connection,
    since: Instant,
}

/// A connection, for one user at a time. Returned when dropped, unless it was lost or is [still busy](Self::busy).
pub(crate) struct Lease {
    pool: Arc<Pool>,
    connection: Option<Connection>,
    /// It was open already, so it may have been lost without a sign.
    pub(crate) reused: bool,
    busy: bool,
    _permit: OwnedSemaphorePermit,
}

impl Pool {
    pub(crate) fn new(url: &ConnectionUrl) -> Result<Arc<Self>, Error> {
        let connector = Connector::new(url).map_err(failure::of_connecting)?;
        let limit = url.connection_limit().max(1);
        Ok(Arc::new(Self {
            connector,
            limit,
            permits: Arc::new(Semaphore::new(limit)),
            idle: Mutex::new(Vec::with_capacity(limit)),
            waiting: AtomicUsize::new(0),
        }))
    }

    pub(crate) fn url(&self) -> &ConnectionUrl {
        self.connector.url()
    }

    pub(crate) fn status(&self) -> PoolStatus {
        PoolStatus {
            limit: self.limit,
            busy: self.limit.saturating_sub(self.permits.available_permits()),
            idle: self.idle.lock().expect("nothing panics with the lock").len(),
            waiting: self.waiting.load(Ordering::Relaxed),
        }
    }

    /// A connection: one that is open, or a new one, or the next to be returned.
    pub(crate) async fn lease(self: &Arc<Self>) -> Result<Lease, Error> {
        let permit = self.permit().await?;
        let idle = self.take_idle();
        let reused = idle.is_some();
        let connection = match idle {
            Some(connection) => connection,
            None => Connection::open(&self.connector).await?,
        };
        Ok(Lease {
            pool: Arc::clone(self),
            connection: Some(connection),
            reused,
            busy: false,
            _permit: permit,
        })
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, Error> {
        // Mostly one is free.
        if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
            return Ok(permit);
        }
        let _waiting = Waiting::new(&self.waiting);
        let permit = Arc::clone(&self.permits).acquire_owned();
        let permit = match self.url().pool_timeout() {
            None => permit.await,
            Some(timeout) => tokio::time::timeout(timeout, permit).await.map_err(|_| Kind::PoolTimeout {
                connections: self.limit,
                waited_ms: u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX),
            })?,
        };
        permit.map_err(|_| Kind::ClientClosed.into())
    }

    fn take_idle(&self) -> Option<Connection> {
        let now = Instant::now();
        let mut idle = self.idle.lock().expect("nothing panics with the lock");
        let too_long =
            |since: Instant, limit: Option<Duration>| limit.is_some_and(|limit| now - since > limit);
        let (max_idle, max_life) =
            (self.url().max_idle_connection_lifetime(), self.url().max_connection_lifetime());
        idle.retain(|entry| {
            !(entry.connection.is_lost()
                || too_long(entry.since, max_idle)
                || too_long(entry.connection.opened, max_life))
        });
        idle.pop().map(|entry| entry.connection)
    }

    fn put_back(&self, connection: Connection) {
        if !self.permits.is_closed() && !connection.is_lost() && !connection.has_grown() {
            let entry = Idle { connection, since: Instant::now() };
            self.idle.lock().expect("nothing panics with the lock").push(entry);
        }
    }

    /// Closes idle connections now, and the others when they are returned.
    pub(crate) fn close(&self) {
        self.permits.close();
        self.idle.lock().expect("nothing panics with the lock").clear();
    }
}

impl Lease {
    pub(crate) fn connection(&self) -> &Connection {
        self.connection.as_ref().expect("a lease has its connection until it is dropped")
    }

    /// Makes ready for a second attempt after a failure: with the statements prepared anew where the plan was stale, and on a new connection
    /// where the old one had been lost while it was idle. False where a second attempt would fail as well, or run a write twice;
    /// `repeatable` says that nothing can run twice.
    pub(crate) async fn recover(&mut self, failure: &Error, repeatable: bool) -> Result<bool, Error> {
        let recovers = match failure.kind() {
            Kind::StalePlan => true,
            Kind::Closed => self.reused && (repeatable || failure.has_not_run()),
            _ => false,
        };
        if recovers && self.connection().is_lost() {
            self.connection = Some(Connection::open(&self.pool.connector).await?);
            self.reused = false;
        }
        Ok(recovers)
    }

    /// Something is under way on the connection. If the lease is dropped before [`done`](Self::done), the statement is cancelled and the
    /// connection closed: the next user would wait behind it, or find its transaction open.
    pub(crate) fn busy(&mut self) {
        self.busy = true;
    }

    /// Nothing is under way.
    pub(crate) fn done(&mut self) {
        self.busy = false;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        if !self.busy {
            return self.pool.put_back(connection);
        }
        let token = connection.cancel_token();
        let pool = Arc::clone(&self.pool);
        // Dropped outside a runtime the statement runs to its end; the server sees then that nobody is there.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { drop(pool.connector.cancel(&token).await) });
        }
    }
}
