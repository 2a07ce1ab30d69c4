//! Creating a row, or updating it if it exists.

use super::write::{self, OneRow, WriteQuery};
use crate::query::{Changes, Create, Find, Upsert, Write};
use crate::typed::loaded::Nil;
use crate::typed::model::Model;
use crate::typed::unique::Unique;
use crate::wire::Executor;

/// The query of [`Table::upsert`](crate::Table::upsert). It returns the row in the shape `S`.
///
/// It runs one `INSERT … ON CONFLICT` if the new row has the given key and no nested writes. Otherwise it looks for the row and then updates
/// or creates it, in one transaction. Any number of upserts of the same row can run at once.
pub type UpsertQuery<M, S = Nil> = WriteQuery<M, S, Upsert>;

impl<M: Model> WriteQuery<M, Nil, Upsert> {
    pub(crate) fn new(executor: Executor, unique: Unique<M>, create: Create, changes: Changes) -> Self {
        Self::with(executor, Upsert { unique: unique.into(), create, update: changes })
    }
}

impl write::Write for Upsert {
    type Returned = OneRow;

    fn into_write(self, returning: Find) -> Write {
        Write::Upsert(Box::new(self), returning)
    }
}
