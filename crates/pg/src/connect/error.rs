use std::error::Error;
use std::time::Duration;
use std::{io, iter};

use thiserror::Error;

use crate::sqlstate;
use crate::tls::TlsError;
use crate::url::{ConnectionUrl, Host, UrlError};

type Source = Box<dyn Error + Send + Sync>;

/// Why there is no connection. No variant holds the password.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The URL is unusable.
    #[error(transparent)]
    Url(#[from] UrlError),

    /// The files that TLS needs are unusable.
    #[error(transparent)]
    TlsSetup(TlsError),

    /// User or password are wrong.
    #[error("the database server at `{host}` does not accept the credentials of user `{user}`\nhelp: {help}")]
    Authentication {
        /// The server.
        host: String,
        /// The user.
        user: String,
        /// What to do.
        help: &'static str,
        /// What server or driver said.
        source: Source,
    },

    /// Nobody answers there.
    #[error(
        "cannot reach the database server at `{host}`\n\
         help: check that it is running, and host and port in the connection URL"
    )]
    Unreachable {
        /// The server.
        host: String,
        /// What the network said.
        source: Source,
    },

    /// The server is there and says that it cannot serve now.
    #[error(
        "the database server at `{host}` is starting up, shutting down or recovering\n\
         help: try again in a moment"
    )]
    NotReady {
        /// The server.
        host: String,
        /// What it said.
        source: Source,
    },

    /// The server was reached and did not finish the start-up in time.
    #[error(
        "the database server at `{host}` was reached, but did not answer within {} s\n\
         help: a longer wait is set with `connect_timeout` in the connection URL",
        limit.as_secs()
    )]
    Timeout {
        /// The server.
        host: String,
        /// `connect_timeout`.
        limit: Duration,
    },

    /// The database is not there.
    #[error(
        "there is no database `{database}` at `{host}`\n\
         help: create it, or correct the name in the connection URL"
    )]
    DatabaseMissing {
        /// The server.
        host: String,
        /// The database.
        database: String,
        /// What the server said.
        source: Source,
    },

    /// The server knows the user or the address and refuses.
    #[error(
        "user `{user}` may not use database `{database}` at `{host}`\n\
         help: check that the user exists, its CONNECT privilege, and `pg_hba.conf` of the server"
    )]
    Denied {
        /// The server.
        host: String,
        /// The user.
        user: String,
        /// The database.
        database: String,
        /// What the server said.
        source: Source,
    },

    /// TLS did not come about.
    #[error("no secure connection to the database server at `{host}`\nhelp: {help}")]
    Tls {
        /// The server.
        host: String,
        /// What to do.
        help: &'static str,
        /// What the handshake said.
        source: Source,
    },

    /// The server hung up.
    #[error(
        "the database server at `{host}` closed the connection\n\
         help: look into its log; a program that is not PostgreSQL may listen there"
    )]
    Closed {
        /// The server.
        host: String,
        /// What the network said.
        source: Source,
    },

    /// All places are taken.
    #[error(
        "the database server at `{host}` has no connection left\n\
         help: lower `connection_limit` in the connection URLs of its clients, or raise `max_connections`"
    )]
    TooManyConnections {
        /// The server.
        host: String,
        /// What it said.
        source: Source,
    },

    /// Any other refusal.
    #[error(
        "the database server at `{host}` refuses the connection\nhelp: its reason follows; look into its log for more"
    )]
    Rejected {
        /// The server.
        host: String,
        /// What it said.
        source: Source,
    },
}

