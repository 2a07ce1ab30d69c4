//! The error of every command.

mod server;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use nicol_pg::ConnectError;
use nicol_pg::tokio_postgres;
use thiserror::Error;

use crate::progress::Left;
use crate::script::NotText;
use server::further;
pub(crate) use server::{describe, line};

/// Why migrations could not be read, applied or inspected. No variant holds a password.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder cannot be read.
    #[error("cannot read `{}`", path.display())]
    Folder {
        /// Its path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },

    /// A file or folder cannot be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// Its path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },

    /// The name of a new migration is too long.
    #[error(
        "the name of the migration is too long: {length} bytes, at most 200 are allowed\nhelp: choose a shorter name"
    )]
    NameTooLong {
        /// Its length in bytes.
        length: usize,
    },

    /// The lock file is not valid TOML.
    #[error("cannot parse `{}`: {reason}\nhelp: restore the file from version control", path.display())]
    LockFile {
        /// Its path.
        path: PathBuf,
        /// The parser's message.
        reason: String,
    },

    /// The migrations are for another kind of database.
    #[error(
        "the migrations are for `{provider}` according to `{}`, but nicol supports only `postgresql`\n\
         help: move the migrations folder away and start a new history",
        path.display()
    )]
    ProviderSwitched {
        /// The path of the lock file.
        path: PathBuf,
        /// The provider that it names.
        provider: String,
    },

    /// The folder of a migration has no script.
    #[error(
        "migration `{migration}` has no script: `{}` does not exist\n\
         help: restore the file from version control, or remove the folder if the migration was never deployed",
        path.display()
    )]
    ScriptMissing {
        /// Its name.
        migration: String,
        /// The path of the missing file.
        path: PathBuf,
    },

    /// A script that is to be run is not UTF-8.
    #[error(
        "cannot run `{}`: {place}\n\
         help: save it as UTF-8; if it is applied already, `nicol migrate deploy` ignores that its checksum changes, and \
         `nicol migrate dev` offers to reset the database",
        path.display()
    )]
    ScriptNotText {
        /// Its path.
        path: PathBuf,
        /// The first invalid byte.
        place: NotText,
    },

    /// The database cannot be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),

    /// The database could not be created.
    #[error(
        "database `{database}` does not exist and could not be created\n\
         help: create it as a user with the CREATEDB privilege, or grant that to `{user}`"
    )]
    CreateDatabase {
        /// Its name.
        database: String,
        /// The user of the connection.
        user: String,
        /// The driver's error.
        source: tokio_postgres::Error,
    },

    /// The operation does not work through a transaction pooler.
    #[error(
        "{what} needs a direct connection, but `{host}` is a connection pooler: {reason}\n\
         help: set `directUrl` of the datasource to the direct connection URL, often `DATABASE_URL_UNPOOLED`"
    )]
    Pooled {
        /// The pooler.
        host: String,
        /// The operation.
        what: String,
        /// Why it needs a direct connection.
        reason: String,
    },

    /// The lock was lost while a migration ran. The current transaction was rolled back.
    #[error(
        "the migration lock was lost during migration `{migration}`; its last transaction was rolled back\n\
         help: if `{host}` is a connection pooler, add `pgbouncer=true` to its URL or set `directUrl` to the direct \
         connection URL; then deploy again"
    )]
    LockLost {
        /// The server, or the pooler.
        host: String,
        /// The migration.
        migration: String,
    },

    /// A script contains something that no server can run. Nothing was run.
    #[error(
        "{} cannot be run: line {line} {what}\nhelp: {help}",
        migration.as_ref().map_or_else(|| "the script".to_owned(), |name| format!("migration `{name}`"))
    )]
    NotSql {
        /// The migration, if the script belongs to one.
        migration: Option<String>,
        /// The line of its script, from 1.
        line: usize,
        /// What the line contains, as the predicate of a sentence.
        what: &'static str,
        /// What to do about it.
        help: &'static str,
    },

    /// Another process is migrating the database.
    #[error(
        "timed out after {} s waiting for another migration of this database{}\n\
         help: wait for it to finish, or wait longer with `--lock-timeout <seconds>`; if it hangs, end its session with \
         `select pg_terminate_backend(<process>)`",
        waited.as_secs(),
        holder.as_ref().map(|holder| format!(" (held by {holder})")).unwrap_or_default()
    )]
    LockHeld {
        /// How long the lock was waited for.
        waited: Duration,
        /// The process that holds it, if known.
        holder: Option<String>,
    },

    /// The schema contains tables but no migration history.
    #[error(
        "schema `{schema}` is not empty and has no migration history\n\
         help: if this is the right database, record each migration that it already contains with \
         `nicol migrate resolve --applied <name>`"
    )]
    NotEmpty {
        /// The schema.
        schema: String,
    },

    /// Earlier migrations failed.
    #[error(
        "{} failed earlier, so no further migration is applied: {}\n\
         help: check what it left behind, then\n  \
         if none of it is in the database: `nicol migrate resolve --rolled-back {first}`\n  \
         if you have completed it by hand: `nicol migrate resolve --applied {first}`{}",
        if failed.len() == 1 { "a migration" } else { "several migrations" },
        failed.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
        part.as_ref().map_or_else(String::new, |left| format!(
            "\n  to resume after its last applied statement ({left}): `nicol migrate resolve --resume {}`",
            failed.first().map_or("", String::as_str)
        )),
        first = failed.first().map_or("", String::as_str)
    )]
    FailedEarlier {
        /// Their names.
        failed: Vec<String>,
        /// What the database contains of the first one, if that is known to be a part.
        part: Option<Left>,
    },

    /// A migration was stopped while it built an index, and left an invalid index.
    #[error(
        "migration `{migration}` was stopped while it built index `{index}`, which is invalid\n\
         help: run `drop index concurrently {index}`, then deploy again to resume at line {line}"
    )]
    InvalidIndex {
        /// The migration.
        migration: String,
        /// The index, as a quoted SQL name.
        index: String,
        /// The line of its script, from 1.
        line: usize,
    },

    /// A migration was stopped in a statement outside of a transaction. Whether the statement took effect is unknown.
    #[error(
        "migration `{migration}` was stopped at line {line}, in a statement that runs outside of a transaction: \
         everything before it is applied, nothing after it is, and whether it took effect is unknown\n\
         help: check whether it took effect, then\n  \
         if it did not: undo any trace of it, run `nicol migrate resolve --resume {migration}`, and deploy again\n  \
         if it did: run the rest of the script by hand, then `nicol migrate resolve --applied {migration}`"
    )]
    UnclearStatement {
        /// The migration.
        migration: String,
        /// The line of its script, from 1.
        line: usize,
    },

    /// A migration is partly applied, and the applied part of its script has changed since.
    #[error(
        "migration `{migration}` is partly applied, but the applied part of its script has changed: {done} statement{}\n\
         help: restore the beginning of the script, and change only what follows it",
        if *done == 1 { "" } else { "s" }
    )]
    ChangedBeforeResuming {
        /// The migration.
        migration: String,
        /// How many statements.
        done: usize,
    },

    /// A migration has no journal from which it could resume.
    #[error(
        "cannot resume migration `{migration}`: how much of it is in the database is unknown\n\
         help: run `nicol migrate resolve --rolled-back {migration}` if none of it is, or `--applied` if all of it is"
    )]
    NotResumable {
        /// Its name.
        migration: String,
    },

    /// A migration failed.
    #[error(
        "migration `{migration}` failed: {}{}{}\n\
         help: {}",
        failure,
        line.map(|line| format!(" (line {line} of its script)")).unwrap_or_default(),
        further(source),
        what_after_failure(*left, migration, invalid_index.as_deref())
    )]
    Failed {
        /// Its name.
        migration: String,
        /// The server's message with its SQLSTATE.
        failure: String,
        /// The line of the script, from 1, if the server reported a position.
        line: Option<usize>,
        /// What the database contains of it.
        left: Left,
        /// An invalid index that was left behind, as a quoted SQL name.
        invalid_index: Option<String>,
        /// The driver's error.
        source: tokio_postgres::Error,
    },

    /// The connection was lost while a migration ran.
    #[error("the connection was lost in migration `{migration}`: {left}\nhelp: {}", advice(*left))]
    Lost {
        /// Its name.
        migration: String,
        /// What the database contains of it.
        left: Left,
        /// The driver's error.
        source: tokio_postgres::Error,
    },

    /// The caller interrupted a migration.
    #[error("interrupted in migration `{migration}`: {left}{}", after_interrupt(*left, invalid_index.as_deref()))]
    Interrupted {
        /// Its name.
        migration: String,
        /// What the database contains of it.
        left: Left,
        /// An invalid index that was left behind, as a quoted SQL name.
        invalid_index: Option<String>,
    },

    /// The caller interrupted the command, and nothing was left behind.
    #[error("interrupted")]
    Stopped,

    /// The caller interrupted a push.
    #[error(
        "interrupted: {left}{}",
        if *left == Left::All { "" } else { "\nhelp: run `nicol db push` again to continue" }
    )]
    PushStopped {
        /// What the database contains of its changes.
        left: Left,
    },

    /// The caller interrupted a run of migrations in a shadow database.
    #[error(
        "interrupted while the migrations ran in the shadow database{}; nothing else was changed",
        if *is_dropped { ", which has been dropped" } else { "" }
    )]
    ShadowStopped {
        /// Whether the database was made for it.
        is_dropped: bool,
    },

    /// A script that is not a migration failed.
    #[error(
        "the script failed{}: {failure}{}",
        line.map(|line| format!(" in line {line}")).unwrap_or_default(),
        further(source)
    )]
    Script {
        /// The server's message with its SQLSTATE.
        failure: String,
        /// The line of the script, from 1, if the server reported a position.
        line: Option<usize>,
        /// The driver's error.
        source: tokio_postgres::Error,
    },

    /// The shadow database could not be created.
    #[error(
        "cannot create the shadow database, in which migrations are tested: {failure}{}\nhelp: {}",
        further(source),
        if *may_not {
            format!(
                "let `{user}` create databases (`alter role ... createdb`), or set `shadowDatabaseUrl` of the datasource \
                 to an existing database"
            )
        } else {
            "set `shadowDatabaseUrl` of the datasource to an existing database".to_owned()
        }
    )]
    ShadowCreate {
        /// The user of the connection.
        user: String,
        /// The server's message with its SQLSTATE.
        failure: String,
        /// Whether the user lacks the privilege.
        may_not: bool,
        /// The driver's error.
        source: tokio_postgres::Error,
    },

    /// No server is known on which to create a shadow database.
    #[error(
        "migrations are evaluated in a shadow database, but no database server is known\n\
         help: pass `--shadow-database-url`, or compare with a database"
    )]
    ShadowNowhere,

    /// The shadow database is the main database.
    #[error(
        "the shadow database `{database}` is the main database, and would be emptied\n\
         help: set `shadowDatabaseUrl` to another database, or remove it to have one created"
    )]
    ShadowIsMain {
        /// Its name.
        database: String,
    },

    /// The shadow database may be one that must not be emptied.
    #[error(
        "cannot tell whether the shadow database `{database}` is {other}, so it is not emptied: {reason}\n\
         help: use direct connection URLs for both, set `shadowDatabaseUrl` to another database, or remove it to have one \
         created"
    )]
    ShadowUnclear {
        /// Its name.
        database: String,
        /// The URL of the other one, without its password.
        other: String,
        /// Why the databases cannot be compared.
        reason: String,
    },

    /// The script that prepares the shadow database failed.
    #[error(
        "the script that prepares the shadow database failed{}: {failure}{}\n\
         help: fix `init_shadow_db` in the section `migrations` of nicol.toml",
        line.map(|line| format!(" in line {line}")).unwrap_or_default(),
        further(source)
    )]
    ShadowInit {
        /// The server's message with its SQLSTATE.
        failure: String,
        /// The line of the script, from 1, if the server reported a position.
        line: Option<usize>,
        /// The driver's error.
        source: tokio_postgres::Error,
    },

    /// A migration failed in the shadow database.
    #[error(
        "migration `{migration}` fails on a new database{}: {failure}{}\n\
         help: fix its script; it was tested in a shadow database, and nothing else was changed",
        line.map(|line| format!(" (line {line} of its script)")).unwrap_or_default(),
        further(source)
    )]
    ShadowFailed {
        /// Its name.
        migration: String,
        /// The server's message with its SQLSTATE.
        failure: String,
        /// The line of the script, from 1, if the server reported a position.
        line: Option<usize>,
        /// The driver's error.
        source: tokio_postgres::Error,
    },

    /// The contents of the schemas could not be dropped one by one either.
    #[error(
        "cannot drop everything in the database: {failure}{}\n\
         help: drop the remaining objects as their owner, or end the sessions that use them; then reset again",
        further(source)
    )]
    ResetFailed {
        /// The server's message with its SQLSTATE.
        failure: String,
        /// The driver's error.
        source: tokio_postgres::Error,
    },

    /// The name given to [`resolve`](crate::resolve) is unknown.
    #[error(
        "there is no migration `{migration}`\nhelp: pass the name of its folder, as `nicol migrate status` shows it"
    )]
    Unknown {
        /// The name.
        migration: String,
    },

    /// The migration is already applied.
    #[error("migration `{migration}` is already recorded as applied")]
    AlreadyApplied {
        /// Its name.
        migration: String,
    },

    /// The migration has not failed, so it cannot be marked as rolled back or resumed.
    #[error("migration `{migration}` has not failed, so it cannot be marked as rolled back")]
    NotFailed {
        /// Its name.
        migration: String,
    },

    /// The database has no tables to pull.
    #[error(
        "there are no tables in {url}, so the schema file is unchanged\n\
         help: create tables first, or select other schemas with `--schemas`"
    )]
    NothingToPull {
        /// The database, without its password.
        url: String,
    },

    /// A foreign key references a table outside of the inspected schemas.
    #[error(
        "foreign key `{foreign_key}` of `{table}` references `{referenced}`, which is in none of the inspected schemas\n\
         help: add `{schema}` to `schemas` of the datasource"
    )]
    CrossSchemaReference {
        /// The table it belongs to.
        table: String,
        /// Its name.
        foreign_key: String,
        /// The referenced table.
        referenced: String,
        /// The schema of that table.
        schema: String,
    },

    /// The server reported an error, or the connection failed.
    #[error("{doing}: {}{}", describe(source), further(source))]
    Database {
        /// What failed, for example "cannot read the migration history".
        doing: &'static str,
        /// The driver's error.
        source: tokio_postgres::Error,
    },
}

