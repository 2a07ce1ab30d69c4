//! Browses and edits the data of a Prisma schema in the browser.
//!
//! [`Studio`] is a web server for one user on this machine: a page of plain HTML, CSS and JavaScript, and a small JSON API on
//! [`nicol_engine`], so that any schema works.
//!
//! - Only a browser that was given the URL with the token may use it, and only under the host that it listens on.
//! - Reading runs in read-only transactions with a time limit. A read-only studio has no connection that could write.
//! - Changes are collected in the page. They are applied in one transaction, and none of them if another program has changed one of the
//!   rows.

// The floors, from the bottom up; `xtask/layers.txt` lists them.
//
//   1. schema, failure     the schema as the page sees it; why a request failed
//   2. cell, database      values; transactions that read or write
//   3. query               requests to the engine
//   4. read, change        rows and counts; changes
//   5. access, assets      who may use it; the files of the page
//   6. api                 what the page asks for
//   7. studio              the server
mod access;
mod api;
mod assets;
mod cell;
mod change;
mod database;
mod failure;
mod query;
mod read;
mod schema;
mod studio;

pub use studio::{Options, Studio};
