//! A connection whose database and schema exist, with the schema as its search path.

use std::convert::Infallible;
use std::time::Duration;

use nicol_pg::tokio_postgres::{self, Client, SimpleQueryMessage, SimpleQueryRow};
use nicol_pg::{CancelHandle, ConnectError, ConnectionUrl, Connector, quote_ident, sqlstate};
use tokio::task::JoinHandle;

use crate::error::Error;

/// A connection, and what it takes to cancel its statements.
pub(crate) struct Session {
    pub(crate) client: Client,
    connection: Driver,
    cancel: CancelHandle,
    connector: Connector,
    schema: String,
    is_pooled: bool,
    setting: Setting,
}

/// Settings of a session when it was opened.
#[derive(Debug, Default)]
struct Setting {
    pid: i32,
    role: String,
    standard_strings: bool,
}

/// The task that drives a connection.
type Driver = JoinHandle<Result<(), tokio_postgres::Error>>;

/// What may be created while connecting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// A missing database or schema is created.
    Create,
    /// Nothing is changed.
    Keep,
    /// Nothing is changed, not even a setting: the connection may turn out to be pooled.
    Look,
}

impl Session {
    /// Opens a session. Returns it and whether the database was created.
    pub(crate) async fn open(url: &ConnectionUrl, missing: Missing) -> Result<(Self, bool), Error> {
        let connector = Connector::new(url)?;
        let mut is_created = false;
        // Boxed because these futures are large, and would make those of all callers large.
        let connected = match Box::pin(connector.connect()).await {
            Err(ConnectError::DatabaseMissing { .. }) if missing == Missing::Create => {
                Box::pin(create_database(url)).await?;
                is_created = true;
                Box::pin(connector.connect()).await
            }
            connected => connected,
        };
        let (client, connection) = connected?;
        let cancel = connection.cancel_handle();
        let connection = tokio::spawn(connection);
        let (schema, is_pooled) = (url.schema().to_owned(), url.is_pooled());
        let mut session =
            Self { client, connection, cancel, connector, schema, is_pooled, setting: Setting::default() };
        session.setting = session.read_setting().await?;
        session.prepare(missing).await?;
        Ok((session, is_created))
    }

    /// Creates the schema and sets the search path, if `missing` allows it.
    pub(crate) async fn prepare(&self, missing: Missing) -> Result<(), Error> {
        if missing == Missing::Create && !self.has_schema().await? {
            let sql = format!("create schema if not exists {}", quote_ident(&self.schema));
            self.batch(&sql, "cannot create the schema of the connection URL").await?;
        }
        if !self.is_pooled && missing != Missing::Look {
            self.set_search_path().await?;
        }
        Ok(())
    }

    /// Closes the connection properly; otherwise the server logs it as lost.
    pub(crate) async fn close(self) {
        close(self.client, self.connection).await;
    }

    /// Returns the schema of the URL.
    pub(crate) fn schema(&self) -> &str {
        &self.schema
    }

    /// Returns a name qualified with the schema of the URL, since a script may change the search path.
    pub(crate) fn qualified(&self, name: &str) -> String {
        nicol_pg::quote_qualified(&self.schema, name)
    }

    /// Returns the role when the session was opened: `none` for the user of the connection.
    pub(crate) fn role(&self) -> &str {
        &self.setting.role
    }

    /// Returns `standard_conforming_strings` when the session was opened.
    pub(crate) fn standard_strings(&self) -> bool {
        self.setting.standard_strings
    }

    /// Returns the process id of the server when the session was opened. Behind a transaction pooler, it may change.
    pub(crate) fn pid(&self) -> i32 {
        self.setting.pid
    }

    /// Whether each transaction may get another server connection, from a transaction pooler.
    pub(crate) fn is_pooled(&self) -> bool {
        self.is_pooled
    }

    /// Treats the connection as pooled from now on, and resets the search path: the server connection is shared.
    pub(crate) async fn set_pooled(&mut self) -> Result<(), Error> {
        self.is_pooled = true;
        self.batch("reset search_path", "cannot reset the search path").await
    }

    /// Opens another connection to the same database.
    pub(crate) async fn connect_again(&self) -> Result<(Client, JoinHandle<()>), Error> {
        let (client, connection) = Box::pin(self.connector.connect()).await?;
        let connection = tokio::spawn(async move {
            // The next statement reports a lost connection.
            let _ = connection.await;
        });
        Ok((client, connection))
    }

    /// Returns host and port of the server.
    pub(crate) fn host(&self) -> String {
        self.connector.url().hosts()[0].to_string()
    }

