//! Round trips, counted between the engine and the server. Those of Prisma 6.19.0 are its statements in the server's log with `BEGIN` and
//! `COMMIT`: it awaits each one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use testkit::TestDatabase;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};

use super::{ROWS, ask, database, engine};

/// Counts how often the client sends after the server has answered.
#[derive(Default)]
pub(super) struct Counter {
    pub(super) trips: AtomicUsize,
    pub(super) has_answered: AtomicBool,
}

/// How long an answer is held back: a request that arrives in several parts is whole by then, also on a busy machine, and counts once.
const WHOLE_REQUEST: Duration = Duration::from_millis(3);

/// Passes connections on to the server and returns the port.
async fn proxy(server: String, counter: Arc<Counter>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (client_reads, client_writes) = tokio::io::split(client);
            let (server_reads, server_writes) = tokio::io::split(connect(&server).await);
            let sent = counter.clone();
            tokio::spawn(copy(client_reads, server_writes, Duration::ZERO, move || {
                if sent.has_answered.swap(false, Ordering::SeqCst) {
                    sent.trips.fetch_add(1, Ordering::SeqCst);
                }
            }));
            let answered = counter.clone();
            tokio::spawn(copy(server_reads, client_writes, WHOLE_REQUEST, move || {
                answered.has_answered.store(true, Ordering::SeqCst);
            }));
        }
    });
    own
}

/// A connection over TCP or a socket of the file system.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

async fn connect(server: &str) -> Box<dyn Stream> {
    if server.starts_with('/') {
        Box::new(UnixStream::connect(server).await.unwrap())
    } else {
        Box::new(TcpStream::connect(server).await.unwrap())
    }
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    delay: Duration,
    note: impl Fn(),
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        tokio::time::sleep(delay).await;
        note();
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

/// Returns a URL of the database for one connection, and the counter of its round trips.
pub(super) async fn counted(database: &TestDatabase) -> (String, Arc<Counter>) {
    let counter = Arc::new(Counter::default());
    let direct = database.direct_url();
    let port = proxy(direct.hosts()[0].to_string(), counter.clone()).await;
    let url = direct.to_url_with_password();
    let (user, rest) = url.split_once('@').unwrap();
    let name = rest.split(['/', '?']).nth(1).unwrap();
    (format!("{user}@127.0.0.1:{port}/{name}?connection_limit=1"), counter)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_nested_write_takes_few_round_trips() {
    let database = database().await;
    let admin = database.connect().await;
    let (url, counter) = counted(&database).await;
    let engine = engine(&url);
    let cases: Vec<Value> = serde_json::from_str(include_str!("cases.json")).unwrap();
    let mut found = Vec::with_capacity(cases.len());
    for case in &cases {
        let mut trips = usize::MAX;
        // The first time, statements are prepared.
        for _ in 0..4 {
            admin.batch_execute(ROWS).await.unwrap();
            counter.has_answered.store(true, Ordering::SeqCst);
            let before = counter.trips.load(Ordering::SeqCst);
            let answer = ask(&engine, &case["request"]).await;
            assert!(answer.get("error").is_none(), "{}: {answer}", case["name"]);
            trips = trips.min(counter.trips.load(Ordering::SeqCst) - before);
        }
        found.push(json!([case["name"], trips, case["prisma"]]));
    }
    let expected = cases.iter().map(|case| json!([case["name"], case["roundTrips"], case["prisma"]]));
    assert_eq!(lines(&found), lines(&expected.collect::<Vec<_>>()));
}

/// Returns a case a line, so that differences stand out.
fn lines(cases: &[Value]) -> String {
    cases.iter().map(Value::to_string).collect::<Vec<_>>().join("\n")
}