/// Returns the next step after a migration was stopped from outside.
fn advice(left: Left) -> &'static str {
    match left {
        Left::Nothing | Left::Part { .. } | Left::All => "deploy again to continue",
        Left::Unclear => "run `nicol migrate status` to see its state",
    }
}

fn after_interrupt(left: Left, invalid_index: Option<&str>) -> String {
    match invalid_index {
        Some(index) => format!(
            "; index `{index}` is invalid\n\
             help: run `drop index concurrently {index}`, then deploy again to continue"
        ),
        None => format!("\nhelp: {}", advice(left)),
    }
}

fn what_after_failure(left: Left, migration: &str, invalid_index: Option<&str>) -> String {
    let rolled_back = format!("`nicol migrate resolve --rolled-back {migration}` and deploy again");
    match left {
        Left::Part { .. } => {
            let index = invalid_index
                .map(|index| format!("drop the invalid index with `drop index concurrently {index}`\n  "));
            format!(
                "{left}, the others are not\n  {}to resume after them: fix the rest of the script, run \
                 `nicol migrate resolve --resume {migration}` and deploy again\n  \
                 to start over: undo them, fix the script, run {rolled_back}",
                index.unwrap_or_default()
            )
        }
        Left::Nothing => format!("its changes were rolled back; fix the script, then run {rolled_back}"),
        _ => format!(
            "part of its changes may be in the database; undo them, fix the script, then run {rolled_back}"
        ),
    }
}

