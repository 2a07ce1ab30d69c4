//! One connection with its prepared statements.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use futures_util::future::{Either, join};
use futures_util::{FutureExt as _, TryStreamExt as _};
use nicol_pg::{CancelHandle, ConnectError, Connector, sqlstate};
use postgres_types::{ToSql, Type};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::{Client, Row, SimpleQueryMessage, Statement as Prepared};

use super::failure;
use super::metrics::{Counts, OpenConnection};
use super::outcome::Outcome;
use super::pooler::{self, Path, Pooler};
use super::statement::{Form, References, Statement};
use super::statements::Statements;
use super::types::Types;
use crate::codec::Param;
use crate::error::{Effect, Error, Kind};
use crate::meta::ModelMeta;

/// A connection to the server. Statements may overlap; the server answers them in the order in which they were sent.
pub(crate) struct Connection {
    client: Client,
    cancel: CancelHandle,
    /// Reads and writes. It ends when the client is gone and everything is answered, or when the connection is lost.
    driver: JoinHandle<()>,
    /// `socket_timeout`.
    limit: Option<Duration>,
    /// Whether an answer did not come in time. It may still come, so the connection is of no more use.
    expired: AtomicBool,
    /// `None` if none are prepared.
    statements: Option<Mutex<Statements>>,
    /// What the driver knows if none are prepared.
    types: Types,
    pooler: Arc<Pooler>,
    /// The process id at startup.
    process_id: Option<i32>,
    /// Empty as long as it is unknown.
    path: OnceLock<Path>,
    lost: AtomicBool,
    /// Whether a large statement or row passed through. The buffers never shrink, so the connection is not kept.
    grown: AtomicBool,
    pub(crate) opened: Instant,
    _counted: OpenConnection,
}

impl Connection {
    /// The largest statement or row, in bytes, after which a connection is kept (1 MiB). The driver holds up to three buffers of that size.
    const LARGE: usize = 1024 * 1024;

    /// How long to wait for the end of a connection if opening one has no time limit.
    const GRACE: Duration = Duration::from_secs(5);

    pub(super) async fn open(
        connector: &Connector,
        pooler: &Arc<Pooler>,
        counts: &Arc<Counts>,
    ) -> Result<Self, Error> {
        let (client, driver) = connector.connect().await.map_err(failure::of_connecting)?;
        let (process_id, cancel) = (driver.process_id(), driver.cancel_handle());
        // The statement that is running reports the error.
        let driver = tokio::spawn(async move { drop(driver.await) });
        let limit = connector.url().socket_timeout();
        let capacity = connector.url().statement_cache_size();
        let statements = (capacity > 0).then(|| Mutex::new(Statements::new(capacity)));
        let path = match pooler.path(process_id) {
            Path::Unknown => OnceLock::new(),
            path => OnceLock::from(path),
        };
        if statements.is_some() && path.get() == Some(&Path::Between) && pooler.is_unasked() {
            let limit = connector.url().connect_timeout().unwrap_or(Self::GRACE);
            let asked = timeout(limit, Box::pin(pooler.ask(&client))).await;
            let host = || connector.url().hosts()[0].to_string();
            asked.map_err(|_| failure::of_connecting(ConnectError::Timeout { host: host(), limit }))?;
        }
        let [expired, lost, grown] = [false; 3].map(AtomicBool::new);
        Ok(Self {
            client,
            cancel,
            driver,
            limit,
            expired,
            statements,
            types: Types::default(),
            pooler: Arc::clone(pooler),
            process_id,
            path,
            lost,
            grown,
            opened: Instant::now(),
            _counted: OpenConnection::new(counts),
        })
    }

    /// Cancels what is running and closes the connection. Waits until the server has answered everything, at most as long as a new connection
    /// may take; then the connection is cut off.
    pub(crate) async fn end(self, connector: &Connector) {
        let Self { client, cancel, mut driver, .. } = self;
        drop(client);
        let limit = connector.url().connect_timeout().unwrap_or(Self::GRACE);
        let ended = timeout(limit, async {
            let mut pause = Duration::from_millis(5);
            while timeout(pause, &mut driver).await.is_err() {
                // Repeated, because a request that is faster than the statement has no effect.
                drop(connector.cancel(&cancel).await);
                pause *= 4;
            }
        });
        if ended.await.is_err() {
            driver.abort();
        }
    }

