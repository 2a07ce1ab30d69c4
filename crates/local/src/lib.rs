//! A private PostgreSQL server for development: find, initialize, start, share and stop it.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let options = nicol_local::Options::new(".");
//! let lease = nicol_local::acquire(&options, |step| eprintln!("{step}")).await?;
//! let url = lease.url().to_url_with_password();
//! // … work with the database …
//! lease.release().await?;
//! # Ok(()) }
//! ```
//!
//! There is one server for each project folder and user. Applications hold [`Lease`]s on it; the last one stops it. Leases
//! are file locks, which the kernel releases however a process ends. After a `kill -9`, the server keeps running and the
//! next application adopts it.
//!
//! | | as an ordinary user | as root |
//! |---|---|---|
//! | server runs as | the same user | `postgres`, otherwise `nobody`, or [`Options::account`] |
//! | data | `<project>/.nicol/data` | `/var/lib/nicol/<hash of the project's path>/data` |
//! | socket | `/tmp/nicol-<uid>-<hash>` | `/var/lib/nicol/<hash>/run` |
//! | password, locks, log | `<project>/.nicol/state` | `/var/lib/nicol/<hash>/state` |
//!
//! As root, the data outlive a deleted project; [`remove`] deletes them.
//!
//! The server listens on a socket in a private folder and on no network address. It has its own process group, so that
//! Ctrl-C in the terminal only reaches the application.
//!
//! A [`branch`] is a copy of the data with a server of its own, in `branches/` beside the data.
//!
//! The crate does not download PostgreSQL, upgrade data to another major version, read the environment, or print.

mod account;
mod archive;
pub mod backup;
mod binaries;
pub mod branch;
mod cluster;
mod copy;
mod error;
mod files;
mod front;
mod keep;
mod keeper;
mod layout;
mod lease;
mod options;
mod postmaster;
mod progress;
pub mod restore;

pub use binaries::program;
pub use error::Error;
pub use keeper::keep;
pub use layout::state_dir;
pub use lease::{Lease, Status, acquire, connection_url, databases, remove, start, status, stop};
pub use options::Options;
pub use progress::Progress;
