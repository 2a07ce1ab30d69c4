//! Which of the two URLs each command uses. The other one leads nowhere.

use testkit::TestDatabase;

use crate::support::{Folder, SCHEMA};

/// Nothing listens there. The host's name is that of a pooler.
const NOWHERE: &str = "postgresql://u:hush@x-pooler.localhost/app?hostaddr=127.0.0.1&port=1";
const UNPOOLED: &str = "DATABASE_URL_UNPOOLED";
const MIGRATION: &str = "CREATE TABLE \"Note\" (\"id\" INTEGER NOT NULL, \"text\" TEXT NOT NULL, CONSTRAINT \"Note_pkey\" PRIMARY KEY (\"id\"));\n";

/// The commands that need the server itself, in an order in which each of them succeeds.
const COMMANDS: &[&[&str]] = &[
    &["migrate", "deploy"],
    &["migrate", "status"],
    &["migrate", "dev", "--skip-generate"],
    &["migrate", "diff", "--from-empty", "--to-schema-datasource", "prisma/schema.prisma"],
    &[
        "migrate",
        "diff",
        "--from-migrations",
        "prisma/migrations",
        "--to-schema-datasource",
        "prisma/schema.prisma",
    ],
    &["migrate", "resolve", "--applied", "2_b"],
    &["migrate", "reset", "--force", "--skip-seed", "--skip-generate"],
    &["db", "execute", "--file", "script.sql"],
    &["db", "pull", "--print"],
    &["db", "push", "--skip-generate"],
    &["generate", "--sql"],
];

/// A project without `directUrl`, and with a statement of TypedSQL.
fn project() -> Folder {
    let schema = SCHEMA.replace("  directUrl = env(\"DIRECT_URL\")\n", "");
    let generator = "generator client {\n  provider = \"nicol\"\n  output = \"../src/db\"\n}\n\n";
    Folder::new(&[
        ("prisma/schema.prisma", &format!("{generator}{schema}")),
        ("prisma/migrations/migration_lock.toml", "provider = \"postgresql\"\n"),
        ("prisma/migrations/1_a/migration.sql", MIGRATION),
        ("prisma/sql/notes.sql", "select id from \"Note\"\n"),
        ("script.sql", "select 1;"),
        ("nicol.toml", "[migrations]\nseed = 'echo \"$DATABASE_URL\" and \"$DATABASE_URL_UNPOOLED\"'\n"),
    ])
}

#[tokio::test]
async fn what_needs_the_server_itself_uses_the_unpooled_url() {
    let database = TestDatabase::create().await;
    let folder = project().with_env("DATABASE_URL", NOWHERE).with_env(UNPOOLED, &database.url_text());
    for command in COMMANDS {
        if command.contains(&"resolve") {
            folder.write("prisma/migrations/2_b/migration.sql", "create table other (id int);");
        }
        folder.run(command).check(0, &[]);
    }
    // The seed command has both, and connects by itself.
    let seeded = folder.run(&["db", "seed"]).check(0, &[]);
    assert_eq!(seeded.out, format!("{NOWHERE} and {}\n", database.url_text()));
}

#[tokio::test]
async fn without_an_unpooled_url_the_other_one_is_used() {
    let database = TestDatabase::create().await;
    let folder = project().with_env("DATABASE_URL", &database.url_text()).with_env(UNPOOLED, "");
    folder.run(&["migrate", "deploy"]).check(0, &[]);
    let folder = project().with_env(UNPOOLED, &database.url_text());
    folder.run(&["migrate", "status"]).check(0, &[]);
}

#[tokio::test]
async fn queries_use_the_url_that_may_be_pooled() {
    let database = TestDatabase::create().await;
    database.connect().await.batch_execute(MIGRATION).await.unwrap();
    let folder = project().with_env("DATABASE_URL", &database.url_text()).with_env(UNPOOLED, NOWHERE);
    let find = r#"{"modelName":"Note","action":"findMany","query":{"arguments":{},"selection":{"id":true}}}"#;
    let run = folder.run_with_input(&["query"], find).check(0, &[]);
    assert_eq!(run.out, "{\"data\":{\"findMany\":[]}}\n");
}

