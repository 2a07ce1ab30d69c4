//! What is told about statements: events for observers, spans for `tracing`, and metrics.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nicol_pg::ConnectionUrl;
use tracing::Span;
use tracing::field::Empty;

use super::metrics::Counts;
use super::statement::Statement;
use crate::codec::Param;
use crate::error::Error;
use crate::value::Value;

/// A statement that has run; see [`Client::on_query`](crate::Client::on_query).
#[non_exhaustive]
pub struct QueryEvent<'a> {
    /// The SQL text, without values.
    pub sql: &'a str,
    /// The number of parameters.
    pub params: usize,
    /// The time from asking for a connection to the last row. Statements that are sent together have the time of all of them.
    pub duration: Duration,
    /// Whether the statement failed.
    pub failed: bool,
    /// The number of rows that the statement returned or changed.
    pub rows: u64,
    /// The model of the query, by its name in the schema file. SQL of the application has none.
    pub model: Option<&'static str>,
    /// The call that the statement is for, such as `find_many`, `query_raw`, or `transaction` for `BEGIN`, `SAVEPOINT s0`, `COMMIT` and the like. A
    /// write can take several statements.
    pub operation: &'static str,
    /// The replica that the statement was sent to, by its place in the [builder](crate::ClientBuilder::replica) of the client, from 0. `None` is the
    /// primary.
    pub replica: Option<usize>,
    /// The parameters.
    values: &'a [Param],
}

impl fmt::Debug for QueryEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("QueryEvent");
        out.field("sql", &self.sql).field("params", &self.params).field("duration", &self.duration);
        out.field("failed", &self.failed).field("rows", &self.rows).field("model", &self.model);
        out.field("operation", &self.operation).field("replica", &self.replica).finish()
    }
}

impl QueryEvent<'_> {
    /// Whether the statement is `BEGIN`, `COMMIT`, `ROLLBACK` or about a savepoint.
    pub fn is_transaction(&self) -> bool {
        self.operation == TRANSACTION
    }

    /// Returns the values of the parameters: Prisma's `params`.
    ///
    /// They are what the application reads and writes, such as names, addresses, tokens and hashes of passwords. They do not belong in a log.
    /// Nothing else of the event contains them, nor does its `Debug` output.
    ///
    /// ```
    /// # fn f(db: &nicol::Client) {
    /// // For a test, on a database without personal data.
    /// let db = db.on_query(|event| println!("{} {:?}", event.sql, event.reveal_params().collect::<Vec<_>>()));
    /// # }
    /// ```
    pub fn reveal_params(&self) -> impl Iterator<Item = &Value> {
        self.values.iter().map(|param| &param.value)
    }
}

const TRANSACTION: &str = "transaction";

pub(super) type Observer = Arc<dyn Fn(&QueryEvent<'_>) + Send + Sync>;

/// Who is told. Cloning is cheap.
#[derive(Clone)]
pub(super) struct Telemetry {
    observers: Arc<Vec<Observer>>,
    pub(super) counts: Arc<Counts>,
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Telemetry")
    }
}

impl Telemetry {
    pub(super) fn new(counts: Arc<Counts>) -> Self {
        Self { observers: Arc::default(), counts }
    }

    pub(super) fn observe(&mut self, observer: Observer) {
        Arc::make_mut(&mut self.observers).push(observer);
    }

    /// Tells of a statement on a replica or, with `None`, on the primary, with the number of rows; `None` if it failed.
    pub(super) fn statement(
        &self,
        replica: Option<usize>,
        statement: &Statement,
        started: Instant,
        rows: Option<u64>,
    ) {
        let duration = started.elapsed();
        self.counts.statement(duration);
        self.tell(&QueryEvent {
            sql: &statement.text,
            params: statement.params.len(),
            duration,
            failed: rows.is_none(),
            rows: rows.unwrap_or(0),
            model: statement.model.map(|model| model.name),
            operation: statement.operation,
            replica,
            values: &statement.params,
        });
    }

    /// Tells of a command that begins or ends a transaction or a part of it.
    pub(super) fn command(&self, replica: Option<usize>, sql: &str, started: Instant, failed: bool) {
        let (duration, operation) = (started.elapsed(), TRANSACTION);
        self.tell(&QueryEvent {
            sql,
            params: 0,
            duration,
            failed,
            rows: 0,
            model: None,
            operation,
            replica,
            values: &[],
        });
    }

