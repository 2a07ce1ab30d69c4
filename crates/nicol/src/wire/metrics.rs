//! Counts queries, statements and connections.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The upper ends of the buckets of durations, in milliseconds: those of Prisma.
const BUCKETS: [u64; 10] = [0, 1, 5, 10, 50, 100, 500, 1000, 5000, 50_000];

/// The state of a pool at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStatus {
    /// The maximum number of connections.
    pub limit: usize,
    /// The number of connections that are in use, or being opened or ended.
    pub busy: usize,
    /// The number of open connections that are not in use.
    pub idle: usize,
    /// The number of queries that are waiting for a connection.
    pub waiting: usize,
}

/// How a replica is used; see [`ClientBuilder::replica`](crate::ClientBuilder::replica).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReplicaMetrics {
    /// Whether reads are sent to it (`nicol_replica_available`).
    pub available: bool,
    /// How far it lags behind the primary, or less, as of the last look (`nicol_replica_lag_seconds`). `None` without
    /// [`max_lag`](crate::ClientBuilder::max_lag).
    pub lag: Option<Duration>,
    /// Reads that it has served (`nicol_replica_reads_total`).
    pub reads: u64,
    /// Reads that it has failed and another server was asked (`nicol_replica_fallbacks_total`).
    pub fallbacks: u64,
    /// The state of its pool.
    pub pool: PoolStatus,
}

/// The numbers of queries, statements and connections since the pool was made, on the primary and all replicas; see [`Client::metrics`](crate::Client::metrics).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Metrics {
    /// Queries of the application that have ended (`prisma_client_queries_total`). Each query of a batch counts.
    pub queries: u64,
    /// Queries of the application that run (`prisma_client_queries_active`).
    pub queries_active: u64,
    /// Queries that wait for a connection (`prisma_client_queries_wait`).
    pub queries_waiting: u64,
    /// Statements that were sent to the database, without `BEGIN` and the like (`prisma_datasource_queries_total`).
    pub statements: u64,
    /// Open connections (`prisma_pool_connections_open`).
    pub connections_open: u64,
    /// Connections in use, or being opened or ended (`prisma_pool_connections_busy`).
    pub connections_busy: u64,
    /// Open connections that are not in use (`prisma_pool_connections_idle`).
    pub connections_idle: u64,
    /// Connections that have been opened (`prisma_pool_connections_opened_total`).
    pub connections_opened: u64,
    /// Connections that have been closed (`prisma_pool_connections_closed_total`).
    pub connections_closed: u64,
    /// The durations of queries (`prisma_client_queries_duration_histogram_ms`).
    pub query_duration: Histogram,
    /// The durations of waits for a connection (`prisma_client_queries_wait_histogram_ms`).
    pub wait_duration: Histogram,
    /// The durations of statements (`prisma_datasource_queries_duration_histogram_ms`).
    pub statement_duration: Histogram,
    /// The replicas, in the order of the [builder](crate::ClientBuilder::replica).
    pub replicas: Vec<ReplicaMetrics>,
}

/// How many durations are in which range.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Histogram {
    /// The upper end of each bucket in milliseconds, and the number of durations that are no longer.
    pub buckets: Vec<(u64, u64)>,
    /// The number of durations.
    pub count: u64,
    /// The sum of all durations.
    pub sum: Duration,
}

impl Metrics {
    /// Returns the metrics in Prometheus' text format, with the names that Prisma Client gave them.
    pub fn to_prometheus(&self) -> String {
        let mut out = String::with_capacity(4096);
        for (name, kind, help, value) in [
            ("prisma_client_queries_total", "counter", "Queries that have ended", self.queries),
            (
                "prisma_datasource_queries_total",
                "counter",
                "Statements sent to the database",
                self.statements,
            ),
            (
                "prisma_pool_connections_opened_total",
                "counter",
                "Connections opened",
                self.connections_opened,
            ),
            (
                "prisma_pool_connections_closed_total",
                "counter",
                "Connections closed",
                self.connections_closed,
            ),
            ("prisma_client_queries_active", "gauge", "Queries that run", self.queries_active),
            (
                "prisma_client_queries_wait",
                "gauge",
                "Queries that wait for a connection",
                self.queries_waiting,
            ),
            ("prisma_pool_connections_open", "gauge", "Open connections", self.connections_open),
            ("prisma_pool_connections_busy", "gauge", "Connections in use", self.connections_busy),
            ("prisma_pool_connections_idle", "gauge", "Open connections not in use", self.connections_idle),
        ] {
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
        }
        let (query, wait, statement) = (&self.query_duration, &self.wait_duration, &self.statement_duration);
        for (name, help, histogram) in [
            ("prisma_client_queries_duration_histogram_ms", "Duration of queries in ms", query),
            ("prisma_client_queries_wait_histogram_ms", "Wait for a connection in ms", wait),
            ("prisma_datasource_queries_duration_histogram_ms", "Duration of statements in ms", statement),
        ] {
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} histogram");
            for (end, count) in &histogram.buckets {
                let _ = writeln!(out, "{name}_bucket{{le=\"{end}\"}} {count}");
            }
            let (count, sum) = (histogram.count, histogram.sum.as_secs_f64() * 1000.0);
            let _ =
                writeln!(out, "{name}_bucket{{le=\"+Inf\"}} {count}\n{name}_sum {sum}\n{name}_count {count}");
        }
        self.write_replicas(&mut out);
        out
    }

    fn write_replicas(&self, out: &mut String) {
        type Read = fn(&ReplicaMetrics) -> Option<f64>;
        #[allow(clippy::cast_precision_loss, reason = "Prometheus has no other numbers")]
        let families: [(&str, &str, &str, Read); 4] = [
            ("nicol_replica_reads_total", "counter", "Reads served by the replica", |it| {
                Some(it.reads as f64)
            }),
            ("nicol_replica_fallbacks_total", "counter", "Reads that the replica failed", |it| {
                Some(it.fallbacks as f64)
            }),
            ("nicol_replica_available", "gauge", "Whether reads are sent to the replica", |it| {
                Some(f64::from(u8::from(it.available)))
            }),
            ("nicol_replica_lag_seconds", "gauge", "Lag of the replica, or less", |it| {
                it.lag.map(|lag| lag.as_secs_f64())
            }),
        ];
        for (name, kind, help, read) in families {
            let values = || self.replicas.iter().map(read).enumerate();
            if values().any(|(_, value)| value.is_some()) {
                let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
            }
            for (index, value) in values() {
                if let Some(value) = value {
                    let _ = writeln!(out, "{name}{{replica=\"{index}\"}} {value}");
                }
            }
        }
    }
}

