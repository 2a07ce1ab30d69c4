//! Branches of a database, with [Neon](https://neon.com)'s words and rules.
//!
//! A [`Backend`] lists, creates, restores and deletes branches. [`Neon`] uses Neon's API, [`Local`] copies the data of a
//! project's private server. The rules that are the same for both are functions of the list: [`Branches`].
//!
//! ```no_run
//! use nicol_branch::{Backend, Branches, NewBranch, Origin};
//!
//! # async fn run(backend: &dyn Backend) -> Result<(), nicol_branch::Error> {
//! let branches = Branches::of(backend.list().await?);
//! branches.check_new_name("feature")?;
//! let parent = branches.default_branch()?;
//! let new = NewBranch::new("feature", Origin::head(parent));
//! let branch = backend.create(&new).await?;
//! let urls = backend.urls(&branch).await?;
//! # Ok(()) }
//! ```
//!
//! The crate does not read the environment, and does not print. No API key or password appears in an error or in `Debug`.

mod backend;
mod branch;
mod branches;
mod error;
mod expiry;
mod local;
mod name;
mod neon;
mod point;

pub use backend::{Backend, Compute, NewBranch, Opened, Origin, Urls};
pub use branch::Branch;
pub use branches::Branches;
pub use error::Error;
pub use expiry::{expires_at, expires_in};
pub use jiff::Timestamp;
pub use local::Local;
pub use name::{is_invisible, name_for_git_branch};
pub use neon::{Neon, NeonOptions};
pub use point::{Named, Point, Reference};
