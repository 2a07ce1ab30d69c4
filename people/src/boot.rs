//! From nothing to a running site, and back: database, migrations, sample people, listener.

use std::future::pending;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use nicol_auth::{Auth, AuthUrl, EmailProvider};
use nicol_local::Lease;
use nicol_migrate::Migrations;
use nicol_pg::ConnectionUrl;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::app::{AppState, Parts};
use crate::config::{Config, Database, Deployment, Environment, Production, secret_file};
use crate::db::Client;
use crate::router::router;
use crate::seed;
use crate::shutdown::Shutdown;
use crate::terminal::{Terminal, TerminalMailer};

/// How long requests under way may take to end once People is asked to stop.
const GRACE: Duration = Duration::from_secs(10);

/// How often sessions and links that have ended are removed.
const SWEEP: Duration = Duration::from_hours(1);

/// The migrations that the binary carries.
pub fn migrations() -> Migrations {
    Migrations::embedded(include!(concat!(env!("OUT_DIR"), "/migrations.rs")))
}

/// A database that can be reached, and the local server behind it if there is one.
pub struct Connected {
    lease: Option<Lease>,
    pooled: ConnectionUrl,
    direct: ConnectionUrl,
}

impl Connected {
    /// Takes the database that was configured, or brings the local one up.
    ///
    /// # Errors
    /// There is no PostgreSQL on this machine, or it does not start.
    pub async fn open(
        database: &Database,
        local: &nicol_local::Options,
        terminal: &Terminal,
    ) -> anyhow::Result<Self> {
        match database {
            Database::Server { pooled, direct } => {
                Ok(Self { lease: None, pooled: (**pooled).clone(), direct: (**direct).clone() })
            }
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
                Ok(Self { lease: Some(lease), pooled: url.clone(), direct: url })
            }
        }
    }

    /// A client of it.
    ///
    /// # Errors
    /// The URL cannot be used.
    pub fn client(&self) -> anyhow::Result<Client> {
        Ok(Client::lazy(&self.pooled.to_url_with_password())?)
    }

    /// Applies the migrations that it has not seen.
    ///
    /// # Errors
    /// It cannot be reached, or a migration fails or has failed before.
    pub async fn migrate(&self, terminal: &Terminal) -> anyhow::Result<()> {
        let applied = nicol_migrate::deploy(&self.direct, &migrations(), |step| match step {
            nicol_migrate::Progress::DatabaseCreated { name } => {
                terminal.step(format_args!("database `{name}` made"));
            }
            nicol_migrate::Progress::Waiting { .. } => terminal.step("waiting for another migration to end"),
            nicol_migrate::Progress::Finished { migration, took } => {
                terminal.step(format_args!("migration `{migration}` applied in {} ms", took.as_millis()));
            }
            _ => {}
        })
        .await?;
        if applied.migrations.is_empty() {
            terminal.step("all migrations are applied");
        }
        Ok(())
    }

    /// Stops the local server, if there is one and nobody else uses it.
    ///
    /// # Errors
    /// It does not end.
    pub async fn close(self) -> anyhow::Result<()> {
        match self.lease {
            Some(lease) => Ok(lease.release().await?),
            None => Ok(()),
        }
    }

    /// Brings a local server back whenever it has crashed; never ends.
    async fn watch(&self) {
        match &self.lease {
            Some(lease) => {
                lease
                    .watch(|step| match step {
                        Ok(step) => tracing::warn!("the local database had crashed: {step}"),
                        Err(error) => tracing::error!(%error, "the local database does not come back"),
                    })
                    .await;
            }
            None => pending().await,
        }
    }
}

/// Where the local server belongs, and where to look for PostgreSQL.
pub fn local_options(env: &Environment, folder: &Path) -> nicol_local::Options {
    let mut options = nicol_local::Options::new(folder);
    options.postgres_bin = env.value("NICOL_POSTGRES_BIN").map(PathBuf::from);
    options.search_path = std::env::var_os("PATH");
    "people".clone_into(&mut options.database);
    options
}

/// Serves the site until Ctrl-C or SIGTERM.
///
/// # Errors
/// The port is taken, the database cannot be had, or a migration fails.
pub async fn serve(config: Config, local: &nicol_local::Options, terminal: &Terminal) -> anyhow::Result<()> {
    let mut shutdown = Shutdown::listen().context("cannot listen to signals")?;
    let mode = if config.is_development() { "development" } else { "production" };
    terminal.say(format_args!("People {} ({mode})", env!("CARGO_PKG_VERSION")));

    // First of all, for it is what most often is in the way. Who connects already waits until all is ready.
    let listener = listen(config.listen).await?;
    let connected = tokio::select! {
        connected = Connected::open(&config.database, local, terminal) => connected?,
        () = shutdown.wanted() => return Ok(()),
    };
    let served = serve_from(&connected, listener, config, local, terminal, &mut shutdown).await;
    let closed = connected.close().await;
    served?;
    closed?;
    terminal.say("People has stopped.");
    Ok(())
}

