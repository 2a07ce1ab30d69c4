//! The errors of queries. No text of an error contains a value, except keys that are numbers or generated identifiers. PostgreSQL's `DETAIL`
//! and some of its messages contain values, so neither is shown.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use nicol_pg::{ConnectError, sqlstate};

/// The error of a query. [`kind`](Self::kind) is for matching, [`code`](Self::code) is Prisma's code.
///
/// The text contains no value of the database, so it can be logged. The type is as wide as one pointer.
pub struct Error(Box<Repr>);

struct Repr {
    kind: Kind,
    reported: Option<Reported>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    effect: Effect,
    /// How long the client tried to connect, if it tried more than once.
    waited: Option<Duration>,
    cause: Option<Cause>,
}

/// What is certain about a statement whose connection, or answer, was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// The statement may have been executed.
    Unknown,
    /// The statement may have been started, but its transaction was rolled back.
    Undone,
    /// The statement was not started.
    None,
}

/// The field of a relation, as the schema file names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelationField {
    /// The model.
    pub model: &'static str,
    /// The field.
    pub field: &'static str,
}

impl fmt::Display for RelationField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.model, self.field)
    }
}

/// What Prisma tells about a nested write that failed: only `nicol-engine` reads it.
#[derive(Debug, Clone)]
pub enum Cause {
    /// A row at the other end of a relation is missing.
    Missing {
        /// The relation of the nested write.
        relation: RelationField,
        /// The nested write, such as `a nested connect`.
        operation: &'static str,
        /// What the row was needed for.
        needed_for: Option<String>,
    },
    /// Fewer rows were found than there were to connect.
    Incomplete {
        /// The number of rows to connect.
        expected: u64,
    },
    /// The write is impossible, whatever the rows are.
    Impossible,
}

/// What PostgreSQL reported. Its texts may contain values, so they are neither shown nor public: only `nicol-engine` reads them, which answers
/// those who sent the values.
pub struct Reported {
    /// The SQLSTATE.
    pub sqlstate: String,
    /// The severity, such as `ERROR`.
    pub severity: String,
    /// The message.
    pub message: String,
    /// The detail, such as the values of a violated key.
    pub detail: Option<String>,
    /// A suggestion.
    pub hint: Option<String>,
    /// The column's name in the database.
    pub column: Option<String>,
    /// The name of the constraint.
    pub constraint: Option<String>,
}

