//! The pool: at most `connection_limit` connections, and at most `pool_timeout` waiting for one.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::{Duration, Instant};

use nicol_pg::{ConnectionUrl, Connector};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::connection::Connection;
use super::failure;
use super::metrics::{Counts, PoolStatus};
use super::outcome::Outcome;
use super::pooler::Pooler;
use super::statement::Statement;
use crate::error::{Error, Kind};

/// Connections to one database.
pub(crate) struct Pool {
    connector: Connector,
    limit: usize,
    permits: Arc<Semaphore>,
    /// Has no permits: waiting for one is waiting for [`close`](Self::close).
    closed: Semaphore,
    state: Mutex<State>,
    waiting: AtomicUsize,
    counts: Arc<Counts>,
    pooler: Arc<Pooler>,
}

#[derive(Default)]
struct State {
    /// The most recently used connection is last and is taken first, so that the others can expire.
    idle: Vec<Idle>,
    /// Whether [`Expiry`] watches the idle connections.
    is_watched: bool,
    /// The number of places that are taken.
    taken: usize,
    /// Those that wait for a place of another, because the server has no connection left for them: first come, first served.
    starved: VecDeque<oneshot::Sender<Place>>,
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

/// A place in the pool, and the connection in it. Dropping it passes on both.
struct Place {
    pool: Arc<Pool>,
    /// `None` if the place is another's by now.
    permit: Option<OwnedSemaphorePermit>,
    connection: Option<Connection>,
}

/// Exclusive use of a connection. Dropping it returns the connection to the pool, unless it was lost or is [busy](Self::busy).
pub(crate) struct Lease {
    place: Place,
    /// Whether the connection was idle before, so that it may have been lost unnoticed.
    pub(crate) reused: bool,
    busy: bool,
}

impl Pool {
    pub(super) fn new(url: &ConnectionUrl, counts: Arc<Counts>) -> Result<Arc<Self>, Error> {
        let connector = Connector::new(url).map_err(failure::of_connecting)?;
        let limit = url.connection_limit().max(1);
        Ok(Arc::new(Self {
            connector,
            limit,
            permits: Arc::new(Semaphore::new(limit)),
            closed: Semaphore::new(0),
            state: Mutex::default(),
            waiting: AtomicUsize::new(0),
            counts,
            pooler: Arc::new(Pooler::new(url)),
        }))
    }

    pub(crate) fn connector(&self) -> &Connector {
        &self.connector
    }

    pub(crate) fn url(&self) -> &ConnectionUrl {
        self.connector.url()
    }

    pub(crate) fn status(&self) -> PoolStatus {
        PoolStatus {
            limit: self.limit,
            busy: self.limit.saturating_sub(self.permits.available_permits()),
            idle: self.state().idle.len(),
            waiting: self.waiting.load(Ordering::Relaxed),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics with the lock")
    }

    /// Returns an idle connection, or a new one, or waits for the next to be returned. `max_wait` is in place of `pool_timeout`.
    pub(crate) async fn lease(self: &Arc<Self>, max_wait: Option<Duration>) -> Result<Lease, Error> {
        let started = Instant::now();
        let limit = max_wait.or(self.url().pool_timeout());
        let deadline = deadline(limit);
        let permit = self.permit(deadline).await?;
        let permit = permit.ok_or_else(|| self.timed_out(limit))?;
        let mut place = self.take_place(permit);
        let reused = match place.connection {
            Some(_) => true,
            // Boxed: opening a connection is rare, and its future large.
            None => Box::pin(place.connect(deadline)).await?,
        };
        self.counts.waited(started);
        Ok(Lease { place, reused, busy: false })
    }

    fn take_place(self: &Arc<Self>, permit: OwnedSemaphorePermit) -> Place {
        let mut state = self.state();
        state.taken += 1;
        let connection = self.take_idle(&mut state);
        Place { pool: Arc::clone(self), permit: Some(permit), connection }
    }

    /// Waits for a place until the deadline; `None` if that comes first.
    async fn permit(
        &self,
        deadline: Option<tokio::time::Instant>,
    ) -> Result<Option<OwnedSemaphorePermit>, Error> {
        // Usually one is free.
        if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
            return Ok(Some(permit));
        }
        let _waiting = Waiting::new(&self.waiting);
        let permit = until(deadline, Arc::clone(&self.permits).acquire_owned()).await;
        permit.transpose().map_err(|_| Kind::ClientClosed.into())
    }

