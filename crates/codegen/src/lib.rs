//! Generates the Rust source of a typed client from a validated schema.
//!
//! ```text
//! Schema ──plan──► plan, with Rust names and types ──emit──► tokens ──print──► files
//! ```
//!
//! In an application, call it from `build.rs`:
//!
//! ```no_run
//! fn main() -> Result<(), nicol_codegen::BuildError> {
//!     nicol_codegen::build("prisma/schema.prisma")
//! }
//! ```
//!
//! and put `pub mod db { nicol::client!(); }` where the client should be.
//!
//! For sign-in with `nicol-auth`, [`Build::auth_adapter`] makes the client implement its `Adapter`.
//!
//! [`generate`] returns the files without writing them:
//!
//! ```
//! use nicol_codegen::{Options, generate};
//!
//! let schema = nicol_schema::validate(
//!     r#"
//! datasource db {
//!   provider = "postgresql"
//!   url      = env("DATABASE_URL")
//! }
//!
//! model User {
//!   id    Int    @id
//!   email String @unique
//! }
//! "#,
//! );
//! let schema = schema.into_result().expect("the schema is valid");
//! let files = generate(&schema, &Options::default())?;
//! assert!(files.iter().any(|file| file.path == "user.rs"));
//! # Ok::<(), nicol_codegen::Error>(())
//! ```
//!
//! [`generate`] does no I/O; [`build`] does, and so does [`read_schema`], which the command line uses, too. The generated
//! code contains only what differs between schemas; everything else is in the crate `nicol`.

mod build_script;
mod emit;
mod error;
mod generate;
mod names;
mod output;
mod plan;
mod print;
mod schema_files;
mod types;

pub use build_script::{Build, BuildError, build};
pub use error::{AuthModelError, Error};
pub use generate::generate;
pub use output::{Layout, Options, OutputFile};
pub use schema_files::{ReadSchemaError, read_schema};
