//! From a validated schema to the Rust source of its typed client.
//!
//! ```text
//! Schema ──plan──► what is generated, with Rust's names and types ──emit──► tokens ──print──► files
//! ```
//!
//! In an application, `build.rs` is all there is to it:
//!
//! ```no_run
//! fn main() -> Result<(), nicol_codegen::BuildError> {
//!     nicol_codegen::build("prisma/schema.prisma")
//! }
//! ```
//!
//! and where the client belongs: `pub mod db { nicol::client!(); }`.
//!
//! For sign-in with `nicol-auth`, [`Build::auth_adapter`] lets the client implement its `Adapter`.
//!
//! [`generate`] reads and writes nothing, and knows no database; only [`build`] does, and [`read_schema`] for it and the command line. What generated code can do lies in the crate
//! `nicol`; here is only what differs from schema to schema.

mod build_script;
mod emit;
mod error;
mod names;
mod plan;
mod print;
mod schema_files;
mod types;

pub use build_script::{Build, BuildError, build};
pub use error::{AuthModelError, Error};
pub use schema_files::{ReadSchemaError, read_schema};

/// A file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputFile {
    /// Where: relative to the folder of the output, with `/`.
    pub path: String,
    /// What.
    pub contents: String,
}

/// How the client is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Into which files.
    pub layout: Layout,
    /// Whether the client implements `nicol_auth::Adapter`. The application then depends on `nicol-auth`, and the schema
    /// needs the models of Auth.js.
    pub auth_adapter: bool,
}

/// The files of a client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Layout {
    /// `mod.rs` and a file for each model, for a folder among the sources.
    #[default]
    Folder,
    /// `nicol.rs` with all of it, for `include!`.
    SingleFile,
}

/// Writes the client of a schema. Equal schemas give equal files.
///
/// # Errors
/// A model is larger than a table can be, or the models of Auth.js do not fit the adapter that the options ask for.
pub fn generate(schema: &nicol_schema::Schema, options: &Options) -> Result<Vec<OutputFile>, Error> {
    let client = plan::plan(schema, options)?;
    Ok(print::print(&emit::emit(&client), options.layout))
}
