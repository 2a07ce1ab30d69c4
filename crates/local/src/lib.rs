//! A private PostgreSQL server for development: found, initialised, started, shared and stopped.
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
//! One server for each project folder and user. Applications hold [`Lease`]s on it; the last one out stops it. Leases
//! are file locks, which the kernel gives back however a process ends: after a `kill -9` the server stays and the
//! next application adopts it.
//!
//! | | as an ordinary user | as root |
//! |---|---|---|
//! | server runs as | the same user | `postgres`, else `nobody`, or [`Options::account`] |
//! | data | `<project>/.nicol/data` | `/var/lib/nicol/<hash of the project's path>/data` |
//! | socket | `/tmp/nicol-<uid>-<hash>` | `/var/lib/nicol/<hash>/run` |
//! | password, locks, log | `<project>/.nicol/state` | `/var/lib/nicol/<hash>/state` |
//!
//! As root the data outlives a project that is deleted; [`remove`] takes it away.
//!
//! The server listens on a socket in a folder of its own and on no network address. It is in a process group of its
//! own, so that Ctrl-C in the terminal reaches the application alone.
//!
//! What it does not do: download PostgreSQL, upgrade data to another major version, read the environment, print.

mod account;
mod binaries;
mod cluster;
mod error;
mod layout;
mod lease;
mod postmaster;

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use binaries::program;
pub use error::Error;
pub use lease::{Lease, Status, acquire, databases, remove, start, status, stop};

/// Where the server belongs and what it is made of.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// The project's folder: it decides which server is meant.
    pub project_dir: PathBuf,
    /// The folder with `postgres` and `initdb`; without it the search goes through [`Options::search_path`] and the
    /// usual folders.
    pub postgres_bin: Option<PathBuf>,
    /// The value of `PATH`, if it is to be searched.
    pub search_path: Option<OsString>,
    /// As root: the user that the server runs as.
    pub account: Option<String>,
    /// As root: the folder beneath which the data lies.
    pub root_home: PathBuf,
    /// The database of [`Lease::url`]; it is created if it is missing.
    pub database: String,
    /// Settings for the server, such as `("max_connections", "300")`; they hold when it is started next.
    pub settings: Vec<(String, String)>,
    /// How long a start may take; recovery after a crash counts.
    pub start_timeout: Duration,
}

impl Options {
    /// The defaults for a project.
    pub fn new(project_dir: impl Into<PathBuf>) -> Self {
        Self {
            project_dir: project_dir.into(),
            postgres_bin: None,
            search_path: None,
            account: None,
            root_home: PathBuf::from("/var/lib/nicol"),
            database: "app".to_owned(),
            settings: Vec::new(),
            start_timeout: Duration::from_mins(2),
        }
    }
}

/// Gives the folder for what else belongs to this project and user on this machine, such as a development secret:
/// made if it is missing, owned by the current user, mode 0700.
///
/// # Errors
///
/// [`Error::File`], or [`Error::Foreign`] if somebody else owns it.
pub fn state_dir(options: &Options) -> Result<PathBuf, Error> {
    Ok(layout::Layout::prepare(options)?.state)
}

/// A step on the way to a running server. `Display` gives a line for people.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// Another process starts or stops the server; its end is awaited.
    Waiting,
    /// The programs were found.
    Found {
        /// The full version, such as `15.14`.
        version: String,
        /// Their folder.
        folder: PathBuf,
    },
    /// A new data directory is made.
    Initialising {
        /// Where.
        data: PathBuf,
    },
    /// The server is started.
    Starting,
    /// The server was not shut down and brings its data into order.
    Recovering,
    /// A server that runs already is used.
    Adopted,
    /// The server takes connections.
    Ready {
        /// Since the call.
        elapsed: Duration,
    },
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting => f.write_str("waiting for another start or stop of PostgreSQL to end"),
            Self::Found { version, folder } => {
                write!(f, "found PostgreSQL {version} in {}", folder.display())
            }
            Self::Initialising { data } => write!(f, "making a data directory in {}", data.display()),
            Self::Starting => f.write_str("starting PostgreSQL"),
            Self::Recovering => f.write_str("recovering the data after an interrupted run"),
            Self::Adopted => f.write_str("using the PostgreSQL that runs already"),
            Self::Ready { elapsed } => write!(f, "PostgreSQL is ready after {} ms", elapsed.as_millis()),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        for digit in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(digit.into(), 16));
        }
        text
    })
}

/// Gives the last lines of a log.
fn tail(path: &Path, from: u64) -> String {
    use std::io::{Read, Seek, SeekFrom};
    let mut bytes = Vec::new();
    // Without a log there is just less to say.
    if let Ok(mut file) = std::fs::File::open(path) {
        let _ = file.seek(SeekFrom::Start(from));
        let _ = file.take(1 << 20).read_to_end(&mut bytes);
    }
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(8)..].join("\n")
}
