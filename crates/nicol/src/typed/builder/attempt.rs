//! Updating or deleting a row only if a condition holds.

use std::fmt;

use super::write::{Write, WriteQuery};
use crate::codec::{Cells, DecodeError};
use crate::error::Error;
use crate::run::Request;
use crate::typed::batch::{Batchable, Step};
use crate::typed::model::Model;
use crate::typed::record::FromRecord;
use crate::typed::select::Shape;
use crate::wire::Executor;

/// The result of an update or a deletion with a condition; see [`or_current`](crate::builder::WriteQuery::or_current).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt<T> {
    /// The row was updated or deleted. Holds the updated row, or the row that was deleted.
    Done(T),
    /// The row exists, but the filter does not match it, so it was left alone. Holds the row as it is.
    Unmet(T),
    /// There is no row with this key.
    NotFound,
}

/// Kinds of queries that can depend on a condition.
pub trait Conditional: Write {}

/// An update or a deletion that returns an [`Attempt`].
#[must_use = "a query runs when it is awaited"]
pub struct AttemptQuery<M, S, K> {
    pub(super) executor: Executor,
    query: WriteQuery<M, S, K>,
}

impl<M, S, K: fmt::Debug> fmt::Debug for AttemptQuery<M, S, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.query.fmt(f)
    }
}

impl<M: Model, S, K: Conditional> WriteQuery<M, S, K> {
    /// Returns an [`Attempt`] instead of failing (P2025): whether the row was written, does not match the filter, or does not exist. If the filter
    /// does not match, it holds the current row.
    ///
    /// The filter is compared with the row as it is when it is written: of several queries at once that require the same version of a row,
    /// exactly one writes it, and the others return the row that it wrote.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, User, user};
    /// # use nicol::{Attempt, Error};
    /// async fn rename(db: &Client, seen: &User, name: &str) -> Result<(), Error> {
    ///     let update = db.user().update(user::by_id(&seen.id)).filter(user::name.eq(seen.name.clone())).name(name);
    ///     match update.or_current().await? {
    ///         Attempt::Done(_) => println!("renamed"),
    ///         Attempt::Unmet(user) => println!("somebody else has named the user {:?}", user.name),
    ///         Attempt::NotFound => println!("the user has been deleted"),
    ///     }
    ///     Ok(())
    /// }
    /// # fn main() {}
    /// ```
    pub fn or_current(self) -> AttemptQuery<M, S, K> {
        AttemptQuery { executor: self.executor.clone(), query: self }
    }
}

fn decode<T: FromRecord>(cells: &mut Cells<'_>) -> Result<Attempt<T>, DecodeError> {
    let row = T::from_record(cells)?;
    Ok(if cells.take::<bool>()? { Attempt::Done(row) } else { Attempt::Unmet(row) })
}

impl<M: Model, S: Shape<M>, K: Conditional> Batchable for AttemptQuery<M, S, K> {
    type Output = Attempt<S::Row>;

    fn into_step(self) -> Result<Step<Self::Output>, Error> {
        let WriteQuery { executor, kind, returning, .. } = self.query;
        Step::of(&executor, Request::Attempt(kind.into_write(returning)), |outcome| {
            let rows = outcome.all(decode::<S::Row>)?;
            Ok(rows.into_iter().next().unwrap_or(Attempt::NotFound))
        })
    }
}
