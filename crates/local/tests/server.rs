//! Tests with real servers: cold and warm starts, as root and as an ordinary user, shared, killed, copied.
//!
//! Tests that need a second process run this program again, as [`application`] with its project in the environment,
//! which looks like an application from outside.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nicol_local::{Error, Progress, Status, acquire, remove, start, status, stop};
use nicol_pg::ConnectionUrl;
use tempfile::TempDir;

mod support;

use support::{
    NOBODY, Project, copy_of_this_program, is_alive, is_running, kill, options, query, run_as_ordinary_user,
};

#[tokio::test]
async fn a_fresh_project_gets_a_server_and_keeps_its_data() {
    let project = Project::new("app");
    let options = project.options();
    assert_eq!(status(&options).await.unwrap(), Status::Missing);

    let mut steps = Vec::new();
    let lease = acquire(&options, |step| steps.push(step)).await.unwrap();
    assert!(matches!(steps.first(), Some(Progress::Found { .. })), "{steps:?}");
    assert!(matches!(steps.last(), Some(Progress::Ready { .. })), "{steps:?}");
    assert!(steps.iter().any(|step| matches!(step, Progress::Initialising { .. })), "{steps:?}");
    let url = lease.url().clone();
    assert!(url.is_loopback_or_socket());
    assert_eq!(query(&url, "select current_database()").await, "app");
    assert_eq!(query(&url, "show server_encoding").await, "UTF8");
    assert_eq!(query(&url, "show fsync").await, "on");
    assert_eq!(query(&url, "show timezone").await, "UTC");
    assert_eq!(query(&url, "show listen_addresses").await, "");
    assert_eq!(query(&url, "select 'ÄÉ' ilike 'äé'").await, "t");
    query(&url, "create table t as select 42 as n").await;
    assert_eq!(mode(lease.state_dir()), 0o700);
    assert_eq!(mode(&lease.state_dir().join("password")), 0o600);
    let password = url.password().unwrap().to_owned();
    assert!(password.len() >= 32 && !format!("{lease:?} {url}").contains(&password));
    let wrong = nicol_pg::connect(&url.with_user("postgres", Some("wrong"))).await.unwrap_err();
    assert_eq!(wrong.code(), "P1000");

    lease.release().await.unwrap();
    assert!(matches!(status(&options).await.unwrap(), Status::Stopped { .. }));
    let nicol_pg::url::Address::Socket(folder) = &url.hosts()[0].address else { panic!("{url}") };
    assert!(!folder.exists(), "nothing stays in /tmp");

    let before = Instant::now();
    let lease = acquire(&options, |_| {}).await.unwrap();
    println!("warm start: {} ms", before.elapsed().as_millis());
    assert!(before.elapsed() < Duration::from_secs(3));
    assert_eq!(query(lease.url(), "select n from t").await, "42");
    lease.release().await.unwrap();

    let secret = nicol_local::state_dir(&options).unwrap().join("secret");
    fs::write(&secret, "kept").unwrap();
    remove(&options).await.unwrap();
    assert_eq!(status(&options).await.unwrap(), Status::Missing);
    assert_eq!(fs::read_to_string(secret).unwrap(), "kept");
    remove(&options).await.unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn two_leases_share_a_server_and_the_last_one_stops_it() {
    let project = Project::new("app");
    let options = project.options();
    // Concurrently: one of them starts the server, the other waits.
    let (first, second) = tokio::join!(acquire(&options, |_| {}), acquire(&options, |_| {}));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(first.pid(), second.pid());
    assert_eq!(first.url(), second.url());
    first.release().await.unwrap();
    assert!(is_running(&options).await);
    assert_eq!(query(second.url(), "select 1").await, "1");
    second.release().await.unwrap();
    assert!(!is_running(&options).await);
}

#[tokio::test]
async fn a_dropped_lease_stops_the_server_if_it_was_the_last() {
    let project = Project::new("app");
    let options = project.options();
    let first = acquire(&options, |_| {}).await.unwrap();
    let second = acquire(&options, |_| {}).await.unwrap();
    let pid = first.pid();
    drop(first);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(is_alive(pid));
    drop(second);
    // The next one waits until the old server has stopped.
    let third = acquire(&options, |_| {}).await.unwrap();
    assert_ne!(third.pid(), pid);
    third.release().await.unwrap();
}

#[tokio::test]
async fn a_started_server_stays_until_it_is_stopped() {
    let project = Project::new("app");
    let options = project.options();
    let url = start(&options, |_| {}).await.unwrap();
    let lease = acquire(&options, |_| {}).await.unwrap();
    assert_eq!(*lease.url(), url);
    let Status::Running { in_use, ready, .. } = status(&options).await.unwrap() else { panic!() };
    assert!(in_use && ready);
    lease.release().await.unwrap();
    let Status::Running { in_use, .. } = status(&options).await.unwrap() else { panic!() };
    assert!(!in_use);
    assert!(stop(&options).await.unwrap());
    assert!(!stop(&options).await.unwrap());
    assert!(!is_running(&options).await);
}

#[tokio::test]
async fn two_folders_do_not_meet() {
    let (one, two) = (Project::new("app"), Project::new("app"));
    let (first, second) =
        (acquire(&one.options(), |_| {}).await.unwrap(), acquire(&two.options(), |_| {}).await.unwrap());
    assert_ne!(first.pid(), second.pid());
    assert_ne!(first.url().hosts(), second.url().hosts());
    assert_ne!(first.url().password(), second.url().password());
    first.release().await.unwrap();
    assert_eq!(query(second.url(), "select 1").await, "1");
    second.release().await.unwrap();
}

#[tokio::test]
async fn long_and_odd_paths_work() {
    let long = format!("{}/it's \"a\", $HOME `x` ünï\\code", ["long-folder-name-of-its-own"; 8].join("/"));
    let project = Project::new(&long);
    assert!(project.folder.as_os_str().len() > 200);
    let lease = acquire(&project.options(), |_| {}).await.unwrap();
    assert_eq!(query(lease.url(), "select 1").await, "1");
    // The URL as text also leads there.
    let written = ConnectionUrl::parse(&lease.url().to_url_with_password()).unwrap();
    assert_eq!(query(&written, "select 2").await, "2");
    lease.release().await.unwrap();

    let broken = Project::new("line\nbreak");
    assert!(matches!(acquire(&broken.options(), |_| {}).await, Err(Error::ControlCharacter)));
}

#[tokio::test]
async fn a_killed_server_recovers_its_data_at_the_next_start() {
    let project = Project::new("app");
    let options = project.options();
    let lease = acquire(&options, |_| {}).await.unwrap();
    query(lease.url(), "create table t as select g as n from generate_series(1, 1000) g").await;
    let pid = lease.pid();
    kill(pid, "-9");
    while is_alive(pid) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let mut steps = Vec::new();
    let again = acquire(&options, |step| steps.push(step)).await.unwrap();
    assert!(steps.contains(&Progress::Recovering), "{steps:?}");
    assert_ne!(again.pid(), pid);
    assert_eq!(query(again.url(), "select count(*) from t").await, "1000");
    again.release().await.unwrap();
    assert!(is_running(&options).await, "the first lease still counts");
    lease.release().await.unwrap();
    assert!(!is_running(&options).await);
}

#[tokio::test]
async fn a_watched_server_comes_back_after_a_crash() {
    let project = Project::new("app");
    let options = project.options();
    let lease = acquire(&options, |_| {}).await.unwrap();
    let pid = lease.pid();
    let (mut steps, mut before) = (Vec::new(), Instant::now());
    let work = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        kill(pid, "-9");
        before = Instant::now();
        while nicol_pg::connect(lease.url()).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        () = lease.watch(|step| steps.push(step.unwrap())) => unreachable!(),
        () = work => {}
    }
    println!("back after {} ms", before.elapsed().as_millis());
    assert!(steps.contains(&Progress::Recovering), "{steps:?}");
    lease.release().await.unwrap();
}

