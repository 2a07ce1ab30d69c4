use std::error::Error;
use std::time::Duration;
use std::{io, iter};

use thiserror::Error;

use crate::sqlstate;
use crate::tls::TlsError;
use crate::url::{ConnectionUrl, Host, Negotiation, TargetSession, UrlError};

type Source = Box<dyn Error + Send + Sync>;

/// Why a connection failed. No variant contains the password.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The URL is invalid.
    #[error(transparent)]
    Url(#[from] UrlError),

    /// TLS cannot be set up.
    #[error(transparent)]
    TlsSetup(TlsError),

    /// The user or password is wrong.
    #[error("the database server at `{host}` rejected the credentials of user `{user}`\nhelp: {help}")]
    Authentication {
        /// The server.
        host: String,
        /// The user.
        user: String,
        /// The advice.
        help: &'static str,
        /// The error of the server or the driver.
        source: Source,
    },

    /// The server cannot be reached.
    #[error(
        "cannot reach the database server at `{host}`\n\
         help: check that it is running, and check host and port in the connection URL"
    )]
    Unreachable {
        /// The server.
        host: String,
        /// The network error.
        source: Source,
    },

    /// The server is starting, stopping or recovering.
    #[error(
        "the database server at `{host}` is starting up, shutting down or recovering\n\
         help: try again in a moment"
    )]
    NotReady {
        /// The server.
        host: String,
        /// The server's error.
        source: Source,
    },

    /// The server is not of the kind that `target_session_attrs` asks for.
    #[error(
        "the database server at `{host}` is not {wanted}, and no other host of the connection URL is\n\
         help: try again after a failover, or check the hosts and `target_session_attrs` in the connection URL"
    )]
    OtherServer {
        /// The last server that was tried.
        host: String,
        /// The kind of server.
        wanted: &'static str,
    },

    /// The server was reached but did not complete the startup in time.
    #[error(
        "the database server at `{host}` was reached, but did not answer within {} s\n\
         help: increase `connect_timeout` in the connection URL",
        limit.as_secs()
    )]
    Timeout {
        /// The server.
        host: String,
        /// `connect_timeout`.
        limit: Duration,
    },

    /// The database does not exist.
    #[error(
        "the database `{database}` does not exist at `{host}`\n\
         help: create it, or fix the name in the connection URL"
    )]
    DatabaseMissing {
        /// The server.
        host: String,
        /// The database.
        database: String,
        /// The server's error.
        source: Source,
    },

    /// The server refuses the user or the address.
    #[error(
        "user `{user}` is not allowed to use database `{database}` at `{host}`\n\
         help: check that the user exists and has the CONNECT privilege, and what the server's `pg_hba.conf` requires: TLS \
         (`sslmode=require`) or a client certificate (`sslcert` and `sslkey`)"
    )]
    Denied {
        /// The server.
        host: String,
        /// The user.
        user: String,
        /// The database.
        database: String,
        /// The server's error.
        source: Source,
    },

    /// TLS failed.
    #[error("no secure connection to the database server at `{host}`\nhelp: {help}")]
    Tls {
        /// The server.
        host: String,
        /// The advice.
        help: &'static str,
        /// The error of the handshake.
        source: Source,
    },

    /// The server closed the connection.
    #[error(
        "the database server at `{host}` closed the connection\n\
         help: check its log; the program listening there may not be PostgreSQL"
    )]
    Closed {
        /// The server.
        host: String,
        /// The network error.
        source: Source,
    },

    /// All connections are in use.
    #[error(
        "the database server at `{host}` has no connections left\n\
         help: lower `connection_limit` in the connection URLs of its clients, or raise `max_connections`"
    )]
    TooManyConnections {
        /// The server.
        host: String,
        /// The server's error.
        source: Source,
    },

    /// Any other rejection.
    #[error(
        "the database server at `{host}` rejected the connection\nhelp: see its message below; its log may say more"
    )]
    Rejected {
        /// The server.
        host: String,
        /// The server's error.
        source: Source,
    },
}

