//! The typed queries: each collects its part of the [query as data](crate::query) and runs when it is awaited.

pub mod aggregate;
pub mod create;
pub mod delete;
pub mod find;
pub mod update;
pub mod upsert;

use std::pin::Pin;

use crate::error::Error;

/// The future of a query.
pub type QueryFuture<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;
