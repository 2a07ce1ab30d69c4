//! The settings: read once from the environment and `.env`, checked all together, kept as types.
//!
//! Development is what nobody has configured: no `AUTH_URL`, no mail settings, a listener on this machine alone.
//! It never follows from how People was built.

mod environment;
mod operation;
mod report;
pub(crate) mod secret_file;
mod traces;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use nicol_auth::mail::SmtpMailer;
use nicol_auth::{AllowList, AuthSecret, AuthUrl, EncryptionKeys, Provider, Providers};
use nicol_pg::ConnectionUrl;

pub use environment::{Environment, Source};
pub use operation::{Operation, RateLimits};
pub use report::{Setting, bounds};
pub use traces::{Sampler, TraceSettings};

/// Secrets shorter than this can be guessed.
const SECRET_MIN: usize = 32;

/// All settings of the application.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// What differs between development and a deployment.
    pub deployment: Deployment,
    /// Where the data is.
    pub database: Database,
    /// Who may sign in.
    pub allow: AllowList,
    /// Encrypts the tokens that providers give.
    pub encryption: EncryptionKeys,
    /// Where else than by e-mail one can sign in.
    pub providers: Vec<Provider>,
    /// The filter of the log, in the form of `RUST_LOG`.
    pub log: String,
    /// How it is run.
    pub operation: Operation,
}

/// What differs between development and a deployment.
#[derive(Clone, Debug)]
pub enum Deployment {
    /// Links are printed on the terminal, and what is not configured is made.
    Development {
        /// Signs what browsers keep; without one, a file beside the local data is used.
        secret: Option<AuthSecret>,
    },
    /// Everything is configured.
    Production(Box<Production>),
}

/// What a deployment has to say.
#[derive(Clone, Debug)]
pub struct Production {
    /// Where People is found from outside.
    pub url: AuthUrl,
    /// Signs what browsers keep.
    pub secret: AuthSecret,
    /// Sends the links, if one can sign in by them.
    pub mailer: Option<SmtpMailer>,
}

/// Where the data is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// In a private PostgreSQL beside the application.
    Local,
    /// In a server that was named.
    Server {
        /// For queries; a pooler may stand in between.
        pooled: Box<ConnectionUrl>,
        /// For migrations.
        direct: Box<ConnectionUrl>,
    },
}

/// Settings that cannot be used, all that were found.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigError(Vec<String>);

impl std::error::Error for ConfigError {}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("People cannot start with these settings\n\n")?;
        f.write_str(&self.0.join("\n\n"))
    }
}

impl Config {
    /// Reads and checks everything.
    ///
    /// # Errors
    /// [`ConfigError`] with all that is missing or wrong.
    pub fn read(env: &Environment) -> Result<Self, ConfigError> {
        let mut problems = Problems::default();
        let listen = problems.take(listen(env)).unwrap_or((IpAddr::V4(Ipv4Addr::LOCALHOST), 3000).into());
        let is_development = is_development(env);
        if is_development && !listen.ip().is_loopback() {
            problems.add(format!(
                "`HOST` is {}, which other machines can reach, but this is development: anybody could sign in\n\
                 help: leave `HOST` at 127.0.0.1, or configure a deployment: set `AUTH_URL`, `AUTH_SECRET`, \
                 `EMAIL_SERVER`, `EMAIL_FROM` and `AUTH_ALLOWED_EMAILS` or `AUTH_ALLOWED_DOMAINS`",
                listen.ip()
            ));
        }
        let database = problems.take(Database::read(env));
        let allow = problems.take(allow(env, is_development));
        let encryption = problems.take(EncryptionKeys::from_vars(|name| env.value(name)).map_err(one));
        let providers = problems.take(Providers::from_vars(|name| env.value(name)).map_err(one));
        let has_provider = providers.as_ref().is_none_or(|providers| !providers.is_empty());
        let deployment = if is_development {
            problems.take(development_secret(env)).map(|secret| Deployment::Development { secret })
        } else {
            production(env, has_provider, &mut problems)
                .map(|production| Deployment::Production(Box::new(production)))
        };
        let log = env.get("RUST_LOG").map_or_else(|| "info".to_owned(), |(filter, _)| filter.to_owned());
        let operation = Operation::read(env, is_development, &mut problems);
        match (problems.0.is_empty(), database, allow, encryption, providers, deployment) {
            (true, Some(database), Some(allow), Some(encryption), Some(providers), Some(deployment)) => {
                Ok(Self { listen, deployment, database, allow, encryption, providers, log, operation })
            }
            _ => Err(ConfigError(problems.0)),
        }
    }

