//! Runs the statements of a write in one transaction. A statement waits for the next one whose rows are needed, and all of them are sent at
//! once.

use super::row::Row;
use super::written::{Watched, WrittenRow, change, keys};
use crate::error::Error;
use crate::meta::ModelMeta;
use crate::sql::{self, Instant};
use crate::wire::{Executor, Outcome, Statement};

/// The statements of a write.
pub(super) struct Session {
    /// Runs statements in the transaction.
    executor: Executor,
    pub(super) schema: String,
    /// The call that the statements are for.
    pub(super) operation: &'static str,
    /// The time of the write.
    pub(super) now: Instant,
    /// Whether each statement is sent at once, because what was done before a failure may be kept: the transaction is not this write's own.
    eager: bool,
    waiting: Vec<Statement>,
    checks: Vec<Check>,
    /// The models whose written rows are recorded.
    watched: Watched,
    /// The rows that were written so far.
    written: Vec<WrittenRow>,
    places: Place,
    /// The errors of rows that were not found, and by which row they are needed.
    missing: Vec<(Place, Error)>,
}

/// What is expected of a statement, and the error if it is not so.
#[derive(Debug)]
pub(super) struct Check {
    rows: Expected,
    error: Option<Error>,
    /// The row that needs the one that is looked for. The error waits until all rows that it needs have been looked for or written.
    needed_by: Option<Place>,
    /// The row that the statement writes.
    writes: Option<Place>,
}

/// The number of a row in a write.
pub(super) type Place = usize;

#[derive(Debug, Clone, Copy)]
enum Expected {
    Any,
    None,
    Some,
    Exactly(u64),
}

impl Check {
    pub(super) const NOTHING: Self = Self::new(Expected::Any, None);

    const fn new(rows: Expected, error: Option<Error>) -> Self {
        Self { rows, error, needed_by: None, writes: None }
    }

    /// The row that is looked for is needed by this one.
    pub(super) fn needed_by(self, place: Place) -> Self {
        Self { needed_by: Some(place), ..self }
    }

    /// The statement writes this row.
    pub(super) fn writing(self, place: Place) -> Self {
        Self { writes: Some(place), ..self }
    }

    /// Fails if the statement finds a row.
    pub(super) fn no_row(error: Error) -> Self {
        Self::new(Expected::None, Some(error))
    }

    /// Fails if the statement finds no row.
    pub(super) fn some_row(error: Error) -> Self {
        Self::new(Expected::Some, Some(error))
    }

    /// Fails if the statement does not find this number of rows.
    pub(super) fn rows(number: usize, error: Error) -> Self {
        Self::new(Expected::Exactly(u64::try_from(number).unwrap_or(u64::MAX)), Some(error))
    }

    fn of(self, found: u64) -> Result<(), Error> {
        let is_met = match self.rows {
            Expected::Any => true,
            Expected::None => found == 0,
            Expected::Some => found > 0,
            Expected::Exactly(rows) => found == rows,
        };
        match self.error {
            Some(error) if !is_met => Err(error),
            _ => Ok(()),
        }
    }
}

impl Session {
    /// Starts in the open transaction of the executor. It is this write's `own` if it is rolled back whenever the write fails.
    pub(super) fn new(executor: Executor, own: bool) -> Self {
        let schema = executor.schema().to_owned();
        let now = Instant::now();
        let (waiting, checks, missing) = (Vec::new(), Vec::new(), Vec::new());
        let (watched, written) = (Watched::default(), Vec::new());
        let (operation, eager) = ("update", !own);
        Self {
            executor,
            schema,
            operation,
            now,
            eager,
            waiting,
            checks,
            watched,
            written,
            places: 0,
            missing,
        }
    }

    /// Records the rows of these models that are written.
    pub(super) fn watching(self, watched: Watched) -> Self {
        Self { watched, ..self }
    }

