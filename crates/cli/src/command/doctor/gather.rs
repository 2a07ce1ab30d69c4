//! Finds out the facts about a URL, with few round trips, each with a time limit. Changes nothing.
//!
//! Statements are not prepared and set nothing, so they run behind any pooler. Each theme is one statement that returns
//! JSON, so a user with few rights loses no more than the theme that the server refuses.

use std::time::{Duration, Instant, SystemTime};

use nicol_migrate::Migrations;
use nicol_pg::probe::probe;
use nicol_pg::tokio_postgres::{self, Client, SimpleQueryMessage};
use nicol_pg::url::ChannelBinding;
use nicol_pg::{CancelHandle, ConnectError, ConnectionUrl, Connector};
use serde::de::DeserializeOwned;
use tokio::task::JoinHandle;

use super::facts::{BadUrl, Facts, Identity, Part, Pooler, Project, Role, Server, Timing};
use super::{sql, target::Target};

/// The time limit for each statement.
pub(super) const LIMIT: Duration = Duration::from_secs(5);
/// The number of round trips that are measured.
const ROUND_TRIPS: usize = 5;

/// Finds out everything about a URL.
pub(super) async fn gather(target: &Target, project: &Project, migrations: Option<&Migrations>) -> Facts {
    let mut facts = Facts {
        role: target.role,
        origin: target.origin.clone(),
        url: match &target.text {
            None => Err(BadUrl::Unset),
            Some(text) => ConnectionUrl::parse(text).map_err(BadUrl::Invalid),
        },
        hosts: Vec::new(),
        failure: None,
        server: None,
    };
    let Ok(url) = &facts.url else { return facts };
    for host in url.hosts() {
        facts.hosts.push((host.clone(), probe(url, host).await));
    }
    match Session::open(url).await {
        Err(error) => facts.failure = Some(error.into()),
        Ok(session) => {
            let migrations = migrations.filter(|_| facts.is_for_migrations(project));
            let server = examine(&session, url, target.role, project, migrations).await;
            session.close().await;
            facts.server = Some(server);
        }
    }
    facts
}

async fn examine(
    session: &Session,
    url: &ConnectionUrl,
    role: Role,
    project: &Project,
    migrations: Option<&Migrations>,
) -> Server {
    let identity: Part<Identity> = session.json(sql::IDENTITY).await;
    let version = identity.as_ref().map_or(140_000, |it| it.version_number);
    let schemas =
        if project.schemas.is_empty() { vec![url.schema().to_owned()] } else { project.schemas.clone() };
    let pid = identity.as_ref().ok().map(|it| it.pid);
    Server {
        timing: session.timing().await,
        pooler: pooler(session, url, pid).await,
        binds_channel: binds_channel(url).await,
        system: session.json(sql::SYSTEM).await,
        settings: session.json(sql::SETTINGS).await,
        sessions: session.json(sql::SESSIONS).await,
        rights: session.json(&sql::rights(&schemas)).await,
        extensions: session.json(&sql::extensions(&project.extensions)).await,
        collations: session.json(&sql::collations(version)).await,
        activity: session.json(sql::ACTIVITY).await,
        migrations: match migrations {
            Some(migrations) if role != Role::Replica => Some(
                within(async { nicol_migrate::status(url, migrations).await.map_err(|it| first_line(&it)) })
                    .await,
            ),
            _ => None,
        },
        identity,
    }
}

/// Finds out whether there is a pooler, by opening a second connection and one with options.
async fn pooler(session: &Session, url: &ConnectionUrl, pid: Option<i32>) -> Pooler {
    let mut found = Pooler::default();
    if let Ok(second) = Session::open(url).await {
        // While the first connection is idle, a transaction pooler lends its server process to the second.
        let other: Part<i32> = second.json("select pg_catalog.pg_backend_pid()").await;
        found.shares_sessions = pid.is_some_and(|pid| other == Ok(pid));
        second.close().await;
    }
    // PgBouncer refuses options that it does not track; PostgreSQL accepts every setting with a dot in its name.
    if let Ok(url) = url.with_parameter("options", "-c nicol.doctor=1") {
        found.accepts_options = match Session::open(&url).await {
            Ok(session) => {
                session.close().await;
                Some(true)
            }
            Err(ConnectError::Rejected { .. }) => Some(false),
            Err(_) => None,
        };
    }
    if url.is_pooled() || found.shares_sessions || found.accepts_options == Some(false) {
        found.keeps_statements = within(session.renames_statements()).await.ok();
    }
    found
}

