//! Ten migrations, interrupted at every message to the server.
//!
//! The command runs through a relay that counts its messages. At the chosen message, the relay ends the command or the
//! server's processes, so nothing depends on timing. The next `deploy` must then reach the same state as an
//! undisturbed one, without running anything twice.

use std::process::Stdio;
use std::time::Duration;

use nicol_migrate::{Migrations, Standing, deploy, status};
use nicol_pg::tokio_postgres::{Client, SimpleQueryMessage};
use testkit::TestDatabase;

use crate::relay::{Fault, Relay};
use crate::support::{Folder, SCHEMA};

/// Ten migrations of all kinds. Running one twice is detectable: it fails or counts again.
const HISTORY: [(&str, &str); 10] = [
    (
        "20250101000000_tables",
        "create type role as enum ('guest', 'user');\n\
         create table person (id int primary key, name text not null, role role not null default 'guest');\n\
         create table counter (id int primary key, n int not null);\n\
         create table log (what text not null);",
    ),
    (
        "20250102000000_data",
        "insert into counter values (1, 0);\n\
         insert into person select i, 'person; ' || i from generate_series(1, 50) i;\n\
         update counter set n = n + 1;",
    ),
    (
        "20250103000000_enum_rebuild",
        "-- AlterEnum\nBEGIN;\n\
         CREATE TYPE role_new AS ENUM ('guest', 'member');\n\
         ALTER TABLE person ALTER COLUMN role DROP DEFAULT;\n\
         ALTER TABLE person ALTER COLUMN role TYPE role_new USING (role::text::role_new);\n\
         ALTER TYPE role RENAME TO role_old;\n\
         ALTER TYPE role_new RENAME TO role;\n\
         DROP TYPE role_old;\n\
         ALTER TABLE person ALTER COLUMN role SET DEFAULT 'guest';\n\
         COMMIT;\n\n\
         -- AlterTable\nALTER TABLE person ADD COLUMN email text;\n\
         update counter set n = n + 1;",
    ),
    (
        "20250104000000_concurrently",
        "alter table person add column age int;\n\
         create index concurrently person_age on person (age);\n\
         update counter set n = n + 1;\n\
         create unique index concurrently if not exists person_name on person (name);\n\
         insert into log values ('concurrently');",
    ),
    (
        "20250105000000_enum_value",
        "alter type role add value 'owner';\n\
         alter type role add value 'admin';\n\
         update person set role = 'admin' where id = 1;\n\
         update counter set n = n + 1;",
    ),
    (
        "20250106000000_function",
        "create function note() returns trigger language plpgsql as $$\n\
         begin\n  insert into log values (new.name || ';');\n  return new;\nend $$;\n\
         create trigger person_note after insert on person for each row execute function note();\n\
         insert into person (id, name) values (51, 'noted');",
    ),
    (
        "20250107000000_two_transactions",
        "begin;\nupdate counter set n = n + 1;\ninsert into log values ('first');\ncommit;\n\
         begin;\nupdate counter set n = n * 2;\ncommit;\n\
         begin;\ndrop table log;\nrollback;\n\
         insert into log values ('last');",
    ),
    (
        "20250108000000_drop_index",
        "set lock_timeout = '60s';\n\
         drop index concurrently person_age;\n\
         create index concurrently person_age on person (age desc);\n\
         insert into log select current_setting('lock_timeout');",
    ),
    (
        "20250109000000_vacuum",
        "update counter set n = n + 1;\nvacuum counter;\ninsert into log values ('vacuumed');",
    ),
    (
        "20250110000000_keys",
        "create table note (id int primary key, person_id int not null references person (id));\n\
         insert into note select i, i from generate_series(1, 10) i;\n\
         update counter set n = n + 1;",
    ),
];

/// The number of databases used concurrently.
const WORKERS: usize = 4;

/// The regular test checks some of the positions; `cargo xtask test faults` checks all.
fn step() -> usize {
    if std::env::var_os("NICOL_FAULTS").is_some() { 1 } else { 37 }
}