    /// What can be used as it is, but is hardly meant. The texts hold no values.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if let Deployment::Production(production) = &self.deployment
            && !production.url.is_https()
            && !["localhost", "127.0.0.1", "[::1]"].contains(&host_of(&production.url))
        {
            warnings.push("`AUTH_URL` is not https, so sessions and links can be read on the way".to_owned());
        }
        if let Database::Server { pooled, direct } = &self.database {
            for (name, url) in [("DATABASE_URL", pooled), ("DATABASE_URL_UNPOOLED", direct)] {
                let unknown = url.unknown_parameters();
                warnings.extend(
                    unknown.map(|parameter| {
                        format!("`{name}` has a parameter that does nothing: `{parameter}`")
                    }),
                );
                if pooled == direct {
                    break;
                }
            }
        }
        if self.operation.traces.is_some() && !crate::traces::ARE_BUILT_IN {
            warnings.push(
                "an endpoint for OpenTelemetry is set, but this People was built without the feature `otel`, so no traces \
                 are sent"
                    .to_owned(),
            );
        }
        warnings
    }

    /// Whether nothing was configured.
    pub fn is_development(&self) -> bool {
        matches!(self.deployment, Deployment::Development { .. })
    }
}

impl Database {
    /// Reads and checks what concerns the database, which is all that migrating needs.
    ///
    /// # Errors
    /// [`ConfigError`] if a URL is missing or cannot be used.
    pub fn read(env: &Environment) -> Result<Self, ConfigError> {
        let is_development = is_development(env);
        let Some((text, _)) = env.get("DATABASE_URL") else {
            let problem = if !is_development {
                "`DATABASE_URL` is not set\nhelp: set it to `postgresql://user:password@host/database?sslmode=verify-full`"
            } else if env.get("DATABASE_URL_UNPOOLED").is_some() {
                "`DATABASE_URL_UNPOOLED` is set, but `DATABASE_URL` is not\nhelp: set both to the same URL, or none for a \
                 local database"
            } else {
                return Ok(Self::Local);
            };
            return Err(ConfigError(vec![problem.to_owned()]));
        };
        let mut problems = Problems::default();
        let pooled = problems.take(database_url(env, "DATABASE_URL", text, is_development));
        let direct = match env.get("DATABASE_URL_UNPOOLED") {
            Some((text, _)) => {
                problems.take(database_url(env, "DATABASE_URL_UNPOOLED", text, is_development))
            }
            None => pooled.clone(),
        };
        match (pooled, direct) {
            (Some(pooled), Some(direct)) => {
                Ok(Self::Server { pooled: Box::new(pooled), direct: Box::new(direct) })
            }
            _ => Err(ConfigError(problems.0)),
        }
    }
}

/// The host without the port.
fn host_of(url: &AuthUrl) -> &str {
    let host = url.host();
    host.rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
        .map_or(host, |(host, _)| host)
}

/// Whether nothing was configured that a deployment needs.
pub fn is_development(env: &Environment) -> bool {
    ["AUTH_URL", "NEXTAUTH_URL", "EMAIL_SERVER", "EMAIL_FROM"].iter().all(|name| env.get(name).is_none())
}

/// Where People listens.
///
/// # Errors
/// `HOST` or `PORT` cannot be used.
pub fn listen(env: &Environment) -> Result<SocketAddr, ConfigError> {
    let mut problems = Problems::default();
    let host = match env.get("HOST") {
        None | Some(("localhost", _)) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        Some((text, _)) => problems
            .take(text.trim_matches(['[', ']']).parse().map_err(|_| {
                one(format!(
                    "`HOST` is `{text}`, which is not an IP address\nhelp: set it to 127.0.0.1 for this machine alone, or to \
                     0.0.0.0 or :: for every network"
                ))
            }))
            .unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
    };
    let port = match env.get("PORT") {
        None => 3000,
        Some((text, _)) => problems
            .take(text.parse().map_err(|_| {
                one(format!(
                    "`PORT` is `{text}`, which is not a port\nhelp: set it to a number from 1 to 65535"
                ))
            }))
            .unwrap_or(3000),
    };
    problems.finish().map(|()| (host, port).into())
}

fn allow(env: &Environment, is_development: bool) -> Result<AllowList, ConfigError> {
    let list = AllowList::from_vars(|name| env.value(name)).map_err(one)?;
    if !list.is_empty() {
        return Ok(list);
    }
    if is_development {
        return Ok(AllowList::everyone());
    }
    Err(one(
        "nobody may sign in: neither `AUTH_ALLOWED_EMAILS` nor `AUTH_ALLOWED_DOMAINS` is set\nhelp: list addresses or \
         domains, separated by commas; `*` lets everybody in who has an e-mail address",
    ))
}

