//! People: a directory of persons, with sign-in by e-mail.
//!
//! ```text
//! main ─► cli ─► config ─► boot ─► router ─► layers ─► extract ─► routes ─► actions ─► db ─► PostgreSQL
//!                                                        │          └─► views ─► templates
//!                                                        └─► nicol-auth
//! ```
//!
//! - [`boot`] starts a local PostgreSQL server if none is configured, applies the embedded migrations, and serves until
//!   it is stopped.
//! - [`router`] lists every route, `layers` has the middleware.
//! - [`actions`] has the operations; each takes proof that a user is signed in.
//! - [`db`] is the client that nicol generates from `prisma/schema.prisma`.
//!
//! Not provided: TLS, state in the process that other instances would need, and trust in the headers of unlisted
//! proxies.

pub mod actions;
mod api;
pub mod app;
pub mod assets;
pub mod boot;
pub mod cli;
pub mod config;
pub mod contact;
pub mod database;
mod decode;
mod entity_tag;
pub mod error;
pub mod export;
pub mod extract;
mod health;
pub mod import;
mod lag;
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
mod sort;
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
