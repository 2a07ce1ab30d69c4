//! The client as it is generated, against a real server.

#![allow(clippy::unwrap_used, reason = "these are tests; the lint does not see it in their helpers")]

mod attempts;
mod calls;
mod connections;
mod context;
mod db;
mod faults;
mod listening;
mod locks;
mod lost;
mod many;
mod observing;
mod pool;
mod poolers;
mod reading;
mod replicas;
mod returning;
mod schemas;
mod sql;
mod statements;
mod storm;
mod support;
mod transactions;
mod urls;
mod waiters;
mod writing;
