//! Runs one script piece by piece. Each piece records its progress.

pub(crate) mod journal;
pub(crate) mod standing;

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::Ordering;

use futures_util::{StreamExt as _, stream};
use nicol_pg::{sqlstate, tokio_postgres};

use crate::error::{Error, describe, line};
use crate::progress::{Activity, Left, Progress};
use crate::script::{Kind, Lesson, Manner, NotSql, Outside, Piece, Script};
use crate::session::watch::{Observer, Place, attend};
use crate::session::{Session, lock, store};
use journal::Journal;

/// How many statements of a transaction are sent before the first answer. Without this, a script of a thousand statements
/// waits for a thousand round trips; after an error, the server skips the rest.
const IN_FLIGHT: usize = 32;

/// One script that is being run.
pub(crate) struct Run<'a> {
    pub(crate) session: &'a Session,
    pub(crate) migration: &'a str,
    pub(crate) script: Script<'a>,
    /// Its row in the history; without one, nothing is recorded.
    pub(crate) id: Option<String>,
    /// Whether the server process that runs the script must hold the lock.
    pub(crate) is_locked: bool,
    pub(crate) place: &'a Place,
}

/// Why a script did not finish.
pub(crate) struct Stop {
    /// The statement at which it stopped, from 0.
    pub(crate) at: usize,
    /// What the database contains of it.
    pub(crate) left: Left,
    /// Whether the statement ran outside of a transaction, so that it may have left something behind.
    pub(crate) is_outside: bool,
    pub(crate) cause: Cause,
}

pub(crate) enum Cause {
    /// The server refused the statement, or the connection was lost.
    Script(tokio_postgres::Error),
    /// Recording the progress failed.
    Other(Error),
    /// The caller interrupted the run between two pieces.
    Asked,
}

/// Why a piece failed, before it is known what the database contains of the whole script.
struct Trouble {
    at: usize,
    cause: Cause,
    /// Whether the end of the transaction had been sent.
    is_ending: bool,
}

