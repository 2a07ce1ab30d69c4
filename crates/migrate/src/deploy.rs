//! Applies migrations: lock, run, record, unlock.

mod pooled;
mod preview;

use std::future::{Future, pending};
use std::pin::{Pin, pin};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use nicol_pg::ConnectionUrl;

use crate::error::Error;
use crate::history::{Migration, Migrations, checksum};
use crate::progress::{Activity, Left, Progress};
use crate::run::journal::Journal;
use crate::run::standing::{self, Standing};
use crate::run::{self, Run, check_sql};
use crate::script::{Kind, Outside, Script};
use crate::session::lock::{self, Lock};
use crate::session::store::{self, Record};
use crate::session::watch::{Observer, Place, attend, or_stop};
use crate::session::{Missing, Session};
pub use preview::{PlannedMigration, PlannedPiece, PlannedStatement, Preview, preview};

/// The result of [`deploy`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// The names of the applied migrations, in order.
    pub migrations: Vec<String>,
}

/// Options of [`deploy_with`].
#[derive(Debug, Clone)]
pub struct Options {
    /// Whether to take the migration lock (default: true). Without it, a migration that was stopped is not resumed, because
    /// another process may still be running it.
    pub lock: bool,
    /// How long to wait for the lock (default: 10 s).
    pub lock_wait: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { lock: true, lock_wait: lock::WAIT }
    }
}

/// Applies pending migrations in order. Creates the database if it does not exist.
///
/// A script without transaction control runs as one transaction, which also records that it has finished. A script that
/// ends transactions itself, or has statements that PostgreSQL refuses within a transaction, runs in pieces, each of which
/// records its progress. A migration that was stopped, for whatever reason, is rerun or resumed.
///
/// The URL's `schema` holds the history and is the search path of the scripts. Behind a transaction pooler, only scripts
/// that are a single transaction can be applied. Concurrent deployments apply each migration once.
///
/// # Errors
///
/// [`Error`]; most likely [`Error::Connect`], [`Error::NotEmpty`], [`Error::FailedEarlier`],
/// [`Error::Failed`], [`Error::ScriptMissing`], [`Error::LockHeld`] and [`Error::Pooled`].
pub async fn deploy(
    url: &ConnectionUrl,
    migrations: &Migrations,
    progress: impl FnMut(Progress<'_>) + Send,
) -> Result<Applied, Error> {
    deploy_with(url, migrations, &Options::default(), progress, pending()).await
}

/// As [`deploy`], with options. When `interrupt` completes, the running statement is cancelled, its transaction is rolled
/// back, and [`Error::Interrupted`] says what the database contains of the migration.
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
    let mut interrupt = pin!(interrupt);
    let (mut session, is_created) = or_stop(interrupt.as_mut(), Session::open(url, Missing::Create)).await?;
    if is_created {
        progress(Progress::DatabaseCreated { name: url.database() });
    }
    let observer = Observer::open(&mut session).await?;
    let deployment = Deployment {
        session: &session,
        observer: observer.as_ref(),
        migrations,
        options,
        progress,
        interrupt,
        applied: Applied::default(),
    };
    // Boxed because the future is large.
    let applied = Box::pin(deployment.run()).await;
    if let Some(observer) = observer {
        observer.close().await;
    }
    session.close().await;
    applied
}

struct Deployment<'a, P, I> {
    session: &'a Session,
    observer: Option<&'a Observer>,
    migrations: &'a Migrations,
    options: &'a Options,
    progress: P,
    interrupt: Pin<&'a mut I>,
    applied: Applied,
}

/// A migration to run.
struct Task<'a> {
    migration: &'a str,
    script: Script<'a>,
    checksum: String,
    /// If it is resumed: its row, and the statement to start from.
    resumed: Option<(String, usize)>,
}