    fn timed_out(&self, waited: Option<Duration>) -> Error {
        let waited_ms = u64::try_from(waited.unwrap_or_default().as_millis()).unwrap_or(u64::MAX);
        Kind::PoolTimeout { connections: self.limit, waited_ms }.into()
    }

    fn take_idle(&self, state: &mut State) -> Option<Connection> {
        self.close_expired(state);
        state.idle.pop().map(|entry| entry.connection)
    }

    fn close_expired(&self, state: &mut State) {
        let now = Instant::now();
        let too_long =
            |since: Instant, limit: Option<Duration>| limit.is_some_and(|limit| now - since > limit);
        let (max_idle, max_life) =
            (self.url().max_idle_connection_lifetime(), self.url().max_connection_lifetime());
        state.idle.retain(|entry| {
            !(entry.connection.is_lost()
                || too_long(entry.since, max_idle)
                || too_long(entry.connection.opened, max_life))
        });
    }

    /// Watches the idle connections, if that is not yet done and they can expire.
    fn watch_idle(self: &Arc<Self>, state: &mut State) {
        let limit = self.url().max_idle_connection_lifetime();
        let (Some(limit), Ok(runtime)) = (limit, tokio::runtime::Handle::try_current()) else { return };
        if !state.is_watched {
            state.is_watched = true;
            runtime.spawn(Expiry(Arc::downgrade(self)).run(limit));
        }
    }

    /// Passes a place and its connection on to the first that is starved, or makes them free.
    fn put_back(self: &Arc<Self>, permit: OwnedSemaphorePermit, connection: Option<Connection>) {
        let connection = connection.filter(|connection| !connection.is_lost() && !connection.has_grown());
        let mut state = self.state();
        if let Some(starved) = state.starved.pop_front() {
            drop(state);
            // One that has given up passes it on.
            drop(starved.send(Place { pool: Arc::clone(self), permit: Some(permit), connection }));
            return;
        }
        state.taken -= 1;
        // Asked while the lock is held, so that a pool that is closed meanwhile does not keep the connection.
        if let Some(connection) = connection
            && !self.permits.is_closed()
        {
            state.idle.push(Idle { connection, since: Instant::now() });
            self.watch_idle(&mut state);
        }
    }

    /// Waits until the pool is closed.
    pub(crate) async fn closed(&self) {
        drop(self.closed.acquire().await);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.permits.is_closed()
    }

    /// Closes idle connections now.
    pub(super) fn forget_idle(&self) {
        self.state().idle.clear();
    }

