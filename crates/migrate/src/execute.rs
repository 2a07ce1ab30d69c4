//! Runs a script that is not a migration.

use std::future::Future;
use std::pin::pin;

use nicol_pg::ConnectionUrl;

use crate::error::{Error, describe, line};
use crate::progress::Progress;
use crate::run::check_sql;
use crate::script::Script;
use crate::session::watch::{Observer, attend_work};
use crate::session::{Missing, Session};

/// Sends a script to the database as one command, and waits for it. Records nothing, and discards rows.
///
/// One command is one transaction, unless the script controls transactions itself. Reports long statements. When `interrupt`
/// completes, the script is cancelled.
///
/// Source: Prisma 6.19, `db execute`.
///
/// # Errors
///
/// [`Error::Connect`], [`Error::NotSql`], [`Error::Script`] and [`Error::Stopped`].
pub async fn execute(
    url: &ConnectionUrl,
    script: &str,
    progress: impl FnMut(Progress<'_>),
    interrupt: impl Future<Output = ()>,
) -> Result<(), Error> {
    let interrupt = pin!(interrupt);
    let (session, _) = Session::open(url, Missing::Keep).await?;
    let observer = Observer::beside(&session).await;
    let running = async {
        check_sql(None, &Script::new(script, session.standard_strings()))?;
        let ran = session.client.batch_execute(script).await;
        ran.map_err(|source| Error::Script {
            failure: describe(&source),
            line: line(&source, script),
            source,
        })
    };
    let result = attend_work(&session, observer.as_ref(), interrupt, progress, running).await;
    if let Some(observer) = observer {
        observer.close().await;
    }
    session.close().await;
    result
}
