//! The runtime of the client that nicol generates from a Prisma schema: typed queries on PostgreSQL.
//!
//! A build script generates the client (`nicol_codegen::build("prisma/schema.prisma")`), and [`client!`] includes it. Each model becomes a
//! module with its row, its fields and its keys:
//!
//! ```
//! pub mod db {
//! # #[cfg(any())]
//!     nicol::client!();
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs"));
//! }
//!
//! use db::{Client, session, user};
//! use nicol::increment;
//!
//! async fn greet(email: &str) -> Result<(), nicol::Error> {
//!     let db = Client::from_env().await?; // reads `DATABASE_URL`
//!     let user = db
//!         .user()
//!         .upsert(user::by_email(email), user::New { email: email.into() }, |user| user.visits(increment(1)))
//!         .include(user::sessions.order_by(session::expires.desc()).take(1))
//!         .await?;
//!     println!("{} came {} times and has {} sessions", user.email, user.visits, user.sessions().len());
//!     Ok(())
//! }
//! # fn main() {}
//! ```
//!
//! Every query begins at a [`Table`] and runs when it is awaited. A relation can only be read from a row whose query included it: without
//! `.include(user::sessions)` the call `user.sessions()` does not compile. SQL is written with [`sql!`](macro@sql), for
//! [`Client::query_raw`] and [`Client::execute_raw`].
//!
//! # Connections
//!
//! The pool opens at most `connection_limit` connections. A query waits `pool_timeout` for one and then fails with P2024.
//!
//! If a connection is lost, the other idle ones are closed, and the query is repeated on a new connection if it has changed nothing: a read, a
//! statement that the server did not execute, a batch or the beginning of a transaction that was not committed. Otherwise the error says so
//! ([`Kind::Uncertain`]), because the write may have been executed. A server that was there before and is away is waited for: at most
//! `pool_timeout`. With several hosts in the connection URL, the pool leaves a server that has become a standby for the one that accepts writes.
//!
//! If a prepared statement no longer fits the database after a migration, it is prepared and run again. Within a transaction this is an
//! error ([`Kind::StalePlan`]); running the transaction again succeeds.
//!
//! Behind a pooler in transaction mode, the next statement may run on another server connection. The client needs nothing of a session
//! there: it prepares statements only if the pooler keeps them (PgBouncer 1.21 or later, Neon), and refuses to listen. It knows a pooler by
//! `?pgbouncer=true` in the connection URL (then nothing is prepared), by the host names of Neon and Supabase, and otherwise by comparing the
//! process id at startup with that of the server, which costs no round trip. Whether the pooler keeps statements is asked once.
//! `?pgbouncer=false` says that there is none, or that it is in session mode.
//!
//! # Replicas
//!
//! With [`ClientBuilder::replica`], or a second environment variable, reads outside of transactions go to replicas, and everything else to the
//! primary. [`Client::for_request`] is for handlers that read what they wrote, [`Client::primary`] for reads that must not lag.
//!
//! # Transactions
//!
//! [`Transaction::run`] takes a closure. It commits if the closure returns `Ok` and rolls back if it returns `Err`, panics or is dropped.
//! A transaction within a transaction is a savepoint. [`Transaction::try_run`] accepts a closure with its own error type.
//!
//! [`Client::batch`] runs several queries atomically and in one round trip.
//!
//! # Observing
//!
//! [`Client::on_query`] is called after each statement, and [`Client::metrics`] has the numbers of queries and connections.
//!
//! For `tracing`, there is a span of each query, each wait for a connection and each transaction, at the level `INFO` and with the target
//! `nicol::span`. Their fields have the names of OpenTelemetry's conventions for databases: `db.system.name`, `db.namespace`,
//! `db.collection.name`, `db.operation.name`, `db.query.summary`, `db.query.text`, `db.response.returned_rows`, `db.response.status_code`,
//! `error.type`, `server.address` and `server.port`. None contains a value. `tracing-opentelemetry` sends them to a collector as they are. The
//! target `nicol::query` has an event for each statement, at the level `DEBUG`.
//!
//! # Rows and errors
//!
//! Rows implement serde's `Serialize` with the field names of the schema file, so that a handler can return them as JSON. A frontend gets what
//! it got from `JSON.stringify` of Prisma Client's rows:
//!
//! | field | JSON |
//! |---|---|
//! | `DateTime` | `"2026-02-04T00:00:00.000Z"`; microseconds only if there are any, where Prisma drops them |
//! | `DateTime @db.Date`, `@db.Time` | `"2026-02-04T00:00:00.000Z"`, `"1970-01-01T09:30:00.000Z"` |
//! | `Decimal` | a string as decimal.js writes it: `"12.5"`, `"1e+21"` |
//! | `BigInt` | a string. `JSON.stringify` throws; Prisma's documentation advises a string, because a JavaScript number has 53 bits |
//! | `Bytes` | a string in Base64. `JSON.stringify` writes an object with a property for each byte |
//! | `Float` | a number; `null` for infinity and `NaN` |
//! | an enum | the name of the value in the schema file |
//!
//! Tuples and your own structs are serialized as serde does for their types. Enums implement `Deserialize`, too, and rows do with
//! `deserialize = true` in the generator block of the schema: it reads the same JSON, passes over other names, such as those of loaded relations, and
//! also takes numbers for `BigInt` and `Decimal`. [`types`] lists the Rust types of fields.
//!
//! An [`Error`] has a [kind](Kind) and Prisma's code. Its text never contains a value of the database, except for keys that are numbers or
//! generated identifiers. The `Debug` output of a row shows its fields: do not log rows.
//!
//! # Calls that Prisma Client does not have
//!
//! | one statement for | |
//! |---|---|
//! | creating or updating many rows | [`upsert_many`](Table::upsert_many) |
//! | updating many rows, each with its own values | [`update_each`](Table::update_each) |
//! | changing a row only if it is unchanged | [`or_current`](builder::WriteQuery::or_current) |
//! | a page of rows and their total | [`and_count`](builder::FindQuery::and_count) |
//!
//! # Differences from Prisma Client
//!
//! | | Prisma Client 6.19 | nicol |
//! |---|---|---|
//! | `%`, `_`, `\` in [`contains`](Field::contains), [`starts_with`](Field::starts_with), [`ends_with`](Field::ends_with) and in insensitive comparisons | wildcards and the escape of `LIKE` | match themselves |
//!
//! # Features
//!
//! The types of fields are those of `chrono`, `bigdecimal` and `uuid`. A feature lets you pass the types of another crate for fields, filters
//! and [parameters](params), and read them with [`FromRow`]. The rows of models keep the default types. No feature is enabled by default.
//!
//! | feature | in place of [`DateTime`](types::DateTime) | [`Date`](types::Date) | [`Time`](types::Time) | [`Decimal`](types::Decimal) |
//! |---|---|---|---|---|
//! | `with-jiff-1` | `jiff::Timestamp` | `jiff::civil::Date` | `jiff::civil::Time` | |
//! | `with-time-0_3` | `time::OffsetDateTime` | `time::Date` | `time::Time` | |
//! | `with-rust_decimal-1` | | | | `rust_decimal::Decimal` |
//!
//! ```toml
//! nicol = { version = "0.1", features = ["with-jiff-1"] }
//! ```
//!
//! A value of the database that such a type cannot represent, such as `infinity` or a number of 30 digits, is P2023.
//!
//! # Stability
//!
//! The generated code and this crate must have the same version. No type of `tokio-postgres` is part of the public interface.

