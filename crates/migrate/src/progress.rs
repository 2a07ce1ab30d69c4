//! What a command tells while it works.

use std::fmt;
use std::time::Duration;

/// What a command tells while it works.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// The database was not there and has been created.
    DatabaseCreated {
        /// Its name.
        name: &'a str,
    },
    /// Somebody else migrates; there is a wait for the end of it. Said at once, and again every ten seconds.
    Waiting {
        /// Who it is, where that can be found out.
        holder: Option<&'a str>,
        /// How long it has been by now.
        waited: Duration,
    },
    /// A migration was stopped earlier, and will be run again or go on.
    Recovered {
        /// Its name.
        migration: &'a str,
        /// When it had begun, in UTC.
        started: &'a str,
        /// What there is of it: nothing, or a part.
        left: Left,
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
    /// A statement takes long.
    Running {
        /// The name of its migration.
        migration: &'a str,
        /// Where it stands in the script, from 1.
        line: usize,
        /// How long it has run by now.
        runs: Duration,
        /// What it is at.
        activity: &'a Activity,
    },
    /// Something takes long that is no migration: a push, a reset, a script, a look at the data.
    Busy {
        /// How long it has run by now.
        runs: Duration,
        /// What it is at.
        activity: &'a Activity,
    },
    /// A migration has ended well.
    Finished {
        /// Its name.
        migration: &'a str,
        /// How long it took.
        took: Duration,
    },
}

/// What a long statement is at.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Activity {
    /// The server works.
    Working,
    /// It builds an index.
    BuildingIndex {
        /// What it does at the moment, in the server's words.
        phase: String,
        /// How much of this phase is done, where the server counts.
        percent: Option<u8>,
    },
    /// It waits for a lock that somebody else has.
    Blocked {
        /// Who that is.
        by: String,
    },
}

/// What a database has of a migration that did not end as it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Nothing, for certain.
    Nothing,
    /// Its first statements.
    Part {
        /// How many.
        done: usize,
        /// How many it has.
        total: usize,
    },
    /// Perhaps a part.
    Unclear,
    /// All of it: it ended before it could be stopped.
    All,
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("its changes were undone"),
            Self::Part { done, total } => {
                write!(
                    f,
                    "{done} of its {total} statements {} in the database",
                    if *done == 1 { "is" } else { "are" }
                )
            }
            Self::Unclear => f.write_str("part of it may be in the database"),
            Self::All => f.write_str("it had ended by then, and is applied"),
        }
    }
}
