//! Runs statements: connections, the pool, pipelines, open transactions and their results.
//!
//! Nothing here knows which query a statement comes from or what its rows mean.

mod connection;
mod context;
mod executor;
mod failure;
mod listener;
mod outcome;
mod pipeline;
mod pool;
mod statement;
mod statements;
mod stream;
mod transaction;

pub(crate) use executor::Extensions;
pub use executor::{Executor, QueryEvent};
pub use listener::{Notification, Notifications};
pub use outcome::Outcome;
pub use pool::PoolStatus;
pub(crate) use statement::{Form, References, Statement};
pub(crate) use stream::StatementRows;
pub(crate) use transaction::Open;
pub use transaction::{Held, Isolation, TransactionOptions};
