//! Types that PostgreSQL does not have by itself, such as an enum, behind a pooler that loses prepared statements.
//!
//! The driver looks such a type up, once for each connection, when a statement returns it: with prepared statements of its own, whose names it
//! chooses, and after the statement was executed. So they are looked up before, in a transaction, which keeps its server connection. After it,
//! the driver's statements are taken from that server connection, where another program could meet them, and the next transaction is given them
//! again.

use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;

use futures_util::future::join3;
use postgres_types::Type;
use tokio_postgres::{Client, Column, Error, SimpleQueryMessage, Statement as Prepared};

use super::statement::Statement;
use crate::codec::Param;

/// The types that the driver knows on one connection.
#[derive(Debug, Default)]
pub(super) struct Types {
    /// The texts of statements whose types are known.
    texts: Mutex<HashSet<String>>,
    /// The driver's statements by their names.
    lookups: tokio::sync::Mutex<BTreeMap<String, String>>,
}

impl Types {
    /// After so many texts it starts anew, so that SQL that is put together at run time does not pile up.
    const MAX_TEXTS: usize = 1000;

    /// The driver's statements of the current transaction. It calls its statements `s0`, `s1` and so on.
    const PREPARED: &str = "select name, statement from pg_catalog.pg_prepared_statements \
         where name ~ '^s[0-9]+$' and prepare_time >= pg_catalog.now()";

    /// Whether the types of the statement's columns are known.
    pub(super) fn are_known(&self, statement: &Statement) -> bool {
        // Generated queries return only types that the driver has.
        !statement.is_of_application()
            || self.texts.lock().expect("nothing panics with the lock").contains(&statement.text)
    }

    /// Lets the driver look up the types of the statement's columns. `within` an open transaction, or in one of its own.
    ///
    /// # Errors
    /// The server refuses the statement, or the connection is lost. The statement was not executed.
    pub(super) async fn look_up(
        &self,
        client: &Client,
        statement: &Statement,
        within: bool,
    ) -> Result<(), Error> {
        let mut lookups = self.lookups.lock().await;
        let types: Vec<Type> = statement.params.iter().map(Param::wire_type).collect();
        let lend: Vec<_> = lookups.iter().map(|(name, text)| format!("PREPARE {name} AS {text};")).collect();
        // Sent in this order. If the statement is refused, so are the others, and they do not stay behind.
        let (begun, prepared, lent) = join3(
            client.batch_execute(if within { "" } else { "BEGIN" }),
            client.prepare_typed(&statement.text, &types),
            client.batch_execute(&lend.concat()),
        )
        .await;
        let found = match begun.and(prepared).and_then(|prepared| lent.map(|()| prepared)) {
            Ok(prepared) if has_looked_up(&prepared) => {
                // Within the transaction, because this closes it.
                drop(prepared);
                client.simple_query(Self::PREPARED).await
            }
            // Dropped here, too.
            result => result.map(|_| Vec::new()),
        };
        if found.is_err() && !within {
            // The error says more than that of a lost connection would.
            drop(client.batch_execute("ROLLBACK").await);
        }
        for message in found? {
            if let SimpleQueryMessage::Row(row) = message
                && let (Some(name), Some(text)) = (row.get(0), row.get(1))
            {
                lookups.entry(name.to_owned()).or_insert_with(|| text.to_owned());
            }
        }
        let take: Vec<_> = lookups.keys().map(|name| format!("DEALLOCATE {name};")).collect();
        // In one message, so that it reaches the same server connection.
        client.batch_execute(&format!("{}{}", if within { "" } else { "ROLLBACK;" }, take.concat())).await?;
        let mut texts = self.texts.lock().expect("nothing panics with the lock");
        if texts.len() >= Self::MAX_TEXTS {
            texts.clear();
        }
        texts.insert(statement.text.clone());
        Ok(())
    }
}

/// Whether the driver has looked up a type.
fn has_looked_up(prepared: &Prepared) -> bool {
    let mut types = prepared.columns().iter().map(Column::type_).chain(prepared.params());
    types.any(|ty| Type::from_oid(ty.oid()).is_none())
}
