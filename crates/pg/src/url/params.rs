//! URL parameters: one table of names, one function that parses them.

use std::num::NonZero;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use super::UrlError;

/// Whether TLS is used and what is checked: libpq's `sslmode`. Sockets never use TLS.
///
/// Source: PostgreSQL 17 manual, 34.19.1, table 34.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SslMode {
    /// Never use TLS.
    Disable,
    /// Use TLS only if the server rejects a connection without it.
    Allow,
    /// Use TLS if the server supports it. Protects against eavesdropping, but not against an active attacker.
    Prefer,
    /// Always use TLS; check the certificate only if a root file is given.
    Require,
    /// Always use TLS, with a certificate from a trusted root.
    VerifyCa,
    /// Always use TLS, with a certificate from a trusted root that names the host.
    VerifyFull,
}

/// The checks of the server's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// No checks: encryption only.
    Anything,
    /// The certificate must come from one of these roots.
    Chain(Roots),
    /// The certificate must come from one of these roots and name the host.
    ChainAndName(Roots),
}

/// The trusted roots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Roots {
    /// The system's trusted certificate authorities.
    System,
    /// The certificates in this PEM file.
    File(PathBuf),
}

/// Whether the password exchange is bound to the TLS connection (SCRAM-SHA-256-PLUS).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelBinding {
    /// Never.
    Disable,
    /// If the server supports it.
    Prefer,
    /// Always; servers without support are rejected.
    Require,
}

/// How TLS starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Negotiation {
    /// With PostgreSQL's TLS request.
    Postgres,
    /// Immediately (PostgreSQL 17), which saves a round trip.
    Direct,
}

/// The versions of TLS that may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Protocols {
    pub(crate) min: Protocol,
    pub(crate) max: Protocol,
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Protocol {
    Tls12,
    Tls13,
}

/// Which kind of server is acceptable: libpq's `target_session_attrs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetSession {
    /// Any server.
    Any,
    /// A primary whose transactions may write by default.
    ReadWrite,
    /// A standby, or a primary whose transactions may not write by default.
    ReadOnly,
    /// A primary.
    Primary,
    /// A standby.
    Standby,
    /// A standby, or any server if there is none.
    PreferStandby,
}

/// The order in which several servers are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadBalance {
    /// In the given order.
    Disable,
    /// In random order.
    Random,
}

/// The validated values of all parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) schema: Option<String>,
    pub(crate) pgbouncer: Option<bool>,
    pub(crate) connection_limit: Option<NonZero<usize>>,
    pub(crate) pool_timeout: Option<Duration>,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) socket_timeout: Option<Duration>,
    pub(crate) max_connection_lifetime: Option<Duration>,
    pub(crate) max_idle_connection_lifetime: Option<Duration>,
    pub(crate) statement_cache_size: usize,
    pub(crate) application_name: Option<String>,
    pub(crate) options: Option<String>,
    pub(crate) ssl_mode: SslMode,
    pub(crate) trust: Trust,
    pub(crate) client_identity: Option<ClientIdentity>,
    pub(crate) negotiation: Negotiation,
    pub(crate) protocols: Protocols,
    pub(crate) server_name_indication: bool,
    pub(crate) channel_binding: ChannelBinding,
    pub(crate) target_session: TargetSession,
    pub(crate) load_balance: LoadBalance,
    pub(crate) keepalives: bool,
    pub(crate) keepalives_idle: Duration,
    pub(crate) keepalives_interval: Duration,
    pub(crate) keepalives_count: u32,
    pub(crate) tcp_user_timeout: Option<Duration>,
}

/// The client's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientIdentity {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            schema: None,
            pgbouncer: None,
            connection_limit: None,
            pool_timeout: Some(Duration::from_secs(10)),
            connect_timeout: Some(Duration::from_secs(5)),
            socket_timeout: None,
            max_connection_lifetime: None,
            max_idle_connection_lifetime: Some(Duration::from_mins(5)),
            statement_cache_size: 100,
            application_name: None,
            options: None,
            ssl_mode: SslMode::Prefer,
            trust: Trust::Anything,
            client_identity: None,
            negotiation: Negotiation::Postgres,
            protocols: Protocols { min: Protocol::Tls12, max: Protocol::Tls13 },
            server_name_indication: true,
            channel_binding: ChannelBinding::Prefer,
            target_session: TargetSession::Any,
            load_balance: LoadBalance::Disable,
            // The system's default of two hours is longer than any cloud keeps an idle connection.
            keepalives: true,
            keepalives_idle: Duration::from_mins(1),
            keepalives_interval: Duration::from_secs(10),
            keepalives_count: 6,
            tcp_user_timeout: Some(Duration::from_mins(2)),
        }
    }
}

