use testkit::TestDatabase;

use crate::support::{Folder, SCHEMA};

const FROM_EMPTY: [&str; 5] = ["migrate", "diff", "--from-empty", "--to-schema-datamodel", "schema.prisma"];

#[test]
fn the_script_goes_to_standard_output() {
    let folder = Folder::new(&[("schema.prisma", SCHEMA)]);
    let run = folder.run(&[&FROM_EMPTY[..], &["--script"]].concat()).check(0, &[]);
    let expected = r#"-- CreateTable
CREATE TABLE "Note" (
    "id" INTEGER NOT NULL,
    "text" TEXT NOT NULL,

    CONSTRAINT "Note_pkey" PRIMARY KEY ("id")
);
"#;
    assert_eq!((run.out.as_str(), run.err.as_str()), (expected, ""));
    folder.run(&[&FROM_EMPTY[..], &["--script", "-o", "out.sql"]].concat()).check(0, &[]);
    assert_eq!(folder.read("out.sql"), expected);
}

#[test]
fn without_script_there_is_a_summary() {
    let next = SCHEMA.replace("  text String", "  text String?\n  at DateTime @default(now())");
    let folder = Folder::new(&[("schema.prisma", SCHEMA), ("next.prisma", &next)]);
    let run = folder.run(&[
        "migrate",
        "diff",
        "--from-schema-datamodel",
        "schema.prisma",
        "--to-schema-datamodel",
        "next.prisma",
    ]);
    assert_eq!(run.out, "alter table Note\n  add column at\n  change column text: nullability\n");
}

#[test]
fn the_exit_code_tells_of_differences_when_asked() {
    let folder = Folder::new(&[("schema.prisma", SCHEMA)]);
    folder.run(&FROM_EMPTY).check(0, &[]);
    folder.run(&[&FROM_EMPTY[..], &["--exit-code"]].concat()).check(2, &[]);
    let run = folder.run(&["migrate", "diff", "--from-empty", "--to-empty", "--exit-code"]).check(0, &[]);
    assert_eq!(run.out, "no differences\n");
    folder
        .run(&["migrate", "diff", "--from-empty", "--to-schema-datamodel", "none", "--exit-code"])
        .check(1, &["none"]);
}

#[test]
fn both_sides_have_to_be_given() {
    Folder::new(&[]).run(&["migrate", "diff", "--from-empty"]).check(1, &["--to-schema"]);
}

const INIT: &str = "create table \"Note\" (id int primary key, text text not null);";

fn project(database: &TestDatabase) -> Folder {
    Folder::new(&[
        ("schema.prisma", SCHEMA),
        ("migrations/migration_lock.toml", "provider = \"postgresql\""),
        ("migrations/20250101000000_init/migration.sql", INIT),
    ])
    .with_env("DIRECT_URL", &database.url_text())
}

#[tokio::test]
async fn each_side_can_be_a_database_a_file_or_a_folder_of_migrations() {
    let database = TestDatabase::create().await;
    let sql =
        "create table \"Note\" (id int constraint \"Note_pkey\" primary key, text text not null, more int)";
    database.connect().await.batch_execute(sql).await.unwrap();
    let folder = project(&database);
    let url = database.url_text();
    let live: [&[&str]; 3] =
        [&["url", &url], &["schema-datasource", "schema.prisma"], &["config-datasource"]];
    let planned: [&[&str]; 3] =
        [&["schema", "schema.prisma"], &["schema-datamodel", "schema.prisma"], &["migrations", "migrations"]];
    for live in live {
        for planned in planned {
            let sides = |from: &[&str], to: &[&str]| {
                let flags = [format!("--from-{}", from[0]), format!("--to-{}", to[0])];
                let mut arguments = vec!["migrate", "diff", &flags[0]];
                arguments.extend(&from[1..]);
                arguments.push(&flags[1]);
                arguments.extend(&to[1..]);
                folder.run(&[&arguments[..], &["--exit-code"]].concat())
            };
            let run = sides(planned, live).check(2, &[]);
            assert_eq!(run.out, "alter table Note\n  add column more\n", "{planned:?} {live:?}");
            let run = sides(live, planned).check(2, &[]);
            let hazard = "  ! column `Note.more` is dropped with all its values\n";
            let expected = format!("alter table Note\n  drop column more\n{hazard}");
            assert_eq!(run.out, expected, "{live:?} {planned:?}");
        }
    }
}

#[tokio::test]
async fn migrations_are_tried_out_in_a_database_of_their_own() {
    let (database, shadow) = (TestDatabase::create().await, TestDatabase::create().await);
    let client = shadow.connect().await;
    client.batch_execute("create table left_over ()").await.unwrap();
    let folder = project(&database);
    let shadow_url = shadow.url_text();
    let arguments = ["migrate", "diff", "--from-migrations", "migrations", "--to-schema", "schema.prisma"];
    let run = folder.run(&[&arguments[..], &["--shadow-database-url", &shadow_url, "--exit-code"]].concat());
    assert_eq!(run.check(0, &[]).out, "no differences\n");
    client.batch_execute("select from left_over").await.unwrap_err();

    let url = database.url_text();
    let run = folder.run(&[&arguments[..], &["--shadow-database-url", &url]].concat());
    run.check(1, &["the main database, and would be emptied"]);
    let bare = Folder::new(&[("schema.prisma", SCHEMA), ("migrations/1_a/migration.sql", INIT)]);
    bare.run(&arguments).check(1, &["--shadow-database-url"]);
}

#[test]
fn a_folder_of_migrations_has_to_be_there() {
    let folder = Folder::new(&[]);
    folder
        .run(&["migrate", "diff", "--from-migrations", "none", "--to-empty"])
        .check(1, &["cannot list `none`"]);
}
