//! Servers that sleep when they are idle, and wake for the next connection, with real clients.
//!
//! The keeper is this program again, as [`keeper`] with its project in the environment.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use nicol_local::{Options, Status, acquire, start, state_dir, status, stop};
use nicol_pg::ConnectionUrl;
use nicol_pg::tokio_postgres::NoTls;
use nicol_pg::url::Address;
use support::{Project, is_alive, is_running, kill, options, query, run_as_ordinary_user};

/// Not a test by itself: the keeper. It does nothing unless it is told of a project.
#[tokio::test]
async fn keeper() {
    let Some(folder) = std::env::var_os("NICOL_LOCAL_TEST_PROJECT") else { return };
    let home = std::env::var_os("NICOL_LOCAL_TEST_HOME").unwrap();
    nicol_local::keep(&options(Path::new(&folder), Path::new(&home))).await.unwrap();
}

/// Options with which a server sleeps after `ms` milliseconds.
fn sleepy(project: &Project, ms: u64) -> Options {
    let mut options = project.options();
    options.idle_timeout = Some(Duration::from_millis(ms));
    options.keeper = vec![
        "/usr/bin/env".into(),
        format!("NICOL_LOCAL_TEST_PROJECT={}", project.folder.display()).into(),
        format!("NICOL_LOCAL_TEST_HOME={}", project.dir.path().display()).into(),
        std::env::current_exe().unwrap().into(),
        "--exact".into(),
        "keeper".into(),
    ];
    options
}

