//! One connection, from its first byte to its last.

use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use http::{HeaderValue, Request, Response, Version, header};
use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tower::{Service, ServiceExt as _};

use crate::activity::{Tracked, Verdict, Watched};
use crate::slots::Slot;
use crate::{Limits, Peer};

/// The largest header of a request, and how much of a response is buffered, in bytes.
const BUFFER: usize = 64 * 1024;

/// Requests that an HTTP/2 client may have in flight on one connection.
const MAX_STREAMS: u32 = 200;

/// HTTP/2 pings find a peer that is gone: one every `PING_INTERVAL`, answered within `PING_TIMEOUT`.
const PING_INTERVAL: Duration = Duration::from_secs(20);
const PING_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves one client until the connection ends or is closed.
pub(crate) async fn drive<T, S, B>(
    stream: T,
    peer: SocketAddr,
    service: S,
    limits: &Limits,
    slot: &Slot,
    mut stopping: watch::Receiver<bool>,
) where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let activity = &slot.activity;
    let io = TokioIo::new(Watched { stream, activity: activity.clone() });
    let requests = activity.clone();
    let tracked = service_fn(move |request: Request<Incoming>| {
        let in_flight = requests.begin(request.version());
        let response = service.clone().oneshot(prepare(request, peer));
        async move {
            let track = |body| Tracked { body: Box::pin(body), in_flight: Some(in_flight) };
            response.await.map(|response| response.map(track))
        }
    });

    let builder = builder();
    let mut connection = pin!(builder.serve_connection(io, tracked));
    let mut is_closing = false;
    loop {
        let check_every = if is_closing { limits.close_timeout } else { limits.header_timeout } / 4;
        let verdict = tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::trace!(%error, "a connection ended early");
                }
                return;
            }
            _ = stopping.wait_for(|stopping| *stopping), if !is_closing => Verdict::Close,
            verdict = activity.slot_needed(), if !is_closing => verdict,
            () = tokio::time::sleep(check_every) => activity.verdict(limits),
        };
        match verdict {
            Verdict::Drop => return,
            Verdict::Close if !is_closing => {
                is_closing = true;
                activity.close();
                connection.as_mut().graceful_shutdown();
            }
            Verdict::Keep | Verdict::Close => {}
        }
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // hyper's own timeout also runs between requests; the watchdog tells the two apart.
        .header_read_timeout(None)
        .max_buf_size(BUFFER);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT)
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(BUFFER.try_into().unwrap_or(u32::MAX));
    builder
}

/// Adds the peer's address, and the `Host` header that HTTP/2 replaces by `:authority`.
fn prepare(mut request: Request<Incoming>, peer: SocketAddr) -> Request<Incoming> {
    request.extensions_mut().insert(Peer(peer));
    if request.version() == Version::HTTP_2
        && !request.headers().contains_key(header::HOST)
        && let Some(authority) = request.uri().authority()
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        request.headers_mut().insert(header::HOST, host);
    }
    request
}
