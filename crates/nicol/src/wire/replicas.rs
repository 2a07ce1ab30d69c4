//! Replicas: which of them serves the next read, and which are left out for now.
//!
//! A replica is left out when it cannot be reached or, with a limit, lags too far. A task looks at it until it can be used again, so no query
//! waits for a server that is down.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use nicol_pg::ConnectionUrl;
use tokio::time::{sleep, timeout};

use super::lag::{self, Lag};
use super::metrics::{Counts, PoolStatus, ReplicaMetrics};
use super::pool::Pool;
use crate::error::{Error, Kind};

/// How long a look at a replica may take.
const LIMIT: Duration = Duration::from_secs(5);

/// The time to the first look at a replica that could not be reached. Each further one takes twice as long.
const FIRST: Duration = Duration::from_millis(250);

/// The longest time between two looks.
const LAST: Duration = Duration::from_secs(30);

/// How long the lag is looked at after a read. Later, a database that sleeps when it is idle may do so.
const IDLE: Duration = Duration::from_secs(30);

/// The time between two looks at the lag.
const INTERVAL: Duration = Duration::from_secs(1);

/// The replicas of a client.
pub(crate) struct Replicas {
    all: Box<[Arc<Replica>]>,
    next: AtomicUsize,
}

/// A server for reads that may lag.
pub(crate) struct Replica {
    /// Its place in the builder of the client.
    pub(super) index: usize,
    pub(super) pool: Arc<Pool>,
    primary: Weak<Pool>,
    max_lag: Option<Duration>,
    available: AtomicBool,
    /// Whether a task looks at it.
    watched: AtomicBool,
    /// Whether there was a read since the task has last asked, with `max_lag`.
    wanted: AtomicBool,
    reads: AtomicU64,
    fallbacks: AtomicU64,
    /// In microseconds, with `max_lag`.
    lag: AtomicU64,
}

/// The replicas that one read may still ask.
pub(super) struct Round {
    at: usize,
    left: usize,
}

impl Replicas {
    pub(super) fn new(
        urls: &[ConnectionUrl],
        max_lag: Option<Duration>,
        primary: &Arc<Pool>,
        counts: &Arc<Counts>,
    ) -> Result<Self, Error> {
        let replica = |(index, url)| {
            Ok(Arc::new(Replica {
                index,
                pool: Pool::of_replica(url, Arc::clone(counts))?,
                primary: Arc::downgrade(primary),
                max_lag,
                // Without a limit it is trusted until it fails.
                available: AtomicBool::new(max_lag.is_none()),
                watched: AtomicBool::new(false),
                wanted: AtomicBool::new(false),
                reads: AtomicU64::new(0),
                fallbacks: AtomicU64::new(0),
                lag: AtomicU64::new(0),
            }))
        };
        let all = urls.iter().enumerate().map(replica).collect::<Result<_, Error>>()?;
        Ok(Self { all, next: AtomicUsize::new(0) })
    }

    /// Starts with the next replica in turn.
    pub(super) fn round(&self) -> Round {
        Round { at: self.next.fetch_add(1, Ordering::Relaxed), left: self.all.len() }
    }

    /// Returns the next replica that is available.
    pub(super) fn next(&self, round: &mut Round) -> Option<&Arc<Replica>> {
        while round.left > 0 {
            let replica = &self.all[round.at % self.all.len()];
            round.at = round.at.wrapping_add(1);
            round.left -= 1;
            if replica.max_lag.is_some() {
                replica.want();
            }
            if replica.available.load(Ordering::Relaxed) {
                return Some(replica);
            }
        }
        None
    }

    /// Connects to all replicas. Those that fail are left out.
    pub(super) async fn open(&self) {
        futures_util::future::join_all(self.all.iter().map(Replica::open)).await;
    }

    pub(super) fn close(&self) {
        self.all.iter().for_each(|replica| replica.pool.close());
    }

    pub(super) fn metrics(&self) -> Vec<ReplicaMetrics> {
        self.all.iter().map(|replica| replica.metrics()).collect()
    }

    pub(super) fn statuses(&self) -> impl Iterator<Item = PoolStatus> {
        self.all.iter().map(|replica| replica.pool.status())
    }
}

impl Replica {
    /// Notes the result of a read, and returns whether another server is asked: whenever that may know better.
    pub(super) fn gives_way<T>(self: &Arc<Self>, result: &Result<T, Error>, round: &mut Round) -> bool {
        let Err(error) = result else {
            self.reads.fetch_add(1, Ordering::Relaxed);
            return false;
        };
        match error.kind() {
            Kind::Connect { .. } | Kind::Closed => self.leave_out(error.code()),
            // The server limits the time of a statement on the primary, too.
            Kind::Timeout if error.sqlstate().is_some() => return false,
            // The connection does not answer. The others may not, either, and the caller has waited.
            Kind::Timeout => {
                self.leave_out(error.code());
                round.left = 0;
            }
            // Its schema may lag, a cleaned-up row may have been needed (40001), or the query may write (25006).
            Kind::PoolTimeout { .. } => round.left = 0,
            _ if error.sqlstate().is_some() => round.left = 0,
            // A value that cannot be sent, or a closed client.
            _ => return false,
        }
        self.fallbacks.fetch_add(1, Ordering::Relaxed);
        true
    }