fn development_secret(env: &Environment) -> Result<Option<AuthSecret>, ConfigError> {
    let is_set = ["AUTH_SECRET", "NEXTAUTH_SECRET"].iter().any(|name| env.get(name).is_some());
    is_set.then(|| AuthSecret::from_vars(|name| env.value(name)).map_err(one)).transpose()
}

fn production(env: &Environment, has_provider: bool, problems: &mut Problems) -> Option<Production> {
    let url = match AuthUrl::from_vars(|name| env.value(name)) {
        Ok(Some(url)) => Some(url),
        Ok(None) => {
            problems.add(
                "`AUTH_URL` is not set, but mail is configured, so this is a deployment\nhelp: set it to the address at \
                 which People is found, such as `https://people.example.com`",
            );
            None
        }
        Err(error) => {
            problems.add(error);
            None
        }
    };
    let secret = problems.take(AuthSecret::from_vars(|name| env.value(name)).map_err(one));
    let is_short = |name| env.get(name).is_some_and(|(text, _)| text.len() < SECRET_MIN);
    let names = ["AUTH_SECRET", "NEXTAUTH_SECRET", "AUTH_SECRET_1", "AUTH_SECRET_2", "AUTH_SECRET_3"];
    if let Some(name) = names.into_iter().find(|name| is_short(name)) {
        problems.add(format!(
            "`{name}` has fewer than {SECRET_MIN} characters, so it could be guessed\nhelp: set it to the output of \
             `people secret`"
        ));
    }
    let missing: Vec<_> =
        ["EMAIL_SERVER", "EMAIL_FROM"].into_iter().filter(|name| env.get(name).is_none()).collect();
    let without_mail = has_provider && missing.len() == 2;
    for name in missing.iter().filter(|_| !without_mail) {
        problems.add(format!(
            "`{name}` is not set, so no link can be sent\nhelp: set `EMAIL_SERVER` to \
             `smtps://user:password@smtp.example.com:465` and `EMAIL_FROM` to `People <people@example.com>`, or let people \
             sign in elsewhere alone: set `AUTH_GOOGLE_ID` and `AUTH_GOOGLE_SECRET`, for example"
        ));
    }
    let value = |name| env.value(name).unwrap_or_default();
    let mailer = missing
        .is_empty()
        .then(|| problems.take(SmtpMailer::new(&value("EMAIL_SERVER"), &value("EMAIL_FROM")).map_err(one)))
        .flatten();
    Some(Production { url: url?, secret: secret?, mailer })
}

fn database_url(
    env: &Environment,
    name: &'static str,
    text: &str,
    is_development: bool,
) -> Result<ConnectionUrl, ConfigError> {
    let url = ConnectionUrl::parse(text).map_err(|error| one(format!("`{name}` cannot be used: {error}")))?;
    let may_be_plain =
        env.get("DATABASE_ALLOW_PLAINTEXT").is_some_and(|(text, _)| matches!(text, "1" | "true"));
    if is_development || may_be_plain || url.is_loopback_or_socket() || url.is_tls_required() {
        return Ok(url);
    }
    Err(one(format!(
        "`{name}` leads to another machine without asking for TLS, so passwords and data could be read on the way\n\
         help: add `sslmode=verify-full` (or `sslmode=require`, which does not check whose certificate it is); in a network \
         that you trust, set `DATABASE_ALLOW_PLAINTEXT=1`"
    )))
}

#[allow(clippy::needless_pass_by_value, reason = "`map_err` hands errors over by value")]
fn one(problem: impl ToString) -> ConfigError {
    ConfigError(vec![problem.to_string()])
}

/// What was found wrong so far, so that a person can mend it all at once.
#[derive(Default)]
struct Problems(Vec<String>);

impl Problems {
    #[allow(clippy::needless_pass_by_value, reason = "texts and errors alike come by value")]
    fn add(&mut self, problem: impl ToString) {
        self.0.push(problem.to_string());
    }

    fn take<T>(&mut self, result: Result<T, ConfigError>) -> Option<T> {
        result.map_err(|ConfigError(problems)| self.0.extend(problems)).ok()
    }

    fn finish(self) -> Result<(), ConfigError> {
        if self.0.is_empty() { Ok(()) } else { Err(ConfigError(self.0)) }
    }
}

#[cfg(test)]
mod tests;
