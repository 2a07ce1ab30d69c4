//! The settings of People: read once, checked all together, kept as types.
//!
//! People runs in development mode unless `AUTH_URL`, `NEXTAUTH_URL`, `EMAIL_SERVER` or `EMAIL_FROM` is set, and then
//! listens on this machine alone. The build profile makes no difference.

mod operation;
mod report;
pub(crate) mod secret_file;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use nicol_auth::mail::SmtpMailer;
use nicol_auth::{AllowList, AuthSecret, AuthUrl, EncryptionKeys, Provider, Providers};
use nicol_pg::ConnectionUrl;
use nicol_settings::Problems;

use crate::log;

pub use nicol_settings::{Environment, Setting, SettingsError, Source};
pub use operation::{Operation, RateLimits, RequestKind};
pub use report::bounds;

/// The least length of a secret, in bytes. A shorter one could be guessed.
const SECRET_MIN: usize = 32;

/// The variables that may also be credential files: all that hold a secret. Those of providers are added.
const CREDENTIALS: [&str; 7] = [
    "AUTH_ENCRYPTION_KEY",
    "AUTH_SECRET",
    "DATABASE_REPLICA_URL",
    "DATABASE_URL",
    "DATABASE_URL_UNPOOLED",
    "EMAIL_SERVER",
    "OTEL_EXPORTER_OTLP_HEADERS",
];

const HOST_DEFAULT: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PORT_DEFAULT: u16 = 3000;

/// All settings of People.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address and port to listen on.
    pub listen: SocketAddr,
    /// What differs between development and a deployment.
    pub deployment: Deployment,
    /// The database.
    pub database: Database,
    /// The users who may sign in.
    pub allow: AllowList,
    /// Encrypts the tokens of linked accounts.
    pub encryption: EncryptionKeys,
    /// The providers to sign in with, besides e-mail.
    pub providers: Vec<Provider>,
    /// The log filter, in the format of `RUST_LOG`.
    pub log: String,
    /// Proxies, limits, metrics and traces.
    pub operation: Operation,
}

/// What differs between development and a deployment.
#[derive(Clone, Debug)]
pub enum Deployment {
    /// Sign-in links are printed on the terminal, and missing settings have defaults.
    Development {
        /// Signs what browsers keep; by default, a secret in a file beside the local data.
        secret: Option<AuthSecret>,
    },
    /// Everything is configured.
    Production(Box<Production>),
}

/// The settings that a deployment needs.
#[derive(Clone, Debug)]
pub struct Production {
    /// The public URL of the site.
    pub url: AuthUrl,
    /// Signs what browsers keep.
    pub secret: AuthSecret,
    /// Sends sign-in links; `None` if users sign in with providers alone.
    pub mailer: Option<SmtpMailer>,
}

/// The database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// A private PostgreSQL server for this project.
    Local,
    /// The server that `DATABASE_URL` names.
    Server {
        /// The URL for queries, which may lead through a pooler.
        pooled: Box<ConnectionUrl>,
        /// The URL for migrations.
        direct: Box<ConnectionUrl>,
        /// The URLs of replicas, for reads that may lag.
        replicas: Vec<ConnectionUrl>,
    },
}

/// Reads the environment of the process, credential files and `.env` in a folder.
///
/// # Errors
/// [`SettingsError`] if a file cannot be read.
pub fn read_environment(folder: &Path) -> Result<Environment, SettingsError> {
    Environment::read(folder, CREDENTIALS.into_iter().chain(Providers::SECRETS))
}

impl Config {
    /// Reads and checks all settings.
    ///
    /// # Errors
    /// [`SettingsError`] with everything that is missing or invalid.
    pub fn read(env: &Environment) -> Result<Self, SettingsError> {
        let mut problems = Problems::default();
        let (host, port) = (problems.take(host(env)), problems.take(port(env)));
        let is_development = is_development(env);
        if is_development && let Some(host) = host.filter(|host| !host.is_loopback()) {
            problems.add(format!(
                "`HOST` is {host}, which other machines can reach, but in development mode anyone could sign in\n\
                 help: leave `HOST` at {HOST_DEFAULT}, or configure a deployment: set `AUTH_URL`, `AUTH_SECRET`, \
                 `EMAIL_SERVER`, `EMAIL_FROM` and `AUTH_ALLOWED_EMAILS` or `AUTH_ALLOWED_DOMAINS`"
            ));
        }
        let database = problems.take(Database::read(env));
        let allow = problems.take(allow(env, is_development));
        let encryption =
            problems.take(EncryptionKeys::from_vars(|name| env.value(name)).map_err(SettingsError::new));
        let providers =
            problems.take(Providers::from_vars(|name| env.value(name)).map_err(SettingsError::new));
        let has_provider = providers.as_ref().is_none_or(|providers| !providers.is_empty());
        let deployment = if is_development {
            problems.take(development_secret(env)).map(|secret| Deployment::Development { secret })
        } else {
            production(env, has_provider, &mut problems)
                .map(|production| Deployment::Production(Box::new(production)))
        };
        let log = env.value("RUST_LOG").unwrap_or_else(|| "info".to_owned());
        problems.take(log::filter(&log).map_err(SettingsError::new));
        let operation = Operation::read(env, is_development, &mut problems);
        let config = || {
            Some(Self {
                listen: (host?, port?).into(),
                deployment: deployment?,
                database: database?,
                allow: allow?,
                encryption: encryption?,
                providers: providers?,
                log,
                operation,
            })
        };
        problems.finish(config())
    }