/// The values of a parameter, and their description for messages.
#[derive(Clone, Copy)]
struct Choices<T: 'static>(&'static [(&'static str, T)], &'static str);

const PGBOUNCER: Choices<Option<bool>> =
    Choices(&[("true", Some(true)), ("false", Some(false))], "`true` or `false`");
const ONE_ZERO: Choices<bool> = Choices(&[("1", true), ("0", false)], "`1` or `0`");
const SSL_ACCEPT: Choices<bool> =
    Choices(&[("strict", true), ("accept_invalid_certs", false)], "`strict` or `accept_invalid_certs`");
const SSL_MODE: Choices<SslMode> = Choices(
    &[
        ("disable", SslMode::Disable),
        ("allow", SslMode::Allow),
        ("prefer", SslMode::Prefer),
        ("require", SslMode::Require),
        ("verify-ca", SslMode::VerifyCa),
        ("verify-full", SslMode::VerifyFull),
    ],
    "`disable`, `allow`, `prefer`, `require`, `verify-ca` or `verify-full`",
);
const NEGOTIATION: Choices<Negotiation> = Choices(
    &[("postgres", Negotiation::Postgres), ("direct", Negotiation::Direct)],
    "`postgres` or `direct`",
);
/// rustls has no older version than 1.2.
const MIN_PROTOCOL: Choices<Protocol> = Choices(
    &[
        ("TLSv1", Protocol::Tls12),
        ("TLSv1.1", Protocol::Tls12),
        ("TLSv1.2", Protocol::Tls12),
        ("TLSv1.3", Protocol::Tls13),
    ],
    "`TLSv1.2` or `TLSv1.3`",
);
const MAX_PROTOCOL: Choices<Protocol> =
    Choices(&[("TLSv1.2", Protocol::Tls12), ("TLSv1.3", Protocol::Tls13)], "`TLSv1.2` or `TLSv1.3`");
const CHANNEL_BINDING: Choices<ChannelBinding> = Choices(
    &[
        ("disable", ChannelBinding::Disable),
        ("prefer", ChannelBinding::Prefer),
        ("require", ChannelBinding::Require),
    ],
    "`disable`, `prefer` or `require`",
);
const TARGET_SESSION: Choices<TargetSession> = Choices(
    &[
        ("any", TargetSession::Any),
        ("read-write", TargetSession::ReadWrite),
        ("read-only", TargetSession::ReadOnly),
        ("primary", TargetSession::Primary),
        ("standby", TargetSession::Standby),
        ("prefer-standby", TargetSession::PreferStandby),
    ],
    "`any`, `read-write`, `read-only`, `primary`, `standby` or `prefer-standby`",
);
const LOAD_BALANCE: Choices<LoadBalance> =
    Choices(&[("disable", LoadBalance::Disable), ("random", LoadBalance::Random)], "`disable` or `random`");

/// Parameters with an effect here, or that make no difference for a client like this one.
const KNOWN: &[&str] = &[
    "application_name",
    "channel_binding",
    "client_encoding",
    "connect_timeout",
    "connection_limit",
    "fallback_application_name",
    "gssencmode",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "load_balance_hosts",
    "max_connection_lifetime",
    "max_idle_connection_lifetime",
    "options",
    "pgbouncer",
    "pool_timeout",
    "schema",
    "single_use_connections",
    "socket_timeout",
    "sslaccept",
    "sslcert",
    "sslkey",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
    "sslmode",
    "sslnegotiation",
    "sslrootcert",
    "sslsni",
    "statement_cache_size",
    "target_session_attrs",
    "tcp_user_timeout",
];

/// Parameters that ask for a check or a credential that would be silently ignored.
const REFUSED: &[(&str, &str)] = &[
    ("passfile", "put the password in the URL"),
    ("require_auth", "use `channel_binding=require`, which requires SCRAM over TLS"),
    ("requirepeer", "use a socket folder that only the server's user can write to"),
    ("service", "put the service's parameters in the URL"),
    ("sslcrl", "remove it and rely on short-lived certificates"),
    ("sslcrldir", "remove it and rely on short-lived certificates"),
    (
        "sslidentity",
        "convert the PKCS#12 file with `openssl pkcs12 -in FILE -clcerts -nokeys -out client.crt` and \
         `openssl pkcs12 -in FILE -nocerts -nodes -out client.key`, and set `sslcert` and `sslkey` to the results",
    ),
    (
        "sslpassword",
        "remove the password with `openssl pkey -in FILE -out client.key`, and set `sslkey` to the result",
    ),
];

pub(super) fn is_known(name: &str) -> bool {
    KNOWN.contains(&name)
}

/// Returns the known parameter that is meant, if it is written almost like this one.
pub(super) fn similar(name: &str) -> Option<&'static str> {
    const IN_URL: &[&str] = &["dbname", "host", "hostaddr", "password", "port", "user"];
    let plain = |name: &str| name.to_ascii_lowercase().replace(['_', '-', ' '], "");
    let name = plain(name);
    let known = KNOWN.iter().chain(IN_URL).map(|known| (distance(&name, &plain(known)), *known));
    let nearest = known.min_by_key(|(distance, _)| *distance);
    nearest.filter(|(distance, known)| distance * 4 <= known.len()).map(|(_, known)| known)
}

