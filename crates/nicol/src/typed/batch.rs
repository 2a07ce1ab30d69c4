//! Queries as steps: what they take, and what their outcome becomes.

use std::pin::Pin;

use crate::error::Error;
use crate::run::{Request, Work};
use crate::wire::{Executor, Outcome, Statement};

/// The future of a query, which runs it.
pub type QueryFuture<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

/// What a query does, and the function that turns its outcome into a result.
#[derive(Debug)]
pub struct Step<T> {
    work: Work,
    finish: fn(Outcome) -> Result<T, Error>,
}

impl<T> Step<T> {
    /// Returns the step of a query. Every query comes through here, so that it passes the extensions of its client.
    ///
    /// # Errors
    /// The query cannot be written as SQL.
    pub(crate) fn of(
        executor: &Executor,
        request: Request,
        finish: fn(Outcome) -> Result<T, Error>,
    ) -> Result<Self, Error> {
        Ok(Self { work: request.on(executor)?, finish })
    }

    /// Returns the step of SQL of the application, which passes no extensions.
    pub(crate) fn raw(statement: Statement, finish: fn(Outcome) -> Result<T, Error>) -> Self {
        Self { work: statement.into(), finish }
    }

    pub(crate) async fn run(self, executor: &Executor) -> Result<T, Error> {
        let outcome = self.work.run(executor).await?;
        (self.finish)(outcome)
    }
}

/// Queries that can be part of a [batch](crate::Client::batch).
pub trait Batchable {
    /// The result of the query.
    type Output: Send + 'static;

    /// Returns the statements of the query.
    ///
    /// # Errors
    /// The query cannot be written as SQL.
    #[doc(hidden)]
    fn into_step(self) -> Result<Step<Self::Output>, Error>;
}

/// What a batch takes, and the function that turns the outcomes into results.
type Steps<F> = (Vec<Work>, F);

/// The queries of a [batch](crate::Client::batch): a tuple of up to eight queries, or a `Vec` of queries of one type.
pub trait Batch {
    /// The results in the order of the queries.
    type Output: Send;

    /// Returns what the queries take, and the function that turns their outcomes into results.
    ///
    /// # Errors
    /// A query cannot be written as SQL.
    #[doc(hidden)]
    fn into_steps(
        self,
    ) -> Result<Steps<impl FnOnce(Vec<Outcome>) -> Result<Self::Output, Error> + Send>, Error>;
}

impl<Q: Batchable> Batch for Vec<Q> {
    type Output = Vec<Q::Output>;

    fn into_steps(
        self,
    ) -> Result<Steps<impl FnOnce(Vec<Outcome>) -> Result<Self::Output, Error> + Send>, Error> {
        let steps = self.into_iter().map(|query| query.into_step().map(|step| (step.work, step.finish)));
        let (works, finishes): (Vec<_>, Vec<_>) = steps.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        let finish = move |outcomes: Vec<Outcome>| {
            finishes.into_iter().zip(outcomes).map(|(finish, outcome)| finish(outcome)).collect()
        };
        Ok((works, finish))
    }
}

macro_rules! batch_tuple {
    ($($name:ident $index:tt),+) => {
        impl<$($name: Batchable),+> Batch for ($($name,)+) {
            type Output = ($($name::Output,)+);

            fn into_steps(
                self,
            ) -> Result<Steps<impl FnOnce(Vec<Outcome>) -> Result<Self::Output, Error> + Send>, Error> {
                let steps = ($(self.$index.into_step()?,)+);
                let works = vec![$(steps.$index.work),+];
                let finishes = ($(steps.$index.finish,)+);
                let finish = move |outcomes: Vec<Outcome>| {
                    let mut outcomes = outcomes.into_iter();
                    Ok(($((finishes.$index)(outcomes.next().unwrap_or_default())?,)+))
                };
                Ok((works, finish))
            }
        }
    };
}

batch_tuple!(A 0);
batch_tuple!(A 0, B 1);
batch_tuple!(A 0, B 1, C 2);
batch_tuple!(A 0, B 1, C 2, D 3);
batch_tuple!(A 0, B 1, C 2, D 3, E 4);
batch_tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
batch_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
batch_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
