//! The loop that accepts connections and serves them: HTTP/1.1, and HTTP/2 without TLS for proxies that speak it.
//!
//! ```text
//! accept ─► place ─► connection ─┬─ watchdog: no head in time, nothing to do for long, room wanted ─► closed
//!                                └─ request + `ConnectInfo` ─► router
//! ```
//!
//! It is a loop of its own because `axum::serve` has no limit on how long a client may take to say what it wants, none
//! on the number of connections, and waits without end for the slowest client when it is asked to stop.
//!
//! What it does not do: TLS. That is the business of the proxy in front.

mod activity;
mod connection;
mod places;

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::config::TrustedProxies;
use places::Places;

/// How much one client, and all together, may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How many connections there are at once. Beyond that the idle ones make room; if there are none, more wait in the
    /// kernel's queue.
    pub connections: usize,
    /// How many of them one address (a network of IPv6) may have. Beyond that its own idle ones make room; if there are
    /// none, more are refused.
    pub per_address: usize,
    /// Whose addresses many people share, so that they have no such limit.
    pub shared: TrustedProxies,
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
            per_address: 1024,
            shared: TrustedProxies::default(),
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

    /// The usual limits, or fewer connections where the process may not have so many files. A quarter of them is for one
    /// address: an office or a proxy that nobody named may well be behind it, and others still have room.
    pub fn for_open_files(files: Option<u64>) -> Self {
        let usual = Self::default();
        let files = files.map_or(usize::MAX, |files| {
            usize::try_from(files.saturating_sub(Self::OTHER_FILES)).unwrap_or(usize::MAX)
        });
        let connections = usual.connections.min(files).max(16);
        Self { connections, per_address: connections / 4, ..usual }
    }
}

/// Serves until `stop` ends, and then until the requests under way are answered. Dropping the future cuts them off.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: impl Future<Output = ()>) {
    let limits = Arc::new(limits);
    let places = Places::new(limits.clone());
    let (stopping, _) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    'serving: loop {
        let mut next = pin!(async {
            let (stream, peer) = accept(&listener).await;
            (stream, peer, places.admit(peer.ip()).await)
        });
        // Whoever was accepted is not forgotten when another connection ends.
        let (stream, peer, place) = loop {
            tokio::select! {
                biased;
                () = &mut stop => break 'serving,
                Some(_) = connections.join_next() => {}
                accepted = &mut next => break accepted,
            }
        };
        let Some(place) = place else { continue };
        let (router, limits, stopping) = (router.clone(), limits.clone(), stopping.subscribe());
        connections.spawn(async move {
            connection::drive(stream, peer, router, &limits, &place, stopping).await;
        });
    }
    // Who connects from now on is refused at once instead of waiting for nobody.
    drop(listener);
    stopping.send_replace(true);
    while connections.join_next().await.is_some() {}
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_files_mean_fewer_connections() {
        for (files, connections) in
            [(None, 4096), (Some(1_048_576), 4096), (Some(1024), 896), (Some(64), 16), (Some(0), 16)]
        {
            let limits = Limits::for_open_files(files);
            assert_eq!((limits.connections, limits.per_address), (connections, connections / 4), "{files:?}");
        }
    }
}
