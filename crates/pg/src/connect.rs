//! Opens connections.

mod cancel;
mod connection;
mod error;
mod process_id;
mod session;

use std::error::Error;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio_postgres::config;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

pub use cancel::CancelHandle;
pub use connection::Connection;
pub use error::ConnectError;

use crate::tls;
use crate::url::{
    Address, ChannelBinding, ConnectionUrl, Host, LoadBalance, Negotiation, Settings, SslMode, TargetSession,
};

/// Opens one connection. For more than one, make a [`Connector`]: it reads the certificates once.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let url = nicol_pg::ConnectionUrl::parse("postgresql://ann:secret@localhost/app")?;
/// let (client, connection) = nicol_pg::connect(&url).await?;
/// tokio::spawn(connection);
/// client.batch_execute("select 1").await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// As [`Connector::new`] and [`Connector::connect`].
pub async fn connect(url: &ConnectionUrl) -> Result<(Client, Connection), ConnectError> {
    Connector::new(url)?.connect().await
}

/// Opens connections for a URL.
#[derive(Clone)]
pub struct Connector {
    url: ConnectionUrl,
    tls: MakeRustlsConnect,
}

impl Connector {
    /// Reads the certificates and keys that the URL refers to.
    ///
    /// # Errors
    ///
    /// [`ConnectError::TlsSetup`] if they cannot be used.
    pub fn new(url: &ConnectionUrl) -> Result<Self, ConnectError> {
        let over_network = url.hosts().iter().any(|host| matches!(host.address, Address::Tcp { .. }));
        // Without TLS, no files are read, so none need to exist.
        let config = if over_network && url.ssl_mode() != SslMode::Disable {
            tls::client_config(url.settings())
        } else {
            tls::client_config(&Settings::default())
        };
        Ok(Self { url: url.clone(), tls: MakeRustlsConnect::new(config.map_err(ConnectError::TlsSetup)?) })
    }

    /// Returns the URL.
    pub fn url(&self) -> &ConnectionUrl {
        &self.url
    }

    /// Returns a connector for the same URL that skips servers that accept no writes (`target_session_attrs=read-write`).
    #[must_use]
    pub fn to_primary(&self) -> Self {
        Self { url: self.url.clone().for_writes(), tls: self.tls.clone() }
    }

    /// Opens a connection to the first server that accepts one. For each address of each host,
    /// [`ConnectionUrl::connect_timeout`] covers everything from the first packet to the end of authentication.
    ///
    /// A server that answers and rejects the connection ends the search, because the next one would get the same
    /// credentials. One that is not of the kind that `target_session_attrs` asks for does not.
    ///
    /// # Errors
    ///
    /// The [`ConnectError`] of the last server tried.
    pub async fn connect(&self) -> Result<(Client, Connection), ConnectError> {
        let mut hosts: Vec<&Host> = self.url.hosts().iter().collect();
        self.shuffle(&mut hosts);
        let wanted = self.url.settings().target_session;
        if wanted == TargetSession::PreferStandby {
            match self.connect_to_one_of(&hosts, TargetSession::Standby).await {
                Err(error) if !error.is_final(wanted) => {}
                outcome => return outcome,
            }
        }
        self.connect_to_one_of(&hosts, wanted).await
    }

    async fn connect_to_one_of(
        &self,
        hosts: &[&Host],
        wanted: TargetSession,
    ) -> Result<(Client, Connection), ConnectError> {
        let mut last = no_address("");
        for host in hosts {
            match self.connect_to_host(host, wanted).await {
                Ok(connected) => return Ok(connected),
                Err(error) if error.is_final(wanted) => return Err(error),
                Err(error) => last = last.or_later(error),
            }
        }
        Err(last)
    }

    /// `load_balance_hosts`.
    fn shuffle<T: std::fmt::Debug>(&self, list: &mut [T]) {
        if self.url.settings().load_balance == LoadBalance::Random {
            let random = RandomState::new();
            list.sort_by_cached_key(|entry| random.hash_one(format!("{entry:?}")));
        }
    }

