//! Progress of a start or a copy.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// A step of starting a server, or of copying its data. `Display` formats it for users.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// Waiting for another process to start or stop the server.
    Waiting,
    /// Waiting for the work of another process, such as a backup.
    WaitingFor {
        /// The work, with the process id: `backup (process 7)`.
        work: String,
    },
    /// The programs were found.
    Found {
        /// The full version, such as `15.14`.
        version: String,
        /// The folder of the programs.
        folder: PathBuf,
    },
    /// As root: the project has no data yet, but there are data of project folders that do not exist any more. They may be those
    /// of this project, if it was moved.
    Unclaimed {
        /// The folders of the data; the file `project` in each names the project folder.
        folders: Vec<PathBuf>,
    },
    /// Creating a data directory.
    Initialising {
        /// The data directory.
        data: PathBuf,
    },
    /// Starting the server.
    Starting,
    /// The server was not shut down cleanly and is recovering its data.
    Recovering,
    /// Copying data.
    Copying {
        /// The bytes copied so far.
        done: u64,
        /// The size of the data.
        total: u64,
    },
    /// Comparing a backup with its checksums.
    Verifying,
    /// Replaying the archived log on a restored backup.
    Replaying,
    /// Reading all data.
    Reading,
    /// Putting restored data in the place of the current ones. It is not interrupted any more.
    Replacing,
    /// Using a server that is already running.
    Adopted,
    /// The server accepts connections.
    Ready {
        /// The time since the call.
        elapsed: Duration,
    },
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting => f.write_str("waiting for another process to start or stop PostgreSQL"),
            Self::WaitingFor { work } => write!(f, "waiting for another {work} to end"),
            Self::Found { version, folder } => {
                write!(f, "found PostgreSQL {version} in {}", folder.display())
            }
            Self::Unclaimed { folders } => {
                let names: Vec<_> =
                    folders.iter().take(3).map(|folder| format!("`{}`", folder.display())).collect();
                let more = if folders.len() > 3 { ", …" } else { "" };
                write!(
                    f,
                    "data of project folders that are gone: {}{more}; if this project was moved, its data are there: \
                     see the file `project` in each, and move the project back",
                    names.join(", ")
                )
            }
            Self::Initialising { data } => write!(f, "creating a data directory in {}", data.display()),
            Self::Starting => f.write_str("starting PostgreSQL"),
            Self::Recovering => f.write_str("recovering the data after an interrupted run"),
            Self::Copying { done, total } => write!(f, "copied {} of {} MB", done >> 20, total >> 20),
            Self::Verifying => f.write_str("comparing the backup with its checksums"),
            Self::Replaying => f.write_str("replaying the archived log"),
            Self::Reading => f.write_str("reading all data"),
            Self::Replacing => f.write_str("putting the restored data in place"),
            Self::Adopted => f.write_str("using the running PostgreSQL server"),
            Self::Ready { elapsed } => write!(f, "PostgreSQL is ready after {} ms", elapsed.as_millis()),
        }
    }
}
