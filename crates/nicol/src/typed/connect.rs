//! How a client is put together: the primary, its replicas, and how far those may lag.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use nicol_pg::ConnectionUrl;

use super::client::{Client, Handle};
use crate::error::{Error, Kind};
use crate::wire::Executor;

/// Puts a client together; [`Client::builder`] returns it. `C` is the type of the client.
///
/// ```
/// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
/// # use db::Client;
/// # use std::time::Duration;
/// // new PrismaClient().$extends(readReplicas({ url: ['postgresql://replica-1/app', 'postgresql://replica-2/app'] }))
/// fn client() -> Result<Client, nicol::Error> {
///     Client::builder()
///         .url("postgresql://primary/app")
///         .replica("postgresql://replica-1/app")
///         .replica("postgresql://replica-2/app")
///         .max_lag(Duration::from_secs(5))
///         .lazy()
/// }
/// # fn main() { client().unwrap(); }
/// ```
#[must_use = "a builder makes a client with `connect` or `lazy`"]
pub struct ClientBuilder<C> {
    url: Option<Result<String, Error>>,
    direct_url: Option<String>,
    replicas: Vec<String>,
    max_lag: Option<Duration>,
    client: PhantomData<fn() -> C>,
}

impl<C> fmt::Debug for ClientBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // URLs contain passwords.
        f.debug_struct("ClientBuilder").field("replicas", &self.replicas.len()).finish_non_exhaustive()
    }
}

impl<C: Handle> ClientBuilder<C> {
    pub(super) fn new() -> Self {
        Self { url: None, direct_url: None, replicas: Vec::new(), max_lag: None, client: PhantomData }
    }

