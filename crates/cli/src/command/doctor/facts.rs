//! What is known about a set-up. The checks read nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use nicol_pg::probe::Answer;
use nicol_pg::tokio_postgres::error::DbError;
use nicol_pg::{ConnectError, ConnectionUrl, Host, TlsError, UrlError};
use serde::Deserialize;

/// What a URL is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Queries of the application; migrations too, if there is no direct URL.
    Queries,
    /// Migrations and `LISTEN`.
    Direct,
    /// Reads.
    Replica,
    /// The shadow database of `migrate dev`.
    Shadow,
}

/// What is known about the project.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is an answer of its own")]
pub(super) struct Project {
    /// How many processes of the application use the URL.
    pub(super) processes: usize,
    /// Whether there are migrations.
    pub(super) has_migrations: bool,
    /// Whether the project has a direct URL for migrations, and it is set.
    pub(super) has_direct: bool,
    /// The variable with the direct URL.
    pub(super) direct_variable: String,
    /// Whether the project has a shadow database.
    pub(super) has_shadow: bool,
    /// The extensions that the schema file names.
    pub(super) extensions: Vec<String>,
    /// The schemas that the schema file names.
    pub(super) schemas: Vec<String>,
    /// The command that compares the database with the migrations.
    pub(super) drift_command: String,
}

/// A URL and everything that was found out about it.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) role: Role,
    /// Where the URL comes from: the name of a variable or a setting.
    pub(super) origin: String,
    pub(super) url: Result<ConnectionUrl, BadUrl>,
    /// What each host of the URL shows.
    pub(super) hosts: Vec<(Host, Result<Answer, TlsError>)>,
    /// Why no connection could be opened.
    pub(super) failure: Option<Failure>,
    /// What the server says; `None` without a connection.
    pub(super) server: Option<Server>,
}

/// Why no connection could be opened.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: ConnectError,
    /// What the server said, if it did.
    pub(super) refusal: Option<Refusal>,
}

/// An error that the server reported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The SQLSTATE code.
    pub(super) code: String,
    /// The function that reported it, whose name does not depend on the server's language. Poolers send none.
    pub(super) routine: String,
    pub(super) message: String,
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        let source = std::error::Error::source(&error).and_then(|it| it.downcast_ref::<DbError>());
        let refusal = source.map(|it| Refusal {
            code: it.code().code().to_owned(),
            routine: it.routine().unwrap_or_default().to_owned(),
            message: it.message().to_owned(),
        });
        Self { error, refusal }
    }
}

/// Why there is no URL.
#[derive(Debug)]
pub(super) enum BadUrl {
    Unset,
    Invalid(UrlError),
}

/// What the server says. A part is `Err` if the server did not answer that question.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) identity: Part<Identity>,
    pub(super) timing: Part<Timing>,
    pub(super) pooler: Pooler,
    /// Whether the server accepts a connection with `channel_binding=require`; `None` if that was not tried.
    pub(super) binds_channel: Option<bool>,
    pub(super) system: Part<Option<String>>,
    pub(super) settings: Part<BTreeMap<String, String>>,
    pub(super) sessions: Part<Sessions>,
    pub(super) rights: Part<Vec<SchemaRights>>,
    pub(super) extensions: Part<Vec<Extension>>,
    pub(super) collations: Part<Vec<Collation>>,
    pub(super) activity: Part<Activity>,
    /// `None` if the project has no migrations, or another URL is for them.
    pub(super) migrations: Option<Part<nicol_migrate::Status>>,
}

/// An answer, or why there is none.
pub(super) type Part<T> = Result<T, String>;

/// The server, the database and the user.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is an answer of its own")]
pub(super) struct Identity {
    /// `server_version_num`.
    pub(super) version_number: u32,
    /// `server_version`.
    pub(super) version: String,
    pub(super) user: String,
    pub(super) database: String,
    pub(super) database_oid: u32,
    pub(super) pid: i32,
    /// When the server started, in seconds since 1970.
    pub(super) started: f64,
    pub(super) in_recovery: bool,
    pub(super) read_only: bool,
    /// How long ago the last replayed transaction was committed, if not all received WAL is replayed; in seconds.
    pub(super) lag: Option<f64>,
    pub(super) encoding: String,
    pub(super) time_zone: String,
    /// The age of the oldest transaction id of the database.
    pub(super) age: u64,
    pub(super) is_superuser: bool,
    pub(super) may_create_databases: bool,
    /// Whether the user sees the sessions of others.
    pub(super) sees_all: bool,
    /// Limits of the user and the database; -1 means none.
    pub(super) role_limit: i64,
    pub(super) database_limit: i64,
}

