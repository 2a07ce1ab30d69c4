//! Starts and stops the site: database, migrations, sample people, listener.

use std::future::pending;
use std::io::{self, ErrorKind, IsTerminal as _};
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use nicol_auth::{Auth, AuthUrl, EmailProvider, Provider};
use nicol_server::Limits;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::actions;
use crate::app::{AppState, Parts};
use crate::config::{Config, Deployment, Production, secret_file};
use crate::database::Connected;
use crate::db::Client;
use crate::import;
use crate::live::Live;
use crate::mailbox::{DevelopmentMailer, Mailbox};
use crate::metrics;
use crate::router::router;
use crate::seed;
use crate::shutdown::Shutdown;
use crate::terminal::{Terminal, TerminalMailer};
use crate::traces::Traces;

/// The time for requests in flight to finish when People stops.
const GRACE: Duration = Duration::from_secs(10);

/// How often expired sessions, links, idempotency keys and uploads are deleted.
const SWEEP: Duration = Duration::from_hours(1);

/// Serves the site until Ctrl-C or SIGTERM.
///
/// # Errors
/// The port is in use, the database is unavailable, or a migration fails.
pub async fn serve(config: Config, local: &nicol_local::Options, terminal: &Terminal) -> anyhow::Result<()> {
    let mut shutdown = Shutdown::listen().context("cannot listen for signals")?;
    let mode = if config.is_development() { "development" } else { "production" };
    terminal.say(format_args!("People {} ({mode})", env!("CARGO_PKG_VERSION")));

    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }

    // First, because a port in use is the most common failure. Connections wait in the queue until all is ready.
    let listener = listen(config.listen).await?;
    let metrics = match config.operation.metrics {
        Some(address) => Some(TcpListener::bind(address).await.with_context(|| {
            format!("cannot listen on {address}\nhelp: set `METRICS_LISTEN` to an address of this machine and a free port")
        })?),
        None => None,
    };
    let database = config.database.clone();
    let mut opening = pin!(Connected::open(&database, local, terminal));
    let connected = tokio::select! {
        connected = &mut opening => connected?,
        () = shutdown.wanted() => {
            // A database server that is starting cannot be stopped cleanly before it is up.
            terminal.say("\nStopping as soon as the database is up. Press Ctrl-C again to stop at once and leave it running.");
            tokio::select! {
                connected = &mut opening => connected?.close().await?,
                () = shutdown.wanted() => {}
            }
            return Ok(());
        }
    };
    let served = serve_from(&connected, (listener, metrics), config, local, terminal, &mut shutdown).await;
    let closed = connected.close().await;
    served?;
    closed?;
    terminal.say("People has stopped.");
    Ok(())
}

async fn serve_from(
    connected: &Connected,
    (listener, metrics): (TcpListener, Option<TcpListener>),
    config: Config,
    local: &nicol_local::Options,
    terminal: &Terminal,
    shutdown: &mut Shutdown,
) -> anyhow::Result<()> {
    connected.migrate(terminal, shutdown.wanted()).await?;
    let traces = Traces::start(config.operation.traces.as_ref(), env!("CARGO_PKG_VERSION"))?;
    let db = connected.client()?.on_query({
        let traces = traces.clone();
        move |event| {
            if event.is_transaction() {
                return;
            }
            metrics::statement(event);
            traces.statement(event.sql, event.duration, event.failed);
        }
    });
    let primary = db.primary();
    if config.is_development() {
        tokio::select! {
            added = add_samples(&primary, terminal) => added?,
            () = shutdown.wanted() => return Ok(()),
        }
    }

    let address = listener.local_addr().context("the listener has no address")?;
    let live = connected.live(primary);
    let mut state = app(db, live, config, address, local, terminal)?;
    state.traces = traces.clone();
    let (db, auth, live) = (state.db.clone(), state.auth.clone(), state.live.clone());
    if let Some(listener) = metrics {
        serve_metrics(listener, db.clone(), live.clone(), terminal)?;
    }
    let behind = if state.site.checks_host { String::new() } else { format!(", listening on {address}") };
    terminal.say(format_args!("\nPeople is at {}{behind}", state.site.origin));
    if let Some(mailbox) = &state.mailbox {
        terminal.say(format_args!("Mailbox: {}", mailbox.url(&state.site.origin)));
    }
    if io::stdin().is_terminal() {
        terminal.say("Press Ctrl-C to stop.\n");
    }

    let (stop, stopped) = oneshot::channel::<()>();
    let trusted_proxies = (*state.trusted_proxies).clone();
    let limits = Limits { trusted_proxies, ..Limits::for_this_process() };
    let server = nicol_server::serve(listener, router(state), limits, async {
        let _ = stopped.await;
    });
    let mut server = tokio::spawn(server);
    tokio::select! {
        ended = &mut server => return ended.context("the listener failed"),
        () = connected.watch() => {}
        () = sweep(&db, &auth) => {}
        () = shutdown.wanted() => {}
    }

    terminal.say("\nStopping: finishing requests in flight. Press Ctrl-C again to stop at once.");
    live.close();
    let _ = stop.send(());
    let finish = async {
        if tokio::time::timeout(GRACE, &mut server).await.is_err() {
            tracing::warn!("requests in flight were cut off after {} s", GRACE.as_secs());
            server.abort();
        }
        let _ = tokio::time::timeout(GRACE, auth.settle()).await;
        traces.stop().await;
    };
    tokio::select! {
        () = finish => {}
        () = shutdown.wanted() => {}
    }
    db.close();
    Ok(())
}