    /// Sets the search path to the schema of the URL. With a statement, because poolers refuse it as a connection option.
    pub(crate) async fn set_search_path(&self) -> Result<(), Error> {
        let sql = format!("set search_path to {}", quote_ident(&self.schema));
        self.batch(&sql, "cannot set the search path").await
    }

    pub(crate) async fn batch(&self, sql: &str, doing: &'static str) -> Result<(), Error> {
        self.client.batch_execute(sql).await.map_err(|source| Error::Database { doing, source })
    }

    /// Returns the rows of a statement, as text.
    pub(crate) async fn rows(&self, sql: &str, doing: &'static str) -> Result<Vec<SimpleQueryRow>, Error> {
        rows(&self.client, sql).await.map_err(|source| Error::Database { doing, source })
    }

    /// Runs statements. Returns how many rows the last one changed.
    pub(crate) async fn execute(&self, sql: &str, doing: &'static str) -> Result<u64, Error> {
        let messages = self.client.simple_query(sql).await;
        let messages = messages.map_err(|source| Error::Database { doing, source })?;
        let counts = messages.iter().filter_map(|message| match message {
            SimpleQueryMessage::CommandComplete(count) => Some(*count),
            _ => None,
        });
        Ok(counts.last().unwrap_or(0))
    }

    /// Returns a handle that cancels the running statement.
    pub(crate) fn canceller(&self) -> Canceller {
        Canceller { connector: self.connector.clone(), handle: self.cancel.clone() }
    }

    /// Whether the schema exists. `create schema if not exists` needs the privilege to create even if it does.
    async fn has_schema(&self) -> Result<bool, Error> {
        let sql = "select 1 from pg_catalog.pg_namespace where nspname = ";
        let sql = format!("{sql}{}", literal(&self.schema));
        let rows = self.rows(&sql, "cannot look up the schema of the connection URL").await?;
        Ok(!rows.is_empty())
    }

    async fn read_setting(&self) -> Result<Setting, Error> {
        let sql = "select pg_catalog.pg_backend_pid(), pg_catalog.current_setting('role'),
            pg_catalog.current_setting('standard_conforming_strings')";
        let rows = self.rows(sql, "cannot read the settings of the session").await?;
        let text = |column| rows.first().and_then(|row| row.get(column)).unwrap_or_default();
        Ok(Setting {
            pid: text(0).parse().unwrap_or_default(),
            role: text(1).to_owned(),
            standard_strings: text(2) != "off",
        })
    }
}

/// Returns the rows of a statement, as text. It is not prepared, because poolers lose prepared statements.
pub(crate) async fn rows(client: &Client, sql: &str) -> Result<Vec<SimpleQueryRow>, tokio_postgres::Error> {
    let messages = client.simple_query(sql).await?;
    Ok(messages
        .into_iter()
        .filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        })
        .collect())
}

async fn close(client: Client, connection: Driver) {
    drop(client);
    // An unresponsive server is not waited for.
    let _ = tokio::time::timeout(Duration::from_secs(1), connection).await;
}

/// See [`Session::canceller`].
pub(crate) struct Canceller {
    connector: Connector,
    handle: CancelHandle,
}

impl Canceller {
    /// Sends cancel requests until the future is dropped, since one may arrive between two statements.
    pub(crate) async fn cancel(&self) -> Infallible {
        loop {
            // If a request is lost, the next one follows.
            let _ = self.connector.cancel(&self.handle).await;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
}

/// Creates the database of the URL over a connection to `postgres` or `template1`.
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
    // Another process may have created it meanwhile.
    let is_there = source.code().is_some_and(|state| {
        [sqlstate::DUPLICATE_DATABASE, sqlstate::UNIQUE_VIOLATION].contains(&state.code())
    });
    if is_there {
        return Ok(());
    }
    Err(Error::CreateDatabase {
        database: url.database().to_owned(),
        user: url.user().unwrap_or("the operating system user").to_owned(),
        source,
    })
}

/// Returns a string literal that is correct for both values of `standard_conforming_strings`, which a script may change.
///
/// Statements have literals instead of parameters, because poolers lose the prepared statements that parameters need.
pub(crate) fn literal(text: &str) -> String {
    let text = text.replace('\0', "");
    if text.contains('\\') {
        return format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"));
    }
    nicol_pg::quote_literal(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_do_not_depend_on_standard_conforming_strings() {
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal(r"a\'b"), r"E'a\\''b'");
    }
}
