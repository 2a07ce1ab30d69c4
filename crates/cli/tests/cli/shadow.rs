//! The shadow database is emptied, so it must not be the database itself, however its URL is written.

use nicol_pg::tokio_postgres::Client;
use testkit::TestDatabase;

use crate::pooler;
use crate::relay::Relay;
use crate::support::{Folder, Run, SCHEMA};

const INIT: &str = "create table \"Note\" (id int constraint \"Note_pkey\" primary key, text text not null);";
const MIGRATION: &str = "prisma/migrations/20250101000000_init/migration.sql";

/// Returns a project with one applied migration and a row.
async fn project(database: &TestDatabase, url: &str) -> Folder {
    let schema = SCHEMA.replacen('}', "  shadowDatabaseUrl = env(\"SHADOW_URL\")\n}", 1);
    let folder = Folder::new(&[("prisma/schema.prisma", &schema), (MIGRATION, INIT)]);
    let folder = folder.with_env("DIRECT_URL", url);
    folder.run(&["migrate", "deploy"]).check(0, &[]);
    let client = database.connect().await;
    client.batch_execute("insert into \"Note\" values (1, 'kept')").await.expect("the table is there");
    folder
}

/// Returns the commands that empty the shadow database.
fn commands<'a>(url: &'a str, shadow: &'a str) -> [Vec<&'a str>; 4] {
    let diff = ["migrate", "diff", "--shadow-database-url", shadow];
    [
        vec!["migrate", "dev", "--name", "next"],
        [&diff[..], &["--from-migrations", "prisma/migrations", "--to-url", url]].concat(),
        [&diff[..], &["--from-url", url, "--to-migrations", "prisma/migrations"]].concat(),
        [&diff[..], &["--from-migrations", "prisma/migrations", "--to-schema", "prisma/schema.prisma"]]
            .concat(),
    ]
}

async fn count(client: &Client, table: &str) -> i64 {
    let sql = format!("select count(*) from {table}");
    client.query_one(&sql, &[]).await.expect("the table is there").get(0)
}

/// Checks that each command refuses the shadow database and leaves the database unchanged.
async fn check_refused(database: &TestDatabase, url: &str, shadow: &str) {
    let folder = project(database, url).await.with_env("SHADOW_URL", shadow);
    for arguments in commands(url, shadow) {
        let run = folder.run(&arguments);
        assert_eq!(run.code, 1, "{shadow} for {url}: {arguments:?} {run:?}");
        run.check(1, &["the main database, and would be emptied"]);
    }
    let client = database.connect().await;
    assert_eq!(count(&client, "\"Note\"").await, 1, "{shadow} for {url}");
    assert_eq!(count(&client, "_prisma_migrations").await, 1, "{shadow} for {url}");
}

/// The commands are separate processes, and the relay they connect through is a task of the test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_itself_is_refused_under_each_of_its_names() {
    let database = TestDatabase::create().await;
    let relay = Relay::start(database.url(), None).await;
    let relay_6 = Relay::start_on("::1", database.url(), None).await;
    let by_address = relay.url();
    let shadows = [
        by_address.replace("127.0.0.1", "localhost"),
        relay_6.url(),
        database.url_text(),
        format!("{by_address}&hostaddr=127.0.0.1").replace("@127.0.0.1", "@db.example"),
        format!("{by_address}&options=-c%20work_mem%3D8MB&application_name=shadow"),
        format!("{by_address}&schema=other"),
    ];
    assert!(relay_6.url().contains("[::1]"));
    check_refused(&database, &by_address, &shadows[0]).await;
    let folder = Folder::new(&[(MIGRATION, INIT)]);
    let is_refused = |url: &str, shadow: &str| {
        let sides = ["--from-migrations", "prisma/migrations", "--to-url", url];
        let run = folder.run(&[&["migrate", "diff", "--shadow-database-url", shadow][..], &sides].concat());
        run.check(1, &["the main database, and would be emptied"]);
    };
    for shadow in &shadows {
        is_refused(&by_address, shadow);
        is_refused(shadow, &by_address);
    }
    let client = database.connect().await;
    assert_eq!(count(&client, "\"Note\"").await, 1);
    let schemas = client.query("select from pg_namespace where nspname = 'other'", &[]).await.unwrap();
    assert!(schemas.is_empty(), "nothing is created in it either");
}

