//! Applies migrations through a transaction pooler.
//!
//! Each migration is a single transaction that contains everything: the lock, the row, the script, the update of the row.
//! A migration that is stopped leaves nothing behind, not even a row.

use std::sync::atomic::Ordering;
use std::time::Instant;

use nicol_pg::quote_ident;

use super::{Deployment, Task};
use crate::error::Error;
use crate::history::Migration;
use crate::progress::{Left, Progress};
use crate::run::journal::Journal;
use crate::run::standing::Standing;
use crate::run::{Run, lesson, logs, stopped};
use crate::script::{Kind, Lesson, Manner};
use crate::session::Session;
use crate::session::lock::{self, Lock};
use crate::session::store::{self, Record};
use crate::session::watch::{Place, or_stop};

impl<P: FnMut(Progress<'_>) + Send, I: Future<Output = ()> + Send> Deployment<'_, P, I> {
    pub(super) async fn run_pooled(&mut self) -> Result<(), Error> {
        let mut total = None;
        loop {
            self.begin().await?;
            let step = self.step(&mut total).await;
            if step.is_err() {
                // If the transaction has already ended, this is only a warning.
                lock::release(self.session, Lock::Transaction).await;
            }
            if !step? {
                return Ok(());
            }
        }
    }

    /// Begins a transaction and takes the lock.
    async fn begin(&mut self) -> Result<(), Error> {
        let progress = &mut self.progress;
        if self.options.lock {
            let wait = self.options.lock_wait;
            let acquired = lock::acquire(self.session, Lock::Transaction, wait, |holder, waited| {
                progress(Progress::Waiting { holder, waited });
            });
            or_stop(self.interrupt.as_mut(), acquired).await?;
        } else {
            self.session.batch("begin", "cannot begin a transaction").await?;
        }
        let sql = format!("set local search_path to {}", quote_ident(self.session.schema()));
        self.session.batch(&sql, "cannot set the search path").await
    }

    /// Runs the next migration, if there is one, in a transaction. Returns whether there may be more.
    async fn step(&mut self, total: &mut Option<usize>) -> Result<bool, Error> {
        let records = self.records().await?;
        self.recover_pooled(&records).await?;
        let is_pending = |migration: &&Migration| {
            let is_done = |record: &Record| {
                record.name == migration.name() && record.is_finished && !record.is_rolled_back
            };
            !records.iter().any(is_done)
        };
        let tasks = self.tasks(self.migrations.iter().filter(is_pending))?;
        for task in &tasks {
            self.check_whole(task)?;
        }
        let left = tasks.len();
        let Some(task) = tasks.into_iter().next() else {
            self.commit().await?;
            return Ok(false);
        };
        let total = *total.get_or_insert(left);
        let (migration, position) = (task.migration, total.saturating_sub(left) + 1);
        (self.progress)(Progress::Started { migration, position, total });
        let since = Instant::now();
        self.apply_pooled(task).await?;
        (self.progress)(Progress::Finished { migration, took: since.elapsed() });
        self.applied.migrations.push(migration.to_owned());
        Ok(true)
    }

    /// Marks migrations that were stopped on a direct connection before anything was applied to be rerun. Resuming needs a
    /// direct connection.
    async fn recover_pooled(&mut self, records: &[Record]) -> Result<(), Error> {
        for (record, standing) in self.standings(records).await? {
            if standing != Standing::Undone {
                let reason = "it was stopped halfway and has to be resumed".to_owned();
                return Err(self.pooled(&record.name, reason));
            }
            let (migration, started) = (record.name.as_str(), record.started.as_str());
            (self.progress)(Progress::Recovered { migration, started, left: Left::Nothing });
            store::roll_back(self.session, migration).await?;
        }
        Ok(())
    }

    /// Refuses a script that cannot be a single transaction, before anything is run.
    fn check_whole(&self, task: &Task<'_>) -> Result<(), Error> {
        let script = &task.script;
        for piece in script.pieces(0) {
            let line = script.statements[piece.statements.start].line;
            let reason = match piece.manner {
                Manner::Transaction => continue,
                Manner::Outside(_) => outside(line),
                Manner::OwnCommit | Manner::OwnEnd => "its script ends transactions itself".to_owned(),
            };
            return Err(self.pooled(task.migration, reason));
        }
        if script.pieces(0).len() > 1 {
            return Err(self.pooled(task.migration, ENUM_VALUE.to_owned()));
        }
        Ok(())
    }

    fn pooled(&self, migration: &str, reason: String) -> Error {
        Error::Pooled { host: self.session.host(), what: format!("migration `{migration}`"), reason }
    }

    async fn apply_pooled(&mut self, task: Task<'_>) -> Result<(), Error> {
        let Task { migration, script, checksum: sum, .. } = task;
        let id = store::new_id();
        store::start(self.session, &id, migration, &sum, None).await?;
        let place = Place::of(pid(self.session).await?);
        let lines: Vec<_> = script.statements.iter().map(|it| it.line).collect();
        let has_settings = (0..script.statements.len()).any(|at| *script.kind(at) == Kind::Setting);
        let is_locked = self.options.lock;
        let run = Run { session: self.session, migration, script, id: Some(id), is_locked, place: &place };
        let ended = self.attend(migration, &lines, &place, run.run_within(has_settings)).await;
        let is_interrupted = place.is_stopped.load(Ordering::Relaxed);
        let Err(stop) = ended else {
            let migration = migration.to_owned();
            return if is_interrupted {
                Err(Error::Interrupted { migration, left: Left::All, invalid_index: None })
            } else {
                Ok(())
            };
        };
        let (at, needs) = (stop.at, lesson(&stop.cause, &run.script, stop.at));
        let line_of = |at: usize| run.script.statements[at].line;
        match needs {
            Some(Lesson::CommitBefore) => return Err(self.pooled(migration, ENUM_VALUE.to_owned())),
            Some(Lesson::RunOutside) => return Err(self.pooled(migration, outside(line_of(at)))),
            None => {}
        }
        let error = stopped(migration, &run.script, stop, is_interrupted);
        if let Error::Failed { failure, line, .. } = &error {
            // In a transaction of its own, since the script's was rolled back.
            lock::release(self.session, Lock::Transaction).await;
            let logs = logs(failure, *line, migration, &Journal::of(&run.script, 0));
            let _ = self.note_failure(migration, &sum, &logs).await;
        }
        Err(error)
    }

    async fn note_failure(&mut self, migration: &str, checksum: &str, logs: &str) -> Result<(), Error> {
        self.begin().await?;
        store::start(self.session, &store::new_id(), migration, checksum, Some(logs)).await?;
        self.commit().await
    }

    async fn commit(&self) -> Result<(), Error> {
        self.session.batch("commit", "cannot write the migration history").await
    }
}

const ENUM_VALUE: &str = "it uses an enum value that it adds, which needs a commit in between";

fn outside(line: usize) -> String {
    format!("the statement on line {line} cannot run in a transaction")
}

/// Returns the server process, which serves this session until the transaction ends.
async fn pid(session: &Session) -> Result<i32, Error> {
    let rows =
        session.rows("select pg_catalog.pg_backend_pid()", "cannot read the settings of the session").await?;
    Ok(rows.first().and_then(|row| row.get(0)?.parse().ok()).unwrap_or_default())
}
