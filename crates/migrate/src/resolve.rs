//! Putting the history right by hand, after a failure or for a database that is older than its history.

use nicol_pg::ConnectionUrl;

use crate::error::Error;
use crate::history::{Migrations, checksum};
use crate::session::{Missing, Session};
use crate::{lock, store};

/// What a person says about a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// All of it is in the database.
    Applied,
    /// Nothing of it is in the database.
    RolledBack,
}

/// Records what a person says about a migration. No script is run.
///
/// # Errors
///
/// [`Error::Unknown`], [`Error::AlreadyApplied`], [`Error::NotFailed`], [`Error::Pooled`], and what a connection may bring.
pub async fn resolve(
    url: &ConnectionUrl,
    migrations: &Migrations,
    migration: &str,
    resolution: Resolution,
) -> Result<(), Error> {
    lock::check_url(url)?;
    let (session, _) = Session::open(url, Missing::Keep).await?;
    let resolved = record_locked(&session, migrations, migration, resolution).await;
    session.close().await;
    resolved
}

async fn record_locked(
    session: &Session,
    migrations: &Migrations,
    name: &str,
    resolution: Resolution,
) -> Result<(), Error> {
    lock::acquire(session, lock::WAIT, |_| {}).await?;
    let recorded = record(session, migrations, name, resolution).await;
    lock::release(session).await;
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
    let is_failed = records.iter().any(store::Record::is_failed);
    match resolution {
        Resolution::RolledBack if records.is_empty() => Err(unknown()),
        Resolution::RolledBack if !is_failed => Err(Error::NotFailed { migration: name.to_owned() }),
        Resolution::RolledBack => store::roll_back(session, name).await,
        Resolution::Applied => {
            if records.iter().any(|it| it.is_finished && !it.is_rolled_back) {
                return Err(Error::AlreadyApplied { migration: name.to_owned() });
            }
            let script = migrations.get(name).ok_or_else(unknown)?.script()?;
            if !has_history {
                store::create(session).await?;
            }
            store::roll_back(session, name).await?;
            store::mark_applied(session, name, &checksum(script)).await
        }
    }
}
