//! Migrations: from a schema file to SQL, and from SQL files to a database.
//!
//! ```text
//! schema file ─ from_model ─► Catalog ─┐
//!                                      ├─ plan ─► Plan ─ script ─► migrations/<name>/migration.sql
//! schema file ─ from_model ─► Catalog ─┘                                      │
//!                                                                             ▼
//!                            _prisma_migrations ◄─ deploy, status, resolve ─ Migrations
//! ```
//!
//! The statements, the folder and the table are those of Prisma 6.19, so that the two can take turns on one project
//! and one database.
//!
//! [`introspect()`] reads the tables of a database back into a [`Catalog`](catalog::Catalog), and [`pull`] makes a schema
//! file of one.
//!
//! What it does not do: ask, print, or read the environment; compute a plan over a connection.

pub mod catalog;
pub mod change;
pub mod hazard;
pub mod history;
pub mod pull;
pub mod script;

mod align;
mod apply;
mod diagnose;
mod diff;
mod error;
mod execute;
mod from_model;
mod introspect;
mod journal;
mod lock;
mod order;
mod plan;
mod push;
mod rename;
mod render;
mod reset;
mod resolve;
mod same;
mod session;
mod shadow;
mod status;
mod store;

pub use align::align;
pub use apply::{
    Activity, Applied, Options, PlannedMigration, PlannedPiece, PlannedStatement, Preview, Progress,
    Standing, TableLock, deploy, deploy_with, preview,
};
pub use diagnose::{Diagnosis, Drift, diagnose, end_of};
pub use error::{Error, Left};
pub use execute::execute;
pub use from_model::from_model;
pub use hazard::{Finding, Hazard, Severity, check, dependents, hazards};
pub use history::{Migration, Migrations};
pub use introspect::{Scope, introspect, introspect_with};
pub use plan::{Plan, plan};
pub use push::{current, evaluate, live, push};
pub use rename::{Candidate, HintError, Hints, Rename, Renames, plan_with, rename_candidates};
pub use reset::{Reset, reset};
pub use resolve::{Resolution, resolve, resolve_with};
pub use shadow::Shadow;
pub use status::{Status, Unfinished, status};