#[tokio::test]
async fn a_history_killed_anywhere_is_brought_to_its_end() {
    let reference = TestDatabase::create().await;
    let relay = Relay::start(reference.url(), None).await;
    assert!(run(&relay).await, "nothing is in the way");
    let messages = relay.messages();
    let expected = contents(&reference).await;
    assert!(messages > 100, "{messages}");

    let faults = [Fault::KillBefore, Fault::KillAfter, Fault::EndServer];
    let cases: Vec<_> =
        (0..messages).flat_map(|at| faults.map(|fault| (at, fault))).step_by(step()).collect();
    let count = cases.len();
    let (mut by_hand, mut failures) = (0, Vec::new());
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..WORKERS {
        let (cases, expected) = (cases.clone(), expected.clone());
        workers.spawn(async move {
            let mut outcomes = Vec::new();
            for (at, fault) in cases.into_iter().skip(worker).step_by(WORKERS) {
                let outcome = check(at, fault, &expected).await;
                outcomes.push(outcome.map_err(|failure| format!("{fault:?} at {at}: {failure}")));
            }
            outcomes
        });
    }
    for outcome in workers.join_all().await.into_iter().flatten() {
        match outcome {
            Ok(indexes) => by_hand += indexes,
            Err(failure) => failures.push(failure),
        }
    }
    println!(
        "{count} faults at {messages} messages, {by_hand} indexes to drop, {} not put right",
        failures.len()
    );
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Returns how many indexes a user would have had to drop.
async fn check(at: usize, fault: Fault, expected: &str) -> Result<usize, String> {
    let database = TestDatabase::create().await;
    let checked = check_on(&database, at, fault, expected).await;
    // Dropping it blocks, and the server may be waiting for a task on this thread.
    tokio::task::spawn_blocking(|| drop(database)).await.expect("it can be dropped");
    checked
}

async fn check_on(database: &TestDatabase, at: usize, fault: Fault, expected: &str) -> Result<usize, String> {
    let relay = Relay::start(database.url(), Some((at, fault))).await;
    run(&relay).await;
    let mut dropped = 0;
    for _ in 0..5 {
        // The server may not have noticed yet.
        let found = settled(database).await?;
        for unfinished in &found.unfinished {
            match &unfinished.standing {
                Standing::Undone | Standing::GoesOn { .. } => {}
                Standing::InvalidIndex { index, .. } => {
                    dropped += 1;
                    let sql = format!("drop index concurrently {index}");
                    database.connect().await.batch_execute(&sql).await.map_err(|error| error.to_string())?;
                }
                standing => return Err(format!("{} is {standing:?}", unfinished.migration)),
            }
        }
        if deploy(database.url(), &migrations(), |_| {}).await.is_ok() {
            break;
        }
    }
    let found = contents(database).await;
    if found != expected {
        return Err(format!("the database is another one:\n{found}\ninstead of\n{expected}"));
    }
    Ok(dropped)
}

/// Returns the status once nothing is running any more.
async fn settled(database: &TestDatabase) -> Result<nicol_migrate::Status, String> {
    for _ in 0..200 {
        let found = status(database.url(), &migrations()).await.map_err(|error| error.to_string())?;
        if found.holder.is_none() {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err("the lock is never free".to_owned())
}

fn migrations() -> Migrations {
    Migrations::embedded(&HISTORY)
}

/// Runs `nicol migrate deploy` through the relay. Returns whether it succeeded.
async fn run(relay: &Relay) -> bool {
    let mut files = vec![("prisma/schema.prisma".to_owned(), SCHEMA)];
    files.extend(
        HISTORY.iter().map(|(name, script)| (format!("prisma/migrations/{name}/migration.sql"), *script)),
    );
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let folder = Folder::new(&files).with_env("DIRECT_URL", &relay.url());
    let mut command = tokio::process::Command::from(folder.command(&["migrate", "deploy"]));
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn();
    let mut child = child.expect("the command can be started");
    tokio::select! {
        ended = child.wait() => ended.expect("the command can be waited for").success(),
        () = relay.kill_is_due() => {
            child.kill().await.expect("the command is ours");
            relay.cut();
            false
        }
    }
}

/// Returns everything that a migration can change, as text: the history, tables with their rows, enums, indexes,
/// functions.
async fn contents(database: &TestDatabase) -> String {
    let client = database.connect().await;
    let mut text = String::new();
    for sql in [
        "select migration_name, checksum, finished_at is not null, applied_steps_count, logs from _prisma_migrations
            where rolled_back_at is null order by 1",
        "select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid)
            from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
            where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' order by 1, a.attnum",
        "select conrelid::regclass, conname, pg_get_constraintdef(oid) from pg_constraint
            where connamespace = 'public'::regnamespace order by 1, 2",
        "select indexrelid::regclass, pg_get_indexdef(indexrelid), indisvalid from pg_index
            where indrelid::regclass::text !~ '^pg_' order by indexrelid::regclass::text",
        "select t.typname, e.enumlabel from pg_enum e join pg_type t on t.oid = e.enumtypid order by 1, e.enumsortorder",
        "select proname, prosrc from pg_proc where pronamespace = 'public'::regnamespace order by 1",
        "select tgrelid::regclass, tgname from pg_trigger where not tgisinternal order by 2",
        "select * from person order by id",
        "select * from counter",
        "select * from log order by what",
        "select * from note order by id",
    ] {
        text.push_str(&rows(&client, sql).await);
        text.push('\n');
    }
    text
}

async fn rows(client: &Client, sql: &str) -> String {
    let messages = match client.simple_query(sql).await {
        Ok(messages) => messages,
        Err(error) => return format!("{sql}: {error}\n"),
    };
    let mut text = String::new();
    for message in messages {
        if let SimpleQueryMessage::Row(row) = message {
            let cells: Vec<_> = (0..row.len()).map(|at| row.get(at).unwrap_or("∅")).collect();
            text.push_str(&cells.join(" | "));
            text.push('\n');
        }
    }
    text
}
