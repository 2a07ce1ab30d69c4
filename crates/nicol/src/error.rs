//! Errors of queries. No text of an error holds a value, numbers and generated identifiers of a key aside: PostgreSQL's `DETAIL` and some of
//! its messages do, so neither is shown.

use std::error::Error as StdError;
use std::fmt;

/// What went wrong with a query. One word wide; see [`kind`](Self::kind) and [`code`](Self::code).
pub struct Error(Box<Repr>);

struct Repr {
    kind: Kind,
    sqlstate: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    /// Nothing has run, so that even a write can be repeated.
    not_run: bool,
}

/// The kinds of errors.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A row with these values of a unique key is there already (P2002).
    UniqueViolation {
        /// The model, where the constraint is one of the schema's.
        model: Option<&'static str>,
        /// The key's fields, as the schema file names them; the constraint's name where it is not of the schema.
        fields: Vec<String>,
    },
    /// A foreign key refers to no row, or a row is still referred to (P2003).
    ForeignKey {
        /// The constraint's name in the database.
        constraint: Option<String>,
    },
    /// A required column was given null (P2011).
    NullViolation {
        /// The column's name in the database.
        column: Option<String>,
    },
    /// A check or exclusion constraint of the database failed (P2004).
    Constraint {
        /// The constraint's name.
        constraint: Option<String>,
    },
    /// A text is longer than its column (P2000).
    TooLong,
    /// A value does not fit its column's type (P2020).
    OutOfRange,
    /// The row to read, change, delete or connect is not there (P2025).
    NotFound {
        /// Of which model.
        model: &'static str,
    },
    /// A table that the schema file has is not in the database (P2021).
    MissingTable,
    /// A column that the schema file has is not in the database (P2022).
    MissingColumn,
    /// A value in the database does not have the type of the schema file, or no form in Rust (P2023).
    Inconsistent {
        /// What was expected and what was found; where a row was read, in which field of which row.
        message: String,
    },
    /// No connection of the pool became free in time (P2024).
    PoolTimeout {
        /// How many connections there are at most.
        connections: usize,
        /// How long was waited, in milliseconds.
        waited_ms: u64,
    },
    /// The transaction is over (its closure has returned), so it can run no more queries (P2028).
    TransactionClosed,
    /// A statement of the transaction failed, so nothing of it was committed although its closure returned `Ok` (P2028).
    TransactionFailed,
    /// A prepared statement no longer fits the database: a migration changed its table, or the server has forgotten it (P2010).
    ///
    /// Outside a transaction the statement is prepared and run again, so this is an error of transactions only. Running the transaction
    /// again succeeds, and [`retry`](crate::Transaction::retry) does so.
    StalePlan,
    /// Another transaction was in the way: a serialization failure or a deadlock (P2034). It can be tried again.
    Conflict,
    /// The database took too long (P1008).
    Timeout,
    /// The database cannot be reached, or refuses the connection; the code tells which (P1000, P1001 …).
    Connect {
        /// Prisma's code.
        code: &'static str,
    },
    /// The connection was lost while the query ran: a write may or may not have happened (P1017).
    Closed,
    /// The client has been closed (P1017).
    ClientClosed,
    /// The connection URL is missing or cannot be read (P1012, P1013).
    Configuration {
        /// Prisma's code.
        code: &'static str,
        /// What is missing or wrong.
        message: String,
    },
    /// A query has more parameters than PostgreSQL takes (P2029).
    TooManyParameters,
    /// Something was asked that a query of this kind cannot do (P2009).
    Unsupported {
        /// What.
        message: &'static str,
    },
    /// The database refused the statement for another reason (P2010): see the SQLSTATE.
    Database,
}

impl Error {
    /// Of this kind, because of this.
    pub(crate) fn caused(kind: Kind, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self(Box::new(Repr { kind, sqlstate: None, source: Some(source.into()), not_run: false }))
    }

    /// Of this kind, as PostgreSQL reported it.
    pub(crate) fn reported(kind: Kind, sqlstate: &str) -> Self {
        Self(Box::new(Repr { kind, sqlstate: Some(sqlstate.to_owned()), source: None, not_run: false }))
    }

