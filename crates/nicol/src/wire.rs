//! Runs statements: connections, the pool, pipelines, open transactions and their results.
//!
//! Nothing here knows which query a statement comes from or what its rows mean.

mod connection;
mod context;
mod executor;
mod failure;
mod lag;
mod listener;
mod metrics;
mod outcome;
mod pipeline;
mod pool;
mod pooler;
mod replicas;
mod statement;
mod statements;
mod stream;
mod telemetry;
mod transaction;
mod types;

pub(crate) use context::Settings;
pub use executor::Executor;
pub(crate) use executor::{Extensions, Reads};
pub use listener::{Notification, Notifications};
pub use metrics::{Histogram, Metrics, PoolStatus, ReplicaMetrics};
pub use outcome::Outcome;
pub(crate) use statement::{Form, References, Statement};
pub(crate) use stream::StatementRows;
pub use telemetry::QueryEvent;
pub(crate) use transaction::Open;
pub use transaction::{Held, Isolation, TransactionOptions};