/// Tries channel binding, where it makes sense and is not required yet.
async fn binds_channel(url: &ConnectionUrl) -> Option<bool> {
    let over_network = !url.is_loopback_or_socket();
    if !over_network || !url.is_tls_required() || url.channel_binding() != ChannelBinding::Prefer {
        return None;
    }
    url.password()?;
    let url = url.with_parameter("channel_binding", "require").ok()?;
    match Session::open(&url).await {
        Ok(session) => {
            session.close().await;
            Some(true)
        }
        Err(ConnectError::Tls { .. }) => Some(false),
        Err(_) => None,
    }
}

/// A connection.
struct Session {
    client: Client,
    connection: JoinHandle<()>,
    connector: Connector,
    cancel: CancelHandle,
}

impl Session {
    async fn open(url: &ConnectionUrl) -> Result<Self, ConnectError> {
        let connector = Connector::new(url)?;
        // Boxed because this future is large.
        let (client, connection) = Box::pin(connector.connect()).await?;
        let cancel = connection.cancel_handle();
        let connection = tokio::spawn(async move {
            // The next statement reports a lost connection.
            let _ = connection.await;
        });
        Ok(Self { client, connection, connector, cancel })
    }

    async fn close(self) {
        drop(self.client);
        let _ = tokio::time::timeout(Duration::from_secs(1), self.connection).await;
    }

    /// Returns the only value of a statement, or why there is none.
    async fn text(&self, sql: &str) -> Part<String> {
        let answered = async {
            let messages = self.client.simple_query(sql).await.map_err(|error| {
                error.as_db_error().map_or_else(|| error.to_string(), |it| it.message().to_owned())
            })?;
            let row = messages.iter().find_map(|message| match message {
                SimpleQueryMessage::Row(row) => row.get(0),
                _ => None,
            });
            Ok(row.unwrap_or("null").to_owned())
        };
        let answer = within(answered).await;
        if answer.is_err() {
            // Otherwise, the next statement waits for this one.
            let _ = within(async { self.connector.cancel(&self.cancel).await.map_err(|it| it.to_string()) })
                .await;
        }
        answer
    }

    async fn json<T: DeserializeOwned>(&self, sql: &str) -> Part<T> {
        serde_json::from_str(&self.text(sql).await?).map_err(|error| format!("unexpected answer: {error}"))
    }

    /// Whether a pooler gives prepared statements names of its own, so that it can find them again on every server
    /// connection. The statement does not outlast the transaction, which keeps its server connection.
    async fn renames_statements(&self) -> Part<bool> {
        let of_driver = "select count(*) from pg_catalog.pg_prepared_statements
            where name ~ '^s[0-9]+$' and strpos(statement, 'prepared by nicol doctor') > 0";
        let text = |error: tokio_postgres::Error| error.to_string();
        self.client.batch_execute("begin").await.map_err(text)?;
        let prepared = self.client.prepare(of_driver).await;
        let count = match &prepared {
            Ok(statement) => self.client.query_one(statement, &[]).await.map(|row| row.get::<_, i64>(0)),
            // The name is taken by the statement of another client.
            Err(_) => Ok(1),
        };
        drop(prepared);
        self.client.batch_execute("rollback").await.map_err(text)?;
        Ok(count.map_err(text)? == 0)
    }

    async fn timing(&self) -> Part<Timing> {
        let mut samples = Vec::new();
        for _ in 0..ROUND_TRIPS {
            let (sent, clock) = (Instant::now(), SystemTime::now());
            let there: f64 = self.json("select extract(epoch from pg_catalog.clock_timestamp())").await?;
            let took = sent.elapsed();
            let here = clock.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            samples.push((took, there - here.as_secs_f64() - took.as_secs_f64() / 2.0));
        }
        samples.sort_by_key(|(took, _)| *took);
        // The fastest round trip tells the time best.
        Ok(Timing { round_trip: samples[ROUND_TRIPS / 2].0, ahead: samples[0].1 })
    }
}

async fn within<T>(answer: impl Future<Output = Part<T>>) -> Part<T> {
    match tokio::time::timeout(LIMIT, answer).await {
        Ok(answer) => answer,
        Err(_) => Err(format!("no answer within {} s", LIMIT.as_secs())),
    }
}

fn first_line(error: &nicol_migrate::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}
