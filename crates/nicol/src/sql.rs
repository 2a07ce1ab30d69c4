//! Writes queries as SQL text and parameters.
//!
//! Every value is a bound parameter with a declared type, so that a statement can be prepared or sent unnamed. Every name comes from the
//! metadata and is quoted by one function. Every table is qualified with its schema.

mod aggregate;
mod attempt;
mod condition;
mod create;
mod create_many;
mod created;
mod find_and_count;
mod fragment;
mod function;
mod generate;
mod grouped;
mod json;
mod order;
mod page;
mod part;
mod rows;
mod select;
mod update_each;
mod upsert_many;
mod write;
mod writer;

pub(crate) use aggregate::{aggregate, group_by};
pub(crate) use attempt::{attempt_delete, attempt_update};
pub(crate) use create::create;
pub(crate) use create_many::create_many;
pub(crate) use find_and_count::find_and_count;
pub(crate) use fragment::text as fragment_text;
pub(crate) use generate::Instant;
pub(crate) use rows::{
    Connected, Rows, change, insert, insert_linked, link, remove, returning_key, select, unlink, values_of,
};
pub(crate) use select::find;
pub(crate) use update_each::update_each;
pub(crate) use upsert_many::{Answer, upsert_many};
pub(crate) use write::{delete, returning, update, update_many, upsert};