/// Returns the number of letters to insert, remove or replace.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

impl Settings {
    /// Returns the time after which keepalives end a connection whose peer has disappeared. They are only sent while nothing is under way, so that
    /// sent data that is not acknowledged has the same limit; the system would take a quarter of an hour.
    ///
    /// Source: tcp(7), `TCP_USER_TIMEOUT` and `tcp_retries2`.
    fn keepalives_limit(&self) -> Duration {
        self.keepalives_idle.saturating_add(self.keepalives_interval.saturating_mul(self.keepalives_count))
    }

    /// Parses the parameters. If a name occurs twice, the last value applies.
    pub(super) fn from_parameters(parameters: &[(String, String)]) -> Result<Self, UrlError> {
        if let Some((parameter, help)) =
            REFUSED.iter().find(|(name, _)| parameters.iter().any(|(n, _)| n == name))
        {
            return Err(UrlError::Unsupported { parameter: (*parameter).to_owned(), help });
        }
        let source = Source(parameters);
        source.one_of("client_encoding", &["UTF8", "utf8", "UTF-8", "utf-8", "auto"], "only `UTF8`")?;
        source.one_of(
            "gssencmode",
            &["disable", "prefer"],
            "`disable` or `prefer`; Kerberos encryption is not supported",
        )?;

        let default = Self::default();
        let (ssl_mode, trust, client_identity) = source.tls()?;
        let mut settings = Self {
            schema: source.text("schema"),
            pgbouncer: source.choice("pgbouncer", PGBOUNCER, default.pgbouncer)?,
            connection_limit: source.number("connection_limit", "a number of at least 1")?,
            pool_timeout: source.seconds("pool_timeout", default.pool_timeout)?,
            connect_timeout: source.seconds("connect_timeout", default.connect_timeout)?,
            socket_timeout: source.seconds("socket_timeout", default.socket_timeout)?,
            max_connection_lifetime: source
                .seconds("max_connection_lifetime", default.max_connection_lifetime)?,
            max_idle_connection_lifetime: source
                .seconds("max_idle_connection_lifetime", default.max_idle_connection_lifetime)?,
            statement_cache_size: source
                .number("statement_cache_size", "a number of at least 0")?
                .unwrap_or(default.statement_cache_size),
            application_name: source
                .text("application_name")
                .or_else(|| source.text("fallback_application_name")),
            options: source.text("options"),
            ssl_mode,
            trust,
            client_identity,
            negotiation: source.choice("sslnegotiation", NEGOTIATION, default.negotiation)?,
            protocols: Protocols {
                min: source.choice("ssl_min_protocol_version", MIN_PROTOCOL, default.protocols.min)?,
                max: source.choice("ssl_max_protocol_version", MAX_PROTOCOL, default.protocols.max)?,
            },
            server_name_indication: source.choice("sslsni", ONE_ZERO, default.server_name_indication)?,
            channel_binding: source.choice("channel_binding", CHANNEL_BINDING, default.channel_binding)?,
            target_session: source.choice("target_session_attrs", TARGET_SESSION, default.target_session)?,
            load_balance: source.choice("load_balance_hosts", LOAD_BALANCE, default.load_balance)?,
            keepalives: source.choice("keepalives", ONE_ZERO, default.keepalives)?,
            keepalives_idle: source.seconds("keepalives_idle", None)?.unwrap_or(default.keepalives_idle),
            keepalives_interval: source
                .seconds("keepalives_interval", None)?
                .unwrap_or(default.keepalives_interval),
            keepalives_count: source
                .number::<u32>("keepalives_count", "a number of at least 0")?
                .filter(|count| *count > 0)
                .unwrap_or(default.keepalives_count),
            tcp_user_timeout: source
                .number("tcp_user_timeout", "a number of milliseconds")?
                .filter(|millis| *millis > 0)
                .map(Duration::from_millis),
        };
        if source.get("tcp_user_timeout").is_none() {
            settings.tcp_user_timeout = settings.keepalives.then(|| settings.keepalives_limit());
        }
        if settings.protocols.min > settings.protocols.max {
            return Err(UrlError::Conflict {
                first: "ssl_min_protocol_version=TLSv1.3".to_owned(),
                second: "ssl_max_protocol_version",
                help: "remove one of them",
            });
        }
        if settings.negotiation == Negotiation::Direct
            && matches!(settings.ssl_mode, SslMode::Disable | SslMode::Allow | SslMode::Prefer)
        {
            return Err(UrlError::Conflict {
                first: "sslnegotiation=direct".to_owned(),
                second: "sslmode",
                help: "add `sslmode=require` or a stricter mode",
            });
        }
        Ok(settings)
    }
}

