//! People: a directory of persons, with sign-in by e-mail.
//!
//! ```text
//! main ─► cli ─► config ─► boot ─► router ─► layers ─► extract ─► routes ─► actions ─► db ─► PostgreSQL
//!                                                        │          └─► views ─► templates
//!                                                        └─► nicol-auth
//! ```
//!
//! - [`boot`] brings up a local PostgreSQL if none is configured, applies the migrations that the binary carries, and
//!   serves until it is asked to stop.
//! - [`router`] has every route on one page, `layers` what happens to all of them.
//! - [`actions`] are what can be done; each takes the proof that somebody is signed in.
//! - [`db`] is the client that nicol generates from `prisma/schema.prisma`.
//!
//! What it does not do: TLS, keep state in the process that another instance would miss, or trust a header of a proxy that
//! nobody named.

pub mod actions;
mod api;
pub mod app;
pub mod assets;
pub mod boot;
pub mod cli;
pub mod config;
pub mod contact;
pub mod database;
mod entity_tag;
pub mod error;
pub mod export;
pub mod extract;
mod health;
pub mod import;
mod layers;
pub mod live;
pub mod log;
pub mod mailbox;
pub mod metrics;
mod room;
pub mod router;
mod routes;
pub mod search;
pub mod seed;
mod shutdown;
pub mod sql;
pub mod terminal;
pub mod traces;
pub mod undo;
pub mod validate;
pub mod vcard;
pub mod version;
pub mod views;

/// The client of the database, generated from `prisma/schema.prisma`.
pub mod db {
    nicol::client!();
}
