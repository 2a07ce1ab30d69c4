//! The typed interface: what an application calls and what generated code builds on.

pub(crate) mod argument;
pub(crate) mod batch;
pub(crate) mod builder;
pub(crate) mod client;
pub(crate) mod compare;
pub(crate) mod connect;
pub(crate) mod enumeration;
pub(crate) mod extension;
pub(crate) mod field;
#[cfg(any(feature = "with-jiff-1", feature = "with-rust_decimal-1", feature = "with-time-0_3"))]
pub(crate) mod foreign;
pub(crate) mod json;
pub(crate) mod json_field;
pub(crate) mod lacking;
pub(crate) mod load;
pub(crate) mod loaded;
pub(crate) mod model;
pub(crate) mod nested;
pub(crate) mod partial;
pub(crate) mod parts;
pub(crate) mod raw;
pub(crate) mod record;
pub(crate) mod refine;
pub(crate) mod related;
pub(crate) mod relation;
pub(crate) mod scalar;
pub(crate) mod search;
pub(crate) mod select;
pub(crate) mod serialize;
pub(crate) mod setters;
pub(crate) mod sql;
pub(crate) mod stream;
pub(crate) mod table;
pub(crate) mod transaction;
pub(crate) mod unique;
