//! Queries as steps: what they take, and what their outcome becomes.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::error::{Error, Kind};
use crate::run::{Request, Work};
use crate::wire::{Executor, Outcome, Settings, Statement};

/// The future of a query, which runs it.
#[must_use = "a query runs when it is awaited"]
pub struct QueryFuture<T> {
    // It does not depend on `T`, so it is compiled once and not in the application for each type of rows.
    outcome: Pin<Box<dyn Future<Output = Result<Outcome, Error>> + Send>>,
    finish: Finish<T>,
}

impl<T> fmt::Debug for QueryFuture<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("QueryFuture")
    }
}

impl<T> QueryFuture<T> {
    pub(super) fn new(executor: Executor, step: Result<Step<T>, Error>) -> Self {
        match step {
            Ok(Step { work, finish, .. }) => Self { outcome: run(executor, work), finish },
            Err(error) => Self { outcome: Box::pin(std::future::ready(Err(error))), finish: Finish::Done },
        }
    }
}

fn run(executor: Executor, work: Work) -> Pin<Box<dyn Future<Output = Result<Outcome, Error>> + Send>> {
    Box::pin(async move { work.run(&executor).await })
}

impl<T> Future for QueryFuture<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.outcome.as_mut().poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(outcome)) => {
                Poll::Ready(std::mem::replace(&mut self.finish, Finish::Done).of(outcome))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
        }
    }
}

/// What a query does, and the function that turns its outcome into a result.
#[derive(Debug)]
pub struct Step<T> {
    work: Work,
    finish: Finish<T>,
    /// The settings of the query's client.
    settings: Option<Settings>,
}

/// Turns the outcome of a query into a result.
enum Finish<T> {
    Query(fn(Outcome) -> Result<T, Error>),
    Mapped(Box<dyn FnOnce(Outcome) -> Result<T, Error> + Send>),
    /// There is no result any more.
    Done,
}

impl<T> fmt::Debug for Finish<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Finish")
    }
}

impl<T> Finish<T> {
    fn of(self, outcome: Outcome) -> Result<T, Error> {
        match self {
            Self::Query(finish) => finish(outcome),
            Self::Mapped(finish) => finish(outcome),
            Self::Done => {
                Err(Kind::Inconsistent { message: "a query was polled after its end".into() }.into())
            }
        }
    }
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
        let settings = executor.settings().cloned();
        Ok(Self { work: request.on(executor)?, finish: Finish::Query(finish), settings })
    }

    /// Returns the step of SQL of the application, which passes no extensions.
    pub(crate) fn raw(
        executor: &Executor,
        statement: Statement,
        finish: fn(Outcome) -> Result<T, Error>,
    ) -> Self {
        let settings = executor.settings().cloned();
        Self { work: statement.into(), finish: Finish::Query(finish), settings }
    }
}

impl<T> Step<T> {
    fn into_parts(self) -> (Part, Finish<T>) {
        (Part { work: self.work, settings: self.settings }, self.finish)
    }
}

impl<T: 'static> Step<T> {
    fn map<U>(self, change: impl FnOnce(T) -> U + Send + 'static) -> Step<U> {
        let finish = self.finish;
        let mapped = move |outcome| finish.of(outcome).map(change);
        Step { work: self.work, finish: Finish::Mapped(Box::new(mapped)), settings: self.settings }
    }
}

/// A query of any kind with the result `T`: [`boxed`](crate::builder::FindQuery::boxed) makes it, so that a [batch](crate::Client::batch) can
/// be a `Vec` of different queries.
#[must_use = "a query runs when it is awaited"]
pub struct BoxQuery<T> {
    executor: Executor,
    step: Result<Step<T>, Error>,
}

impl<T> fmt::Debug for BoxQuery<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BoxQuery")
    }
}

impl<T: Send + 'static> BoxQuery<T> {
    pub(super) fn new(executor: Executor, step: Result<Step<T>, Error>) -> Self {
        Self { executor, step }
    }

    /// Changes the result, such as to that of the other queries of a batch.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, session, user};
    /// # use nicol::Error;
    /// async fn remove(db: &Client, ids: &[&str]) -> Result<u64, Error> {
    ///     let mut queries = vec![db.session().delete_many().filter(session::user_id.is_in(ids.to_vec())).boxed()];
    ///     for id in ids {
    ///         queries.push(db.user().delete(user::by_id(*id)).boxed().map(|_| 1));
    ///     }
    ///     Ok(db.batch(queries).await?.into_iter().sum())
    /// }
    /// # fn main() {}
    /// ```
    pub fn map<U>(self, change: impl FnOnce(T) -> U + Send + 'static) -> BoxQuery<U> {
        BoxQuery { executor: self.executor, step: self.step.map(|step| step.map(change)) }
    }
}

impl<T: Send + 'static> Batchable for BoxQuery<T> {
    type Output = T;

    fn into_step(self) -> Result<Step<T>, Error> {
        self.step
    }
}

impl<T: Send + 'static> IntoFuture for BoxQuery<T> {
    type Output = Result<T, Error>;
    type IntoFuture = QueryFuture<T>;

    fn into_future(self) -> QueryFuture<T> {
        QueryFuture::new(self.executor, self.step)
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
type Steps<F> = (Vec<Part>, F);

/// What a query of a batch takes, and the settings of its client.
#[derive(Debug)]
pub struct Part {
    work: Work,
    settings: Option<Settings>,
}

/// Returns what the queries take in a batch of this client.
///
/// # Errors
/// A query is of a client with other settings, and would run with those of this one.
pub(super) fn works(parts: Vec<Part>, executor: &Executor) -> Result<Vec<Work>, Error> {
    if parts.iter().any(|part| part.settings.as_ref() != executor.settings()) {
        let message = "a query of a client with other settings cannot be part of this batch\n\
            help: make all queries of a batch with the client that `with_context` returned";
        return Err(Kind::Unsupported { message }.into());
    }
    Ok(parts.into_iter().map(|part| part.work).collect())
}

/// The queries of a [batch](crate::Client::batch): a tuple of up to twelve queries, or a `Vec` of queries of one type,
/// such as [`BoxQuery`].
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
        let steps = self.into_iter().map(|query| query.into_step().map(Step::into_parts));
        let (works, finishes): (Vec<_>, Vec<_>) = steps.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        let finish = move |outcomes: Vec<Outcome>| {
            finishes.into_iter().zip(outcomes).map(|(finish, outcome)| finish.of(outcome)).collect()
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
                let parts = ($(self.$index.into_step()?.into_parts(),)+);
                let works = vec![$(parts.$index.0),+];
                let finishes = ($(parts.$index.1,)+);
                let finish = move |outcomes: Vec<Outcome>| {
                    let mut outcomes = outcomes.into_iter();
                    Ok(($(finishes.$index.of(outcomes.next().unwrap_or_default())?,)+))
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
batch_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
batch_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
batch_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
batch_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
