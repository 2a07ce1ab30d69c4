//! Says what a deployment would do, without doing it.

use nicol_pg::{ConnectError, ConnectionUrl};

use crate::error::Error;
use crate::history::Migrations;
use crate::run::check_sql;
use crate::run::standing::{Standing, look, refuse};
use crate::script::{Manner, Script, TableLock};
use crate::session::store;
use crate::session::{Missing, Session};

/// What [`deploy`](crate::deploy) would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preview {
    /// Whether the database would be created.
    pub creates_database: bool,
    /// The migrations that would be applied, in order.
    pub migrations: Vec<PlannedMigration>,
}

/// A migration that would be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedMigration {
    /// Its name.
    pub name: String,
    /// The number of its statements that are already applied, if it was stopped earlier.
    pub done: usize,
    /// Its pieces; a single transaction if possible.
    pub pieces: Vec<PlannedPiece>,
}

/// Statements that are applied together or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedPiece {
    /// Whether they are a transaction; otherwise it is a single statement that cannot run in one.
    pub is_transaction: bool,
    /// The statements.
    pub statements: Vec<PlannedStatement>,
}

/// A statement of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedStatement {
    /// The line on which it starts, from 1.
    pub line: usize,
    /// Its text.
    pub sql: String,
    /// The strongest lock that it takes on an existing table, if that blocks other sessions.
    pub lock: Option<TableLock>,
}

/// Returns what a deployment would do, and changes nothing. It cannot predict that a statement fails, or that the server
/// refuses it within a transaction for a reason that its text does not show.
///
/// # Errors
///
/// As [`deploy`](crate::deploy) before it applies anything: [`Error::Connect`], [`Error::NotEmpty`],
/// [`Error::FailedEarlier`] and [`Error::ScriptMissing`] are most likely.
pub async fn preview(url: &ConnectionUrl, migrations: &Migrations) -> Result<Preview, Error> {
    let session = match Session::open(url, Missing::Look).await {
        Ok((session, _)) => session,
        Err(Error::Connect(ConnectError::DatabaseMissing { .. })) => {
            let all = migrations.iter().map(|it| planned(it.name(), it.script()?, 0, true));
            let migrations = all.collect::<Result<_, _>>()?;
            return Ok(Preview { creates_database: true, migrations });
        }
        Err(error) => return Err(error),
    };
    let foreseen = foresee(&session, migrations).await;
    session.close().await;
    Ok(Preview { creates_database: false, migrations: foreseen? })
}

async fn foresee(session: &Session, migrations: &Migrations) -> Result<Vec<PlannedMigration>, Error> {
    let records = match store::load(session).await? {
        Some(records) => records,
        None if store::is_schema_empty(session).await? => Vec::new(),
        None => return Err(Error::NotEmpty { schema: session.schema().to_owned() }),
    };
    let mut stopped = Vec::new();
    for record in records.iter().filter(|it| it.is_failed()) {
        stopped.push((record, look(session, migrations, record).await?));
    }
    refuse(&stopped)?;
    let mut found = Vec::new();
    for migration in migrations.iter() {
        let name = migration.name();
        let standing = stopped.iter().find(|(record, _)| record.name == name).map(|(_, standing)| standing);
        let is_applied = records.iter().any(|it| it.name == name && it.is_finished && !it.is_rolled_back);
        let done = match standing {
            Some(Standing::GoesOn { from, .. }) => *from,
            _ => 0,
        };
        if !is_applied {
            found.push(planned(name, migration.script()?, done, session.standard_strings())?);
        }
    }
    Ok(found)
}

fn planned(name: &str, text: &str, done: usize, standard_strings: bool) -> Result<PlannedMigration, Error> {
    let script = Script::new(text, standard_strings);
    check_sql(Some(name), &script)?;
    let pieces = script.pieces(done).into_iter().map(|piece| {
        let statements = piece.statements.clone().map(|at| PlannedStatement {
            line: script.statements[at].line,
            sql: script.sql(at).to_owned(),
            lock: script.table_lock(at),
        });
        PlannedPiece {
            is_transaction: !matches!(piece.manner, Manner::Outside(_)),
            statements: statements.collect(),
        }
    });
    Ok(PlannedMigration { name: name.to_owned(), done, pieces: pieces.collect() })
}