async fn wait_until_asleep(options: &Options) {
    while !matches!(status(options).await.unwrap(), Status::Asleep { .. }) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn server(options: &Options) -> u32 {
    let Status::Running { pid, .. } = status(options).await.unwrap() else { panic!("not running") };
    pid
}

fn keeper_pid(options: &Options) -> u32 {
    fs::read_to_string(state_dir(options).unwrap().join("keeper")).unwrap().trim().parse().unwrap()
}

fn log(options: &Options) -> String {
    fs::read_to_string(state_dir(options).unwrap().join("keeper.log")).unwrap()
}

fn folder(url: &ConnectionUrl) -> PathBuf {
    let Address::Socket(folder) = &url.hosts()[0].address else { panic!("{url}") };
    folder.clone()
}

fn socket(url: &ConnectionUrl) -> PathBuf {
    folder(url).join(".s.PGSQL.5432")
}

/// Runs psql with its output, and with its error if it fails.
fn psql(url: &ConnectionUrl, sql: &str) -> Result<String, String> {
    let program = nicol_local::program(&Options::new("."), "psql").unwrap();
    let output = Command::new(program)
        .args([&url.to_url_with_password(), "-XAtc", sql])
        .current_dir("/")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap().trim().to_owned();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

#[tokio::test]
async fn an_idle_server_sleeps_until_the_next_connection() {
    let project = Project::new("app");
    let options = sleepy(&project, 100);
    let url = start(&options, |_| {}).await.unwrap();
    query(&url, "create table t as select g as n from generate_series(1, 1000) g").await;
    let first = server(&options).await;
    wait_until_asleep(&options).await;
    while is_alive(first) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    // libpq, and the client of this crate.
    assert_eq!(psql(&url, "select count(*) from t").unwrap(), "1000");
    assert_ne!(server(&options).await, first);
    wait_until_asleep(&options).await;
    assert_eq!(query(&url, "select count(*) from t").await, "1000");

    // A connection keeps it awake, one that came through the keeper as well as a direct one.
    wait_until_asleep(&options).await;
    let (relayed, connection) = nicol_pg::connect(&url).await.unwrap();
    tokio::spawn(connection);
    let awake = server(&options).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(server(&options).await, awake);
    let (direct, connection) = nicol_pg::connect(&url).await.unwrap();
    tokio::spawn(connection);
    drop(relayed);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(server(&options).await, awake);

    // A lease does not. It wakes the server, and is valid while the server sleeps.
    drop(direct);
    wait_until_asleep(&options).await;
    let lease = acquire(&options, |_| {}).await.unwrap();
    assert_eq!(*lease.url(), url);
    wait_until_asleep(&options).await;
    let Status::Asleep { in_use, .. } = status(&options).await.unwrap() else { panic!() };
    assert!(in_use);
    assert_eq!(query(lease.url(), "select count(*) from t").await, "1000");
    lease.release().await.unwrap();

    // Stopped is stopped.
    wait_until_asleep(&options).await;
    let keeper = keeper_pid(&options);
    assert!(stop(&options).await.unwrap());
    assert!(!is_alive(keeper) && !folder(&url).exists());
    assert!(!stop(&options).await.unwrap());
    assert!(matches!(status(&options).await.unwrap(), Status::Stopped { .. }));
    assert!(nicol_pg::connect(&url).await.is_err());
}

#[tokio::test]
async fn many_clients_wake_a_server_together() {
    let (one, two) = (Project::new("app"), Project::new("app"));
    let (one, two) = (sleepy(&one, 100), sleepy(&two, 100));
    let url = start(&one, |_| {}).await.unwrap();
    let other = start(&two, |_| {}).await.unwrap();
    query(&url, "create table t as select 1 as n").await;
    wait_until_asleep(&one).await;
    wait_until_asleep(&two).await;
    let woken = log(&one).matches("awake").count();
    // The first ones say nothing, or nothing that PostgreSQL understands.
    let silent = UnixStream::connect(socket(&url)).unwrap();
    let mut noisy = UnixStream::connect(socket(&url)).unwrap();
    noisy.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let clients = (0..20).map(|_| {
        let url = url.clone();
        tokio::spawn(async move { query(&url, "select n from t").await })
    });
    for client in clients.collect::<Vec<_>>() {
        assert_eq!(client.await.unwrap(), "1");
    }
    noisy.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    noisy.read_to_end(&mut Vec::new()).unwrap();
    drop(silent);
    assert_eq!(log(&one).matches("awake").count(), woken + 1, "{}", log(&one));

    // Another project sleeps on.
    assert!(matches!(status(&two).await.unwrap(), Status::Asleep { .. }));
    assert_eq!(query(&other, "select 1").await, "1");

    // Bytes pass unchanged, also many, and so does the request to cancel a query.
    wait_until_asleep(&one).await;
    let (client, connection) = nicol_pg::connect(&url).await.unwrap();
    tokio::spawn(connection);
    let long = "x".repeat(10 << 20);
    let row = client.query_one("select $1::text || 'y'", &[&long]).await.unwrap();
    assert!(row.get::<_, String>(0) == format!("{long}y"));
    let cancel = client.cancel_token();
    let (slept, _) = tokio::join!(client.batch_execute("select pg_sleep(60)"), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let stream = tokio::net::UnixStream::connect(socket(&url)).await.unwrap();
        cancel.cancel_query_raw(stream, NoTls).await
    });
    assert_eq!(slept.unwrap_err().code().unwrap().code(), "57014");
}

/// Clients come and go around the time at which the server falls asleep: none of them sees an error.
#[tokio::test(flavor = "multi_thread")]
async fn no_client_sees_the_server_fall_asleep() {
    let seconds = std::env::var("NICOL_SLEEP_SECONDS").ok().map_or(3, |text| text.parse().unwrap());
    let project = Project::new("app");
    let options = sleepy(&project, 20);
    let url = start(&options, |_| {}).await.unwrap();
    let until = Instant::now() + Duration::from_secs(seconds);
    let connected = Arc::new(AtomicUsize::new(0));
    let clients = (0..4_u32).map(|client| {
        let (url, connected) = (url.clone(), Arc::clone(&connected));
        tokio::spawn(async move {
            // Pauses of 0 to 200 ms, which differ from client to client.
            let mut seed = client * 7919 + 1;
            let mut slowest = Duration::ZERO;
            while Instant::now() < until {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                tokio::time::sleep(Duration::from_micros(u64::from(seed >> 8) % 200_000)).await;
                let before = Instant::now();
                assert_eq!(query(&url, "select 1").await, "1");
                slowest = slowest.max(before.elapsed());
                connected.fetch_add(1, Ordering::Relaxed);
            }
            slowest
        })
    });
    let mut slowest = Duration::ZERO;
    for client in clients.collect::<Vec<_>>() {
        slowest = slowest.max(client.await.unwrap());
    }
    let connected = connected.load(Ordering::Relaxed);
    let log = log(&options);
    let (asleep, relayed) = (log.matches("asleep").count(), log.matches("awake").count());
    println!(
        "{connected} connections, {asleep} times asleep, {relayed} times woken, slowest {} ms",
        slowest.as_millis()
    );
    assert!(asleep > 0, "{log}");
}

#[tokio::test]
async fn a_server_that_cannot_be_woken_says_why() {
    let project = Project::new("app");
    let options = sleepy(&project, 100);
    let lease = acquire(&options, |_| {}).await.unwrap();
    let control = lease.data_dir().join("global/pg_control");
    let server_log = lease.log_file();
    lease.release().await.unwrap();
    let url = start(&options, |_| {}).await.unwrap();
    wait_until_asleep(&options).await;
    let aside = control.with_extension("aside");
    fs::rename(&control, &aside).unwrap();

    let error = psql(&url, "select 1").unwrap_err();
    for part in ["FATAL:  the local server cannot be woken", "pg_control", &server_log.display().to_string()]
    {
        assert!(error.contains(part), "{part}: {error}");
    }
    let error = nicol_pg::connect(&url).await.unwrap_err();
    assert!(error.is_temporary(), "{error:?}");

    // A client that asks for encryption first, and one that gives up.
    let mut client = UnixStream::connect(socket(&url)).unwrap();
    client.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    client.write_all(&[0, 0, 0, 8, 4, 210, 22, 47]).unwrap();
    let mut answer = [0];
    client.read_exact(&mut answer).unwrap();
    assert_eq!(answer, *b"N");
    client.write_all(b"\0\0\0\x10\0\x03\0\0user\0a\0\0").unwrap();
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"E") && answer.windows(7).any(|field| field == b"C57P03\0"), "{answer:?}");
    drop(UnixStream::connect(socket(&url)).unwrap());

    // The next connection tries again.
    fs::rename(&aside, &control).unwrap();
    assert_eq!(psql(&url, "select 1").unwrap(), "1");
}