impl ConnectError {
    /// Returns Prisma's error code.
    ///
    /// Source: Prisma 6.19, error reference.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Url(error) => error.code(),
            Self::Authentication { .. } => "P1000",
            Self::Unreachable { .. }
            | Self::NotReady { .. }
            | Self::OtherServer { .. }
            | Self::Rejected { .. } => "P1001",
            Self::Timeout { .. } => "P1002",
            Self::DatabaseMissing { .. } => "P1003",
            Self::Denied { .. } => "P1010",
            Self::TlsSetup(_) | Self::Tls { .. } => "P1011",
            Self::Closed { .. } => "P1017",
            Self::TooManyConnections { .. } => "P2037",
        }
    }

    /// Whether a retry may succeed in a moment.
    pub fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::NotReady { .. }
                | Self::OtherServer { .. }
                | Self::Timeout { .. }
                | Self::Closed { .. }
                | Self::TooManyConnections { .. }
        )
    }

    /// Whether there is no point in trying another server of the URL. A standby may lack a database that its primary has had for
    /// a moment, so that the search for a server of one kind goes on.
    pub(super) fn is_final(&self, wanted: TargetSession) -> bool {
        match self {
            Self::Url(_) | Self::TlsSetup(_) | Self::Authentication { .. } | Self::Denied { .. } => true,
            Self::DatabaseMissing { .. } => wanted == TargetSession::Any,
            _ => false,
        }
    }

    /// The error of a search that has gone on: what a server said about the database counts more than that another is away.
    pub(super) fn or_later(self, later: Self) -> Self {
        if matches!(self, Self::DatabaseMissing { .. }) { self } else { later }
    }

    /// Classifies a driver error: by SQLSTATE if the server sent one, otherwise by phase.
    pub(super) fn from_driver(error: tokio_postgres::Error, url: &ConnectionUrl, host: &Host) -> Self {
        let host = host.to_string();
        let user = url.user().unwrap_or("(name of the system's user)").to_owned();
        let database = url.database().to_owned();
        if let Some(state) = error.code() {
            let message = error.as_db_error().map_or("", |reported| reported.message());
            let state = match state.code() {
                sqlstate::PROTOCOL_VIOLATION => of_pgbouncer(message).unwrap_or(sqlstate::PROTOCOL_VIOLATION),
                state => state,
            };
            let state = state.to_owned();
            let source = cause(error);
            return match state.as_str() {
                sqlstate::INVALID_PASSWORD => {
                    Self::Authentication { host, user, help: password_help(url), source }
                }
                sqlstate::INVALID_AUTHORIZATION_SPECIFICATION | sqlstate::INSUFFICIENT_PRIVILEGE => {
                    Self::Denied { host, user, database, source }
                }
                sqlstate::INVALID_CATALOG_NAME => Self::DatabaseMissing { host, database, source },
                sqlstate::TOO_MANY_CONNECTIONS => Self::TooManyConnections { host, source },
                sqlstate::CANNOT_CONNECT_NOW | sqlstate::ADMIN_SHUTDOWN | sqlstate::CRASH_SHUTDOWN => {
                    Self::NotReady { host, source }
                }
                _ => Self::Rejected { host, source },
            };
        }
        // The driver hides the kind of its errors but has one fixed text for each kind. The tests of this crate cover
        // every branch, so they detect changed texts.
        match error.to_string().as_str() {
            "error performing TLS handshake" => {
                let source = cause(error);
                Self::Tls { host, help: tls_help(source.as_ref(), url), source }
            }
            "authentication error" | "invalid configuration" => {
                let source = cause(error);
                if source.to_string() == "server did not use channel binding" {
                    return Self::Tls { host, help: BINDING_HELP, source };
                }
                Self::Authentication { host, user, help: password_help(url), source }
            }
            "error connecting to server" => Self::Unreachable { host, source: cause(error) },
            // In TLS 1.3, an alert about the client's certificate arrives only after the handshake.
            "error communicating with the server" => {
                let source = cause(error);
                match rustls_error(source.as_ref()) {
                    Some(_) => Self::Tls { host, help: tls_help(source.as_ref(), url), source },
                    None => Self::Closed { host, source },
                }
            }
            "connection closed" => Self::Closed { host, source: cause(error) },
            _ => Self::Rejected { host, source: cause(error) },
        }
    }
}

