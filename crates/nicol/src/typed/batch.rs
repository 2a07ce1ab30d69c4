//! Queries as steps: statements whose text and parameters are known before the first one runs.

use std::pin::Pin;

use crate::error::{Error, Kind};
use crate::query::Write;
use crate::run;
use crate::wire::{Executor, Outcome, Statement};

/// The future of a query, which runs it.
pub type QueryFuture<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

/// What a query does, and the function that turns its outcome into a result.
#[derive(Debug)]
pub struct Step<T> {
    work: Work,
    finish: fn(Outcome) -> Result<T, Error>,
}

#[derive(Debug)]
pub enum Work {
    /// Runs these statements in order.
    Statements(Vec<Statement>),
    /// Runs a write that takes several statements, some of which need the rows of others.
    Write(Box<Write>),
}

impl Work {
    /// Returns the work of a write that may take several statements.
    ///
    /// # Errors
    /// The write has too many parameters.
    pub(crate) fn of(schema: &str, write: Write) -> Result<Self, Error> {
        Ok(match run::statement(schema, &write)? {
            Some(statement) => Self::Statements(vec![statement]),
            None => Self::Write(Box::new(write)),
        })
    }
}

impl From<Statement> for Work {
    fn from(statement: Statement) -> Self {
        Self::Statements(vec![statement])
    }
}

impl<T> Step<T> {
    pub(crate) fn of(work: Work, finish: fn(Outcome) -> Result<T, Error>) -> Self {
        Self { work, finish }
    }

    pub(crate) fn new(statement: Statement, finish: fn(Outcome) -> Result<T, Error>) -> Self {
        Self::many(vec![statement], finish)
    }

    pub(crate) fn many(statements: Vec<Statement>, finish: fn(Outcome) -> Result<T, Error>) -> Self {
        Self { work: Work::Statements(statements), finish }
    }

    /// Returns the step of a write that may take several statements.
    ///
    /// # Errors
    /// The write has too many parameters.
    pub(crate) fn write(
        schema: &str,
        write: Write,
        finish: fn(Outcome) -> Result<T, Error>,
    ) -> Result<Self, Error> {
        Ok(Self { work: Work::of(schema, write)?, finish })
    }

    pub(crate) async fn run(self, executor: &Executor) -> Result<T, Error> {
        let outcome = match self.work {
            Work::Statements(statements) => executor.statements(statements).await?,
            Work::Write(write) => Box::pin(run::write(executor, *write)).await?,
        };
        (self.finish)(outcome)
    }

    /// Returns the statements and the function.
    ///
    /// # Errors
    /// It is a write whose statements need the rows of others.
    fn into_parts(self) -> Result<Parts<T>, Error> {
        let message =
            "this write takes several statements, so it cannot be part of a batch\nhelp: use a transaction";
        match self.work {
            Work::Statements(statements) => Ok((statements, self.finish)),
            Work::Write(_) => Err(Kind::Unsupported { message }.into()),
        }
    }
}

/// Returns the error of a call that would leave out the referential actions that `relationMode = "prisma"` leaves to the client.
pub(crate) fn without_actions() -> Error {
    let message = "with `relationMode = \"prisma\"`, this call would leave out referential actions\nhelp: write the rows \
        one by one in a transaction";
    Kind::Unsupported { message }.into()
}

type Parts<T> = (Vec<Statement>, fn(Outcome) -> Result<T, Error>);

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
        let parts = self.into_iter().map(|query| query.into_step()?.into_parts());
        let (statements, finishes): (Vec<_>, Vec<_>) =
            parts.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
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
                let parts = ($(self.$index.into_step()?.into_parts()?,)+);
                let statements = vec![$(parts.$index.0),+];
                let finish = move |outcomes: Vec<Outcome>| {
                    let mut outcomes = outcomes.into_iter();
                    Ok(($((parts.$index.1)(outcomes.next().unwrap_or_default())?,)+))
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