    /// Asks the server to cancel the running statement of a connection, and waits until the request is dealt with. The statement may
    /// have finished already and, behind a pooler, it may be a different one.
    ///
    /// # Errors
    ///
    /// [`ConnectError`] if the request could not be sent, or was not dealt with in time. Whether it had an effect is unknown.
    pub async fn cancel(&self, connection: &CancelHandle) -> Result<(), ConnectError> {
        match within(self.url.connect_timeout(), Box::pin(connection.send(&self.url, &self.tls))).await {
            Some(sent) => sent,
            None => Err(self.timed_out(connection.host(), true)),
        }
    }

    async fn connect_to_host(
        &self,
        host: &Host,
        wanted: TargetSession,
    ) -> Result<(Client, Connection), ConnectError> {
        let limit = self.url.connect_timeout();
        let mut addresses: Vec<Option<IpAddr>> = match &host.address {
            Address::Socket(_) => vec![None],
            Address::Tcp { ip: Some(ip), .. } => vec![Some(*ip)],
            Address::Tcp { name, ip: None } => within(limit, resolve(name, host.port))
                .await
                .ok_or_else(|| self.timed_out(host, false))?
                .map_err(|source| ConnectError::Unreachable {
                    host: host.to_string(),
                    source: source.into(),
                })?
                .into_iter()
                .map(Some)
                .collect(),
        };
        self.shuffle(&mut addresses);
        let mut last = no_address(&host.to_string());
        for ip in addresses {
            let reached = Arc::new(AtomicBool::new(false));
            let attempt = async {
                let (client, mut connection) = self.connect_to_address(host, ip, &reached).await?;
                session::check(&client, &mut connection, wanted, host).await?;
                Ok::<_, ConnectError>((client, connection))
            };
            let error = match within(limit, attempt).await {
                Some(Ok(connected)) => return Ok(connected),
                Some(Err(error)) if error.is_final(wanted) => return Err(error),
                Some(Err(error)) => error,
                None => self.timed_out(host, reached.load(Ordering::Relaxed)),
            };
            last = last.or_later(error);
        }
        Err(last)
    }

    /// Connects to one address: with TLS, without, or one after the other, depending on `sslmode`.
    async fn connect_to_address(
        &self,
        host: &Host,
        ip: Option<IpAddr>,
        reached: &Arc<AtomicBool>,
    ) -> Result<(Client, Connection), ConnectError> {
        let (first, second) = match (&host.address, self.url.ssl_mode()) {
            (Address::Socket(_), _) | (_, SslMode::Disable) => (config::SslMode::Disable, None),
            (_, SslMode::Allow) => (config::SslMode::Disable, Some(config::SslMode::Require)),
            (_, SslMode::Prefer) => (config::SslMode::Prefer, Some(config::SslMode::Disable)),
            (_, SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull) => {
                (config::SslMode::Require, None)
            }
        };
        let mut config = self.config(host, ip);
        let error = match self.attempt(config.ssl_mode(first), (host, ip), reached).await {
            Ok(connected) => return Ok(connected),
            Err(error) => error,
        };
        let Some(second) = second else { return Err(error) };
        // An invalid certificate that must be checked is no reason to continue without TLS.
        let checked = *self.url.trust() != crate::url::Trust::Anything;
        let worth_it = match &error {
            ConnectError::Denied { .. } => true,
            ConnectError::Tls { .. } => !checked,
            _ => false,
        };
        if !worth_it {
            return Err(error);
        }
        match self.attempt(config.ssl_mode(second), (host, ip), reached).await {
            Ok(connected) => Ok(connected),
            // Rejected both ways: report the error of the preferred way.
            Err(ConnectError::Denied { .. } | ConnectError::Tls { .. }) => Err(error),
            Err(second_error) => Err(second_error),
        }
    }

