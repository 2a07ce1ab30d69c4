//! The tool `query`: SQL that only reads.

use std::pin::pin;
use std::time::Duration;

use anyhow::{anyhow, bail};
use futures_util::StreamExt as _;
use nicol_pg::tokio_postgres::{Client, Error, SimpleQueryMessage};
use nicol_pg::{ConnectionUrl, connect};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::cut::Rows;

/// Begins the transaction. After a first statement, PostgreSQL refuses to make it one that writes.
///
/// Source: manual, SET TRANSACTION: "The transaction access mode … cannot be changed after the first query".
const BEGIN: &str = "BEGIN READ ONLY; SET LOCAL statement_timeout = '10s'; SELECT 1";
/// When to give up if the server does not stop the statement.
const LIMIT: Duration = Duration::from_secs(15);

/// A connection, which is closed when this is dropped. What runs on it is rolled back then.
struct Running(JoinHandle<()>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Runs one statement in a read-only transaction on a connection of its own, and rolls it back.
pub(super) async fn query(url: &ConnectionUrl, sql: &str) -> anyhow::Result<String> {
    let (client, connection) = connect(url).await?;
    let _running = Running(tokio::spawn(async move {
        // The client's calls report errors.
        let _ = connection.await;
    }));
    let result = timeout(LIMIT, async {
        client.batch_execute(BEGIN).await.map_err(|error| refused(&error))?;
        let (text, is_cut) = rows(&client, sql).await?;
        // If rows are left, closing the connection is quicker than reading them.
        if !is_cut {
            client.batch_execute("ROLLBACK").await.map_err(|error| refused(&error))?;
        }
        Ok(text)
    });
    result.await.unwrap_or_else(|_| bail!("the database did not answer in time"))
}

async fn rows(client: &Client, sql: &str) -> anyhow::Result<(String, bool)> {
    // Preparing proves that this is one statement: the server refuses several.
    let statement = client.prepare(sql).await.map_err(|error| refused(&error))?;
    if !statement.params().is_empty() {
        bail!("the statement has parameters\nhelp: write the values into the statement");
    }
    // This refuses COMMIT, SET, COPY, DO, NOTIFY and others, whose effects may outlive the transaction or leave the database.
    if statement.columns().is_empty() {
        bail!(
            "the statement returns no rows, so it is not run\n\
             help: SELECT, WITH, VALUES, TABLE, SHOW and EXPLAIN return rows"
        );
    }
    let columns: Vec<Value> = statement
        .columns()
        .iter()
        .map(|column| json!({ "name": column.name(), "type": column.type_().name() }))
        .collect();
    // The simple protocol has values as text, of all types.
    let mut messages = pin!(client.simple_query_raw(sql).await.map_err(|error| refused(&error))?);
    let mut rows = Rows::default();
    while let Some(message) = messages.next().await {
        if let SimpleQueryMessage::Row(row) = message.map_err(|error| refused(&error))? {
            let values = (0..row.len()).map(|index| Value::from(row.get(index)));
            if !rows.push(values.collect()) {
                break;
            }
        }
    }
    Ok((format!("{{\"columns\":{},{}}}", Value::from(columns), rows.members()), rows.is_cut()))
}

/// Says what PostgreSQL says. Unlike elsewhere, values of rows are no secret here.
fn refused(error: &Error) -> anyhow::Error {
    let Some(said) = error.as_db_error() else {
        return anyhow!("the connection to the database failed: {error}");
    };
    let detail = said.detail().map(|detail| format!("\n{detail}")).unwrap_or_default();
    let hint = said.hint().map(|hint| format!("\nhelp: {hint}")).unwrap_or_default();
    anyhow!("{} ({}){detail}{hint}", said.message(), said.code().code())
}
