//! What can go wrong with a history or a database.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use nicol_pg::ConnectError;
use nicol_pg::tokio_postgres;
use thiserror::Error;

/// Why migrations could not be read, applied or looked at. No variant holds a password.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder cannot be read.
    #[error("cannot read `{}`", path.display())]
    Folder {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },

    /// A file or folder cannot be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },

    /// A new migration would have too long a name.
    #[error("the name of the migration has {length} bytes, and may have 200\nhelp: give it a shorter one")]
    NameTooLong {
        /// How long it is.
        length: usize,
    },

    /// The lock file is no TOML.
    #[error("`{}` cannot be understood: {reason}\nhelp: bring it back from version control", path.display())]
    LockFile {
        /// Where it lies.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },

    /// The migrations are for another kind of database.
    #[error(
        "the migrations are for `{provider}`, as `{}` says, and nicol works with `postgresql`\n\
         help: move the folder of migrations away and begin a new history",
        path.display()
    )]
    ProviderSwitched {
        /// Where the lock file lies.
        path: PathBuf,
        /// What it says.
        provider: String,
    },

    /// A migration's folder has no script.
    #[error(
        "migration `{migration}` has no script: there is no `{}`\n\
         help: bring the file back from version control, or remove the folder if nothing was deployed from it",
        path.display()
    )]
    ScriptMissing {
        /// Its name.
        migration: String,
        /// Where the file should be.
        path: PathBuf,
    },

    /// A script is not UTF-8.
    #[error("`{}` is not UTF-8 text\nhelp: save it as UTF-8", path.display())]
    ScriptNotText {
        /// Where it lies.
        path: PathBuf,
    },

    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),

    /// The database could not be created.
    #[error(
        "database `{database}` is not there and could not be created\n\
         help: create it as a user that may, or give `{user}` the CREATEDB privilege"
    )]
    CreateDatabase {
        /// Its name.
        database: String,
        /// Who tried.
        user: String,
        /// What the server said.
        source: tokio_postgres::Error,
    },

    /// The URL leads to a pooler.
    #[error(
        "`{host}` is a connection pooler, and migrations need the database server itself\n\
         help: give the direct connection URL as `directUrl` of the datasource"
    )]
    Pooled {
        /// The pooler.
        host: String,
    },

    /// Somebody else is migrating.
    #[error(
        "another migration of this database holds the lock, and did not let go within {} s{}\n\
         help: wait until it has ended; if it hangs, end its session: `select pg_terminate_backend(<pid>)`",
        waited.as_secs(),
        holder.as_ref().map(|holder| format!(" (held by {holder})")).unwrap_or_default()
    )]
    LockHeld {
        /// How long was waited.
        waited: Duration,
        /// Who has it, where that can be found out.
        holder: Option<String>,
    },

    /// The database holds tables and no history.
    #[error(
        "schema `{schema}` is not empty and has no migration history\n\
         help: if it is the database you mean, record the migrations it already has: \
         `nicol migrate resolve --applied <name>` for each"
    )]
    NotEmpty {
        /// The schema.
        schema: String,
    },

    /// Earlier migrations failed.
    #[error(
        "{} failed earlier, so that no further one is applied: {}\n\
         help: look at what it left behind, then\n  \
         if nothing of it is in the database: `nicol migrate resolve --rolled-back {first}`\n  \
         if you have completed it by hand: `nicol migrate resolve --applied {first}`",
        if failed.len() == 1 { "a migration" } else { "migrations" },
        failed.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
        first = failed.first().map_or("", String::as_str)
    )]
    FailedEarlier {
        /// Their names.
        failed: Vec<String>,
    },

    /// A migration failed now.
    #[error(
        "migration `{migration}` failed: {}{}\n\
         help: {}, then `nicol migrate resolve --rolled-back {migration}` and deploy again",
        failure,
        line.map(|line| format!(" (line {line} of its script)")).unwrap_or_default(),
        match left {
            Left::Nothing => "its changes were undone; correct the script",
            _ => "part of its changes may be in the database; undo them and correct the script",
        }
    )]
    Failed {
        /// Its name.
        migration: String,
        /// What the server said, with its SQLSTATE.
        failure: String,
        /// Where in the script, where the server knows.
        line: Option<usize>,
        /// What there is of it.
        left: Left,
        /// The driver's error.
        source: tokio_postgres::Error,
    },

    /// Somebody asked to stop while a migration ran.
    #[error("interrupted in migration `{migration}`: {left}")]
    Interrupted {
        /// Its name.
        migration: String,
        /// What there is of it.
        left: Left,
    },

    /// Somebody asked to stop.
    #[error("interrupted")]
    Stopped,

    /// A script that is no migration failed.
    #[error("the script failed{}: {failure}", line.map(|line| format!(" in line {line}")).unwrap_or_default())]
    Script {
        /// What the server said, with its SQLSTATE.
        failure: String,
        /// Where in the script, where the server knows.
        line: Option<usize>,
        /// The driver's error.
        source: tokio_postgres::Error,
    },

    /// There is no database to try migrations out in.
    #[error(
        "the shadow database, in which migrations are tried out, could not be created: {failure}\nhelp: {}",
        if *may_not {
            format!(
                "let `{user}` create databases (`alter role ... createdb`), or give a database of its own for it as \
                 `shadowDatabaseUrl` of the datasource"
            )
        } else {
            "give a database of its own for it as `shadowDatabaseUrl` of the datasource".to_owned()
        }
    )]
    ShadowCreate {
        /// Who tried.
        user: String,
        /// What the server said, with its SQLSTATE.
        failure: String,
        /// Whether it is for want of the privilege.
        may_not: bool,
        /// The driver's error.
        source: tokio_postgres::Error,
    },

    /// Nobody has said on which server migrations can be tried out.
    #[error(
        "what migrations lead to is found out in a shadow database, and there is no server for one\n\
         help: give a database for it with --shadow-database-url, or let the other side be a database"
    )]
    ShadowNowhere,

    /// The shadow database would be the one that is worked on.
    #[error(
        "the shadow database is `{database}`, the database itself, and would be emptied\n\
         help: give another one as `shadowDatabaseUrl`, or none: one is created then"
    )]
    ShadowIsMain {
        /// Its name.
        database: String,
    },

    /// The script that prepares the shadow database failed.
    #[error(
        "the script that prepares the shadow database failed{}: {failure}\n\
         help: correct `initShadowDb` of the settings",
        line.map(|line| format!(" in line {line}")).unwrap_or_default()
    )]
    ShadowInit {
        /// What the server said, with its SQLSTATE.
        failure: String,
        /// Where in the script, where the server knows.
        line: Option<usize>,
        /// The driver's error.
        source: tokio_postgres::Error,
    },

    /// A migration failed in the shadow database.
    #[error(
        "migration `{migration}` fails on a new database{}: {failure}\n\
         help: correct its script; it was tried out in a shadow database, and nothing else was changed",
        line.map(|line| format!(" (line {line} of its script)")).unwrap_or_default()
    )]
    ShadowFailed {
        /// Its name.
        migration: String,
        /// What the server said, with its SQLSTATE.
        failure: String,
        /// Where in the script, where the server knows.
        line: Option<usize>,
        /// The driver's error.
        source: tokio_postgres::Error,
    },

    /// Not even the contents of the schemas could be dropped one by one.
    #[error(
        "the database could not be emptied completely: {failure}\n\
         help: drop what is left as its owner, or end the sessions that use it; then reset again"
    )]
    ResetFailed {
        /// What the server said, with its SQLSTATE.
        failure: String,
        /// The driver's error.
        source: tokio_postgres::Error,
    },

    /// A name given to [`resolve`](crate::resolve) that nobody knows.
    #[error(
        "there is no migration `{migration}`\nhelp: give the name of its folder, as `nicol migrate status` shows it"
    )]
    Unknown {
        /// The name.
        migration: String,
    },

    /// A migration that was applied cannot be said to have been.
    #[error("migration `{migration}` is already recorded as applied")]
    AlreadyApplied {
        /// Its name.
        migration: String,
    },

    /// Only a failed migration can be said to have been rolled back.
    #[error("migration `{migration}` has not failed, so that it cannot be marked as rolled back")]
    NotFailed {
        /// Its name.
        migration: String,
    },

    /// A foreign key leads out of the schemas that are looked at.
    #[error(
        "foreign key `{foreign_key}` of `{table}` refers to `{referenced}`, which lies in none of the schemas looked at\n\
         help: add `{schema}` to `schemas` of the datasource"
    )]
    CrossSchemaReference {
        /// The table it belongs to.
        table: String,
        /// Its name.
        foreign_key: String,
        /// The table it refers to.
        referenced: String,
        /// The schema of that table.
        schema: String,
    },

    /// The database answers with an error of its own, or not at all.
    #[error("{doing}: {}", crate::error::describe(source))]
    Database {
        /// What was being done.
        doing: &'static str,
        /// What the driver says.
        source: tokio_postgres::Error,
    },
}

