//! The server on real sockets, for what the kernel does.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::routing::get;
use axum::{Extension, Router};
use futures_util::stream;
use nicol_server::{Limits, Peer, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::timeout;

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// Ends a test that hangs; no test depends on how long anything takes.
const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_stop_closes_the_listener_before_any_connection() {
    let router = Router::new().route("/", get(async |Extension(Peer(peer))| peer.to_string()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, router, Limits::default(), async {
        let _ = stopped.await;
    }));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(GET).await.unwrap();
    let mut response = [0; 4096];
    let count = stream.read(&mut response).await.unwrap();
    let response = String::from_utf8_lossy(&response[..count]);
    let own: SocketAddr = stream.local_addr().unwrap();
    assert!(response.starts_with("HTTP/1.1 200") && response.ends_with(&own.to_string()), "{response}");

    stop.send(()).unwrap();
    let end = timeout(PATIENCE, stream.read(&mut [0])).await.expect("the idle connection is closed");
    assert_eq!(end.unwrap(), 0);
    assert!(TcpStream::connect(address).await.is_err(), "new connections are refused");
    timeout(PATIENCE, serving).await.expect("the server stops").unwrap();
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_client_that_does_not_read_times_out() {
    use std::sync::Arc;
    use tokio::sync::Notify;

    struct NotifyOnDrop(Arc<Notify>);

    impl Drop for NotifyOnDrop {
        fn drop(&mut self) {
            self.0.notify_one();
        }
    }

    let dropped = Arc::new(Notify::new());
    let notify = dropped.clone();
    let endless = get(async move || {
        let on_drop = NotifyOnDrop(notify.clone());
        Body::from_stream(stream::repeat_with(move || {
            let _ = &on_drop;
            Ok::<_, std::io::Error>(vec![0_u8; 64 * 1024])
        }))
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let limits = Limits { stall_timeout: Duration::from_secs(1), ..Limits::default() };
    tokio::spawn(serve(listener, Router::new().route("/", endless), limits, std::future::pending()));
    let mut stream = TcpStream::connect(address).await.unwrap();
    let began = Instant::now();
    stream.write_all(GET).await.unwrap();
    timeout(PATIENCE, dropped.notified()).await.expect("the response is given up");
    assert!(began.elapsed() > Duration::from_millis(900), "{:?}", began.elapsed());
}