    /// Waits for an answer, at most `socket_timeout`. Not an `async fn`, which would hold the future twice.
    pub(super) fn answer<T>(
        &self,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> impl Future<Output = Result<T, Error>> {
        match self.limit {
            None => Either::Left(answer),
            Some(limit) => {
                let in_time = |answer: Result<_, _>| answer.unwrap_or_else(|_| Err(self.expire()));
                Either::Right(timeout(limit, answer).map(in_time))
            }
        }
    }

    /// Marks the connection as one whose answer did not come in time.
    pub(super) fn expire(&self) -> Error {
        self.expired.store(true, Ordering::Relaxed);
        Kind::Timeout.into()
    }

    pub(crate) fn has_expired(&self) -> bool {
        self.expired.load(Ordering::Relaxed)
    }

    /// Returns `socket_timeout`.
    pub(super) fn limit(&self) -> Option<Duration> {
        self.limit
    }

    pub(crate) fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed) || self.has_expired() || self.client.is_closed()
    }

    /// Marks the connection as lost.
    pub(crate) fn lose(&self) {
        self.lost.store(true, Ordering::Relaxed);
    }

    /// Whether the connection holds more memory than a pool should keep.
    pub(crate) fn has_grown(&self) -> bool {
        self.grown.load(Ordering::Relaxed)
    }

    fn carries(&self, bytes: usize) {
        if bytes > Self::LARGE {
            self.grown.store(true, Ordering::Relaxed);
        }
    }

    fn path(&self) -> Path {
        self.path.get().copied().unwrap_or(Path::Unknown)
    }

    /// Returns the prepared statement, preparing it if necessary; `None` behind a pooler that does not keep statements.
    pub(crate) async fn prepare(&self, statement: &Statement) -> Result<Option<Prepared>, Error> {
        let Some(statements) = &self.statements else { return Ok(None) };
        if !self.pooler.may_prepare(self.path()) {
            return Ok(None);
        }
        let known = statements.lock().expect("nothing panics with the lock").get(statement);
        if let Some(prepared) = known {
            return Ok(Some(prepared));
        }
        let types: Vec<Type> =
            statement.params.iter().map(|param| param.ty.clone().unwrap_or(Type::UNKNOWN)).collect();
        self.check_open()?;
        let prepared = async {
            let text = self.pooler.text(&statement.text, self.path());
            let prepared = self.client.prepare_typed(&text, &types);
            let prepared =
                if self.path() == Path::Unknown { self.found_out(prepared).await } else { prepared.await };
            prepared.map_err(|error| self.failed_to_prepare(&error, statement))
        };
        let prepared = self.answer(prepared).await.map_err(|error| error.with_effect(Effect::None))?;
        // Dropping the statement closes it.
        if !self.pooler.may_prepare(self.path()) {
            return Ok(None);
        }
        statements.lock().expect("nothing panics with the lock").insert(statement, prepared.clone());
        Ok(Some(prepared))
    }

    /// Waits for a first statement to be prepared, and in the same round trip finds out whether the session is one of the server.
    async fn found_out<T>(
        &self,
        prepared: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, tokio_postgres::Error> {
        let (process_id, prepared) = join(pooler::server_process(&self.client), prepared).await;
        if let Ok(process_id) = &process_id {
            let path = if *process_id == self.process_id { Path::Session } else { Path::Between };
            self.path.get_or_init(|| path);
        }
        let prepared = prepared?;
        process_id?;
        Ok(prepared)
    }

    /// Lets the driver look up the types of the rows before the statement is executed, if that is not prepared. `within` an open transaction, or
    /// in one of its own.
    pub(super) async fn learn(&self, statement: &Statement, within: bool) -> Result<(), Error> {
        if self.types.are_known(statement) || self.prepare(statement).await?.is_some() {
            return Ok(());
        }
        self.check_open()?;
        let learned = async {
            // Boxed, because it is rare and its future large.
            let learned = Box::pin(self.types.look_up(&self.client, statement, within)).await;
            learned.map_err(|error| self.failed_to_prepare(&error, statement))
        };
        self.answer(learned).await.map_err(|error| error.with_effect(Effect::None))
    }

    /// Prepares the statement if necessary and runs it.
    pub(super) async fn run(&self, statement: &Statement) -> Result<Outcome, Error> {
        if statement.form == Form::Script {
            self.check_open()?;
            let script = async {
                self.try_script(&statement.text).await.map_err(|error| self.failed(&error, statement))
            };
            return self.answer(script).await;
        }
        let prepared = self.prepare(statement).await?;
        self.answer(self.send(statement, prepared)).await
    }

    /// Runs the statement. If it is prepared, the first poll sends it. The caller limits the time by [`answer`](Self::answer).
    pub(crate) async fn send(
        &self,
        statement: &Statement,
        prepared: Option<Prepared>,
    ) -> Result<Outcome, Error> {
        self.check_open()?;
        let is_prepared = prepared.is_some();
        let outcome = self.try_send(statement, prepared).await;
        // SQL of the application may only read.
        if outcome.is_ok() && !statement.read_only && statement.model.is_some() {
            self.pooler.wrote();
        }
        outcome.map_err(|error| {
            let failure = self.failed(&error, statement);
            // What is missing is the statement itself; if it is not prepared, it is one of the driver's, needed after it has run.
            match failure.kind() {
                Kind::StatementClash if is_prepared => failure.with_effect(Effect::None),
                Kind::StatementClash => {
                    // The driver never prepares it again.
                    self.lose();
                    failure
                }
                _ => failure,
            }
        })
    }

    async fn try_send(
        &self,
        statement: &Statement,
        prepared: Option<Prepared>,
    ) -> Result<Outcome, tokio_postgres::Error> {
        self.carries(statement.params.iter().map(|param| param.value.size()).sum());
        let rows = match &prepared {
            Some(prepared) => self.client.query_raw(prepared, &statement.params).await?,
            // The driver does not look up the types of rows that are not wanted.
            None if !statement.returns_rows => return self.try_count(statement).await,
            None => {
                let typed = statement.params.iter().map(|param| (param, param.wire_type()));
                self.client.query_typed_raw(&statement.text, typed).await?
            }
        };
        let described = prepared.filter(|_| statement.form == Form::Described);
        let mut rows = std::pin::pin!(rows);
        let mut all = Vec::new();
        while let Some(row) = rows.try_next().await? {
            self.carries(row.raw_size_bytes());
            if statement.returns_rows {
                all.push(row);
            }
        }
        let missing = missing(statement, &all)?;
        if missing.is_some() {
            all.clear();
        }
        Ok(Outcome {
            rows: all,
            described,
            affected: rows.rows_affected().unwrap_or(0),
            missing,
            model: statement.model,
            wrote: !statement.read_only,
        })
    }

    async fn try_count(&self, statement: &Statement) -> Result<Outcome, tokio_postgres::Error> {
        let typed = |param| (param as &(dyn ToSql + Sync), Param::wire_type(param));
        let params: Vec<_> = statement.params.iter().map(typed).collect();
        let affected = self.client.execute_typed(&statement.text, &params).await?;
        Ok(Outcome { affected, model: statement.model, wrote: !statement.read_only, ..Outcome::default() })
    }

    /// Runs a script. The number of affected rows is that of its only statement; of several statements, none is the one that counts.
    async fn try_script(&self, text: &str) -> Result<Outcome, tokio_postgres::Error> {
        let mut messages = std::pin::pin!(self.client.simple_query_raw(text).await?);
        let (mut statements, mut affected) = (0, 0);
        while let Some(message) = messages.try_next().await? {
            if let SimpleQueryMessage::CommandComplete(rows) = message {
                statements += 1;
                affected = if statements == 1 { rows } else { 0 };
            }
        }
        Ok(Outcome { affected, wrote: true, ..Outcome::default() })
    }

    /// Runs the statement and returns its rows as they arrive.
    pub(crate) async fn stream(&self, statement: &Statement) -> Result<tokio_postgres::RowStream, Error> {
        let prepared = self.prepare(statement).await?;
        self.check_open()?;
        let rows = async {
            let rows = match &prepared {
                Some(prepared) => self.client.query_raw(prepared, &statement.params).await,
                None => {
                    let typed = statement.params.iter().map(|param| (param, param.wire_type()));
                    self.client.query_typed_raw(&statement.text, typed).await
                }
            };
            rows.map_err(|error| self.failed(&error, statement))
        };
        self.answer(rows).await
    }

    /// Runs a command without parameters or rows.
    pub(crate) async fn command(&self, sql: &str) -> Result<(), Error> {
        self.answer(self.send_command(sql)).await
    }

    /// Runs a command. The first poll sends it. The caller limits the time by [`answer`](Self::answer).
    pub(crate) async fn send_command(&self, sql: &str) -> Result<(), Error> {
        self.check_open()?;
        self.client.batch_execute(sql).await.map_err(|error| self.failure(&error, None))
    }

    /// Whether the server is a standby. No transaction is open.
    pub(super) async fn is_standby(&self) -> bool {
        let rows = async {
            let rows = self.client.simple_query("SELECT pg_is_in_recovery()").await;
            rows.map_err(|error| self.failure(&error, None))
        };
        let rows = self.answer(rows).await.unwrap_or_default();
        rows.iter().any(|row| matches!(row, SimpleQueryMessage::Row(row) if row.get(0) == Some("t")))
    }

    /// Fails before anything is sent if the connection is known to be lost, or waits for an answer that did not come in time.
    fn check_open(&self) -> Result<(), Error> {
        if !self.client.is_closed() && !self.has_expired() {
            return Ok(());
        }
        self.lose();
        Err(Error::from(Kind::Closed).with_effect(Effect::None))
    }

    fn failed_to_prepare(&self, error: &tokio_postgres::Error, statement: &Statement) -> Error {
        let failure = self.failed(error, statement).with_effect(Effect::None);
        match failure.sqlstate() {
            // One of the driver's own statements is gone. The driver never prepares it again.
            Some(sqlstate::INVALID_SQL_STATEMENT_NAME) => self.lose(),
            Some(sqlstate::DUPLICATE_PREPARED_STATEMENT) => self.pooler.lost(),
            _ => {}
        }
        failure
    }

    fn failed(&self, error: &tokio_postgres::Error, statement: &Statement) -> Error {
        let failure = self.failure(error, statement.model);
        // The URL may say wrongly that it is a session.
        let is_between = [self.path(), Path::of(self.process_id)].contains(&Path::Between);
        match failure.kind() {
            Kind::StalePlan => self.pooler.changed(),
            // In a session, `DISCARD` and `DEALLOCATE` have the same effect.
            Kind::StatementClash if is_between => self.pooler.lost(),
            Kind::StatementClash => {}
            _ => return failure,
        }
        if let Some(statements) = &self.statements {
            // Other statements may be stale, or gone, for the same reason.
            statements.lock().expect("nothing panics with the lock").clear();
        }
        failure
    }

    pub(crate) fn failure(&self, error: &tokio_postgres::Error, model: Option<&'static ModelMeta>) -> Error {
        let failure = failure::of_statement(error, model);
        if matches!(failure.kind(), Kind::Closed) {
            self.lose();
        }
        failure
    }
}

/// Returns the model of the first missing row that a new row refers to.
fn missing(statement: &Statement, rows: &[Row]) -> Result<Option<&'static str>, tokio_postgres::Error> {
    match (&statement.references, rows) {
        (References::One(model), []) => Ok(Some(model)),
        (References::Many(models), [row, ..]) => {
            let place: Option<i32> = row.try_get(row.len() - 1)?;
            Ok(place.and_then(|place| models.get(usize::try_from(place).ok()?)).copied())
        }
        _ => Ok(None),
    }
}
