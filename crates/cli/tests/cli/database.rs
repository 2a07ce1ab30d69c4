use std::time::Duration;

use testkit::TestDatabase;

use crate::support::{Folder, SCHEMA};

fn project(migration: &str) -> Folder {
    Folder::new(&[
        ("prisma/schema.prisma", SCHEMA),
        ("prisma/migrations/migration_lock.toml", "provider = \"postgresql\""),
        ("prisma/migrations/20250101000000_init/migration.sql", migration),
    ])
}

const INIT: &str = "create table note (id int primary key);";

#[tokio::test]
async fn deploying_is_told_step_by_step() {
    let database = TestDatabase::create().await;
    let folder = project(INIT).with_env("DIRECT_URL", &database.url_text());
    let run = folder
        .run(&["migrate", "status"])
        .check(1, &["no migrations have been applied yet", "nicol migrate deploy"]);
    assert_eq!(run.out, "pending   20250101000000_init\n");
    folder.run(&["migrate", "deploy"]).check(0, &["[1/1] 20250101000000_init", "applied 1 migration"]);
    folder.run(&["migrate", "deploy"]).check(0, &["up to date"]);
    let run = folder.run(&["migrate", "status"]).check(0, &["up to date"]);
    assert_eq!(run.out, "applied   20250101000000_init\n");
    assert!(!run.err.contains(database.url().password().unwrap()));

    folder.write("prisma/migrations/20250101000000_init/migration.sql", "-- edited");
    assert_eq!(
        folder.run(&["migrate", "status"]).out,
        "applied   20250101000000_init  (edited after it was applied)\n"
    );
}

#[tokio::test]
async fn a_failed_migration_is_put_right_with_resolve() {
    let database = TestDatabase::create().await;
    let folder = project("create table note (id no_type);").with_env("DIRECT_URL", &database.url_text());
    let run = folder.run(&["migrate", "deploy"]);
    run.check(1, &["error[P3018]: migration `20250101000000_init` failed", "42704", "line 1", "help: "]);
    folder.run(&["migrate", "deploy"]).check(1, &["error[P3009]", "20250101000000_init", "help: "]);
    let run = folder.run(&["migrate", "status"]).check(1, &["--rolled-back 20250101000000_init"]);
    assert_eq!(run.out, "failed    20250101000000_init\n");
    folder.run(&["migrate", "resolve", "--rolled-back", "20250101000000_init"]).check(0, &["as rolled back"]);
    folder.write("prisma/migrations/20250101000000_init/migration.sql", INIT);
    folder.run(&["migrate", "deploy"]).check(0, &["applied 1 migration"]);
}

#[tokio::test]
async fn a_dry_run_shows_transactions_and_locks_and_changes_nothing() {
    let database = TestDatabase::create().await;
    let script = "create table note (id int);\ncreate index concurrently note_id on note (id);\n\
        alter table note\n  add text text not null default 'a text that is longer than what fits on a line of a terminal';";
    let folder = project(script).with_env("DIRECT_URL", &database.url_text());
    let run = folder.run(&["migrate", "deploy", "--dry-run"]).check(0, &["nothing was changed"]);
    assert_eq!(
        run.out,
        "20250101000000_init\n  in a transaction\n    line 1: create table note (id int);\n  \
         outside a transaction\n    line 2: create index concurrently note_id on note (id);\n  \
         in a transaction\n    line 3: alter table note add text text not null default 'a text that is longer than wha…  \
         (blocks reads and writes of the table)\n"
    );
    let tables =
        database.connect().await.query("select from pg_tables where schemaname = 'public'", &[]).await;
    assert!(tables.expect("the server answers").is_empty());
    folder.run(&["migrate", "deploy"]).check(0, &["applied 1 migration"]);
    let run = folder.run(&["migrate", "deploy", "--dry-run"]).check(0, &["up to date"]);
    assert_eq!(run.out, "");
}

