//! The database: reading within limits, and writing in one transaction.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use nicol_engine::{Answer, Engine, Error, TransactionOptions};
use nicol_schema::Schema;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::failure::Failure;

/// How long a transaction waits for a connection.
const MAX_WAIT: Duration = Duration::from_secs(5);
/// How long a statement that writes may take.
const WRITE_LIMIT: Duration = Duration::from_secs(30);

/// An engine that only reads and, unless the studio is read-only, one that writes.
#[derive(Debug)]
pub(crate) struct Database {
    reader: Arc<Engine>,
    writer: Option<Writer>,
}

#[derive(Debug)]
struct Writer {
    engine: Arc<Engine>,
    /// The statements that have run since they were last taken.
    statements: Arc<Mutex<Vec<String>>>,
    /// Changes are applied one after the other, so that statements are those of one of them.
    turn: tokio::sync::Mutex<()>,
}

impl Database {
    /// # Errors
    /// The URL is invalid.
    pub(crate) fn new(schema: Schema, url: &str, is_read_only: bool) -> Result<Self, Error> {
        let writer = if is_read_only { None } else { Some(Writer::new(schema.clone(), url)?) };
        Ok(Self { reader: Arc::new(Engine::new(schema, url)?), writer })
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.writer.is_none()
    }

    /// Runs requests in one read-only transaction whose statements are stopped after `limit`.
    ///
    /// # Errors
    /// A request fails.
    pub(crate) async fn read(
        &self,
        requests: &[Value],
        limit: Duration,
    ) -> Result<Vec<Box<RawValue>>, Failure> {
        // Statements are stopped before the transaction is.
        let timeout = (limit + Duration::from_secs(5)) * u32::try_from(requests.len()).unwrap_or(1);
        let options = TransactionOptions { max_wait: MAX_WAIT, timeout, isolation_level: None };
        let open = Open::start(&self.reader, &options).await?;
        let result = async {
            open.run(&limits(limit, true)).await?;
            let mut answers = Vec::with_capacity(requests.len());
            for request in requests {
                answers.push(open.run(request).await?);
            }
            Ok(answers)
        };
        let result = result.await;
        open.roll_back().await;
        result
    }

    /// Returns PostgreSQL's plan for a request.
    ///
    /// # Errors
    /// The request is invalid, or the database refuses it.
    pub(crate) async fn explain(&self, request: &Value) -> Result<String, Failure> {
        Ok(self.reader.explain(&request.to_string()).await?)
    }

    /// Opens a transaction for changes, or `None` if the studio is read-only.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub(crate) async fn write(&self) -> Result<Option<Transaction<'_>>, Failure> {
        let Some(writer) = &self.writer else { return Ok(None) };
        let turn = writer.turn.lock().await;
        // A change by another program after the beginning makes the write fail instead of being overwritten.
        let isolation_level = Some("RepeatableRead".to_owned());
        let options = TransactionOptions { max_wait: MAX_WAIT, timeout: WRITE_LIMIT * 2, isolation_level };
        let open = Open::start(&writer.engine, &options).await?;
        open.run(&limits(WRITE_LIMIT, false)).await?;
        Ok(Some(Transaction { open, writer, _turn: turn }))
    }

    pub(crate) async fn close(&self) {
        self.reader.close().await;
        if let Some(writer) = &self.writer {
            writer.engine.close().await;
        }
    }
}

impl Writer {
    fn new(schema: Schema, url: &str) -> Result<Self, Error> {
        let statements = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&statements);
        let engine = Engine::new(schema, url)?.on_query(move |event| {
            if !event.is_transaction() {
                seen.lock().unwrap_or_else(PoisonError::into_inner).push(event.sql.to_owned());
            }
        });
        Ok(Self { engine: Arc::new(engine), statements, turn: tokio::sync::Mutex::default() })
    }
}

/// A transaction that writes. If it is dropped, it is rolled back.
#[derive(Debug)]
pub(crate) struct Transaction<'a> {
    open: Open,
    writer: &'a Writer,
    _turn: tokio::sync::MutexGuard<'a, ()>,
}

impl Transaction<'_> {
    /// # Errors
    /// The request fails.
    pub(crate) async fn run(&self, request: &Value) -> Result<Box<RawValue>, Failure> {
        self.open.run(request).await
    }

    /// Returns the statements since the last call.
    pub(crate) fn take_statements(&self) -> Vec<String> {
        std::mem::take(&mut self.writer.statements.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// # Errors
    /// The database refuses to commit: nothing has been changed.
    pub(crate) async fn commit(mut self) -> Result<(), Failure> {
        let id = std::mem::take(&mut self.open.id);
        Ok(self.open.engine.commit(&id).await?)
    }

    pub(crate) async fn roll_back(self) {
        self.open.roll_back().await;
    }
}

/// An open transaction. If the browser gives its request up, this is dropped: the engine has cancelled the statement then, and the
/// connection is needed for the next request.
#[derive(Debug)]
struct Open {
    engine: Arc<Engine>,
    /// Empty once the transaction has ended.
    id: String,
}

impl Open {
    async fn start(engine: &Arc<Engine>, options: &TransactionOptions) -> Result<Self, Failure> {
        Ok(Self { engine: Arc::clone(engine), id: engine.start(options).await? })
    }

    /// Runs a request and returns its result.
    async fn run(&self, request: &Value) -> Result<Box<RawValue>, Failure> {
        let text = match self.engine.answer(&request.to_string(), Some(&self.id)).await? {
            Answer::Single(text) => text,
            Answer::Batch(_) => return Err(Failure::request("a batch is not expected")),
        };
        // `{"data":{"findMany":…}}`
        let action = request["action"].as_str().unwrap_or_default();
        let found =
            serde_json::from_str::<Data>(&text).ok().and_then(|mut answer| answer.data.remove(action));
        found.ok_or_else(|| Failure::request("the engine's answer is not in Prisma's JSON protocol"))
    }

    async fn roll_back(mut self) {
        let id = std::mem::take(&mut self.id);
        // There is nothing to keep. If the connection is lost, so is the transaction.
        let _ = self.engine.roll_back(&id).await;
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let (false, Ok(runtime)) = (self.id.is_empty(), tokio::runtime::Handle::try_current()) {
            let (engine, id) = (Arc::clone(&self.engine), std::mem::take(&mut self.id));
            runtime.spawn(async move { engine.roll_back(&id).await });
        }
    }
}

#[derive(serde::Deserialize)]
struct Data {
    data: std::collections::BTreeMap<String, Box<RawValue>>,
}

/// Returns the request that limits a transaction. The settings end with it, so that a pooler may lead to any session.
fn limits(limit: Duration, is_read_only: bool) -> Value {
    let milliseconds = limit.as_millis();
    let read_only = if is_read_only { ", set_config('transaction_read_only', 'on', true)" } else { "" };
    raw(&format!("SELECT set_config('statement_timeout', '{milliseconds}', true){read_only}"))
}

/// Returns a request with SQL.
pub(crate) fn raw(sql: &str) -> Value {
    json!({ "action": "queryRaw", "query": { "arguments": { "query": sql, "parameters": "[]" }, "selection": {} } })
}