    /// Whether every row of the model that a statement writes has to be known.
    pub(super) fn watches(&self, model: &'static ModelMeta) -> bool {
        self.watched.contains(model)
    }

    /// Whether rows are recorded at all, so that no other statements than the steps may write.
    pub(super) fn is_watching(&self) -> bool {
        !self.watched.is_empty()
    }

    pub(super) fn into_written(self) -> Vec<WrittenRow> {
        self.written
    }

    /// Makes a statement return the keys of the rows that it writes.
    fn recorded(&self, statement: Statement) -> Statement {
        match statement.model {
            Some(model) if self.watches(model) && change(&statement).is_some() && !statement.returns_rows => {
                sql::returning_key(statement, model)
            }
            _ => statement,
        }
    }

    fn record(&mut self, statement: &Statement, outcome: &Outcome) -> Result<(), Error> {
        let (Some(model), Some(change)) = (statement.model, change(statement)) else { return Ok(()) };
        if self.watches(model) {
            for key in keys(model, outcome)? {
                self.written.push(WrittenRow { model, change, key });
            }
        }
        Ok(())
    }

    /// Returns the number of a further row.
    pub(super) fn new_place(&mut self) -> Place {
        self.places += 1;
        self.places
    }

    /// Fails if a row that this one needs was not found. Of several, the first one in the request was looked for last.
    pub(super) fn found_all(&mut self, place: Place) -> Result<(), Error> {
        match self.missing.iter().rposition(|(needed_by, _)| *needed_by == place) {
            Some(at) => Err(self.missing.swap_remove(at).1),
            None => Ok(()),
        }
    }

    fn push(&mut self, mut statement: Statement, check: Check) -> Result<(), Error> {
        if let (Some(place), true) = (check.writes, self.waiting.is_empty()) {
            self.found_all(place)?;
        }
        statement.operation = self.operation;
        self.waiting.push(if self.is_watching() { self.recorded(statement) } else { statement });
        self.checks.push(check);
        Ok(())
    }

    /// Runs a statement, now or later.
    pub(super) async fn run(&mut self, statement: Statement, check: Check) -> Result<(), Error> {
        self.push(statement, check)?;
        if self.eager { self.flush().await.map(drop) } else { Ok(()) }
    }

    /// Runs a statement, and those that wait, and returns its outcome.
    pub(super) async fn outcome(&mut self, statement: Statement, check: Check) -> Result<Outcome, Error> {
        self.push(statement, check)?;
        Ok(self.flush().await?.unwrap_or_default())
    }

    /// Runs a statement, and those that wait, and returns these columns of its rows.
    pub(super) async fn rows(
        &mut self,
        statement: Statement,
        model: &'static ModelMeta,
        columns: &[u16],
        check: Check,
    ) -> Result<Vec<Row>, Error> {
        Row::read(model, columns, &self.outcome(statement, check).await?)
    }

    /// Runs the statements that wait and returns the outcome of the last one.
    pub(super) async fn flush(&mut self) -> Result<Option<Outcome>, Error> {
        if self.waiting.is_empty() {
            return Ok(None);
        }
        let mut outcomes = Vec::with_capacity(self.waiting.len());
        let waiting = std::mem::take(&mut self.waiting);
        let result = self.executor.pipeline(&waiting, &mut outcomes).await;
        // What an earlier statement found goes before the failure of a later one, which would not have run.
        for (at, check) in std::mem::take(&mut self.checks).into_iter().enumerate() {
            if let Some(place) = check.writes {
                self.found_all(place)?;
            }
            let Some(outcome) = outcomes.get(at) else { break };
            if self.is_watching() {
                self.record(&waiting[at], outcome)?;
            }
            let needed_by = check.needed_by;
            match (check.of(outcome.affected()), needed_by) {
                (Err(error), Some(place)) => self.missing.push((place, error)),
                (result, _) => result?,
            }
        }
        result?;
        Ok(outcomes.pop())
    }
}
