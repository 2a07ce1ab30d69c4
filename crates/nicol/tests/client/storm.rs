//! Writers under load while servers, poolers and networks fail: what is acknowledged is found. `cargo xtask test faults` runs all of it and
//! prints the rows of the table in `docs/connections.md`.

#![allow(clippy::print_stderr, reason = "the figures of a run are part of its result")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nicol::{Handle, Kind};
use nicol_migrate::catalog::Catalog;
use nicol_pg::ConnectionUrl;
use nicol_pg::tokio_postgres::Client as Session;
use testkit::{Pooler, Prepared, PrivateServer, Proxy, Standby, Stop};
use tokio::time::sleep;

use crate::db::{Client, post};
use crate::support::Database;

const WRITERS: i32 = 8;

/// Fewer than writers, so that some wait for the pool.
const PARAMETERS: [(&str, &str); 2] = [("connection_limit", "6"), ("pool_timeout", "30")];

/// Numbers with this remainder are written in a transaction that is not repeated.
const ONE_ATTEMPT: i32 = 2;

/// A second, before and after each fault.
const CALM: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Acknowledged,
    Uncertain,
    Failed,
}

struct Write {
    /// The rows that it adds have this number, which nothing else prevents from being written twice.
    number: i32,
    rows: i64,
    answer: Answer,
    text: String,
    at: Instant,
}

/// Adds a row, two in a batch, or two in a transaction with and without attempts, until it is over and the last was acknowledged.
async fn writer(db: Client, number: i32, over: Arc<AtomicBool>) -> Vec<Write> {
    let mut log = Vec::new();
    for number in number * 1_000_000.. {
        let is_last = over.load(Ordering::Relaxed);
        let add = |db: &Client| db.post().create(post::New {}).views(number);
        let (rows, result) = match number % 4 {
            0 => (1, add(&db).await.map(drop)),
            1 => (2, db.batch((add(&db), add(&db))).await.map(drop)),
            remainder => {
                let attempts = if remainder == ONE_ATTEMPT { 0 } else { 3 };
                let body = async |tx: Client| {
                    add(&tx).await?;
                    add(&tx).await
                };
                (2, db.transaction().retry(attempts).run(body).await.map(drop))
            }
        };
        let answer = match &result {
            Ok(()) => Answer::Acknowledged,
            Err(error) if error.is_uncertain() => Answer::Uncertain,
            Err(error) => {
                // Everything else is repeated until it is done.
                let is_limited = number % 4 > ONE_ATTEMPT && *error.kind() == Kind::Timeout;
                assert!(error.is_unavailable() && (number % 4 == ONE_ATTEMPT || is_limited), "{error:?}");
                Answer::Failed
            }
        };
        let text = result.err().map(|error| format!("{error:?}")).unwrap_or_default();
        log.push(Write { number, rows, answer, text, at: Instant::now() });
        if is_last && answer == Answer::Acknowledged {
            break;
        }
        sleep(Duration::from_millis(3)).await;
    }
    log
}

/// Lets writers work while something fails. `fault` returns a direct connection to the server that has the rows afterwards.
async fn storm(
    title: &str,
    url: &ConnectionUrl,
    parameters: &[(&str, &str)],
    fault: impl AsyncFnOnce() -> Session,
) {
    let mut url = url.clone();
    for (name, value) in PARAMETERS.iter().chain(parameters) {
        url = url.with_parameter(name, value).unwrap();
    }
    let db = Client::from_client(nicol::Client::connect(&url.to_url_with_password()).await.unwrap());
    let over = Arc::new(AtomicBool::new(false));
    let start = Instant::now();
    let writers: Vec<_> =
        (0..WRITERS).map(|number| tokio::spawn(writer(db.clone(), number, Arc::clone(&over)))).collect();
    sleep(CALM).await;
    let session = fault().await;
    sleep(CALM).await;
    over.store(true, Ordering::Relaxed);
    let mut logs = Vec::new();
    for writer in writers {
        logs.push(writer.await.unwrap());
    }
    db.close();

    // Waits for writes whose answer nobody waits for.
    session.batch_execute("begin; lock table \"Post\" in exclusive mode; commit").await.unwrap();
    let rows = session.query("select views, count(*) from \"Post\" group by 1", &[]).await.unwrap();
    let mut found: BTreeMap<i32, i64> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let (mut acknowledged, mut uncertain, mut uncertain_found, mut failed) = (0, 0, 0, 0);
    let mut gap = Duration::ZERO;
    for log in &logs {
        let mut last = start;
        for write in log {
            let rows = found.remove(&write.number).unwrap_or_default();
            let place = format!("{title}, {}: {rows} of {} rows, {}", write.number, write.rows, write.text);
            assert!(rows == 0 || rows == write.rows, "{place}");
            match write.answer {
                Answer::Acknowledged => {
                    assert_eq!(rows, write.rows, "{place}");
                    acknowledged += 1;
                    gap = gap.max(write.at - last);
                    last = write.at;
                }
                Answer::Uncertain => {
                    uncertain += 1;
                    uncertain_found += i32::from(rows > 0);
                }
                Answer::Failed => {
                    assert_eq!(rows, 0, "{place}");
                    failed += 1;
                }
            }
        }
    }
    assert!(found.is_empty(), "{title}: nobody wrote {found:?}");
    assert!(acknowledged > WRITERS, "{title}: there was work to disturb");
    let rate = 100.0 * f64::from(failed) / f64::from(acknowledged + uncertain + failed);
    let gap = gap.as_secs_f64();
    eprintln!(
        "| {title} | {acknowledged} | {uncertain} ({uncertain_found}) | {failed} ({rate:.1} %) | {gap:.1} s |"
    );
}

