//! Whether a server is of the kind that `target_session_attrs` asks for.
//!
//! Source: PostgreSQL 17 manual, 34.1.2.

use tokio_postgres::{Client, SimpleQueryMessage};

use super::{ConnectError, Connection};
use crate::url::{Host, TargetSession};

/// What decides about a server: whether it is a standby, and whether its transactions are read-only by default.
struct Kind {
    is_standby: bool,
    is_read_only: bool,
}

pub(super) async fn check(
    client: &Client,
    connection: &mut Connection,
    wanted: TargetSession,
    host: &Host,
) -> Result<(), ConnectError> {
    if matches!(wanted, TargetSession::Any | TargetSession::PreferStandby) {
        return Ok(());
    }
    let Kind { is_standby, is_read_only } = kind(client, connection, host).await?;
    let (fits, wanted) = match wanted {
        TargetSession::ReadWrite => (!is_standby && !is_read_only, "a server that accepts writes"),
        TargetSession::ReadOnly => (is_standby || is_read_only, "a read-only server"),
        TargetSession::Primary => (!is_standby, "a primary"),
        TargetSession::Standby => (is_standby, "a standby"),
        TargetSession::Any | TargetSession::PreferStandby => return Ok(()),
    };
    if fits { Ok(()) } else { Err(ConnectError::OtherServer { host: host.to_string(), wanted }) }
}

async fn kind(client: &Client, connection: &mut Connection, host: &Host) -> Result<Kind, ConnectError> {
    if let Some(kind) = reported(connection) {
        return Ok(kind);
    }
    // A pooler may not pass on what the server reports.
    let closed = |source| ConnectError::Closed { host: host.to_string(), source };
    let sql = "select pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('default_transaction_read_only') = 'on'";
    let messages = tokio::select! {
        messages = client.simple_query(sql) => messages.map_err(|error| closed(error.into()))?,
        ended = connection => return Err(closed(match ended {
            Ok(()) => "the connection ended".into(),
            Err(error) => error.into(),
        })),
    };
    let row = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let is = |column| row.and_then(|row| row.get(column)) == Some("t");
    Ok(Kind { is_standby: is(0), is_read_only: is(1) })
}

/// Servers report both since PostgreSQL 14.
fn reported(connection: &Connection) -> Option<Kind> {
    let is_on = |name| connection.parameter(name).map(|value| value == "on");
    Some(Kind { is_standby: is_on("in_hot_standby")?, is_read_only: is_on("default_transaction_read_only")? })
}
