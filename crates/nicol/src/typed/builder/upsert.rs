//! Writing a row, or changing it where it is there already.

use std::future::IntoFuture;

use super::write::WriteQuery;
use crate::error::Error;
use crate::query::{Changes, Create, Find, Key};
use crate::sql;
use crate::typed::batch::QueryFuture;
use crate::typed::client::Client;
use crate::typed::model::Model;
use crate::typed::relation::Nil;
use crate::typed::select::Shape;
use crate::typed::transaction::Transaction;
use crate::typed::unique::Unique;
use crate::wire::{Executor, Outcome};

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
        let Self { executor, kind, returning, .. } = self;
        Box::pin(async move {
            let outcome = kind.run(&executor, returning).await?;
            outcome.decode_one::<S::Row>(M::meta().name)
        })
    }
}

impl Upsert {
    /// Runs one statement where it can be; else a transaction that updates and, where there was nothing, inserts.
    async fn run(self, executor: &Executor, returning: Find) -> Result<Outcome, Error> {
        let Self { key, create, changes } = self;
        let schema = executor.schema();
        if let Some(statement) = sql::upsert(schema, &key, &create, &changes, &returning)? {
            return executor.statement(&statement).await;
        }
        let update = sql::update(schema, &key.condition(), &changes, &returning)?;
        let insert = sql::create(schema, create, &returning)?;
        let outcome = Transaction::<Client>::new(executor.clone())
            .retry(1)
            .run(async |tx| {
                let outcome = tx.executor().statement(&update).await?;
                if outcome.rows.is_empty() { tx.executor().statement(&insert).await } else { Ok(outcome) }
            })
            .await?;
        Ok(Outcome { wrote: executor.transaction().is_none(), ..outcome })
    }
}
