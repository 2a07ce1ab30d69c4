//! Branches of a real private server.

use std::time::Duration;

use nicol_branch::{Backend as _, Branch, Branches, Error, Local, NewBranch, Origin, Point, Timestamp};
use nicol_local::{Options, Status};
use nicol_pg::ConnectionUrl;

/// A project with a server that is stopped and removed at the end, and so are its branches.
struct Project {
    folder: tempfile::TempDir,
    options: Options,
}

impl Project {
    fn new() -> Self {
        let folder = tempfile::tempdir_in(testkit::fast_folder()).expect("a folder can be made");
        let mut options = Options::new(folder.path());
        options.root_home = folder.path().join("root");
        // As root, the server's user has to reach its data.
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(folder.path(), mode).expect("it is ours");
        options.settings = vec![("fsync".to_owned(), "off".to_owned())];
        Self { folder, options }
    }

    fn local(&self) -> Local {
        Local::new(self.options.clone(), None)
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let options = self.options.clone();
        let stopped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime can be made").block_on(async {
                drop(Local::new(options.clone(), None).stop_all().await);
                drop(nicol_local::stop(&options).await);
            });
        });
        drop(stopped.join());
        assert!(self.folder.path().exists());
    }
}

async fn run(url: &ConnectionUrl, sql: &str) -> Option<String> {
    let (client, connection) = nicol_pg::connect(url).await.expect("the server accepts connections");
    let work = async {
        let rows = client.simple_query(sql).await.expect("the statement is valid");
        drop(client);
        rows.into_iter().find_map(|row| match row {
            nicol_pg::tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        })
    };
    tokio::join!(work, connection).0
}

async fn count(url: &ConnectionUrl) -> String {
    run(url, "select count(*) from note").await.expect("there is a row")
}

async fn create(local: &Local, name: &str, parent: &Branch) -> Branch {
    local.create(&NewBranch::new(name, Origin::head(parent))).await.expect("it can be created")
}

#[tokio::test]
async fn a_branch_never_shows_on_its_parent() {
    let project = Project::new();
    let local = project.local();
    assert!(matches!(local.list().await.unwrap_err(), Error::NoServer));
    let lease = nicol_local::acquire(&project.options, |_| {}).await.unwrap();
    let main_url = lease.url().clone();
    run(&main_url, "create table note (id int primary key); insert into note values (1), (2)").await;
    let list = local.list().await.unwrap();
    assert_eq!(list.len(), 1);
    let main = &list[0];
    assert!(main.default && main.name == "main" && main.parent_id.is_none());

    // The parent is in use meanwhile.
    let feature = create(&local, "feature/login", main).await;
    let feature_url = local.urls(&feature).await.unwrap().direct;
    assert_eq!(feature_url.database(), "app", "the database that exists");
    run(&feature_url, "insert into note values (3); create table extra (id int)").await;
    run(&main_url, "delete from note where id = 1").await;
    assert_eq!((count(&feature_url).await, count(&main_url).await), ("3".to_owned(), "1".to_owned()));
    assert_eq!(run(&main_url, "select to_regclass('extra')").await, None);

    // A branch of a branch, and the rules.
    let child = create(&local, "child", &feature).await;
    let branches = Branches::of(local.list().await.unwrap());
    let names: Vec<&str> = branches.all().iter().map(|branch| branch.name.as_str()).collect();
    assert_eq!(names, ["main", "feature/login", "child"]);
    assert_eq!(branches.parent(&child).unwrap().name, "feature/login");
    assert!(matches!(branches.check_delete(main), Err(Error::Undeletable { .. })));
    assert!(matches!(branches.check_delete(&feature), Err(Error::HasChildren { .. })));
    assert!(matches!(branches.check_new_name("child"), Err(Error::NameTaken { .. })));
    let again = local.create(&NewBranch::new("child", Origin::head(main))).await.unwrap_err();
    assert!(matches!(again, Error::NameTaken { .. }), "{again}");

    // Names change; ids, data and URLs do not.
    let renamed = local.rename(&feature, "login").await.unwrap();
    assert_eq!((renamed.name.as_str(), &renamed.id), ("login", &feature.id));
    assert_eq!(local.urls(&renamed).await.unwrap().direct, feature_url);
    for (url, id) in [(&feature_url, &feature.id), (&main_url, &main.id)] {
        assert_eq!(local.branch_at(url).await.unwrap().as_ref(), Some(id));
    }
    let elsewhere = ConnectionUrl::parse("postgresql:///app?host=/tmp").unwrap();
    assert_eq!(local.branch_at(&elsewhere).await.unwrap(), None);

    let past = Origin::at(main, Point::Lsn("0/1".to_owned()));
    let error = local.restore(&child, &past, None).await.unwrap_err();
    assert!(
        matches!(error, Error::Unsupported { .. }) && error.to_string().contains("has no backups"),
        "{error}"
    );
    local.delete(&child).await.unwrap();
    assert_eq!(local.list().await.unwrap().len(), 2);
    assert_eq!(count(&feature_url).await, "3", "a branch of its own");
    lease.release().await.unwrap();
}

