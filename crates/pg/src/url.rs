//! Connection URLs: Prisma's parameters and libpq's, checked once and given out as types.
//!
//! `postgresql://user:password@host:port,host:port/database?parameter=value&…`, also `postgres://`.
//! User, password, host, database and values are percent-decoded.
//!
//! Where the two families differ, the meaning is:
//!
//! | parameter | meaning here |
//! |---|---|
//! | `sslmode` | libpq's six modes; anything else is an error (Prisma: silently `prefer`) |
//! | `sslaccept=strict` | Prisma's: the certificate and its host name are checked |
//! | `sslcert` | with `sslkey`: libpq's client certificate; alone: Prisma's file of trusted roots |
//! | `sslrootcert` | libpq's: file of trusted roots, or `system` |
//! | `+` in a value | a blank, as Prisma reads it |
//! | `connect_timeout` | seconds for each address, 5 unless given; `0` waits without end |
//! | unknown names | accepted and listed by [`ConnectionUrl::unknown_parameters`], unless they ask for a check that would not be made |
//!
//! Relative file names are relative to the working directory of the process.
//!
//! Source: PostgreSQL 17 manual, 34.1.1 and 34.1.2; Prisma 6.19, "Connection URLs" of the PostgreSQL connector.

mod error;
mod params;
mod parse;
mod write;

use std::fmt;
use std::net::IpAddr;
use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

pub use error::UrlError;
pub(crate) use params::Settings;
pub use params::{ChannelBinding, LoadBalance, Negotiation, Roots, SslMode, TargetSession, Trust};

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// The way to it.
    pub address: Address,
    /// The port; it is part of the name of a socket, too.
    pub port: u16,
}

/// The way to a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// Over the network: the name that certificates are checked against, and the address when it is given apart
    /// (`hostaddr`).
    Tcp {
        /// Name or IP address, without brackets.
        name: String,
        /// Address that stands in for looking up the name.
        ip: Option<IpAddr>,
    },
    /// Through the Unix-domain socket in this folder.
    Socket(PathBuf),
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.address {
            Address::Tcp { name, .. } if name.contains(':') => write!(f, "[{name}]:{}", self.port),
            Address::Tcp { name, .. } => write!(f, "{name}:{}", self.port),
            Address::Socket(folder) => write!(f, "{}/.s.PGSQL.{}", folder.display(), self.port),
        }
    }
}

impl Host {
    /// The host's part of [`ConnectionUrl::is_pooled`].
    fn is_pooler(&self) -> bool {
        let Address::Tcp { name, .. } = &self.address else { return false };
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        let is_neon = name.split('.').next().is_some_and(|label| label.ends_with("-pooler"));
        let is_supabase = name.ends_with(".pooler.supabase.com")
            || name.starts_with("db.") && name.ends_with(".supabase.co");
        is_neon || is_supabase && self.port == 6543
    }

    fn is_local(&self) -> bool {
        match &self.address {
            Address::Socket(_) => true,
            Address::Tcp { ip: Some(ip), .. } => ip.is_loopback(),
            Address::Tcp { name, ip: None } => {
                let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
                match name.parse::<IpAddr>() {
                    Ok(ip) => ip.is_loopback(),
                    Err(_) => name == "localhost" || name.ends_with(".localhost"),
                }
            }
        }
    }
}

/// A parsed connection URL. `Debug` and `Display` hide the password.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectionUrl {
    hosts: Vec<Host>,
    user: Option<String>,
    password: Option<String>,
    database: Option<String>,
    settings: Settings,
    /// All parameters but those that the fields above took over, decoded, in the order of the text.
    parameters: Vec<(String, String)>,
}

