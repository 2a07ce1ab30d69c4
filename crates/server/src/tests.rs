//! The server over connections in memory and on tokio's paused clock, so that times are exact.

use futures_util::future::join_all;
use futures_util::stream;
use http::{HeaderMap, StatusCode, Version, header};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use axum::body::{Body, Bytes};
use axum::routing::{get, post};
use axum::{Extension, Router};

use super::*;

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
const HALF_A_POST: &[u8] = b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n0";

type Connection = (DuplexStream, SocketAddr);

struct Memory(Mutex<mpsc::UnboundedReceiver<Connection>>);

impl Listener for Memory {
    type Stream = DuplexStream;

    async fn accept(&self) -> Connection {
        match self.0.lock().await.recv().await {
            Some(connection) => connection,
            None => std::future::pending().await,
        }
    }
}

/// A server whose service responds at once, slowly, or in parts.
struct Server {
    connections: mpsc::UnboundedSender<Connection>,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
}

impl Server {
    fn start(limits: Limits) -> Self {
        let router = Router::new()
            .route("/", get(async || "hello"))
            .route("/peer", get(async |Extension(Peer(peer))| peer.to_string()))
            .route(
                "/host",
                get(async |headers: HeaderMap| headers[header::HOST].to_str().unwrap().to_owned()),
            )
            .route("/echo", post(async |body: Bytes| body))
            .route("/parts", get(async || Body::from_stream(stream::unfold(0, part))));
        let (connections, accepted) = mpsc::unbounded_channel();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(async move {
            serve_from(Memory(Mutex::new(accepted)), router, limits, async {
                let _ = stopped.await;
            })
            .await;
        });
        Self { connections, stop: Some(stop), serving }
    }

    fn connect(&self) -> DuplexStream {
        self.connect_from("192.0.2.1")
    }

    fn connect_from(&self, address: &str) -> DuplexStream {
        let (client, server) = duplex(64 * 1024);
        self.connections.send((server, (address.parse::<std::net::IpAddr>().unwrap(), 4711).into())).unwrap();
        client
    }

    fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Waits until the server has stopped; returns how long it took.
    async fn stopped(self) -> Duration {
        let began = Instant::now();
        self.serving.await.unwrap();
        began.elapsed()
    }
}

/// Eight parts, one every 100 ms.
async fn part(number: u32) -> Option<(Result<String, io::Error>, u32)> {
    sleep(Duration::from_millis(100)).await;
    (number < 8).then(|| (Ok(format!("part {number}\n")), number + 1))
}

/// Reads to the end of the connection; returns how long it took.
async fn rest(stream: &mut DuplexStream) -> (String, Duration) {
    let began = Instant::now();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    (String::from_utf8_lossy(&bytes).into_owned(), began.elapsed())
}

async fn response(stream: &mut DuplexStream) -> String {
    let mut bytes = vec![0; 4096];
    let count = stream.read(&mut bytes).await.unwrap();
    String::from_utf8_lossy(&bytes[..count]).into_owned()
}

/// Lets the server do all it can without time passing to the next limit.
async fn settle() {
    sleep(Duration::from_millis(1)).await;
}

/// A time limit is enforced when the watchdog looks, which is every quarter of the header timeout.
#[track_caller]
fn assert_enforced(took: Duration, limit: Duration) {
    let latest = limit + Limits::default().header_timeout / 4;
    assert!((limit..=latest).contains(&took), "{took:?} is not between {limit:?} and {latest:?}");
}

#[tokio::test(start_paused = true)]
async fn an_incomplete_header_times_out() {
    let server = Server::start(Limits::default());
    let half_a_header = b"GET / HTTP/1.1\r\nhost: local".as_slice();
    // The last is the start of HTTP/2, after which hyper waits without limit.
    for beginning in [b"".as_slice(), half_a_header, b"PRI * HTT", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut stream = server.connect();
        stream.write_all(beginning).await.unwrap();
        let (_, took) = rest(&mut stream).await;
        assert_enforced(took, Limits::default().header_timeout);
    }
}

#[tokio::test(start_paused = true)]
async fn a_header_that_comes_byte_by_byte_times_out() {
    let server = Server::start(Limits::default());
    let mut stream = server.connect();
    stream.write_all(GET).await.unwrap();
    assert!(response(&mut stream).await.ends_with("hello"));
    sleep(Limits::default().header_timeout * 2).await;
    stream.write_all(GET).await.unwrap();
    assert!(response(&mut stream).await.ends_with("hello"), "between requests the idle timeout applies");

    let began = Instant::now();
    stream.write_all(b"GET / HTTP/1.1\r\nx-filler: ").await.unwrap();
    while stream.write_all(b"x").await.is_ok() {
        sleep(Duration::from_millis(20)).await;
    }
    assert_enforced(began.elapsed(), Limits::default().header_timeout);
}

