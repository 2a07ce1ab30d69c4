//! The table lock that a statement takes.

use super::kind::Words;
use super::{Kind, Outside};

/// A table lock, by what it blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TableLock {
    /// `SHARE`, `SHARE ROW EXCLUSIVE` or `EXCLUSIVE`: blocks writes.
    Writes,
    /// `ACCESS EXCLUSIVE`: blocks reads and writes.
    All,
}

/// Returns the strongest lock that the statement takes on a table that existed before the script, as far as its first words
/// show.
///
/// Source: PostgreSQL 17 manual, 13.3.1 "Table-Level Locks", and the pages of the SQL commands.
pub(super) fn table_lock(words: &Words<'_>, kind: &Kind) -> Option<TableLock> {
    let (writes, all) = (Some(TableLock::Writes), Some(TableLock::All));
    let is = |wanted: &str| words.begin(wanted);
    let has = |wanted: &str| words.position(wanted).is_some();
    if let Kind::Outside(outside) = kind {
        return match outside {
            Outside::CreatesIndex(_) | Outside::DropsIndex(_) => None,
            _ if is("vacuum") && has("full") => all,
            _ if is("cluster") => all,
            _ => None,
        };
    }
    match words.word(0) {
        "create" if is("create index") || is("create unique index") => writes,
        "create" if has("trigger") => writes,
        "create" if is("create table") && has("references") => writes,
        "alter" if is("alter table") && has("validate") => None,
        "alter" if is("alter table") && has("foreign") && !has("drop") => writes,
        "alter" if is("alter table") || is("alter materialized") || is("alter view") => all,
        "drop" if matches!(words.word(1), "table" | "index" | "view" | "materialized" | "trigger") => all,
        "truncate" | "cluster" | "reindex" | "lock" => all,
        "refresh" if !has("concurrently") => all,
        _ => None,
    }
}
