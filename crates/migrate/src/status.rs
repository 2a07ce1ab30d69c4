//! Compares the migrations of a project with the history of a database.

use nicol_pg::{ConnectError, ConnectionUrl};

use crate::error::Error;
use crate::history::{Migration, Migrations, matches_checksum};
use crate::run::journal::Journal;
use crate::run::standing::{Standing, look};
use crate::session::lock;
use crate::session::store::{self, Record};
use crate::session::{Missing, Session};

/// The migrations of a project compared with the history of a database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// Whether the database exists.
    pub has_database: bool,
    /// Whether it has a history. Without one, nothing was deployed to it.
    pub has_history: bool,
    /// Migrations of the project that are applied.
    pub applied: Vec<String>,
    /// Migrations of the project that are not applied.
    pub pending: Vec<String>,
    /// Migrations that started, and are neither finished nor marked as rolled back.
    pub failed: Vec<String>,
    /// Applied migrations that the project does not contain.
    pub unknown: Vec<String>,
    /// Applied migrations whose scripts have changed since. Deploying ignores the change.
    pub edited: Vec<String>,
    /// Details about failed and stopped migrations.
    pub unfinished: Vec<Unfinished>,
    /// The process that holds the migration lock: a migration may be running right now.
    pub holder: Option<String>,
}

/// A migration that has started and not finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// Its name.
    pub migration: String,
    /// When it started, in UTC.
    pub started: String,
    /// The recorded error, if it failed.
    pub error: Option<String>,
    /// Its state.
    pub standing: Standing,
}

impl Status {
    /// Whether no migration is pending, failed or unknown.
    pub fn is_up_to_date(&self) -> bool {
        self.has_database && self.pending.is_empty() && self.failed.is_empty() && self.unknown.is_empty()
    }
}

/// Compares the migrations of a project with the history of a database. Changes nothing.
///
/// # Errors
///
/// [`Error::Connect`] and [`Error::Database`]. A missing database is not an error: see [`Status::has_database`].
pub async fn status(url: &ConnectionUrl, migrations: &Migrations) -> Result<Status, Error> {
    let session = match Session::open(url, Missing::Look).await {
        Ok((session, _)) => session,
        Err(Error::Connect(ConnectError::DatabaseMissing { .. })) => return Ok(compare(migrations, &[])),
        Err(error) => return Err(error),
    };
    let looked = look_into(&session, migrations).await;
    session.close().await;
    looked
}

async fn look_into(session: &Session, migrations: &Migrations) -> Result<Status, Error> {
    let records = store::load(session).await?;
    let has_history = records.is_some();
    let records = records.unwrap_or_default();
    let mut unfinished = Vec::new();
    for record in records.iter().filter(|it| it.is_failed()) {
        let logs = record.logs.as_deref().filter(|logs| !logs.trim().is_empty());
        let error = match logs.map(|logs| (logs, Journal::read(logs))) {
            Some((_, Some((_, error)))) => error,
            Some((logs, None)) => Some(logs.trim_end()),
            None => None,
        };
        let standing = match look(session, migrations, record).await {
            // Without its script, its state is unknown.
            Err(Error::ScriptMissing { .. }) => Standing::Failed { left: None },
            standing => standing?,
        };
        unfinished.push(Unfinished {
            migration: record.name.clone(),
            started: record.started.clone(),
            error: error.map(str::to_owned),
            standing,
        });
    }
    let holder = if unfinished.is_empty() { None } else { lock::holder(session).await };
    Ok(Status { has_database: true, has_history, unfinished, holder, ..compare(migrations, &records) })
}

/// Compares migrations with the rows of a history.
pub(crate) fn compare(migrations: &Migrations, records: &[Record]) -> Status {
    let mut status = Status::default();
    let active = |name: &str| records.iter().rfind(|it| it.name == name && !it.is_rolled_back);
    for migration in migrations.iter() {
        let name = migration.name().to_owned();
        match active(&name) {
            None => status.pending.push(name),
            Some(record) if record.is_failed() => status.failed.push(name),
            Some(record) => {
                if is_edited(migration, record) {
                    status.edited.push(name.clone());
                }
                status.applied.push(name);
            }
        }
    }
    for record in records.iter().filter(|it| !it.is_rolled_back && migrations.get(&it.name).is_none()) {
        let list = if record.is_failed() { &mut status.failed } else { &mut status.unknown };
        if !list.contains(&record.name) {
            list.push(record.name.clone());
        }
    }
    status
}

fn is_edited(migration: &Migration, record: &Record) -> bool {
    migration.bytes().is_ok_and(|bytes| !matches_checksum(bytes, &record.checksum))
}
