//! From the query as data to SQL text and parameters.
//!
//! Every value becomes a bound parameter with a declared type, so that the same statement can be prepared or sent in one go; every name comes
//! from metadata through one quoting function; every table is qualified with its schema.

mod aggregate;
mod condition;
mod create;
mod created;
mod generate;
mod grouped;
mod part;
mod select;
mod write;
mod writer;

pub(crate) use aggregate::aggregate;
pub(crate) use create::{create, create_many};
pub(crate) use select::find;
pub(crate) use write::{delete, delete_many, update, update_many, upsert};
