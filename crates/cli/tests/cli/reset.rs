use nicol_pg::tokio_postgres::Client;
use testkit::TestDatabase;

use crate::support::{Folder, SCHEMA};

fn project(database: &TestDatabase) -> Folder {
    Folder::new(&[
        ("prisma/schema.prisma", SCHEMA),
        ("prisma/migrations/20250101000000_init/migration.sql", "create table note (id int primary key);"),
        ("nicol.toml", "[migrations]\nseed = \"echo seeding\""),
    ])
    .with_env("DIRECT_URL", &database.url_text())
}

async fn fill(client: &Client) {
    let sql = "create type mood as enum ('glad'); create table stray (id serial primary key, mood mood);
        create view strays as select * from stray; create function f() returns int language sql as 'select 1';
        insert into stray default values";
    client.batch_execute(sql).await.expect("it can be filled");
}

/// Returns the contents of the schema `public`: tables, views, enums, functions.
async fn contents(client: &Client) -> Vec<String> {
    let sql = "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')
        union all select typname::text from pg_type where typnamespace = 'public'::regnamespace and typtype = 'e'
        union all select proname::text from pg_proc where pronamespace = 'public'::regnamespace order by 1";
    let rows = client.query(sql, &[]).await.expect("the catalog can be read");
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn a_database_is_emptied_migrated_and_seeded() {
    let database = TestDatabase::create().await;
    let folder = project(&database);
    let client = database.connect().await;
    fill(&client).await;
    let run = folder.run(&["migrate", "reset", "--force"]);
    let run = run.check(0, &["emptied schema public", "[1/1] 20250101000000_init", "has been seeded"]);
    assert_eq!(run.out, "seeding\n");
    assert_eq!(contents(&client).await, ["_prisma_migrations", "note"]);
    let run = folder.run(&["migrate", "reset", "-f", "--skip-seed"]).check(0, &["applied 1 migration"]);
    assert_eq!(run.out, "");
}

#[tokio::test]
async fn nothing_is_reset_without_consent() {
    let database = TestDatabase::create().await;
    let folder = project(&database);
    let client = database.connect().await;
    fill(&client).await;
    let run = folder.run(&["migrate", "reset"]).check(1, &["needs an interactive terminal", "--force"]);
    assert!(!run.err.contains(database.url().password().unwrap()));
    for input in ["\n", "n\n", "what\nno\n", "\u{4}"] {
        let run = folder.run_on_terminal(&["migrate", "reset"], input);
        run.check(130, &["will be lost. Reset the database? [y/N]", "nothing was changed"]);
    }
    let folder = folder.with_env("CI", "true");
    folder.run_on_terminal(&["migrate", "reset"], "y\n").check(1, &["needs an interactive terminal"]);
    assert_eq!(contents(&client).await, ["f", "mood", "stray", "strays"]);
}

#[tokio::test]
async fn a_yes_at_the_terminal_is_consent() {
    let database = TestDatabase::create().await;
    let folder = project(&database);
    let client = database.connect().await;
    fill(&client).await;
    folder
        .run_on_terminal(&["migrate", "reset"], "y\n")
        .check(0, &["emptied schema public", "has been seeded"]);
    assert_eq!(contents(&client).await, ["_prisma_migrations", "note"]);
}

#[tokio::test]
async fn a_failing_seed_command_fails_the_reset() {
    let database = TestDatabase::create().await;
    let folder = project(&database);
    folder.write("nicol.toml", "[migrations]\nseed = \"exit 7;\"");
    folder
        .run(&["migrate", "reset", "--force"])
        .check(1, &["the database has been reset", "seed command failed"]);
}

#[tokio::test]
async fn who_may_not_drop_the_schema_empties_it() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    let user = format!("resetter_{}", database.url().database());
    let sql = format!(
        "create role {user} login password 'p'; grant create on schema public to {user}; set role {user}"
    );
    client.batch_execute(&sql).await.unwrap();
    fill(&client).await;
    let url = database.url().with_user(&user, Some("p")).to_url_with_password();
    let folder = project(&database).with_env("DIRECT_URL", &url);
    let run = folder.run(&["migrate", "reset", "--force", "--skip-seed"]);
    let tables = contents(&client).await;
    // The role is dropped, whatever the result of the test.
    client.batch_execute(&format!("reset role; drop owned by {user}; drop role {user}")).await.unwrap();
    run.check(0, &["emptied schema public, object by object", "applied 1 migration"]);
    assert_eq!(tables, ["_prisma_migrations", "note"]);
}

#[tokio::test]
async fn all_schemas_of_the_datasource_are_emptied() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    client
        .batch_execute(
            "create schema shop; create table shop.goods (); create schema other; create table other.kept ()",
        )
        .await
        .unwrap();
    let folder = project(&database);
    let schemas = "  schemas = [\"public\", \"shop\"]\n}";
    let text =
        SCHEMA.replacen('}', schemas, 1).replace("  text String\n", "  text String\n  @@schema(\"shop\")\n");
    folder.write("prisma/schema.prisma", &text);
    folder.run(&["migrate", "reset", "--force"]).check(0, &["emptied schemas public, shop"]);
    let sql = "select schemaname::text || '.' || tablename from pg_tables where schemaname in ('shop', 'other') order by 1";
    let rows = client.query(sql, &[]).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.get(0)).collect::<Vec<String>>(), ["other.kept"]);
}
