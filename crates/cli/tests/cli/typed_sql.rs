use testkit::TestDatabase;

use crate::support::{Folder, SCHEMA};

const GENERATOR: &str = "generator client {\n  provider = \"nicol\"\n  output   = \"../src/db\"\n}\n\n";
const STATEMENT: &str =
    "-- @param {Int} $1:above\nselect id, count(*) as notes from \"Note\" where id > $1 group by 1\n";

#[tokio::test]
async fn statements_are_described_and_generated() {
    let database = TestDatabase::create().await;
    let schema = format!("{GENERATOR}{SCHEMA}");
    let folder = Folder::new(&[("prisma/schema.prisma", &schema), ("prisma/sql/notesAbove.sql", STATEMENT)]);
    // Without types, TypedSQL is not used.
    folder.run(&["generate"]).check(0, &["was written"]);
    assert!(!folder.path().join("src/db/sql.rs").exists());
    folder.run(&["generate", "--sql"]).check(1, &["not set"]);
    let folder = folder.with_env("DIRECT_URL", &database.url_text());
    folder
        .run(&["generate", "--sql"])
        .check(1, &["prisma/sql/notesAbove.sql:2:35: relation \"Note\" does not exist"]);
    folder.run(&["db", "push", "--skip-generate"]).check(0, &[]);
    folder
        .run(&["generate", "--sql"])
        .check(0, &["the types of 1 statement in prisma/sql were written", "was written"]);
    assert!(folder.read("src/db/sql.rs").contains("pub fn notes_above("));
    folder.run(&["generate", "--sql"]).check(0, &["in prisma/sql are up to date", "src/db is up to date"]);
    let lock = folder.read("prisma/sql/nicol.lock");
    assert!(lock.ends_with("  param int4\n  column int4 id\n  column int8 notes\n"), "{lock}");

    // Without the database, the types of the same text suffice.
    let folder = folder.with_env("DIRECT_URL", "postgresql://nobody@127.0.0.1:1/none");
    folder.run(&["generate"]).check(0, &["is up to date"]);
    folder.write("prisma/sql/notesAbove.sql", &STATEMENT.replace('>', ">="));
    folder
        .run(&["generate"])
        .check(1, &["notesAbove.sql` has changed since", "help: run `nicol generate --sql`"]);
}

#[tokio::test]
async fn the_folder_is_a_setting_and_a_generator_is_not_needed() {
    let database = TestDatabase::create().await;
    let folder = Folder::new(&[
        ("schema.prisma", SCHEMA),
        ("nicol.toml", "[typed_sql]\npath = \"queries\"\n"),
        ("other/one.sql", "select 1 as one"),
    ]);
    let folder = folder.with_env("DIRECT_URL", &database.url_text());
    folder
        .run(&["generate", "--sql"])
        .check(1, &["there is no folder `queries`", "`typed_sql.path` in nicol.toml"]);
    folder.write("queries/one.sql", "select 1 as one");
    let run =
        folder.run(&["generate", "--sql"]).check(0, &["the types of 1 statement in queries were written"]);
    assert!(!run.err.contains("no effect"), "{}", run.err);
    assert!(folder.path().join("queries/nicol.lock").exists());
}