impl Run<'_> {
    /// Runs the statements from `from` on.
    pub(crate) async fn run(&mut self, from: usize) -> Result<(), Stop> {
        let mut done = from;
        'learned: loop {
            let pieces = self.script.pieces(done);
            for (place, piece) in pieces.iter().enumerate() {
                if self.place.is_stopped.load(Ordering::Relaxed) {
                    return Err(self.stop(done, piece, Trouble::new(done, Cause::Asked)));
                }
                let is_last = place + 1 == pieces.len();
                match self.piece(piece, is_last).await {
                    Ok(()) => done = piece.statements.end,
                    Err(trouble) => {
                        if piece.manner == Manner::Transaction
                            && lesson(&trouble.cause, &self.script, trouble.at)
                                .is_some_and(|lesson| self.script.learn(trouble.at, lesson))
                            && self.session.client.batch_execute("rollback").await.is_ok()
                        {
                            continue 'learned;
                        }
                        return Err(self.stop(done, piece, trouble));
                    }
                }
            }
            if pieces.is_empty() {
                let finished = self.finish().await;
                return finished.map_err(|error| Stop {
                    at: done,
                    left: Left::Unclear,
                    is_outside: false,
                    cause: Cause::Other(error),
                });
            }
            return Ok(());
        }
    }

    /// Runs the whole script within the open transaction, and commits that.
    pub(crate) async fn run_within(&self, has_settings: bool) -> Result<(), Stop> {
        let end = self.script.statements.len();
        let piece = Piece { statements: 0..end, manner: Manner::Transaction };
        let run = async {
            self.statements(0..end).await?;
            self.record(end, true).await?;
            // The pooler gives the server connection to another client next, and settings would stay with it.
            let ends = if has_settings { "reset all; reset role; commit" } else { "commit" };
            let ended = self.session.client.batch_execute(ends).await;
            ended.map_err(|error| Trouble::ending(end.saturating_sub(1), Cause::Script(error)))
        };
        run.await.map_err(|trouble| self.stop(0, &piece, trouble))
    }

    fn stop(&self, done: usize, piece: &Piece, trouble: Trouble) -> Stop {
        let total = self.script.statements.len();
        let is_lost = matches!(&trouble.cause, Cause::Script(error) if is_lost(error))
            || matches!(&trouble.cause, Cause::Other(Error::Database { source, .. }) if is_lost(source));
        let is_outside = matches!(piece.manner, Manner::Outside(_)) && !matches!(trouble.cause, Cause::Asked);
        let left = match &piece.manner {
            _ if trouble.is_ending && is_lost => Left::Unclear,
            Manner::Outside(_) if is_lost => Left::Unclear,
            Manner::Outside(Outside::Unclear) if is_outside => Left::Unclear,
            Manner::Outside(_) if is_outside => Left::Part { done, total },
            _ if done == 0 => Left::Nothing,
            _ => Left::Part { done, total },
        };
        Stop { at: trouble.at, left, is_outside, cause: trouble.cause }
    }

    async fn piece(&self, piece: &Piece, is_last: bool) -> Result<(), Trouble> {
        let (start, end) = (piece.statements.start, piece.statements.end);
        match &piece.manner {
            Manner::Transaction => {
                self.begin(start).await?;
                self.statements(start..end).await?;
                self.record(end, is_last).await?;
                let committed = self.session.client.batch_execute("commit").await;
                committed.map_err(|error| Trouble::ending(end - 1, Cause::Script(error)))
            }
            Manner::OwnCommit | Manner::OwnEnd => {
                if *self.script.kind(start) != Kind::Begin {
                    self.begin(start).await?;
                }
                self.statements(start..end - 1).await?;
                if piece.manner == Manner::OwnCommit {
                    self.record(end, is_last).await?;
                }
                let ended = self.session.client.batch_execute(self.script.sql(end - 1)).await;
                ended.map_err(|error| Trouble::ending(end - 1, Cause::Script(error)))?;
                if is_last {
                    // `AND CHAIN` begins another transaction.
                    let ended = self.session.client.batch_execute("rollback").await;
                    ended.map_err(|error| Trouble::ending(end - 1, Cause::Script(error)))?;
                }
                if piece.manner == Manner::OwnEnd {
                    self.record(end, is_last).await?;
                }
                Ok(())
            }
            Manner::Outside(outside) => {
                let trouble = |cause| Trouble::new(start, cause);
                let has_begun =
                    self.can_change(outside).await.map_err(|error| trouble(Cause::Other(error)))?;
                if has_begun {
                    let journal = Journal { has_begun, ..Journal::of(&self.script, start) };
                    self.note(&journal).await.map_err(|error| trouble(Cause::Other(error)))?;
                }
                self.statements(start..end).await?;
                // `DISCARD ALL` releases the lock, too.
                if self.is_locked && self.script.sql(start).to_ascii_lowercase().starts_with("discard") {
                    let again = lock::acquire(self.session, lock::Lock::Session, lock::WAIT, |_, _| {}).await;
                    again.map_err(|error| trouble(Cause::Other(error)))?;
                }
                self.record(end, is_last).await
            }
        }
    }

    /// Whether a statement outside of a transaction can leave a trace. One that creates an existing index cannot, so it can be
    /// rerun after a kill.
    async fn can_change(&self, outside: &Outside) -> Result<bool, Error> {
        match outside {
            Outside::CreatesIndex(index) => Ok(standing::find(self.session, index).await?
                == standing::Found::Nothing
                || index.name.is_none()),
            _ => Ok(true),
        }
    }

    async fn begin(&self, at: usize) -> Result<(), Trouble> {
        let begun = self.session.client.batch_execute("begin").await;
        begun.map_err(|error| Trouble::new(at, Cause::Script(error)))
    }

    /// Sends statements, up to [`IN_FLIGHT`] ahead of the answers.
    async fn statements(&self, range: std::ops::Range<usize>) -> Result<(), Trouble> {
        let send = |at| self.session.client.batch_execute(self.script.sql(at));
        let mut answers = stream::iter(range.clone()).map(send).buffered(IN_FLIGHT);
        for at in range {
            self.place.statement.store(at, Ordering::Relaxed);
            // The server skips the statements in flight after an error.
            if let Some(Err(error)) = answers.next().await {
                return Err(Trouble::new(at, Cause::Script(error)));
            }
        }
        Ok(())
    }

    /// Records that the statements before `end` are applied, or that all are.
    async fn record(&self, end: usize, is_last: bool) -> Result<(), Trouble> {
        let recorded =
            if is_last { self.finish().await } else { self.note(&Journal::of(&self.script, end)).await };
        recorded.map_err(|error| Trouble::ending(end.saturating_sub(1), Cause::Other(error)))
    }

    async fn finish(&self) -> Result<(), Error> {
        let Some(id) = &self.id else { return Ok(()) };
        let changed = store::finish(self.session, id, &self.condition()).await?;
        self.check_lock(changed)
    }

    async fn note(&self, journal: &Journal) -> Result<(), Error> {
        let Some(id) = &self.id else { return Ok(()) };
        let changed = store::note(self.session, id, &journal.to_string(), &self.condition()).await?;
        self.check_lock(changed)
    }

    fn condition(&self) -> String {
        if self.is_locked { format!(" and {}", lock::is_ours()) } else { String::new() }
    }

    fn check_lock(&self, changed: u64) -> Result<(), Error> {
        if changed == 0 && self.is_locked {
            let (host, migration) = (self.session.host(), self.migration.to_owned());
            return Err(Error::LockLost { host, migration });
        }
        Ok(())
    }
}

impl Trouble {
    fn new(at: usize, cause: Cause) -> Self {
        Self { at, cause, is_ending: false }
    }

    fn ending(at: usize, cause: Cause) -> Self {
        Self { at, cause, is_ending: true }
    }
}

