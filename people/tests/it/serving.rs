//! The loop that serves connections, spoken to byte by byte.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::routing::{get, post};
use futures_util::future::join_all;
use futures_util::stream;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use people::server::{Limits, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
const PATIENCE: Duration = Duration::from_secs(20);

/// A server with short limits, and a site that answers at once, slowly, or in parts.
struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
}

impl Server {
    async fn start(limits: Limits) -> Self {
        let router = Router::new()
            .route("/", get(async || "well"))
            .route("/peer", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.to_string()))
            .route(
                "/host",
                get(async |headers: HeaderMap| headers[header::HOST].to_str().unwrap().to_owned()),
            )
            .route("/echo", post(async |body: Bytes| body))
            .route("/parts", get(async || Body::from_stream(stream::unfold(0, part))));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(async move {
            serve(listener, router, limits, async {
                let _ = stopped.await;
            })
            .await;
        });
        Self { address, stop: Some(stop), serving }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Waits until everything has come to an end, and says how long it took.
    async fn ended(self) -> Duration {
        let began = Instant::now();
        timeout(PATIENCE, self.serving).await.expect("it stops").unwrap();
        began.elapsed()
    }
}

async fn part(number: u32) -> Option<(Result<String, std::io::Error>, u32)> {
    sleep(Duration::from_millis(100)).await;
    (number < 8).then(|| (Ok(format!("part {number}\n")), number + 1))
}

fn short() -> Limits {
    let (head, idle) = (Duration::from_millis(400), Duration::from_mins(1));
    Limits { head, idle, linger: Duration::from_millis(300), ..Limits::default() }
}

/// Everything until the end of the connection, and how long that took.
async fn rest(stream: &mut TcpStream) -> (String, Duration) {
    let began = Instant::now();
    let mut bytes = Vec::new();
    // A reset ends it as well.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the connection ends");
    (String::from_utf8_lossy(&bytes).into_owned(), began.elapsed())
}

async fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = vec![0; 4096];
    let count = timeout(PATIENCE, stream.read(&mut bytes)).await.expect("there is an answer").unwrap();
    String::from_utf8_lossy(&bytes[..count]).into_owned()
}

#[tokio::test]
async fn who_does_not_say_what_is_wanted_is_cut_off() {
    let server = Server::start(short()).await;
    let half_a_head = b"GET / HTTP/1.1\r\nhost: local".as_slice();
    // The last is the beginning of HTTP/2, which might be waited for without end.
    for beginning in [b"".as_slice(), half_a_head, b"PRI * HTT", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut stream = server.connect().await;
        stream.write_all(beginning).await.unwrap();
        let (_, took) = rest(&mut stream).await;
        assert!(took < Duration::from_secs(2), "{:?}: {took:?}", String::from_utf8_lossy(beginning));
    }
}

