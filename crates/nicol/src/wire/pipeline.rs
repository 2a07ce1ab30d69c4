//! Pipelining: all statements are sent before the first result is awaited.
//!
//! tokio-postgres queues the message of a statement when its future is first polled. Every future is therefore polled once, in order and
//! without yielding in between, so that dropping the pipeline cannot leave a `BEGIN` without its end.

use std::pin::Pin;
use std::task::Poll;

use futures_util::poll;

use super::connection::Connection;
use super::context::Begin;
use super::outcome::Outcome;
use super::statement::Statement;
use crate::error::{Effect, Error, Kind};

/// A future that has been polled once.
struct Sent<'a, T> {
    future: Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>,
    answer: Option<Result<T, Error>>,
}

impl<'a, T> Sent<'a, T> {
    async fn new(future: impl Future<Output = Result<T, Error>> + Send + 'a) -> Self {
        let mut future: Pin<Box<dyn Future<Output = _> + Send>> = Box::pin(future);
        let answer = match poll!(future.as_mut()) {
            Poll::Ready(answer) => Some(answer),
            Poll::Pending => None,
        };
        Self { future, answer }
    }

    /// Whether the statement failed before it was sent.
    fn was_refused(&self) -> bool {
        matches!(self.answer, Some(Err(_)))
    }

    /// Waits for the answer. The statements before it are answered, so the time limit is its own.
    async fn answer(self, connection: &Connection) -> Result<T, Error> {
        match self.answer {
            Some(answer) => answer,
            None if connection.has_expired() => Err(Kind::Closed.into()),
            None => connection.answer(self.future).await,
        }
    }
}

/// Runs statements in the open transaction of the connection and appends their outcomes, up to the first that fails.
pub(crate) async fn statements(
    connection: &Connection,
    statements: &[&Statement],
    outcomes: &mut Vec<Outcome>,
) -> Result<(), Error> {
    // After a statement that fails, the transaction prepares no more, and that error would hide the first.
    for statement in statements {
        connection.prepare(statement).await?;
    }
    let sent = send(connection, statements).await?;
    answers(connection, sent, outcomes).await
}

/// Runs statements as a transaction, in one round trip if all of them are prepared. If a statement requires a row, it takes two: a missing row
/// is no error to the server, so the client decides between `COMMIT` and `ROLLBACK`. If a required row is missing, the outcomes are those of
/// the transaction that was rolled back.
pub(crate) async fn transaction(
    connection: &Connection,
    begin: &Begin,
    statements: &[&Statement],
) -> Result<Vec<Outcome>, Error> {
    let with_context: Vec<&Statement> =
        begin.context.as_deref().into_iter().chain(statements.iter().copied()).collect();
    let (statements, with_context) = (&*with_context, with_context.len() > statements.len());
    // Preparing needs a round trip of its own, so it comes before BEGIN.
    for statement in statements {
        connection.learn(statement, false).await?;
        connection.prepare(statement).await?;
    }
    let begin = Sent::new(connection.send_command(&begin.command)).await;
    let sent = send(connection, statements).await;
    let refused = sent.as_ref().map_or(true, |sent| sent.iter().any(Sent::was_refused));
    let waits = !refused && statements.iter().any(|statement| statement.requires_row);
    let end = match (waits, refused) {
        (true, _) => None,
        (false, true) => Some(Sent::new(connection.send_command("ROLLBACK")).await),
        (false, false) => Some(Sent::new(connection.send_command("COMMIT")).await),
    };
    let begun = begin.answer(connection).await;
    let mut outcomes = Vec::with_capacity(statements.len());
    let answered = match sent {
        Ok(sent) => answers(connection, sent, &mut outcomes).await,
        Err(error) => Err(error),
    };
    // After an error, PostgreSQL answers COMMIT with ROLLBACK. The error is returned below.
    let commits = match &end {
        Some(_) => !refused,
        None => answered.is_ok() && are_complete(statements, &outcomes),
    };
    let ended = match end {
        Some(end) => end.answer(connection).await,
        None => connection.command(if commits { "COMMIT" } else { "ROLLBACK" }).await,
    };
    let writes = statements.iter().any(|statement| !statement.read_only);
    let settle = |failure: Error| match failure.effect() {
        // Without COMMIT, it is rolled back. The last words of the server say that it was not executed.
        Effect::Unknown if !commits || !writes => failure.with_effect(Effect::Undone),
        Effect::Unknown => failure.uncertain(),
        _ => failure,
    };
    begun.map_err(settle)?;
    // Queries fail in their order: the row that an earlier one lacks comes before the error of a later one.
    if are_complete(statements, &outcomes) {
        answered.map_err(settle)?;
    }
    ended.map_err(settle)?;
    let wrote = are_complete(statements, &outcomes) && outcomes.iter().any(|outcome| outcome.wrote);
    for outcome in &mut outcomes {
        outcome.wrote = wrote;
    }
    if with_context {
        outcomes.remove(0);
    }
    Ok(outcomes)
}

pub(super) fn are_complete(statements: &[&Statement], outcomes: &[Outcome]) -> bool {
    statements
        .iter()
        .zip(outcomes)
        .all(|(statement, outcome)| !statement.requires_row || !outcome.rows.is_empty())
}

/// Sends statements that are prepared, or that need no preparation (behind a pooler).
async fn send<'a>(
    connection: &'a Connection,
    statements: &[&'a Statement],
) -> Result<Vec<Sent<'a, Outcome>>, Error> {
    let mut sent = Vec::with_capacity(statements.len());
    for statement in statements {
        let prepared = connection.prepare(statement).await?;
        sent.push(Sent::new(connection.send(statement, prepared)).await);
    }
    Ok(sent)
}

/// Waits for all answers and appends the outcomes, up to the first error.
async fn answers(
    connection: &Connection,
    sent: Vec<Sent<'_, Outcome>>,
    outcomes: &mut Vec<Outcome>,
) -> Result<(), Error> {
    let mut first_error = None;
    for statement in sent {
        match statement.answer(connection).await {
            Ok(outcome) if first_error.is_none() => outcomes.push(outcome),
            Ok(_) => {}
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    first_error.map_or(Ok(()), Err)
}
