//! What can go wrong with a history or a database.

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

    /// A script that is to be run is not UTF-8.
    #[error("`{}` cannot be run: {place}\nhelp: save it as UTF-8", path.display())]
    ScriptNotText {
        /// Where it lies.
        path: PathBuf,
        /// Where the first byte is that is none of a character.
        place: NotText,
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

    /// Something that cannot be done through a pooler.
    #[error(
        "{what} needs the database server itself, and `{host}` is a connection pooler: {reason}\n\
         help: give the direct connection URL as `directUrl` of the datasource; it often is in `DATABASE_URL_UNPOOLED`"
    )]
    Pooled {
        /// The pooler.
        host: String,
        /// What was to be done.
        what: String,
        /// Why it needs a connection of its own.
        reason: String,
    },

    /// The lock has gone while it was needed. What was being done has been undone.
    #[error(
        "the migration lock was lost in the middle of migration `{migration}`, whose last changes were undone\n\
         help: if `{host}` is a connection pooler, say so with `pgbouncer=true` in its URL, or give the direct \
         connection URL as `directUrl`; then deploy again"
    )]
    LockLost {
        /// The server, or the pooler.
        host: String,
        /// The migration.
        migration: String,
    },

    /// A script holds what no server can run. Nothing was run.
    #[error(
        "{} cannot be run: line {line} {what}\nhelp: {help}",
        migration.as_ref().map_or_else(|| "the script".to_owned(), |name| format!("migration `{name}`"))
    )]
    NotSql {
        /// The migration, where it is one.
        migration: Option<String>,
        /// Where in its script, from 1.
        line: usize,
        /// What stands there.
        what: &'static str,
        /// What to do about it.
        help: &'static str,
    },

    /// Somebody else is migrating.
    #[error(
        "another migration of this database holds the lock, and did not let go within {} s{}\n\
         help: wait until it has ended, or longer with `--lock-timeout <seconds>`; if it hangs, end its session: \
         `select pg_terminate_backend(<process>)`",
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
         if you have completed it by hand: `nicol migrate resolve --applied {first}`{}",
        if failed.len() == 1 { "a migration" } else { "migrations" },
        failed.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
        part.as_ref().map_or_else(String::new, |left| format!(
            "\n  to go on behind what is in the database ({left}): `nicol migrate resolve --resume {}`",
            failed.first().map_or("", String::as_str)
        )),
        first = failed.first().map_or("", String::as_str)
    )]
    FailedEarlier {
        /// Their names.
        failed: Vec<String>,
        /// What there is of the first, where that is known and a part.
        part: Option<Left>,
    },

    /// A migration was stopped while it built an index, and the index is of no use.
    #[error(
        "migration `{migration}` was stopped while it built index `{index}`, which is there and not valid\n\
         help: drop it with `drop index concurrently {index}`, then deploy again, which goes on at line {line}"
    )]
    InvalidIndex {
        /// The migration.
        migration: String,
        /// The index, as SQL names it.
        index: String,
        /// Where in its script, from 1.
        line: usize,
    },

    /// A migration was stopped in a statement that stands in no transaction, and nothing tells whether it has ended.
    #[error(
        "migration `{migration}` was stopped at line {line}, in a statement that stands in no transaction: whether it \
         has ended cannot be told; what is before it is in the database, what is behind it is not\n\
         help: look whether it has ended, then\n  \
         if it has not: undo what there is of it, `nicol migrate resolve --resume {migration}`, and deploy again\n  \
         if it has: run the rest of the script by hand, then `nicol migrate resolve --applied {migration}`"
    )]
    UnclearStatement {
        /// The migration.
        migration: String,
        /// Where in its script, from 1.
        line: usize,
    },

    /// A migration is in the database in part, and that part of the script is another one now.
    #[error(
        "the script of migration `{migration}` no longer begins with what is in the database: {done} statement{}\n\
         help: restore the beginning of the script, and change only what is behind it",
        if *done == 1 { "" } else { "s" }
    )]
    ChangedBeforeResuming {
        /// The migration.
        migration: String,
        /// How many statements.
        done: usize,
    },

    /// Of a migration nothing is known behind which it could go on.
    #[error(
        "migration `{migration}` cannot be resumed: it is not known how much of it is in the database\n\
         help: `nicol migrate resolve --rolled-back {migration}` if it is nothing, `--applied` if it is all"
    )]
    NotResumable {
        /// Its name.
        migration: String,
    },

    /// A migration failed now.
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
        /// What the server said, with its SQLSTATE.
        failure: String,
        /// Where in the script, where the server knows.
        line: Option<usize>,
        /// What there is of it.
        left: Left,
        /// An index that was left behind and is of no use, as SQL names it.
        invalid_index: Option<String>,
        /// The driver's error.
        source: tokio_postgres::Error,
    },

    /// The connection was lost while a migration ran.
    #[error("the connection was lost in migration `{migration}`: {left}\nhelp: {}", advice(*left))]
    Lost {
        /// Its name.
        migration: String,
        /// What there is of it.
        left: Left,
        /// The driver's error.
        source: tokio_postgres::Error,
    },

    /// Somebody asked to stop while a migration ran.
    #[error("interrupted in migration `{migration}`: {left}{}", after_interrupt(*left, invalid_index.as_deref()))]
    Interrupted {
        /// Its name.
        migration: String,
        /// What there is of it.
        left: Left,
        /// An index that was left behind and is of no use, as SQL names it.
        invalid_index: Option<String>,
    },

    /// Somebody asked to stop.
    #[error("interrupted")]
    Stopped,

    /// Somebody asked to stop while a push ran.
    #[error(
        "interrupted: {left}{}",
        if *left == Left::All { "" } else { "\nhelp: run `nicol db push` again to continue" }
    )]
    PushStopped {
        /// What there is of its changes.
        left: Left,
    },

    /// Somebody asked to stop while migrations ran in a shadow database.
    #[error(
        "interrupted while the migrations ran in the shadow database{}; nothing else was changed",
        if *is_dropped { ", which has been dropped" } else { "" }
    )]
    ShadowStopped {
        /// Whether the database was made for it.
        is_dropped: bool,
    },

    /// A script that is no migration failed.
    #[error(
        "the script failed{}: {failure}{}",
        line.map(|line| format!(" in line {line}")).unwrap_or_default(),
        further(source)
    )]
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
        "the shadow database, in which migrations are tried out, could not be created: {failure}{}\nhelp: {}",
        further(source),
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

    /// It cannot be told whether the shadow database is one that must not be emptied.
    #[error(
        "cannot tell whether the shadow database `{database}` is {other}, so it is not emptied: {reason}\n\
         help: let both be reached directly, give another database as the shadow database, or none: one is created then"
    )]
    ShadowUnclear {
        /// Its name.
        database: String,
        /// The URL of the other one, without its password.
        other: String,
        /// What is in the way.
        reason: String,
    },

    /// The script that prepares the shadow database failed.
    #[error(
        "the script that prepares the shadow database failed{}: {failure}{}\n\
         help: correct `init_shadow_db` in the section `migrations` of nicol.toml",
        line.map(|line| format!(" in line {line}")).unwrap_or_default(),
        further(source)
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
        "migration `{migration}` fails on a new database{}: {failure}{}\n\
         help: correct its script; it was tried out in a shadow database, and nothing else was changed",
        line.map(|line| format!(" (line {line} of its script)")).unwrap_or_default(),
        further(source)
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
        "the database could not be emptied completely: {failure}{}\n\
         help: drop what is left as its owner, or end the sessions that use it; then reset again",
        further(source)
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

    /// A schema file is to be made of a database that has nothing to be in one.
    #[error(
        "there is no table in {url}, so that the schema file stays as it is\n\
         help: create tables first; or name the schemas they lie in with --schemas"
    )]
    NothingToPull {
        /// The database, without its password.
        url: String,
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
    #[error("{doing}: {}{}", describe(source), further(source))]
    Database {
        /// What was being done.
        doing: &'static str,
        /// What the driver says.
        source: tokio_postgres::Error,
    },
}

