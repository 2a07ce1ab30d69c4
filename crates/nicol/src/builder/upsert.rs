//! Writing a row, or changing it where it is there already.

use std::future::IntoFuture;

use super::QueryFuture;
use super::write::WriteQuery;
use crate::error::Error;
use crate::executor::Executor;
use crate::model::{Model, Unique};
use crate::query::{Changes, Create, Key};
use crate::relation::{Nil, Shape};

/// Writes a row, or changes the one that has the key, and gives it back in the shape `S`.
///
/// One `INSERT … ON CONFLICT` where the new row has the key that was asked for and carries no nested writes; else an `UPDATE` and, where
/// that found nothing, an `INSERT`, in one transaction.
pub type UpsertQuery<M, S = Nil> = WriteQuery<M, S, Upsert>;

/// Which row, what to write where it is missing, and what to change where it is not.
#[derive(Debug)]
pub struct Upsert {
    key: Key,
    create: Create,
    changes: Changes,
}

impl<M: Model> WriteQuery<M, Nil, Upsert> {
    pub(crate) fn new(executor: Executor, unique: Unique<M>, create: Create, changes: Changes) -> Self {
        Self::with(executor, Upsert { key: unique.key, create, changes })
    }
}

impl<M: Model, S: Shape<M>> IntoFuture for WriteQuery<M, S, Upsert> {
    type Output = Result<S::Row, Error>;
    type IntoFuture = QueryFuture<S::Row>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { executor, kind: Upsert { key, create, changes }, returning, .. } = self;
        Box::pin(async move {
            let outcome = executor.upsert(key, create, changes, returning).await?;
            outcome.decode_one::<S::Row>(M::meta().name)
        })
    }
}
