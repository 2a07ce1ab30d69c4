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
//!
//! # Names
//!
//! Names become Rust's: the model `UserAccount` is the struct `UserAccount`, the module `user_account` and the method `user_account()` of the
//! client; the field `phoneNumber` is `phone_number`; the value `IN_PROGRESS` of an enum is `InProgress`.
//!
//! - Names that would become equal, such as `fooBar` and `foo_bar`, keep the schema's spelling.
//! - Keywords are raw identifiers: the field `type` is `r#type`.
//! - A name that the generated code needs gets a trailing `_` where it is needed, and only there: the field `filter` is `filter`, its setter
//!   `filter_`.
//! - Any other name can be used, including those of Rust's prelude (`Option`, `Vec`) and of the runtime (`Field`, `Filter`).
//!
//! | where | names with a trailing `_` |
//! |---|---|
//! | models and enums, as types | `Client`, `nicol`, `Create`, `CreateWith`, `New`, `Row`, `Update`, `UpdateWith`, `With`, `handles`, `meta`, `types`, `bool`, `char`, `f32`, `f64`, `i8`, `i16`, `i32`, `i64`, `i128`, `isize`, `str`, `u8`, `u16`, `u32`, `u64`, `u128`, `usize` |
//! | models, as modules | `mod`, `Client`, `nicol`, `bool`, `char`, `f32`, `f64`, `i8`, `i16`, `i32`, `i64`, `i128`, `isize`, `str`, `u8`, `u16`, `u32`, `u64`, `u128`, `usize` |
//! | models, as methods of the client | `batch`, `builder`, `clone`, `close`, `connect`, `deref`, `execute`, `execute_raw`, `executor`, `extend`, `for_request`, `from_client`, `from_env`, `lazy`, `listen`, `metrics`, `notify`, `on_query`, `on_slow_query`, `pool_status`, `primary`, `query`, `query_as`, `query_raw`, `replica`, `schema`, `sql`, `transaction`, `transaction_options`, `with_context`, `with_schema`, `without_extensions` |
//! | relations, as types | `Create`, `CreateWith`, `New`, `Row`, `Update`, `UpdateWith`, `With`, `handles`, `meta`, `types`, `bool`, `char`, `f32`, `f64`, `i8`, `i16`, `i32`, `i64`, `i128`, `isize`, `str`, `u8`, `u16`, `u32`, `u64`, `u128`, `usize` |
//! | fields and relations, as handles | `create`, `update` |
//! | fields, as setters | `and_return`, `boxed`, `filter`, `include`, `into_future`, `limit`, `omit`, `or_current`, `refine`, `select`, `select_as`, `skip_duplicates`, `with` |
//! | relations, as methods of a row | `clone`, `deref`, `into_parts` |
//! | fields of a key, as parameters | `CreateWith`, `META`, `UpdateWith` |
//! | statements in files, as functions and types | `clone`, `new`, `Statements` |
//! | any | `Self`, `_`, `crate`, `self`, `super` |

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
