//! Queries as steps: statements whose text and parameters are known before the first one runs.

use std::pin::Pin;

use crate::error::Error;
use crate::wire::{Executor, Outcome, Statement};

/// The future of a query, which runs it.
pub type QueryFuture<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

/// Statements to run in order, and the function that turns their combined outcome into a result.
#[derive(Debug)]
pub struct Step<T> {
    pub(crate) statements: Vec<Statement>,
    pub(crate) finish: fn(Outcome) -> Result<T, Error>,
}

impl<T> Step<T> {
    pub(crate) fn new(statement: Statement, finish: fn(Outcome) -> Result<T, Error>) -> Self {
        Self { statements: vec![statement], finish }
    }

    pub(crate) fn many(statements: Vec<Statement>, finish: fn(Outcome) -> Result<T, Error>) -> Self {
        Self { statements, finish }
    }

    pub(crate) async fn run(self, executor: &Executor) -> Result<T, Error> {
        (self.finish)(executor.statements(self.statements).await?)
    }
}

/// Queries whose statements are known in advance, so that they can be part of a [batch](crate::Client::batch).
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

/// The queries of a [batch](crate::Client::batch): a tuple of up to eight queries, or a `Vec` of queries of one type.
pub trait Batch {
    /// The results in the order of the queries.
    type Output;

    /// Returns the statements of all queries, and the function that turns their outcomes into results.
    ///
    /// # Errors
    /// A query cannot be written as SQL.
    #[doc(hidden)]
    fn into_steps(
        self,
    ) -> Result<(Vec<Vec<Statement>>, impl FnOnce(Vec<Outcome>) -> Result<Self::Output, Error> + Send), Error>;
}

impl<Q: Batchable> Batch for Vec<Q> {
    type Output = Vec<Q::Output>;

    fn into_steps(
        self,
    ) -> Result<(Vec<Vec<Statement>>, impl FnOnce(Vec<Outcome>) -> Result<Self::Output, Error> + Send), Error>
    {
        let steps = self.into_iter().map(Q::into_step).collect::<Result<Vec<_>, _>>()?;
        let (statements, finishes): (Vec<_>, Vec<_>) =
            steps.into_iter().map(|step| (step.statements, step.finish)).unzip();
        let finish = move |outcomes: Vec<Outcome>| {
            finishes.into_iter().zip(outcomes).map(|(finish, outcome)| finish(outcome)).collect()
        };
        Ok((statements, finish))
    }
}

macro_rules! batch_tuple {
    ($($name:ident $index:tt),+) => {
        impl<$($name: Batchable),+> Batch for ($($name,)+) {
            type Output = ($($name::Output,)+);

            fn into_steps(
                self,
            ) -> Result<(Vec<Vec<Statement>>, impl FnOnce(Vec<Outcome>) -> Result<Self::Output, Error> + Send), Error> {
                let steps = ($(self.$index.into_step()?,)+);
                let statements = vec![$(steps.$index.statements),+];
                let finish = move |outcomes: Vec<Outcome>| {
                    let mut outcomes = outcomes.into_iter();
                    Ok(($((steps.$index.finish)(outcomes.next().unwrap_or_default())?,)+))
                };
                Ok((statements, finish))
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