impl Error {
    /// Returns Prisma's code for the error, if Prisma has one.
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
            Self::NameTooLong { .. } => Some("P3010"),
            Self::FailedEarlier { .. }
            | Self::InvalidIndex { .. }
            | Self::UnclearStatement { .. }
            | Self::ChangedBeforeResuming { .. } => Some("P3009"),
            Self::Lost { .. } => Some("P1017"),
            Self::NotFailed { .. } => Some("P3012"),
            Self::ShadowCreate { .. } => Some("P3014"),
            Self::ScriptMissing { .. } => Some("P3015"),
            Self::ResetFailed { .. } => Some("P3016"),
            Self::Unknown { .. } => Some("P3017"),
            Self::Failed { .. } => Some("P3018"),
            Self::ProviderSwitched { .. } => Some("P3019"),
            Self::NothingToPull { .. } => Some("P4001"),
            Self::CrossSchemaReference { .. } => Some("P4002"),
            Self::Database { source, .. } if source.is_closed() => Some("P1017"),
            Self::Folder { .. }
            | Self::Write { .. }
            | Self::ShadowNowhere
            | Self::ShadowIsMain { .. }
            | Self::ShadowUnclear { .. }
            | Self::ShadowInit { .. }
            | Self::LockFile { .. }
            | Self::ScriptNotText { .. }
            | Self::Pooled { .. }
            | Self::LockLost { .. }
            | Self::NotSql { .. }
            | Self::NotResumable { .. }
            | Self::Interrupted { .. }
            | Self::Stopped
            | Self::PushStopped { .. }
            | Self::ShadowStopped { .. }
            | Self::Script { .. }
            | Self::Database { .. } => None,
        }
    }
}