#[tokio::test]
async fn a_byte_now_and_then_does_not_help() {
    let server = Server::start(short()).await;
    let mut stream = server.connect().await;
    stream.write_all(GET).await.unwrap();
    assert!(answer(&mut stream).await.ends_with("well"));
    // Between requests there is more time than within one.
    sleep(Duration::from_millis(900)).await;
    stream.write_all(GET).await.unwrap();
    assert!(answer(&mut stream).await.ends_with("well"), "the connection was kept open");

    let began = Instant::now();
    let mut sent = b"GET / HTTP/1.1\r\nx-filler: ".to_vec();
    sent.resize(10_000, b'x');
    for byte in sent {
        if stream.write_all(&[byte]).await.is_err() {
            break;
        }
        sleep(Duration::from_millis(20)).await;
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn an_oversized_head_is_refused() {
    let server = Server::start(Limits::default()).await;
    let mut stream = server.connect().await;
    let head = format!("GET / HTTP/1.1\r\nhost: x\r\nfiller: {}\r\n\r\n", "x".repeat(200_000));
    let _ = stream.write_all(head.as_bytes()).await;
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 431"));
}

#[tokio::test]
async fn who_asks_nothing_for_long_is_let_go() {
    let server = Server::start(Limits { idle: Duration::from_millis(300), ..short() }).await;
    let mut stream = server.connect().await;
    stream.write_all(GET).await.unwrap();
    let (text, took) = rest(&mut stream).await;
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    assert!((Duration::from_millis(200)..Duration::from_secs(3)).contains(&took), "{took:?}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn who_does_not_take_the_answer_is_cut_off() {
    let (began, dropped) = (Instant::now(), std::sync::Arc::new(tokio::sync::Notify::new()));
    let gone = dropped.clone();
    let flood = Router::new().route(
        "/",
        get(async move || {
            let told = NotifyOnDrop(gone.clone());
            Body::from_stream(stream::repeat_with(move || {
                let _ = &told;
                Ok::<_, std::io::Error>(vec![0_u8; 64 * 1024])
            }))
        }),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let limits = Limits { stall: Duration::from_secs(1), ..Limits::default() };
    tokio::spawn(serve(listener, flood, limits, std::future::pending()));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(GET).await.unwrap();
    timeout(PATIENCE, dropped.notified()).await.expect("the answer is given up");
    assert!(began.elapsed() > Duration::from_millis(900), "{:?}", began.elapsed());
}

#[cfg(target_os = "linux")]
struct NotifyOnDrop(std::sync::Arc<tokio::sync::Notify>);

#[cfg(target_os = "linux")]
impl Drop for NotifyOnDrop {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[tokio::test]
async fn requests_under_way_are_finished_and_idle_connections_closed_at_once() {
    let mut server = Server::start(Limits { linger: Duration::from_secs(10), ..Limits::default() }).await;
    let mut idle = server.connect().await;
    idle.write_all(GET).await.unwrap();
    answer(&mut idle).await;
    let mut answering = server.connect().await;
    answering.write_all(b"GET /parts HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut begun = answer(&mut answering).await;
    let mut sending = server.connect().await;
    sending.write_all(b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n01234").await.unwrap();
    sleep(Duration::from_millis(100)).await;

    server.stop();
    let (text, took) = rest(&mut idle).await;
    assert!(text.is_empty() && took < Duration::from_millis(700), "{took:?}: {text}");
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody new is let in");
    sending.write_all(b"56789").await.unwrap();
    let (text, _) = rest(&mut sending).await;
    assert!(text.starts_with("HTTP/1.1 200") && text.ends_with("0123456789"), "{text}");
    begun += &rest(&mut answering).await.0;
    assert!(begun.contains("part 7") && begun.ends_with("0\r\n\r\n"), "the answer is whole: {begun}");
    let took = server.ended().await;
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[tokio::test]
async fn half_open_connections_do_not_hold_up_the_end() {
    let mut server = Server::start(Limits { head: Duration::from_mins(10), ..short() }).await;
    let mut held = Vec::new();
    for beginning in [b"".as_slice(), b"GET / HTTP/1.1\r\nho", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut stream = server.connect().await;
        stream.write_all(beginning).await.unwrap();
        held.push(stream);
    }
    sleep(Duration::from_millis(100)).await;
    server.stop();
    let took = server.ended().await;
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[tokio::test]
async fn more_connections_than_there_may_be_wait_for_their_turn() {
    let server = Server::start(Limits { connections: 1, ..Limits::default() }).await;
    let mut first = server.connect().await;
    first.write_all(b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n0").await.unwrap();
    sleep(Duration::from_millis(100)).await;
    let mut second = server.connect().await;
    second.write_all(GET).await.unwrap();
    let mut byte = [0];
    let early = timeout(Duration::from_millis(300), second.read_exact(&mut byte)).await;
    assert!(early.is_err(), "it is not served yet");
    drop(first);
    assert!(answer(&mut second).await.ends_with("well"));
}

#[tokio::test]
async fn idle_connections_make_room_for_whoever_comes() {
    let server = Server::start(Limits { connections: 8, per_address: 4, ..Limits::default() }).await;
    let mut held = Vec::new();
    // Some have been served, some have said nothing, some half of it.
    for beginning in [GET, b"", b"GET / HTTP/1.1\r\nho"].iter().cycle().take(40) {
        let mut stream = server.connect().await;
        stream.write_all(beginning).await.unwrap();
        if *beginning == GET {
            assert!(answer(&mut stream).await.ends_with("well"), "{}", held.len());
        }
        held.push(stream);
    }
    let open = join_all(
        held.iter_mut()
            .map(async |stream| timeout(Duration::from_millis(500), stream.read(&mut [0])).await.is_err()),
    );
    let open: Vec<bool> = open.await;
    assert!(open.iter().filter(|open| **open).count() <= 4, "the oldest were closed: {open:?}");
    assert!(open.ends_with(&[true]), "the newest was not");
}

#[tokio::test]
async fn an_address_with_a_request_on_each_connection_is_refused_one_more() {
    let server = Server::start(Limits { per_address: 1, ..Limits::default() }).await;
    let mut first = server.connect().await;
    first.write_all(b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n0").await.unwrap();
    sleep(Duration::from_millis(100)).await;
    let mut second = server.connect().await;
    let (text, took) = rest(&mut second).await;
    assert!(text.is_empty() && took < Duration::from_secs(2), "{took:?}: {text}");
    let other = tokio::net::TcpSocket::new_v4().unwrap();
    other.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut other = other.connect(server.address).await.unwrap();
    other.write_all(GET).await.unwrap();
    assert!(answer(&mut other).await.ends_with("well"), "another address is served");
    first.write_all(b"1").await.unwrap();
    assert!(answer(&mut first).await.ends_with("01"), "and what was under way is answered");
}

#[tokio::test]
async fn proxies_may_speak_http2_without_tls() {
    let mut server = Server::start(short()).await;
    let client: Client<_, Body> = Client::builder(TokioExecutor::new()).http2_only(true).build_http();
    let ask = async |path: &str| {
        let uri = format!("http://{}{path}", server.address);
        let response = client.request(Request::get(uri).body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!((response.status(), response.version()), (StatusCode::OK, axum::http::Version::HTTP_2));
        let body = axum::body::to_bytes(Body::new(response.into_body()), usize::MAX).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    };
    assert_eq!(ask("/host").await, server.address.to_string(), "HTTP/2 calls it `:authority`");
    let peer = ask("/peer").await;
    assert!(peer.starts_with("127.0.0.1:"), "{peer}");
    let began = Instant::now();
    for answer in join_all((0..50).map(|_| ask("/parts"))).await {
        assert_eq!(answer.lines().count(), 8);
    }
    assert!(began.elapsed() < Duration::from_secs(8), "they are answered side by side");
    assert_eq!(ask("/peer").await, peer, "and all on one connection, which outlives the time for a head");

    // What is under way when the end comes is finished.
    let under_way = ask("/parts");
    let (text, ()) = tokio::join!(under_way, async {
        sleep(Duration::from_millis(250)).await;
        server.stop.take().unwrap().send(()).unwrap();
    });
    assert_eq!(text.lines().count(), 8);
    let took = server.ended().await;
    assert!(took < Duration::from_secs(3), "{took:?}");
}