struct Source<'a>(&'a [(String, String)]);

impl Source<'_> {
    fn get(&self, parameter: &str) -> Option<&str> {
        self.0.iter().rev().find(|(name, _)| name == parameter).map(|(_, value)| value.as_str())
    }

    /// An empty value counts as missing, as in libpq.
    fn text(&self, parameter: &str) -> Option<String> {
        self.get(parameter).filter(|value| !value.is_empty()).map(str::to_owned)
    }

    fn number<T: FromStr>(&self, parameter: &str, expected: &'static str) -> Result<Option<T>, UrlError> {
        self.get(parameter)
            .map(|value| value.trim().parse().map_err(|_| invalid(parameter, value, expected)))
            .transpose()
    }

    /// Parses whole seconds; 0 means no limit.
    fn seconds(&self, parameter: &str, default: Option<Duration>) -> Result<Option<Duration>, UrlError> {
        // u32 prevents overflow in `Instant + Duration`.
        Ok(match self.number::<u32>(parameter, "a number of seconds, 0 for no limit")? {
            None => default,
            Some(0) => None,
            Some(seconds) => Some(Duration::from_secs(seconds.into())),
        })
    }

    fn choice<T: Copy>(&self, parameter: &str, choices: Choices<T>, default: T) -> Result<T, UrlError> {
        let Some(value) = self.get(parameter) else { return Ok(default) };
        match choices.0.iter().find(|(name, _)| *name == value) {
            Some((_, choice)) => Ok(*choice),
            None => Err(invalid(parameter, value, choices.1)),
        }
    }

    fn one_of(&self, parameter: &str, allowed: &[&str], expected: &'static str) -> Result<(), UrlError> {
        match self.get(parameter) {
            Some(value) if !allowed.contains(&value) => Err(invalid(parameter, value, expected)),
            _ => Ok(()),
        }
    }

    fn tls(&self) -> Result<(SslMode, Trust, Option<ClientIdentity>), UrlError> {
        let given = match self.get("sslmode") {
            Some(_) => Some(self.choice("sslmode", SSL_MODE, SslMode::Prefer)?),
            None => None,
        };
        let strict = self.choice("sslaccept", SSL_ACCEPT, false)?;

        let certificate = self.text("sslcert").map(PathBuf::from);
        let key = self.text("sslkey").map(PathBuf::from);
        let (identity, prisma_roots) = match (certificate, key) {
            (Some(certificate), Some(key)) => (Some(ClientIdentity { certificate, key }), None),
            (Some(roots), None) => (None, Some(roots)),
            (None, Some(_)) => {
                return Err(UrlError::Conflict {
                    first: "sslkey".to_owned(),
                    second: "sslcert",
                    help: "set `sslcert` to the key's certificate",
                });
            }
            (None, None) => (None, None),
        };
        let roots = match self.text("sslrootcert").map(PathBuf::from).or(prisma_roots) {
            Some(path) if path.as_os_str() == "system" => {
                // Roots that sign certificates for anyone prove nothing without a check of the name.
                return match given {
                    None | Some(SslMode::VerifyFull) => {
                        Ok((SslMode::VerifyFull, Trust::ChainAndName(Roots::System), identity))
                    }
                    Some(_) => Err(UrlError::Conflict {
                        first: "sslrootcert=system".to_owned(),
                        second: "sslmode",
                        help: "use `sslmode=verify-full`, or remove `sslmode`",
                    }),
                };
            }
            other => other.map(Roots::File),
        };

        let mode = given.unwrap_or(SslMode::Prefer);
        let trust = match (mode, roots) {
            (SslMode::VerifyFull, roots) => Trust::ChainAndName(roots.unwrap_or(Roots::System)),
            (_, roots) if strict => Trust::ChainAndName(roots.unwrap_or(Roots::System)),
            (SslMode::VerifyCa, roots) => Trust::Chain(roots.unwrap_or(Roots::System)),
            (SslMode::Require, Some(roots)) => Trust::Chain(roots),
            _ => Trust::Anything,
        };
        Ok((mode, trust, identity))
    }
}

fn invalid(parameter: &str, value: &str, expected: &'static str) -> UrlError {
    UrlError::Value { parameter: parameter.to_owned(), value: value.to_owned(), expected }
}
