//! Applying migrations: lock, run, record, unlock.

use std::future::{Future, pending};
use std::pin::pin;
use std::time::{Duration, Instant};

use nicol_pg::ConnectionUrl;
use nicol_pg::tokio_postgres::{self, error::ErrorPosition};

use crate::error::{Error, Left, describe};
use crate::history::{Migration, Migrations, checksum};
use crate::session::{Missing, Session};
use crate::{lock, store};

/// What [`deploy`] tells while it works.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// The database was not there and has been created.
    DatabaseCreated {
        /// Its name.
        name: &'a str,
    },
    /// Somebody else migrates; there is a wait for the end of it.
    Waiting {
        /// Who it is, where that can be found out.
        holder: Option<&'a str>,
    },
    /// A migration begins.
    Started {
        /// Its name.
        migration: &'a str,
        /// Its place among those to be applied, from 1.
        position: usize,
        /// How many are to be applied.
        total: usize,
    },
    /// A migration has ended well.
    Finished {
        /// Its name.
        migration: &'a str,
        /// How long it took.
        took: Duration,
    },
}

/// What [`deploy`] has done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// The names of the migrations that were applied, in order.
    pub migrations: Vec<String>,
}

/// How [`deploy_with`] behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whether to take the lock that keeps two migrations apart. A pooler in transaction mode cannot give it.
    pub lock: bool,
    /// How long to wait for the lock: 10 seconds unless said otherwise.
    pub lock_wait: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { lock: true, lock_wait: lock::WAIT }
    }
}