impl ConnectionUrl {
    /// Reads a URL and checks every parameter.
    ///
    /// ```
    /// use nicol_pg::ConnectionUrl;
    ///
    /// let url = ConnectionUrl::parse("postgresql://ann:s%23cret@db.example.com/app?sslmode=require")?;
    /// assert_eq!((url.database(), url.schema()), ("app", "public"));
    /// assert_eq!(url.to_string(), "postgresql://ann:***@db.example.com:5432/app?sslmode=require");
    /// # Ok::<(), nicol_pg::UrlError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`UrlError`] when the text is no PostgreSQL URL, or a parameter has a value that it cannot have.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        parse::parse(text)
    }

    /// A URL for a server behind a socket in `folder`, or for one at a TCP address.
    pub fn new(address: Address, port: u16, database: &str) -> Self {
        Self {
            hosts: vec![Host { address, port }],
            user: None,
            password: None,
            database: Some(database.to_owned()),
            settings: Settings::default(),
            parameters: Vec::new(),
        }
    }

    /// The same server and settings, another database.
    #[must_use]
    pub fn with_database(&self, database: &str) -> Self {
        Self { database: Some(database.to_owned()), ..self.clone() }
    }

    /// The same server and settings, another user.
    #[must_use]
    pub fn with_user(&self, user: &str, password: Option<&str>) -> Self {
        Self { user: Some(user.to_owned()), password: password.map(str::to_owned), ..self.clone() }
    }

    /// The same URL with one parameter set; an earlier value is replaced.
    ///
    /// # Errors
    ///
    /// [`UrlError`] as for [`ConnectionUrl::parse`].
    pub fn with_parameter(&self, name: &str, value: &str) -> Result<Self, UrlError> {
        let mut parameters = self.parameters.clone();
        parameters.retain(|(other, _)| other != name);
        parameters.push((name.to_owned(), value.to_owned()));
        let settings = Settings::from_parameters(&parameters)?;
        Ok(Self { settings, parameters, ..self.clone() })
    }

    /// The servers, in the order in which they are tried. Never empty.
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// The port of the first server.
    pub fn port(&self) -> u16 {
        self.hosts[0].port
    }

    /// The user; without one the driver takes the name of the operating system's user, as libpq does.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The password. It does not belong into any text for people.
    pub fn password(&self) -> Option<&str> {
        self.password.as_deref()
    }

    /// The database, `postgres` unless given.
    pub fn database(&self) -> &str {
        self.database.as_deref().unwrap_or("postgres")
    }

    /// The schema that tables are qualified with, `public` unless given.
    pub fn schema(&self) -> &str {
        self.settings.schema.as_deref().unwrap_or("public")
    }

    /// Whether the connection leads through a pooler in transaction mode, as far as the URL tells.
    ///
    /// Such a pooler gives each transaction another server connection. What belongs to a session does not last there:
    /// named prepared statements, `SET`, `LISTEN`, session-level advisory locks, temporary tables.
    ///
    /// | URL | pooler |
    /// |---|---|
    /// | `pgbouncer=true` | PgBouncer, as Prisma declares it |
    /// | first label of the host ends with `-pooler` | Neon (always in transaction mode) |
    /// | `*.pooler.supabase.com`, port 6543 | Supabase's shared pooler; port 5432 is its session mode |
    /// | `db.*.supabase.co`, port 6543 | Supabase's dedicated pooler; port 5432 is the server itself |
    ///
    /// Of several hosts, one is enough. For a pooler that none of these rules finds, set `pgbouncer=true`.
    ///
    /// Source: Prisma 6.19, "Connection URLs"; Neon's manual, "Connection pooling"; Supabase's manual, "Connect to your
    /// database".
    pub fn is_pooled(&self) -> bool {
        self.settings.pgbouncer || self.hosts.iter().any(Host::is_pooler)
    }

    /// The largest number of connections of a pool; twice the number of available cores plus one unless given.
    pub fn connection_limit(&self) -> usize {
        self.settings.connection_limit.map_or_else(default_connection_limit, NonZero::get)
    }

    /// How long a query may wait for a connection of the pool: 10 seconds unless given, `None` without end.
    pub fn pool_timeout(&self) -> Option<Duration> {
        self.settings.pool_timeout
    }

    /// How long an attempt to connect to one address may take: 5 seconds unless given, `None` without end.
    pub fn connect_timeout(&self) -> Option<Duration> {
        self.settings.connect_timeout
    }

    /// How long a statement may take, `None` without end.
    pub fn socket_timeout(&self) -> Option<Duration> {
        self.settings.socket_timeout
    }

    /// How many prepared statements a connection may keep (default: 100). 0 behind a transaction pooler
    /// ([`is_pooled`](Self::is_pooled)), whatever the URL says.
    pub fn statement_cache_size(&self) -> usize {
        if self.is_pooled() { 0 } else { self.settings.statement_cache_size }
    }

    /// How old a connection may get, `None` without end.
    pub fn max_connection_lifetime(&self) -> Option<Duration> {
        self.settings.max_connection_lifetime
    }

    /// How long a connection may lie idle: 300 seconds unless given, `None` without end.
    pub fn max_idle_connection_lifetime(&self) -> Option<Duration> {
        self.settings.max_idle_connection_lifetime
    }

    /// The name that `pg_stat_activity` shows.
    pub fn application_name(&self) -> Option<&str> {
        self.settings.application_name.as_deref()
    }

    /// Command-line options for the server process (`options`).
    pub fn options(&self) -> Option<&str> {
        self.settings.options.as_deref()
    }

    /// When TLS is used.
    pub fn ssl_mode(&self) -> SslMode {
        self.settings.ssl_mode
    }

    /// What is checked of the server's certificate.
    pub fn trust(&self) -> &Trust {
        &self.settings.trust
    }

    /// Whether the password exchange is tied to the TLS connection.
    pub fn channel_binding(&self) -> ChannelBinding {
        self.settings.channel_binding
    }

    /// Parameters that neither Prisma nor libpq has: worth a warning, since a misspelt one does nothing.
    pub fn unknown_parameters(&self) -> impl Iterator<Item = &str> {
        self.parameters.iter().map(|(name, _)| name.as_str()).filter(|name| !params::is_known(name))
    }

    /// Whether no byte leaves this machine: every host is a socket or a loopback address.
    pub fn is_loopback_or_socket(&self) -> bool {
        self.hosts.iter().all(Host::is_local)
    }

    /// Whether a connection without TLS is refused. (Sockets never use it.)
    pub fn is_tls_required(&self) -> bool {
        matches!(self.settings.ssl_mode, SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull)
    }

    /// Writes the URL with the password in it, for another program's environment; never for a text that people read.
    pub fn to_url_with_password(&self) -> String {
        write::write(self, self.password.as_deref())
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }
}

impl std::str::FromStr for ConnectionUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        Self::parse(text)
    }
}

impl fmt::Display for ConnectionUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&write::write(self, self.password.as_ref().map(|_| "***")))
    }
}

impl fmt::Debug for ConnectionUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConnectionUrl({self})")
    }
}

/// Prisma counts physical cores; the standard library knows those that this process may use, which in a container
/// is the better number.
fn default_connection_limit() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get) * 2 + 1
}

#[cfg(test)]
mod tests;