/// What went wrong with a query, with Prisma's code in parentheses.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A unique key already has a row with these values (P2002).
    UniqueViolation {
        /// The model, if the schema file has the constraint.
        model: Option<&'static str>,
        /// The fields of the key in the schema file, or else the name of the constraint.
        fields: Vec<String>,
    },
    /// A foreign key refers to a missing row, or a row is still referred to (P2003).
    ForeignKey {
        /// The name of the constraint in the database.
        constraint: Option<String>,
    },
    /// A required column was set to null (P2011).
    NullViolation {
        /// The column's name in the database.
        column: Option<String>,
    },
    /// A check or exclusion constraint of the database failed (P2004).
    Constraint {
        /// The name of the constraint.
        constraint: Option<String>,
    },
    /// A text is longer than its column (P2000).
    TooLong,
    /// A value does not fit its column's type (P2020).
    OutOfRange,
    /// The row to read, update, delete or connect does not exist (P2025).
    NotFound {
        /// The model of the row.
        model: &'static str,
    },
    /// A row to connect does not exist (P2018).
    ConnectedNotFound {
        /// The relation that would connect it.
        relation: RelationField,
    },
    /// A row to delete is not connected by the relation (P2017).
    NotConnected {
        /// The relation.
        relation: RelationField,
    },
    /// The write would take away a row that others require (P2014).
    RequiredRelation {
        /// The relation to or from these rows.
        relation: RelationField,
    },
    /// A table of the schema file is missing in the database (P2021).
    MissingTable,
    /// A column of the schema file is missing in the database (P2022).
    MissingColumn,
    /// A value in the database does not have the type of the schema file, or cannot be represented in Rust (P2023).
    Inconsistent {
        /// What was expected and what was found and, for the row of a model, the field and the row.
        message: String,
    },
    /// No connection of the pool became free in time (P2024).
    PoolTimeout {
        /// The size of the pool.
        connections: usize,
        /// How long the query waited, in milliseconds.
        waited_ms: u64,
    },
    /// The closure of the transaction has returned, so the transaction runs no more queries (P2028).
    TransactionClosed,
    /// A statement of the transaction failed, so it was rolled back although its closure returned `Ok` (P2028).
    TransactionFailed,
    /// A prepared statement is stale, because a migration changed its table (P2010).
    ///
    /// Outside a transaction the statement is prepared and run again, so only transactions return this error. Running the transaction again
    /// succeeds, and [`retry`](crate::Transaction::retry) does so.
    StalePlan,
    /// A prepared statement does not exist on the server, or its name is taken (P2010): there is a pooler in transaction mode in between, although
    /// the connection URL says `pgbouncer=false`, or it no longer keeps statements. Without a pooler, `DISCARD` and `DEALLOCATE` have the same
    /// effect.
    ///
    /// The statement is run again in another way if it cannot have run, so only transactions return this error, and SQL of the application that
    /// writes and returns types which PostgreSQL does not have by itself. Running the transaction again succeeds, and
    /// [`retry`](crate::Transaction::retry) does so.
    StatementClash,
    /// A serialization failure or a deadlock with another transaction (P2034). Running the transaction again may succeed.
    Conflict,
    /// The statement or the transaction timed out (P1008).
    Timeout,
    /// Another transaction holds a lock (P1008): on a row, for a query with [`nowait`](crate::builder::FindQuery::nowait), or for longer than
    /// PostgreSQL's `lock_timeout`.
    Locked,
    /// The database cannot be reached or refuses the connection; the code says which (P1000, P1001 …).
    Connect {
        /// Prisma's code.
        code: &'static str,
    },
    /// The connection was lost while the query ran (P1017), and nothing was changed: the query only reads, or the server did not execute it, or its
    /// transaction was not committed.
    Closed,
    /// A write was sent, and its answer was lost: it may or may not have been executed. The connection was lost (P1017), or the answer did not come
    /// within `socket_timeout` (P1008).
    ///
    /// Look whether the change was made before you repeat it. To make repeating safe, let the write contain a unique key that the caller
    /// chooses: a second attempt then fails with [`UniqueViolation`](Self::UniqueViolation).
    Uncertain {
        /// Prisma's code.
        code: &'static str,
    },
    /// The client has been closed (P1017).
    ClientClosed,
    /// The connection URL is missing or cannot be read (P1012, P1013).
    Configuration {
        /// Prisma's code.
        code: &'static str,
        /// What is missing or invalid.
        message: String,
    },
    /// A query has more than 65,535 parameters, the limit of PostgreSQL (P2029).
    TooManyParameters,
    /// A field of a foreign key is set, and so is the relation that it belongs to (P2009).
    SetTwice {
        /// The relation.
        relation: RelationField,
        /// The field.
        field: &'static str,
    },
    /// The query asks for something that its kind does not support (P2009).
    Unsupported {
        /// What is not supported.
        message: &'static str,
    },
    /// The database refused the statement for another reason (P2010); see [`Error::sqlstate`].
    Database,
}

impl Error {
    /// Returns an error with a source.
    pub(crate) fn caused(kind: Kind, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self(Box::new(Repr { source: Some(source.into()), ..Repr::new(kind) }))
    }

    /// Returns an error that PostgreSQL reported.
    pub(crate) fn reported(kind: Kind, reported: Reported) -> Self {
        Self(Box::new(Repr { reported: Some(reported), ..Repr::new(kind) }))
    }

    /// Adds what Prisma tells about a nested write.
    pub(crate) fn because(mut self, cause: Cause) -> Self {
        self.0.cause = Some(cause);
        self
    }

    /// Returns what Prisma tells about a nested write.
    pub(crate) fn cause(&self) -> Option<&Cause> {
        self.0.cause.as_ref()
    }

    /// Adds what is certain about the statement.
    pub(crate) fn with_effect(mut self, effect: Effect) -> Self {
        self.0.effect = effect;
        self
    }

    /// Returns what is certain about the statement.
    pub(crate) fn effect(&self) -> Effect {
        self.0.effect
    }

    /// Whether the connection, or the answer, was lost, so that it is open whether the statement was executed.
    pub(crate) fn is_unanswered(&self) -> bool {
        // A time limit of the server ends the statement.
        matches!(self.kind(), Kind::Closed)
            || matches!(self.kind(), Kind::Timeout if self.0.reported.is_none())
    }

    /// Whether the server refused a write: it is a standby, or the transaction is read-only.
    pub(crate) fn is_refused_write(&self) -> bool {
        self.sqlstate() == Some(sqlstate::READ_ONLY_SQL_TRANSACTION)
    }

