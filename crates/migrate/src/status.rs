//! What a database has seen of the migrations.

use nicol_pg::{ConnectError, ConnectionUrl};

use crate::error::Error;
use crate::history::{Migration, Migrations, matches_checksum};
use crate::session::{Missing, Session};
use crate::store::{self, Record};

/// The migrations of a project against those that a database has seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// Whether the database is there.
    pub has_database: bool,
    /// Whether it has a history. Without one nothing was deployed to it.
    pub has_history: bool,
    /// Applied and at hand.
    pub applied: Vec<String>,
    /// At hand and not applied.
    pub pending: Vec<String>,
    /// Begun, and neither finished nor marked as rolled back.
    pub failed: Vec<String>,
    /// Applied and not at hand.
    pub unknown: Vec<String>,
    /// Applied, and changed since. Deploying takes no notice of it.
    pub edited: Vec<String>,
}

impl Status {
    /// Whether nothing is left to be done.
    pub fn is_up_to_date(&self) -> bool {
        self.has_database && self.pending.is_empty() && self.failed.is_empty() && self.unknown.is_empty()
    }
}

/// Compares, and changes nothing.
///
/// # Errors
///
/// [`Error::Connect`] and [`Error::Database`]. A missing database is no error, but a [`Status`].
pub async fn status(url: &ConnectionUrl, migrations: &Migrations) -> Result<Status, Error> {
    let session = match Session::open(url, Missing::Keep).await {
        Ok((session, _)) => session,
        Err(Error::Connect(ConnectError::DatabaseMissing { .. })) => return Ok(compare(migrations, &[])),
        Err(error) => return Err(error),
    };
    let records = store::load(&session).await;
    session.close().await;
    let records = records?;
    let has_history = records.is_some();
    Ok(Status { has_database: true, has_history, ..compare(migrations, &records.unwrap_or_default()) })
}

/// The migrations at hand against the rows of a history.
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
    migration.script().is_ok_and(|script| !matches_checksum(script, &record.checksum))
}