#[tokio::test]
async fn a_direct_url_of_the_schema_comes_first() {
    let database = TestDatabase::create().await;
    let folder = Folder::new(&[("prisma/schema.prisma", SCHEMA)])
        .with_env("DATABASE_URL", NOWHERE)
        .with_env(UNPOOLED, NOWHERE)
        .with_env("DIRECT_URL", &database.url_text());
    folder.run(&["db", "push", "--skip-generate"]).check(0, &[]);
}

#[tokio::test]
async fn the_name_of_the_variable_follows_from_that_of_the_url() {
    let database = TestDatabase::create().await;
    let folder = project().with_env("APP_DB", NOWHERE).with_env("APP_DB_UNPOOLED", &database.url_text());
    let folder = folder.with_env(UNPOOLED, NOWHERE).with_env("DATABASE_URL", NOWHERE);
    let schema = folder.read("prisma/schema.prisma").replace("DATABASE_URL", "APP_DB");
    folder.write("prisma/schema.prisma", &schema);
    folder.run(&["migrate", "deploy"]).check(0, &[]);
    folder.write("nicol.toml", "[datasource]\nurl = { env = \"APP_DB\" }\n");
    folder.run(&["migrate", "status"]).check(0, &[]);
}

#[tokio::test]
async fn an_unpooled_url_in_a_file_does_not_override_a_database_of_the_environment() {
    let (database, other) = (TestDatabase::create().await, TestDatabase::create().await);
    let folder = project().with_env("DATABASE_URL", &format!("{}&pgbouncer=true", database.url_text()));
    folder.write(".env", &format!("DATABASE_URL={NOWHERE:?}\n{UNPOOLED}={:?}\n", other.url_text()));
    let note = "note: `DATABASE_URL` is set in the environment: `DATABASE_URL_UNPOOLED` in .env is not used";
    folder.run(&["migrate", "deploy"]).check(0, &[note]);
    let tables = "select from pg_tables where tablename = 'Note'";
    assert_eq!(database.connect().await.query(tables, &[]).await.unwrap().len(), 1);
    assert_eq!(other.connect().await.query(tables, &[]).await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_url_of_a_socket_needs_no_other() {
    let database = TestDatabase::create().await;
    let folder = project();
    folder.write(
        ".env",
        &format!("DATABASE_URL={:?}\n{UNPOOLED}={NOWHERE:?}\n", database.direct_url().to_url_with_password()),
    );
    folder.run(&["migrate", "deploy"]).check(0, &[]);
}

#[tokio::test]
async fn an_unknown_parameter_is_named_once_by_each_command() {
    let database = TestDatabase::create().await;
    let misspelt =
        |url: &str| format!("{url}{}conection_limit=hush", if url.contains('?') { '&' } else { '?' });
    let folder = project()
        .with_env("DATABASE_URL", &misspelt(&format!("{}&pgbouncer=true", database.url_text())))
        .with_env(UNPOOLED, &misspelt(&database.url_text()));
    let warning = |name: &str| {
        format!(
            "warning: {name}: the connection parameter `conection_limit` is unknown and has no effect\n\
             help: did you mean `connection_limit`?\n"
        )
    };
    let check = |arguments: &[&str], warning: &str| {
        let run = folder.run_with_input(arguments, "select 1;").check(0, &[]);
        assert_eq!(run.err.matches("is unknown").count(), 1, "{arguments:?}: {}", run.err);
        assert!(run.err.contains(warning) && !run.err.contains("hush"), "{arguments:?}: {}", run.err);
    };
    for command in COMMANDS {
        if command.contains(&"resolve") {
            folder.write("prisma/migrations/2_b/migration.sql", "create table other (id int);");
        }
        check(command, &warning("`DATABASE_URL_UNPOOLED`"));
    }
    let url = misspelt(&database.url_text());
    check(&["query"], &warning("`DATABASE_URL`"));
    check(&["query", "--url", &url], &warning("the value of --url"));
    check(&["db", "execute", "--stdin", "--url", &url], &warning("the value of --url"));
    check(&["migrate", "diff", "--from-url", &url, "--to-empty"], &warning("the URL of a side"));
}
