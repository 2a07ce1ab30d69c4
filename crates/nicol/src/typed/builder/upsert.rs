//! Creating a row, or updating it if it exists.

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

/// The query of [`Table::upsert`](crate::Table::upsert). It returns the row in the shape `S`.
///
/// It runs one `INSERT … ON CONFLICT` if the new row has the given key and no nested writes. Otherwise it runs an `UPDATE` and, if there was
/// no row, an `INSERT` in one transaction.
pub type UpsertQuery<M, S = Nil> = WriteQuery<M, S, Upsert>;

/// The kind of query that updates a row, or creates it if it does not exist.
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
    /// Runs one statement if possible, or else a transaction that updates the row and creates it if there was none.
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
