//! The state of a migration that has started and not finished, and whether it can resume.

use super::journal::Journal;
use crate::error::Error;
use crate::history::Migrations;
use crate::progress::Left;
use crate::script::{Index, Kind, Outside, Script};
use crate::session::store::Record;
use crate::session::{Session, literal};

/// The state of a migration whose row is neither finished nor rolled back.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standing {
    /// A statement failed, or another program ran it: a person has to decide what the database contains of it.
    Failed {
        /// What the database contains of it, if known.
        left: Option<Left>,
    },
    /// It was stopped, and its changes were rolled back.
    Undone,
    /// It was stopped, and can resume.
    GoesOn {
        /// The statement to resume at, from 0; those before it are applied.
        from: usize,
        /// The number of all statements.
        total: usize,
    },
    /// It was stopped while it built an index, which is invalid and has to be dropped first.
    InvalidIndex {
        /// The index, as a quoted SQL name.
        index: String,
        /// The line of its script, from 1.
        line: usize,
    },
    /// It was stopped in a statement outside of a transaction. Whether the statement took effect is unknown.
    Unclear {
        /// The statement, from 0; those before it are applied.
        at: usize,
        /// The line of its script, from 1.
        line: usize,
    },
    /// It was stopped, and the applied part of its script has changed since.
    Changed {
        /// The number of applied statements.
        done: usize,
    },
}

/// Determines the state from the journal and, if that is not enough, from the database.
pub(crate) async fn look(
    session: &Session,
    migrations: &Migrations,
    record: &Record,
) -> Result<Standing, Error> {
    match record.logs.as_deref().and_then(Journal::read) {
        None => Ok(Standing::Failed { left: None }),
        Some((journal, Some(_))) => {
            let is_part = journal.done > 0 || journal.has_begun;
            let part = Left::Part { done: journal.done, total: journal.total };
            Ok(Standing::Failed { left: Some(if is_part { part } else { Left::Nothing }) })
        }
        Some((journal, None)) => examine(session, migrations, &record.name, &journal).await,
    }
}

/// Determines the state from the journal, whatever error was recorded with it.
pub(crate) async fn examine(
    session: &Session,
    migrations: &Migrations,
    name: &str,
    journal: &Journal,
) -> Result<Standing, Error> {
    if journal.done == 0 && !journal.has_begun {
        return Ok(Standing::Undone);
    }
    let Some(migration) = migrations.get(name) else { return Ok(Standing::Failed { left: None }) };
    let script = Script::new(migration.script()?, session.standard_strings());
    if !journal.fits(&script) {
        return Ok(Standing::Changed { done: journal.done });
    }
    let (at, total) = (journal.done, script.statements.len());
    let again = Standing::GoesOn { from: at, total };
    if !journal.has_begun || at == total {
        return Ok(again);
    }
    let line = script.statements[at].line;
    let behind = Standing::GoesOn { from: at + 1, total };
    Ok(match script.kind(at) {
        Kind::Outside(Outside::CreatesIndex(index)) => match find(session, index).await? {
            Found::Invalid(index) => Standing::InvalidIndex { index, line },
            // The server chooses the name of such an index, so it cannot be found.
            _ if index.name.is_none() => Standing::Unclear { at, line },
            Found::Valid => behind,
            Found::Nothing => again,
        },
        Kind::Outside(Outside::DropsIndex(index)) => match find(session, index).await? {
            Found::Nothing => behind,
            Found::Valid | Found::Invalid(_) => again,
        },
        Kind::Outside(Outside::Repeatable) => again,
        _ => Standing::Unclear { at, line },
    })
}

/// The state of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    Valid,
    /// With its quoted SQL name.
    Invalid(String),
}

/// Looks for an index by its name, or for an invalid index of its table if it has no name.
pub(crate) async fn find(session: &Session, index: &Index) -> Result<Found, Error> {
    let is = |column: &str, value: Option<&str>| {
        value.map_or_else(String::new, |value| format!(" and {column} = {}", literal(value)))
    };
    let valid = if index.name.is_none() { " and not i.indisvalid" } else { "" };
    let sql = format!(
        "select pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), i.indisvalid
        from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
            join pg_catalog.pg_class t on t.oid = i.indrelid
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname !~ '^pg_'{}{}{}{valid}
        order by n.nspname = {} desc limit 1",
        is("n.nspname", index.schema.as_deref()),
        is("c.relname", index.name.as_deref()),
        is("t.relname", index.table.as_deref()),
        literal(session.schema())
    );
    let rows = session.rows(&sql, "cannot look for an index").await?;
    Ok(match rows.first() {
        None => Found::Nothing,
        Some(row) if row.get(1) == Some("t") => Found::Valid,
        Some(row) => Found::Invalid(row.get(0).unwrap_or_default().to_owned()),
    })
}

/// Returns what the database contains of a migration, if that is a part.
fn part(left: Option<Left>) -> Option<Left> {
    left.filter(|left| matches!(left, Left::Part { .. }))
}

/// Returns the error that keeps a deployment from continuing, if there is one.
pub(crate) fn refusal(standing: &Standing, name: &str) -> Option<Error> {
    let migration = name.to_owned();
    match standing {
        Standing::Undone | Standing::GoesOn { .. } => None,
        Standing::Failed { left } => {
            Some(Error::FailedEarlier { failed: vec![migration], part: part(*left) })
        }
        Standing::InvalidIndex { index, line } => {
            Some(Error::InvalidIndex { migration, index: index.clone(), line: *line })
        }
        Standing::Unclear { line, .. } => Some(Error::UnclearStatement { migration, line: *line }),
        Standing::Changed { done } => Some(Error::ChangedBeforeResuming { migration, done: *done }),
    }
}

/// Returns an error if a migration needs a decision: all failed ones together, else the first of the others.
pub(crate) fn refuse(standings: &[(&Record, Standing)]) -> Result<(), Error> {
    let mut names: Vec<String> = Vec::new();
    let mut first_part = None;
    for (record, standing) in standings {
        if let Standing::Failed { left } = standing {
            if names.is_empty() {
                first_part = part(*left);
            }
            if !names.contains(&record.name) {
                names.push(record.name.clone());
            }
        }
    }
    if !names.is_empty() {
        return Err(Error::FailedEarlier { failed: names, part: first_part });
    }
    let refusal = standings.iter().find_map(|(record, standing)| refusal(standing, &record.name));
    refusal.map_or(Ok(()), Err)
}