// The floors, from the bottom up. A module imports from the floors below its own, never from its own or from above: `xtask/layers.txt`
// says so for the modules here and for those inside them, and `cargo xtask test layers` checks it.
//
//   1. error, value, meta    what every floor speaks of: errors, values, and models as data
//   2. codec                 values in PostgreSQL's binary form, both ways
//      query                 the query as data
//   3. wire                  statements, connections, the pool, open transactions; knows nothing of queries
//   4. sql                   the SQL of a query
//   5. run                   runs queries, also those that take several statements
//   6. typed                 fields, relations, builders, tables, clients, transactions
//   7. builder, extension, __private    names for applications, and for generated code; `macros` has what they call
mod error;
mod meta;
mod value;

mod codec;
mod query;

mod wire;

mod sql;

mod run;

mod typed;

#[doc(hidden)]
pub mod __private;
pub mod builder;
pub mod extension;
mod macros;

/// The Rust types of fields.
///
/// | field | written | read |
/// |---|---|---|
/// | [`DateTime`](types::DateTime), [`Time`](types::Time) | truncated to the precision of the column, also in filters and keys | as stored |
/// | `DateTime`, [`Date`](types::Date) | `DateTime::<Utc>::MAX_UTC` and `MIN_UTC`, `NaiveDate::MAX` and `MIN` as `infinity` and `-infinity` | likewise; a year outside chrono's range is P2023 |
/// | `Time` | 23:59:60 as 24:00:00; `@db.Timetz` in UTC | likewise, converted to UTC |
/// | [`Decimal`](types::Decimal) | rounded by PostgreSQL to the scale of the column, as with Prisma; filters compare the exact number | without trailing zeros; `NaN` and infinities are P2023 |
/// | `Float @db.Real` | P2020 if it would become infinite or zero | the shortest number that is the same `real` |
/// | `Int @db.Oid` | 0 to 4,294,967,295 | as stored, in an `i64` |
/// | `String @db.Inet` | as given | without a mask that covers the whole address |
/// | `String @db.Char(n)` | as given | padded with blanks |
/// | [`Json`](types::Json) | P2020 if it nests deeper than 127 levels; `@db.Json` is compared as `jsonb` | integers of 64 bits, longer ones as the nearest Float; numbers beyond that and lone surrogates are P2023 |
///
/// The keys of a JSON object are sorted. To keep the order of `@db.Json` columns, enable the feature `preserve_order` of `serde_json` in the
/// `Cargo.toml` of the application. It applies to every crate in the build that uses `serde_json`.
pub mod types {
    pub use bigdecimal::BigDecimal as Decimal;
    pub use chrono::{NaiveDate as Date, NaiveTime as Time};
    pub use serde_json::Value as Json;
    pub use uuid::Uuid;