    fn tell(&self, event: &QueryEvent<'_>) {
        let QueryEvent { sql, params, duration, failed, replica, .. } = *event;
        tracing::debug!(target: "nicol::query", sql, params, ?duration, failed, replica);
        for observer in &*self.observers {
            observer(event);
        }
    }
}

/// Makes the span of a query. The names of its fields, and what they contain, are those of OpenTelemetry; `otel.…` are for
/// `tracing-opentelemetry`.
///
/// Source: OpenTelemetry semantic conventions 1.37, "PostgreSQL client operations".
macro_rules! query_span {
    ($url:expr, $name:literal, $($field:tt)*) => {
        tracing::info_span!(
            target: "nicol::span",
            $name,
            otel.kind = "client",
            otel.status_code = Empty,
            db.system.name = "postgresql",
            db.namespace = %Namespace($url),
            server.address = %Address($url),
            server.port = Port($url).get(),
            db.response.status_code = Empty,
            db.response.returned_rows = Empty,
            error.type = Empty,
            $($field)*
        )
    };
}

/// Returns the span of a statement. It costs nothing without a subscriber.
pub(super) fn query_span(url: (&ConnectionUrl, &str), statement: &Statement) -> Span {
    query_span!(
        url,
        "query",
        otel.name = %Summary(statement),
        db.operation.name = statement.operation,
        db.collection.name = statement.model.map(|model| model.table),
        db.query.summary = %Summary(statement),
        db.query.text = statement.text,
    )
}

/// Returns the span of statements that are sent together.
pub(super) fn batch_span(url: (&ConnectionUrl, &str), statements: &[&Statement]) -> Span {
    query_span!(
        url,
        "batch",
        otel.name = "BATCH",
        db.operation.name = "BATCH",
        db.operation.batch.size = statements.len(),
        db.query.summary = "BATCH",
        db.query.text = %Texts(statements),
    )
}

/// Returns the span of the wait for a connection.
pub(super) fn wait_span() -> Span {
    tracing::info_span!(
        target: "nicol::span",
        "wait for a connection",
        otel.kind = "internal",
        otel.status_code = Empty,
        db.system.name = "postgresql",
        error.type = Empty,
    )
}

/// Returns the span of a transaction.
pub(super) fn transaction_span(url: (&ConnectionUrl, &str)) -> Span {
    tracing::info_span!(
        target: "nicol::span",
        "transaction",
        otel.kind = "internal",
        otel.status_code = Empty,
        db.system.name = "postgresql",
        db.namespace = %Namespace(url),
    )
}

/// Notes the number of rows, or the error, in a span.
pub(super) fn record(span: &Span, rows: Result<u64, &Error>) {
    if span.is_disabled() {
        return;
    }
    match rows {
        Ok(rows) => {
            span.record("db.response.returned_rows", rows);
        }
        Err(error) => {
            span.record("otel.status_code", "ERROR");
            span.record("error.type", error.sqlstate().unwrap_or(error.code()));
            if let Some(sqlstate) = error.sqlstate() {
                span.record("db.response.status_code", sqlstate);
            }
        }
    }
}

/// Writes `find_many users`.
struct Summary<'a>(&'a Statement);

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.operation)?;
        self.0.model.map_or(Ok(()), |model| write!(f, " {}", model.table))
    }
}

/// Writes the texts of statements.
struct Texts<'a>(&'a [&'a Statement]);

impl fmt::Display for Texts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, statement) in self.0.iter().enumerate() {
            f.write_str(if index > 0 { "; " } else { "" })?;
            f.write_str(&statement.text)?;
        }
        Ok(())
    }
}

/// Writes the database and the schema.
struct Namespace<'a>((&'a ConnectionUrl, &'a str));

impl fmt::Display for Namespace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (url, schema) = self.0;
        write!(f, "{}.{schema}", url.database())
    }
}

/// Writes the name of the server, or its socket.
struct Address<'a>((&'a ConnectionUrl, &'a str));

impl fmt::Display for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.0.hosts()[0].address {
            nicol_pg::url::Address::Tcp { name, .. } => f.write_str(name),
            nicol_pg::url::Address::Socket(folder) => write!(f, "{}", folder.display()),
        }
    }
}

struct Port<'a>((&'a ConnectionUrl, &'a str));

impl Port<'_> {
    fn get(&self) -> u16 {
        self.0.0.hosts()[0].port
    }
}