#[tokio::test]
async fn a_stale_pid_file_of_a_living_process_is_seen_through() {
    let project = Project::new("app");
    let options = project.options();
    let lease = acquire(&options, |_| {}).await.unwrap();
    let data = lease.data_dir().to_owned();
    lease.release().await.unwrap();
    // The id of a running process that is not a server, as after a container restart.
    let mut sleep = Command::new("sleep").arg("60").spawn().unwrap();
    fs::write(
        data.join("postmaster.pid"),
        format!("{}\n{}\n1\n5432\n/x\n\n1 1\nready\n", sleep.id(), data.display()),
    )
    .unwrap();
    let lease = acquire(&options, |_| {}).await.unwrap();
    assert_eq!(query(lease.url(), "select 1").await, "1");
    lease.release().await.unwrap();
    sleep.kill().unwrap();
    sleep.wait().unwrap();
}

#[tokio::test]
async fn a_copied_folder_has_a_server_of_its_own() {
    let project = Project::new("app");
    let lease = acquire(&project.options(), |_| {}).await.unwrap();
    query(lease.url(), "create table t as select 1 as n").await;
    query(lease.url(), "checkpoint").await;
    // As root, the data are not in the project folder: copy them to the folder of the copy.
    let copy = Project::new("copy");
    let state = nicol_local::state_dir(&copy.options()).unwrap();
    let to = state.parent().unwrap();
    let copied = Command::new("cp").arg("-a").arg(lease.data_dir()).arg(to).status().unwrap();
    assert!(copied.success());
    assert!(to.join("data/postmaster.pid").exists());
    let second = acquire(&copy.options(), |_| {}).await.unwrap();
    assert_ne!(lease.pid(), second.pid());
    query(second.url(), "insert into t values (2)").await;
    assert_eq!(query(lease.url(), "select count(*) from t").await, "1");
    assert_eq!(query(second.url(), "select count(*) from t").await, "2");
    second.release().await.unwrap();
    lease.release().await.unwrap();
}

