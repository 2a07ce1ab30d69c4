//! One connection for migrations: the database and the schema are there, and the search path is the schema.

use std::convert::Infallible;
use std::time::Duration;

use nicol_pg::tokio_postgres::{self, CancelToken, Client};
use nicol_pg::{ConnectError, ConnectionUrl, Connector, quote_ident, sqlstate};
use tokio::task::JoinHandle;

use crate::error::Error;

/// A connection and what is needed to cancel what runs on it.
pub(crate) struct Session {
    pub(crate) client: Client,
    connection: Driver,
    connector: Connector,
    schema: String,
}

/// What moves the bytes of a connection.
type Driver = JoinHandle<Result<(), tokio_postgres::Error>>;

/// What may be created while connecting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// A missing database and a missing schema are created.
    Create,
    /// Nothing is changed.
    Keep,
}

impl Session {
    /// Gives the session, and whether the database had to be created.
    pub(crate) async fn open(url: &ConnectionUrl, missing: Missing) -> Result<(Self, bool), Error> {
        let connector = Connector::new(url)?;
        let mut is_created = false;
        // Boxed: these futures are large, and would make those of all callers large.
        let connected = match Box::pin(connector.connect()).await {
            Err(ConnectError::DatabaseMissing { .. }) if missing == Missing::Create => {
                Box::pin(create_database(url)).await?;
                is_created = true;
                Box::pin(connector.connect()).await
            }
            connected => connected,
        };
        let (client, connection) = connected?;
        let connection = tokio::spawn(connection);
        let session = Self { client, connection, connector, schema: url.schema().to_owned() };
        if missing == Missing::Create && !session.has_schema().await? {
            let sql = format!("create schema if not exists {}", quote_ident(&session.schema));
            session.batch(&sql, "cannot create the schema of the connection URL").await?;
        }
        session.set_search_path().await?;
        Ok((session, is_created))
    }

    /// Says goodbye to the server, which would otherwise note a lost connection in its log.
    pub(crate) async fn close(self) {
        close(self.client, self.connection).await;
    }

    /// The schema of the URL.
    pub(crate) fn schema(&self) -> &str {
        &self.schema
    }

    /// A name in the schema of the URL, whatever a script has done to the search path.
    pub(crate) fn qualified(&self, name: &str) -> String {
        nicol_pg::quote_qualified(&self.schema, name)
    }

    /// Set by a statement, since poolers refuse it as an option of the connection.
    pub(crate) async fn set_search_path(&self) -> Result<(), Error> {
        let sql = format!("set search_path to {}", quote_ident(&self.schema));
        self.batch(&sql, "cannot set the search path").await
    }

    pub(crate) async fn batch(&self, sql: &str, doing: &'static str) -> Result<(), Error> {
        self.client.batch_execute(sql).await.map_err(|source| Error::Database { doing, source })
    }

    /// Ends a transaction that a script has left open, with `commit` or `rollback`.
    pub(crate) async fn end_transaction(&self, with: &str) -> Result<(), Error> {
        // In a transaction of its own the statement is what begins it. A failed transaction answers with an error.
        let sql = "select pg_catalog.transaction_timestamp() = pg_catalog.statement_timestamp()";
        let is_outside = self.client.query_one(sql, &[]).await.is_ok_and(|row| row.get(0));
        if is_outside {
            return Ok(());
        }
        self.batch(with, "cannot end the transaction that a migration has left open").await
    }

    /// What cancels the statement that runs, from elsewhere.
    pub(crate) fn canceller(&self) -> Canceller {
        Canceller { connector: self.connector.clone(), token: self.client.cancel_token() }
    }

    /// `create schema if not exists` needs the privilege to create even where there is nothing to create.
    async fn has_schema(&self) -> Result<bool, Error> {
        let sql = "select 1 from pg_catalog.pg_namespace where nspname = $1";
        let row = self.client.query_opt(sql, &[&self.schema]).await;
        row.map(|row| row.is_some()).map_err(|source| Error::Database {
            doing: "cannot look up the schema of the connection URL",
            source,
        })
    }
}

async fn close(client: Client, connection: Driver) {
    drop(client);
    // A server that does not listen any more is not waited for.
    let _ = tokio::time::timeout(Duration::from_secs(1), connection).await;
}

/// See [`Session::canceller`].
pub(crate) struct Canceller {
    connector: Connector,
    token: CancelToken,
}

impl Canceller {
    /// Asks, again and again until the future is dropped: a request may come between two statements.
    pub(crate) async fn cancel(&self) -> Infallible {
        loop {
            // A request that is lost leaves the statement running, and the next one follows.
            let _ = self.connector.cancel(&self.token).await;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
}

/// Connects to a database that is always there, to create the one that is not.
async fn create_database(url: &ConnectionUrl) -> Result<(), Error> {
    let (client, connection) = match nicol_pg::connect(&url.with_database("postgres")).await {
        Err(ConnectError::DatabaseMissing { .. } | ConnectError::Denied { .. }) => {
            nicol_pg::connect(&url.with_database("template1")).await?
        }
        connected => connected?,
    };
    let connection = tokio::spawn(connection);
    let sql = format!("create database {}", quote_ident(url.database()));
    let result = client.batch_execute(&sql).await;
    close(client, connection).await;
    let Err(source) = result else { return Ok(()) };
    // Somebody else was faster.
    let is_there = source.code().is_some_and(|state| {
        [sqlstate::DUPLICATE_DATABASE, sqlstate::UNIQUE_VIOLATION].contains(&state.code())
    });
    if is_there {
        return Ok(());
    }
    Err(Error::CreateDatabase {
        database: url.database().to_owned(),
        user: url.user().unwrap_or("the system's user").to_owned(),
        source,
    })
}