impl<'a, P: FnMut(Progress<'_>) + Send, I: Future<Output = ()> + Send> Deployment<'a, P, I> {
    async fn run(mut self) -> Result<Applied, Error> {
        if self.session.is_pooled() {
            self.run_pooled().await?;
            return Ok(self.applied);
        }
        if !self.options.lock {
            self.run_locked().await?;
            return Ok(self.applied);
        }
        let progress = &mut self.progress;
        let acquired =
            lock::acquire(self.session, Lock::Session, self.options.lock_wait, |holder, waited| {
                progress(Progress::Waiting { holder, waited });
            });
        or_stop(self.interrupt.as_mut(), acquired).await?;
        let session = self.session;
        let done = self.run_locked().await;
        lock::release(session, Lock::Session).await;
        done.map(|()| self.applied)
    }

    async fn run_locked(&mut self) -> Result<(), Error> {
        let records = self.records().await?;
        let resumed = self.recover(&records).await?;
        let is_pending = |migration: &&Migration| {
            let is_active = |record: &Record| record.name == migration.name() && !record.is_rolled_back;
            !records.iter().any(is_active) || resumed.iter().any(|(name, _)| name == migration.name())
        };
        let mut tasks = self.tasks(self.migrations.iter().filter(is_pending))?;
        for task in &mut tasks {
            let found = resumed.iter().find(|(name, _)| name == task.migration);
            task.resumed = found.and_then(|(_, resumed)| resumed.clone());
        }
        let total = tasks.len();
        for (position, task) in tasks.into_iter().enumerate() {
            let migration = task.migration;
            (self.progress)(Progress::Started { migration, position: position + 1, total });
            let since = Instant::now();
            self.apply(task).await?;
            (self.progress)(Progress::Finished { migration, took: since.elapsed() });
            self.applied.migrations.push(migration.to_owned());
        }
        Ok(())
    }

    /// Returns the rows of the history, which is created if the schema is empty.
    async fn records(&self) -> Result<Vec<Record>, Error> {
        if let Some(records) = store::load(self.session).await? {
            return Ok(records);
        }
        if !store::is_schema_empty(self.session).await? {
            return Err(Error::NotEmpty { schema: self.session.schema().to_owned() });
        }
        store::create(self.session).await?;
        Ok(Vec::new())
    }

    /// Reads and checks all pending scripts, so that an error in any is found before the first one runs.
    fn tasks(&self, pending: impl Iterator<Item = &'a Migration>) -> Result<Vec<Task<'a>>, Error> {
        pending
            .map(|migration| {
                let script = Script::new(migration.script()?, self.session.standard_strings());
                check_sql(Some(migration.name()), &script)?;
                let checksum = checksum(migration.bytes()?);
                Ok(Task { migration: migration.name(), script, checksum, resumed: None })
            })
            .collect()
    }

    /// Handles migrations that were stopped earlier. Returns those to run although they have a row, with the row and the
    /// statement to resume from.
    async fn recover(&mut self, records: &[Record]) -> Result<Vec<(String, Option<(String, usize)>)>, Error> {
        let mut resumed = Vec::new();
        for (record, standing) in self.standings(records).await? {
            let (left, resume) = match standing {
                Standing::GoesOn { from, total } => {
                    (Left::Part { done: from, total }, Some((record.id.clone(), from)))
                }
                _ => (Left::Nothing, None),
            };
            (self.progress)(Progress::Recovered { migration: &record.name, started: &record.started, left });
            if resume.is_none() {
                store::roll_back(self.session, &record.name).await?;
            }
            resumed.push((record.name.clone(), resume));
        }
        Ok(resumed)
    }

    /// Returns the migrations that were stopped earlier, or an error if one of them needs a decision.
    async fn standings<'r>(&self, records: &'r [Record]) -> Result<Vec<(&'r Record, Standing)>, Error> {
        let mut standings = Vec::new();
        for record in records.iter().filter(|it| it.is_failed()) {
            // Without the lock, another process may be running it right now.
            let standing = if self.options.lock {
                standing::look(self.session, self.migrations, record).await?
            } else {
                Standing::Failed { left: None }
            };
            standings.push((record, standing));
        }
        standing::refuse(&standings)?;
        Ok(standings)
    }

    async fn apply(&mut self, task: Task<'_>) -> Result<(), Error> {
        let Task { migration, script, checksum, resumed } = task;
        self.session.set_search_path().await?;
        let (id, from) = match resumed {
            Some((id, from)) => {
                // The rest of the script may have been fixed.
                store::set_checksum(self.session, &id, &checksum).await?;
                for setting in script.settings_before(from) {
                    self.session.batch(setting, "cannot restore the settings of a migration").await?;
                }
                (id, from)
            }
            None => {
                let id = store::new_id();
                let journal = Journal::of(&script, 0).to_string();
                store::start(self.session, &id, migration, &checksum, Some(&journal)).await?;
                (id, 0)
            }
        };
        let place = Place::of(self.session.pid());
        let is_locked = self.options.lock;
        let mut run =
            Run { session: self.session, migration, script, id: Some(id.clone()), is_locked, place: &place };
        let lines: Vec<_> = run.script.statements.iter().map(|it| it.line).collect();
        let ended = self.attend(migration, &lines, &place, run.run(from)).await;
        let is_interrupted = place.is_stopped.load(Ordering::Relaxed);
        match ended {
            Ok(()) if is_interrupted => {
                let migration = migration.to_owned();
                Err(Error::Interrupted { migration, left: Left::All, invalid_index: None })
            }
            Ok(()) => Ok(()),
            Err(stop) => {
                let (at, is_outside) = (stop.at, stop.is_outside);
                let error = run::stopped(migration, &run.script, stop, is_interrupted);
                Err(self.note_stop(&run.script, &id, at, is_outside, error).await)
            }
        }
    }

    /// Waits for the script to finish, reports long statements, and cancels it on an interrupt.
    async fn attend<T>(
        &mut self,
        migration: &str,
        lines: &[usize],
        place: &Place,
        running: impl Future<Output = T>,
    ) -> T {
        let progress = &mut self.progress;
        let on_long = |statement, runs, activity: &Activity| {
            let line = lines.get(statement).copied().unwrap_or(1);
            progress(Progress::Running { migration, line, runs, activity });
        };
        let interrupt = self.interrupt.as_mut();
        attend(self.session.canceller(), self.observer, place, interrupt, on_long, running).await
    }

    /// Records in the history why a script did not finish.
    async fn note_stop(
        &self,
        script: &Script<'_>,
        id: &str,
        at: usize,
        is_outside: bool,
        error: Error,
    ) -> Error {
        let session = self.session;
        let _ = session.client.batch_execute("rollback").await;
        match error {
            Error::Interrupted { migration, left: Left::Nothing, .. } => {
                let _ = store::roll_back(session, &migration).await;
                Error::Interrupted { migration, left: Left::Nothing, invalid_index: None }
            }
            Error::Interrupted { migration, left, .. } if is_outside => {
                let invalid_index = self.invalid_index(script, at).await;
                Error::Interrupted { migration, left, invalid_index }
            }
            Error::Failed { migration, failure, line, left, source, .. } => {
                let done = match left {
                    Left::Part { done, .. } => done,
                    _ if is_outside => at,
                    _ => 0,
                };
                let journal = Journal { has_begun: is_outside, ..Journal::of(script, done) };
                // The script's error matters, even if it cannot be recorded.
                let _ = store::note(session, id, &run::logs(&failure, line, &migration, &journal), "").await;
                let invalid_index = self.invalid_index(script, at).await;
                Error::Failed { migration, failure, line, left, invalid_index, source }
            }
            // The journal is up to date.
            error => error,
        }
    }

    /// Returns the invalid index that a statement has left behind, as a quoted SQL name.
    async fn invalid_index(&self, script: &Script<'_>, at: usize) -> Option<String> {
        let Kind::Outside(Outside::CreatesIndex(index)) = script.kind(at) else { return None };
        match standing::find(self.session, index).await {
            Ok(standing::Found::Invalid(index)) => Some(index),
            _ => None,
        }
    }
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
}