#[tokio::test]
async fn a_branch_is_restored_and_its_former_state_preserved() {
    let project = Project::new();
    let local = project.local();
    let lease = nicol_local::acquire(&project.options, |_| {}).await.unwrap();
    let main_url = lease.url().clone();
    run(&main_url, "create table note (id serial primary key); insert into note values (default), (default)")
        .await;
    let main = local.list().await.unwrap().remove(0);
    let branch = create(&local, "dev", &main).await;
    let child = create(&local, "child", &branch).await;
    let url = local.urls(&branch).await.unwrap().direct;
    run(&url, "truncate note").await;

    // As in Neon, children move to the branch that preserves the former state.
    let restored = local.restore(&branch, &Origin::head(&main), Some("dev before")).await.unwrap();
    assert!(restored.last_reset_at.is_some());
    assert_eq!(restored.id, branch.id);
    assert_eq!(count(&url).await, "2", "the URL is the same, and the server runs again");
    let branches = Branches::of(local.list().await.unwrap());
    let kept = branches.find("dev before").unwrap();
    assert_eq!(branches.parent(branches.by_id(&child.id).unwrap()).unwrap(), kept);
    let opened = local.open(kept, &Point::Head).await.unwrap();
    assert_eq!(count(&opened.url).await, "0");
    opened.close().await.unwrap();
    let status = nicol_local::status(&local.options(kept)).await.unwrap();
    assert!(matches!(status, Status::Stopped { .. }), "it runs only while it is open: {status:?}");

    // Without a name, the former state is gone.
    run(&url, "insert into note values (default)").await;
    local.restore(&restored, &Origin::head(kept), None).await.unwrap();
    assert_eq!(count(&url).await, "0");
    let names: Vec<String> = local.list().await.unwrap().into_iter().map(|it| it.name).collect();
    assert_eq!(names, ["main", "dev", "child", "dev before"]);
    assert_eq!(nicol_local::branch::list(&project.options).await.unwrap().len(), 3, "nothing else is left");

    // An application that holds a lease is not interrupted.
    let used = nicol_local::acquire(&local.options(&restored), |_| {}).await.unwrap();
    let error = local.restore(&restored, &Origin::head(&main), None).await.unwrap_err();
    assert!(matches!(error, Error::Local(nicol_local::Error::InUse { .. })), "{error}");
    assert_eq!(count(&url).await, "0");
    used.release().await.unwrap();

    // What an interrupted restore has begun is finished.
    nicol_local::branch::create(&project.options, "br-local-1-new", |_| {}).await.unwrap();
    let path = nicol_local::state_dir(&project.options).unwrap().join("branches.json");
    let mut records: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    records["pending"] = serde_json::json!({
        "branch": branch.id, "new": "br-local-1-new", "old": "br-local-1", "is_kept": false,
    });
    std::fs::write(&path, records.to_string()).unwrap();
    assert_eq!(local.list().await.unwrap().len(), 4);
    assert_eq!(nicol_local::branch::list(&project.options).await.unwrap().len(), 3);
    assert_eq!(count(&local.urls(&restored).await.unwrap().direct).await, "2");

    // Only the schema.
    run(&main_url, "create table _prisma_migrations (id int); insert into _prisma_migrations values (1)")
        .await;
    let mut new = NewBranch::new("empty", Origin::head(&main));
    new.schema_only = true;
    let empty = local.create(&new).await.unwrap();
    assert_eq!(empty.parent_id, None, "it is a root");
    let opened = local.open(&empty, &Point::Head).await.unwrap();
    assert_eq!(count(&opened.url).await, "0");
    assert_eq!(
        run(&opened.url, "insert into note values (default) returning id").await.as_deref(),
        Some("1")
    );
    assert_eq!(run(&opened.url, "select count(*) from _prisma_migrations").await.as_deref(), Some("1"));
    opened.close().await.unwrap();
    assert_eq!(count(&main_url).await, "2");
    lease.release().await.unwrap();
}