/// What to do after a migration was stopped from outside.
fn advice(left: Left) -> &'static str {
    match left {
        Left::Nothing | Left::Part { .. } | Left::All => "deploy again to continue",
        Left::Unclear => "`nicol migrate status` shows what there is of it",
    }
}

fn after_interrupt(left: Left, invalid_index: Option<&str>) -> String {
    match invalid_index {
        Some(index) => format!(
            "; index `{index}` is there and not valid\n\
             help: drop it with `drop index concurrently {index}`, then deploy again to continue"
        ),
        None => format!("\nhelp: {}", advice(left)),
    }
}

fn what_after_failure(left: Left, migration: &str, invalid_index: Option<&str>) -> String {
    let rolled_back = format!("`nicol migrate resolve --rolled-back {migration}` and deploy again");
    match left {
        Left::Part { .. } => {
            let index = invalid_index.map(|index| {
                format!("drop the index that is not valid with `drop index concurrently {index}`\n  ")
            });
            format!(
                "{left}, the others are not\n  {}to go on behind what is there: correct the rest of the script, then \
                 `nicol migrate resolve --resume {migration}` and deploy again\n  \
                 to begin anew: undo what is there, correct the script, then {rolled_back}",
                index.unwrap_or_default()
            )
        }
        Left::Nothing => format!("its changes were undone; correct the script, then {rolled_back}"),
        _ => format!(
            "part of its changes may be in the database; undo them and correct the script, then {rolled_back}"
        ),
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
