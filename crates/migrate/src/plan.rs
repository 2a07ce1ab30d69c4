//! What has to be done to get from one catalog to another.

use crate::catalog::Catalog;
use crate::change::{Change, Sides};
use crate::diff::foreign_key::renamed_with_join_table;
use crate::hazard::{self, hazards};
use crate::rename::Renames;
use crate::{diff, order, render};

/// Computes the changes that lead from `previous` to `next`. Needs no connection.
pub fn plan<'a>(previous: &'a Catalog, next: &'a Catalog) -> Plan<'a> {
    Plan::new(previous, next, None)
}

/// Changes in the order in which they are to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan<'a> {
    changes: Vec<Change<'a>>,
    catalogs: Sides<&'a Catalog>,
    renames: Option<&'a Renames>,
}

impl<'a> Plan<'a> {
    /// `previous` is what `renames` have made.
    pub(crate) fn new(previous: &'a Catalog, next: &'a Catalog, renames: Option<&'a Renames>) -> Self {
        let mut changes = diff::diff(previous, next);
        if let Some(renames) = renames {
            changes.extend(renames.changes());
            let pairs = renames.tables().filter_map(|name| previous.table(name).zip(next.table(name)));
            changes.extend(pairs.flat_map(|(previous, next)| renamed_with_join_table(previous, next)));
        }
        order::order(&mut changes);
        Self { changes, catalogs: Sides { previous, next }, renames }
    }

    /// The changes, in order.
    pub fn changes(&self) -> &[Change<'a>] {
        &self.changes
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// What has been renamed before the comparison.
    pub(crate) fn renames(&self) -> Option<&'a Renames> {
        self.renames
    }

    /// The two catalogs.
    pub(crate) fn catalogs(&self) -> Sides<&'a Catalog> {
        self.catalogs
    }

    /// The changes as an SQL script that ends with a line break; a comment alone when there are none. A comment at its
    /// top names what could be lost and what could fail.
    pub fn script(&self) -> String {
        let statements = render::script(&self.changes, self.catalogs);
        hazard::header(&hazards(self)) + &statements
    }
}
