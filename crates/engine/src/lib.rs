//! Answers queries in Prisma's JSON protocol, with a schema that is read at run time.
//!
//! A request is `{"modelName", "action", "query": {"arguments", "selection"}}`, as Prisma Client 6.19 sends it to its engine. It becomes the
//! same query data that the typed client of [`nicol`] makes, is run in the same way, and is answered as Prisma does: values, error codes and
//! the `meta` of errors.

// The floors, from the bottom up; `xtask/layers.txt` lists them.
//
//   1. error, json, meta   errors, JSON values of requests, models as the runtime's metadata
//   2. schema              the schema: fields and models by name
//   3. plan                what a request asks for: a query as data, and the shape of its answer
mod error;
mod json;
mod meta;
mod plan;
mod schema;

pub use error::Error;
