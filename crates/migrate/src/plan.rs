//! What has to be done to get from one catalog to another.

use crate::catalog::Catalog;
use crate::change::Change;
use crate::{diff, order, render};

/// Computes the changes that lead from `previous` to `next`. Needs no connection.
pub fn plan<'a>(previous: &'a Catalog, next: &'a Catalog) -> Plan<'a> {
    let mut changes = diff::diff(previous, next);
    order::order(&mut changes);
    Plan { changes, default_schema: next.default_schema.as_deref() }
}

/// Changes in the order in which they are to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan<'a> {
    changes: Vec<Change<'a>>,
    default_schema: Option<&'a str>,
}

impl<'a> Plan<'a> {
    /// The changes, in order.
    pub fn changes(&self) -> &[Change<'a>] {
        &self.changes
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The changes as an SQL script that ends with a line break; a comment alone when there are none.
    pub fn script(&self) -> String {
        render::script(&self.changes, self.default_schema)
    }
}
