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
//! # TypedSQL
//!
//! Each file in `prisma/sql` becomes a method of `db.sql()`: `people_by_month.sql`, with two parameters, is
//! `db.sql().people_by_month(from, to).await?`, which returns a `Vec<db::sql::PeopleByMonth>`, or the number of affected rows if the
//! statement returns none.
//!
//! ```sql
//! -- @description Counts the people that were added in each month.
//! -- @param {DateTime} $1:from The first day
//! -- @param {DateTime} $2:to? The day after the last
//! -- @column month!
//! select date_trunc('month', created_at) as month, count(*) as people
//! from people where created_at >= $1 and created_at < coalesce($2, now()) group by 1
//! ```
//!
//! `nicol generate --sql` reads the types from a database and writes them to `prisma/sql/nicol.lock`. Builds read that file, and fail if a
//! statement has changed since. The comments are those of Prisma: a type in braces is for parameters to which PostgreSQL's type can be given in
//! another Rust type, and `?` behind the name makes the parameter optional.
//!
//! A column is an `Option` unless it is certain not to be null: it comes from a column that is `NOT NULL`, and is not on the optional
//! side of an outer join; or it is a `count(…)`. Where nicol cannot tell, `-- @column name!` says that values are never null,
//! and `-- @column name?` that they may be. (Prisma reads the plan of the statement, too, but misses outer joins below a sort or an aggregate.)
//!
//! # I/O
//!
//! [`generate`] does none; [`build`] does, and so do [`read_schema`] and [`read_statements`], which the command line uses, too. The generated
//! code contains only what differs between schemas; everything else is in the crate `nicol`.
//!
//! The feature `describe` adds [`describe_statements`](https://docs.rs/nicol-codegen), which `nicol generate --sql` calls. Build scripts need no
//! database, and so not this feature.

mod build_script;
mod comments;
#[cfg(feature = "describe")]
mod describe;
mod emit;
mod error;
mod generate;
mod names;
mod output;
mod plan;
mod print;
mod schema_files;
mod statement;
mod statement_files;
mod types;

pub use build_script::{Build, BuildError, build};
#[cfg(feature = "describe")]
pub use describe::{DescribeError, describe_statements};
pub use error::{AuthModelError, Error};
pub use generate::generate;
pub use output::{Layout, Options, OutputFile};
pub use schema_files::{ReadSchemaError, read_schema};
pub use statement::{BaseType, DatabaseType, Statement, StatementColumn, StatementError, StatementTypes};
pub use statement_files::{ReadStatementsError, read_statements, statement_folder};