    /// Makes an error without an answer that of a write that may have been executed.
    pub(crate) fn uncertain(mut self) -> Self {
        if self.is_unanswered() {
            self.0.kind = Kind::Uncertain { code: self.code() };
        }
        self
    }

    /// Adds how long the client tried to connect.
    pub(crate) fn waited(mut self, waited: Duration) -> Self {
        self.0.waited = Some(waited);
        self
    }

    /// Returns why a connection could not be opened.
    pub(crate) fn connect_error(&self) -> Option<&ConnectError> {
        self.0.source.as_ref()?.downcast_ref()
    }

    /// Returns what went wrong.
    pub fn kind(&self) -> &Kind {
        &self.0.kind
    }

    /// Returns the SQLSTATE if PostgreSQL reported the error.
    ///
    /// Source: PostgreSQL manual, appendix A.
    pub fn sqlstate(&self) -> Option<&str> {
        self.0.reported.as_ref().map(|reported| &*reported.sqlstate)
    }

    /// Returns what PostgreSQL reported, with texts that may contain values.
    pub(crate) fn as_reported(&self) -> Option<&Reported> {
        self.0.reported.as_ref()
    }

    /// Returns Prisma's code, such as `P2002`.
    ///
    /// Source: Prisma 6.19 error reference.
    pub fn code(&self) -> &'static str {
        match &self.0.kind {
            Kind::UniqueViolation { .. } => "P2002",
            Kind::ForeignKey { .. } => "P2003",
            Kind::NullViolation { .. } => "P2011",
            Kind::Constraint { .. } => "P2004",
            Kind::TooLong => "P2000",
            Kind::OutOfRange => "P2020",
            Kind::NotFound { .. } => "P2025",
            Kind::ConnectedNotFound { .. } => "P2018",
            Kind::NotConnected { .. } => "P2017",
            Kind::RequiredRelation { .. } => "P2014",
            Kind::MissingTable => "P2021",
            Kind::MissingColumn => "P2022",
            Kind::Inconsistent { .. } => "P2023",
            Kind::PoolTimeout { .. } => "P2024",
            Kind::TransactionClosed | Kind::TransactionFailed => "P2028",
            Kind::Conflict => "P2034",
            Kind::Timeout | Kind::Locked => "P1008",
            Kind::Connect { code } | Kind::Uncertain { code } | Kind::Configuration { code, .. } => code,
            Kind::Closed | Kind::ClientClosed => "P1017",
            Kind::TooManyParameters => "P2029",
            Kind::SetTwice { .. } | Kind::Unsupported { .. } => "P2009",
            Kind::StalePlan | Kind::StatementClash | Kind::Database => "P2010",
        }
    }

    /// Whether a unique key of exactly these fields was violated. The fields have the names of the schema file.
    pub fn is_unique_violation(&self, of: &[&str]) -> bool {
        matches!(self.kind(), Kind::UniqueViolation { fields, .. } if fields == of)
    }

    /// Whether the row does not exist (P2025).
    pub fn is_not_found(&self) -> bool {
        matches!(self.kind(), Kind::NotFound { .. })
    }

    /// Whether a write was sent whose answer was lost, so that it may or may not have been executed ([`Kind::Uncertain`]).
    pub fn is_uncertain(&self) -> bool {
        matches!(self.kind(), Kind::Uncertain { .. })
    }

    /// Whether the database or a connection was not available in time, so that the same query may succeed later. Before repeating a write, check
    /// that it [is not uncertain](Self::is_uncertain).
    pub fn is_unavailable(&self) -> bool {
        matches!(
            self.kind(),
            Kind::PoolTimeout { .. }
                | Kind::Timeout
                | Kind::Locked
                | Kind::Connect { .. }
                | Kind::Closed
                | Kind::Uncertain { .. }
                | Kind::ClientClosed
        )
    }
}

