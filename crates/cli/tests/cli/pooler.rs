//! Migrations through a real PgBouncer in transaction mode.

use std::process::Stdio;

use testkit::{Pooler, Prepared, TestDatabase};

use crate::support::{Folder, SCHEMA};

/// Starts the pooler for which a mistake has consequences.
pub(crate) async fn start(database: &TestDatabase) -> Pooler {
    Pooler::start(database.url(), Prepared::Lost, &[]).await
}

/// Returns the URL, with or without the parameter that declares the pooler.
pub(crate) fn url(pooler: &Pooler, is_named: bool) -> String {
    let url = pooler.url();
    let url = if is_named { url.with_parameter("pgbouncer", "true") } else { Ok(url.clone()) };
    url.expect("it can be set").to_url_with_password()
}

fn project(url: &str, migrations: &[(&str, &str)]) -> Folder {
    let mut files = vec![("prisma/schema.prisma".to_owned(), SCHEMA)];
    files.extend(
        migrations.iter().map(|(name, sql)| (format!("prisma/migrations/{name}/migration.sql"), *sql)),
    );
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    Folder::new(&files).with_env("DIRECT_URL", url)
}

const ONE: (&str, &str) =
    ("20250101000000_one", "create table note (id int primary key);\nset lock_timeout = '5s';");
const TWO: (&str, &str) =
    ("20250102000000_two", "alter table note add text text;\ninsert into note values (1, 'x');");

/// Returns the number of migration locks held.
async fn locks(database: &TestDatabase) -> i64 {
    let sql = "select count(*) from pg_locks where locktype = 'advisory' and objid = 72707369
        and database = (select oid from pg_database where datname = current_database())";
    database.connect().await.query_one(sql, &[]).await.expect("the server answers").get(0)
}

#[tokio::test]
async fn migrations_go_through_a_pooler_named_or_found_out() {
    for is_named in [true, false] {
        let database = TestDatabase::create().await;
        let pooler = start(&database).await;
        let folder = project(&url(&pooler, is_named), &[ONE, TWO]);
        let run = folder.run(&["migrate", "deploy"]);
        run.check(0, &["[1/2] 20250101000000_one", "[2/2] 20250102000000_two", "applied 2 migrations"]);
        folder.run(&["migrate", "deploy"]).check(0, &["up to date"]);
        folder.run(&["migrate", "status"]).check(0, &["up to date"]);
        assert_eq!(locks(&database).await, 0, "a lock would stay with the pooler's connection");

        // Nothing is left for the next user of the server connection.
        let (client, connection) = nicol_pg::connect(pooler.url()).await.expect("the pooler answers");
        tokio::spawn(connection);
        for (setting, expected) in [("lock_timeout", "0"), ("search_path", "\"$user\", public")] {
            let rows = client.simple_query(&format!("show {setting}")).await.expect("the server answers");
            let found = rows.iter().find_map(|message| match message {
                nicol_pg::tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
                _ => None,
            });
            assert_eq!(found, Some(expected), "{setting}");
        }
    }
}

#[tokio::test]
async fn what_is_no_single_transaction_is_refused_with_the_way_out() {
    let database = TestDatabase::create().await;
    let pooler = start(&database).await;
    for is_named in [true, false] {
        for (script, reason) in [
            (
                "select 1;\ncreate index concurrently note_id on note (id);",
                "line 2 cannot run in a transaction",
            ),
            ("begin; select 1; commit;", "ends transactions itself"),
            ("create type r as enum (); commit;", "ends transactions itself"),
        ] {
            let folder = project(&url(&pooler, is_named), &[ONE, ("20250102000000_two", script)]);
            folder.run(&["migrate", "deploy"]).check(
                1,
                &[
                    "migration `20250102000000_two` needs a direct connection",
                    reason,
                    "DATABASE_URL_UNPOOLED",
                ],
            );
        }
    }
    let tables =
        database.connect().await.query("select from pg_tables where schemaname = 'public'", &[]).await;
    assert!(tables.expect("the server answers").is_empty(), "nothing was begun");
}

#[tokio::test]
async fn through_a_pooler_failures_and_locks_are_the_same() {
    let database = TestDatabase::create().await;
    let pooler = start(&database).await;
    let folder = project(&url(&pooler, true), &[ONE, ("20250102000000_two", "select 1;\nselect 1 / 0;")]);

    // Prisma's lock, held on a direct connection.
    let other = database.connect().await;
    other.batch_execute("select pg_advisory_lock(72707369)").await.expect("it is free");
    let run = folder.run(&["migrate", "deploy", "--lock-timeout", "1"]);
    run.check(1, &["waiting for another migration", "error[P1002]", "after 1 s", "(held by process "]);
    other.batch_execute("select pg_advisory_unlock(72707369)").await.expect("it is ours");

    folder
        .run(&["migrate", "deploy"])
        .check(1, &["error[P3018]", "22012", "line 2", "changes were rolled back"]);
    folder.run(&["migrate", "deploy"]).check(1, &["error[P3009]", "20250102000000_two"]);
    let run = folder.run(&["migrate", "status"]).check(1, &["nothing was applied"]);
    assert_eq!(run.out, "applied   20250101000000_one\nfailed    20250102000000_two\n");
    folder.run(&["migrate", "resolve", "--rolled-back", "20250102000000_two"]).check(0, &[]);
    folder.write("prisma/migrations/20250102000000_two/migration.sql", TWO.1);

    // Two concurrent runs, one of which waits.
    let deploy = || {
        let mut command = folder.command(&["migrate", "deploy"]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the command can be started")
    };
    let mut both = [deploy(), deploy()];
    assert!(both.iter_mut().all(|it| it.wait().expect("it can be waited for").success()));
    let rows = other.query("select from note", &[]).await.expect("the server answers");
    assert_eq!(rows.len(), 1);
    assert_eq!(locks(&database).await, 0);
}

/// Runs the requests by two processes after each other, on the same server connection.
#[tokio::test]
async fn queries_go_through_a_pooler_named_or_found_out() {
    let find = r#"{"modelName":"Note","action":"findMany","query":{"arguments":{},"selection":{"id":true}}}"#;
    let database = TestDatabase::create().await;
    let pooler = start(&database).await;
    let folder = Folder::new(&[("schema.prisma", SCHEMA)]);
    let table = r#"create table "Note" (id int primary key, text text not null)"#;
    database.connect().await.batch_execute(table).await.expect("the table is made");
    let query = |is_named| {
        let run =
            folder.run_with_input(&["query", "--url", &url(&pooler, is_named)], &[find, find].join("\n"));
        run.check(0, &[]).out
    };
    let found = "{\"data\":{\"findMany\":[]}}\n".repeat(2);
    for is_named in [false, false, true] {
        assert_eq!(query(is_named), found, "no process leaves a statement to the next");
    }
}