#[tokio::test]
async fn an_expired_branch_is_deleted_once_nobody_uses_it() {
    let project = Project::new();
    let local = project.local();
    let lease = nicol_local::acquire(&project.options, |_| {}).await.unwrap();
    let main = local.list().await.unwrap().remove(0);
    let branch = create(&local, "short", &main).await;
    let at: Timestamp = "2099-01-01T00:00:00Z".parse().unwrap();
    let branch = local.set_expiration(&branch, Some(at)).await.unwrap();
    assert!(local.delete_expired(at, Some(&branch.id)).await.unwrap().is_empty(), "it is the current one");
    assert!(!branch.is_expired(Timestamp::now()) && branch.is_expired(at));
    assert!(local.delete_expired(Timestamp::now(), None).await.unwrap().is_empty());

    let url = local.urls(&branch).await.unwrap().direct;
    let (client, connection) = nicol_pg::connect(&url).await.unwrap();
    let connection = tokio::spawn(connection);
    assert!(local.delete_expired(at, None).await.unwrap().is_empty(), "it has a connection");
    local.leave(&branch).await.unwrap();
    assert!(client.simple_query("select 1").await.is_ok(), "nor does it stop");
    drop(client);
    connection.await.unwrap().unwrap();
    let kept = local.set_expiration(&branch, None).await.unwrap();
    assert!(local.delete_expired(at, None).await.unwrap().is_empty(), "it does not expire any more");
    local.set_expiration(&kept, Some(at)).await.unwrap();
    // The server may take a moment to notice that the connection is closed.
    let mut deleted = Vec::new();
    for _ in 0..50 {
        deleted = local.delete_expired(at, None).await.unwrap();
        if !deleted.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(deleted, ["short"]);
    assert_eq!(local.list().await.unwrap().len(), 1);
    lease.release().await.unwrap();
}

#[tokio::test]
async fn a_branch_begins_at_a_point_in_time_if_there_are_backups() {
    let project = Project::new();
    let local = project.local();
    let lease = nicol_local::acquire(&project.options, |_| {}).await.unwrap();
    let url = lease.url();
    run(url, "create table note (id int primary key); insert into note values (1)").await;
    let main = local.list().await.unwrap().remove(0);
    nicol_local::backup::create(&project.options, None, None, |_| {}).await.unwrap();
    run(url, "insert into note values (2)").await;
    let lsn = run(url, "select pg_current_wal_lsn()").await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let time: Timestamp = run(url, "select to_char(now(), 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
        .await
        .unwrap()
        .parse()
        .unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    run(url, "delete from note; select pg_switch_wal()").await;
    for (name, point) in [("by time", Point::Time(time)), ("by lsn", Point::Lsn(lsn))] {
        let branch = local.create(&NewBranch::new(name, Origin::at(&main, point))).await.unwrap();
        assert_eq!(branch.parent_id.as_ref(), Some(&main.id));
        let opened = local.open(&branch, &Point::Head).await.unwrap();
        assert_eq!(count(&opened.url).await, "2", "{name}");
        opened.close().await.unwrap();
    }
    assert_eq!(count(url).await, "0");
    lease.release().await.unwrap();
}
