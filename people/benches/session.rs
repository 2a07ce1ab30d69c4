//! How fast a script learns who is signed in (`GET /api/auth/session`): People beside the Next.js application with
//! Auth.js, in one run, on one database, one process each.
//!
//! ```sh
//! cargo xtask bench
//! ```
//!
//! The client and PostgreSQL run on the same machine, and take their share of it.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, reason = "a report for a terminal")]
#![allow(clippy::cast_precision_loss, reason = "what is counted here is far from the limits")]

#[path = "../tests/it/guest.rs"]
#[allow(dead_code, reason = "shared with the tests, which use more of it")]
mod guest;
#[path = "../tests/it/http_client.rs"]
#[allow(dead_code, reason = "shared with the tests, which use more of it")]
mod http_client;
#[path = "../tests/interop/pair.rs"]
#[allow(dead_code, reason = "shared with the tests, which use more of it")]
mod pair;
#[path = "../tests/it/running.rs"]
#[allow(dead_code, reason = "shared with the tests, which use more of it")]
mod running;
#[path = "../tests/it/smtp_server.rs"]
#[allow(dead_code, reason = "shared with the tests, which use more of it")]
mod smtp_server;

use std::fs;
use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode};
use tokio::task::{LocalSet, spawn_local};

use crate::http_client::{HttpClient, signed_in};
use crate::pair::Pair;

const WARM_UP: Duration = Duration::from_secs(3);
const MEASURED: Duration = Duration::from_secs(8);
const CONNECTIONS: usize = 32;
const ROUNDS: usize = 3;

/// What one of the two did.
#[derive(Clone, Copy)]
struct Measure {
    per_second: f64,
    median: Duration,
    /// Of the server's process alone, for one request.
    processor: Duration,
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    // The servers are waited for in place, which only a runtime with threads allows.
    let pair = runtime.block_on(async { tokio::spawn(Pair::start()).await.unwrap() });
    let cookie = runtime.block_on(signed_in(&pair.ground.db, "load@example.com"));
    // Requests and their connections on one thread: two threads would talk to each other for each of them.
    let client = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    println!(
        "\nGET /api/auth/session, signed in, {CONNECTIONS} connections, {} s each\n",
        MEASURED.as_secs()
    );
    println!("| | requests/s | p50 ms | processor ms/request |");
    println!("|---|---|---|---|");
    let (mut people, mut next) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        for (name, port, pid, all) in [
            ("Auth.js on Next.js", pair.next.port, pair.pids()[1], &mut next),
            ("People", pair.people.port, pair.pids()[0], &mut people),
        ] {
            let measure = LocalSet::new().block_on(&client, measure(port, pid, &cookie));
            let Measure { per_second, median, processor } = measure;
            let (median, processor) = (median.as_secs_f64() * 1000.0, processor.as_secs_f64() * 1000.0);
            println!("| {name} | {per_second:.0} | {median:.2} | {processor:.3} |");
            all.push(measure);
        }
    }
    let (people, next) = (middle(people), middle(next));
    println!(
        "\nPeople answers {:.1} times as many requests, and needs {:.1} times less of a processor for each.",
        people.per_second / next.per_second,
        next.processor.as_secs_f64() / people.processor.as_secs_f64(),
    );
    runtime.block_on(async { drop(pair) });
}

async fn measure(port: u16, pid: u32, cookie: &str) -> Measure {
    let visit = async |length: Duration| {
        let tasks: Vec<_> =
            (0..CONNECTIONS).map(|_| spawn_local(visit(HttpClient::new(port, cookie), length))).collect();
        let mut latencies = Vec::new();
        for task in tasks {
            latencies.extend(task.await.unwrap());
        }
        latencies
    };
    visit(WARM_UP).await;
    let (began, used) = (Instant::now(), processor_time(pid));
    let mut latencies = visit(MEASURED).await;
    let (took, used) = (began.elapsed(), processor_time(pid).saturating_sub(used));
    latencies.sort_unstable();
    let count = latencies.len();
    Measure {
        per_second: count as f64 / took.as_secs_f64(),
        median: latencies[count / 2],
        processor: used.div_f64(count as f64),
    }
}

/// One connection's requests, one after another.
async fn visit(mut http: HttpClient, length: Duration) -> Vec<Duration> {
    let began = Instant::now();
    let mut latencies = Vec::new();
    while began.elapsed() < length {
        let start = Instant::now();
        let answer = http.send(Method::GET, "/api/auth/session", &[], String::new()).await.unwrap();
        latencies.push(start.elapsed());
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.body.starts_with(b"{\"user\""), "somebody is signed in");
    }
    latencies
}

/// What a process, with all its threads, has used of the processors: in hundredths of a second, says proc(5).
fn processor_time(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // The name, in parentheses, may hold anything; the times are the 14th and 15th of all.
    let fields = stat.rsplit(')').next().unwrap().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).map(|field| field.parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 10)
}

fn middle(mut measures: Vec<Measure>) -> Measure {
    measures.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    measures[measures.len() / 2]
}