/// For ordinary users, whose data are in the project folder.
#[tokio::test]
async fn a_moved_folder_keeps_its_data() {
    if rustix::process::geteuid().is_root() {
        return run_as_ordinary_user("a_moved_folder_keeps_its_data");
    }
    let project = Project::new("app");
    let options = project.options();
    let lease = acquire(&options, |_| {}).await.unwrap();
    let pid = lease.pid();
    query(lease.url(), "create table t as select 3 as n").await;
    assert!(lease.data_dir().starts_with(&project.folder));
    let moved = project.dir.path().join("moved");
    fs::rename(&project.folder, &moved).unwrap();
    let mut options = options;
    options.project_dir = moved.clone();
    let again = acquire(&options, |_| {}).await.unwrap();
    assert_ne!(again.pid(), pid);
    assert_eq!(query(again.url(), "select n from t").await, "3");
    drop(lease);
    again.release().await.unwrap();
    assert!(!is_running(&options).await);
    fs::rename(&moved, &project.folder).unwrap();
}

#[tokio::test]
async fn a_lost_password_is_replaced() {
    let project = Project::new("app");
    let options = project.options();
    let lease = acquire(&options, |_| {}).await.unwrap();
    query(lease.url(), "create table t as select 7 as n").await;
    let (old, file) = (lease.url().clone(), lease.state_dir().join("password"));
    lease.release().await.unwrap();
    fs::write(&file, "another").unwrap();
    let lease = acquire(&options, |_| {}).await.unwrap();
    assert_ne!(lease.url().password(), old.password());
    assert_eq!(query(lease.url(), "select n from t").await, "7");
    lease.release().await.unwrap();
    fs::remove_file(&file).unwrap();
    let lease = acquire(&options, |_| {}).await.unwrap();
    assert_eq!(query(lease.url(), "select n from t").await, "7");
    lease.release().await.unwrap();
}

#[tokio::test]
async fn an_interrupted_initialisation_leaves_no_trace() {
    let project = Project::new("app");
    let options = project.options();
    let state = nicol_local::state_dir(&options).unwrap();
    let left = state.parent().unwrap().join("data.new.1");
    fs::create_dir(&left).unwrap();
    fs::write(left.join("PG_VERSION"), "15").unwrap();
    let lease = acquire(&options, |_| {}).await.unwrap();
    assert!(!left.exists());
    lease.release().await.unwrap();
}