/// Clock and distance.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Timing {
    /// The median of several round trips.
    pub(super) round_trip: Duration,
    /// The server's clock minus this machine's, in seconds.
    pub(super) ahead: f64,
}

/// What was found out about a pooler by asking.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Pooler {
    /// Whether two connections got the same server process, as only transaction poolers do.
    pub(super) shares_sessions: bool,
    /// Whether startup options are accepted, which PgBouncer and its kind refuse; `None` if that is not known.
    pub(super) accepts_options: Option<bool>,
    /// Whether prepared statements follow the client: PgBouncer from 1.21 on; `None` if that was not tried.
    pub(super) keeps_statements: Option<bool>,
}

/// Connections of clients.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Sessions {
    /// Those of the same user to the same database, without the doctor's.
    pub(super) ours: i64,
    /// All others.
    pub(super) others: i64,
}

/// The rights of the user in a schema.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is an answer of its own")]
pub(super) struct SchemaRights {
    pub(super) schema: String,
    pub(super) exists: bool,
    pub(super) usage: bool,
    pub(super) create: bool,
    /// Whether every user may create objects there.
    pub(super) public_create: bool,
    /// How many tables belong to somebody else.
    pub(super) foreign: i64,
    /// A few of their names.
    pub(super) foreign_names: Vec<String>,
    /// An owner of them.
    pub(super) foreign_owner: Option<String>,
    /// How many tables the user may not read.
    pub(super) unreadable: i64,
    pub(super) unreadable_names: Vec<String>,
    /// How many tables the user may not change.
    pub(super) unwritable: i64,
    pub(super) unwritable_names: Vec<String>,
}

/// An extension that the schema file names, or that is installed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Extension {
    pub(super) name: String,
    pub(super) installed: Option<String>,
    pub(super) available: Option<String>,
}

/// A collation whose version has changed; without a name, that of the database.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Collation {
    pub(super) name: Option<String>,
    pub(super) recorded: String,
    pub(super) actual: String,
}

/// What is going on.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub(super) struct Activity {
    pub(super) long_transactions: Vec<Process>,
    /// How many processes wait for a lock.
    pub(super) waiting: i64,
    /// Who blocks the one that waits longest, and for how long that has waited.
    pub(super) blocker: Option<Process>,
    pub(super) invalid_indexes: Vec<String>,
    pub(super) prepared_transactions: Vec<Prepared>,
    pub(super) inactive_slots: Vec<Slot>,
    /// `None` unless the last attempt to archive WAL failed.
    pub(super) failing_archive: Option<FailingArchive>,
}

/// A server process.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub(super) struct Process {
    pub(super) pid: i32,
    pub(super) user: Option<String>,
    pub(super) application: Option<String>,
    pub(super) state: Option<String>,
    pub(super) seconds: f64,
}

/// A prepared transaction.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub(super) struct Prepared {
    pub(super) id: String,
    pub(super) database: String,
    pub(super) seconds: f64,
}

/// A replication slot without a reader.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Slot {
    pub(super) name: String,
    pub(super) bytes: i64,
}

/// An archive to which the server cannot write.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub(super) struct FailingArchive {
    /// The number of failures since the statistics were reset.
    pub(super) count: i64,
    /// The segment of the last failure.
    pub(super) segment: String,
    /// How long ago the last failure was.
    pub(super) seconds: f64,
}

impl Facts {
    /// Returns what the server says about itself, if there is a connection.
    pub(super) fn identity(&self) -> Option<&Identity> {
        self.server.as_ref()?.identity.as_ref().ok()
    }

    /// Whether the server can only be reached from this machine, as far as the URL tells.
    pub(super) fn is_local(&self) -> bool {
        self.url.as_ref().is_ok_and(ConnectionUrl::is_loopback_or_socket)
    }

    /// Whether the connection leads through a transaction pooler, by its URL or by what was found out.
    pub(super) fn is_pooled(&self) -> bool {
        self.url.as_ref().is_ok_and(ConnectionUrl::is_pooled)
            || self.server.as_ref().is_some_and(|server| server.pooler.shares_sessions)
    }

    /// Whether migrations use this URL.
    pub(super) fn is_for_migrations(&self, project: &Project) -> bool {
        match self.role {
            Role::Direct => project.has_direct,
            Role::Queries => !project.has_direct,
            Role::Replica | Role::Shadow => false,
        }
    }

    /// Whether both lead to the same database of the same running server; `None` if that is not known.
    pub(super) fn is_same_database(&self, other: &Self) -> Option<bool> {
        let (one, two) = (self.identity()?, other.identity()?);
        // The start time is rounded alike for each reader.
        Some(one.database_oid == two.database_oid && (one.started - two.started).abs() < 0.001)
    }
}
