//! What the commands report while they run.

use std::fmt;
use std::time::Duration;

/// An event that a command reports while it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// The database did not exist and has been created.
    DatabaseCreated {
        /// Its name.
        name: &'a str,
    },
    /// Another process holds the migration lock. Reported at once, and again every 10 s.
    Waiting {
        /// The process that holds the lock, if known.
        holder: Option<&'a str>,
        /// The time waited so far.
        waited: Duration,
    },
    /// A migration was stopped earlier, and is now rerun or resumed.
    Recovered {
        /// Its name.
        migration: &'a str,
        /// When it started, in UTC.
        started: &'a str,
        /// What the database contains of it: nothing or a part.
        left: Left,
    },
    /// A migration starts.
    Started {
        /// Its name.
        migration: &'a str,
        /// Its position among the migrations to apply, from 1.
        position: usize,
        /// The number of migrations to apply.
        total: usize,
    },
    /// A statement has been running for at least 2 s.
    Running {
        /// The name of its migration.
        migration: &'a str,
        /// The line of the script on which it starts, from 1.
        line: usize,
        /// The time it has been running.
        runs: Duration,
        /// What it is doing.
        activity: &'a Activity,
    },
    /// Something other than a migration has been running for at least 2 s: a push, a reset, a script, a count of rows.
    Busy {
        /// The time it has been running.
        runs: Duration,
        /// What it is doing.
        activity: &'a Activity,
    },
    /// A migration has been applied.
    Finished {
        /// Its name.
        migration: &'a str,
        /// How long it took.
        took: Duration,
    },
}

/// What a long-running statement is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Activity {
    /// The server is executing it.
    Working,
    /// It is building an index.
    BuildingIndex {
        /// The current phase, as the server names it.
        phase: String,
        /// How much of this phase is done, if the server reports it.
        percent: Option<u8>,
    },
    /// It is waiting for a lock.
    Blocked {
        /// The session that holds the lock.
        by: String,
    },
}

/// What a database contains of a migration that did not finish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Nothing: its changes were rolled back.
    Nothing,
    /// Its first statements.
    Part {
        /// The number of applied statements.
        done: usize,
        /// The number of all statements.
        total: usize,
    },
    /// Nothing, a part or all of it: unknown.
    Unclear,
    /// All of it: it finished before it could be stopped.
    All,
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("its changes were rolled back"),
            Self::Part { done, total } => {
                write!(
                    f,
                    "{done} of its {total} statements {} in the database",
                    if *done == 1 { "is" } else { "are" }
                )
            }
            Self::Unclear => f.write_str("part of it may be in the database"),
            Self::All => f.write_str("it had already finished and is applied"),
        }
    }
}