#[tokio::test]
async fn a_wait_and_a_long_statement_are_told() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    client.batch_execute("create schema other; create table other.busy ()").await.expect("it is empty");
    client.batch_execute("begin; lock table other.busy").await.expect("nobody else uses it");
    let folder = project("alter table other.busy add id int;").with_env("DIRECT_URL", &database.url_text());
    let free = async {
        tokio::time::sleep(Duration::from_secs(4)).await;
        client.batch_execute("rollback").await.expect("it can be ended");
    };
    let folder = std::sync::Arc::new(folder);
    let runs = std::sync::Arc::clone(&folder);
    let run = tokio::task::spawn_blocking(move || runs.run(&["migrate", "deploy"]));
    let ((), run) = tokio::join!(free, run);
    run.expect("it ran").check(
        0,
        &["line 1 has been running for", "s, waiting for a lock held by process ", "idle in transaction"],
    );
}

const SLOW: &str = "create table note (id int primary key); select pg_sleep(3);";

/// Waits until the slow script is running.
async fn is_running(database: &TestDatabase) {
    let client = database.connect().await;
    let sql = "select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
        and state = 'active' and query like '%pg_sleep%'";
    while client.query(sql, &[]).await.expect("the server answers").is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn ctrl_c_undoes_the_migration_that_runs() {
    let database = TestDatabase::create().await;
    let folder = project(SLOW).with_env("DIRECT_URL", &database.url_text());
    let output = folder.signal(&["migrate", "deploy"], "-INT", Box::pin(is_running(&database))).await;
    folder
        .outcome(output)
        .check(130, &["interrupted in migration", "its changes were rolled back", "deploy again"]);
    assert_eq!(folder.run(&["migrate", "status"]).out, "pending   20250101000000_init\n");
    folder.write("prisma/migrations/20250101000000_init/migration.sql", INIT);
    folder.run(&["migrate", "deploy"]).check(0, &["applied 1 migration"]);
}

/// Without its client, the server continues the statement and keeps the lock. What follows in the script has no
/// transaction to commit.
#[tokio::test]
async fn after_a_kill_the_next_deployment_waits_and_runs_the_migration_again() {
    let database = TestDatabase::create().await;
    let folder = project(SLOW).with_env("DIRECT_URL", &database.url_text());
    folder.signal(&["migrate", "deploy"], "-KILL", Box::pin(is_running(&database))).await;
    let run = folder.run(&["migrate", "deploy"]);
    run.check(0, &["waiting for another migration", "nothing was applied; running it again"]);
    folder.run(&["migrate", "deploy"]).check(0, &["up to date"]);
}

#[test]
fn an_unreachable_server_is_told_by_its_address() {
    let folder = project(INIT).with_env("DATABASE_URL", "postgresql://ann:secret@127.0.0.1:1/app");
    let run = folder
        .run(&["migrate", "deploy"])
        .check(1, &["error[P1001]", "127.0.0.1:1", "help: ", "`DIRECT_URL` is not set"]);
    assert!(!run.err.contains("secret"));
}

#[test]
fn a_broken_url_is_told_without_its_password() {
    let folder = project(INIT).with_env("DIRECT_URL", "postgresql://ann:secret@[::1/app");
    let run = folder.run(&["migrate", "status"]).check(1, &["error[P1013]", "`DIRECT_URL`"]);
    assert!(!run.err.contains("secret"), "{}", run.err);
}

#[test]
fn no_url_and_no_local_server_is_an_error_with_advice() {
    project(INIT)
        .run(&["migrate", "status"])
        .check(1, &["`DATABASE_URL` and `DIRECT_URL` are not set", "nicol local start"]);
}

#[test]
fn psql_opens_the_database_that_is_there() {
    let folder = project(INIT);
    // An application may have created it, under a name of its own.
    folder.write("nicol.toml", "[local]\ndatabase = \"people\"\n");
    folder.run(&["local", "start"]).check(0, &[]);
    folder.write("nicol.toml", "");
    let which = ["local", "psql", "--", "-Atc", "select current_database()"];
    let run = folder.run(&which).check(0, &[]);
    assert_eq!((run.out.as_str(), run.err.as_str()), ("people\n", ""));
    let all = ["local", "psql", "--", "-Atc", "select count(*) from pg_database where datname = 'app'"];
    assert_eq!(folder.run(&all).check(0, &[]).out, "0\n", "no other is created on the way");
    assert!(folder.run(&["local", "url"]).check(0, &[]).out.contains("/people?"));

    folder.run(&["local", "psql", "--", "-qc", "create database another"]).check(0, &[]);
    let run = folder.run(&which).check(0, &["using the database `another` of `another`, `people`"]);
    assert_eq!(run.out, "another\n");
    let run = folder.run(&["local", "psql", "--", "-d", "people", "-Atc", "select current_database()"]);
    assert_eq!(run.check(0, &[]).out, "people\n");
    folder.write("nicol.toml", "[local]\ndatabase = \"people\"\n");
    let run = folder.run(&which).check(0, &[]);
    assert_eq!((run.out.as_str(), run.err.as_str()), ("people\n", ""));
    // The database in the settings is created.
    folder.write("nicol.toml", "[local]\ndatabase = \"third\"\n");
    assert_eq!(folder.run(&which).check(0, &[]).out, "third\n");
    folder.run(&["local", "stop"]).check(0, &["stopped"]);
}

#[test]
fn the_local_server_is_used_where_no_url_is_set() {
    let folder = project(INIT);
    folder.run(&["local", "status"]).check(1, &[]);
    folder.run(&["local", "start"]).check(0, &["running until `nicol local stop`"]);
    folder
        .run(&["migrate", "deploy"])
        .check(0, &["are not set: using the local server", "applied 1 migration"]);
    let run = folder.run(&["local", "psql", "--", "-Atc", "select count(*) from note"]).check(0, &[]);
    assert_eq!(run.out, "0\n");
    assert!(folder.run(&["local", "url"]).check(0, &[]).out.starts_with("postgresql://"));
    let run = folder.run(&["doctor", "--strict"]).check(0, &[]);
    assert!(run.out.ends_with("\neverything is fine\n"), "{}", run.out);
    folder.run(&["local", "stop"]).check(0, &["stopped"]);
    folder.run(&["migrate", "status"]).check(0, &["using the local server", "up to date"]);
    folder.write("nicol.toml", "[migrations]\nseed = \"echo $DIRECT_URL\"");
    let run = folder.run(&["db", "seed"]).check(0, &["using the local server", "running: echo"]);
    assert!(run.out.starts_with("postgresql://"), "{}", run.out);
    folder.run(&["local", "stop"]).check(0, &[]);
}

#[tokio::test]
async fn an_applied_script_that_is_not_utf8_blocks_nothing() {
    let database = TestDatabase::create().await;
    let folder = project(INIT).with_env("DIRECT_URL", &database.url_text());
    let old = b"create table old (a text default 'caf\xe9');";
    let file = folder.path().join("prisma/migrations/20240101000000_old/migration.sql");
    std::fs::create_dir(file.parent().expect("it has a folder")).expect("a folder can be made");
    std::fs::write(&file, old).expect("a file can be written");
    // The error for a pending migration names the byte.
    let place = "migration.sql`: byte 0xE9 at offset 37 (line 1) is not UTF-8";
    folder.run(&["migrate", "deploy"]).check(1, &[place, "help: save it as UTF-8"]);
    folder.run(&["migrate", "resolve", "--applied", "20240101000000_old"]).check(0, &[]);
    folder.run(&["migrate", "deploy"]).check(0, &["applied 1 migration"]);
    let run = folder.run(&["migrate", "status"]).check(0, &["up to date"]);
    assert_eq!(run.out, "applied   20240101000000_old\napplied   20250101000000_init\n");
    // A different byte is a different script.
    std::fs::write(&file, old.map(|byte| if byte == 0xe9 { 0xe8 } else { byte })).expect("it can be written");
    assert!(
        folder.run(&["migrate", "status"]).out.contains("20240101000000_old  (edited after it was applied)")
    );
}

#[tokio::test]
async fn a_byte_order_mark_is_no_content_and_counts_in_the_checksum() {
    let database = TestDatabase::create().await;
    let script = format!("\u{feff}{INIT}");
    let folder = project(&script).with_env("DIRECT_URL", &database.url_text());
    folder.run(&["migrate", "deploy"]).check(0, &["applied 1 migration"]);
    assert_eq!(folder.run(&["migrate", "status"]).out, "applied   20250101000000_init\n");
    let sql = "select checksum::text from _prisma_migrations";
    let kept = database.connect().await.query_one(sql, &[]).await.expect("it is recorded");
    assert_eq!(kept.get::<_, String>(0), nicol_migrate::history::checksum(&script));
    folder.write("prisma/migrations/20250101000000_init/migration.sql", INIT);
    assert!(folder.run(&["migrate", "status"]).out.contains("(edited after it was applied)"));
}
