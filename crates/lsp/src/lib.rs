//! A language server for Prisma schemas, for any editor that speaks the Language Server Protocol 3.17.
//!
//! ```text
//! editor ─ messages ─► server ─► workspace ─ text, files ─► analysis (nicol-schema) ─► diagnostics, completion, …
//! ```
//!
//! `nicol lsp` runs it on standard input and output; [`serve`] runs it on any [`Connection`](lsp_server::Connection). The
//! text of open documents takes precedence over the files on disk; the files of a schema are found as the commands of nicol
//! find them ([`Settings::schema`]).
//!
//! Everything happens in the order in which the editor sends it, so an answer always belongs to the text that the editor
//! had when it asked.

mod actions;
mod analysis;
mod complete;
mod diagnostics;
mod edit;
mod format;
mod hover;
mod locate;
mod navigate;
mod outline;
mod rename;
mod server;
mod text;
mod workspace;

pub use server::{Ended, Error, Settings, serve, serve_stdio};
