//! Answers queries in Prisma's JSON protocol, with a schema that is read at run time.
//!
//! A request is `{"modelName", "action", "query": {"arguments", "selection"}}`, as Prisma Client 6.19 sends it to its engine. It becomes the
//! same query data that the typed client of [`nicol`] makes, is run in the same way, and is answered as Prisma does: values, error codes and
//! the `meta` of errors.

// The floors, from the bottom up; `xtask/layers.txt` lists them.
//
//   1. error, json, meta          errors, JSON values of requests, models as the runtime's metadata
//   2. schema, failure            the schema: fields and models by name; the errors of queries
//   3. plan                       what a request asks for: a query as data, and the shape of its answer
//   4. request, answer            from JSON to a plan; from rows to JSON
//      raw, transaction           SQL of the application; transactions that are open between requests
//   5. batch                      several requests as one query
//   6. engine                     answers requests
//   7. line, http                 requests and answers as lines, and over HTTP
//      log                        what Prisma's engine prints
mod answer;
mod batch;
mod engine;
mod error;
mod failure;
mod http;
mod json;
mod line;
pub mod log;
mod meta;
mod plan;
mod raw;
mod request;
mod schema;
mod transaction;

pub use engine::{Answer, Engine};
pub use error::Error;
pub use http::HttpAnswer;
pub use request::dmmf;
pub use transaction::TransactionOptions;