/// What is counted as it happens.
#[derive(Debug, Default)]
pub(super) struct Counts {
    queries: AtomicU64,
    active: AtomicU64,
    opened: AtomicU64,
    closed: AtomicU64,
    query_duration: Durations,
    wait_duration: Durations,
    statement_duration: Durations,
}

#[derive(Debug, Default)]
struct Durations {
    /// The number of durations in each bucket, and of longer ones.
    buckets: [AtomicU64; BUCKETS.len() + 1],
    microseconds: AtomicU64,
}

impl Durations {
    fn add(&self, duration: Duration, times: u64) {
        let microseconds = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let bucket = BUCKETS.iter().position(|end| microseconds <= end * 1000).unwrap_or(BUCKETS.len());
        self.buckets[bucket].fetch_add(times, Ordering::Relaxed);
        self.microseconds.fetch_add(microseconds.wrapping_mul(times), Ordering::Relaxed);
    }

    fn read(&self) -> Histogram {
        let mut count = 0;
        let mut up_to = |bucket: &AtomicU64| {
            count += bucket.load(Ordering::Relaxed);
            count
        };
        let buckets = BUCKETS.iter().zip(&self.buckets).map(|(end, bucket)| (*end, up_to(bucket))).collect();
        let count = up_to(&self.buckets[BUCKETS.len()]);
        Histogram { buckets, count, sum: Duration::from_micros(self.microseconds.load(Ordering::Relaxed)) }
    }
}

impl Counts {
    pub(super) fn waited(&self, started: Instant) {
        self.wait_duration.add(started.elapsed(), 1);
    }

    pub(super) fn statement(&self, duration: Duration) {
        self.statement_duration.add(duration, 1);
    }

    pub(super) fn read(&self, pools: &[PoolStatus], replicas: Vec<ReplicaMetrics>) -> Metrics {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let places = |number: fn(&PoolStatus) -> usize| {
            u64::try_from(pools.iter().map(number).sum::<usize>()).unwrap_or(u64::MAX)
        };
        // Read first, so that none is closed that was not opened.
        let closed = count(&self.closed);
        let opened = count(&self.opened);
        let statement_duration = self.statement_duration.read();
        Metrics {
            queries: count(&self.queries),
            queries_active: count(&self.active),
            queries_waiting: places(|pool| pool.waiting),
            statements: statement_duration.count,
            connections_open: opened.saturating_sub(closed),
            connections_busy: places(|pool| pool.busy),
            connections_idle: places(|pool| pool.idle),
            connections_opened: opened,
            connections_closed: closed,
            query_duration: self.query_duration.read(),
            wait_duration: self.wait_duration.read(),
            statement_duration,
            replicas,
        }
    }
}

/// Queries that run, until it is dropped.
pub(crate) struct ActiveQueries<'a> {
    counts: &'a Counts,
    number: u64,
    started: Instant,
}

impl<'a> ActiveQueries<'a> {
    pub(super) fn begin(counts: &'a Counts, number: usize) -> Self {
        let number = u64::try_from(number).unwrap_or(u64::MAX);
        counts.active.fetch_add(number, Ordering::Relaxed);
        Self { counts, number, started: Instant::now() }
    }
}

impl Drop for ActiveQueries<'_> {
    fn drop(&mut self) {
        let Self { counts, number, started } = self;
        counts.active.fetch_sub(*number, Ordering::Relaxed);
        counts.queries.fetch_add(*number, Ordering::Relaxed);
        counts.query_duration.add(started.elapsed(), *number);
    }
}

/// A connection that is open, until it is dropped.
pub(super) struct OpenConnection(Arc<Counts>);

impl OpenConnection {
    pub(super) fn new(counts: &Arc<Counts>) -> Self {
        counts.opened.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(counts))
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.closed.fetch_add(1, Ordering::Relaxed);
    }
}