    /// Sets the URL of the primary.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(Ok(url.into()));
        self
    }

    /// Sets the URL of the primary without a pooler, for [`Client::listen`]. Queries go to [`url`](Self::url), which may lead through a pooler.
    pub fn direct_url(mut self, url: impl Into<String>) -> Self {
        self.direct_url = Some(url.into());
        self
    }

    /// Adds a replica: a server that has what the primary has, perhaps a little later, such as a streaming standby.
    ///
    /// Queries that only read go to one of the replicas, in turn. To the primary go writes, transactions and [batches](Client::batch), reads that
    /// lock rows, and SQL, unless it is marked as [`read_only`](crate::builder::RawQuery::read_only). [`Client::primary`] reads from the
    /// primary, and [`Client::for_request`] does so after its first write.
    ///
    /// If a replica cannot be reached, or fails a read for another reason than the time limit of statements, the same read is repeated on another
    /// one or on the primary, so the caller gets no error while the primary is up. Only a [stream](crate::builder::FindQuery::stream) that has
    /// begun fails. A replica that cannot be reached is left out until it answers again.
    ///
    /// The schema in the URL of the primary applies. If the URL has no `connect_timeout`, it is 2 s, because the first read waits for it.
    pub fn replica(mut self, url: impl Into<String>) -> Self {
        self.replicas.push(url.into());
        self
    }

    /// Leaves out each replica that lags by more than this behind the primary (default: no limit; a replica is left out only if it cannot be
    /// reached). Each replica is looked at once a second, which takes a statement there and one on the primary, until there were no reads for
    /// 30 s. Until the first look, and if the lag is unknown, reads go to the primary.
    ///
    /// This is about physical replication. A logical replica counts as a primary: its lag is unknown, and not limited.
    pub fn max_lag(mut self, max_lag: Duration) -> Self {
        self.max_lag = Some(max_lag);
        self
    }

    /// Reads the URL of the primary from an environment variable, usually `DATABASE_URL`, and further ones from others that are set:
    ///
    /// | variable | |
    /// |---|---|
    /// | `DATABASE_URL_UNPOOLED`, or generally the same name with `_UNPOOLED` at the end | [`direct_url`](Self::direct_url) |
    /// | `DATABASE_REPLICA_URL`, or generally the same name with `_REPLICA` before a final `_URL`, or else at the end | each [`replica`](Self::replica), separated by white space |
    pub fn env(mut self, variable: &str) -> Self {
        let missing = || Kind::Configuration {
            code: "P1012",
            message: format!(
                "the environment variable `{variable}` is not set\nhelp: set it to the URL of the database"
            ),
        };
        self.url = Some(std::env::var(variable).map_err(|_| missing().into()));
        let is_direct = |url: &String| ConnectionUrl::parse(url).is_ok_and(|url| url.is_direct());
        if !self.url.iter().flatten().any(is_direct) {
            self = self.direct_env(&format!("{variable}_UNPOOLED"));
        }
        let replicas = std::env::var(replica_variable(variable)).unwrap_or_default();
        self.replicas.extend(replicas.split_whitespace().map(str::to_owned));
        self
    }

    /// Reads [`direct_url`](Self::direct_url) from an environment variable, if it is set.
    pub fn direct_env(mut self, variable: &str) -> Self {
        self.direct_url = std::env::var(variable).ok().filter(|url| !url.is_empty()).or(self.direct_url);
        self
    }

    /// Returns the client. It connects when the first query runs.
    ///
    /// # Errors
    /// There is no URL (P1012), a URL is invalid (P1013), or a certificate that it names cannot be read (P1011).
    pub fn lazy(self) -> Result<C, Error> {
        self.executor().map(|executor| C::from_client(Client::from_executor(executor)))
    }

    /// Connects to the primary and the replicas. A replica that cannot be reached is left out until it answers.
    ///
    /// # Errors
    /// Those of [`lazy`](Self::lazy), or the connection to the primary fails.
    pub async fn connect(self) -> Result<C, Error> {
        let executor = self.executor()?;
        executor.open().await?;
        Ok(C::from_client(Client::from_executor(executor)))
    }

    fn executor(self) -> Result<Executor, Error> {
        let missing = || Kind::Configuration {
            code: "P1012",
            message: "the client has no URL\nhelp: call `url` or `env` on the builder".to_owned(),
        };
        let url = self.url.unwrap_or_else(|| Err(missing().into()))?;
        let replicas = self.replicas.iter().map(|url| {
            let parsed = parse(url)?;
            if url.contains("connect_timeout=") {
                return Ok(parsed);
            }
            parsed.with_parameter("connect_timeout", "2").map_err(|error| invalid(&error))
        });
        let replicas = replicas.collect::<Result<Vec<_>, Error>>()?;
        let direct = self.direct_url.as_deref().map(parse).transpose()?;
        let url = parse(&url)?;
        let unknown =
            [&url].into_iter().chain(&direct).chain(&replicas).flat_map(ConnectionUrl::unknown_parameters);
        let unknown: BTreeSet<String> = unknown.map(|parameter| parameter.to_string()).collect();
        for warning in unknown {
            tracing::warn!(target: "nicol::url", "{warning}");
        }
        Executor::new(&url, direct.as_ref(), &replicas, self.max_lag)
    }
}

fn parse(url: &str) -> Result<ConnectionUrl, Error> {
    ConnectionUrl::parse(url).map_err(|error| invalid(&error))
}

fn invalid(error: &nicol_pg::UrlError) -> Error {
    Kind::Configuration { code: "P1013", message: error.to_string() }.into()
}

/// Returns the name of the variable with the URLs of replicas.
fn replica_variable(variable: &str) -> String {
    match variable.strip_suffix("_URL") {
        Some(stem) => format!("{stem}_REPLICA_URL"),
        None => format!("{variable}_REPLICA"),
    }
}

impl Client {
    /// Returns a builder of a client with replicas. `C` is the generated client, whose own `builder` calls this one.
    pub fn builder<C: Handle>() -> ClientBuilder<C> {
        ClientBuilder::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_of_replicas_follows_from_that_of_the_primary() {
        assert_eq!(replica_variable("DATABASE_URL"), "DATABASE_REPLICA_URL");
        assert_eq!(replica_variable("POSTGRES"), "POSTGRES_REPLICA");
    }
}
