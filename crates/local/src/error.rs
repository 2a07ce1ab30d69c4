use std::io;
use std::path::PathBuf;
use std::time::Duration;

use nicol_pg::ConnectError;
use thiserror::Error;

/// Why there is no local server.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// PostgreSQL is not installed.
    #[error(
        "PostgreSQL is not installed on this system (searched {looked} folders)\nhelp: {install}, or set DATABASE_URL to an existing server"
    )]
    NotInstalled {
        /// The number of folders searched.
        looked: usize,
        /// How to install it.
        install: String,
    },

    /// The given folder is unusable.
    #[error("`{}` contains no usable PostgreSQL: {reason}\nhelp: set NICOL_POSTGRES_BIN to the folder with `postgres` and `initdb` of version 14 to 18", folder.display())]
    Unusable {
        /// The folder.
        folder: PathBuf,
        /// Why it is unusable.
        reason: String,
    },

    /// The data were created by a version that is not installed.
    #[error(
        "the data in `{}` were created by PostgreSQL {data_version}, but {found}\n\
         help: install PostgreSQL {data_version} as well; if you can lose the data, remove that folder; \
         to keep them, dump them with version {data_version} and restore them with the new one", data.display()
    )]
    OtherVersion {
        /// The data directory.
        data: PathBuf,
        /// Its major version.
        data_version: u32,
        /// What is installed instead.
        found: String,
    },

    /// There is no user to run as.
    #[error(
        "PostgreSQL refuses to run as root, and there is no user {} on this system\n\
         help: run as an ordinary user, or create the user `postgres`",
        list(tried)
    )]
    NoAccount {
        /// The names that were tried.
        tried: Vec<String>,
    },

    /// A file or folder of another user is in the way.
    #[error("`{}` cannot be trusted: {reason}\nhelp: remove it or fix its owner and mode, then start again", path.display())]
    Foreign {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        reason: &'static str,
    },

    /// The path is unusable for PostgreSQL.
    #[error("the project's path contains a line break or another control character\nhelp: rename the folder")]
    ControlCharacter,

    /// A file operation failed.
    #[error("cannot {action} `{}`\nhelp: {}", path.display(), file_help(source))]
    File {
        /// What was attempted.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },

    /// A program could not be started.
    #[error("cannot run `{}`\nhelp: check the PostgreSQL installation", program.display())]
    Run {
        /// The program.
        program: PathBuf,
        /// The system's error.
        source: io::Error,
    },

    /// `initdb` failed.
    #[error("PostgreSQL could not create its data directory: {}\nhelp: fix the cause (see its output above) and start again", output.trim())]
    Init {
        /// The last lines of its output.
        output: String,
    },

    /// The server exited during startup.
    #[error("PostgreSQL exited during startup: {}\nhelp: see the full log in `{}`", output.trim(), log.display())]
    Start {
        /// The last lines of its output.
        output: String,
        /// The log.
        log: PathBuf,
    },

    /// The server took too long to start.
    #[error("PostgreSQL did not become ready within {} s\nhelp: it may be recovering; check `{}` and start again", limit.as_secs(), log.display())]
    StartTimeout {
        /// The time limit.
        limit: Duration,
        /// The log.
        log: PathBuf,
    },

    /// The server does not stop.
    #[error("PostgreSQL (process {pid}) does not stop\nhelp: check `{}`; as a last resort, kill the process: the data are recovered at the next start", log.display())]
    Stop {
        /// The process id.
        pid: u32,
        /// The log.
        log: PathBuf,
    },

    /// The server is running but does not accept the connection.
    #[error("the local PostgreSQL server is running but cannot be used")]
    Connect(#[source] ConnectError),

    /// The database could not be created.
    #[error("cannot create the database `{database}`\nhelp: see the server's message below")]
    CreateDatabase {
        /// The name of the database.
        database: String,
        /// The server's error.
        source: nicol_pg::tokio_postgres::Error,
    },

    /// The databases could not be listed.
    #[error("cannot list the databases of the local server")]
    Databases(#[source] nicol_pg::tokio_postgres::Error),
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
}

fn file_help(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::PermissionDenied => {
            "check its owner and mode; a folder that root created belongs to root"
        }
        io::ErrorKind::StorageFull => "free some disk space",
        io::ErrorKind::ReadOnlyFilesystem => "start in a writable folder",
        io::ErrorKind::NotFound => "create the folder first",
        _ => "see the system's message below",
    }
}

/// Returns a closure for `map_err`: `map_err(file("read", path))`.
pub(crate) fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Error {
    let path = path.into();
    move |source| Error::File { action, path, source }
}