#[tokio::test(start_paused = true)]
async fn an_oversized_header_is_refused() {
    let server = Server::start(Limits::default());
    let mut stream = server.connect();
    let header = format!("GET / HTTP/1.1\r\nhost: x\r\nfiller: {}\r\n\r\n", "x".repeat(200_000));
    let _ = stream.write_all(header.as_bytes()).await;
    assert!(response(&mut stream).await.starts_with("HTTP/1.1 431"));
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_closed_in_order() {
    let server = Server::start(Limits::default());
    let mut stream = server.connect();
    stream.write_all(GET).await.unwrap();
    let (text, took) = rest(&mut stream).await;
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    assert_enforced(took, Limits::default().idle_timeout);
}

#[tokio::test(start_paused = true)]
async fn a_stop_finishes_requests_in_flight_and_closes_idle_connections_at_once() {
    let mut server = Server::start(Limits::default());
    let mut idle = server.connect();
    idle.write_all(GET).await.unwrap();
    response(&mut idle).await;
    let mut responding = server.connect();
    responding.write_all(b"GET /parts HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut parts = response(&mut responding).await;
    let mut sending = server.connect();
    sending.write_all(HALF_A_POST).await.unwrap();
    settle().await;

    server.stop();
    assert_eq!(rest(&mut idle).await, (String::new(), Duration::ZERO));
    assert!(server.connections.is_closed(), "no new connection is accepted");
    // Far longer than any limit.
    sleep(Duration::from_hours(1)).await;
    sending.write_all(b"1").await.unwrap();
    let (text, _) = rest(&mut sending).await;
    assert!(text.starts_with("HTTP/1.1 200") && text.ends_with("01"), "{text}");
    parts += &rest(&mut responding).await.0;
    assert!(parts.contains("part 7") && parts.ends_with("0\r\n\r\n"), "the response is complete: {parts}");
    assert_eq!(server.stopped().await, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_stop_does_not_wait_for_incomplete_headers() {
    let mut server = Server::start(Limits { header_timeout: Duration::from_mins(10), ..Limits::default() });
    let mut held = Vec::new();
    for beginning in [b"".as_slice(), b"GET / HTTP/1.1\r\nho", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut stream = server.connect();
        stream.write_all(beginning).await.unwrap();
        held.push(stream);
    }
    settle().await;
    server.stop();
    let took = server.stopped().await;
    assert!(took <= Limits::default().close_timeout * 2, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn connections_beyond_the_limit_wait_for_a_slot() {
    let server = Server::start(Limits { max_connections: 1, ..Limits::default() });
    let mut first = server.connect();
    first.write_all(HALF_A_POST).await.unwrap();
    settle().await;
    let mut second = server.connect();
    second.write_all(GET).await.unwrap();
    let early = timeout(Duration::from_hours(1), second.read_exact(&mut [0])).await;
    assert!(early.is_err(), "the only slot has a request in flight");
    drop(first);
    assert!(response(&mut second).await.ends_with("hello"));
}

#[tokio::test(start_paused = true)]
async fn idle_connections_give_way_to_new_ones() {
    let server = Server::start(Limits { max_connections: 8, max_per_address: 4, ..Limits::default() });
    let mut held = Vec::new();
    // Some have had a response, some have sent nothing, some half a header.
    for beginning in [GET, b"", b"GET / HTTP/1.1\r\nho"].iter().cycle().take(40) {
        let mut stream = server.connect();
        stream.write_all(beginning).await.unwrap();
        if *beginning == GET {
            assert!(response(&mut stream).await.ends_with("hello"), "{}", held.len());
        }
        settle().await;
        held.push(stream);
    }
    let open = held
        .iter_mut()
        .map(async |stream| timeout(Duration::from_secs(1), stream.read(&mut [0])).await.is_err());
    let open: Vec<bool> = join_all(open).await;
    let (closed, newest) = open.split_at(36);
    assert!(closed.iter().all(|open| !open) && newest.iter().all(|open| *open), "{open:?}");
}

#[tokio::test(start_paused = true)]
async fn an_address_with_a_request_on_each_of_its_connections_is_refused_another() {
    let server = Server::start(Limits { max_per_address: 1, ..Limits::default() });
    let mut first = server.connect();
    first.write_all(HALF_A_POST).await.unwrap();
    settle().await;
    assert_eq!(rest(&mut server.connect()).await, (String::new(), Duration::ZERO));
    let mut other = server.connect_from("192.0.2.2");
    other.write_all(GET).await.unwrap();
    assert!(response(&mut other).await.ends_with("hello"), "another address is served");
    first.write_all(b"1").await.unwrap();
    assert!(response(&mut first).await.ends_with("01"), "the request in flight is answered");
}

#[tokio::test(start_paused = true)]
async fn http2_works_without_tls() {
    let mut server = Server::start(Limits::default());
    let io = TokioIo::new(server.connect());
    let (client, connection) = http2::handshake::<_, _, Body>(TokioExecutor::new(), io).await.unwrap();
    let connection = tokio::spawn(connection);
    let ask = async |path: &str| {
        let request = Request::get(format!("http://localhost:3000{path}")).body(Body::empty()).unwrap();
        let response = client.clone().send_request(request).await.unwrap();
        assert_eq!((response.status(), response.version()), (StatusCode::OK, Version::HTTP_2));
        let body = axum::body::to_bytes(Body::new(response.into_body()), usize::MAX).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    };
    assert_eq!(ask("/host").await, "localhost:3000", "from `:authority`");
    assert_eq!(ask("/peer").await, "192.0.2.1:4711");
    let began = Instant::now();
    for body in join_all((0..50).map(|_| ask("/parts"))).await {
        assert_eq!(body.lines().count(), 8);
    }
    assert!(began.elapsed() < Duration::from_secs(2), "50 requests at once take as long as one");
    sleep(Limits::default().header_timeout * 2).await;
    assert_eq!(ask("/host").await, "localhost:3000", "the header timeout is not for HTTP/2");

    let (text, ()) = tokio::join!(ask("/parts"), async {
        sleep(Duration::from_millis(250)).await;
        server.stop();
    });
    assert_eq!(text.lines().count(), 8, "the request in flight is finished");
    assert!(server.stopped().await <= Limits::default().close_timeout * 2);
    drop(connection.await);
}
