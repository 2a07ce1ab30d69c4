//! Connection URLs, with Prisma's and libpq's parameters, validated and typed.
//!
//! `postgresql://user:password@host:port,host:port/database?parameter=value&…`, also `postgres://`.
//! User, password, host, database and values are percent-decoded.
//!
//! Where Prisma and libpq differ:
//!
//! | parameter | meaning here |
//! |---|---|
//! | `sslmode` | libpq's six modes; anything else is an error (Prisma: silently `prefer`) |
//! | `sslaccept=strict` | as in Prisma: the certificate and its host name are checked |
//! | `sslcert` | with `sslkey`: the client certificate, as in libpq; alone: a file of trusted roots, as in Prisma |
//! | `sslrootcert` | as in libpq: a file of trusted roots, or `system` |
//! | `+` in a value | a space, as in Prisma |
//! | `connect_timeout` | seconds for each address (default: 5); `0` means no limit |
//! | unknown names | accepted and listed by [`ConnectionUrl::unknown_parameters`], unless they ask for an unsupported check |
//!
//! Relative paths are relative to the working directory of the process.
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
pub use params::{ChannelBinding, LoadBalance, Negotiation, Roots, SslMode, TargetSession, Trust};
pub(crate) use params::{Protocol, Protocols, Settings};

/// A server address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// How to reach it.
    pub address: Address,
    /// The port, which is also part of a socket's name.
    pub port: u16,
}

/// How to reach a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// Over the network: the name that certificates are checked against, and the address if given separately
    /// (`hostaddr`).
    Tcp {
        /// The name or IP address, without brackets.
        name: String,
        /// The address to use instead of resolving the name.
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

/// What a URL says about a pooler between the client and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// Nothing.
    Unknown,
    /// There is none, or one that gives each client a server connection for as long as it stays (session mode).
    Session,
    /// A pooler in transaction mode, which may or may not keep prepared statements.
    Transaction,
    /// A pooler in transaction mode that does not keep prepared statements.
    Unprepared,
}

impl Host {
    /// The host's part of [`ConnectionUrl::pooling`].
    fn pooling(&self) -> Pooling {
        let Address::Tcp { name, .. } = &self.address else { return Pooling::Unknown };
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        let is_supabase = name.ends_with(".pooler.supabase.com")
            || name.starts_with("db.") && name.ends_with(".supabase.co");
        let is_neon = name.split('.').next().is_some_and(|label| label.ends_with("-pooler"));
        if is_neon || is_supabase && self.port == 6543 {
            Pooling::Transaction
        } else if is_supabase || name.ends_with(".neon.tech") {
            Pooling::Session
        } else {
            Pooling::Unknown
        }
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

/// A parameter that has no effect. `Display` is a warning, without the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownParameter<'a> {
    /// The name in the URL.
    pub name: &'a str,
    /// The parameter that is written almost like it.
    pub suggestion: Option<&'static str>,
}

impl fmt::Display for UnknownParameter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the connection parameter `{}` is unknown and has no effect\nhelp: ", self.name)?;
        match self.suggestion {
            Some(known) => write!(f, "did you mean `{known}`?"),
            None => f.write_str("remove it from the connection URL"),
        }
    }
}

/// A parsed connection URL. `Debug` and `Display` hide the password and the values of unknown parameters.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectionUrl {
    hosts: Vec<Host>,
    user: Option<String>,
    password: Option<String>,
    database: Option<String>,
    settings: Settings,
    /// All parameters that are not stored in the fields above, decoded, in their original order.
    parameters: Vec<(String, String)>,
}

impl ConnectionUrl {
    /// Parses a URL and validates every parameter.
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

    /// Returns a URL for a server at this address.
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

    /// Returns the URL with a different database.
    #[must_use]
    pub fn with_database(&self, database: &str) -> Self {
        Self { database: Some(database.to_owned()), ..self.clone() }
    }

    /// Returns the URL with a different user.
    #[must_use]
    pub fn with_user(&self, user: &str, password: Option<&str>) -> Self {
        Self { user: Some(user.to_owned()), password: password.map(str::to_owned), ..self.clone() }
    }

