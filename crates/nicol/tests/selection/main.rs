//! What a query reads: structs and tuples of fields and relations, at any depth. The text of the statement shows what it reads.

#![allow(clippy::unwrap_used, reason = "these are tests; the lint does not see it in their helpers")]

mod db;
mod omit;
mod rows;
mod structs;
mod support;
mod tuples;
