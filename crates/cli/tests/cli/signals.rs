//! Signals that end a command: it releases what it holds and reports what is left.

use std::sync::Arc;
use std::time::{Duration, Instant};

use nicol_pg::tokio_postgres::Client;
use testkit::TestDatabase;

use crate::support::{Folder, Run, SCHEMA};

/// The signals for `kill`, and the resulting exit codes.
const SIGNALS: [(&str, i32); 3] = [("-INT", 130), ("-TERM", 143), ("-HUP", 129)];

fn project(database: &TestDatabase, script: &str) -> Folder {
    let file = "prisma/migrations/20250101000000_init/migration.sql";
    Folder::new(&[("prisma/schema.prisma", SCHEMA), (file, script)])
        .with_env("DIRECT_URL", &database.url_text())
}

/// Waits until another server process runs this query.
async fn runs(client: &Client, query: &str) {
    while running(client, query).await == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Returns how many server processes run this query, in any database.
async fn running(client: &Client, query: &str) -> i64 {
    let sql = "select count(*) from pg_stat_activity where pid <> pg_backend_pid() and state = 'active'
        and query like '%' || $1 || '%'";
    client.query_one(sql, &[&query]).await.expect("the server answers").get(0)
}

/// Whether a session of this database waits for a lock.
async fn waits(client: &Client) -> bool {
    let sql = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    client.query_one(sql, &[]).await.expect("the server answers").get::<_, i64>(0) > 0
}

async fn until_it_waits(client: &Client) {
    while !waits(client).await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn signalled(
    folder: &Folder,
    arguments: &[&str],
    signal: &str,
    ready: impl Future<Output = ()>,
) -> Run {
    let output = folder.signal(arguments, signal, Box::pin(ready)).await;
    folder.outcome(output)
}

#[tokio::test]
async fn each_signal_undoes_the_migration_and_frees_the_lock() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    for (place, (signal, code)) in SIGNALS.into_iter().enumerate() {
        let sleep = format!("pg_sleep(6{place}.5)");
        let folder = project(&database, &format!("create table slow (id int); select {sleep};"));
        let run = signalled(&folder, &["migrate", "deploy"], signal, runs(&client, &sleep)).await;
        let run =
            run.check(code, &["interrupted in migration", "its changes were rolled back", "deploy again"]);
        assert!(!run.err.contains("waiting for another"), "{}", run.err);
        assert_eq!(running(&client, &sleep).await, 0);
    }
    let run = project(&database, "create table note (id int);").run(&["migrate", "deploy"]);
    let run = run.check(0, &["applied 1 migration"]);
    assert!(!run.err.contains("waiting"), "{}", run.err);
}

#[tokio::test]
async fn each_signal_drops_the_shadow_database() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    for (place, (signal, code)) in SIGNALS.into_iter().enumerate() {
        let sleep = format!("pg_sleep(7{place}.5)");
        let folder = project(&database, &format!("select {sleep};"));
        for arguments in [
            &["migrate", "dev", "--name", "x"][..],
            &["migrate", "diff", "--from-migrations", "prisma/migrations", "--to-config-datasource"],
        ] {
            let mut shadow = String::new();
            let ready = async {
                runs(&client, &sleep).await;
                let sql = "select datname::text from pg_stat_activity where query like '%' || $1 || '%'
                    and pid <> pg_backend_pid()";
                shadow = client.query_one(sql, &[&sleep]).await.unwrap().get(0);
            };
            let run = signalled(&folder, arguments, signal, ready).await;
            run.check(code, &["interrupted", "the shadow database, which has been dropped"]);
            assert!(shadow.starts_with("prisma_migrate_shadow_db_"), "{shadow}");
            let left = client.query("select from pg_database where datname = $1", &[&shadow]).await.unwrap();
            assert!(left.is_empty(), "{shadow}");
        }
    }
}

#[tokio::test]
async fn in_a_shadow_database_that_is_kept_the_statement_is_cancelled() {
    let (database, other) = (TestDatabase::create().await, TestDatabase::create().await);
    let client = database.connect().await;
    let folder = project(&database, "select pg_sleep(81.5);").with_env("SHADOW_URL", &other.url_text());
    let setting = "  shadowDatabaseUrl = env(\"SHADOW_URL\")\n}";
    folder.write("prisma/schema.prisma", &SCHEMA.replacen('}', setting, 1));
    let run = signalled(&folder, &["migrate", "dev"], "-TERM", runs(&client, "pg_sleep(81.5)")).await;
    let run = run.check(143, &["in the shadow database; nothing else was changed"]);
    assert!(!run.err.contains("dropped"), "{}", run.err);
    assert_eq!(running(&client, "pg_sleep(81.5)").await, 0);
}

#[tokio::test]
async fn a_script_is_cancelled() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    let folder = project(&database, "");
    folder.write("s.sql", "create table t (); select pg_sleep(82.5)");
    let execute = ["db", "execute", "--file", "s.sql"];
    signalled(&folder, &execute, "-TERM", runs(&client, "pg_sleep(82.5)")).await.check(143, &["interrupted"]);
    assert_eq!(running(&client, "pg_sleep(82.5)").await, 0);
    client.batch_execute("select from t").await.unwrap_err();
}

