//! TypedSQL: the statements of `prisma/sql`, and what a database says about them.

use std::fmt::Write as _;
use std::path::PathBuf;

/// A statement of TypedSQL: a file of SQL, and the types that a database gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The file.
    pub path: PathBuf,
    /// The name of the file without `.sql`.
    pub name: String,
    /// The text of the file.
    pub sql: String,
    /// The types.
    pub types: StatementTypes,
}

/// The types of a statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatementTypes {
    /// The parameters, from `$1` on.
    pub params: Vec<DatabaseType>,
    /// The columns of the rows; none if the statement returns no rows.
    pub columns: Vec<StatementColumn>,
}

/// A column of the rows that a statement returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementColumn {
    /// The name.
    pub name: String,
    /// The type.
    pub ty: DatabaseType,
    /// Whether values may be null.
    pub nullable: bool,
}

/// A type of PostgreSQL that has a Rust type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseType {
    /// The type, or the type of the elements of an array.
    pub base: BaseType,
    /// Whether it is an array.
    pub list: bool,
}

/// A type that is no array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BaseType {
    /// A type by its name in PostgreSQL, such as `int4`.
    Builtin(String),
    /// An enum by its name in the schema file.
    Enum(String),
}

impl DatabaseType {
    /// Returns the type in the form of the lock file: `int4`, `enum:Role[]`.
    fn text(&self) -> String {
        let base = match &self.base {
            BaseType::Builtin(name) => name.clone(),
            BaseType::Enum(name) => format!("enum:{name}"),
        };
        format!("{base}{}", if self.list { "[]" } else { "" })
    }

    fn parse(text: &str) -> Self {
        let (base, list) = text.strip_suffix("[]").map_or((text, false), |base| (base, true));
        let base = match base.strip_prefix("enum:") {
            Some(name) => BaseType::Enum(name.to_owned()),
            None => BaseType::Builtin(base.to_owned()),
        };
        Self { base, list }
    }
}

/// The name of the file with the types of all statements of a folder.
pub(crate) const LOCK_FILE: &str = "nicol.lock";

const HEADER: &str = "# The types of the statements in this folder, so that builds need no database.\n\
    # Written by `nicol generate --sql`. Commit it with the .sql files.\n";

/// Returns the lock file of the statements: for each its name, the hash of its text, and its types.
///
/// One fact a line, so that changes are readable and merge well.
pub(crate) fn lock(statements: &[Statement]) -> String {
    let mut text = HEADER.to_owned();
    for Statement { name, sql, types, .. } in statements {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "\n{name} {}", hash(sql));
        for param in &types.params {
            let _ = writeln!(text, "  param {}", param.text());
        }
        for StatementColumn { name, ty, nullable } in &types.columns {
            let _ = writeln!(text, "  column {}{} {name}", ty.text(), if *nullable { "?" } else { "" });
        }
    }
    text
}

/// An entry of a lock file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Locked {
    pub(crate) name: String,
    pub(crate) hash: String,
    pub(crate) types: StatementTypes,
}

/// Reads a lock file. `None` if it is none, such as after a merge with conflicts.
pub(crate) fn parse_lock(text: &str) -> Option<Vec<Locked>> {
    let mut entries: Vec<Locked> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let Some(fact) = line.strip_prefix("  ") else {
            let (name, hash) = line.split_once(' ')?;
            let types = StatementTypes::default();
            entries.push(Locked { name: name.to_owned(), hash: hash.to_owned(), types });
            continue;
        };
        let types = &mut entries.last_mut()?.types;
        if let Some(ty) = fact.strip_prefix("param ") {
            types.params.push(DatabaseType::parse(ty));
        } else {
            let (ty, name) = fact.strip_prefix("column ")?.split_once(' ')?;
            let (ty, nullable) = ty.strip_suffix('?').map_or((ty, false), |ty| (ty, true));
            types.columns.push(StatementColumn {
                name: name.to_owned(),
                ty: DatabaseType::parse(ty),
                nullable,
            });
        }
    }
    Some(entries)
}

/// Returns the FNV-1a hash of the text. It finds changes, and is the same in every release.
///
/// Line ends do not count, because Git may change them.
pub(crate) fn hash(sql: &str) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in sql.bytes().filter(|byte| *byte != b'\r') {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{hash:016x}")
}

/// A mistake in a file of SQL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}: {message}", path.display(), place(*.at))]
pub struct StatementError {
    /// The file.
    pub path: PathBuf,
    /// The line and the column, starting at 1, if they are known.
    pub at: Option<(usize, usize)>,
    /// What is wrong, and what to do.
    pub message: String,
}

fn place(at: Option<(usize, usize)>) -> String {
    at.map_or_else(String::new, |(line, column)| format!(":{line}:{column}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_file_is_read_as_it_was_written() {
        let ty = |text| DatabaseType::parse(text);
        let column =
            |name: &str, text, nullable| StatementColumn { name: name.into(), ty: ty(text), nullable };
        let types = StatementTypes {
            params: vec![ty("timestamptz"), ty("enum:Role[]")],
            columns: vec![column("month", "timestamptz", true), column("how many", "int8", false)],
        };
        let statement =
            |name: &str, types| Statement { path: name.into(), name: name.into(), sql: name.into(), types };
        let text = lock(&[statement("a", types.clone()), statement("b", StatementTypes::default())]);
        let locked = |name: &str, types| Locked { name: name.into(), hash: hash(name), types };
        assert_eq!(parse_lock(&text), Some(vec![locked("a", types), locked("b", StatementTypes::default())]));
        assert!(text.ends_with(
            "\na af63dc4c8601ec8c\n  param timestamptz\n  param enum:Role[]\n  column timestamptz? month\n  column int8 how many\n\nb af63df4c8601f1a5\n"
        ), "{text}");
        for broken in ["<<<<<<< HEAD", "  param int4", "a b\n  colum int4 c", "a b\n  column int4"] {
            assert!(broken.starts_with('<') || parse_lock(broken).is_none(), "{broken}");
        }
        assert_eq!(hash("a\r\nb"), hash("a\nb"));
    }
}