    /// Leaves the replica out until a look at it succeeds.
    fn leave_out(self: &Arc<Self>, code: &str) {
        if self.available.swap(false, Ordering::Relaxed) {
            let (replica, server) = (self.index, &self.pool.url().hosts()[0]);
            tracing::warn!(target: "nicol::replica", replica, %server, code, "a replica is left out");
            // They may be lost, too.
            self.pool.forget_idle();
        }
        self.watch();
    }

    /// Notes that there is a read, for which the lag has to be known.
    fn want(self: &Arc<Self>) {
        // Written only if it changes, because this is called for each query.
        if !self.wanted.load(Ordering::Relaxed) {
            self.wanted.store(true, Ordering::Relaxed);
        }
        self.watch();
    }

    /// Makes a task look at the replica: while it is left out and, with a limit of the lag, while there are reads.
    fn watch(self: &Arc<Self>) {
        // First read, because this is also called for each query.
        if !self.watched.load(Ordering::Relaxed) && !self.watched.swap(true, Ordering::AcqRel) {
            let pause = if self.max_lag.is_some() { Duration::ZERO } else { FIRST };
            tokio::spawn(watch(Arc::downgrade(self), pause));
        }
    }

    async fn open(self: &Arc<Self>) {
        match self.look(&mut Lag::default()).await {
            Ok(fits) => self.note(fits),
            Err(error) => self.leave_out(error.code()),
        }
        if self.max_lag.is_some() {
            self.watch();
        }
    }

    /// Notes that a look has succeeded, and whether the lag is within its limit.
    fn note(&self, fits: bool) {
        if self.available.swap(fits, Ordering::AcqRel) == fits {
            return;
        }
        let (replica, server) = (self.index, &self.pool.url().hosts()[0]);
        if fits {
            tracing::info!(target: "nicol::replica", replica, %server, "a replica is used");
        } else {
            tracing::warn!(target: "nicol::replica", replica, %server, "a replica lags and is left out");
        }
    }

    /// Whether the replica can be used.
    ///
    /// # Errors
    /// It does not answer.
    async fn look(&self, lag: &mut Lag) -> Result<bool, Error> {
        let look = async {
            let Some(max_lag) = self.max_lag else {
                lag::ask(&self.pool, "SELECT 0::int8").await?;
                return Ok(true);
            };
            // The primary first: the replica has to have what is written there now.
            let written = match self.primary.upgrade() {
                Some(primary) => lag::written(&primary).await,
                None => None,
            };
            let lag = lag.after(Instant::now(), written, lag::replayed(&self.pool).await?);
            self.lag.store(u64::try_from(lag.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
            Ok(lag <= max_lag)
        };
        timeout(LIMIT, look).await.unwrap_or_else(|_| Err(Kind::Timeout.into()))
    }

    fn metrics(&self) -> ReplicaMetrics {
        ReplicaMetrics {
            available: self.available.load(Ordering::Relaxed),
            lag: self.max_lag.map(|_| Duration::from_micros(self.lag.load(Ordering::Relaxed))),
            reads: self.reads.load(Ordering::Relaxed),
            fallbacks: self.fallbacks.load(Ordering::Relaxed),
            pool: self.pool.status(),
        }
    }
}

/// Looks at a replica until it is available or, with a limit of the lag, until there are no reads.
async fn watch(watched: Weak<Replica>, mut pause: Duration) {
    let (mut lag, mut last_wanted) = (Lag::default(), Instant::now());
    loop {
        sleep(pause).await;
        let Some(replica) = watched.upgrade().filter(|replica| !replica.pool.is_closed()) else { return };
        if replica.max_lag.is_some() {
            if replica.wanted.swap(false, Ordering::Relaxed) {
                last_wanted = Instant::now();
            } else if last_wanted.elapsed() > IDLE {
                // Its lag is unknown from here on. The next read starts the next task.
                replica.available.store(false, Ordering::Relaxed);
                replica.watched.store(false, Ordering::Release);
                return;
            }
        }
        pause = match (replica.look(&mut lag).await, replica.max_lag) {
            (Ok(_), None) => {
                // First, so that the next failure starts the next task.
                replica.watched.store(false, Ordering::Release);
                replica.note(true);
                return;
            }
            (Ok(fits), Some(max_lag)) => {
                replica.note(fits);
                (max_lag / 2).clamp(FIRST, INTERVAL)
            }
            (Err(error), _) => {
                replica.leave_out(error.code());
                // Spread, because all instances of an application find a server down at the same time.
                (pause.max(FIRST) * 2).min(LAST).mul_f64(rand::random_range(0.5..=1.0))
            }
        };
    }
}