/// What a database has of a migration that did not end as it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Nothing, for certain.
    Nothing,
    /// Perhaps a part.
    Unclear,
    /// All of it: it ended before it could be stopped.
    All,
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "its changes were undone\nhelp: deploy again to continue",
            Self::Unclear => {
                "part of its changes may be in the database\n\
                 help: look at what it left behind, then use `nicol migrate resolve`"
            }
            Self::All => "it had ended by then, and is applied\nhelp: deploy again to continue",
        })
    }
}

impl Error {
    /// The code that Prisma has for it.
    ///
    /// Source: Prisma 6.19, error reference.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Connect(error) => Some(error.code()),
            Self::LockHeld { .. } => Some("P1002"),
            Self::CreateDatabase { .. } => Some("P3000"),
            Self::NotEmpty { .. } => Some("P3005"),
            Self::ShadowFailed { .. } => Some("P3006"),
            Self::AlreadyApplied { .. } => Some("P3008"),
            Self::FailedEarlier { .. } => Some("P3009"),
            Self::NameTooLong { .. } => Some("P3010"),
            Self::NotFailed { .. } => Some("P3012"),
            Self::ShadowCreate { .. } => Some("P3014"),
            Self::ScriptMissing { .. } => Some("P3015"),
            Self::ResetFailed { .. } => Some("P3016"),
            Self::Unknown { .. } => Some("P3017"),
            Self::Failed { .. } => Some("P3018"),
            Self::ProviderSwitched { .. } => Some("P3019"),
            Self::CrossSchemaReference { .. } => Some("P4002"),
            Self::Database { source, .. } if source.is_closed() => Some("P1017"),
            Self::Folder { .. }
            | Self::Write { .. }
            | Self::ShadowNowhere
            | Self::ShadowIsMain { .. }
            | Self::ShadowInit { .. }
            | Self::LockFile { .. }
            | Self::ScriptNotText { .. }
            | Self::Pooled { .. }
            | Self::Interrupted { .. }
            | Self::Stopped
            | Self::Script { .. }
            | Self::Database { .. } => None,
        }
    }
}

/// What the server said, with its SQLSTATE, or what the driver says.
///
/// `DETAIL` is left out: it may hold values of rows.
pub(crate) fn describe(error: &tokio_postgres::Error) -> String {
    if let Some(error) = error.as_db_error() {
        return format!("{} (SQLSTATE {})", error.message(), error.code().code());
    }
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.unwrap_or_default())
}