async fn make_tables(session: &Session) {
    let schema = nicol_schema::validate(include_str!("schema.prisma")).schema.unwrap();
    let script = nicol_migrate::plan(&Catalog::default(), &nicol_migrate::from_model(&schema)).script();
    session.batch_execute(&script).await.unwrap();
}

async fn cut_at_random(times: usize) {
    let test = Database::new().await;
    let proxy = Proxy::start(&test.server.direct_url()).await;
    let url = ConnectionUrl::parse(&proxy.url_text()).unwrap();
    storm(&format!("{times} connections are cut at random"), &url, &[], async || {
        for _ in 0..times {
            proxy.cut_one(rand::random_range(0..1000));
            sleep(Duration::from_millis(rand::random_range(0..20))).await;
        }
        test.server.connect().await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_few_connections_are_cut_at_random() {
    cut_at_random(30).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_connections_are_cut_at_random() {
    cut_at_random(500).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pgbouncer_restarts() {
    for prepared in [Prepared::Lost, Prepared::Kept] {
        let test = Database::new().await;
        let mut pooler = Pooler::start(&test.server.direct_url(), prepared, &[]).await;
        let (title, url) = (format!("PgBouncer restarts 5 times ({prepared:?})"), pooler.url().clone());
        storm(&title, &url, &[("pgbouncer", "true")], async || {
            for _ in 0..5 {
                pooler.restart().await;
                sleep(CALM / 2).await;
            }
            test.server.connect().await
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_restarts() {
    for how in [Stop::Fast, Stop::Immediate] {
        let mut server = PrivateServer::start(&[("synchronous_commit", "on")]).await;
        make_tables(&server.connect().await).await;
        let url = server.url().clone();
        storm(&format!("PostgreSQL restarts 3 times ({how:?})"), &url, &[], async || {
            for _ in 0..3 {
                server.restart(how).await;
                sleep(CALM / 2).await;
            }
            server.connect().await
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_restarts_behind_pgbouncer() {
    for how in [Stop::Fast, Stop::Immediate] {
        let mut server = PrivateServer::start(&[("synchronous_commit", "on")]).await;
        make_tables(&server.connect().await).await;
        let pooler = Pooler::start(server.url(), Prepared::Kept, &[("server_login_retry", "1")]).await;
        storm(&format!("PostgreSQL restarts behind PgBouncer ({how:?})"), pooler.url(), &[], async || {
            server.restart(how).await;
            sleep(CALM).await;
            server.connect().await
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_is_away_for_seconds() {
    let mut server = PrivateServer::start(&[("synchronous_commit", "on")]).await;
    make_tables(&server.connect().await).await;
    let url = server.url().clone();
    storm("PostgreSQL is stopped for 5 s", &url, &[], async || {
        server.stop(Stop::Fast).await;
        sleep(5 * CALM).await;
        server.restart(Stop::Fast).await;
        server.connect().await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_primary_is_killed_and_the_standby_promoted() {
    for parameters in [&[][..], &[("target_session_attrs", "read-write")]] {
        let mut servers = Standby::start(&[]).await;
        servers.make_synchronous().await;
        make_tables(&servers.primary().connect().await).await;
        let title = match parameters {
            [] => "the primary is killed, the standby promoted after 2 s".to_owned(),
            [(name, value), ..] => format!("the same with `{name}={value}`"),
        };
        let url = servers.urls();
        storm(&title, &url, parameters, async || {
            servers.kill_primary();
            sleep(2 * CALM).await;
            servers.promote().await;
            servers.standby().connect().await
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_primary_is_killed_and_its_name_is_given_to_the_standby() {
    let mut servers = Standby::start(&[]).await;
    servers.make_synchronous().await;
    make_tables(&servers.primary().connect().await).await;
    let proxy = Proxy::start(&servers.primary().tcp_url()).await;
    let url = ConnectionUrl::parse(&proxy.url_text()).unwrap();
    // Without it, writes fail after a second attempt until the standby is promoted.
    let parameters = [("target_session_attrs", "read-write")];
    storm(
        "the same with one host, whose name moves 1 s before the promotion",
        &url,
        &parameters,
        async || {
            servers.kill_primary();
            sleep(CALM).await;
            proxy.lead_to(&servers.standby().tcp_url());
            sleep(CALM).await;
            servers.promote().await;
            servers.standby().connect().await
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_network_swallows_everything() {
    let test = Database::new().await;
    let proxy = Proxy::start(&test.server.direct_url()).await;
    let url = ConnectionUrl::parse(&proxy.url_text()).unwrap();
    storm(
        "the network swallows everything for 3 s, `socket_timeout=1`",
        &url,
        &[("socket_timeout", "1")],
        async || {
            proxy.black_hole(true);
            sleep(3 * CALM).await;
            proxy.black_hole(false);
            sleep(CALM).await;
            test.server.connect().await
        },
    )
    .await;
}