    /// Returns the URL with a parameter set, replacing any earlier value.
    ///
    /// # Errors
    ///
    /// [`UrlError`], as for [`ConnectionUrl::parse`].
    pub fn with_parameter(&self, name: &str, value: &str) -> Result<Self, UrlError> {
        let mut parameters = self.parameters.clone();
        parameters.retain(|(other, _)| other != name);
        parameters.push((name.to_owned(), value.to_owned()));
        let settings = Settings::from_parameters(&parameters)?;
        Ok(Self { settings, parameters, ..self.clone() })
    }

    /// Returns the servers in the order in which they are tried. Never empty.
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// Returns the port of the first server.
    pub fn port(&self) -> u16 {
        self.hosts[0].port
    }

    /// Returns the user. Without one, the driver uses the operating system's user name, as libpq does.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// Returns the password. Never show it to users.
    pub fn password(&self) -> Option<&str> {
        self.password.as_deref()
    }

    /// Returns the database (default: `postgres`).
    pub fn database(&self) -> &str {
        self.database.as_deref().unwrap_or("postgres")
    }

    /// Returns the schema that tables are qualified with (default: `public`).
    pub fn schema(&self) -> &str {
        self.settings.schema.as_deref().unwrap_or("public")
    }

    /// Whether the URL says that the connection leads through a pooler in transaction mode ([`pooling`](Self::pooling)).
    ///
    /// Such a pooler gives each transaction another server connection. What belongs to a session does not last there:
    /// named prepared statements (unless the pooler keeps them), `SET`, `LISTEN`, session-level advisory locks, temporary
    /// tables.
    pub fn is_pooled(&self) -> bool {
        matches!(self.pooling(), Pooling::Transaction | Pooling::Unprepared)
    }

    /// Returns what the URL says about a pooler.
    ///
    /// | URL | pooler | |
    /// |---|---|---|
    /// | `pgbouncer=true` | PgBouncer, as Prisma declares it | [`Unprepared`](Pooling::Unprepared) |
    /// | `pgbouncer=false` | none, or one in session mode | [`Session`](Pooling::Session) |
    /// | first label of the host ends with `-pooler` | Neon (always in transaction mode) | [`Transaction`](Pooling::Transaction) |
    /// | another name below `neon.tech` | Neon's proxy | [`Session`](Pooling::Session) |
    /// | `*.pooler.supabase.com` or `db.*.supabase.co`, port 6543 | Supabase's shared or dedicated pooler | [`Transaction`](Pooling::Transaction) |
    /// | the same hosts, another port | Supabase's session mode, or the server itself | [`Session`](Pooling::Session) |
    ///
    /// The parameter counts more than the host. Of several hosts, one pooler in transaction mode is enough.
    ///
    /// Source: Prisma 6.19, "Connection URLs"; Neon's manual, "Connection pooling"; Supabase's manual, "Connect to your
    /// database".
    pub fn pooling(&self) -> Pooling {
        let hosts = || self.hosts.iter().map(Host::pooling);
        match self.settings.pgbouncer {
            Some(true) => Pooling::Unprepared,
            Some(false) => Pooling::Session,
            None if hosts().any(|host| host == Pooling::Transaction) => Pooling::Transaction,
            None if hosts().all(|host| host == Pooling::Session) => Pooling::Session,
            None => Pooling::Unknown,
        }
    }

    /// Whether the URL leads to the server itself, as far as it tells: through sockets, and without `pgbouncer=true`. The local server and its
    /// branches are reached so. A URL for a direct connection beside it is not needed, and may be left from another database.
    pub fn is_direct(&self) -> bool {
        !self.is_pooled() && self.hosts.iter().all(|host| matches!(host.address, Address::Socket(_)))
    }

    /// Returns the maximum number of connections of a pool (default: twice the number of available cores, plus one).
    pub fn connection_limit(&self) -> usize {
        self.settings.connection_limit.map_or_else(default_connection_limit, NonZero::get)
    }

    /// Returns how long a query waits for a connection of the pool (default: 10 s); `None` means no limit.
    pub fn pool_timeout(&self) -> Option<Duration> {
        self.settings.pool_timeout
    }