/// Serves metrics until the process ends, so that they also show how it stops.
fn serve_metrics(listener: TcpListener, db: Client, live: Live, terminal: &Terminal) -> anyhow::Result<()> {
    let address = listener.local_addr().context("the metrics listener has no address")?;
    terminal.step(format_args!("metrics are at http://{address}/metrics"));
    let limits = Limits { max_connections: 16, max_per_address: 16, ..Limits::default() };
    tokio::spawn(nicol_server::serve(listener, metrics::router(db, live), limits, pending()));
    Ok(())
}

/// Adds sample people to a new development database.
async fn add_samples(db: &Client, terminal: &Terminal) -> anyhow::Result<()> {
    if seed::is_first_run(db).await? {
        let added = seed::seed(db).await?;
        terminal.step(format_args!("{added} sample people added"));
    }
    Ok(())
}

/// Builds the application state from the settings.
fn app(
    db: Client,
    live: Live,
    config: Config,
    address: SocketAddr,
    local: &nicol_local::Options,
    terminal: &Terminal,
) -> anyhow::Result<AppState> {
    let (allow, encryption, operation) = (config.allow, config.encryption, config.operation);
    let elsewhere = config.providers;
    let with_mail =
        |mailer: Option<EmailProvider>| elsewhere.into_iter().chain(mailer.map(Provider::from)).collect();
    let parts = match config.deployment {
        Deployment::Production(production) => {
            let Production { url, secret, mailer } = *production;
            Parts {
                db,
                live,
                url,
                secret,
                allow,
                encryption,
                providers: with_mail(mailer.map(EmailProvider::new)),
                mailbox: None,
                development: false,
                operation,
            }
        }
        Deployment::Development { secret } => {
            let secret = match secret {
                Some(secret) => secret,
                None => secret_file::read_or_make(&nicol_local::state_dir(local)?)?,
            };
            let mailbox = Mailbox::new();
            let terminal = TerminalMailer::new(terminal.clone());
            let mailer = DevelopmentMailer { terminal, mailbox: mailbox.clone() };
            Parts {
                db,
                live,
                url: AuthUrl::parse(&own_url(address))?,
                secret,
                allow,
                encryption,
                providers: with_mail(Some(EmailProvider::new(mailer))),
                mailbox: Some(mailbox),
                development: true,
                operation,
            }
        }
    };
    Ok(AppState::new(parts))
}

/// The URL of the listener for browsers on this machine.
fn own_url(address: SocketAddr) -> String {
    let is_usual = ["127.0.0.1", "::1"].iter().any(|ip| address.ip().to_string() == *ip);
    if is_usual { format!("http://localhost:{}", address.port()) } else { format!("http://{address}") }
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let port = address.port();
        match error.kind() {
            ErrorKind::AddrInUse => anyhow!(
                "port {port} is in use by another program, or by another People\n\
                 help: stop it, or use another port: `PORT={} people`",
                if port < u16::MAX { port + 1 } else { 3000 }
            ),
            ErrorKind::PermissionDenied => {
                anyhow!("port {port} needs root\nhelp: use a port from 1024 up: `PORT=3000 people`")
            }
            ErrorKind::AddrNotAvailable => anyhow!(
                "{} is not an address of this machine\nhelp: set `HOST` to one that is, or to 127.0.0.1",
                address.ip()
            ),
            _ => anyhow::Error::new(error).context(format!("cannot listen on {address}")),
        }
    })
}

/// Deletes expired rows every [`SWEEP`]; never returns.
async fn sweep(db: &Client, auth: &Auth) {
    loop {
        tokio::time::sleep(SWEEP).await;
        match auth.sweep().await {
            Ok(removed) => tracing::debug!(removed, "deleted expired sessions and links"),
            Err(error) => tracing::warn!(%error, "cannot delete expired sessions and links"),
        }
        match actions::sweep_keys(db).await {
            Ok(removed) => tracing::debug!(removed, "deleted expired idempotency keys"),
            Err(error) => tracing::warn!(%error, "cannot delete expired idempotency keys"),
        }
        match import::sweep(db).await {
            Ok(removed) => tracing::debug!(removed, "deleted old uploads"),
            Err(error) => tracing::warn!(%error, "cannot delete old uploads"),
        }
    }
}
