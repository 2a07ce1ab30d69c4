//! One connection, from its first byte to its last.

use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, Request, Version, header};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tower::ServiceExt as _;

use super::Limits;
use super::activity::{Answer, Verdict, Watched};
use super::places::Place;

/// The largest head of a request, in bytes, and how much of an answer waits to be sent.
const BUFFER: usize = 64 * 1024;

/// How many requests a client of HTTP/2 may have under way on one connection.
const STREAMS: u32 = 200;

/// How often a proxy is asked over HTTP/2 whether it is still there, and how long it has for the answer.
const PING: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(10));

/// Serves one client until it goes, is asked to go, or is cut off.
pub(super) async fn drive(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: &Limits,
    place: &Place,
    mut stopping: watch::Receiver<bool>,
) {
    // Answers are written as a whole: waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    // Without it the kernel tries for a quarter of an hour, or for ever while the client's kernel still answers. Other
    // systems than Linux have no such limit.
    #[cfg(target_os = "linux")]
    if let Ok(stall) = limits.stall.as_millis().try_into() {
        let _ = rustix::net::sockopt::set_tcp_user_timeout(&stream, stall);
    }
    let activity = &place.activity;
    let io = TokioIo::new(Watched { stream, activity: activity.clone() });
    let requests = activity.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        let under_way = requests.begin(request.version());
        let answer = router.clone().oneshot(prepare(request, peer));
        async move {
            let answer = answer.await?;
            Ok::<_, std::convert::Infallible>(answer.map(|body| Answer { body, under_way: Some(under_way) }))
        }
    });

    let builder = builder();
    let mut connection = pin!(builder.serve_connection(io, service));
    let mut is_leaving = false;
    loop {
        let verdict = tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::trace!(%error, "a connection ended early");
                }
                return;
            }
            _ = stopping.wait_for(|stopping| *stopping), if !is_leaving => Verdict::Leave,
            verdict = activity.room_wanted(), if !is_leaving => verdict,
            () = tokio::time::sleep(if is_leaving { limits.linger } else { limits.head } / 4) => activity.verdict(limits),
        };
        match verdict {
            Verdict::Cut => return,
            Verdict::Leave if !is_leaving => {
                is_leaving = true;
                activity.leave();
                connection.as_mut().graceful_shutdown();
            }
            Verdict::Keep | Verdict::Leave => {}
        }
    }
}

fn builder() -> Builder<TokioExecutor> {
    let (interval, timeout) = PING;
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // It would run between requests, too; the watchdog tells one from the other.
        .header_read_timeout(None)
        .max_buf_size(BUFFER);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(interval)
        .keep_alive_timeout(timeout)
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(BUFFER.try_into().unwrap_or(u32::MAX));
    builder
}

/// Adds who is at the other end, and what HTTP/1.1 calls the host.
fn prepare(request: Request<Incoming>, peer: SocketAddr) -> Request<Body> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    if request.version() == Version::HTTP_2
        && !request.headers().contains_key(header::HOST)
        && let Some(authority) = request.uri().authority()
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        request.headers_mut().insert(header::HOST, host);
    }
    request
}
