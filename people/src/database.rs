//! Connects to the database, or starts a local one; migrates, watches and closes it.

use std::future::pending;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use nicol_local::Lease;
use nicol_migrate::{Migrations, Options, Progress, deploy_with};
use nicol_pg::ConnectionUrl;

use crate::config::{Database, Environment};
use crate::db::Client;
use crate::live::{self, Live};
use crate::search;
use crate::terminal::Terminal;

/// Returns the embedded migrations.
pub fn migrations() -> Migrations {
    Migrations::embedded(include!(concat!(env!("OUT_DIR"), "/migrations.rs")))
}

/// The longest lag of a replica that serves reads.
pub(crate) const MAX_LAG: Duration = Duration::from_secs(5);

/// A reachable database, and its local server if there is one.
pub struct Connected {
    lease: Option<Lease>,
    pooled: ConnectionUrl,
    direct: ConnectionUrl,
    replicas: Vec<ConnectionUrl>,
}

impl Connected {
    /// Connects to the configured database, or starts the local server.
    ///
    /// # Errors
    /// There is no PostgreSQL on this machine, or it does not start.
    pub async fn open(
        database: &Database,
        local: &nicol_local::Options,
        terminal: &Terminal,
    ) -> anyhow::Result<Self> {
        match database {
            Database::Server { pooled, direct, replicas } => Ok(Self {
                lease: None,
                pooled: (**pooled).clone(),
                direct: (**direct).clone(),
                replicas: replicas.clone(),
            }),
            Database::Local => {
                let mut said = Vec::new();
                let lease = nicol_local::acquire(local, |step| {
                    // The programs are looked for before the data is made, and again before the server is started.
                    if !said.contains(&step) {
                        terminal.step(&step);
                        said.push(step);
                    }
                })
                .await?;
                let url = lease.url().clone();
                Ok(Self { lease: Some(lease), pooled: url.clone(), direct: url, replicas: Vec::new() })
            }
        }
    }

    /// Returns a client with the replicas, if there are any.
    ///
    /// # Errors
    /// A URL cannot be used.
    pub fn client(&self) -> anyhow::Result<Client> {
        let mut builder = Client::builder().url(self.pooled.to_url_with_password()).max_lag(MAX_LAG);
        for replica in &self.replicas {
            builder = builder.replica(replica.to_url_with_password());
        }
        Ok(builder.lazy()?)
    }

    /// Returns the live updates of the database.
    pub(crate) fn live(&self, db: Client) -> Live {
        Live::new(db, &self.direct, live::Limits::default())
    }

    /// Returns the direct URL, without a pooler.
    pub fn direct(&self) -> &ConnectionUrl {
        &self.direct
    }

    /// Applies pending migrations.
    ///
    /// # Errors
    /// The database cannot be reached, a migration fails or has failed before, or `interrupt` ends.
    pub async fn migrate(
        &self,
        terminal: &Terminal,
        interrupt: impl Future<Output = ()> + Send,
    ) -> anyhow::Result<()> {
        let report = |step: Progress<'_>| match step {
            Progress::DatabaseCreated { name } => {
                terminal.step(format_args!("database `{name}` created"));
            }
            Progress::Waiting { .. } => terminal.step("waiting for another migration"),
            Progress::Finished { migration, took } => {
                terminal.step(format_args!("migration `{migration}` applied in {} ms", took.as_millis()));
            }
            _ => {}
        };
        let applied =
            deploy_with(&self.direct, &migrations(), &Options::default(), report, interrupt).await?;
        if applied.migrations.is_empty() {
            terminal.step("all migrations are applied");
        }
        search::prepare(&self.direct).await.context(
            "cannot create the columns of the search\nhelp: start People once as a role that owns the table `people`",
        )
    }

    /// Stops the local server, if there is one and no other process uses it.
    ///
    /// # Errors
    /// It does not end.
    pub async fn close(self) -> anyhow::Result<()> {
        match self.lease {
            Some(lease) => Ok(lease.release().await?),
            None => Ok(()),
        }
    }

    /// Restarts the local server whenever it crashes; never ends.
    pub(crate) async fn watch(&self) {
        match &self.lease {
            Some(lease) => {
                lease
                    .watch(|step| match step {
                        Ok(step) => tracing::warn!("the local database crashed and is restarted: {step}"),
                        Err(error) => tracing::error!(%error, "the local database cannot be restarted"),
                    })
                    .await;
            }
            None => pending().await,
        }
    }
}

/// Returns the options of the local server.
pub fn local_options(env: &Environment, folder: &Path) -> nicol_local::Options {
    let mut options = nicol_local::Options::new(folder);
    options.postgres_bin = env.value("NICOL_POSTGRES_BIN").map(PathBuf::from);
    options.search_path = std::env::var_os("PATH");
    "people".clone_into(&mut options.database);
    options
}