    /// Closes idle connections now and the others when they are returned.
    pub(crate) fn close(&self) {
        self.permits.close();
        self.closed.close();
        let mut state = self.state();
        state.idle.clear();
        state.starved.clear();
    }
}

/// Closes connections that have been idle for too long although no query comes, because a server may sleep only when
/// nobody is connected. Runs while the pool has idle connections.
struct Expiry(Weak<Pool>);

impl Expiry {
    async fn run(mut self, limit: Duration) {
        let mut wait = limit;
        loop {
            tokio::time::sleep(wait).await;
            let Some(pool) = self.0.upgrade() else { return };
            let mut state = pool.state();
            pool.close_expired(&mut state);
            let Some(oldest) = state.idle.first() else {
                state.is_watched = false;
                // Another one may run from here on.
                self.0 = Weak::new();
                return;
            };
            // A bit later, so that it has expired by then.
            wait = limit.saturating_sub(oldest.since.elapsed()) + Duration::from_millis(10);
        }
    }
}

impl Drop for Expiry {
    /// The runtime of this task may end before the pool.
    fn drop(&mut self) {
        if let Some(pool) = self.0.upgrade() {
            pool.state().is_watched = false;
        }
    }
}

impl Place {
    /// Connects. If the server has no connection left, takes over the place of another and its connection. Returns whether the connection was in
    /// use before.
    async fn connect(&mut self, deadline: Option<tokio::time::Instant>) -> Result<bool, Error> {
        let pool = Arc::clone(&self.pool);
        let mut waiting = None;
        let mut pause = Duration::from_millis(5);
        loop {
            let error = match Connection::open(&pool.connector, &pool.pooler, &pool.counts).await {
                Ok(connection) => {
                    self.connection = Some(connection);
                    return Ok(false);
                }
                Err(error) => error,
            };
            if !matches!(error.kind(), Kind::Connect { code: "P2037" }) {
                return Err(error);
            }
            if pool.permits.is_closed() {
                return Err(Kind::ClientClosed.into());
            }
            waiting.get_or_insert_with(|| Waiting::new(&pool.waiting));
            let waited = match self.starve() {
                Starved::Fed => return Ok(true),
                Starved::Alone => until(deadline, tokio::time::sleep(pause)).await,
                Starved::Waits(next) => match until(deadline, next).await {
                    Some(Err(_)) => return Err(Kind::ClientClosed.into()),
                    Some(Ok(place)) => {
                        *self = place;
                        Some(())
                    }
                    None => None,
                },
            };
            if waited.is_none() {
                return Err(error);
            }
            if self.connection.as_ref().is_some_and(|connection| !connection.is_lost()) {
                return Ok(true);
            }
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }

    /// Gives the place up to wait for that of another, unless a connection is free by now or there is no other place.
    fn starve(&mut self) -> Starved {
        let mut state = self.pool.state();
        if let Some(connection) = self.pool.take_idle(&mut state) {
            self.connection = Some(connection);
            return Starved::Fed;
        }
        if state.taken <= 1 {
            return Starved::Alone;
        }
        state.taken -= 1;
        let (sender, next) = oneshot::channel();
        state.starved.push_back(sender);
        drop(state);
        // Whoever comes next finds out that the server has no connection left.
        self.permit = None;
        Starved::Waits(next)
    }
}

/// What a place without a connection does if the server has none left.
enum Starved {
    /// It has a connection of the pool.
    Fed,
    /// It tries again: another program may leave, and the server takes a moment to end a connection.
    Alone,
    /// It waits for the place of another.
    Waits(oneshot::Receiver<Place>),
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(permit) = self.permit.take() {
            self.pool.put_back(permit, self.connection.take());
        }
    }
}

/// Returns the end of the time to wait for a connection.
fn deadline(limit: Option<Duration>) -> Option<tokio::time::Instant> {
    limit.and_then(|limit| tokio::time::Instant::now().checked_add(limit))
}

/// Waits until the deadline; `None` if that comes first.
async fn until<T>(deadline: Option<tokio::time::Instant>, future: impl Future<Output = T>) -> Option<T> {
    match deadline {
        Some(deadline) => tokio::time::timeout_at(deadline, future).await.ok(),
        None => Some(future.await),
    }
}

impl Lease {
    pub(crate) fn connection(&self) -> &Connection {
        self.place.connection.as_ref().expect("a lease has its connection until it is dropped")
    }

    /// Runs a statement.
    pub(super) async fn run(&mut self, statement: &Statement) -> Result<Outcome, Error> {
        self.busy();
        let outcome = self.connection().run(statement).await;
        self.done();
        outcome
    }

    /// Prepares for a second attempt after a failure and returns whether to make one. A stale statement is prepared again; a connection that
    /// was lost while idle is replaced. There is no second attempt if it could run a write twice; `repeatable` says that it could not.
    pub(crate) async fn recover(&mut self, failure: &Error, repeatable: bool) -> Result<bool, Error> {
        let recovers = match failure.kind() {
            Kind::StalePlan => true,
            Kind::StatementClash => repeatable || failure.has_not_run(),
            Kind::Closed => {
                (self.reused || self.connection().is_shared()) && (repeatable || failure.has_not_run())
            }
            _ => false,
        };
        if recovers && self.connection().is_lost() {
            let deadline = deadline(self.place.pool.url().pool_timeout());
            self.reused = Box::pin(self.place.connect(deadline)).await?;
        }
        Ok(recovers)
    }

    /// Notes that a statement is running. If the lease is dropped before [`done`](Self::done), the statement is cancelled and the connection is
    /// closed, because the next user would wait for the statement or inherit its transaction. Its place stays taken until then.
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
        let place = &mut self.place;
        let is_over = |connection: &mut Connection| self.busy || connection.has_expired();
        let Some(connection) = place.connection.take_if(is_over) else { return };
        let (pool, permit) = (Arc::clone(&place.pool), place.permit.take());
        let place = Place { pool, permit, connection: None };
        // Without a runtime the statement runs to its end, when the server notices that the client is gone.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { connection.end(&place.pool.connector).await });
        }
    }
}
