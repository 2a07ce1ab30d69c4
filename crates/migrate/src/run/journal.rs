//! How far a migration has come: the column `logs` of a migration that has started and not finished.
//!
//! ```text
//! nicol: 6 of 14 statements are in the database (1f3a8d0c2b4e6f70)
//! ```
//!
//! Prisma keeps errors of the server in this column and shows them to the user. So the journal is a readable sentence that
//! can be parsed back. It is written in the transaction whose commit it reports, so it is never wrong. The last transaction
//! of a migration empties the column, as Prisma does.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::script::Script;

/// The prefix of a journal.
const MARK: &str = "nicol: ";
const BEGUN: &str = "; the next one has begun, outside of any transaction";

/// How far a migration has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Journal {
    /// The number of applied statements, from the beginning.
    pub(crate) done: usize,
    /// The number of all statements.
    pub(crate) total: usize,
    /// A hash of the applied statements.
    pub(crate) fingerprint: String,
    /// Whether the next statement has started outside of a transaction, so that it is unknown whether it took effect.
    pub(crate) has_begun: bool,
}

impl Journal {
    pub(crate) fn of(script: &Script<'_>, done: usize) -> Self {
        let fingerprint = fingerprint(script, done);
        Self { done, total: script.statements.len(), fingerprint, has_begun: false }
    }

    /// Whether the script still begins with the applied statements.
    pub(crate) fn fits(&self, script: &Script<'_>) -> bool {
        self.done <= script.statements.len() && fingerprint(script, self.done) == self.fingerprint
    }

    /// Parses `logs`: the journal, and the error before it if there is one.
    pub(crate) fn read(logs: &str) -> Option<(Self, Option<&str>)> {
        let (error, line) = match logs.trim_end().rsplit_once('\n') {
            Some((error, line)) => (Some(error), line),
            None => (None, logs.trim_end()),
        };
        let line = line.strip_prefix(MARK)?;
        let (line, has_begun) = line.strip_suffix(BEGUN).map_or((line, false), |line| (line, true));
        let (numbers, fingerprint) = line.split_once(" statements are in the database (")?;
        let (done, total) = numbers.split_once(" of ")?;
        let journal = Self {
            done: done.parse().ok()?,
            total: total.parse().ok()?,
            fingerprint: fingerprint.strip_suffix(')')?.to_owned(),
            has_begun,
        };
        Some((journal, error))
    }
}

impl fmt::Display for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { done, total, fingerprint, has_begun } = self;
        let begun = if *has_begun { BEGUN } else { "" };
        write!(f, "{MARK}{done} of {total} statements are in the database ({fingerprint}){begun}")
    }
}

/// Returns a hash of the first statements that ignores the kind of line endings.
fn fingerprint(script: &Script<'_>, statements: usize) -> String {
    let mut hash = Sha256::new();
    for at in 0..statements {
        for part in script.sql(at).split('\r') {
            hash.update(part);
        }
        hash.update([0]);
    }
    hex::encode(&hash.finalize()[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_round_trips() {
        let script = Script::new("select 1;\nselect\n2; select 3", true);
        for has_begun in [false, true] {
            let journal = Journal { has_begun, ..Journal::of(&script, 2) };
            assert_eq!(Journal::read(&journal.to_string()), Some((journal.clone(), None)));
            let logs = format!("relation is gone (SQLSTATE 42P01)\nline 2 of x\n{journal}");
            let error = "relation is gone (SQLSTATE 42P01)\nline 2 of x";
            assert_eq!(Journal::read(&logs), Some((journal, Some(error))));
        }
        for logs in ["", "ERROR: x", "nicol: later"] {
            assert_eq!(Journal::read(logs), None, "{logs}");
        }
    }

    #[test]
    fn applied_statements_may_change_only_their_line_endings() {
        let journal = Journal::of(&Script::new("select 1;\nselect\n2; select 3", true), 2);
        for (script, fits) in [
            ("-- new\nselect 1;\r\nselect\r\n2; select 4; select 5", true),
            ("select 1; select 2; select 3", false),
            ("select 1;", false),
        ] {
            assert_eq!(journal.fits(&Script::new(script, true)), fits, "{script}");
        }
    }
}
