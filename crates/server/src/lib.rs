//! Serves an HTTP service to the open network or to a proxy: HTTP/1.1, and HTTP/2 without TLS.
//!
//! ```no_run
//! use nicol_server::{Limits, serve};
//!
//! # async fn run() -> std::io::Result<()> {
//! let app = axum::Router::new().route("/", axum::routing::get(async || "hello\n"));
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//! let stop = async {
//!     let _ = tokio::signal::ctrl_c().await;
//! };
//! serve(listener, app, Limits::for_this_process(), stop).await;
//! # Ok(()) }
//! ```
//!
//! ```text
//! accept ─► slot ─► connection ─┬─ watchdog: header timeout, idle timeout, slot needed ─► closed
//!                               └─ request + `Peer` ─► service
//! ```
//!
//! [`serve`] replaces `axum::serve` where clients are not trusted: that has no time limit for a request's header and
//! none for idle connections, no limit on the number of connections, and waits for the slowest client when it stops.
//! The service is any tower [`Service`], such as an axum `Router`.
//!
//! Three parts work with or without [`serve`]:
//!
//! - [`ClientAddress`] finds the client behind [`TrustedProxies`];
//! - [`RateLimiter`] counts requests by address;
//! - [`normalize_path`] gives each path one form before anything decides by it.
//!
//! It does not terminate TLS, which is the proxy's job, and reads no settings.

mod activity;
mod client_address;
mod connection;
mod limits;
mod network;
mod path;
mod peer;
mod proxies;
mod rate_limit;
mod slots;

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::{Body, Incoming};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::Service;

pub use client_address::ClientAddress;
pub use limits::Limits;
pub use path::normalize_path;
pub use peer::Peer;
pub use proxies::{ParseProxiesError, TrustedProxies};
pub use rate_limit::RateLimiter;

use slots::Slots;

/// Serves until `stop` completes, then finishes the requests in flight and returns.
///
/// When `stop` completes, the listener is closed at once, and so are idle connections and those that have not sent a
/// whole header. Requests in flight are not limited in time: to limit them, drop the future, which closes all
/// connections.
///
/// Errors of a single connection are logged at trace level. If connections cannot be accepted at all, such as for lack
/// of file descriptors, an error is logged and accepting is retried, at least once a second.
pub async fn serve<S, B>(listener: TcpListener, service: S, limits: Limits, stop: impl Future<Output = ()>)
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    serve_from(Tcp { listener, stall_timeout: limits.stall_timeout }, service, limits, stop).await;
}

/// A source of connections: the network, or memory in tests.
trait Listener {
    type Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static;

    /// Waits for the next connection.
    async fn accept(&self) -> (Self::Stream, SocketAddr);
}

async fn serve_from<L, S, B>(listener: L, service: S, limits: Limits, stop: impl Future<Output = ()>)
where
    L: Listener,
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let limits = Arc::new(limits);
    let slots = Slots::new(limits.clone());
    let (stopping, _) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    'serving: loop {
        let mut next = pin!(async {
            let (stream, peer) = listener.accept().await;
            (stream, peer, slots.acquire(peer.ip()).await)
        });
        // The end of another connection must not drop one that was accepted and waits for its slot.
        let (stream, peer, slot) = loop {
            tokio::select! {
                biased;
                () = &mut stop => break 'serving,
                Some(_) = connections.join_next() => {}
                accepted = &mut next => break accepted,
            }
        };
        let Some(slot) = slot else { continue };
        let (service, limits, stopping) = (service.clone(), limits.clone(), stopping.subscribe());
        connections.spawn(async move {
            connection::drive(stream, peer, service, &limits, &slot, stopping).await;
        });
    }
    // Refuse new connections at once instead of leaving them in the kernel's queue.
    drop(listener);
    stopping.send_replace(true);
    while connections.join_next().await.is_some() {}
}

struct Tcp {
    listener: TcpListener,
    stall_timeout: Duration,
}

impl Listener for Tcp {
    type Stream = TcpStream;

    async fn accept(&self) -> (TcpStream, SocketAddr) {
        const MAX_PAUSE: Duration = Duration::from_secs(1);
        let mut pause = Duration::from_millis(20);
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    set_options(&stream, self.stall_timeout);
                    return (stream, peer);
                }
                // Such an error belongs to one client. Others end when a file descriptor is released.
                Err(error) if is_connection_error(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "cannot accept connections");
                    tokio::time::sleep(pause).await;
                    pause = MAX_PAUSE.min(pause * 2);
                }
            }
        }
    }
}

fn is_connection_error(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

#[cfg_attr(not(target_os = "linux"), allow(unused_variables, reason = "only Linux has TCP_USER_TIMEOUT"))]
fn set_options(stream: &TcpStream, stall_timeout: Duration) {
    // Responses are written as a whole: waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    // Without this, Linux retries for a quarter of an hour, or for ever while the peer's kernel still acknowledges.
    #[cfg(target_os = "linux")]
    if let Ok(milliseconds) = stall_timeout.as_millis().try_into() {
        let _ = rustix::net::sockopt::set_tcp_user_timeout(stream, milliseconds);
    }
}

#[cfg(test)]
mod tests;
