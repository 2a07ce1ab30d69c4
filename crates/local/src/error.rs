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

    /// There is no such branch.
    #[error("there is no branch `{name}`\nhelp: list the branches with `nicol branch list`")]
    BranchMissing {
        /// The name of the branch.
        name: String,
    },

    /// The name of a new branch is taken.
    #[error("there is already a branch `{name}`\nhelp: choose another name, or delete it first")]
    BranchExists {
        /// The name of the branch.
        name: String,
    },

    /// The name cannot be the name of a branch.
    #[error("`{}` cannot be the name of a branch: {reason}\nhelp: choose another name, such as `feature-x`", name.escape_default())]
    BranchName {
        /// The name.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },

    /// An application is using the data that are to be replaced, renamed or removed.
    #[error("{} in use\nhelp: stop the applications that use it, then try again", what(branch.as_ref()))]
    InUse {
        /// The branch; `None` is the main data.
        branch: Option<String>,
    },

    /// There are no data to copy.
    #[error("{} no data yet\nhelp: start the server once with `nicol local start`", has(branch.as_ref()))]
    NoData {
        /// The branch; `None` is the main data.
        branch: Option<String>,
    },

    /// The data have been removed, but there are backups of them.
    #[error(
        "the data of the local server are gone: `{}` is missing, but there are backups in `{}`\n\
         help: restore them with `nicol local restore`, or begin with an empty server after `nicol local backup stop`, which keeps the backups",
        data.display(), folder.display()
    )]
    DataLost {
        /// The data directory.
        data: PathBuf,
        /// The folder of the backups.
        folder: PathBuf,
    },

    /// The data are not in one folder.
    #[error("the database has a tablespace outside of its data directory (`{}`)\nhelp: move its tables to the default tablespace and drop it", path.display())]
    Tablespace {
        /// The link to the tablespace.
        path: PathBuf,
    },

    /// The copy would fill the disk.
    #[error("a copy of the data needs {} MB, but only {} MB are free in `{}`\nhelp: free some disk space", needed >> 20, free >> 20, folder.display())]
    DiskFull {
        /// The size of the copy, in bytes.
        needed: u64,
        /// The free space, in bytes.
        free: u64,
        /// A folder of the file system.
        folder: PathBuf,
    },

    /// The server refused to be copied.
    #[error("the running server cannot be copied: {}\nhelp: check its settings; `wal_level` must not be `minimal`", server_message(.0))]
    Copy(#[source] nicol_pg::tokio_postgres::Error),

    /// A program of PostgreSQL, or one of the system, is missing.
    #[error("`{name}` is not installed\nhelp: install {package}")]
    ProgramMissing {
        /// The program.
        name: &'static str,
        /// The package that usually contains it.
        package: &'static str,
    },

    /// A base backup could not be made, or is damaged.
    #[error("`{program}` failed: {}\nhelp: fix the cause and try again", output.trim())]
    Backup {
        /// The program.
        program: &'static str,
        /// The last lines of its output.
        output: String,
    },

    /// There are no backups yet.
    #[error(
        "there are no backups of this server\nhelp: make one with `nicol local backup`, or name a folder of backups with `--from`"
    )]
    NoBackup,

    /// There is no such backup.
    #[error("there is no backup `{name}` in `{}`\nhelp: list the backups with `nicol local backup list`", folder.display())]
    BackupMissing {
        /// The name of the backup.
        name: String,
        /// The folder of the backups.
        folder: PathBuf,
    },

    /// The folder cannot be used for the backups of this server.
    #[error("`{}` is not a folder of backups of this server: {reason}\nhelp: choose another folder", folder.display())]
    NotBackups {
        /// The folder.
        folder: PathBuf,
        /// What is wrong.
        reason: &'static str,
    },

    /// The folder of the backups is missing, for example because its disk is not mounted.
    #[error("the folder of the backups, `{}`, is missing, so later changes are not archived\nhelp: bring it back (mount its disk); or choose another one with `nicol local backup --to FOLDER`; or end the archiving with `nicol local backup stop`", folder.display())]
    BackupsGone {
        /// The folder.
        folder: PathBuf,
    },

    /// The server's user has no access to the folder of the backups.
    #[error("the server's user (id {uid}) has no access to `{}`\nhelp: choose a folder that every user can reach, or change the modes of its parents", folder.display())]
    NoAccess {
        /// The folder.
        folder: PathBuf,
        /// The user.
        uid: u32,
    },

    /// The data cannot be restored to this point in time.
    #[error(
        "cannot restore to {wanted}: {reason}; possible is {from} to {to}\nhelp: choose a time in between, or leave it out to restore the latest state"
    )]
    OutOfRange {
        /// The wanted point.
        wanted: String,
        /// Why it is out of range.
        reason: &'static str,
        /// The earliest possible time.
        from: String,
        /// The latest possible time.
        to: String,
    },

    /// The archived log has a gap.
    #[error(
        "the archive lacks the segment `{segment}` of the log; possible is to restore to a time before {until}\nhelp: use `--to-time`, and make a new backup"
    )]
    Gap {
        /// The first missing segment.
        segment: String,
        /// The latest possible time.
        until: String,
    },

    /// The restored data cannot be used.
    #[error("the backup could not be restored: {}\nhelp: the current data are unchanged; see the full log in `{}`", output.trim(), log.display())]
    Restore {
        /// The last lines of the server's output.
        output: String,
        /// The log.
        log: PathBuf,
    },

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

    /// The process that lets the server sleep exited during startup.
    #[error("the background process for `idle_timeout` exited during startup: {}\nhelp: see its log in `{}`", output.trim(), log.display())]
    Keeper {
        /// The last lines of its output.
        output: String,
        /// Its log.
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

    /// The server could not be asked for its connections before its sleep.
    #[error("cannot prepare the local server for its sleep\nhelp: see the server's message below")]
    Sleep(#[source] nicol_pg::tokio_postgres::Error),

    /// The databases could not be listed.
    #[error("cannot list the databases of the local server")]
    Databases(#[source] nicol_pg::tokio_postgres::Error),
}

/// Returns the server's words. Those about backups contain no values.
fn server_message(error: &nicol_pg::tokio_postgres::Error) -> String {
    error
        .as_db_error()
        .map_or_else(|| "the connection was lost".to_owned(), |error| error.message().to_owned())
}

fn what(branch: Option<&String>) -> String {
    match branch {
        Some(name) => format!("the branch `{name}` is"),
        None => "the local server is".to_owned(),
    }
}

fn has(branch: Option<&String>) -> String {
    match branch {
        Some(name) => format!("the branch `{name}` has"),
        None => "the local server has".to_owned(),
    }
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