    /// An instant.
    pub type DateTime = chrono::DateTime<chrono::Utc>;
}

pub use error::{Error, Kind, RelationField};
pub use nicol_macros::{FromRow, Select, sql};
pub use typed::argument::{
    IntoAssignment, IntoField, IntoInitial, IntoOperand, decrement, divide, if_some, increment, multiply,
    push,
};
pub use typed::batch::BoxQuery;
pub use typed::builder::aggregate::{avg, count, count_of, max, min, sum};
pub use typed::builder::attempt::Attempt;
pub use typed::builder::upsert_many::Upserted;
pub use typed::client::{Client, Handle};
pub use typed::connect::ClientBuilder;
pub use typed::enumeration::{DatabaseEnum, UnknownValue};
pub use typed::field::{Comparison, Field, Filter, IntoFilter, IntoList, OrderBy, SortOrder};
pub use typed::loaded::{Has, Loaded, Nil};
pub use typed::model::Model;
pub use typed::partial::Partial;
pub use typed::raw::{AssertSafe, FromRow, Row};
pub use typed::related::Related;
pub use typed::relation::Relation;
pub use typed::search::{relevance, search};
pub use typed::select::Select;
pub use typed::setters::{IntoChildren, same};
pub use typed::sql::{Ident, Sql, table};
pub use typed::stream::RowStream;
pub use typed::table::Table;
pub use typed::transaction::{MaybeConflict, Retry, Transaction};
pub use typed::unique::Unique;
pub use value::{ANY_NULL, AnyNull, JSON_NULL, NULL, Null, Value};
pub use wire::{
    Histogram, Isolation, Metrics, Notification, Notifications, PoolStatus, QueryEvent, ReplicaMetrics,
    TransactionOptions,
};
