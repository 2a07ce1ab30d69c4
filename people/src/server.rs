//! The loop that accepts connections and serves them: HTTP/1.1, and HTTP/2 without TLS for proxies that speak it.
//!
//! ```text
//! accept ─► permit ─► connection ─┬─ watchdog: no head in time, nothing to do for long ─► closed
//!                                 └─ request + `ConnectInfo` ─► router
//! ```
//!
//! It is a loop of its own because `axum::serve` has no limit on how long a client may take to say what it wants, none
//! on the number of connections, and waits without end for the slowest client when it is asked to stop.
//!
//! What it does not do: TLS. That is the business of the proxy in front.

mod activity;
mod connection;

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

/// How much one client, and all together, may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many connections there are at once; more wait in the kernel's queue.
    pub connections: usize,
    /// How long a client may take until its request is complete up to the body.
    pub head: Duration,
    /// How long a connection is kept on which nothing is asked.
    pub idle: Duration,
    /// How long a client may take none of what it is sent, be it gone without a word or just not reading.
    pub stall: Duration,
    /// How long is waited, when stopping or closing, for what is no request yet and for the rest of an answer.
    pub linger: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            head: Duration::from_secs(10),
            // Longer than the usual proxy keeps its own, so that it never sends into a connection that is closing.
            idle: Duration::from_secs(75),
            stall: Duration::from_mins(2),
            linger: Duration::from_secs(2),
        }
    }
}

impl Limits {
    /// Files that are no connections of browsers: the database, the log, the listeners.
    const OTHER_FILES: u64 = 128;

    /// The usual limits, or fewer connections where the process may not have so many files.
    pub fn for_open_files(files: Option<u64>) -> Self {
        let usual = Self::default();
        let files = files.map_or(usize::MAX, |files| {
            usize::try_from(files.saturating_sub(Self::OTHER_FILES)).unwrap_or(usize::MAX)
        });
        Self { connections: usual.connections.min(files).max(16), ..usual }
    }
}

/// Serves until `stop` ends, and then until the requests under way are answered. Dropping the future cuts them off.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: impl Future<Output = ()>) {
    let permits = Arc::new(Semaphore::new(limits.connections));
    let (stopping, _) = watch::channel(false);
    let mut full = Full::default();
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let next = async {
            if permits.available_permits() == 0 {
                full.warn(limits.connections);
            }
            (permit(&permits).await, accept(&listener).await)
        };
        let (permit, (stream, peer)) = tokio::select! {
            biased;
            () = &mut stop => break,
            Some(_) = connections.join_next() => continue,
            accepted = next => accepted,
        };
        let (router, stopping) = (router.clone(), stopping.subscribe());
        connections.spawn(async move {
            connection::drive(stream, peer, router, limits, stopping).await;
            drop(permit);
        });
    }
    // Who connects from now on is refused at once instead of waiting for nobody.
    drop(listener);
    stopping.send_replace(true);
    while connections.join_next().await.is_some() {}
}

/// Leave for one more connection.
async fn permit(permits: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    permits.clone().acquire_owned().await.expect("nobody closes the semaphore")
}

/// The next connection. Errors of one connection are that client's; others pass when somebody gives a file back.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    const LONGEST: Duration = Duration::from_secs(1);
    let mut pause = Duration::from_millis(20);
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                tokio::time::sleep(pause).await;
                pause = LONGEST.min(pause * 2);
            }
        }
    }
}

fn is_of_the_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

/// Says that all connections are taken, once a minute at most.
#[derive(Default)]
struct Full(Option<Instant>);

impl Full {
    fn warn(&mut self, connections: usize) {
        if self.0.is_none_or(|last| last.elapsed() > Duration::from_mins(1)) {
            self.0 = Some(Instant::now());
            tracing::warn!(connections, "all connections are taken; others wait");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_files_mean_fewer_connections() {
        for (files, connections) in
            [(None, 4096), (Some(1_048_576), 4096), (Some(1024), 896), (Some(64), 16), (Some(0), 16)]
        {
            assert_eq!(Limits::for_open_files(files).connections, connections, "{files:?}");
        }
    }
}
