//! The pool: at most `connection_limit` connections, and at most `pool_timeout` waiting for one.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::{Duration, Instant};

use nicol_pg::{ConnectError, ConnectionUrl, Connector, url::TargetSession};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::connection::Connection;
use super::failure;
use super::metrics::{Counts, PoolStatus};
use super::outcome::Outcome;
use super::pooler::Pooler;
use super::statement::Statement;
use crate::error::{Effect, Error, Kind};

/// Connections to one database.
pub(crate) struct Pool {
    connector: Connector,
    /// Connects only to a server that accepts writes.
    to_primary: Connector,
    /// Whether a server of the URL refused a write, so that the pool looks for the one that accepts them.
    seeks_primary: AtomicBool,
    /// Whether there was ever a connection, so that the URL is right.
    has_connected: AtomicBool,
    /// Whether queries wait for a server that is away: not for a replica, in place of which there are others.
    is_patient: bool,
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
    /// Why the last attempt to connect failed, until one succeeds.
    trouble: Option<String>,
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
    reused: bool,
    busy: bool,
    /// What is left of the time to wait for a connection.
    left: Option<Duration>,
    /// What was tried after failures.
    tried: Tried,
}

/// What was tried to recover from the failures of one request.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools, reason = "each answers a question of its own")]
struct Tried {
    /// Whether a stale statement was prepared again.
    prepared: bool,
    /// Whether a statement that the server had started was repeated. It may be what ends the server.
    repeated: bool,
    /// Whether another server was looked for, because one refused a write.
    moved: bool,
    /// Whether a write that was refused was repeated on the same server, because that is no standby any more.
    promoted: bool,
    /// Until when statements that were not started are repeated, and the next pause.
    waits: Option<(tokio::time::Instant, Pause)>,
}

/// The time between two attempts: twice as long each time, within limits, and random, so that the clients of a server do not come all at once.
struct Pause(Duration);

impl Pause {
    const FIRST: Duration = Duration::from_millis(10);
    const LONGEST: Duration = Duration::from_millis(500);

    fn new() -> Self {
        Self(Self::FIRST)
    }

    fn next(&mut self) -> Duration {
        let pause = self.0.mul_f64(rand::random_range(0.5..1.0));
        self.0 = (self.0 * 2).min(Self::LONGEST);
        pause
    }
}

impl Pool {
    /// How long to wait for a server that is away if the pool has no time limit.
    const PATIENCE: Duration = Duration::from_secs(10);

    pub(super) fn new(url: &ConnectionUrl, counts: Arc<Counts>) -> Result<Arc<Self>, Error> {
        Self::with_patience(url, counts, true)
    }

    /// The pool of a replica, which does not wait for a server that is away.
    pub(super) fn of_replica(url: &ConnectionUrl, counts: Arc<Counts>) -> Result<Arc<Self>, Error> {
        Self::with_patience(url, counts, false)
    }