#[tokio::test]
async fn data_of_another_major_version_is_refused_with_advice() {
    let project = Project::new("app");
    let options = project.options();
    let lease = acquire(&options, |_| {}).await.unwrap();
    let file = lease.data_dir().join("PG_VERSION");
    lease.release().await.unwrap();
    let version = fs::read_to_string(&file).unwrap();
    fs::write(&file, "9\n").unwrap();
    let error = acquire(&options, |_| {}).await.unwrap_err();
    assert!(matches!(error, Error::OtherVersion { data_version: 9, .. }), "{error}");
    assert!(error.to_string().contains("help: install PostgreSQL 9"), "{error}");
    fs::write(&file, version).unwrap();
    acquire(&options, |_| {}).await.unwrap().release().await.unwrap();
}

#[tokio::test]
async fn missing_programs_are_an_error_that_says_what_to_do() {
    let project = Project::new("app");
    let mut options = project.options();
    options.postgres_bin = Some(project.folder.clone());
    let error = acquire(&options, |_| {}).await.unwrap_err();
    assert!(matches!(error, Error::Unusable { .. }), "{error}");
    fs::write(project.folder.join("postgres"), "#!/bin/sh\necho 'postgres (PostgreSQL) 13.4'\n").unwrap();
    fs::write(project.folder.join("initdb"), "").unwrap();
    fs::set_permissions(project.folder.join("postgres"), Permissions::from_mode(0o755)).unwrap();
    let error = acquire(&options, |_| {}).await.unwrap_err();
    assert!(error.to_string().contains("it is version 13.4"), "{error}");
}

#[tokio::test]
async fn a_server_that_cannot_start_says_why() {
    let project = Project::new("app");
    let mut options = project.options();
    acquire(&options, |_| {}).await.unwrap().release().await.unwrap();
    options.settings.push(("shared_buffers".to_owned(), "plenty".to_owned()));
    let error = acquire(&options, |_| {}).await.unwrap_err();
    assert!(matches!(&error, Error::Start { output, .. } if output.contains("shared_buffers")), "{error}");
    options.settings.clear();
    acquire(&options, |_| {}).await.unwrap().release().await.unwrap();
}

/// Not a test by itself: an application that takes a lease, prints the server's process, and holds on until its input
/// ends. It does nothing unless it is told of a project.
#[tokio::test]
async fn application() {
    let Some(folder) = std::env::var_os("NICOL_LOCAL_TEST_PROJECT") else { return };
    let home = std::env::var_os("NICOL_LOCAL_TEST_HOME").unwrap();
    let lease = acquire(&options(Path::new(&folder), Path::new(&home)), |_| {}).await.unwrap();
    println!("server {}", lease.pid());
    std::io::stdout().flush().unwrap();
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    assert_eq!(query(lease.url(), "select 1").await, "1");
    lease.release().await.unwrap();
    println!("released");
}

struct Application {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
    server: u32,
    _programs: TempDir,
}