#[tokio::test]
async fn a_crash_of_server_or_keeper_heals() {
    let project = Project::new("app");
    let options = sleepy(&project, 100);
    let url = start(&options, |_| {}).await.unwrap();
    query(&url, "create table t as select 1 as n").await;

    // The server crashes: the keeper waits in its place.
    wait_until_asleep(&options).await;
    let (client, connection) = nicol_pg::connect(&url).await.unwrap();
    let connection = tokio::spawn(connection);
    kill(server(&options).await, "-9");
    drop(client);
    let _ = connection.await;
    let killed = Instant::now();
    let mut refused = 0;
    while let Err(error) = query_or_error(&url).await {
        // No client is told that the server cannot be woken.
        assert!(!matches!(error, nicol_pg::ConnectError::NotReady { .. }), "{error:?}");
        refused += 1;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    println!("after a crash: answered after {} ms, refused {refused} times", killed.elapsed().as_millis());
    assert_eq!(query(&url, "select n from t").await, "1");

    // The keeper is killed while the server sleeps: the next start, or an application that can start one, replaces it.
    for _ in 0..2 {
        wait_until_asleep(&options).await;
        kill_keeper(&options).await;
        assert!(matches!(status(&options).await.unwrap(), Status::Stopped { .. }));
        assert!(nicol_pg::connect(&url).await.is_err());
        let lease = acquire(&options, |_| {}).await.unwrap();
        assert_eq!(query(lease.url(), "select n from t").await, "1");
        lease.release().await.unwrap();
        wait_until_asleep(&options).await;
        assert_eq!(query(&url, "select n from t").await, "1");
    }
    // An application that cannot start a keeper uses the server as if it had never slept.
    wait_until_asleep(&options).await;
    kill_keeper(&options).await;
    let lease = acquire(&project.options(), |_| {}).await.unwrap();
    assert_eq!(query(lease.url(), "select n from t").await, "1");
    lease.release().await.unwrap();
    assert!(!is_running(&options).await);

    // The keeper is killed while the server is awake: connections go on.
    start(&options, |_| {}).await.unwrap();
    let (client, connection) = nicol_pg::connect(&url).await.unwrap();
    tokio::spawn(connection);
    kill_keeper(&options).await;
    client.batch_execute("select 1").await.unwrap();
    assert_eq!(query(&url, "select n from t").await, "1");
    start(&options, |_| {}).await.unwrap();
    drop(client);
    wait_until_asleep(&options).await;

    // After a restart of the machine, neither runs, and what was in /tmp has gone.
    kill_keeper(&options).await;
    let _ = fs::remove_dir_all(folder(&url));
    let url = start(&options, |_| {}).await.unwrap();
    wait_until_asleep(&options).await;
    assert_eq!(query(&url, "select n from t").await, "1");
}

async fn query_or_error(url: &ConnectionUrl) -> Result<(), nicol_pg::ConnectError> {
    nicol_pg::connect(url).await.map(drop)
}

async fn kill_keeper(options: &Options) {
    let pid = keeper_pid(options);
    kill(pid, "-9");
    // Its lock goes with the last of its threads, which may be a moment later than its process seems to be gone.
    while matches!(
        status(options).await.unwrap(),
        Status::Asleep { .. } | Status::Running { idle_timeout: Some(_), .. }
    ) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn the_next_start_changes_the_idle_timeout() {
    let project = Project::new("app");
    let mut options = sleepy(&project, 3_600_000);
    let url = start(&options, |_| {}).await.unwrap();
    let Status::Running { idle_timeout, .. } = status(&options).await.unwrap() else { panic!() };
    assert_eq!(idle_timeout, options.idle_timeout);
    let keeper = keeper_pid(&options);
    options.idle_timeout = Some(Duration::from_millis(50));
    start(&options, |_| {}).await.unwrap();
    wait_until_asleep(&options).await;
    assert_eq!(keeper_pid(&options), keeper);

    // A connection through the keeper outlives the end of its sleep.
    let (client, connection) = nicol_pg::connect(&url).await.unwrap();
    tokio::spawn(connection);
    options.idle_timeout = None;
    start(&options, |_| {}).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    client.batch_execute("select 1").await.unwrap();
    drop(client);
    while is_alive(keeper) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(is_running(&options).await);
    assert_eq!(query(&url, "select 1").await, "1");
}

/// As root, the server runs as another user; here, it is the application's own.
#[tokio::test]
async fn the_server_of_an_ordinary_user_sleeps() {
    if rustix::process::geteuid().is_root() {
        return run_as_ordinary_user("the_server_of_an_ordinary_user_sleeps");
    }
    let project = Project::new("app");
    let options = sleepy(&project, 100);
    let url = start(&options, |_| {}).await.unwrap();
    wait_until_asleep(&options).await;
    assert_eq!(query(&url, "select 1").await, "1");
    stop(&options).await.unwrap();
}
