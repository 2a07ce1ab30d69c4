//! Creating a row, or updating it if it exists.

use std::future::IntoFuture;

use super::write::WriteQuery;
use crate::error::Error;
use crate::query::{Changes, Create, Upsert, Write};
use crate::run;
use crate::typed::batch::QueryFuture;
use crate::typed::model::Model;
use crate::typed::relation::Nil;
use crate::typed::select::Shape;
use crate::typed::unique::Unique;
use crate::wire::Executor;

/// The query of [`Table::upsert`](crate::Table::upsert). It returns the row in the shape `S`.
///
/// It runs one `INSERT … ON CONFLICT` if the new row has the given key and no nested writes. Otherwise it looks for the row and then updates
/// or creates it, in one transaction. Any number of upserts of the same row can run at once.
pub type UpsertQuery<M, S = Nil> = WriteQuery<M, S, Upsert>;

impl<M: Model> WriteQuery<M, Nil, Upsert> {
    pub(crate) fn new(executor: Executor, unique: Unique<M>, create: Create, changes: Changes) -> Self {
        Self::with(executor, Upsert { unique: unique.key.into(), create, update: changes })
    }
}

impl<M: Model, S: Shape<M>> IntoFuture for WriteQuery<M, S, Upsert> {
    type Output = Result<S::Row, Error>;
    type IntoFuture = QueryFuture<S::Row>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { executor, kind, returning, .. } = self;
        Box::pin(async move {
            let outcome = run::write(&executor, Write::Upsert(Box::new(kind), returning)).await?;
            outcome.decode_one::<S::Row>(M::meta().name)
        })
    }
}
