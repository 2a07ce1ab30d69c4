//! Divides a script into pieces that PostgreSQL accepts as transactions.

use std::collections::BTreeMap;
use std::ops::Range;

use super::kind::Words;
use super::lock::{self, TableLock};
use super::{Kind, NotSql, Outside, Statement, classify, has_text, split};

/// A script to run.
#[derive(Debug, Clone)]
pub(crate) struct Script<'a> {
    pub(crate) text: &'a str,
    pub(crate) statements: Vec<Statement>,
    kinds: Vec<Kind>,
    /// Learned from errors of the server: where a transaction must end, and which statements cannot run in one.
    lessons: BTreeMap<usize, Lesson>,
}

/// What an error of the server says about a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lesson {
    /// The statements before it must be committed first.
    CommitBefore,
    /// It cannot run in a transaction.
    RunOutside,
}

/// Statements that are applied together or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    /// The indexes of its statements in the script.
    pub(crate) statements: Range<usize>,
    pub(crate) manner: Manner,
}

/// How a piece is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Manner {
    /// As a transaction that nicol begins and commits.
    Transaction,
    /// As a transaction that the last statement commits.
    OwnCommit,
    /// As a transaction that the last statement rolls back or prepares.
    OwnEnd,
    /// As a single statement outside of a transaction.
    Outside(Outside),
}

impl<'a> Script<'a> {
    pub(crate) fn new(text: &'a str, standard_strings: bool) -> Self {
        let statements = split(text, standard_strings).statements;
        let kinds = statements.iter().map(|it| classify(it, text)).collect();
        Self { text, statements, kinds, lessons: BTreeMap::new() }
    }