#[tokio::test]
async fn the_database_itself_is_refused_behind_a_pooler() {
    for is_named in [true, false] {
        let database = TestDatabase::create().await;
        let pooler = pooler::start(&database).await;
        check_refused(&database, &database.url_text(), &pooler::url(&pooler, is_named)).await;
        let database = TestDatabase::create().await;
        let pooler = pooler::start(&database).await;
        check_refused(&database, &pooler::url(&pooler, is_named), &database.url_text()).await;
    }
}

#[tokio::test]
async fn the_database_itself_is_refused_for_another_user() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    let user = format!("shadow_{}", database.url().database());
    client.batch_execute(&format!("create role {user} login password 'p'")).await.unwrap();
    let shadow = database.url().with_user(&user, Some("p")).to_url_with_password();
    check_refused(&database, &database.url_text(), &shadow).await;
    client.batch_execute(&format!("drop role {user}")).await.unwrap();
}

/// If the other side is not a database, the project's database is protected.
fn diff_to_schema(folder: &Folder, shadow: &str) -> Run {
    let sides = ["--from-migrations", "prisma/migrations", "--to-schema", "prisma/schema.prisma"];
    folder.run(&[&["migrate", "diff", "--exit-code", "--shadow-database-url", shadow][..], &sides].concat())
}

#[tokio::test]
async fn another_database_is_emptied_each_time() {
    let (database, shadow) = (TestDatabase::create().await, TestDatabase::create().await);
    let (url, shadow_url) = (database.url_text(), shadow.url_text());
    let folder = project(&database, &url).await.with_env("SHADOW_URL", &shadow_url);
    let client = shadow.connect().await;
    for arguments in commands(&url, &shadow_url) {
        client.batch_execute("create table left_over ()").await.unwrap();
        folder.run(&arguments).check(0, &[]);
        client.batch_execute("select from left_over").await.unwrap_err();
    }
    assert_eq!(count(&database.connect().await, "\"Note\"").await, 1);
}

#[tokio::test]
async fn what_cannot_be_compared_is_not_emptied() {
    let shadow = TestDatabase::create().await;
    let shadow_url = shadow.url_text();
    let files = [("prisma/schema.prisma", SCHEMA), (MIGRATION, INIT)];
    // Nothing listens there.
    let folder = Folder::new(&files).with_env("DIRECT_URL", "postgresql://ann:secret@127.0.0.1:1/app");
    diff_to_schema(&folder, &shadow_url).check(0, &[]);
    let client = shadow.connect().await;
    client.batch_execute("insert into \"Note\" values (1, 'kept')").await.unwrap();
    let run = diff_to_schema(&folder, &shadow_url);
    let run = run.check(1, &["cannot tell whether the shadow database", "127.0.0.1:1", "help: "]);
    assert!(!run.err.contains("secret"), "{run:?}");
    assert_eq!(count(&client, "\"Note\"").await, 1);
    // If no other database is known, this may be the one being migrated.
    let folder = Folder::new(&files);
    client.batch_execute("create table _prisma_migrations ()").await.unwrap();
    diff_to_schema(&folder, &shadow_url).check(1, &["the shadow database has a migration history", "help: "]);
    assert_eq!(count(&client, "\"Note\"").await, 1);
    client.batch_execute("drop table _prisma_migrations").await.unwrap();
    diff_to_schema(&folder, &shadow_url).check(0, &[]);
    client.batch_execute("insert into \"Note\" values (1, 'kept')").await.unwrap();
    // A database that does not exist cannot lose anything.
    let missing = shadow.url().with_database("never_created").to_url_with_password();
    let folder = Folder::new(&files).with_env("DIRECT_URL", &missing);
    diff_to_schema(&folder, &shadow_url).check(0, &[]);
}
