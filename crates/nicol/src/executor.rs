//! Where statements run: on any connection of the pool, or on the one of a transaction.

use std::sync::Arc;

use crate::batch::{Outcome, Step};
use crate::error::{Error, Kind};
use crate::query::{Changes, Create, Find, Key};
use crate::sql::{Naming, Statement};

/// A client or a transaction, as its queries see it. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Executor {
    naming: Naming,
}

impl Executor {
    pub(crate) fn new() -> Self {
        Self { naming: Naming { schema: Arc::from("public") } }
    }

    pub(crate) fn naming(&self) -> Naming {
        self.naming.clone()
    }

    pub(crate) async fn run<T>(&self, step: Step<T>) -> Result<T, Error> {
        (step.finish)(self.statements(step.statements).await?)
    }

    pub(crate) async fn statements(&self, _: Vec<Statement>) -> Result<Outcome, Error> {
        tokio::task::yield_now().await;
        Err(Kind::Connect { code: "P1001" }.into())
    }

    pub(crate) async fn upsert(&self, _: Key, _: Create, _: Changes, _: Find) -> Result<Outcome, Error> {
        self.statements(Vec::new()).await
    }
}
