//! Corrects the history by hand, after a failure or for a database that is older than its history.

use std::time::Duration;

use nicol_pg::ConnectionUrl;

use crate::error::Error;
use crate::history::{Migrations, checksum};
use crate::run::journal::Journal;
use crate::run::standing::{Standing, examine, refusal};
use crate::script::Script;
use crate::session::lock::{self, Lock};
use crate::session::store::{self, Record};
use crate::session::watch::Observer;
use crate::session::{Missing, Session};

/// What the user says about a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// All of it is in the database.
    Applied,
    /// None of it is in the database.
    RolledBack,
    /// The statements that its journal counts are in the database, and the next deployment resumes after them.
    Resumed,
}

/// Records what the user says about a migration. Runs no script.
///
/// # Errors
///
/// [`Error::Unknown`], [`Error::AlreadyApplied`], [`Error::NotFailed`], [`Error::NotResumable`], [`Error::LockHeld`],
/// [`Error::Connect`] and [`Error::Database`].
pub async fn resolve(
    url: &ConnectionUrl,
    migrations: &Migrations,
    migration: &str,
    resolution: Resolution,
) -> Result<(), Error> {
    resolve_with(url, migrations, migration, resolution, lock::WAIT).await
}

/// As [`resolve`], with the time to wait for the lock.
///
/// # Errors
///
/// As [`resolve`].
pub async fn resolve_with(
    url: &ConnectionUrl,
    migrations: &Migrations,
    migration: &str,
    resolution: Resolution,
    wait: Duration,
) -> Result<(), Error> {
    let (mut session, _) = Session::open(url, Missing::Look).await?;
    // This detects a transaction pooler.
    if let Some(observer) = Observer::open(&mut session).await? {
        observer.close().await;
    }
    let resolved = record_locked(&session, migrations, migration, resolution, wait).await;
    session.close().await;
    resolved
}

async fn record_locked(
    session: &Session,
    migrations: &Migrations,
    name: &str,
    resolution: Resolution,
    wait: Duration,
) -> Result<(), Error> {
    let lock = Lock::of(session);
    lock::acquire(session, lock, wait, |_, _| {}).await?;
    let mut recorded = record(session, migrations, name, resolution).await;
    if recorded.is_ok() && lock == Lock::Transaction {
        recorded = session.batch("commit", "cannot write the migration history").await;
    }
    lock::release(session, lock).await;
    recorded
}

async fn record(
    session: &Session,
    migrations: &Migrations,
    name: &str,
    resolution: Resolution,
) -> Result<(), Error> {
    let unknown = || Error::Unknown { migration: name.to_owned() };
    let records = store::load(session).await?;
    let has_history = records.is_some();
    let records: Vec<_> = records.unwrap_or_default().into_iter().filter(|it| it.name == name).collect();
    let is_failed = records.iter().any(Record::is_failed);
    match resolution {
        Resolution::RolledBack | Resolution::Resumed if records.is_empty() => Err(unknown()),
        Resolution::RolledBack | Resolution::Resumed if !is_failed => {
            Err(Error::NotFailed { migration: name.to_owned() })
        }
        Resolution::RolledBack => store::roll_back(session, name).await,
        Resolution::Resumed => resume(session, migrations, &records).await,
        Resolution::Applied => {
            if records.iter().any(|it| it.is_finished && !it.is_rolled_back) {
                return Err(Error::AlreadyApplied { migration: name.to_owned() });
            }
            let bytes = migrations.get(name).ok_or_else(unknown)?.bytes()?;
            if !has_history {
                store::create(session).await?;
            }
            store::roll_back(session, name).await?;
            store::mark_applied(session, name, &checksum(bytes)).await
        }
    }
}

/// Writes a journal without an error, from which the next deployment resumes.
async fn resume(session: &Session, migrations: &Migrations, records: &[Record]) -> Result<(), Error> {
    for record in records.iter().filter(|it| it.is_failed()) {
        let journal = record.logs.as_deref().and_then(Journal::read);
        let Some((journal, _)) = journal else {
            return Err(Error::NotResumable { migration: record.name.clone() });
        };
        let from = match examine(session, migrations, &record.name, &journal).await? {
            Standing::Undone => 0,
            Standing::GoesOn { from, .. } => from,
            // The user has checked that the statement did not take effect.
            Standing::Unclear { at, .. } => at,
            standing => {
                return Err(refusal(&standing, &record.name)
                    .unwrap_or_else(|| Error::NotResumable { migration: record.name.clone() }));
            }
        };
        let script =
            migrations.get(&record.name).ok_or_else(|| Error::Unknown { migration: record.name.clone() })?;
        let script = Script::new(script.script()?, session.standard_strings());
        let journal = Journal::of(&script, from);
        store::note(session, &record.id, &journal.to_string(), "").await?;
    }
    Ok(())
}
