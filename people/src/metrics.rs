//! Metrics for Prometheus, in the `OpenMetrics` text format, on a listener of their own.
//!
//! Labels have fixed sets of values: methods, route patterns, statuses, kinds of statements. A path is never one, because
//! each path that a client makes up would stay in memory; nor is anything about a person.

mod process;

use std::sync::LazyLock;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{Method, header};
use axum::response::IntoResponse;
use axum::routing::get;
use nicol::QueryEvent;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::db::Client;
use crate::live::Live;

/// The metrics of this process.
static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);

const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

struct Metrics {
    registry: Registry,
    requests: Family<Answer, Counter>,
    request_duration: Family<Asked, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    statements: Family<Statement, Histogram, fn() -> Histogram>,
    statement_failures: Family<Statement, Counter>,
    streams: Gauge,
    pool: Family<Connections, Gauge>,
    pool_waiting: Gauge,
    replica_reads: Family<Replica, Counter>,
    replica_fallbacks: Family<Replica, Counter>,
    replica_available: Family<Replica, Gauge>,
    replica_lag: Family<Replica, Gauge<f64, AtomicU64>>,
    memory: Gauge,
    cpu: Counter<f64, AtomicU64>,
    open_files: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    method: &'static str,
    route: String,
    status: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    method: &'static str,
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Statement {
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Connections {
    state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Replica {
    /// Its place in `DATABASE_REPLICA_URL`, from 0.
    replica: usize,
}

impl Metrics {
    fn new() -> Self {
        let request_buckets: fn() -> Histogram =
            || Histogram::new([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0]);
        let statement_buckets: fn() -> Histogram =
            || Histogram::new([0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0]);
        let mut metrics = Self {
            registry: Registry::default(),
            requests: Family::default(),
            request_duration: Family::new_with_constructor(request_buckets),
            in_flight: Gauge::default(),
            statements: Family::new_with_constructor(statement_buckets),
            statement_failures: Family::default(),
            streams: Gauge::default(),
            pool: Family::default(),
            pool_waiting: Gauge::default(),
            replica_reads: Family::default(),
            replica_fallbacks: Family::default(),
            replica_available: Family::default(),
            replica_lag: Family::default(),
            memory: Gauge::default(),
            cpu: Counter::default(),
            open_files: Gauge::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        let all = &mut self.registry;
        all.register("people_build", "The running version", build);
        all.register("people_http_requests", "Requests answered", self.requests.clone());
        all.register_with_unit(
            "people_http_request_duration",
            "Time until the response's body began",
            Unit::Seconds,
            self.request_duration.clone(),
        );
        all.register("people_http_requests_in_flight", "Requests in flight", self.in_flight.clone());
        all.register("people_live_streams", "Open pages that receive changes", self.streams.clone());
        all.register_with_unit(
            "people_db_statement_duration",
            "Time for a statement, including the wait for a connection",
            Unit::Seconds,
            self.statements.clone(),
        );
        all.register(
            "people_db_statement_failures",
            "Statements that failed",
            self.statement_failures.clone(),
        );
        all.register("people_db_pool_connections", "Connections to the database", self.pool.clone());
        all.register("people_db_pool_waiting", "Queries waiting for a connection", self.pool_waiting.clone());
        all.register("people_db_replica_reads", "Reads served by a replica", self.replica_reads.clone());
        all.register(
            "people_db_replica_fallbacks",
            "Reads that a replica failed and another server was asked",
            self.replica_fallbacks.clone(),
        );
        all.register(
            "people_db_replica_available",
            "Whether reads are sent to a replica",
            self.replica_available.clone(),
        );
        all.register_with_unit(
            "people_db_replica_lag",
            "How far a replica lags, or less",
            Unit::Seconds,
            self.replica_lag.clone(),
        );
        // The usual names of these in Prometheus.
        all.register("process_resident_memory_bytes", "Resident memory", self.memory.clone());
        all.register("process_cpu_seconds", "CPU time used", self.cpu.clone());
        all.register("process_open_fds", "Open file descriptors", self.open_files.clone());
    }

    /// Reads the metrics that are not counted as they happen.
    fn look(&self, db: &Client, live: &Live) {
        let status = db.pool_status();
        for (state, count) in [("busy", status.busy), ("idle", status.idle), ("limit", status.limit)] {
            self.pool.get_or_create(&Connections { state }).set(signed(count));
        }
        self.pool_waiting.set(signed(status.waiting));
        for (replica, status) in db.metrics().replicas.into_iter().enumerate() {
            let replica = Replica { replica };
            let set = |counter: &Family<Replica, Counter>, count| {
                counter.get_or_create(&replica).inner().store(count, std::sync::atomic::Ordering::Relaxed);
            };
            set(&self.replica_reads, status.reads);
            set(&self.replica_fallbacks, status.fallbacks);
            self.replica_available.get_or_create(&replica).set(status.available.into());
            let lag = status.lag.unwrap_or_default();
            self.replica_lag.get_or_create(&replica).set(lag.as_secs_f64());
        }
        self.streams.set(signed(live.streams()));
        if let Some(used) = process::Used::now() {
            self.memory.set(signed(used.memory));
            self.cpu.inner().store(used.cpu.to_bits(), std::sync::atomic::Ordering::Relaxed);
            self.open_files.set(signed(used.files));
        }
    }
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A request in flight, until it is dropped.
pub(crate) struct InFlight(());

impl InFlight {
    /// Counts a request.
    pub(crate) fn begin() -> Self {
        METRICS.in_flight.inc();
        Self(())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        METRICS.in_flight.dec();
    }
}

/// Counts a response. `route` is the route's pattern, or `None` if no route matched.
pub(crate) fn answered(method: &Method, route: Option<&str>, status: u16, took: Duration) {
    let (method, route) = (method_name(method), route.unwrap_or("none").to_owned());
    let asked = Asked { method, route: route.clone() };
    METRICS.request_duration.get_or_create(&asked).observe(took.as_secs_f64());
    METRICS.requests.get_or_create(&Answer { method, route, status: u32::from(status) }).inc();
}

/// Counts a statement.
pub(crate) fn statement(event: &QueryEvent<'_>) {
    let statement = Statement { kind: statement_kind(event.sql) };
    METRICS.statements.get_or_create(&statement).observe(event.duration.as_secs_f64());
    if event.failed {
        METRICS.statement_failures.get_or_create(&statement).inc();
    }
}

/// The name of a method. Clients can make up others, each of which would be a new label.
fn method_name(method: &Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known.into_iter().find(|name| *name == method.as_str()).unwrap_or("other")
}

fn statement_kind(sql: &str) -> &'static str {
    let word = sql.split_ascii_whitespace().next().unwrap_or_default();
    let known = ["select", "insert", "update", "delete", "with"];
    known.into_iter().find(|known| word.eq_ignore_ascii_case(known)).unwrap_or("other")
}

/// Returns a router with `/metrics` alone, for a listener of its own.
pub fn router(db: Client, live: Live) -> Router {
    Router::new().route("/metrics", get(scrape)).with_state((db, live))
}

async fn scrape(State((db, live)): State<(Client, Live)>) -> impl IntoResponse {
    METRICS.look(&db, &live);
    let mut body = String::with_capacity(16 * 1024);
    text::encode(&mut body, &METRICS.registry).expect("writing to a String never fails");
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_have_fixed_sets_of_values() {
        assert_eq!(method_name(&Method::PATCH), "PATCH");
        assert_eq!(method_name(&Method::from_bytes(b"BREW").unwrap()), "other");
        assert_eq!(method_name(&Method::from_bytes(b"get").unwrap()), "other");
        assert_eq!(statement_kind("SELECT 1"), "select");
        assert_eq!(statement_kind("\n with x as (select 1) select * from x"), "with");
        assert_eq!(statement_kind("vacuum"), "other");
        assert_eq!(statement_kind(""), "other");
    }
}
