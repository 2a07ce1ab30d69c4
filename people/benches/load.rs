//! Requests per second of the whole site, over HTTP, beside what the two layers below it do in the same run.
//!
//! ```sh
//! cargo bench -p people --bench load                 # among 10,000 people
//! cargo bench -p people --bench load -- 1000000
//! ```
//!
//! The client runs on one thread of the same machine, so that a third of what is measured is its own.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, reason = "a report for a terminal")]
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is counted here is far from the limits"
)]

#[path = "../tests/it/http_client.rs"]
#[allow(dead_code, reason = "shared with the tests, which use more of it")]
mod http_client;
#[path = "../tests/it/running.rs"]
#[allow(dead_code, reason = "shared with the tests, which use more of it")]
mod running;

use std::fs;
use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode};
use nicol_local::Lease;
use people::db::Client;
use serde_json::json;
use tokio::task::{LocalSet, spawn_local};

use crate::http_client::{HttpClient, beside, signed_in};
use crate::running::{Project, Running, people};

const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(4);
const CONNECTIONS: [usize; 2] = [1, 32];

/// What is asked for.
#[derive(Clone, Copy)]
enum Scenario {
    Nothing,
    List,
    Search,
    Person,
    Create,
}

impl Scenario {
    const ALL: [Self; 5] = [Self::Nothing, Self::List, Self::Search, Self::Person, Self::Create];

    fn name(self) -> &'static str {
        match self {
            Self::Nothing => "HTTP alone (/healthz)",
            Self::List => "list page",
            Self::Search => "search (a word, a letter, none)",
            Self::Person => "one person (page)",
            Self::Create => "create (API)",
        }
    }
}

fn main() {
    // Cargo passes `--bench`.
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(10_000_u64);
    let project = Project::new();
    let seeded = people(project.path()).args(["seed", "--count", &count.to_string()]).status().unwrap();
    assert!(seeded.success());
    let running = Running::start(project.path(), &[("RUST_LOG", "warn"), ("RATE_LIMIT", "off")]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (lease, db) = LocalSet::new().block_on(&runtime, report(&project, &running, count));
    running.stop();
    db.close();
    runtime.block_on(lease.release()).unwrap();
}

async fn report(project: &Project, running: &Running, count: u64) -> (Lease, Client) {
    let (lease, db) = beside(&project.local).await;
    let visitor = HttpClient::new(running.port, signed_in(&db, "load@example.com").await);
    let people = db.person().find_many().take(1000).await.unwrap();
    let ids: Vec<String> = people.into_iter().map(|person| person.id).collect();
    println!("\n{count} people, {} s each\n", MEASURED.as_secs());
    println!("| | connections | requests/s | p50 ms | p99 ms | memory MB |");
    println!("|---|---|---|---|---|---|");
    for connections in CONNECTIONS {
        let bare = bare(&lease, connections, &ids).await;
        print("two statements on bare tokio-postgres", connections, &bare, "");
        for scenario in Scenario::ALL {
            let tasks = (0..connections)
                .map(|n| spawn_local(visit(visitor.another(), scenario, n + connections * 100, ids.clone())));
            let latencies = gather(tasks.collect()).await;
            print(scenario.name(), connections, &latencies, &running.memory());
        }
    }
    (lease, db)
}

/// One connection's worth of requests, one after another; gives how long each took once it was warm.
async fn visit(mut http: HttpClient, scenario: Scenario, seed: usize, ids: Vec<String>) -> Vec<Duration> {
    const SEARCHES: [&str; 6] = ["smith", "a", "zoe", "jo+mi", "zzzz", "%2B44+20"];
    let began = Instant::now();
    let mut latencies = Vec::new();
    for n in seed.. {
        let (method, path, body, expected) = match scenario {
            Scenario::Nothing => (Method::GET, "/healthz".to_owned(), String::new(), StatusCode::OK),
            Scenario::List => (Method::GET, "/people".to_owned(), String::new(), StatusCode::OK),
            Scenario::Search => {
                let path = format!("/people?q={}", SEARCHES[n % SEARCHES.len()]);
                (Method::GET, path, String::new(), StatusCode::OK)
            }
            Scenario::Person => {
                let path = format!("/people/{}", ids[n * 7 % ids.len()]);
                (Method::GET, path, String::new(), StatusCode::OK)
            }
            Scenario::Create => {
                let email = format!("load-{seed}-{n}@example.com");
                let body = json!({ "name": "Load Test", "email": email, "phoneNumber": "+61 2 5550 1234" });
                (Method::POST, "/api/people".to_owned(), body.to_string(), StatusCode::CREATED)
            }
        };
        let headers: &[(&str, &str)] = match scenario {
            Scenario::Create => &[("content-type", "application/json")],
            _ => &[("accept", "text/html")],
        };
        let start = Instant::now();
        let answer = http.send(method, &path, headers, body).await.unwrap();
        let took = start.elapsed();
        assert_eq!(answer.status, expected, "{path}");
        if began.elapsed() > WARM_UP {
            latencies.push(took);
        }
        if began.elapsed() > WARM_UP + MEASURED {
            break;
        }
    }
    latencies
}

/// What the database alone takes for the session and one person.
async fn bare(lease: &Lease, connections: usize, ids: &[String]) -> Vec<Duration> {
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let (client, connection) = nicol_pg::connect(lease.url()).await.unwrap();
        spawn_local(connection);
        let ids = ids.to_vec();
        tasks.push(spawn_local(async move {
            let session = client
                .prepare(
                    "select * from sessions s join users u on u.id = s.user_id where s.session_token = $1",
                )
                .await
                .unwrap();
            let person = client.prepare("select * from people where id = $1").await.unwrap();
            let began = Instant::now();
            let mut latencies = Vec::new();
            for id in ids.iter().cycle() {
                let start = Instant::now();
                client.query(&session, &[&"session"]).await.unwrap();
                client.query(&person, &[id]).await.unwrap();
                if began.elapsed() > WARM_UP {
                    latencies.push(start.elapsed());
                }
                if began.elapsed() > WARM_UP + MEASURED {
                    break;
                }
            }
            latencies
        }));
    }
    gather(tasks).await
}

async fn gather(tasks: Vec<tokio::task::JoinHandle<Vec<Duration>>>) -> Vec<Duration> {
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.unwrap());
    }
    all.sort_unstable();
    all
}

fn print(name: &str, connections: usize, sorted: &[Duration], memory: &str) {
    let per_second = sorted.len() as f64 / MEASURED.as_secs_f64();
    let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    println!("| {name} | {connections} | {per_second:.0} | {:.2} | {:.2} | {memory} |", at(0.5), at(0.99));
}

impl Running {
    /// What the process holds of the machine's memory, in megabytes.
    fn memory(&self) -> String {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        let kilobytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        format!("{:.1}", kilobytes / 1024.0)
    }
}
