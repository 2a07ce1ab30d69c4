//! What there is of a migration that has begun and not ended, and whether it can go on.

use super::journal::Journal;
use crate::error::Error;
use crate::history::Migrations;
use crate::progress::Left;
use crate::script::{Index, Kind, Outside, Script};
use crate::session::store::Record;
use crate::session::{Session, literal};

/// What is known of a migration whose row is neither finished nor rolled back.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standing {
    /// The server refused a statement, or another program was at work: a person has to say what there is of it.
    Failed {
        /// What there is of it, where that is known.
        left: Option<Left>,
    },
    /// It was stopped, and nothing of it is in the database.
    Undone,
    /// It was stopped, and goes on at this statement, from 0.
    GoesOn {
        /// The statement; those before it are in the database.
        from: usize,
        /// How many there are.
        total: usize,
    },
    /// It was stopped while it built an index, which has to be dropped first.
    InvalidIndex {
        /// The index, as SQL names it.
        index: String,
        /// Where in its script, from 1.
        line: usize,
    },
    /// It was stopped in a statement of which nothing tells whether it has ended.
    Unclear {
        /// The statement, from 0; those before it are in the database.
        at: usize,
        /// Where in its script, from 1.
        line: usize,
    },
    /// It was stopped, and what had been run of its script is another text now.
    Changed {
        /// How many statements are in the database.
        done: usize,
    },
}

/// Looks at the journal, and at the database where the journal alone does not tell.
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

/// The same for a migration whose error, if there was one, has been seen to.
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
            // The name would have been the server's choice.
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

/// What there is of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    Valid,
    /// By its name in SQL.
    Invalid(String),
}

/// Looks for an index by its name, or for one of the table that is not valid where it has none.
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

/// What there is of a migration, if that is a part.
fn part(left: Option<Left>) -> Option<Left> {
    left.filter(|left| matches!(left, Left::Part { .. }))
}

/// The error that keeps a deployment from going on, if there is one.
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

/// Stops at what needs a person first: failures before everything else, and all of them at once.
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
