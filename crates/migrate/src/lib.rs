//! Migrations: from a schema file to SQL, and from SQL files to a database.
//!
//! ```text
//! schema file ─ from_model ──┐                                   ┌─ script ─► migrations/<name>/migration.sql
//!                            ├─► Catalog × 2 ─ plan ─► Plan ─────┤                          │
//! database ─ introspect ─────┘   (align: one wording)            └─ hazards                 │
//!        ▲                                                            │ evaluate            │
//!        │                                                            ▼                     ▼
//!        └──────────── run ◄─ deploy, push, reset, execute ◄──── a person agrees       Migrations
//! ```
//!
//! The modules form floors. Each one uses only the floors below it:
//!
//! | floor | modules |
//! |---|---|
//! | commands | `diagnose` above `shadow` above `deploy`, `status`, `resolve`, `push`, `reset`, `execute`, `evaluate` |
//! | running a script | `run`: piece by piece, with a journal in the history |
//! | plans and files | `plan`: Catalog → Changes → Ordered → script and [`hazard`]s; [`pull`]: Catalog → schema file; [`history`]: the folder of migrations |
//! | catalogs, a server | `from_model`, `introspect` above `align`; `session`: a connection, the lock, the table `_prisma_migrations` |
//! | data | [`Error`]; [`catalog`], [`script`], `progress` |
//!
//! The statements, the folder and the table are those of Prisma 6.19, so that the two can take turns on one project
//! and one database.
//!
//! The crate never prompts, prints or reads the environment, and computes plans without a connection.

pub mod catalog;
pub mod history;
pub mod pull;
pub mod script;

mod align;
mod deploy;
mod diagnose;
mod error;
mod evaluate;
mod execute;
mod from_model;
mod introspect;
mod plan;
mod progress;
mod push;
mod reset;
mod resolve;
mod run;
mod session;
mod shadow;
mod status;

pub use align::align;
pub use deploy::{
    Applied, Options, PlannedMigration, PlannedPiece, PlannedStatement, Preview, deploy, deploy_with, preview,
};
pub use diagnose::{Diagnosis, Drift, diagnose, end_of};
pub use error::Error;
pub use evaluate::{check, dependents, evaluate};
pub use execute::execute;
pub use from_model::from_model;
pub use history::{Migration, Migrations};
pub use introspect::{Scope, current, introspect, introspect_with, live};
pub use plan::change::{self, Rename};
pub use plan::hazard::{self, Finding, Hazard, Severity};
pub use plan::{Candidate, HintError, Hints, Plan, Renames, plan, plan_with, rename_candidates};
pub use progress::{Activity, Left, Progress};
pub use push::push;
pub use reset::{Reset, reset};
pub use resolve::{Resolution, resolve, resolve_with};
pub use run::standing::Standing;
pub use script::TableLock;
pub use shadow::Shadow;
pub use status::{Status, Unfinished, status};
