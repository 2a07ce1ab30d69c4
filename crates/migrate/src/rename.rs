//! Renames without loss: what a plan would drop and create is renamed, where somebody says that it is the same thing.
//!
//! ```text
//! --rename, /// @renamedFrom(…), answers ─► Hints ─┐
//! previous catalog ────────────────────────────────┴─► Renames ─ plan ─► Plan
//! ```
//!
//! The two catalogs alone cannot tell a new name from a new thing, and neither does Prisma 6.19: there, a renamed field
//! without `@map` loses its values.

mod apply;
mod candidate;
mod hint;

use std::fmt;

pub use apply::Renames;
pub use candidate::{Candidate, rename_candidates};
pub use hint::{HintError, Hints};

use crate::catalog::{Catalog, ObjectName};
use crate::plan::Plan;

/// One thing under two names. All names are those in the database.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rename {
    /// A table.
    Table {
        /// As it is.
        previous: ObjectName,
        /// As it shall be.
        next: ObjectName,
    },
    /// A column.
    Column {
        /// Its table, by the name that it shall have.
        table: ObjectName,
        /// As it is.
        previous: String,
        /// As it shall be.
        next: String,
    },
    /// An enum.
    Enum {
        /// As it is.
        previous: ObjectName,
        /// As it shall be.
        next: ObjectName,
    },
    /// A value of an enum.
    EnumValue {
        /// The enum, by the name that it shall have.
        enumeration: ObjectName,
        /// As it is.
        previous: String,
        /// As it shall be.
        next: String,
    },
}

impl fmt::Display for Rename {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table { previous, next } => write!(f, "table `{previous}` → `{next}`"),
            Self::Column { table, previous, next } => {
                write!(f, "column `{table}.{previous}` → `{table}.{next}`")
            }
            Self::Enum { previous, next } => write!(f, "enum `{previous}` → `{next}`"),
            Self::EnumValue { enumeration, previous, next } => {
                write!(f, "value `{enumeration}.{previous}` → `{enumeration}.{next}`")
            }
        }
    }
}

/// Computes the changes that lead from the previous catalog of `renames` to `next`, the renames among them.
pub fn plan_with<'a>(renames: &'a Renames, next: &'a Catalog) -> Plan<'a> {
    Plan::new(renames.catalog(), next, Some(renames))
}
