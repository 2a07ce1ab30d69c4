//! Branches of real servers: copied while in use and while stopped, and independent of their parents.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::process::Command;

use nicol_local::{Error, Options, Progress, Status, acquire, branch, start, status, stop};
use support::{Project, is_running, query};

/// Ends with a server that was started for a branch, even if the test fails.
struct Branches(Project);

impl Drop for Branches {
    fn drop(&mut self) {
        let options = self.0.options();
        let stopped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                for branch in branch::list(&options).await.unwrap_or_default() {
                    let _ = stop(&options.on_branch(branch.name)).await;
                }
            });
        });
        let _ = stopped.join();
    }
}

fn names(branches: &[branch::Branch]) -> Vec<&str> {
    branches.iter().map(|branch| branch.name.as_str()).collect()
}

#[tokio::test]
async fn a_branch_of_a_server_in_use_has_its_data_and_changes_alone() {
    let project = Branches(Project::new("app"));
    let main = project.0.options();
    let parent = acquire(&main, |_| {}).await.unwrap();
    query(
        parent.url(),
        "create table t as select n, repeat('x', 500) as text from generate_series(1, 20000) n",
    )
    .await;
    query(parent.url(), "create unlogged table u as select 1 as n").await;

    // Commits go on during the copy; each is there as a whole or not at all.
    let (client, connection) = nicol_pg::connect(parent.url()).await.unwrap();
    tokio::spawn(connection);
    let writer = tokio::spawn(async move {
        let mut written = 0;
        loop {
            let pair = "insert into t select n, 'pair' from generate_series(30001, 30002) n";
            match client.batch_execute(pair).await {
                Ok(()) => written += 1,
                Err(_) => return written,
            }
        }
    });
    let mut steps = Vec::new();
    let size = branch::create(&main, "feature/login", |step| steps.push(step)).await.unwrap();
    assert!(size.total > 10 << 20, "{size:?}");
    let shares = std::env::var_os(support::SHARING_FOLDER).is_some();
    assert!(!shares || size.shared == size.total, "{size:?}");
    assert!(
        steps.iter().any(|step| matches!(step, Progress::Copying { done, total } if done == total)),
        "{steps:?}"
    );

    let options = main.on_branch("feature/login");
    let copy = acquire(&options, |_| {}).await.unwrap();
    assert_ne!(copy.url().hosts(), parent.url().hosts());
    assert_ne!(copy.pid(), parent.pid());
    assert_ne!(copy.data_dir(), parent.data_dir());
    assert_eq!(copy.url().database(), "app");
    assert_eq!(query(copy.url(), "select count(*) from t where n <= 20000").await, "20000");
    let pairs = query(
        copy.url(),
        "select count(*) filter (where n = 30001) - count(*) filter (where n = 30002) from t",
    )
    .await;
    assert_eq!(pairs, "0");
    assert_eq!(query(copy.url(), "select count(*) from pg_replication_slots").await, "0");
    assert_eq!(query(copy.url(), "select count(*) from u").await, "0");
    // Every page is as the server wrote it: the data have checksums.
    assert_eq!(query(copy.url(), "select sum(length(text)) from t where n <= 20000").await, "10000000");

    query(copy.url(), "delete from t; create table only_here (n int)").await;
    assert_eq!(query(parent.url(), "select count(*) from t where n <= 20000").await, "20000");
    assert_eq!(query(parent.url(), "select to_regclass('only_here') is null").await, "t");
    assert_eq!(query(parent.url(), "select count(*) from pg_replication_slots").await, "0");
    assert_eq!(query(parent.url(), "select count(*) from u").await, "1");
    query(parent.url(), "create table only_there (n int)").await;
    assert_eq!(query(copy.url(), "select to_regclass('only_there') is null").await, "t");
    assert_eq!(query(copy.url(), "select count(*) from t").await, "0");

    // Each server stops without the other.
    stop(&main).await.unwrap();
    assert!(writer.await.unwrap() > 0);
    assert_eq!(query(copy.url(), "select count(*) from t").await, "0");
    copy.release().await.unwrap();
    assert!(!is_running(&options).await);
}