/// Runs [`application`] in a separate process, as `uid` if given.
fn application_process(project: &Project, uid: Option<u32>) -> Application {
    let (programs, program) = copy_of_this_program();
    let mut command = Command::new(program);
    command
        .current_dir("/")
        .args(["--exact", "application", "--nocapture", "--test-threads=1"])
        .env("NICOL_LOCAL_TEST_PROJECT", &project.folder)
        .env("NICOL_LOCAL_TEST_HOME", project.dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    if let Some(uid) = uid {
        command.uid(uid).gid(uid);
    }
    let mut child = command.spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let server = read_until(&mut output, "server ").parse().unwrap();
    Application { child, output, server, _programs: programs }
}

fn read_until(output: &mut impl BufRead, beginning: &str) -> String {
    loop {
        let mut line = String::new();
        assert!(output.read_line(&mut line).unwrap() > 0, "the application ended");
        if let Some((_, rest)) = line.split_once(beginning) {
            return rest.trim().to_owned();
        }
    }
}

impl Application {
    fn finish(mut self) {
        drop(self.child.stdin.take());
        read_until(&mut self.output, "released");
        assert!(self.child.wait().unwrap().success());
    }
}

#[tokio::test]
async fn a_killed_application_leaves_a_server_that_the_next_one_adopts() {
    let project = Project::new("app");
    let options = project.options();
    let mut killed = application_process(&project, None);
    killed.child.kill().unwrap();
    killed.child.wait().unwrap();
    assert!(is_alive(killed.server));
    let mut steps = Vec::new();
    let lease = acquire(&options, |step| steps.push(step)).await.unwrap();
    assert!(steps.contains(&Progress::Adopted), "{steps:?}");
    assert_eq!(lease.pid(), killed.server);
    lease.release().await.unwrap();
    assert!(!is_alive(killed.server));
}

#[tokio::test]
async fn applications_in_one_folder_share_a_server() {
    let project = Project::new("app");
    let one = application_process(&project, None);
    let mut two = application_process(&project, None);
    let three = application_process(&project, None);
    assert_eq!((one.server, one.server), (two.server, three.server));
    let server = one.server;
    one.finish();
    two.child.kill().unwrap();
    two.child.wait().unwrap();
    assert!(is_alive(server));
    three.finish();
    assert!(!is_alive(server), "a killed application holds nothing");
}

#[tokio::test]
async fn ctrl_c_does_not_reach_the_server() {
    let project = Project::new("app");
    let application = application_process(&project, None);
    let group = |pid: u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        stat.rsplit_once(") ").unwrap().1.split(' ').nth(2).unwrap().to_owned()
    };
    assert_ne!(group(application.server), group(application.child.id()));
    application.finish();
}

/// As root, the application runs as another user; otherwise it runs as this one.
#[tokio::test]
async fn an_ordinary_user_gets_a_server_of_its_own() {
    let project = Project::new("app");
    let own = rustix::process::geteuid();
    let (user, application) = if own.is_root() {
        chown(&project.folder, Some(NOBODY), Some(NOBODY)).unwrap();
        (NOBODY, application_process(&project, Some(NOBODY)))
    } else {
        (own.as_raw(), application_process(&project, None))
    };
    let owner = fs::metadata(format!("/proc/{}", application.server)).unwrap().uid();
    assert_eq!(owner, user);
    assert!(project.folder.join(".nicol/data/PG_VERSION").exists());
    let server = application.server;
    application.finish();
    assert!(!is_alive(server));
}

#[tokio::test]
async fn the_pid_file_of_a_process_that_nobody_has_waited_for_is_no_obstacle() {
    let project = Project::new("app");
    let options = project.options();
    let lease = acquire(&options, |_| {}).await.unwrap();
    let pid_file = lease.data_dir().join("postmaster.pid");
    let text = fs::read_to_string(&pid_file).unwrap();
    lease.release().await.unwrap();
    // As in a container whose first process does not collect orphans.
    let mut ended = std::process::Command::new("true").spawn().unwrap();
    while is_alive(ended.id()) {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    let rest = text.split_once('\n').unwrap().1;
    fs::write(&pid_file, format!("{}\n{rest}", ended.id())).unwrap();
    let lease = acquire(&options, |_| {}).await.unwrap();
    assert_eq!(query(lease.url(), "select 1").await, "1");
    lease.release().await.unwrap();
    ended.wait().unwrap();
}

#[tokio::test]
async fn a_moved_project_is_told_where_its_data_may_be() {
    let project = Project::new("app");
    let lease = acquire(&project.options(), |_| {}).await.unwrap();
    let home = lease.data_dir().parent().unwrap().to_owned();
    lease.release().await.unwrap();
    let moved = project.dir.path().join("moved");
    fs::rename(&project.folder, &moved).unwrap();
    let mut unclaimed = Vec::new();
    let options = options(&moved, project.dir.path());
    let told = |step| {
        if let Progress::Unclaimed { folders } = step {
            unclaimed.extend(folders);
        }
    };
    acquire(&options, told).await.unwrap().release().await.unwrap();
    // Those of an ordinary user move with the project.
    let expected = if rustix::process::geteuid().is_root() { vec![home] } else { Vec::new() };
    assert_eq!(unclaimed, expected);
    fs::create_dir(&project.folder).unwrap();
}