    /// Notes that nothing of the statement has run.
    pub(crate) fn not_run(mut self) -> Self {
        self.0.not_run = true;
        self
    }

    /// Whether it is certain that nothing of the statement has run.
    pub(crate) fn has_not_run(&self) -> bool {
        self.0.not_run
    }

    /// What went wrong.
    pub fn kind(&self) -> &Kind {
        &self.0.kind
    }

    /// PostgreSQL's SQLSTATE, where PostgreSQL reported the error.
    ///
    /// Source: PostgreSQL manual, appendix A.
    pub fn sqlstate(&self) -> Option<&str> {
        self.0.sqlstate.as_deref()
    }

    /// Prisma's code.
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
            Kind::MissingTable => "P2021",
            Kind::MissingColumn => "P2022",
            Kind::Inconsistent { .. } => "P2023",
            Kind::PoolTimeout { .. } => "P2024",
            Kind::TransactionClosed | Kind::TransactionFailed => "P2028",
            Kind::Conflict => "P2034",
            Kind::Timeout => "P1008",
            Kind::Connect { code } | Kind::Configuration { code, .. } => code,
            Kind::Closed | Kind::ClientClosed => "P1017",
            Kind::TooManyParameters => "P2029",
            Kind::Unsupported { .. } => "P2009",
            Kind::StalePlan | Kind::Database => "P2010",
        }
    }

    /// Is this the violation of a unique key that has exactly these fields.
    pub fn is_unique_violation(&self, of: &[&str]) -> bool {
        matches!(self.kind(), Kind::UniqueViolation { fields, .. } if fields == of)
    }

    /// Is the row not there (P2025).
    pub fn is_not_found(&self) -> bool {
        matches!(self.kind(), Kind::NotFound { .. })
    }

    /// Is the database out of reach or out of connections, so that the same query may succeed later.
    pub fn is_unavailable(&self) -> bool {
        matches!(
            self.kind(),
            Kind::PoolTimeout { .. }
                | Kind::Timeout
                | Kind::Connect { .. }
                | Kind::Closed
                | Kind::ClientClosed
        )
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Self {
        Self(Box::new(Repr { kind, sqlstate: None, source: None, not_run: false }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            Kind::UniqueViolation { model, fields } => {
                let fields = fields.join("`, `");
                match model {
                    Some(model) => write!(f, "a `{model}` with this `{fields}` is there already"),
                    None => write!(f, "the unique constraint `{fields}` was violated"),
                }
            }
            Kind::ForeignKey { constraint: Some(name) } => {
                write!(
                    f,
                    "the foreign key `{name}` was violated: a row it refers to is missing, or still referred to"
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
            Kind::MissingTable => {
                f.write_str("a table of the schema is not in the database: apply the migrations")
            }
            Kind::MissingColumn => {
                f.write_str("a column of the schema is not in the database: apply the migrations")
            }
            Kind::Inconsistent { message } => write!(f, "the database does not fit the schema: {message}"),
            Kind::PoolTimeout { connections, waited_ms } => write!(
                f,
                "none of the pool's {connections} connections became free within {waited_ms} ms: raise `connection_limit` or `pool_timeout` \
                 in the connection URL, or look for slow queries and long transactions"
            ),
            Kind::TransactionClosed => {
                f.write_str("the transaction is over: run the query on the client instead")
            }
            Kind::TransactionFailed => {
                f.write_str("a statement of the transaction failed, so nothing was committed")
            }
            Kind::StalePlan => f.write_str(
                "a prepared statement no longer fits the database, which has changed meanwhile: run the transaction again",
            ),
            Kind::Conflict => f.write_str("a concurrent transaction was in the way: try again"),
            Kind::Timeout => f.write_str("the database took too long to answer"),
            Kind::Connect { .. } => f.write_str("no connection to the database"),
            Kind::Closed => f.write_str("the connection to the database was lost while the query ran"),
            Kind::ClientClosed => f.write_str("the client has been closed"),
            Kind::Configuration { message, .. } => f.write_str(message),
            Kind::TooManyParameters => {
                f.write_str("a query has more than 65,535 parameters: pass long lists in parts")
            }
            Kind::Unsupported { message } => f.write_str(message),
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
