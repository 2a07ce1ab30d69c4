//! Backups of real servers, checked by restoring them to points in time.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use nicol_local::restore::{Request, Target};
use nicol_local::{Error, Lease, Options, Progress, acquire, backup, branch, restore};
use support::{Project, query};

fn request(target: Target) -> Request {
    let mut request = Request::default();
    request.target = target;
    request
}

async fn lease(options: &Options) -> Lease {
    acquire(options, |_| {}).await.unwrap()
}

/// Waits until every finished segment is in the archive.
async fn archived(options: &Options, lease: &Lease) {
    query(lease.url(), "select pg_switch_wal()").await;
    for _ in 0..500 {
        let overview = backup::overview(options).await.unwrap().unwrap();
        if overview.waiting == 0 && overview.archived.is_some() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{}", fs::read_to_string(lease.log_file()).unwrap());
}

/// Adds a row, and returns a time at which it, but nothing later, is there.
async fn add(lease: &Lease, n: i32) -> SystemTime {
    query(lease.url(), &format!("insert into t values ({n})")).await;
    tokio::time::sleep(Duration::from_millis(30)).await;
    let time = SystemTime::now();
    tokio::time::sleep(Duration::from_millis(30)).await;
    time
}

const ROWS: &str = "select string_agg(n::text, ' ' order by n) from t";

async fn rows(options: &Options) -> String {
    let lease = lease(options).await;
    let rows = query(lease.url(), ROWS).await;
    lease.release().await.unwrap();
    rows
}

#[tokio::test]
async fn a_backup_is_restored_to_any_time_since_it_was_made() {
    let project = Project::new("it's %f");
    let main = project.options();
    let missing = restore::restore(&main, &Request::default(), |_| {}).await;
    assert!(matches!(missing, Err(Error::NoBackup)), "{missing:?}");
    assert!(matches!(backup::create(&main, None, None, |_| {}).await, Err(Error::NoData { .. })));
    let server = lease(&main).await;
    assert!(backup::overview(&main).await.unwrap().is_none());
    query(server.url(), "create table t (n int)").await;
    let before = add(&server, 1).await;
    let made = backup::create(&main, None, None, |_| {}).await.unwrap();
    assert!(made.size > 10 << 20 && made.finished > before, "{made:?}");
    let two = add(&server, 2).await;
    add(&server, 3).await;
    archived(&main, &server).await;
    let four = add(&server, 4).await;

    // Used, so it cannot be replaced; other targets are impossible.
    let used = restore::restore(&main, &Request::default(), |_| {}).await;
    assert!(matches!(used, Err(Error::InUse { branch: None })), "{used:?}");
    for impossible in [before, SystemTime::now() + Duration::from_hours(1)] {
        let result = restore::restore(&main, &request(Target::Time(impossible)), |_| {}).await;
        let Err(Error::OutOfRange { from, to, .. }) = result else { panic!("{result:?}") };
        assert!(from.starts_with("20") && from.ends_with('Z') && to == "now", "{from} {to}");
    }
    // A branch of a time in the past, while the server is in use; also one after the last change.
    for (name, time, expected) in [("two", two, "1 2"), ("four", four, "1 2 3 4")] {
        let mut request = request(Target::Time(time));
        request.branch = Some(name.to_owned());
        let restored = restore::restore(&main, &request, |_| {}).await.unwrap();
        assert_eq!((restored.backup, restored.replaced), (made.clone(), None));
        assert_eq!(rows(&main.on_branch(name)).await, expected);
        branch::remove(&main, name).await.unwrap();
    }
    assert_eq!(query(server.url(), ROWS).await, "1 2 3 4");
    let checked = restore::check(&main, &Request::default(), |_| {}).await.unwrap();
    assert!(checked.last_change.is_some());
    server.release().await.unwrap();

    // In place. The current data are kept.
    let restored = restore::restore(&main, &request(Target::Time(two)), |_| {}).await.unwrap();
    let replaced = restored.replaced.unwrap();
    assert!(replaced.join("PG_VERSION").exists() && !restored.running);
    let previous = restore::previous(&main).await.unwrap();
    assert_eq!(previous[0].folder, replaced);
    assert!(previous[0].size > 10 << 20, "{previous:?}");
    assert_eq!(rows(&main).await, "1 2");

    // The log of the new timeline is archived as well; the time in between is gone from it.
    let server = lease(&main).await;
    let five = add(&server, 5).await;
    add(&server, 6).await;
    archived(&main, &server).await;
    server.release().await.unwrap();
    restore::restore(&main, &request(Target::Time(five)), |_| {}).await.unwrap();
    assert_eq!(rows(&main).await, "1 2 5");

    // Lost data, with nothing but the folder of the backups.
    let folder = backup::overview(&main).await.unwrap().unwrap().folder;
    nicol_local::remove(&main).await.unwrap();
    let fresh = Project::new("fresh");
    let mut latest = Request::default();
    latest.folder = Some(folder);
    let restored = restore::restore(&fresh.options(), &latest, |_| {}).await.unwrap();
    assert_eq!(restored.replaced, None);
    assert_eq!(rows(&fresh.options()).await, "1 2 5");
    let mut late = latest.clone();
    late.target = Target::Time(SystemTime::now());
    let result = restore::restore(&fresh.options(), &late, |_| {}).await;
    let Err(Error::OutOfRange { from, to, .. }) = result else { panic!("{result:?}") };
    assert!(from < to, "{from} {to}");
    assert_eq!(rows(&fresh.options()).await, "1 2 5");
}

#[tokio::test]
async fn old_backups_are_removed_and_damaged_ones_noticed() {
    let project = Project::new("app");
    let main = project.options();
    let folder = project.dir.path().join("backups");
    let server = lease(&main).await;
    query(server.url(), "create table t (n int)").await;
    add(&server, 1).await;
    let first = backup::create(&main, Some(&folder), None, |_| {}).await.unwrap();
    let time = add(&server, 2).await;
    archived(&main, &server).await;
    let second = backup::create(&main, None, None, |_| {}).await.unwrap();
    let overview = backup::overview(&main).await.unwrap().unwrap();
    assert_eq!(overview.folder, folder);
    assert_eq!(overview.backups, [first.clone(), second.clone()]);
    assert!(overview.archiving && overview.log_size > 0);
    add(&server, 3).await;
    archived(&main, &server).await;
    let files = || fs::read_dir(folder.join("log")).unwrap().count();
    let before = files();
    let third = backup::create(&main, None, Some(2), |_| {}).await.unwrap();
    assert_eq!(backup::overview(&main).await.unwrap().unwrap().backups, [second.clone(), third.clone()]);
    assert!(files() < before + 2, "{} {before}", files());

    let result = restore::restore(&main, &request(Target::Time(time)), |_| {}).await;
    assert!(matches!(result, Err(Error::OutOfRange { .. } | Error::InUse { .. })), "{result:?}");
    server.release().await.unwrap();
    let result = restore::restore(&main, &request(Target::Time(time)), |_| {}).await;
    assert!(matches!(result, Err(Error::OutOfRange { .. })), "{result:?}");
    let mut unknown = Request::default();
    unknown.backup = Some(first.name);
    let result = restore::restore(&main, &unknown, |_| {}).await;
    assert!(matches!(result, Err(Error::BackupMissing { .. })), "{result:?}");

    // One bit of a file has changed.
    let path = folder.join("base").join(&third.name).join("data/global/pg_control");
    let mut bytes = fs::read(&path).unwrap();
    bytes[100] ^= 1;
    fs::write(&path, bytes).unwrap();
    let result = restore::restore(&main, &Request::default(), |_| {}).await;
    assert!(matches!(result, Err(Error::Backup { program: "pg_verifybackup", .. })), "{result:?}");
    // A server that ran does so again, after a failed restore and after one that is given up.
    let url = nicol_local::start(&main, |_| {}).await.unwrap();
    let result = restore::restore(&main, &Request::default(), |_| {}).await;
    assert!(matches!(result, Err(Error::Backup { program: "pg_verifybackup", .. })), "{result:?}");
    assert!(support::is_running(&main).await);
    assert_eq!(query(&url, ROWS).await, "1 2 3");
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let mut begun = Some(begun);
    let request = Request::default();
    let restoring = restore::restore(&main, &request, |step| {
        if step == Progress::Verifying {
            begun.take().unwrap().send(()).unwrap();
        }
    });
    tokio::select! {
        biased;
        begun = has_begun => begun.unwrap(),
        result = restoring => panic!("{result:?}"),
    }
    assert_eq!(query(&url, ROWS).await, "1 2 3");
    nicol_local::stop(&main).await.unwrap();
    // A missing segment is not taken for the end of the log.
    let mut older = Request::default();
    older.backup = Some(second.name.clone());
    restore::check(&main, &older, |_| {}).await.unwrap();
    let mut segments: Vec<PathBuf> = fs::read_dir(folder.join("log"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.to_string_lossy().len()
                == folder.join("log/000000010000000000000001.gz").to_string_lossy().len()
        })
        .collect();
    segments.sort();
    fs::remove_file(&segments[segments.len() - 2]).unwrap();
    let result = restore::check(&main, &older, |_| {}).await;
    assert!(matches!(result, Err(Error::Gap { .. })), "{result:?} {segments:?}");
    assert_eq!(rows(&main).await, "1 2 3");

    // Folders that are no backups, or those of another server, are refused.
    let other = Project::new("other");
    let server = lease(&other.options()).await;
    for wrong in [folder.clone(), other.dir.path().to_owned()] {
        let result = backup::create(&other.options(), Some(&wrong), None, |_| {}).await;
        assert!(matches!(result, Err(Error::NotBackups { .. })), "{result:?}");
    }
    assert!(backup::overview(&other.options()).await.unwrap().is_none());
    server.release().await.unwrap();

    assert_eq!(backup::stop(&main).await.unwrap(), folder);
    assert!(backup::overview(&main).await.unwrap().is_none());
}

/// Two backups at once, one of which is given up, and a restore of an archive that lay still: no segment is missing.
#[tokio::test]
async fn backups_and_restores_wait_for_one_another_and_leave_no_gap() {
    let project = Project::new("app");
    let main = project.options();
    let (one, two) = (project.dir.path().join("one"), project.dir.path().join("two"));
    let server = lease(&main).await;
    query(server.url(), "create table t (n int)").await;
    let first = backup::create(&main, Some(&one), None, |_| {}).await.unwrap();
    let waited = std::sync::Mutex::new(Vec::new());
    let tell = |step| waited.lock().unwrap().push(step);
    let (left, right) =
        tokio::join!(backup::create(&main, None, None, tell), backup::create(&main, None, None, tell));
    assert_ne!(left.unwrap().name, right.unwrap().name);
    let waits = waited.into_inner().unwrap();
    let holder = format!("waiting for another backup (process {}) to end", std::process::id());
    assert!(waits.iter().any(|step| step.to_string() == holder), "{waits:?}");

    // The log goes on in another folder for a while.
    add(&server, 1).await;
    archived(&main, &server).await;
    backup::create(&main, Some(&two), None, |_| {}).await.unwrap();
    add(&server, 2).await;
    archived(&main, &server).await;
    backup::create(&main, Some(&one), None, |_| {}).await.unwrap();
    let mut oldest = Request::default();
    oldest.backup = Some(first.name);
    restore::check(&main, &oldest, |_| {}).await.unwrap();

    // The server is killed with finished segments that it has not archived, and restored.
    let script = server.data_dir().with_file_name("archive.sh");
    let aside = script.with_extension("aside");
    fs::write(&aside, fs::read(&script).unwrap()).unwrap();
    fs::write(&script, "exit 1\n").unwrap();
    add(&server, 3).await;
    query(server.url(), "select pg_switch_wal()").await;
    add(&server, 4).await;
    query(server.url(), "select pg_switch_wal()").await;
    add(&server, 5).await;
    support::kill(server.pid(), "-9");
    while support::is_alive(server.pid()) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    server.release().await.unwrap();
    fs::rename(&aside, &script).unwrap();
    restore::restore(&main, &Request::default(), |_| {}).await.unwrap();
    restore::remove_previous(&main).await.unwrap();
    assert_eq!(rows(&main).await, "1 2 3 4 5");
    // Only the archive is left.
    oldest.folder = Some(one);
    nicol_local::remove(&main).await.unwrap();
    let fresh = Project::new("fresh");
    restore::restore(&fresh.options(), &oldest, |_| {}).await.unwrap();
    assert_eq!(rows(&fresh.options()).await, "1 2 3 4 5");
}

#[tokio::test]
async fn a_failing_archive_does_not_stop_the_server_and_catches_up() {
    let project = Project::new("app");
    let main = project.options();
    let folder = project.dir.path().join("backups");
    let server = lease(&main).await;
    query(server.url(), "create table t (n int)").await;
    backup::create(&main, Some(&folder), None, |_| {}).await.unwrap();
    archived(&main, &server).await;
    fs::rename(folder.join("log"), folder.join("gone")).unwrap();
    add(&server, 1).await;
    query(server.url(), "select pg_switch_wal()").await;
    add(&server, 2).await;
    let log = || fs::read_to_string(server.log_file()).unwrap();
    for _ in 0..1000 {
        if log().contains("the folder is missing") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(log().contains("the folder is missing"), "{}", log());
    assert!(backup::overview(&main).await.unwrap().unwrap().waiting > 0);
    assert!(!log().contains("external PID file"), "{}", log());
    let before = std::time::Instant::now();
    server.release().await.unwrap();
    println!("stopped with a failing archive in {} ms", before.elapsed().as_millis());
    fs::rename(folder.join("gone"), folder.join("log")).unwrap();
    let server = lease(&main).await;
    add(&server, 3).await;
    archived(&main, &server).await;
    server.release().await.unwrap();
    // Interrupted restores and backups leave folders that the next call removes.
    let home = server_home(&main).await;
    fs::create_dir_all(home.join("data.new.restore/base")).unwrap();
    fs::create_dir_all(folder.join("base/.new/data")).unwrap();
    assert!(restore::clean_up(&main).await.unwrap() && !restore::clean_up(&main).await.unwrap());
    fs::create_dir_all(home.join("data.new.restore/base")).unwrap();
    restore::restore(&main, &Request::default(), |_| {}).await.unwrap();
    assert_eq!(rows(&main).await, "1 2 3");
    backup::create(&main, None, Some(1), |_| {}).await.unwrap();
    // With the folder gone, archiving can be ended, and begun elsewhere.
    fs::rename(&folder, folder.with_extension("away")).unwrap();
    let gone = backup::overview(&main).await;
    assert!(matches!(gone, Err(Error::BackupsGone { .. })), "{gone:?}");
    let gone = backup::create(&main, None, None, |_| {}).await;
    assert!(matches!(gone, Err(Error::BackupsGone { .. })), "{gone:?}");
    assert_eq!(backup::stop(&main).await.unwrap(), folder);
    assert!(backup::overview(&main).await.unwrap().is_none());
    fs::rename(folder.with_extension("away"), &folder).unwrap();
    backup::create(&main, Some(&folder), Some(1), |_| {}).await.unwrap();
    assert!(!home.join("data.new.restore").exists() && !folder.join("base/.new").exists());
    // A branch does not write into the archive.
    branch::create(&main, "a", |_| {}).await.unwrap();
    assert!(backup::overview(&main.on_branch("a")).await.unwrap().is_none());
}

/// A restore that is given up changes nothing and leaves no server, until it takes effect: then it is completed.
#[tokio::test]
async fn a_restore_that_is_given_up_has_either_no_effect_or_all_of_it() {
    let project = Project::new("app");
    let main = project.options();
    let server = lease(&main).await;
    query(server.url(), "create table t (n int)").await;
    backup::create(&main, None, None, |_| {}).await.unwrap();
    let time = add(&server, 1).await;
    add(&server, 2).await;
    let home = server.data_dir().parent().unwrap().to_owned();
    server.release().await.unwrap();
    nicol_local::start(&main, |_| {}).await.unwrap();

    for last in [Progress::Replaying, Progress::Reading] {
        give_up_after(&last, &main, &request(Target::Time(time))).await;
        assert_eq!(servers_in(&home.join("data.new.restore")), 0, "{last}");
        assert!(!home.join("data.new.restore").exists(), "{last}");
        assert!(support::is_running(&main).await, "{last}");
        assert_eq!(rows(&main).await, "1 2", "{last}");
        assert_eq!(restore::previous(&main).await.unwrap(), [], "{last}");
    }
    give_up_after(&Progress::Replacing, &main, &request(Target::Time(time))).await;
    while !support::is_running(&main).await {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(rows(&main).await, "1");
    assert_eq!(restore::previous(&main).await.unwrap().len(), 1);
    nicol_local::stop(&main).await.unwrap();
}

/// Begins a restore, and drops it when it has reported a step and waits for something.
async fn give_up_after(last: &Progress, options: &Options, request: &Request) {
    let has_begun = std::cell::Cell::new(false);
    let mut restoring =
        Box::pin(restore::restore(options, request, |step| has_begun.set(has_begun.get() || step == *last)));
    std::future::poll_fn(|cx| match restoring.as_mut().poll(cx) {
        std::task::Poll::Ready(result) => panic!("{result:?}"),
        std::task::Poll::Pending if has_begun.get() => std::task::Poll::Ready(()),
        std::task::Poll::Pending => std::task::Poll::Pending,
    })
    .await;
}

/// Returns the number of processes whose working directory is this one, also after its removal.
fn servers_in(data: &std::path::Path) -> usize {
    let folders = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|process| fs::read_link(process.unwrap().path().join("cwd")).ok());
    folders.filter(|folder| folder.to_string_lossy().starts_with(&*data.to_string_lossy())).count()
}

async fn server_home(options: &Options) -> PathBuf {
    let server = lease(options).await;
    let home = server.data_dir().parent().unwrap().to_owned();
    server.release().await.unwrap();
    home
}