#[tokio::test]
async fn a_branch_of_a_stopped_server_does_not_start_it() {
    let project = Branches(Project::new("app"));
    let main = project.0.options();
    assert!(matches!(branch::create(&main, "a", |_| {}).await, Err(Error::NoData { .. })));
    let lease = acquire(&main, |_| {}).await.unwrap();
    query(lease.url(), "create table t as select 1 as n").await;
    lease.release().await.unwrap();

    branch::create(&main, "a", |_| {}).await.unwrap();
    assert!(!is_running(&main).await);
    assert!(matches!(branch::create(&main, "a", |_| {}).await, Err(Error::BranchExists { .. })));
    assert!(matches!(branch::create(&main, "", |_| {}).await, Err(Error::BranchName { .. })));

    // A branch has branches, which do not depend on it.
    let a = main.on_branch("a");
    let url = start(&a, |_| {}).await.unwrap();
    query(&url, "update t set n = 2").await;
    branch::create(&a, "b", |_| {}).await.unwrap();
    let list = branch::list(&main).await.unwrap();
    assert_eq!(names(&list), ["a", "b"]);
    assert_eq!(list[1].parent.as_deref(), Some("a"));
    assert_eq!(list[0].parent, None);
    assert!(list[0].created.elapsed().unwrap().as_secs() < 600);

    branch::rename(&main, "a", "c").await.unwrap();
    assert!(matches!(status(&a).await, Err(Error::BranchMissing { .. })));
    assert!(matches!(acquire(&a, |_| {}).await, Err(Error::BranchMissing { .. })));
    assert!(matches!(branch::rename(&main, "b", "c").await, Err(Error::BranchExists { .. })));
    let list = branch::list(&main).await.unwrap();
    assert_eq!(names(&list), ["b", "c"]);
    assert_eq!(list[0].parent.as_deref(), Some("c"));

    let b = acquire(&main.on_branch("b"), |_| {}).await.unwrap();
    assert_eq!(query(b.url(), "select n from t").await, "2");
    for refused in [
        branch::remove(&main, "b").await,
        branch::rename(&main, "b", "d").await,
        branch::reset(&main, "b", |_| {}).await.map(drop),
    ] {
        assert!(matches!(refused, Err(Error::InUse { branch: Some(name) }) if name == "b"));
    }
    assert_eq!(query(b.url(), "select n from t").await, "2");
    b.release().await.unwrap();

    branch::remove(&main, "c").await.unwrap();
    assert_eq!(names(&branch::list(&main).await.unwrap()), ["b"]);
    assert!(matches!(branch::remove(&main, "c").await, Err(Error::BranchMissing { .. })));
    assert!(
        matches!(branch::reset(&main, "b", |_| {}).await, Err(Error::BranchMissing { name }) if name == "c")
    );
    assert_eq!(value(&main.on_branch("b")).await, "2");
    branch::remove(&main, "b").await.unwrap();
    assert_eq!(value(&main).await, "1");
}

async fn value(options: &Options) -> String {
    let lease = acquire(options, |_| {}).await.unwrap();
    let value = query(lease.url(), "select n from t").await;
    lease.release().await.unwrap();
    value
}

#[tokio::test]
async fn a_reset_branch_has_the_data_of_its_parent_and_its_own_url() {
    let project = Branches(Project::new("app"));
    let main = project.0.options();
    let lease = acquire(&main, |_| {}).await.unwrap();
    query(lease.url(), "create table t as select 1 as n").await;
    branch::create(&main, "a", |_| {}).await.unwrap();
    let a = main.on_branch("a");
    let before = start(&a, |_| {}).await.unwrap();
    query(&before, "update t set n = 2").await;
    query(lease.url(), "update t set n = 3").await;

    branch::reset(&main, "a", |_| {}).await.unwrap();
    assert!(matches!(status(&a).await.unwrap(), Status::Stopped { .. }));
    let after = start(&a, |_| {}).await.unwrap();
    assert_eq!(after, before);
    assert_eq!(query(&after, "select n from t").await, "3");
    stop(&a).await.unwrap();
    lease.release().await.unwrap();
}

#[tokio::test]
async fn an_interrupted_copy_leaves_no_branch() {
    let project = Branches(Project::new("app"));
    let main = project.0.options();
    let lease = acquire(&main, |_| {}).await.unwrap();
    query(lease.url(), "create table t as select 1 as n").await;
    let branches = lease.data_dir().with_file_name("branches");

    // Given up when the first file has been copied.
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let mut sender = Some(sender);
    tokio::select! {
        _ = branch::create(&main, "a", |step| {
            if matches!(step, Progress::Copying { .. }) {
                let _ = sender.take().map(|sender| sender.send(()));
            }
        }) => panic!("it was not interrupted"),
        _ = receiver => {}
    }
    assert_eq!(branch::list(&main).await.unwrap(), []);

    // Killed at any point: what it leaves behind is removed by the next call.
    fs::create_dir_all(branches.join(".new/data/base")).unwrap();
    fs::create_dir_all(branches.join(".removed/data")).unwrap();
    assert_eq!(branch::list(&main).await.unwrap(), []);
    assert!(matches!(acquire(&main.on_branch("a"), |_| {}).await, Err(Error::BranchMissing { .. })));
    branch::create(&main, "a", |_| {}).await.unwrap();
    let found: Vec<_> = fs::read_dir(&branches).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(found, ["a"]);
    assert_eq!(value(&main.on_branch("a")).await, "1");

    // A tablespace is outside of what can be copied.
    let outside = tempfile::tempdir_in(support::base()).unwrap();
    let path = outside.path().to_str().unwrap();
    if rustix::process::geteuid().is_root() {
        assert!(Command::new("chown").args(["postgres", path]).status().unwrap().success());
    }
    query(lease.url(), &format!("create tablespace other location '{path}'")).await;
    assert!(matches!(branch::create(&main, "b", |_| {}).await, Err(Error::Tablespace { .. })));
    query(lease.url(), "drop tablespace other").await;
    lease.release().await.unwrap();
}

#[tokio::test]
async fn a_server_that_crashed_is_recovered_before_it_is_copied() {
    let project = Branches(Project::new("app"));
    let main = project.0.options();
    let lease = acquire(&main, |_| {}).await.unwrap();
    query(lease.url(), "create table t as select 1 as n").await;
    support::kill(lease.pid(), "-9");
    drop(lease);
    branch::create(&main, "a", |_| {}).await.unwrap();
    assert_eq!(value(&main.on_branch("a")).await, "1");
}