    async fn attempt(
        &self,
        config: &Config,
        (host, ip): (&Host, Option<IpAddr>),
        reached: &Arc<AtomicBool>,
    ) -> Result<(Client, Connection), ConnectError> {
        let tls = Reached { tls: self.tls.clone(), reached: Arc::clone(reached) };
        // Boxed: it is large, and part of the futures of all callers.
        match Box::pin(config.connect(tls)).await {
            Ok((client, connection)) => {
                let cancel = CancelHandle::new(&client, host, ip);
                Ok((client, Connection::new(connection, cancel)))
            }
            Err(error) => Err(ConnectError::from_driver(error, &self.url, host)),
        }
    }

    /// Returns the contents of the startup packet, without `search_path`.
    fn config(&self, host: &Host, ip: Option<IpAddr>) -> Config {
        let settings = self.url.settings();
        let mut config = Config::new();
        match &host.address {
            Address::Socket(folder) => config.host_path(folder),
            Address::Tcp { name, .. } => config.host(name),
        };
        if let Some(ip) = ip {
            config.hostaddr(ip);
        }
        config.port(host.port).dbname(self.url.database());
        if let Some(user) = self.url.user() {
            config.user(user);
        }
        if let Some(password) = self.url.password() {
            config.password(password);
        }
        if let Some(name) = self.url.application_name() {
            config.application_name(name);
        }
        if let Some(options) = self.url.options() {
            config.options(options);
        }
        config
            .keepalives(settings.keepalives)
            .keepalives_idle(settings.keepalives_idle)
            .keepalives_interval(settings.keepalives_interval)
            .keepalives_retries(settings.keepalives_count)
            .channel_binding(match settings.channel_binding {
                ChannelBinding::Disable => config::ChannelBinding::Disable,
                ChannelBinding::Prefer => config::ChannelBinding::Prefer,
                ChannelBinding::Require => config::ChannelBinding::Require,
            })
            .ssl_negotiation(match settings.negotiation {
                Negotiation::Postgres => config::SslNegotiation::Postgres,
                Negotiation::Direct => config::SslNegotiation::Direct,
            });
        if let Some(limit) = settings.tcp_user_timeout {
            // The system refuses more.
            config.tcp_user_timeout(limit.min(Duration::from_millis(i32::MAX.unsigned_abs().into())));
        }
        config
    }

    fn timed_out(&self, host: &Host, reached: bool) -> ConnectError {
        let limit = self.url.connect_timeout().unwrap_or_default();
        if reached {
            ConnectError::Timeout { host: host.to_string(), limit }
        } else {
            let source: Box<dyn Error + Send + Sync> =
                format!("no answer within {} s", limit.as_secs()).into();
            ConnectError::Unreachable { host: host.to_string(), source }
        }
    }
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connector").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Returns `None` if the time limit expires.
async fn within<T>(limit: Option<Duration>, future: impl Future<Output = T>) -> Option<T> {
    match limit {
        Some(limit) => tokio::time::timeout(limit, future).await.ok(),
        None => Some(future.await),
    }
}

async fn resolve(name: &str, port: u16) -> std::io::Result<Vec<IpAddr>> {
    let mut addresses: Vec<IpAddr> = Vec::new();
    for address in tokio::net::lookup_host((name, port)).await? {
        if !addresses.contains(&address.ip()) {
            addresses.push(address.ip());
        }
    }
    Ok(addresses)
}

fn no_address(host: &str) -> ConnectError {
    ConnectError::Unreachable { host: host.to_owned(), source: "the host name has no address".into() }
}

/// Records that the server was reached: in every mode, the driver asks for TLS as soon as the socket is connected.
struct Reached {
    tls: MakeRustlsConnect,
    reached: Arc<AtomicBool>,
}

impl MakeTlsConnect<Socket> for Reached {
    type Stream = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;
    type TlsConnect = <MakeRustlsConnect as MakeTlsConnect<Socket>>::TlsConnect;
    type Error = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Error;

    fn make_tls_connect(&mut self, name: &str) -> Result<Self::TlsConnect, Self::Error> {
        self.reached.store(true, Ordering::Relaxed);
        <MakeRustlsConnect as MakeTlsConnect<Socket>>::make_tls_connect(&mut self.tls, name)
    }
}