    /// Returns warnings about settings that are valid but probably not intended. They contain no values.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if let Deployment::Production(production) = &self.deployment
            && !production.url.is_https()
            && !["localhost", "127.0.0.1", "[::1]"].contains(&host_of(&production.url))
        {
            warnings.push(
                "`AUTH_URL` is not https, so others on the network can read sessions and sign-in links"
                    .to_owned(),
            );
        }
        if let Database::Server { pooled, direct, replicas } = &self.database {
            let direct = (pooled != direct).then_some(("DATABASE_URL_UNPOOLED", &**direct));
            let replicas = replicas.iter().map(|url| ("DATABASE_REPLICA_URL", url));
            for (name, url) in [("DATABASE_URL", &**pooled)].into_iter().chain(direct).chain(replicas) {
                let unknown = url.unknown_parameters();
                warnings.extend(unknown.map(|parameter| format!("`{name}`: {parameter}")));
            }
        }
        if self.operation.traces.is_some() && !cfg!(feature = "otel") {
            warnings.push(
                "an OpenTelemetry endpoint is set, but People was built without the feature `otel`, so no traces are sent"
                    .to_owned(),
            );
        }
        warnings
    }

    /// Whether these are settings for development.
    pub fn is_development(&self) -> bool {
        matches!(self.deployment, Deployment::Development { .. })
    }
}

impl Database {
    /// Reads and checks the settings of the database, which is all that migrating needs.
    ///
    /// # Errors
    /// [`SettingsError`] if a URL is missing or invalid.
    pub fn read(env: &Environment) -> Result<Self, SettingsError> {
        let is_development = is_development(env);
        let Some((text, _)) = env.get("DATABASE_URL") else {
            let problem = if !is_development {
                "`DATABASE_URL` is not set\nhelp: set it to `postgresql://user:password@host/database?sslmode=verify-full`"
            } else if env.get("DATABASE_URL_UNPOOLED").is_some() {
                "`DATABASE_URL_UNPOOLED` is set, but `DATABASE_URL` is not\nhelp: set both to the same URL, or neither for a \
                 local database"
            } else if env.get("DATABASE_REPLICA_URL").is_some() {
                "`DATABASE_REPLICA_URL` is set, but `DATABASE_URL` is not\nhelp: set `DATABASE_URL` to the URL of the primary"
            } else {
                return Ok(Self::Local);
            };
            return Err(SettingsError::new(problem));
        };
        let mut problems = Problems::default();
        let pooled = problems.take(database_url(env, "DATABASE_URL", text, is_development));
        let direct = match env.get("DATABASE_URL_UNPOOLED") {
            Some((text, _)) => {
                problems.take(database_url(env, "DATABASE_URL_UNPOOLED", text, is_development))
            }
            None => pooled.clone(),
        };
        let replicas = env.get("DATABASE_REPLICA_URL").map_or("", |(text, _)| text).split_whitespace();
        // Collected in two steps, so that the problems of all are reported.
        let replicas: Vec<_> = replicas
            .map(|text| problems.take(database_url(env, "DATABASE_REPLICA_URL", text, is_development)))
            .collect();
        let replicas: Option<Vec<_>> = replicas.into_iter().collect();
        let server = || {
            let (pooled, direct) = (Box::new(pooled?), Box::new(direct?));
            Some(Self::Server { pooled, direct, replicas: replicas? })
        };
        problems.finish(server())
    }
}

/// The host without the port.
fn host_of(url: &AuthUrl) -> &str {
    let host = url.host();
    host.rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
        .map_or(host, |(host, _)| host)
}

/// Whether no setting is set that makes this a deployment.
pub fn is_development(env: &Environment) -> bool {
    ["AUTH_URL", "NEXTAUTH_URL", "EMAIL_SERVER", "EMAIL_FROM"].iter().all(|name| env.get(name).is_none())
}

/// Returns the address and port to listen on.
///
/// # Errors
/// [`SettingsError`] if `HOST` or `PORT` is invalid.
pub fn listen(env: &Environment) -> Result<SocketAddr, SettingsError> {
    let mut problems = Problems::default();
    let (host, port) = (problems.take(host(env)), problems.take(port(env)));
    let listen = || Some((host?, port?).into());
    problems.finish(listen())
}

