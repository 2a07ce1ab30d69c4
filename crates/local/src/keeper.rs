//! The keeper: the background process that puts an idle server to sleep, and wakes it when a client connects.
//!
//! ```text
//!            awake                                asleep
//! client ──► .s.PGSQL.5432 ─► server     client ──► .s.PGSQL.5432 ─► keeper ─ starts the server,
//!             (symbolic link)                        (symbolic link)          then relays both ways
//! ```
//!
//! The keeper listens on a socket of its own for as long as it runs; only the link changes, in one step, so there is
//! always a listening socket behind it. While the server is awake, clients connect to it directly. Connections that
//! arrive while it sleeps, or is about to, wait until it has been started, and go through the keeper until they end.
//!
//! Other processes may start and stop the server meanwhile: whoever does holds the lock, as does the keeper.

mod connections;
mod refusal;
mod watched;

use std::fmt::Display;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use std::{fs, io};

use tokio::io::AsyncWriteExt as _;
use tokio::net::{UnixListener, UnixStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::binaries::Installation;
use crate::error::{Error, file};
use crate::front;
use crate::keep::{self, Keep};
use crate::layout::{Layout, remove_if_there};
use crate::lease::{blocking, installation, lock, try_lock, url};
use crate::options::Options;
use crate::postmaster::{self, Phase, Running};
use watched::Watched;

/// How often the keeper looks at the server, at most.
const LOOK: Duration = Duration::from_millis(500);

/// How long a client may take from looking up the socket to connecting to it. Neither waits for anything.
const SETTLE: Duration = Duration::from_millis(20);

/// How long the last connections may take to disappear after their clients have gone.
const GONE: Duration = Duration::from_secs(1);

/// The size at which the log is rotated.
const LOG_LIMIT: u64 = 256 << 10;

/// Puts the project's server to sleep when it is idle, and wakes it, until [`stop`](crate::stop()), or until
/// [`start`](crate::start()) turns this off. Returns at once if another process does so already.
///
/// `start` runs this in a background process: [`Options::keeper`].
///
/// # Errors
///
/// [`Error::File`], if a file or socket of the project cannot be used. Failures to start or stop the server are written to
/// the log, and told to the clients that wait for it.
pub async fn keep(options: &Options) -> Result<(), Error> {
    let layout = Layout::prepare(options)?;
    let Some(role) = keep::become_keeper(&layout)? else { return Ok(()) };
    let socket = front::keeper_socket(&layout);
    remove_if_there(&socket)?;
    let listener = UnixListener::bind(&socket).map_err(file("listen on", &socket))?;
    keep::announce_keeper(&layout, &role)?;
    let keeper = Keeper { layout, options: options.clone(), programs: Arc::default() };
    keeper.run(&listener).await
}

#[derive(Clone)]
struct Keeper {
    layout: Layout,
    options: Options,
    /// Looking for them takes longer than starting the server.
    programs: Arc<Mutex<Option<Installation>>>,
}

/// What has been done to the server.
enum Done {
    Woken(Result<(), Error>),
    /// Whether it sleeps.
    Rested(Result<bool, Error>),
}

impl Keeper {
    async fn run(self, listener: &UnixListener) -> Result<(), Error> {
        // Nobody waits for it now. If it fails, it does so again when it is needed, and says so.
        let keeper = self.clone();
        let _ = blocking(move || keeper.installation()).await;
        let mut waiting = Vec::new();
        let mut relays = JoinSet::new();
        // The server is started or stopped, which must not keep connections from being accepted.
        let mut work: Option<JoinHandle<Done>> = None;
        let mut watched = Watched::default();
        let mut began = Instant::now();
        let mut used = Instant::now();
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            if work.is_none() && !waiting.is_empty() {
                began = Instant::now();
                work = Some(tokio::spawn(self.clone().wake()));
            }
            watched.watch(postmaster::running(&self.layout).map(|server| server.pid));
            let is_idle = work.is_none();
            let finished = async {
                match &mut work {
                    Some(work) => work.await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((client, _)) => waiting.push(client),
                    Err(error) => {
                        // No file descriptor is free: some are when connections end.
                        self.log(&format!("cannot accept a connection: {error}"));
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                },
                done = finished => {
                    work = None;
                    used = Instant::now();
                    match done {
                        Ok(Done::Woken(Ok(()))) => {
                            let (clients, time) = (waiting.len(), began.elapsed().as_millis());
                            self.log(&format!("awake after {time} ms, connections that waited: {clients}"));
                            for client in waiting.drain(..) {
                                relays.spawn(relay(client, self.layout.clone()));
                            }
                        }
                        Ok(Done::Woken(Err(error))) => {
                            let reason = format!("the local server cannot be woken: {}", in_full(&error));
                            self.log(&reason);
                            for client in waiting.drain(..) {
                                relays.spawn(refusal::refuse(client, reason.clone()));
                            }
                        }
                        Ok(Done::Rested(Ok(true))) => self.log("asleep"),
                        Ok(Done::Rested(Ok(false))) => {}
                        Ok(Done::Rested(Err(error))) => self.log(&in_full(&error)),
                        Err(error) => std::panic::resume_unwind(error.into_panic()),
                    }
                }
                Some(_) = relays.join_next() => {}
                // The server has crashed: the next connection waits here until it runs again.
                () = watched.ended(), if is_idle => {
                    work = Some(tokio::spawn(self.clone().rest()));
                }
                _ = look.tick() => {
                    let timeout = match Keep::read(&self.layout)? {
                        Keep::WhileUsed(timeout) => Some(timeout),
                        // Connections go on through this process.
                        Keep::Always if !(relays.is_empty() && work.is_none()) => None,
                        Keep::Always | Keep::No => return Ok(()),
                    };
                    look.reset_after(timeout.map_or(LOOK, |timeout| (timeout / 4).min(LOOK)));
                    if let (None, Some(timeout)) = (&work, timeout)
                        && self.may_rest(timeout, &mut used)
                    {
                        work = Some(tokio::spawn(self.clone().rest()));
                    }
                }
            }
        }
    }

    /// Whether the server has been idle for long enough, or is not running although clients are led to it.
    fn may_rest(&self, timeout: Duration, used: &mut Instant) -> bool {
        match postmaster::running(&self.layout) {
            None => !front::leads_to_keeper(&self.layout),
            Some(Running { phase: Phase::Ready, .. }) if self.connections().unwrap_or(0) == 0 => {
                used.elapsed() >= timeout
            }
            Some(_) => {
                *used = Instant::now();
                false
            }
        }
    }

    fn connections(&self) -> Option<usize> {
        connections::count(&front::server_socket(&self.layout))
    }

    async fn wake(self) -> Done {
        let wake = move || {
            let _lock = lock(&self.layout, &|_| {})?;
            postmaster::ensure(&self.layout, &self.options, &|| self.installation(), &|_| {}).map(drop)
        };
        Done::Woken(blocking(wake).await)
    }

    /// Returns the programs that fit the data.
    fn installation(&self) -> Result<Installation, Error> {
        let mut programs = self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        let major = self.layout.data_version()?;
        let fits =
            |found: &Installation| Some(found.major) == major && found.folder.join("postgres").exists();
        if !programs.as_ref().is_some_and(fits) {
            *programs = Some(installation(&self.layout, &self.options)?);
        }
        programs.clone().map_or_else(|| installation(&self.layout, &self.options), Ok)
    }

    /// Puts the server to sleep, unless a client is connected.
    async fn rest(self) -> Done {
        let is_running = postmaster::running(&self.layout).is_some();
        if is_running {
            match self.prepare().await {
                Ok(true) => {}
                other => return Done::Rested(other),
            }
        }
        Done::Rested(blocking(move || self.lay_down()).await)
    }

    /// Writes the data to the disk, so that the server stops quickly. Returns whether no client is connected, also where
    /// that cannot be seen from outside.
    async fn prepare(&self) -> Result<bool, Error> {
        let url = url(&self.layout, front::SERVER_PORT, "postgres")?;
        let (client, connection) = nicol_pg::connect(&url).await.map_err(Error::Connect)?;
        let work = async {
            let others = "SELECT count(*) FROM pg_stat_activity \
                WHERE backend_type IN ('client backend', 'walsender') AND pid <> pg_backend_pid()";
            let others: i64 = client.query_one(others, &[]).await?.get(0);
            if others == 0 {
                client.batch_execute("CHECKPOINT").await?;
            }
            drop(client);
            Ok(others == 0)
        };
        let (is_unused, _) = tokio::join!(work, connection);
        is_unused.map_err(Error::Sleep)
    }

    fn lay_down(&self) -> Result<bool, Error> {
        let layout = &self.layout;
        let Some(_lock) = try_lock(layout)? else { return Ok(false) };
        if !matches!(Keep::read(layout)?, Keep::WhileUsed(_)) {
            return Ok(false);
        }
        match postmaster::running(layout) {
            // It has crashed, or was stopped by its administrator.
            None => return front::lead_to_keeper(layout).map(|()| true),
            Some(Running { phase: Phase::Ready, .. }) => {}
            Some(_) => return Ok(false),
        }
        let deadline = Instant::now() + GONE;
        while self.connections().unwrap_or(0) > 0 {
            if Instant::now() > deadline {
                return Ok(false);
            }
            thread::sleep(Duration::from_millis(2));
        }
        // From here on, clients wait at the keeper. One that has just connected to the server keeps it awake. If
        // connections cannot be counted, it is served before the server stops, unless it is still signing in.
        front::lead_to_keeper(layout)?;
        thread::sleep(SETTLE);
        if self.connections().unwrap_or(0) > 0 {
            self.log("stays awake for a client that has just connected");
            return front::lead_to_server(layout).map(|()| false);
        }
        postmaster::stop_when_unused(layout).map(|()| true)
    }

    /// Appends a line to the log. A full disk must not end the keeper.
    fn log(&self, text: &str) {
        let path = self.layout.keeper_log();
        let write = || -> io::Result<()> {
            if fs::metadata(&path).is_ok_and(|meta| meta.len() > LOG_LIMIT) {
                fs::rename(&path, path.with_added_extension("old"))?;
            }
            let mut log = fs::OpenOptions::new().append(true).create(true).open(&path)?;
            let time = chrono::Utc::now().format("%Y-%m-%d %H:%M:%S%.3f UTC");
            log.write_all(format!("{time} {text}\n").as_bytes())
        };
        let _ = write();
    }
}

/// Passes bytes on in both directions until the server or both have ended.
async fn relay(mut client: UnixStream, layout: Layout) {
    let socket = front::server_socket(&layout);
    let mut server = match connect(&socket).await {
        Ok(server) => server,
        Err(error) => {
            return refusal::refuse(client, format!("the local server cannot be reached: {error}")).await;
        }
    };
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let up = async {
        // The server hears of the client's end, and ends the connection.
        let _ = tokio::io::copy(&mut from_client, &mut to_server).await;
        let _ = to_server.shutdown().await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = up => {}
        _ = tokio::io::copy(&mut from_server, &mut to_client) => {}
    }
}

/// A Unix socket refuses connections beyond its backlog, while the server starts a process for each of those before.
async fn connect(socket: &Path) -> io::Result<UnixStream> {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        match UnixStream::connect(socket).await {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            other => return other,
        }
    }
}

/// Formats an error with its causes, and the help at the end.
fn in_full(error: &Error) -> String {
    let text = error.to_string();
    let (mut text, help) = text
        .split_once("\nhelp: ")
        .map_or((text.clone(), None), |(text, help)| (text.to_owned(), Some(help.to_owned())));
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        push(&mut text, ": ", error);
        cause = error.source();
    }
    if let Some(help) = help {
        push(&mut text, "\nhelp: ", &help);
    }
    text
}

fn push(text: &mut String, before: &str, what: &dyn Display) {
    text.push_str(before);
    text.push_str(&what.to_string());
}