impl ConnectError {
    /// Prisma's code.
    ///
    /// Source: Prisma 6.19, error reference.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Url(error) => error.code(),
            Self::Authentication { .. } => "P1000",
            Self::Unreachable { .. } | Self::NotReady { .. } | Self::Rejected { .. } => "P1001",
            Self::Timeout { .. } => "P1002",
            Self::DatabaseMissing { .. } => "P1003",
            Self::Denied { .. } => "P1010",
            Self::TlsSetup(_) | Self::Tls { .. } => "P1011",
            Self::Closed { .. } => "P1017",
            Self::TooManyConnections { .. } => "P2037",
        }
    }

    /// Whether the same attempt may succeed a moment later.
    pub fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::NotReady { .. }
                | Self::Timeout { .. }
                | Self::Closed { .. }
                | Self::TooManyConnections { .. }
        )
    }

    /// Whether another server of the same URL need not be asked.
    pub(super) fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Url(_)
                | Self::TlsSetup(_)
                | Self::Authentication { .. }
                | Self::DatabaseMissing { .. }
                | Self::Denied { .. }
        )
    }

    /// Sorts what the driver reports: by SQLSTATE if the server spoke, otherwise by phase.
    pub(super) fn from_driver(error: tokio_postgres::Error, url: &ConnectionUrl, host: &Host) -> Self {
        let host = host.to_string();
        let user = url.user().unwrap_or("(name of the system's user)").to_owned();
        let database = url.database().to_owned();
        if let Some(state) = error.code() {
            let state = state.code().to_owned();
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
        // The driver keeps the kind of its errors to itself, but gives each kind one fixed text; the tests of this
        // crate go through every branch, so a change of these texts does not pass unseen.
        match error.to_string().as_str() {
            "error performing TLS handshake" => {
                let source = cause(error);
                Self::Tls { host, help: tls_help(source.as_ref()), source }
            }
            "authentication error" | "invalid configuration" => {
                Self::Authentication { host, user, help: password_help(url), source: cause(error) }
            }
            "error connecting to server" => Self::Unreachable { host, source: cause(error) },
            // A TLS alert about the client's certificate comes only after the handshake (TLS 1.3).
            "error communicating with the server" => {
                let source = cause(error);
                match rustls_error(source.as_ref()) {
                    Some(_) => Self::Tls { host, help: tls_help(source.as_ref()), source },
                    None => Self::Closed { host, source },
                }
            }
            "connection closed" => Self::Closed { host, source: cause(error) },
            _ => Self::Rejected { host, source: cause(error) },
        }
    }
}

/// The driver's error says little by itself; what lies beneath says it all.
fn cause(error: tokio_postgres::Error) -> Source {
    let text = error.to_string();
    error.into_source().unwrap_or_else(|| text.into())
}

fn password_help(url: &ConnectionUrl) -> &'static str {
    match url.password() {
        None => "the connection URL has no password; write `postgresql://user:password@…`",
        Some(_) => {
            "check user and password in the connection URL; special characters are written as `%` escapes"
        }
    }
}

fn tls_help(source: &(dyn Error + 'static)) -> &'static str {
    use rustls::CertificateError as Certificate;
    match rustls_error(source) {
        Some(rustls::Error::InvalidCertificate(error)) => match error {
            Certificate::UnknownIssuer => {
                "name the certificate authority of the server in `sslrootcert`; its certificate comes from no trusted one"
            }
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
                "connect by a name that the server's certificate has as a subject alternative name, or use `sslmode=verify-ca`"
            }
            Certificate::Expired | Certificate::ExpiredContext { .. } => {
                "renew the server's certificate, which has expired"
            }
            Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => {
                "check the clocks: the server's certificate is not valid yet"
            }
            _ => "the server's certificate is not accepted; the reason follows",
        },
        Some(rustls::Error::AlertReceived(_)) => {
            "the server ended the handshake; if it asks for a client certificate, name one in `sslcert` and `sslkey`"
        }
        Some(_) => "the reason follows",
        None => {
            "if the server has no TLS, switch it on there; only in a trusted network use `sslmode=disable` instead"
        }
    }
}

fn rustls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    // An io::Error passes over what it wraps when asked for its source.
    let inner = |error: &'a (dyn Error + 'static)| -> Option<&'a (dyn Error + 'static)> {
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        }
    };
    iter::successors(Some(error), |error| inner(*error)).find_map(|error| error.downcast_ref())
}