fn host(env: &Environment) -> Result<IpAddr, SettingsError> {
    let text = match env.get("HOST") {
        None | Some(("localhost", _)) => return Ok(HOST_DEFAULT),
        Some((text, _)) => text,
    };
    text.trim_matches(['[', ']']).parse().map_err(|_| {
        SettingsError::new(format!(
            "`HOST` is `{text}`, which is not an IP address\n\
             help: set it to 127.0.0.1 for this machine alone, or to 0.0.0.0 or :: for every network"
        ))
    })
}

fn port(env: &Environment) -> Result<u16, SettingsError> {
    let port = env.parse("PORT", "a port", "set it to a number from 1 to 65535")?;
    Ok(port.unwrap_or(PORT_DEFAULT))
}

fn allow(env: &Environment, is_development: bool) -> Result<AllowList, SettingsError> {
    let list = AllowList::from_vars(|name| env.value(name)).map_err(SettingsError::new)?;
    if !list.is_empty() {
        return Ok(list);
    }
    if is_development {
        return Ok(AllowList::everyone());
    }
    Err(SettingsError::new(
        "nobody may sign in: neither `AUTH_ALLOWED_EMAILS` nor `AUTH_ALLOWED_DOMAINS` is set\n\
         help: list addresses or domains, separated by commas; `*` allows everyone with an e-mail address",
    ))
}

fn development_secret(env: &Environment) -> Result<Option<AuthSecret>, SettingsError> {
    let is_set = ["AUTH_SECRET", "NEXTAUTH_SECRET"].iter().any(|name| env.get(name).is_some());
    is_set.then(|| AuthSecret::from_vars(|name| env.value(name)).map_err(SettingsError::new)).transpose()
}

fn production(env: &Environment, has_provider: bool, problems: &mut Problems) -> Option<Production> {
    let url = match AuthUrl::from_vars(|name| env.value(name)) {
        Ok(Some(url)) => Some(url),
        Ok(None) => {
            problems.add(
                "`AUTH_URL` is not set, but mail is configured, so this is a deployment\n\
                 help: set it to the public URL of the site, such as `https://people.example.com`",
            );
            None
        }
        Err(error) => {
            problems.add(error);
            None
        }
    };
    let secret = problems.take(AuthSecret::from_vars(|name| env.value(name)).map_err(SettingsError::new));
    for name in ["AUTH_SECRET", "NEXTAUTH_SECRET", "AUTH_SECRET_1", "AUTH_SECRET_2", "AUTH_SECRET_3"] {
        if env.get(name).is_some_and(|(text, _)| text.len() < SECRET_MIN) {
            problems.add(format!(
                "`{name}` has fewer than {SECRET_MIN} characters, so it could be guessed\n\
                 help: set it to the output of `people secret`"
            ));
        }
    }
    let mailer = mailer(env, has_provider, problems);
    Some(Production { url: url?, secret: secret?, mailer })
}

fn mailer(env: &Environment, has_provider: bool, problems: &mut Problems) -> Option<SmtpMailer> {
    let (server, from) = (env.value("EMAIL_SERVER"), env.value("EMAIL_FROM"));
    if has_provider && server.is_none() && from.is_none() {
        return None;
    }
    for (name, value) in [("EMAIL_SERVER", &server), ("EMAIL_FROM", &from)] {
        if value.is_none() {
            problems.add(format!(
                "`{name}` is not set, so sign-in links cannot be sent\n\
                 help: set `EMAIL_SERVER` to `smtps://user:password@smtp.example.com:465` and `EMAIL_FROM` to \
                 `People <people@example.com>`; or let users sign in with providers alone: set `AUTH_GOOGLE_ID` and \
                 `AUTH_GOOGLE_SECRET`, for example"
            ));
        }
    }
    // Each is checked beside a valid value of the other, so that one problem does not hide the other.
    let server_or_valid = server.as_deref().unwrap_or("smtp://localhost");
    let mailer =
        problems.take(SmtpMailer::new(server_or_valid, "people@example.com").map_err(SettingsError::new));
    let from = from?;
    problems.take(SmtpMailer::new("smtp://localhost", &from).map_err(SettingsError::new))?;
    mailer?;
    SmtpMailer::new(&server?, &from).ok()
}

fn database_url(
    env: &Environment,
    name: &'static str,
    text: &str,
    is_development: bool,
) -> Result<ConnectionUrl, SettingsError> {
    let url = ConnectionUrl::parse(text)
        .map_err(|error| SettingsError::new(format!("`{name}` cannot be used: {error}")))?;
    let may_be_plain =
        env.get("DATABASE_ALLOW_PLAINTEXT").is_some_and(|(text, _)| matches!(text, "1" | "true"));
    if is_development || may_be_plain || url.is_loopback_or_socket() || url.is_tls_required() {
        return Ok(url);
    }
    Err(SettingsError::new(format!(
        "`{name}` names another machine without requiring TLS, so others on the network could read passwords and data\n\
         help: add `sslmode=verify-full` (or `sslmode=require`, which does not verify the certificate); on a network \
         that you trust, set `DATABASE_ALLOW_PLAINTEXT=1`"
    )))
}

#[cfg(test)]
mod tests;