    /// Returns the text of a statement.
    pub(crate) fn sql(&self, at: usize) -> &'a str {
        &self.text[self.statements[at].range.clone()]
    }

    /// Returns the table lock of a statement, if it blocks other sessions.
    pub(crate) fn table_lock(&self, at: usize) -> Option<TableLock> {
        let words = Words::of(&self.statements[at], self.sql(at));
        lock::table_lock(&words, &self.kinds[at])
    }

    pub(crate) fn kind(&self, at: usize) -> &Kind {
        &self.kinds[at]
    }

    /// Returns the index of the first statement that no server can run.
    pub(crate) fn not_sql(&self) -> Option<(usize, NotSql)> {
        self.kinds.iter().enumerate().find_map(|(at, kind)| match kind {
            Kind::NotSql(reason) => Some((at, *reason)),
            _ => None,
        })
    }

    /// Adds a lesson. Returns whether it is new, so that another attempt may succeed.
    pub(crate) fn learn(&mut self, at: usize, lesson: Lesson) -> bool {
        !self.is_in_own_transaction(at) && self.lessons.insert(at, lesson) != Some(lesson)
    }

    /// Returns the statements before this one that change settings of the session.
    pub(crate) fn settings_before(&self, end: usize) -> impl Iterator<Item = &'a str> {
        (0..end).filter(|at| self.kinds[*at] == Kind::Setting).map(|at| self.sql(at))
    }

    /// Divides the statements from this one on. A script without transaction control and without statements that PostgreSQL
    /// refuses in a transaction is a single piece.
    pub(crate) fn pieces(&self, from: usize) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut start = from;
        let mut is_own = false;
        // Values and types created since the last commit.
        let mut added: Vec<&str> = Vec::new();
        let mut created: Vec<&[String]> = Vec::new();
        let mut end = |start: &mut usize, end: usize, manner: Manner| {
            if *start < end {
                pieces.push(Piece { statements: *start..end, manner });
            }
            *start = end;
        };
        for at in from..self.statements.len() {
            if !is_own {
                let uses = |value: &&str| has_text(&self.statements[at], self.text, value);
                let lesson = self.lessons.get(&at);
                if let (Kind::Outside(_), _) | (_, Some(Lesson::RunOutside)) = (&self.kinds[at], lesson) {
                    end(&mut start, at, Manner::Transaction);
                    end(&mut start, at + 1, Manner::Outside(self.outside(at)));
                    (added, created) = (Vec::new(), Vec::new());
                    continue;
                }
                if lesson == Some(&Lesson::CommitBefore) || added.iter().any(uses) {
                    end(&mut start, at, Manner::Transaction);
                    (added, created) = (Vec::new(), Vec::new());
                }
            }
            match &self.kinds[at] {
                Kind::Begin => is_own = true,
                Kind::Commit | Kind::Rollback | Kind::Prepare => {
                    let keeps = self.kinds[at] == Kind::Commit;
                    end(&mut start, at + 1, if keeps { Manner::OwnCommit } else { Manner::OwnEnd });
                    is_own = false;
                    (added, created) = (Vec::new(), Vec::new());
                }
                Kind::CreatesType { name } => created.push(name),
                Kind::AddsEnumValue { name, value } if !created.contains(&name.as_slice()) => {
                    added.push(value);
                }
                _ => {}
            }
        }
        end(&mut start, self.statements.len(), Manner::Transaction);
        pieces
    }

    /// Returns how a statement outside of a transaction can be resumed.
    fn outside(&self, at: usize) -> Outside {
        match &self.kinds[at] {
            Kind::Outside(outside) => outside.clone(),
            _ => {
                let first = self.sql(at).split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
                let repeatable = ["reindex", "cluster", "vacuum"];
                let is_repeatable = repeatable.iter().any(|word| first.eq_ignore_ascii_case(word));
                if is_repeatable { Outside::Repeatable } else { Outside::Unclear }
            }
        }
    }

    /// Whether the script itself has begun the transaction of this statement.
    fn is_in_own_transaction(&self, at: usize) -> bool {
        self.kinds[..at].iter().fold(false, |is_own, kind| match kind {
            Kind::Begin => true,
            Kind::Commit | Kind::Rollback | Kind::Prepare => false,
            _ => is_own,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws pieces: `t` is a transaction, `c` commits itself, `r` rolls itself back, `o` is outside of a transaction.
    fn draw(script: &Script<'_>) -> String {
        let pieces = script.pieces(0);
        let drawn = pieces.iter().map(|piece| {
            let letter = match piece.manner {
                Manner::Transaction => 't',
                Manner::OwnCommit => 'c',
                Manner::OwnEnd => 'r',
                Manner::Outside(_) => 'o',
            };
            format!("{letter}{}", piece.statements.len())
        });
        drawn.collect::<Vec<_>>().join(" ")
    }

    #[track_caller]
    fn check_pieces(text: &str, expected: &str) {
        assert_eq!(draw(&Script::new(text, true)), expected, "{text}");
    }

    #[test]
    fn a_script_is_one_piece_if_possible() {
        check_pieces("", "");
        check_pieces("select 1; savepoint s; select 2; rollback to s", "t4");
        check_pieces("alter type r add value 'x'; select 'y'", "t2");
    }

    #[test]
    fn commits_of_the_script_end_pieces() {
        check_pieces("select 1; begin; select 2; commit; select 3", "c4 t1");
        check_pieces("begin; select 2; commit", "c3");
        check_pieces("begin; select 1; rollback; select 2", "r3 t1");
        check_pieces("begin; select 1", "t2");
        check_pieces("commit; begin; create index concurrently i on t (a); commit", "c1 c3");
    }

    #[test]
    fn statements_outside_of_transactions_stand_alone() {
        check_pieces("select 1; create index concurrently i on t (a); select 2; select 3", "t1 o1 t2");
        check_pieces("vacuum; create index concurrently i on t (a)", "o1 o1");
    }

    #[test]
    fn a_new_enum_value_is_committed_before_its_use() {
        check_pieces(
            "alter type r add value 'x'; alter type r add value 'y'; insert into t values ('y')",
            "t2 t1",
        );
        check_pieces("alter type r add value 'x'; select 1; select 'x'; select 'x'", "t2 t2");
        check_pieces("create type r as enum (); alter type r add value 'x'; select 'x'", "t3");
        check_pieces("begin; alter type r add value 'x'; select 'x'; commit", "c4");
        check_pieces("alter type r add value 'x'; select $$ 'x' $$", "t2");
    }

    #[test]
    fn errors_of_the_server_change_the_pieces() {
        let mut script = Script::new("select 1; call p(); select 2; begin; call p(); commit", true);
        assert!(script.learn(1, Lesson::RunOutside));
        assert!(!script.learn(1, Lesson::RunOutside));
        assert!(!script.learn(4, Lesson::RunOutside));
        assert_eq!(draw(&script), "t1 o1 c4");
        let mut script = Script::new("select 1; select 2", true);
        assert!(script.learn(1, Lesson::CommitBefore));
        assert_eq!(draw(&script), "t1 t1");
    }
}
