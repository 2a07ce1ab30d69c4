//! Helpers for the tests.

use nicol_migrate::Migrations;
use nicol_pg::ConnectionUrl;
use nicol_pg::tokio_postgres::{Client, Row};
use testkit::TestDatabase;

pub(crate) type TestResult = Result<(), Box<dyn std::error::Error>>;

/// A new, empty database.
pub(crate) async fn empty() -> TestDatabase {
    TestDatabase::create().await
}

/// The place of a database that does not exist yet.
pub(crate) async fn unborn() -> TestDatabase {
    let database = TestDatabase::create().await;
    let admin = client(&database.url().with_database("postgres")).await;
    admin.batch_execute(&format!("drop database {}", database.url().database())).await.expect("it is ours");
    database
}

pub(crate) async fn client(url: &ConnectionUrl) -> Client {
    let (client, connection) = nicol_pg::connect(url).await.expect("the server answers");
    tokio::spawn(connection);
    client
}

/// Three migrations, the second of which may be replaced.
pub(crate) fn three(second: &'static str) -> Migrations {
    Migrations::embedded(&[
        ("20250101000000_one", "create table one (id int primary key);\n"),
        ("20250102000000_two", second),
        ("20250103000000_three", "create table three (id int primary key);\n"),
    ])
}

pub(crate) const TWO: &str = "create table two (id int primary key);\n";

/// The names of the tables of the schema `public`, without the history.
pub(crate) async fn tables(client: &Client) -> Vec<String> {
    let sql = "select tablename::text from pg_tables where schemaname = 'public' and tablename <> '_prisma_migrations' order by 1";
    let rows = client.query(sql, &[]).await.expect("the catalog can be read");
    rows.iter().map(|row| row.get(0)).collect()
}

/// The rows of the history in their order: name, finished, rolled back, steps, logs.
pub(crate) async fn history(client: &Client) -> Vec<(String, bool, bool, i32, Option<String>)> {
    let sql = "select migration_name, finished_at is not null, rolled_back_at is not null, applied_steps_count, logs
        from _prisma_migrations order by started_at";
    let rows = client.query(sql, &[]).await.expect("there is a history");
    let of = |row: &Row| (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4));
    rows.iter().map(of).collect()
}

/// What `pg_dump --schema-only` says, without its comments and its session's random key.
pub(crate) fn dump(database: &TestDatabase) -> String {
    let program = nicol_local::program(&nicol_local::Options::new("."), "pg_dump");
    let output = std::process::Command::new(program.unwrap_or_else(|| "pg_dump".into()))
        .args(["--schema-only", "--no-owner", "--dbname"])
        .arg(database.url_text())
        .output()
        .expect("pg_dump can be started: it comes with the client programs of PostgreSQL");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines()
        .filter(|line| !line.starts_with("--") && !line.starts_with('\\') && !line.is_empty())
        .fold(String::new(), |text, line| text + line + "\n")
}

/// The major version of the server.
pub(crate) async fn version(client: &Client) -> u32 {
    let row = client.query_one("select current_setting('server_version_num')::int4 / 10000", &[]).await;
    row.expect("the server answers").get::<_, i32>(0).unsigned_abs()
}