/// Runs a script like a migration, but records nothing. Reports long statements.
///
/// # Errors
///
/// [`Error::Failed`], [`Error::Lost`], [`Error::NotSql`] and [`Error::Interrupted`].
pub(crate) async fn run_without_history(
    session: &Session,
    observer: Option<&Observer>,
    name: &str,
    script: &str,
    interrupt: Pin<&mut impl Future<Output = ()>>,
    mut progress: impl FnMut(Progress<'_>),
) -> Result<(), Error> {
    let script = Script::new(script, session.standard_strings());
    check_sql(Some(name).filter(|name| !name.is_empty()), &script)?;
    let place = Place::of(session.pid());
    let mut run = Run { session, migration: name, script, id: None, is_locked: false, place: &place };
    let on_long = |_, runs, activity: &Activity| progress(Progress::Busy { runs, activity });
    let running = Box::pin(run.run(0));
    let ended = attend(session.canceller(), observer, &place, interrupt, on_long, running).await;
    let is_interrupted = place.is_stopped.load(Ordering::Relaxed);
    let ended = ended.map_err(|stop| stopped(name, &run.script, stop, is_interrupted));
    if ended.is_err() {
        // The caller may continue to use the session.
        let _ = session.client.batch_execute("rollback").await;
    }
    ended
}

/// Returns the error for a script that did not finish.
pub(crate) fn stopped(migration: &str, script: &Script<'_>, stop: Stop, is_interrupted: bool) -> Error {
    let (migration, left) = (migration.to_owned(), stop.left);
    if is_interrupted {
        return Error::Interrupted { migration, left, invalid_index: None };
    }
    match stop.cause {
        Cause::Asked => Error::Interrupted { migration, left, invalid_index: None },
        Cause::Script(source) if is_lost(&source) => Error::Lost { migration, left, source },
        Cause::Other(Error::Database { source, .. }) if is_lost(&source) => {
            Error::Lost { migration, left, source }
        }
        Cause::Other(error) => error,
        Cause::Script(source) => {
            let first = script.statements[stop.at].line;
            let line = first + line(&source, script.sql(stop.at)).map_or(0, |line| line - 1);
            let failure = describe(&source);
            Error::Failed { migration, failure, line: Some(line), left, invalid_index: None, source }
        }
    }
}

/// Returns what the history keeps of a failure.
pub(crate) fn logs(failure: &str, line: Option<usize>, migration: &str, journal: &Journal) -> String {
    let line = line.map(|line| format!("\nline {line} of {migration}")).unwrap_or_default();
    format!("{failure}{line}\n{journal}")
}

/// Refuses a script with something that no server can run.
pub(crate) fn check_sql(migration: Option<&str>, script: &Script<'_>) -> Result<(), Error> {
    let Some((at, reason)) = script.not_sql() else { return Ok(()) };
    let (what, help) = match reason {
        NotSql::PsqlCommand if migration.is_none() => (
            "is a psql command (`\\…`), which the server does not understand",
            "remove it, or run the script with `psql --file`",
        ),
        NotSql::CopyFromInput if migration.is_none() => (
            "is `copy … from stdin`, which needs a client that sends the rows",
            "run the script with `psql --file`, or write the rows as `insert` statements, as `pg_dump --inserts` does",
        ),
        NotSql::PsqlCommand => (
            "is a psql command (`\\…`), which the server does not understand",
            "remove it; copy the contents of included files (`\\i`) into the script",
        ),
        NotSql::CopyFromInput => (
            "is `copy … from stdin`, which needs a client that sends the rows",
            "write the rows as `insert` statements, as `pg_dump --inserts` does",
        ),
        NotSql::ZeroByte => ("contains a zero byte", "remove it, or save the script as UTF-8"),
    };
    let migration = migration.map(str::to_owned);
    Err(Error::NotSql { migration, line: script.statements[at].line, what, help })
}

/// Returns what the server's error says about how the statement must be run.
pub(crate) fn lesson(cause: &Cause, script: &Script<'_>, at: usize) -> Option<Lesson> {
    let Cause::Script(error) = cause else { return None };
    let is_setting = script.sql(at).to_ascii_lowercase().starts_with("set");
    match error.code()?.code() {
        // For a setting it means that it comes too late.
        sqlstate::ACTIVE_SQL_TRANSACTION if is_setting => None,
        sqlstate::ACTIVE_SQL_TRANSACTION | sqlstate::INVALID_TRANSACTION_TERMINATION => {
            Some(Lesson::RunOutside)
        }
        sqlstate::UNSAFE_NEW_ENUM_VALUE_USAGE => Some(Lesson::CommitBefore),
        _ => None,
    }
}

/// Whether the connection is lost, or about to be.
pub(crate) fn is_lost(error: &tokio_postgres::Error) -> bool {
    let code = error.as_db_error().map(|error| error.code().code());
    error.is_closed() || code.is_some_and(sqlstate::is_connection_lost) || is_input(error)
}

/// Whether the bytes could not be sent or received.
fn is_input(error: &tokio_postgres::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if cause.is::<std::io::Error>() {
            return true;
        }
        source = cause.source();
    }
    false
}