impl Repr {
    fn new(kind: Kind) -> Self {
        Self { kind, reported: None, source: None, effect: Effect::Unknown, waited: None, cause: None }
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Self {
        Self(Box::new(Repr::new(kind)))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            Kind::UniqueViolation { model, fields } => {
                let fields = fields.join("`, `");
                match model {
                    Some(model) => write!(f, "a `{model}` with this `{fields}` already exists"),
                    None => write!(f, "the unique constraint `{fields}` was violated"),
                }
            }
            Kind::ForeignKey { constraint: Some(name) } => {
                write!(
                    f,
                    "the foreign key `{name}` was violated: a referenced row is missing or is still referenced"
                )
            }
            Kind::ForeignKey { constraint: None } => f.write_str("a foreign key was violated"),
            Kind::NullViolation { column: Some(column) } => write!(f, "column `{column}` must not be null"),
            Kind::NullViolation { column: None } => f.write_str("a required column must not be null"),
            Kind::Constraint { constraint: Some(name) } => write!(f, "the constraint `{name}` was violated"),
            Kind::Constraint { constraint: None } => f.write_str("a constraint was violated"),
            Kind::TooLong => f.write_str("a value is too long for its column"),
            Kind::OutOfRange => f.write_str("a value is out of the range of its column"),
            Kind::NotFound { model } => write!(f, "there is no such `{model}`"),
            Kind::ConnectedNotFound { relation } => {
                write!(f, "a row to connect by `{relation}` does not exist")
            }
            Kind::NotConnected { relation } => {
                write!(f, "a row to delete is not connected by `{relation}`")
            }
            Kind::RequiredRelation { relation } => {
                write!(f, "the relation `{relation}` is required, and the change would leave a row without it")
            }
            Kind::MissingTable => {
                f.write_str("a table of the schema does not exist in the database\nhelp: apply the pending migrations")
            }
            Kind::MissingColumn => {
                f.write_str("a column of the schema does not exist in the database\nhelp: apply the pending migrations")
            }
            Kind::Inconsistent { message } => write!(f, "the database does not match the schema: {message}"),
            Kind::PoolTimeout { connections, waited_ms } => {
                write!(f, "timed out after {waited_ms} ms waiting for one of the pool's {connections} connections")?;
                match &self.0.source {
                    Some(trouble) => write!(f, "; no connection could be opened: {trouble}"),
                    None => f.write_str(
                        "\nhelp: look for slow queries and long transactions, or raise `connection_limit` or `pool_timeout` in the connection URL",
                    ),
                }
            }
            Kind::TransactionClosed => {
                f.write_str("the transaction has ended\nhelp: run the query on the client instead")
            }
            Kind::TransactionFailed => {
                f.write_str("a statement of the transaction failed, so it was rolled back")
            }
            Kind::StalePlan => f.write_str(
                "a prepared statement is stale, because the database changed\nhelp: run the transaction again",
            ),
            Kind::StatementClash => f.write_str(
                "a prepared statement does not exist on the server, or its name is taken\n\
                 help: run the transaction again; behind a transaction pooler, add `?pgbouncer=true` to the connection URL",
            ),
            Kind::Conflict => f.write_str("the transaction conflicts with a concurrent one\nhelp: run it again"),
            Kind::Timeout => f.write_str("the database did not answer in time"),
            Kind::Locked => f.write_str("another transaction did not release a lock in time"),
            Kind::Connect { .. } => match self.0.waited {
                Some(waited) => {
                    write!(f, "cannot connect to the database, after trying for {} ms", waited.as_millis())
                }
                None => f.write_str("cannot connect to the database"),
            },
            Kind::Closed => f.write_str(
                "the connection to the database was lost while the query ran, and nothing was changed\nhelp: run the query again",
            ),
            Kind::Uncertain { code } => {
                f.write_str(match *code {
                    "P1008" => "the database did not answer a write in time",
                    _ => "the connection to the database was lost while a write ran",
                })?;
                f.write_str(
                    ", so the write may or may not have been executed\n\
                     help: look whether the change was made before you repeat it; a unique key that the caller chooses makes repeating safe",
                )
            }
            Kind::ClientClosed => f.write_str("the client has been closed"),
            Kind::Configuration { message, .. } => f.write_str(message),
            Kind::TooManyParameters => {
                f.write_str("a query has more than 65,535 parameters\nhelp: split long lists")
            }
            Kind::SetTwice { relation, field } => {
                write!(f, "`{field}` is set twice: by its value and by the relation `{relation}`\nhelp: set one of the two")
            }
            Kind::Unsupported { message } => f.write_str(message),
            Kind::Database if self.is_refused_write() => f.write_str(
                "the database refused a write (SQLSTATE 25006): it is a standby, or the transaction is read-only\n\
                 help: with `target_session_attrs=read-write` in the connection URL, only a server that accepts writes is used",
            ),
            Kind::Database => match self.sqlstate() {
                Some(sqlstate) => write!(f, "the database refused the statement (SQLSTATE {sqlstate})"),
                None => f.write_str("the database refused the statement"),
            },
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Error");
        out.field("code", &self.code()).field("kind", self.kind());
        if let Some(sqlstate) = self.sqlstate() {
            out.field("sqlstate", &sqlstate);
        }
        if let Some(source) = &self.0.source {
            out.field("source", &source.to_string());
        }
        out.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
