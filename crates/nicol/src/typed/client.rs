//! The client that generated clients wrap.

use nicol_pg::ConnectionUrl;

use super::batch::Batch;
use super::raw::{FromRow, IntoSql, RawQuery, statement};
use crate::error::{Error, Kind};
use crate::value::Value;
use crate::wire::{Executor, Outcome, PoolStatus, QueryEvent};

/// A generated client: the same type on the pool and within a transaction.
pub trait Handle: Sized + Send + Sync + 'static {
    /// For the runtime.
    fn from_client(client: Client) -> Self;
}

/// What every generated client can do, whatever its models. Cloning is cheap, and the clones share one pool.
#[derive(Debug, Clone)]
pub struct Client {
    executor: Executor,
}

impl Handle for Client {
    fn from_client(client: Client) -> Self {
        client
    }
}

impl Client {
    pub(crate) fn from_executor(executor: Executor) -> Self {
        Self { executor }
    }

    /// For generated code.
    #[doc(hidden)]
    pub fn executor(&self) -> Executor {
        self.executor.clone()
    }

    /// A client of the database at this URL, which connects when the first query runs.
    ///
    /// # Errors
    /// The URL cannot be read (P1013), or a certificate that it names (P1011).
    pub fn lazy(url: &str) -> Result<Self, Error> {
        let url = ConnectionUrl::parse(url)
            .map_err(|error| Kind::Configuration { code: "P1013", message: error.to_string() })?;
        Ok(Self { executor: Executor::new(&url)? })
    }

    /// A client of the database at this URL, with a connection that is open.
    ///
    /// # Errors
    /// Those of [`lazy`](Self::lazy), and those of connecting.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        let client = Self::lazy(url)?;
        client.executor.pool().lease().await?;
        Ok(client)
    }

    /// A client of the database that an environment variable names (`DATABASE_URL`, by custom), with a connection that is open.
    ///
    /// # Errors
    /// The variable is not set (P1012), and those of [`connect`](Self::connect).
    pub async fn from_env(variable: &str) -> Result<Self, Error> {
        let url = std::env::var(variable).map_err(|_| Kind::Configuration {
            code: "P1012",
            message: format!(
                "the environment variable `{variable}` is not set: it has to hold the database's URL"
            ),
        })?;
        Self::connect(&url).await
    }

    /// The same client with an observer: it is told of every statement that has run, without its values.
    #[must_use]
    pub fn on_query(&self, observer: impl Fn(&QueryEvent<'_>) + Send + Sync + 'static) -> Self {
        Self { executor: self.executor.observed(Box::new(observer)) }
    }

    /// How the pool is doing.
    pub fn pool_status(&self) -> PoolStatus {
        self.executor.pool().status()
    }

    /// Runs queries in one transaction and, once their statements are known to the server, in one round trip; in two if one of them fails
    /// where a row is missing (P2025), because nothing is committed then.
    ///
    /// # Errors
    /// The first error of a query; none of them has happened then. Only a row that cannot be read (P2023) is found after the commit, and
    /// the error says so.
    pub async fn batch<B: Batch>(&self, queries: B) -> Result<B::Output, Error> {
        let (groups, finish) = queries.into_steps()?;
        let outcomes = self.executor.batch(&groups).await?;
        finish(outcomes.into_iter().map(Outcome::merged).collect())
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
        let statement = statement(sql.into_sql(), params, false);
        Ok(self.executor.statement(&statement).await?.affected)
    }

    /// The PostgreSQL schema that the URL names, with which SQL of one's own qualifies its tables: no `search_path` is set.
    pub fn schema(&self) -> &str {
        self.executor.schema()
    }

    /// Closes the pool: idle connections now, the others when their queries are done. Queries fail from then on (P1017).
    pub fn close(&self) {
        self.executor.pool().close();
    }
}
