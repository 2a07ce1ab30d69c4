use std::io;
use std::path::PathBuf;
use std::time::Duration;

use nicol_pg::ConnectError;
use thiserror::Error;

/// Why there is no local server.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// No PostgreSQL on this machine.
    #[error(
        "PostgreSQL is not installed on this system (looked into {looked} folders)\nhelp: {install}, or set DATABASE_URL to a server that runs elsewhere"
    )]
    NotInstalled {
        /// How many folders were looked into.
        looked: usize,
        /// What to do.
        install: String,
    },

    /// The given folder does not serve.
    #[error("`{}` holds no usable PostgreSQL: {reason}\nhelp: NICOL_POSTGRES_BIN names the folder with `postgres` and `initdb` of version 14 to 18", folder.display())]
    Unusable {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        reason: String,
    },

    /// The data was made by a version that is not here.
    #[error(
        "the data in `{}` was made by PostgreSQL {data_version}, but {found}\n\
         help: install PostgreSQL {data_version} beside it; or, if the data may be lost, remove that folder; \
         to carry it over, dump it with version {data_version} and restore it with the new one", data.display()
    )]
    OtherVersion {
        /// The data directory.
        data: PathBuf,
        /// Its major version.
        data_version: u32,
        /// What there is instead.
        found: String,
    },

    /// No user to run as.
    #[error(
        "PostgreSQL does not run as root, and there is no user {} on this system\n\
         help: run as an ordinary user, or create the user `postgres`",
        list(tried)
    )]
    NoAccount {
        /// The names tried.
        tried: Vec<String>,
    },

    /// Somebody else's file in the way.
    #[error("`{}` cannot be trusted: {reason}\nhelp: remove it or correct its owner and mode, then start again", path.display())]
    Foreign {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },

    /// A path that PostgreSQL cannot cope with.
    #[error("the project's path has a line break or another control character\nhelp: rename the folder")]
    ControlCharacter,

    /// Something about a file.
    #[error("cannot {action} `{}`\nhelp: {}", path.display(), file_help(source))]
    File {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },

    /// A program could not be run.
    #[error("cannot run `{}`\nhelp: check the installation of PostgreSQL", program.display())]
    Run {
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },

    /// `initdb` failed.
    #[error("PostgreSQL could not make its data directory: {}\nhelp: the last lines above are its own words; correct the cause and start again", output.trim())]
    Init {
        /// Its words.
        output: String,
    },

    /// The server ended at once.
    #[error("PostgreSQL ended while it started: {}\nhelp: the full log is `{}`", output.trim(), log.display())]
    Start {
        /// Its last words.
        output: String,
        /// The log.
        log: PathBuf,
    },

    /// The server takes too long.
    #[error("PostgreSQL did not become ready within {} s\nhelp: it may be recovering; look into `{}` and start again", limit.as_secs(), log.display())]
    StartTimeout {
        /// The limit.
        limit: Duration,
        /// The log.
        log: PathBuf,
    },

    /// The server does not end.
    #[error("PostgreSQL (process {pid}) does not stop\nhelp: look into `{}`; as a last resort end the process, the data recovers at the next start", log.display())]
    Stop {
        /// Its process.
        pid: u32,
        /// The log.
        log: PathBuf,
    },

    /// The server runs and does not let us in.
    #[error("the local PostgreSQL runs, but cannot be used")]
    Connect(#[source] ConnectError),

    /// The database could not be made.
    #[error("cannot create the database `{database}`\nhelp: the server's words follow")]
    CreateDatabase {
        /// Its name.
        database: String,
        /// What the server said.
        source: nicol_pg::tokio_postgres::Error,
    },

    /// The server does not say which databases it has.
    #[error("the databases of the local server cannot be listed")]
    Databases(#[source] nicol_pg::tokio_postgres::Error),
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
}

fn file_help(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::PermissionDenied => {
            "check its owner and mode; a folder that root has made belongs to root"
        }
        io::ErrorKind::StorageFull => "free some space on the disk",
        io::ErrorKind::ReadOnlyFilesystem => "start in a folder that can be written to",
        io::ErrorKind::NotFound => "create the folder first",
        _ => "the system's reason follows",
    }
}

/// `map_err(file("read", path))`
pub(crate) fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Error {
    let path = path.into();
    move |source| Error::File { action, path, source }
}
