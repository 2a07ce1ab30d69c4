//! The runtime of the generated client: queries as data, SQL, rows, pool, transactions.

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
mod sql;
mod statements;
mod stream;
mod table;
mod transaction;
mod value;

/// The Rust types of fields.
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