/// Applies the migrations that the database has not seen, in order. A missing database is created.
///
/// The URL has to be that of a direct connection, not of a pooler. Its `schema` holds the history, and the scripts
/// run with it as search path. Deploying twice, or twice at once, applies each migration once.
///
/// # Errors
///
/// [`Error`]; the most likely ones are [`Error::Connect`], [`Error::NotEmpty`], [`Error::FailedEarlier`],
/// [`Error::Failed`], [`Error::ScriptMissing`], [`Error::LockHeld`] and [`Error::Pooled`].
pub async fn deploy(
    url: &ConnectionUrl,
    migrations: &Migrations,
    progress: impl FnMut(Progress<'_>) + Send,
) -> Result<Applied, Error> {
    deploy_with(url, migrations, &Options::default(), progress, pending()).await
}

/// As [`deploy`]; when `interrupt` ends, the script that runs is cancelled, its changes are undone as far as it had
/// not committed them itself, and [`Error::Interrupted`] says which of the two it is.
///
/// # Errors
///
/// As [`deploy`], and [`Error::Interrupted`].
pub async fn deploy_with(
    url: &ConnectionUrl,
    migrations: &Migrations,
    options: &Options,
    mut progress: impl FnMut(Progress<'_>) + Send,
    interrupt: impl Future<Output = ()> + Send,
) -> Result<Applied, Error> {
    if options.lock {
        lock::check_url(url)?;
    }
    let (session, is_created) = Session::open(url, Missing::Create).await?;
    if is_created {
        progress(Progress::DatabaseCreated { name: url.database() });
    }
    let applied = apply_locked(&session, migrations, options, &mut progress, interrupt).await;
    session.close().await;
    applied
}

async fn apply_locked(
    session: &Session,
    migrations: &Migrations,
    options: &Options,
    progress: &mut (impl FnMut(Progress<'_>) + Send),
    interrupt: impl Future<Output = ()> + Send,
) -> Result<Applied, Error> {
    if !options.lock {
        return apply_pending(session, migrations, progress, interrupt).await;
    }
    lock::acquire(session, options.lock_wait, |holder| progress(Progress::Waiting { holder })).await?;
    let applied = apply_pending(session, migrations, progress, interrupt).await;
    lock::release(session).await;
    applied
}

async fn apply_pending(
    session: &Session,
    migrations: &Migrations,
    progress: &mut (impl FnMut(Progress<'_>) + Send),
    interrupt: impl Future<Output = ()> + Send,
) -> Result<Applied, Error> {
    let records = if let Some(records) = store::load(session).await? {
        records
    } else {
        if !store::is_schema_empty(session).await? {
            return Err(Error::NotEmpty { schema: session.schema().to_owned() });
        }
        store::create(session).await?;
        Vec::new()
    };
    let failed: Vec<_> = records.iter().filter(|it| it.is_failed()).map(|it| it.name.clone()).collect();
    if !failed.is_empty() {
        return Err(Error::FailedEarlier { failed });
    }
    let is_pending = |migration: &&Migration| {
        !records.iter().any(|record| record.name == migration.name() && !record.is_rolled_back)
    };
    // All scripts before the first is run: a missing one is found while nothing has happened yet.
    let scripts = migrations.iter().filter(is_pending).map(|it| Ok((it.name(), it.script()?)));
    let scripts = scripts.collect::<Result<Vec<_>, Error>>()?;

    let mut interrupt = pin!(interrupt);
    let mut applied = Applied::default();
    for (position, (migration, script)) in scripts.iter().enumerate() {
        progress(Progress::Started { migration, position: position + 1, total: scripts.len() });
        let since = Instant::now();
        apply(session, migration, script, interrupt.as_mut()).await?;
        progress(Progress::Finished { migration, took: since.elapsed() });
        applied.migrations.push((*migration).to_owned());
    }
    Ok(applied)
}

/// Runs one script as one command: unless it says otherwise itself, it is one transaction.
async fn apply(
    session: &Session,
    migration: &str,
    script: &str,
    interrupt: impl Future<Output = ()>,
) -> Result<(), Error> {
    session.set_search_path().await?;
    let id = store::start(session, migration, &checksum(script)).await?;
    let (result, is_interrupted) = run(session, script, interrupt).await;
    let Err(source) = result else {
        // In an open transaction the note would be lost with the script.
        session.end_transaction("commit").await?;
        store::finish(session, &id).await?;
        let migration = migration.to_owned();
        return if is_interrupted { Err(Error::Interrupted { migration, left: Left::All }) } else { Ok(()) };
    };
    // Whatever comes of the note: the error that matters is the script's.
    let left = if is_one_transaction(script) && !source.is_closed() { Left::Nothing } else { Left::Unclear };
    let failure = describe(&source);
    let line = line(&source, script);
    let logs = line.map_or_else(|| failure.clone(), |line| format!("{failure}\nline {line} of {migration}"));
    let _ = session.end_transaction("rollback").await;
    let _ = store::fail(session, &id, &logs).await;
    let migration = migration.to_owned();
    if is_interrupted {
        if left == Left::Nothing {
            let _ = store::roll_back(session, &migration).await;
        }
        return Err(Error::Interrupted { migration, left });
    }
    Err(Error::Failed { migration, failure, line, left, source })
}

/// Runs the script to its end, which an interrupt brings about. Gives also whether there was one.
async fn run(
    session: &Session,
    script: &str,
    interrupt: impl Future<Output = ()>,
) -> (Result<(), tokio_postgres::Error>, bool) {
    let canceller = session.canceller();
    let mut running = pin!(session.client.batch_execute(script));
    tokio::select! {
        biased;
        result = &mut running => return (result, false),
        () = interrupt => {}
    }
    tokio::select! {
        result = &mut running => (result, true),
        never = Box::pin(canceller.cancel()) => match never {},
    }
}

/// Whether the whole script is certainly one transaction: it has no word in it that could end one, and none that
/// works outside of them only. A word in a text or a comment errs on the safe side.
fn is_one_transaction(script: &str) -> bool {
    const WORDS: [&str; 9] =
        ["begin", "start", "commit", "end", "rollback", "abort", "prepare", "call", "concurrently"];
    let mut words = script.split(|character: char| !character.is_alphanumeric() && character != '_');
    !words.any(|word| WORDS.iter().any(|it| word.eq_ignore_ascii_case(it)))
}

/// The line of the script, from 1, at which the server found the error.
fn line(error: &tokio_postgres::Error, script: &str) -> Option<usize> {
    let Some(ErrorPosition::Original(position)) = error.as_db_error()?.position() else { return None };
    let before = script.chars().take((*position as usize).saturating_sub(1));
    Some(before.filter(|character| *character == '\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deployment_can_be_spawned() {
        fn check(_: impl Future + Send) {}
        let url: ConnectionUrl = "postgresql://localhost/app".parse().unwrap();
        check(deploy(&url, &Migrations::default(), |_| {}));
    }

    #[test]
    fn a_script_that_commits_is_not_one_transaction() {
        assert!(is_one_transaction("create table t (id int); alter table t add backend_start int;"));
        for script in ["BEGIN; select 1; COMMIT;", "select 1; Commit", "create index concurrently i on t (a)"]
        {
            assert!(!is_one_transaction(script), "{script}");
        }
    }
}