/// A push, a reset and a query, each blocked by a lock on the table.
#[tokio::test]
async fn what_waits_for_a_lock_is_cancelled() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    client.batch_execute("create table \"Note\" (id int primary key)").await.unwrap();
    client.batch_execute("insert into \"Note\" values (1)").await.unwrap();
    client.batch_execute("begin; lock table \"Note\" in access exclusive mode").await.unwrap();
    let watcher = database.connect().await;
    let folder = project(&database, "");
    folder.write("prisma/schema.prisma", &SCHEMA.replace("text String", "text String?"));
    for arguments in [&["db", "push"][..], &["migrate", "reset", "--force"], &["db", "push", "--force-reset"]]
    {
        let run = signalled(&folder, arguments, "-TERM", until_it_waits(&watcher)).await;
        run.check(143, &["interrupted"]);
        assert!(!waits(&watcher).await, "{arguments:?}");
    }
    // A new required column first checks the rows.
    folder.write("prisma/schema.prisma", SCHEMA);
    let run = signalled(&folder, &["db", "push"], "-HUP", until_it_waits(&watcher)).await;
    run.check(129, &["interrupted"]);
    assert!(!waits(&watcher).await);
    client.batch_execute("rollback").await.unwrap();
    assert_eq!(client.query("select from \"Note\"", &[]).await.unwrap().len(), 1);
}

#[tokio::test]
async fn waiting_for_another_migration_can_be_given_up() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    client.batch_execute("select pg_advisory_lock(72707369)").await.unwrap();
    let folder = project(&database, "create table note (id int);");
    let begun = Instant::now();
    let ready = runs_for(Duration::from_secs(3));
    let deploy = ["migrate", "deploy", "--lock-timeout", "60"];
    let run = signalled(&folder, &deploy, "-INT", ready).await;
    run.check(130, &["waiting for another migration", "interrupted"]);
    assert!(begun.elapsed() < Duration::from_secs(30));
}

async fn runs_for(time: Duration) {
    tokio::time::sleep(time).await;
}

#[tokio::test]
async fn an_index_that_is_not_valid_is_named() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    client.batch_execute("create table note (id int primary key, title text)").await.unwrap();
    let folder = project(&database, "create index concurrently note_title on note (title);");
    folder.run(&["migrate", "resolve", "--applied", "20250101000000_init"]).check(0, &[]);
    let file = "prisma/migrations/20250102000000_index/migration.sql";
    let script =
        "alter table note add body text;\ncreate index concurrently \"Title\" on note (title);\nselect 1;";
    folder.write(file, script);
    client.batch_execute("begin; insert into note values (1, 'a')").await.unwrap();
    let watcher = database.connect().await;
    let other = database.connect().await;
    let ready = async {
        // The first statement needs an exclusive lock on the table.
        until_it_waits(&watcher).await;
        other.batch_execute("begin; select from pg_class").await.unwrap();
        client.batch_execute("commit; begin; lock table note in row exclusive mode").await.unwrap();
        runs(&watcher, "create index concurrently").await;
        until_it_waits(&watcher).await;
    };
    let run = signalled(&folder, &["migrate", "deploy"], "-INT", ready).await;
    let help = "help: run `drop index concurrently public.\"Title\"`, then deploy again";
    run.check(
        130,
        &["1 of its 3 statements is in the database", "index `public.\"Title\"` is invalid", help],
    );
    client.batch_execute("rollback").await.unwrap();
    other.batch_execute("rollback").await.unwrap();
    client.batch_execute("drop index concurrently public.\"Title\"").await.unwrap();
    folder.run(&["migrate", "deploy"]).check(0, &["applied 1 migration"]);
}

#[tokio::test]
async fn the_seed_command_hears_of_it() {
    let folder = Folder::new(&[("nicol.toml", "[migrations]\nseed = \"touch begun; exec sleep 83\"")]);
    let begun = async {
        while !folder.path().join("begun").exists() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let since = Instant::now();
    signalled(&folder, &["db", "seed"], "-TERM", begun).await.check(143, &[]);
    assert!(since.elapsed() < Duration::from_mins(1));
}

#[tokio::test]
async fn a_second_signal_ends_the_command_at_once() {
    // A program that ignores the signal keeps running, as it intended.
    let seed = "[migrations]\nseed = \"trap '' TERM; touch begun; i=0; while [ $i -lt 20 ]; do sleep 1; i=$((i+1)); done; true\"";
    let folder = Folder::new(&[("nicol.toml", seed)]);
    let mut command = tokio::process::Command::from(folder.command(&["db", "seed"]));
    let mut child = command.stderr(std::process::Stdio::null()).spawn().unwrap();
    let id = child.id().unwrap().to_string();
    while !folder.path().join("begun").exists() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let term = || std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap();
    term();
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert!(child.try_wait().unwrap().is_none(), "it waits for the seed command");
    term();
    let status = tokio::time::timeout(Duration::from_secs(10), child.wait()).await.expect("it ends").unwrap();
    assert_eq!(status.code(), Some(143));
}

#[tokio::test]
async fn who_is_in_the_way_is_told() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    client.batch_execute("create table \"Note\" (id int primary key)").await.unwrap();
    let folder = Arc::new(project(&database, ""));
    for arguments in [&["db", "push"][..], &["migrate", "reset", "--force"]] {
        client.batch_execute("begin; lock table \"Note\" in access share mode").await.unwrap();
        let runs = Arc::clone(&folder);
        let run = tokio::task::spawn_blocking(move || runs.run(arguments));
        tokio::time::sleep(Duration::from_secs(5)).await;
        client.batch_execute("rollback").await.unwrap();
        run.await
            .unwrap()
            .check(0, &["running for ", " s, waiting for a lock held by process ", "idle in transaction"]);
    }
}
