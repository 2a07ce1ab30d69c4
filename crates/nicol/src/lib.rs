//! The runtime of the generated client: queries as data, SQL, rows, pool, transactions.
//!
//! ```ignore
//! pub mod db {
//!     nicol::client!();                       // what `build.rs` made of schema.prisma
//! }
//! use db::{Client, session, user};
//!
//! let db = Client::from_env().await?;
//! let ann = db.user().find_unique(user::by_email("ann@example.com"))
//!     .include(user::sessions.order_by(session::expires.desc()).take(1))
//!     .or_not_found()
//!     .await?;
//! println!("{} has {} sessions", ann.email, ann.sessions().len());
//! ```
//!
//! ```text
//! db.user().find_many()…     builder, field, relation, select   typed; every query is a value until it is awaited
//!         ▼
//! query::Find                query                              data, the same for all models
//!         ▼
//! SELECT … $1                sql                                text and bound parameters, one statement
//!         ▼
//! Connection                 executor, pool, transaction        prepared once per connection, or unnamed behind a pooler
//!         ▼
//! Vec<user::With<…>>         cells, relation                    columns and nested records, decoded by the same code
//! ```
//!
//! **The pool** has `connection_limit` connections at most; a query waits `pool_timeout` for one and then fails with P2024. Where a connection
//! was lost while it was idle, a query is repeated once on a new one if it cannot run twice: a read, whatever was not sent yet, and the
//! beginning of a transaction. A write that was sent is not, because it may have happened. A statement whose plan no longer fits the
//! database (after a migration, `DISCARD`, or behind a pooler) is prepared again and repeated; within a transaction that is an error
//! ([`Kind::StalePlan`]), and the transaction can be run again.
//!
//! **Transactions** are closures: [`Transaction::run`] commits on `Ok` and rolls back on `Err`, a panic or a drop; within another one it is a
//! savepoint. [`Transaction::try_run`] takes a closure with an error type of its own. A [batch](Client::batch) of queries is
//! atomic, and one round trip (two if one of its queries fails without a row).
//!
//! **Rows** implement serde's `Serialize`, with the fields' names in the schema file and loaded relations beneath them, and generated enums
//! the names of their values: a handler can return them as JSON. Decimals are texts, as in Prisma.
//!
//! **Values** are stored as given, or refused before anything is sent; [`types`] lists the exceptions. A value in the database that has no
//! form in Rust fails the query with P2023, which names the model, the field and, where it is a number or made by the client, the key.
//!
//! **Errors** have a [kind](Kind) and Prisma's code, and no other value. The rows' own `Debug` shows their fields: do not log rows.
//!
//! # What differs from Prisma Client on purpose
//!
//! | | Prisma Client 6.19 | here |
//! |---|---|---|
//! | `%`, `_`, `\` in [`contains`](Field::contains), [`starts_with`](Field::starts_with), [`ends_with`](Field::ends_with) and in insensitive comparisons | wildcards and the escape of `LIKE` | mean themselves |
//!
//! # What it does not do
//!
//! Know the schema language (a model reaches it as [`meta::ModelMeta`]), change tables, read the environment
//! ([`Client::from_env`] aside). There are no features to choose.

pub mod batch;
pub mod builder;
pub mod cells;
mod client;
mod connection;
mod encode;
mod enumeration;
mod error;
mod executor;
mod failure;
mod field;
mod generated;
pub mod meta;
mod model;
mod pipeline;
mod pool;
pub mod query;
pub mod raw;
pub mod relation;
mod scalar;
mod select;
pub mod serialize;
mod sql;
mod statements;
mod stream;
mod table;
mod transaction;
mod value;

/// The Rust types of fields.
///
/// | field | written | read |
/// |---|---|---|
/// | [`DateTime`](types::DateTime), [`Time`](types::Time) | cut to the digits of a second that the column keeps, in filters and keys, too | as stored |
/// | `DateTime`, [`Date`](types::Date) | `DateTime::<Utc>::MAX_UTC` and `MIN_UTC`, `NaiveDate::MAX` and `MIN` as `infinity` and `-infinity` | likewise; years that chrono does not have are P2023 |
/// | `Time` | 23:59:60 as 24:00:00; `@db.Timetz` in UTC | likewise, converted to UTC |
/// | [`Decimal`](types::Decimal) | rounded by PostgreSQL to the scale of the column, as with Prisma; filters compare the number given | without zeros at the end; `NaN` and the infinities are P2023 |
/// | `Float @db.Real` | P2020 where it would become infinite or zero | the shortest number that is the same `real` |
/// | `Int @db.Oid` | 0 to 4,294,967,295 | as stored, in an `i64` |
/// | `String @db.Inet` | as given | a mask that covers the whole address is left out |
/// | `String @db.Char(n)` | as given | filled up with blanks |
/// | [`Json`](types::Json) | P2020 where it nests deeper than 127 levels; `@db.Json` is compared as `jsonb` | integers in 64 bits, and longer ones as the nearest Float; numbers beyond that, and halves of surrogate pairs, are P2023 |
///
/// Keys of a JSON object are sorted, as `jsonb` sorts them in its own way. An application whose `@db.Json` columns have to keep their order turns
/// on the feature `preserve_order` of `serde_json` in its own `Cargo.toml`, which then holds for `nicol` as well; it costs a hash table
/// for each object, wherever `serde_json` is used.
pub mod types {
    pub use bigdecimal::BigDecimal as Decimal;
    pub use chrono::{NaiveDate as Date, NaiveTime as Time};
    pub use serde_json::Value as Json;
    pub use uuid::Uuid;

    /// An instant.
    pub type DateTime = chrono::DateTime<chrono::Utc>;
}

pub use builder::aggregate::{avg, count, count_of, max, min, sum};
pub use builder::create::IntoChildren;
pub use client::{Client, Handle};
pub use enumeration::{DatabaseEnum, UnknownValue};
pub use error::{Error, Kind};
pub use executor::{Executor, QueryEvent};
pub use field::{Comparison, Field, Filter, IntoOrder, OrderBy};
pub use model::{CreateTarget, IntoCreate, Model, ReadOnly, Setters, Unique, UpdateTarget};
pub use nicol_macros::{FromRow, Select};
pub use pool::PoolStatus;
pub use raw::{AssertSafe, FromRow};
pub use relation::{Has, Loaded, Nil, Related, Relation};
pub use scalar::{
    Arithmetic, FieldType, IntoAssignment, IntoField, ListItem, Number, Push, Scalar, decrement, divide,
    increment, multiply, push,
};
pub use select::{Columns, Select, Selection};
pub use stream::RowStream;
pub use table::Table;
pub use transaction::{Isolation, MaybeConflict, Retry, Transaction};
pub use value::{NULL, Null, Value};