async fn serve_from(
    connected: &Connected,
    listener: TcpListener,
    config: Config,
    local: &nicol_local::Options,
    terminal: &Terminal,
    shutdown: &mut Shutdown,
) -> anyhow::Result<()> {
    let prepared = async {
        connected.migrate(terminal).await?;
        let db = connected.client()?;
        if config.is_development() && seed::is_first_run(&db).await? {
            let added = seed::seed(&db).await?;
            terminal.step(format_args!("{added} sample people added"));
        }
        anyhow::Ok(db)
    };
    let db = tokio::select! {
        db = prepared => db?,
        () = shutdown.wanted() => return Ok(()),
    };

    let address = listener.local_addr().context("the listener has no address")?;
    let state = app(db, config, address, local, terminal)?;
    let auth = state.auth.clone();
    terminal.say(format_args!("\nPeople is at {}\nPress Ctrl-C to stop.\n", state.site.origin));

    let (stop, stopped) = oneshot::channel::<()>();
    let server = axum::serve(listener, router(state)).with_graceful_shutdown(async {
        let _ = stopped.await;
    });
    let mut server = tokio::spawn(server.into_future());
    tokio::select! {
        ended = &mut server => return ended?.context("the listener failed"),
        () = connected.watch() => {}
        () = sweep(&auth) => {}
        () = shutdown.wanted() => {}
    }

    terminal.say("\nStopping. Requests under way are finished; press Ctrl-C again to stop at once.");
    let _ = stop.send(());
    let finish = async {
        if tokio::time::timeout(GRACE, &mut server).await.is_err() {
            tracing::warn!("requests under way were cut off");
            server.abort();
        }
        let _ = tokio::time::timeout(GRACE, auth.settle()).await;
    };
    tokio::select! {
        () = finish => {}
        () = shutdown.wanted() => {}
    }
    Ok(())
}

/// Puts the application together.
fn app(
    db: Client,
    config: Config,
    address: SocketAddr,
    local: &nicol_local::Options,
    terminal: &Terminal,
) -> anyhow::Result<AppState> {
    let allow = config.allow;
    let parts = match config.deployment {
        Deployment::Production(production) => {
            let Production { url, secret, mailer } = *production;
            Parts { db, url, secret, allow, provider: EmailProvider::new(mailer), development: false }
        }
        Deployment::Development { secret } => {
            let secret = match secret {
                Some(secret) => secret,
                None => secret_file::read_or_make(&nicol_local::state_dir(local)?)?,
            };
            let provider = EmailProvider::new(TerminalMailer::new(terminal.clone()));
            Parts { db, url: AuthUrl::parse(&own_url(address))?, secret, allow, provider, development: true }
        }
    };
    Ok(AppState::new(parts))
}

/// How a browser on this machine finds the listener.
fn own_url(address: SocketAddr) -> String {
    let is_usual = ["127.0.0.1", "::1"].iter().any(|ip| address.ip().to_string() == *ip);
    if is_usual { format!("http://localhost:{}", address.port()) } else { format!("http://{address}") }
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let port = address.port();
        match error.kind() {
            ErrorKind::AddrInUse => anyhow!(
                "port {port} is taken: another program, or another People, listens there\n\
                 help: stop it, or choose another port: `PORT={} people`",
                if port < u16::MAX { port + 1 } else { 3000 }
            ),
            ErrorKind::PermissionDenied => {
                anyhow!("this user may not listen at port {port}\nhelp: choose one from 1024 on: `PORT=3000 people`")
            }
            ErrorKind::AddrNotAvailable => anyhow!(
                "{} is no address of this machine\nhelp: set `HOST` to one that is, or to 127.0.0.1",
                address.ip()
            ),
            _ => anyhow::Error::new(error).context(format!("cannot listen at {address}")),
        }
    })
}

/// Removes what has ended, now and then; never ends.
async fn sweep(auth: &Auth) {
    loop {
        tokio::time::sleep(SWEEP).await;
        match auth.sweep().await {
            Ok(removed) => tracing::debug!(removed, "sessions and links that have ended were removed"),
            Err(error) => tracing::warn!(%error, "sessions and links that have ended were not removed"),
        }
    }
}