    fn with_patience(url: &ConnectionUrl, counts: Arc<Counts>, is_patient: bool) -> Result<Arc<Self>, Error> {
        let connector = Connector::new(url).map_err(failure::of_connecting)?;
        let limit = url.connection_limit().max(1);
        let to_primary = connector.to_primary();
        let [seeks_primary, has_connected] = [false; 2].map(AtomicBool::new);
        Ok(Arc::new(Self {
            connector,
            to_primary,
            seeks_primary,
            has_connected,
            is_patient,
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
        if self.seeks_primary.load(Ordering::Relaxed) { &self.to_primary } else { &self.connector }
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
        let left = limit.map(|limit| limit.saturating_sub(started.elapsed()));
        Ok(Lease { place, reused, busy: false, left, tried: Tried::default() })
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
        let kind = Kind::PoolTimeout { connections: self.limit, waited_ms };
        match self.state().trouble.clone() {
            Some(trouble) => Error::caused(kind, trouble),
            None => kind.into(),
        }
    }

    /// Opens a connection, and notes how that went.
    async fn open(&self) -> Result<Connection, Error> {
        // Boxed, because its future is large.
        let opened = Box::pin(Connection::open(self.connector(), &self.pooler, &self.counts)).await;
        if opened.is_ok() {
            self.has_connected.store(true, Ordering::Relaxed);
        }
        // The first line says what, the others what to do.
        let text = |error: &ConnectError| error.to_string().lines().next().unwrap_or_default().to_owned();
        self.state().trouble = opened.as_ref().err().and_then(Error::connect_error).map(text);
        opened
    }

    /// Whether to try again after a failed attempt to connect: the server is starting, or has been there before.
    fn waits_after(&self, error: &Error) -> bool {
        error.connect_error().is_some_and(|error| match error {
            _ if !self.is_patient => false,
            ConnectError::NotReady { .. } => true,
            error => error.is_temporary() && self.has_connected.load(Ordering::Relaxed),
        })
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
        if connection.as_ref().is_some_and(Connection::is_lost) {
            self.forget_idle();
        }
        let connection = connection.filter(|connection| !connection.is_lost() && !connection.has_grown());
        let mut place = Place { pool: Arc::clone(self), permit: Some(permit), connection };
        loop {
            let mut state = self.state();
            let Some(starved) = state.starved.pop_front() else {
                state.taken -= 1;
                // Asked while the lock is held, so that a pool that is closed meanwhile does not keep the connection.
                if let Some(connection) = place.connection.take()
                    && !self.permits.is_closed()
                {
                    state.idle.push(Idle { connection, since: Instant::now() });
                    self.watch_idle(&mut state);
                }
                drop(state);
                // The permit is free from here on. The place would come back.
                drop(place.permit.take());
                return;
            };
            drop(state);
            // One that has given up leaves it to the next.
            match starved.send(place) {
                Ok(()) => return,
                Err(back) => place = back,
            }
        }
    }

    /// Waits until the pool is closed.
    pub(crate) async fn closed(&self) {
        drop(self.closed.acquire().await);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.permits.is_closed()
    }

    /// Closes idle connections now: what happened to one that was lost has probably happened to all.
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
    /// Connects. Waits for a server that is away for a moment. If the server has no connection left, takes over the place of another and its
    /// connection. Returns whether the connection was in use before.
    async fn connect(&mut self, deadline: Option<tokio::time::Instant>) -> Result<bool, Error> {
        let pool = Arc::clone(&self.pool);
        let (started, mut pause) = (tokio::time::Instant::now(), Pause::new());
        let mut waiting = None;
        // The time limit of the first attempt is `connect_timeout`.
        let mut opened = pool.open().await;
        loop {
            let error = match opened {
                Ok(connection) => {
                    self.connection = Some(connection);
                    return Ok(false);
                }
                Err(error) => error,
            };
            let is_full = matches!(error.kind(), Kind::Connect { code: "P2037" });
            if !is_full && !pool.waits_after(&error) {
                return Err(error);
            }
            if pool.permits.is_closed() {
                return Err(Kind::ClientClosed.into());
            }
            waiting.get_or_insert_with(|| Waiting::new(&pool.waiting));
            // Without a limit, only other queries of the pool are waited for.
            let away = (!is_full).then(|| deadline.unwrap_or(started + Pool::PATIENCE));
            let waited = match if is_full { self.starve() } else { Starved::Alone } {
                Starved::Fed => return Ok(true),
                Starved::Alone => until(away.or(deadline), tokio::time::sleep(pause.next())).await,
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
                return Err(error.waited(started.elapsed()));
            }
            if self.connection.as_ref().is_some_and(|connection| !connection.is_lost()) {
                return Ok(true);
            }
            opened = match until(away.or(deadline), pool.open()).await {
                Some(opened) => opened,
                None => return Err(error.waited(started.elapsed())),
            };
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

    /// Runs a statement outside of a transaction, and again if [`recover`](Self::recover) says so.
    pub(super) async fn run(&mut self, statement: &Statement) -> Result<Outcome, Error> {
        loop {
            self.busy();
            let outcome = match self.connection().learn(statement, false).await {
                Ok(()) => self.connection().run(statement).await,
                Err(failure) => Err(failure),
            };
            self.done();
            let failure = match outcome {
                Ok(outcome) => return Ok(outcome),
                Err(failure) => statement.settle(failure),
            };
            // Boxed, as everywhere, because it is rare and its future large.
            if !Box::pin(self.recover(&failure)).await? {
                return Err(failure);
            }
        }
    }

    /// Prepares for another attempt after a failure and returns whether to make one: only if the failed attempt has changed nothing.
    ///
    /// | failure | next attempt |
    /// |---|---|
    /// | a prepared statement is stale, or clashes with another, and nothing was changed | prepares it again, once |
    /// | the connection was lost, nothing was started | on a new connection, until the time limit of the pool |
    /// | the connection was lost, nothing was changed | on a new connection, once |
    /// | a standby (no replica of the client) refused a write | on another server that accepts it, until the time limit of the pool; once, if the URL has one host, which has not accepted a write before |
    pub(crate) async fn recover(&mut self, failure: &Error) -> Result<bool, Error> {
        match failure.kind() {
            Kind::StalePlan => {
                if std::mem::replace(&mut self.tried.prepared, true) {
                    return Ok(false);
                }
            }
            Kind::StatementClash => {
                if failure.effect() == Effect::Unknown || std::mem::replace(&mut self.tried.prepared, true) {
                    return Ok(false);
                }
            }
            Kind::Closed => {
                let is_started = failure.effect() != Effect::None;
                if is_started && std::mem::replace(&mut self.tried.repeated, true) {
                    return Ok(false);
                }
                self.place.pool.forget_idle();
            }
            _ if failure.is_refused_write() && self.place.pool.is_patient => {
                if !self.leave_standby().await {
                    // It may have been promoted meanwhile.
                    let may_be_new = self.tried.moved || self.place.pool.pooler.has_written();
                    return Ok(may_be_new && !std::mem::replace(&mut self.tried.promoted, true));
                }
                let pool = &self.place.pool;
                // One host leads to the primary again when its name has moved, or the standby is promoted. Until then, reads go on.
                let waits = pool.seeks_primary.load(Ordering::Relaxed) || pool.pooler.has_written();
                if std::mem::replace(&mut self.tried.moved, true) && !waits {
                    return Ok(false);
                }
            }
            _ => return Ok(false),
        }
        if !self.connection().is_lost() {
            return Ok(true);
        }
        let limit = self.left.unwrap_or(Pool::PATIENCE);
        let (end, pause) =
            self.tried.waits.get_or_insert_with(|| (tokio::time::Instant::now() + limit, Pause::new()));
        let end = *end;
        // A connection that was made for this attempt was lost as well.
        if !self.reused && until(Some(end), tokio::time::sleep(pause.next())).await.is_none() {
            return Ok(false);
        }
        self.reused = self.place.connect(Some(end)).await?;
        Ok(true)
    }

    /// If the server is a standby, loses the connection and looks for a server that accepts writes from now on. Returns whether it is one.
    /// No transaction is open.
    ///
    /// A server that is none refuses the writes of read-only transactions, which another would refuse as well.
    pub(crate) async fn leave_standby(&mut self) -> bool {
        self.busy();
        let is_standby = self.connection().is_standby().await;
        self.done();
        if is_standby {
            let pool = &self.place.pool;
            self.connection().lose();
            let url = pool.url();
            if url.hosts().len() > 1 || url.target_session() == TargetSession::ReadWrite {
                pool.seeks_primary.store(true, Ordering::Relaxed);
            }
            pool.forget_idle();
        }
        is_standby
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
