//! Running a script that is no migration.

use std::future::Future;
use std::pin::pin;

use nicol_pg::ConnectionUrl;
use nicol_pg::tokio_postgres::error::ErrorPosition;

use crate::error::{Error, describe};
use crate::session::{Missing, Session};

/// Sends a script to the database as one command and waits for its end. Nothing is recorded, and rows are thrown away.
///
/// When `interrupt` ends, the script is cancelled. As one command it is one transaction, unless it says otherwise itself.
///
/// Source: Prisma 6.19, `db execute`.
///
/// # Errors
///
/// [`Error::Connect`], [`Error::Script`] and [`Error::Stopped`].
pub async fn execute(
    url: &ConnectionUrl,
    script: &str,
    interrupt: impl Future<Output = ()>,
) -> Result<(), Error> {
    let (session, _) = Session::open(url, Missing::Keep).await?;
    let result = run(&session, script, interrupt).await;
    session.close().await;
    result
}

/// Runs a script to its end, or until it is cancelled.
pub(crate) async fn run(
    session: &Session,
    script: &str,
    interrupt: impl Future<Output = ()>,
) -> Result<(), Error> {
    let canceller = session.canceller();
    let mut running = pin!(session.client.batch_execute(script));
    tokio::select! {
        biased;
        result = &mut running => result.map_err(|source| failed(source, script)),
        () = interrupt => tokio::select! {
            _ = &mut running => Err(Error::Stopped),
            never = Box::pin(canceller.cancel()) => match never {},
        },
    }
}

fn failed(source: nicol_pg::tokio_postgres::Error, script: &str) -> Error {
    Error::Script { failure: describe(&source), line: line(&source, script), source }
}

/// The line of the script, from 1, at which the server found the error.
pub(crate) fn line(error: &nicol_pg::tokio_postgres::Error, script: &str) -> Option<usize> {
    let Some(ErrorPosition::Original(position)) = error.as_db_error()?.position() else { return None };
    let before = script.chars().take((*position as usize).saturating_sub(1));
    Some(before.filter(|character| *character == '\n').count() + 1)
}
