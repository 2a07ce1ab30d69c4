use nicol_pg::tokio_postgres::Client;
use testkit::TestDatabase;

use crate::support::{Folder, SCHEMA};

fn project(database: &TestDatabase) -> Folder {
    Folder::new(&[("prisma/schema.prisma", SCHEMA)]).with_env("DIRECT_URL", &database.url_text())
}

const PUSH: [&str; 2] = ["db", "push"];

async fn columns(client: &Client) -> Vec<String> {
    let sql = "select column_name::text from information_schema.columns where table_name = 'Note' order by 1";
    let rows = client.query(sql, &[]).await.expect("the catalog can be read");
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn the_database_becomes_what_the_schema_says_without_a_history() {
    let database = TestDatabase::create().await;
    let folder = project(&database);
    folder.run(&PUSH).check(0, &["  create table Note", "the database matches the schema file"]);
    folder.run(&PUSH).check(0, &["nothing to do"]);
    let client = database.connect().await;
    assert_eq!(columns(&client).await, ["id", "text"]);
    client.batch_execute("select from _prisma_migrations").await.unwrap_err();
}

#[tokio::test]
async fn data_are_lost_with_consent_only() {
    let database = TestDatabase::create().await;
    let folder = project(&database);
    folder.run(&PUSH).check(0, &[]);
    let client = database.connect().await;
    client.batch_execute("insert into \"Note\" values (1, 'a')").await.unwrap();
    folder.write("prisma/schema.prisma", &SCHEMA.replace("  text String\n", ""));
    folder.run(&PUSH).check(1, &["data may be lost", "`Note.text`", "--accept-data-loss"]);
    folder.run_on_terminal(&PUSH, "\n").check(130, &["anyway? [y/N]", "nothing was changed"]);
    assert_eq!(columns(&client).await, ["id", "text"]);
    folder.run(&[&PUSH[..], &["--accept-data-loss"]].concat()).check(0, &["data may be lost"]);
    assert_eq!(columns(&client).await, ["id"]);
}

#[tokio::test]
async fn a_yes_at_the_terminal_is_consent() {
    let database = TestDatabase::create().await;
    let folder = project(&database);
    folder.run(&PUSH).check(0, &[]);
    let client = database.connect().await;
    client.batch_execute("insert into \"Note\" values (1, 'a')").await.unwrap();
    folder.write("prisma/schema.prisma", &SCHEMA.replace("  text String\n", ""));
    folder.run_on_terminal(&PUSH, "yes\n").check(0, &["drop column text"]);
    assert_eq!(columns(&client).await, ["id"]);
}

#[tokio::test]
async fn what_cannot_be_done_takes_a_reset() {
    let database = TestDatabase::create().await;
    let folder = project(&database);
    folder.run(&PUSH).check(0, &[]);
    let client = database.connect().await;
    client.batch_execute("insert into \"Note\" values (1, 'a')").await.unwrap();
    folder.write("prisma/schema.prisma", &SCHEMA.replace("  text String\n", "  text String\n  must Int\n"));
    folder
        .run(&[&PUSH[..], &["--accept-data-loss"]].concat())
        .check(1, &["do not allow this change", "--force-reset"]);
    assert_eq!(columns(&client).await, ["id", "text"]);
    folder
        .run(&[&PUSH[..], &["--force-reset"]].concat())
        .check(0, &["emptied schema public", "create table Note"]);
    assert_eq!(columns(&client).await, ["id", "must", "text"]);
    assert!(client.query("select from \"Note\"", &[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_missing_database_is_created() {
    let database = TestDatabase::create().await;
    let (client, connection) = nicol_pg::connect(&database.url().with_database("postgres")).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(&format!("drop database {}", database.url().database())).await.unwrap();
    project(&database).run(&PUSH).check(0, &["created database", "the database matches"]);
    assert_eq!(columns(&database.connect().await).await, ["id", "text"]);
}

#[tokio::test]
async fn a_renamed_field_keeps_its_values_if_somebody_says_so() {
    let database = TestDatabase::create().await;
    let folder = project(&database);
    folder.run(&PUSH).check(0, &[]);
    let client = database.connect().await;
    client.batch_execute("insert into \"Note\" values (1, 'a')").await.unwrap();
    folder.write("prisma/schema.prisma", &SCHEMA.replace("  text String", "  body String"));
    folder.run(&[&PUSH[..], &["--rename", "Note.text=body"]].concat()).check(0, &[]);
    let row = client.query_one("select body from \"Note\"", &[]).await.unwrap();
    assert_eq!(row.get::<_, &str>(0), "a");
}

/// PostgreSQL does not allow a new value to be used in the transaction that adds it.
#[tokio::test]
async fn a_new_value_of_an_enum_can_be_a_default_at_once() {
    let database = TestDatabase::create().await;
    let folder = project(&database);
    let schema = |values: &str, default: &str| {
        let field = format!("  text String\n  mood Mood @default({default})");
        format!("{}\nenum Mood {{\n{values}}}\n", SCHEMA.replace("  text String", &field))
    };
    folder.write("prisma/schema.prisma", &schema("  GLAD\n", "GLAD"));
    folder.run(&PUSH).check(0, &[]);
    folder.write("prisma/schema.prisma", &schema("  GLAD\n  SAD\n", "SAD"));
    folder.run(&PUSH).check(0, &["add value SAD", "the database matches the schema file"]);
    folder.run(&PUSH).check(0, &["nothing to do"]);
}

/// The prompt depends on the existing rows.
#[tokio::test]
async fn only_rows_that_are_hit_are_asked_about() {
    let database = TestDatabase::create().await;
    let folder = project(&database);
    let schema = |fields: &str, values: &str| {
        format!("{}\nenum Mood {{\n{values}}}\n", SCHEMA.replace("  text String", fields))
    };
    let before = schema("  text String\n  mood Mood\n  at DateTime\n  big BigInt", "  GLAD\n  SAD\n");
    let after = schema("  text String @unique\n  mood Mood\n  at DateTime @db.Date\n  big Float", "  GLAD\n");
    folder.write("prisma/schema.prisma", &before);
    folder.run(&PUSH).check(0, &[]);
    let client = database.connect().await;
    let insert = "insert into \"Note\" values (1, 'a', 'SAD', '2024-05-06 07:08', 9007199254740993),
        (2, 'a', 'GLAD', '2024-05-06', 1)";
    client.batch_execute(insert).await.unwrap();
    folder.write("prisma/schema.prisma", &after);
    folder.run(&PUSH).check(
        1,
        &[
            "  ! table `Note` gets a unique constraint on `text`, which fails because 2 rows have duplicate values",
            "  ! enum `Mood` loses `SAD`, which fails because 1 row uses it",
            "  ! column `Note.at` changes from `TIMESTAMP(3)` to `DATE`: the time of day is lost in 1 row",
            "  ! column `Note.big` changes from `BIGINT` to `DOUBLE PRECISION`: values are rounded or out of range in 1 row",
            "help: change the data or the schema file",
        ],
    );
    client.batch_execute("delete from \"Note\" where id = 1").await.unwrap();
    let run = folder.run(&PUSH).check(0, &["remove value SAD", "the database matches the schema file"]);
    assert!(!run.err.contains("  ! "), "{run:?}");
}

#[tokio::test]
async fn a_new_required_column_is_told_what_would_do() {
    let database = TestDatabase::create().await;
    let folder = project(&database);
    folder.run(&PUSH).check(0, &[]);
    database.connect().await.batch_execute("insert into \"Note\" values (1, 'a')").await.unwrap();
    folder.write("prisma/schema.prisma", &SCHEMA.replace("  text String\n", "  text String\n  must Int\n"));
    let advice = "make the field optional with `?`, or give it a `@default(…)`";
    folder.run(&PUSH).check(1, &["required column `Note.must`", advice]);
    folder.write("prisma/schema.prisma", &SCHEMA.replace("  text String\n", "  text String\n  must Int?\n"));
    folder.run(&PUSH).check(0, &[]);
}

#[tokio::test]
async fn a_view_in_the_way_is_named_before_anything_is_changed() {
    let database = TestDatabase::create().await;
    let folder = project(&database);
    folder.run(&PUSH).check(0, &[]);
    let client = database.connect().await;
    client.batch_execute("create view uv as select text from \"Note\"").await.unwrap();
    folder.write("prisma/schema.prisma", &SCHEMA.replace("  text String\n", ""));
    let said = "column `Note.text` cannot be dropped while other objects depend on it: view uv";
    folder.run(&PUSH).check(1, &[&format!("  ! {said}"), "drop the dependent objects first"]);
    folder.run(&[&PUSH[..], &["--accept-data-loss"]].concat()).check(1, &[said]);
    let run = folder.run(&["migrate", "dev", "--name", "x"]);
    assert_eq!(run.code, 130, "there is no history: {run:?}");
    assert_eq!(columns(&client).await, ["id", "text"]);
    client.batch_execute("drop view uv").await.unwrap();
    folder.run(&PUSH).check(0, &[]);
}
