//! Reads and writes the files of TypedSQL, for build scripts and the command line.

use std::path::{Path, PathBuf};
use std::{fs, io};

use nicol_schema::Sources;
use nicol_schema::ast::Item;

use crate::comments::is_identifier;
use crate::statement::{LOCK_FILE, Statement, StatementError, StatementTypes, hash, lock, parse_lock};

/// Returns the usual folder of TypedSQL: `sql` beside the file with the datasource.
///
/// Source: Prisma 6.19, `inferDirectoryConfig`.
pub fn statement_folder(sources: &Sources) -> PathBuf {
    let parse = nicol_schema::parse_files(sources);
    let span = parse.tree.file().items().find_map(|item| match item {
        Item::Config(block) if block.is_datasource() => Some(block.span()),
        _ => None,
    });
    let file = span.and_then(|span| sources.locate(span)).map(|(file, _)| Path::new(file.name));
    file.and_then(Path::parent).unwrap_or(Path::new("")).join("sql")
}

/// Why the statements of a folder could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadStatementsError {
    /// A file or the folder cannot be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The file cannot become a function.
    #[error("`{}` cannot be a statement of TypedSQL: its name is no identifier\nhelp: use only letters, digits and `_`, and no digit at the start", path.display())]
    Name {
        /// The file.
        path: PathBuf,
    },
    /// The types of a statement are not known, or were those of another text.
    #[error("{problem}\nhelp: run `nicol generate --sql`, and commit `{}`", lock.display())]
    Stale {
        /// What is missing.
        problem: String,
        /// The file with the types.
        lock: PathBuf,
    },
}

/// Reads the statements of a folder, in the order of their names, with the types in its lock file. Without a lock file, TypedSQL is not
/// used, and there are no statements.
///
/// # Errors
/// A file cannot be read or has no proper name, or the lock file is not up to date.
pub fn read_statements(folder: &Path) -> Result<Vec<Statement>, ReadStatementsError> {
    let path = folder.join(LOCK_FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(ReadStatementsError::Read { path, source }),
    };
    let stale = |problem: String| ReadStatementsError::Stale { problem, lock: path.clone() };
    let locked = parse_lock(&text).ok_or_else(|| stale(format!("`{}` cannot be read", path.display())))?;
    let mut statements = read_files(folder)?;
    for statement in &mut statements {
        let Some(entry) = locked.iter().find(|entry| entry.name == statement.name) else {
            return Err(stale(format!("the types of `{}` are not known", statement.path.display())));
        };
        if entry.hash != hash(&statement.sql) {
            return Err(stale(format!(
                "`{}` has changed since its types were read",
                statement.path.display()
            )));
        }
        statement.types = entry.types.clone();
    }
    Ok(statements)
}

/// Reads the statements of a folder without their types.
pub(crate) fn read_files(folder: &Path) -> Result<Vec<Statement>, ReadStatementsError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        |source| ReadStatementsError::Read { path, source }
    };
    let entries: io::Result<Vec<PathBuf>> =
        fs::read_dir(folder).map_err(failed(folder))?.map(|entry| Ok(entry?.path())).collect();
    let mut paths = entries.map_err(failed(folder))?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
    paths.sort();
    let mut statements = Vec::new();
    for path in paths {
        let name = path.file_stem().and_then(|name| name.to_str()).filter(|name| is_identifier(name));
        let Some(name) = name.map(str::to_owned) else { return Err(ReadStatementsError::Name { path }) };
        let sql = fs::read_to_string(&path).map_err(failed(&path))?;
        statements.push(Statement { path, name, sql, types: StatementTypes::default() });
    }
    Ok(statements)
}

/// Writes the lock file of a folder. Returns whether it has changed.
///
/// # Errors
/// The file cannot be written.
#[cfg_attr(not(feature = "describe"), allow(dead_code, reason = "only those who know types write them"))]
pub(crate) fn write_lock(folder: &Path, statements: &[Statement]) -> io::Result<bool> {
    let (path, text) = (folder.join(LOCK_FILE), lock(statements));
    if fs::read_to_string(&path).is_ok_and(|written| written == text) {
        return Ok(false);
    }
    fs::write(path, text).map(|()| true)
}

/// Returns a mistake in a statement, which is not about a place in its text.
pub(crate) fn mistake(statement: &Statement, at: Option<(usize, usize)>, message: String) -> StatementError {
    StatementError { path: statement.path.clone(), at, message }
}
