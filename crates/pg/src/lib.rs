//! PostgreSQL basics: quoting, literals, SQLSTATE codes, connection URLs, TLS and connections.
//!
//! ```text
//! "postgresql://ann:…@db.example.com/app?sslmode=verify-full"
//!    │ ConnectionUrl::parse          every parameter checked, defaults filled in, the password hidden
//!    ▼
//! ConnectionUrl ── Connector::new    certificates read, one TLS configuration
//!    │ connect().await               hosts tried in order, each within `connect_timeout`
//!    ▼
//! (tokio_postgres::Client, Connection)      spawn the second, query with the first
//! ```
//!
//! ```
//! use nicol_pg::{ConnectionUrl, quote_ident, quote_literal};
//!
//! let url = ConnectionUrl::parse("postgresql://ann:secret@db.example.com/app")?;
//! assert_eq!((url.user(), url.database()), (Some("ann"), "app"));
//! assert!(!url.to_string().contains("secret"));
//!
//! assert_eq!(quote_ident("user"), r#""user""#);
//! assert_eq!(quote_literal("it's"), "'it''s'");
//! # Ok::<(), nicol_pg::UrlError>(())
//! ```
//!
//! The crate does not pool, retry, read the environment, print or log. It never sets `search_path`, which poolers reject
//! at startup; callers qualify their tables with [`ConnectionUrl::schema`].

pub mod ident;
pub mod literal;
pub mod probe;
pub mod sqlstate;
pub mod url;

mod connect;
mod tls;

pub use connect::{CancelHandle, ConnectError, Connection, Connector, connect};
pub use ident::{push_ident, push_qualified, quote_ident, quote_qualified};
pub use literal::{push_bytea, push_literal, quote_bytea, quote_literal};
pub use tls::TlsError;
pub use url::{ConnectionUrl, Host, SslMode, UnknownParameter, UrlError};

/// The driver, for its [`Client`](tokio_postgres::Client) and its types.
pub use tokio_postgres;