/// Returns the SQLSTATE that PostgreSQL would report. PgBouncer, which reports most failures of signing in as a protocol violation, tells them apart
/// in the text only: its own, or that of the server.
///
/// Source: PgBouncer 1.18.
fn of_pgbouncer(message: &str) -> Option<&'static str> {
    if message.contains("authentication failed") || message.starts_with("no such user") {
        Some(sqlstate::INVALID_PASSWORD)
    } else if message.starts_with("no such database") || message.ends_with("\" does not exist") {
        Some(sqlstate::INVALID_CATALOG_NAME)
    } else if message.starts_with("no more connections allowed") {
        Some(sqlstate::TOO_MANY_CONNECTIONS)
    } else {
        None
    }
}

/// The driver's error says little by itself; its source says everything.
fn cause(error: tokio_postgres::Error) -> Source {
    let text = error.to_string();
    error.into_source().unwrap_or_else(|| text.into())
}

fn password_help(url: &ConnectionUrl) -> &'static str {
    match url.password() {
        None => "the connection URL has no password; write `postgresql://user:password@…`",
        Some(_) => {
            "check user and password in the connection URL; special characters must be percent-encoded"
        }
    }
}

const BINDING_HELP: &str = "`channel_binding=require` needs TLS and a password that the server stores with \
    `password_encryption = scram-sha-256`; set `sslmode=require`, set the password again, or remove `channel_binding`";

fn tls_help(source: &(dyn Error + 'static), url: &ConnectionUrl) -> &'static str {
    use rustls::{AlertDescription as Alert, CertificateError as Certificate};
    match rustls_error(source) {
        Some(rustls::Error::InvalidCertificate(error)) => match error {
            Certificate::UnknownIssuer => {
                "set `sslrootcert` to the server's certificate authority, which is not a trusted one"
            }
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
                "connect with a host name that is a subject alternative name of the server's certificate, or use `sslmode=verify-ca`"
            }
            Certificate::Expired | Certificate::ExpiredContext { .. } => {
                "renew the server's certificate, which has expired"
            }
            Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => {
                "check the clocks: the server's certificate is not valid yet"
            }
            _ => "the server's certificate was rejected; see the reason below",
        },
        Some(rustls::Error::AlertReceived(Alert::ProtocolVersion)) => {
            "the server has no version of TLS in common with `ssl_min_protocol_version` and `ssl_max_protocol_version`"
        }
        Some(rustls::Error::AlertReceived(_)) if url.settings().client_identity.is_some() => {
            "the server rejected the certificate in `sslcert`: it must be valid, not revoked, and of an authority in the server's \
             `ssl_ca_file`"
        }
        Some(rustls::Error::AlertReceived(_)) => {
            "the server ended the handshake; if it requires a client certificate, set `sslcert` and `sslkey`"
        }
        Some(_) => "see the reason below",
        None if url.settings().negotiation == Negotiation::Direct => {
            "remove `sslnegotiation=direct`, which needs PostgreSQL 17 with TLS"
        }
        None => "enable TLS on the server, or, only in a trusted network, use `sslmode=disable`",
    }
}

fn rustls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    // An io::Error skips the error it wraps when asked for its source.
    let inner = |error: &'a (dyn Error + 'static)| -> Option<&'a (dyn Error + 'static)> {
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        }
    };
    iter::successors(Some(error), |error| inner(*error)).find_map(|error| error.downcast_ref())
}
