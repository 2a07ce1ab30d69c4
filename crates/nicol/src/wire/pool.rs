//! The pool: at most `connection_limit` connections, and at most `pool_timeout` waiting for one.

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
    /// The most recently used connection is last and is taken first, so that the others can expire.
    idle: Mutex<Vec<Idle>>,
    waiting: AtomicUsize,
}

/// The state of a pool at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStatus {
    /// The maximum number of connections.
    pub limit: usize,
    /// The number of connections that are in use or being opened.
    pub busy: usize,
    /// The number of open connections that are not in use.
    pub idle: usize,
    /// The number of queries that are waiting for a connection.
    pub waiting: usize,
}

/// Counts a waiting query until it is dropped, because a wait can be cancelled.
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

/// Exclusive use of a connection. Dropping it returns the connection to the pool, unless it was lost or is [busy](Self::busy).
pub(crate) struct Lease {
    pool: Arc<Pool>,
    connection: Option<Connection>,
    /// Whether the connection was idle before, so that it may have been lost unnoticed.
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

    /// Returns an idle connection, or a new one, or waits for the next to be returned.
    pub(crate) async fn lease(self: &Arc<Self>) -> Result<Lease, Error> {
        let permit = self.permit().await?;
        let idle = self.take_idle();
        let reused = idle.is_some();
        let connection = match idle {
            Some(connection) => connection,
            // Boxed: opening a connection is rare, and its future large.
            None => Box::pin(Connection::open(&self.connector)).await?,
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
        // Usually one is free.
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
        if connection.is_lost() || connection.has_grown() {
            return;
        }
        let mut idle = self.idle.lock().expect("nothing panics with the lock");
        // Asked while the lock is held, so that a pool that is closed meanwhile does not keep the connection.
        if !self.permits.is_closed() {
            idle.push(Idle { connection, since: Instant::now() });
        }
    }

    /// Closes idle connections now and the others when they are returned.
    pub(crate) fn close(&self) {
        self.permits.close();
        self.idle.lock().expect("nothing panics with the lock").clear();
    }
}

impl Lease {
    pub(crate) fn connection(&self) -> &Connection {
        self.connection.as_ref().expect("a lease has its connection until it is dropped")
    }

    /// Prepares for a second attempt after a failure and returns whether to make one. A stale statement is prepared again; a connection that
    /// was lost while idle is replaced. There is no second attempt if it could run a write twice; `repeatable` says that it could not.
    pub(crate) async fn recover(&mut self, failure: &Error, repeatable: bool) -> Result<bool, Error> {
        let recovers = match failure.kind() {
            Kind::StalePlan => true,
            Kind::Closed => self.reused && (repeatable || failure.has_not_run()),
            _ => false,
        };
        if recovers && self.connection().is_lost() {
            self.connection = Some(Box::pin(Connection::open(&self.pool.connector)).await?);
            self.reused = false;
        }
        Ok(recovers)
    }

    /// Notes that a statement is running. If the lease is dropped before [`done`](Self::done), the statement is cancelled and the connection is
    /// closed, because the next user would wait for the statement or inherit its transaction.
    pub(crate) fn busy(&mut self) {
        self.busy = true;
    }

    /// Notes that no statement is running.
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
        // Without a runtime the statement runs to its end, when the server notices that the client is gone.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { drop(pool.connector.cancel(&token).await) });
        }
    }
}
