//! Plans: what has to be done to get from one catalog to another. Needs no connection.
//!
//! ```text
//!         previous: Catalog          next: Catalog
//!                │                         │
//! Hints ─ rename ┤                         │
//!                └───────── diff ──────────┘
//!                            │
//!                         Changes
//!                            │ order
//!                         Ordered
//!                   ┌────────┴────────┐
//!                render             hazard
//!                   │                 │
//!                script         Vec<Hazard>
//! ```

pub mod change;
pub mod hazard;

mod diff;
mod order;
mod rename;
mod render;

use crate::catalog::Catalog;
use change::Change;
use hazard::Hazard;
pub(crate) use order::Ordered;
pub use rename::{Candidate, HintError, Hints, Renames, rename_candidates};

/// Computes the changes that lead from `previous` to `next`. Needs no connection.
pub fn plan<'a>(previous: &'a Catalog, next: &'a Catalog) -> Plan<'a> {
    Plan { ordered: order::order(diff::diff(previous, next)) }
}

/// Computes the changes that lead from the previous catalog of `renames` to `next`, the renames among them.
pub fn plan_with<'a>(renames: &'a Renames, next: &'a Catalog) -> Plan<'a> {
    Plan { ordered: order::order(diff::diff_renamed(renames, next)) }
}

/// The changes from one catalog to another, in the order in which they are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan<'a> {
    ordered: Ordered<'a>,
}

impl<'a> Plan<'a> {
    /// Returns the changes, in order.
    pub fn changes(&self) -> &[Change<'a>] {
        self.ordered.changes()
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes().is_empty()
    }

    /// Returns what the changes may lose, and where they may fail, in the order of the changes.
    pub fn hazards(&self) -> Vec<Hazard> {
        hazard::hazards(&self.ordered)
    }

    /// Returns the changes as an SQL script that ends with a line break; only a comment if there are none. A comment at the
    /// top lists the hazards.
    pub fn script(&self) -> String {
        hazard::header(&self.hazards()) + &render::render(&self.ordered)
    }

    pub(crate) fn ordered(&self) -> &Ordered<'a> {
        &self.ordered
    }
}