    /// Returns the time limit for connecting to one address (default: 5 s); `None` means no limit.
    pub fn connect_timeout(&self) -> Option<Duration> {
        self.settings.connect_timeout
    }

    /// Returns the time limit for a statement; `None` means no limit.
    pub fn socket_timeout(&self) -> Option<Duration> {
        self.settings.socket_timeout
    }

    /// Returns how many prepared statements a connection keeps (default: 100). Always 0 with `pgbouncer=true`
    /// ([`Pooling::Unprepared`]).
    pub fn statement_cache_size(&self) -> usize {
        if self.pooling() == Pooling::Unprepared { 0 } else { self.settings.statement_cache_size }
    }

    /// Returns the maximum age of a connection; `None` means no limit.
    pub fn max_connection_lifetime(&self) -> Option<Duration> {
        self.settings.max_connection_lifetime
    }

    /// Returns how long a connection may be idle (default: 300 s); `None` means no limit.
    pub fn max_idle_connection_lifetime(&self) -> Option<Duration> {
        self.settings.max_idle_connection_lifetime
    }

    /// Returns the name shown in `pg_stat_activity`.
    pub fn application_name(&self) -> Option<&str> {
        self.settings.application_name.as_deref()
    }

    /// Returns command-line options for the server process (`options`).
    pub fn options(&self) -> Option<&str> {
        self.settings.options.as_deref()
    }

    /// Returns when TLS is used.
    pub fn ssl_mode(&self) -> SslMode {
        self.settings.ssl_mode
    }

    /// Returns which checks the server's certificate must pass.
    pub fn trust(&self) -> &Trust {
        &self.settings.trust
    }

    /// Returns whether the password exchange is bound to the TLS connection.
    pub fn channel_binding(&self) -> ChannelBinding {
        self.settings.channel_binding
    }

    /// Returns which servers are connected to (`target_session_attrs`).
    pub fn target_session(&self) -> TargetSession {
        self.settings.target_session
    }

    /// Returns the URL with `target_session_attrs=read-write`.
    pub(crate) fn for_writes(mut self) -> Self {
        self.settings.target_session = TargetSession::ReadWrite;
        self
    }

    /// Returns the parameters that neither Prisma nor libpq knows, each once. Callers should warn about them, because they
    /// have no effect.
    ///
    /// ```
    /// let url = nicol_pg::ConnectionUrl::parse("postgresql://localhost/app?conection_limit=5&x=1")?;
    /// let warnings: Vec<_> = url.unknown_parameters().map(|unknown| unknown.to_string()).collect();
    /// assert_eq!(warnings, [
    ///     "the connection parameter `conection_limit` is unknown and has no effect\nhelp: did you mean `connection_limit`?",
    ///     "the connection parameter `x` is unknown and has no effect\nhelp: remove it from the connection URL",
    /// ]);
    /// # Ok::<(), nicol_pg::UrlError>(())
    /// ```
    pub fn unknown_parameters(&self) -> impl Iterator<Item = UnknownParameter<'_>> {
        self.parameters
            .iter()
            .enumerate()
            .filter(|(index, (name, _))| {
                !params::is_known(name)
                    && self.parameters[..*index].iter().all(|(earlier, _)| earlier != name)
            })
            .map(|(_, (name, _))| UnknownParameter { name, suggestion: params::similar(name) })
    }

    /// Whether all traffic stays on this machine: every host is a socket or a loopback address.
    pub fn is_loopback_or_socket(&self) -> bool {
        self.hosts.iter().all(Host::is_local)
    }

    /// Whether connections without TLS are refused. (Sockets never use TLS.)
    pub fn is_tls_required(&self) -> bool {
        matches!(self.settings.ssl_mode, SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull)
    }

    /// Returns the URL including the password, for the environment of another program. Never show it to users.
    pub fn to_url_with_password(&self) -> String {
        write::write(self)
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
        f.write_str(&write::write_for_people(self))
    }
}

impl fmt::Debug for ConnectionUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConnectionUrl({self})")
    }
}

/// Prisma counts physical cores. The standard library counts those available to the process, which is the better
/// number in a container.
fn default_connection_limit() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get) * 2 + 1
}

#[cfg(test)]
mod tests;
