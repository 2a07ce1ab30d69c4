use std::fs;
use std::time::Duration;

use nicol_pg::tokio_postgres::Client;
use testkit::TestDatabase;

use crate::support::{Folder, Run, SCHEMA};

fn project(database: &TestDatabase) -> Folder {
    let settings = "[migrations]\nseed = \"echo seeding\"";
    Folder::new(&[("prisma/schema.prisma", SCHEMA), ("nicol.toml", settings)])
        .with_env("DIRECT_URL", &database.url_text())
}

const DEV: [&str; 2] = ["migrate", "dev"];

fn dev(folder: &Folder, arguments: &[&str]) -> Run {
    folder.run(&[&DEV[..], arguments].concat())
}

/// Returns a project whose first migration is applied and whose schema file has been changed since.
fn changed(database: &TestDatabase, from: &str, to: &str) -> Folder {
    let folder = project(database);
    dev(&folder, &["--name", "init"]).check(0, &[]);
    change(&folder, from, to);
    folder
}

fn change(folder: &Folder, from: &str, to: &str) {
    assert!(SCHEMA.contains(from));
    folder.write("prisma/schema.prisma", &SCHEMA.replace(from, to));
}

/// Returns the folders of the migrations.
fn folders(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(folder.path().join("prisma/migrations")).expect("there are migrations");
    let names =
        entries.map(|entry| entry.expect("it can be listed").file_name().to_string_lossy().into_owned());
    let mut names: Vec<_> = names.filter(|name| name != "migration_lock.toml").collect();
    names.sort();
    names
}

/// Returns the names of the migrations without their timestamps.
fn migrations(folder: &Folder) -> Vec<String> {
    folders(folder).iter().filter_map(|name| Some(name.split_once('_')?.1.to_owned())).collect()
}

fn script(folder: &Folder, name: &str) -> String {
    let names = folders(folder);
    let name = names.iter().find(|it| it.ends_with(name)).expect("it is there");
    folder.read(&format!("prisma/migrations/{name}/migration.sql"))
}

async fn columns(client: &Client) -> Vec<String> {
    let sql = "select column_name::text from information_schema.columns where table_name = 'Note' order by 1";
    let rows = client.query(sql, &[]).await.expect("the catalog can be read");
    rows.iter().map(|row| row.get(0)).collect()
}

async fn shadows(client: &Client, user: &str) -> i64 {
    let sql = "select count(*) from pg_database d join pg_roles r on r.oid = d.datdba
        where datname like 'prisma\\_migrate\\_shadow%' and rolname = $1";
    client.query_one(sql, &[&user]).await.expect("the catalog can be read").get(0)
}

#[tokio::test]
async fn a_change_of_the_schema_becomes_a_migration_and_is_applied() {
    let database = TestDatabase::create().await;
    let folder = project(&database);
    let run = dev(&folder, &["--name", "First Draft"]);
    run.check(
        0,
        &["0 migrations for", "  create table Note (2 columns)\n", "created prisma/migrations/", "[1/1]"],
    );
    assert!(script(&folder, "_first_draft").starts_with("-- CreateTable\nCREATE TABLE \"Note\" ("));
    assert!(folder.read("prisma/migrations/migration_lock.toml").contains("provider = \"postgresql\""));
    let run = dev(&folder, &[]).check(0, &["1 migration for", "nothing to do"]);
    assert_eq!(run.out, "");
    change(&folder, "  text String", "  text String\n  more Int?");
    dev(&folder, &["-n", "more"]).check(0, &["  alter table Note\n    add column more\n"]);
    assert_eq!(migrations(&folder), ["first_draft", "more"]);
    assert_eq!(columns(&database.connect().await).await, ["id", "more", "text"]);
    folder.run(&["migrate", "status"]).check(0, &["up to date"]);
}

#[tokio::test]
async fn a_missing_database_is_created_and_seeded() {
    let database = TestDatabase::create().await;
    let admin = database.url().with_database("postgres");
    let (client, connection) = nicol_pg::connect(&admin).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(&format!("drop database {}", database.url().database())).await.unwrap();
    let folder = project(&database);
    let run =
        dev(&folder, &["--name", "init"]).check(0, &["created database", "running: echo seeding", "seeded"]);
    assert_eq!(run.out, "seeding\n");
    assert_eq!(dev(&folder, &[]).check(0, &[]).out, "");
}

#[tokio::test]
async fn a_name_is_asked_for_at_the_terminal() {
    let database = TestDatabase::create().await;
    let folder = project(&database);
    folder.run_on_terminal(&DEV, "\u{4}").check(130, &["Name of the migration:", "no migration was created"]);
    folder.run_on_terminal(&DEV, "My first\n").check(0, &["_my_first/migration.sql"]);
    assert_eq!(migrations(&folder), ["my_first"]);
}

#[tokio::test]
async fn without_a_terminal_a_migration_has_no_name_but_the_time() {
    let database = TestDatabase::create().await;
    let folder = project(&database);
    dev(&folder, &[]).check(0, &[]);
    assert_eq!(migrations(&folder), [""]);
}

#[tokio::test]
async fn create_only_makes_a_migration_without_applying_it() {
    let database = TestDatabase::create().await;
    let folder = project(&database);
    dev(&folder, &["--name", "draft", "--create-only"]).check(0, &["not applied yet"]);
    let client = database.connect().await;
    assert!(columns(&client).await.is_empty());
    dev(&folder, &[]).check(0, &["[1/1]", "the database matches the schema file"]);
    assert_eq!(columns(&client).await, ["id", "text"]);
    dev(&folder, &["--name", "by hand", "--create-only"]).check(0, &[]);
    assert_eq!(script(&folder, "_by_hand"), "-- nothing to change\n");
}

#[tokio::test]
async fn data_are_lost_with_consent_only() {
    let database = TestDatabase::create().await;
    let folder = changed(&database, "  text String\n", "");
    let client = database.connect().await;
    client.batch_execute("insert into \"Note\" values (1, 'a')").await.unwrap();
    let run = dev(&folder, &["--name", "drop"]);
    run.check(
        1,
        &[
            "drop column text",
            "data may be lost",
            "`Note.text`",
            "needs an interactive terminal",
            "nicol migrate deploy",
        ],
    );
    let arguments = [&DEV[..], &["--name", "drop"]].concat();
    folder.run_on_terminal(&arguments, "n\n").check(130, &["Create and apply this migration? [y/N]"]);
    assert_eq!(migrations(&folder), ["init"]);
    folder.run_on_terminal(&arguments, "y\n").check(0, &["the database matches the schema file"]);
    assert_eq!(migrations(&folder), ["init", "drop"]);
    assert_eq!(columns(&client).await, ["id"]);
}

async fn text_of(client: &Client, column: &str) -> String {
    let sql = format!("select {column} from \"Note\"");
    client.query_one(&sql, &[]).await.expect("there is one row").get(0)
}

#[tokio::test]
async fn a_renamed_field_keeps_its_values_if_somebody_says_so() {
    let database = TestDatabase::create().await;
    let folder = changed(&database, "  text String", "  body String");
    let client = database.connect().await;
    client.batch_execute("insert into \"Note\" values (1, 'a')").await.unwrap();
    let run = dev(&folder, &["--name", "body"]);
    run.check(1, &["column `Note.body` is treated as new", "`--rename Note.text=body`"]);
    dev(&folder, &["--name", "body", "--rename", "Note.tex=body"]).check(1, &["did you mean `text`?"]);
    let arguments = [&DEV[..], &["--name", "body"]].concat();
    folder.run_on_terminal(&arguments, "\u{4}").check(130, &["no migration was created"]);
    let run = folder.run_on_terminal(&arguments, "x\n1\n");
    run.check(
        0,
        &[
            "column `Note.body` is new",
            "1  renamed: column `Note.text`",
            "2  new",
            "number [2]",
            "from 1 to 2",
        ],
    );
    assert!(script(&folder, "_body").contains("RENAME COLUMN \"text\" TO \"body\""));
    assert_eq!(text_of(&client, "body").await, "a");

    change(&folder, "  text String", "  words String");
    dev(&folder, &["--name", "words", "--rename", "Note.body=words"]).check(0, &[]);
    assert_eq!(text_of(&client, "words").await, "a");
    change(&folder, "  text String", "  /// @renamedFrom(words)\n  letters String");
    dev(&folder, &["--name", "letters"]).check(0, &[]);
    assert_eq!(text_of(&client, "letters").await, "a");
    dev(&folder, &[]).check(0, &["nothing to do"]);
}

#[tokio::test]
async fn what_is_new_is_asked_about_once() {
    let database = TestDatabase::create().await;
    let folder = changed(&database, "  text String", "  body String");
    let arguments = [&DEV[..], &["--name", "body"]].concat();
    folder.run_on_terminal(&arguments, "\n").check(0, &["drop column text", "add column body"]);
    assert_eq!(columns(&database.connect().await).await, ["body", "id"]);
}

#[tokio::test]
async fn an_empty_table_loses_nothing() {
    let database = TestDatabase::create().await;
    let folder = changed(&database, "  text String\n", "");
    dev(&folder, &["--name", "drop"]).check(0, &["drop column text"]);
}

#[tokio::test]
async fn what_cannot_be_done_with_the_data_is_refused_and_can_be_drafted() {
    let database = TestDatabase::create().await;
    let folder = changed(&database, "  text String\n", "  text String\n  must Int\n");
    let client = database.connect().await;
    client.batch_execute("insert into \"Note\" values (1, 'a')").await.unwrap();
    dev(&folder, &["--name", "must"]).check(1, &["do not allow this change", "`Note.must`", "--create-only"]);
    assert_eq!(migrations(&folder), ["init"]);
    dev(&folder, &["--name", "must", "--create-only"])
        .check(0, &["do not allow this change", "not applied yet"]);
    assert_eq!(migrations(&folder), ["init", "must"]);
}

#[tokio::test]
async fn a_database_that_somebody_has_changed_needs_a_reset() {
    let database = TestDatabase::create().await;
    let folder = project(&database);
    dev(&folder, &["--name", "init"]).check(0, &[]);
    let client = database.connect().await;
    client
        .batch_execute("create table stray (id int); alter table \"Note\" add column more int")
        .await
        .unwrap();
    let run = dev(&folder, &["--name", "next"]);
    run.check(
        130,
        &[
            "drifted from the migration history",
            "in the database but not in any migration:\n",
            "    create table stray",
            "    alter table Note\n      add column more\n",
            "nicol migrate reset",
        ],
    );
    assert_eq!(migrations(&folder), ["init"]);
    folder.run(&["migrate", "reset", "--force"]).check(0, &[]);
    dev(&folder, &[]).check(0, &["nothing to do"]);
}

#[tokio::test]
async fn a_change_made_by_hand_is_kept_by_the_commands_that_are_told() {
    let database = TestDatabase::create().await;
    let folder = project(&database);
    // The suggested commands include the same arguments.
    std::fs::create_dir(folder.path().join("my files")).unwrap();
    std::fs::rename(folder.path().join("prisma/schema.prisma"), folder.path().join("my files/s.prisma"))
        .unwrap();
    let dev = ["migrate", "dev", "--schema", "my files/s.prisma", "--name", "next"];
    folder.run(&dev).check(0, &[]);
    let client = database.connect().await;
    client
        .batch_execute("alter table \"Note\" add column more int; insert into \"Note\" values (1, 'a', 7)")
        .await
        .unwrap();
    let run = folder.run(&dev).check(130, &["help: to keep these changes", "nicol migrate reset"]);
    let commands: Vec<_> = run.err.lines().filter_map(|line| line.strip_prefix("  nicol ")).collect();
    assert_eq!(commands.len(), 3, "{}", run.err);
    for command in commands {
        // Run as a shell would parse it.
        let words: Vec<_> = command
            .replace("'my files/", "my\0files/")
            .replace(".prisma'", ".prisma")
            .replace("/migrations'", "/migrations")
            .replace("migration.sql'", "migration.sql")
            .split(' ')
            .map(|word| word.replace('\0', " "))
            .collect();
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        folder.run(&words).check(0, &[]);
    }
    assert!(folder.read("my files/s.prisma").contains("more Int?"));
    folder.run(&dev).check(0, &["nothing to do"]);
    let rows = client.query("select more from \"Note\"", &[]).await.unwrap();
    assert_eq!(rows[0].get::<_, i32>(0), 7);
}

#[tokio::test]
async fn a_database_older_than_its_migrations_is_told_how_to_begin() {
    let database = TestDatabase::create().await;
    database.connect().await.batch_execute("create table old (id int)").await.unwrap();
    dev(&project(&database), &["--name", "init"])
        .check(130, &["create table old", "resolve --applied", "reset"]);
}

#[tokio::test]
async fn an_edited_or_missing_or_failed_migration_needs_a_reset() {
    let database = TestDatabase::create().await;
    let folder = project(&database);
    dev(&folder, &["--name", "init"]).check(0, &[]);
    let name = folders(&folder).remove(0);
    let file = format!("prisma/migrations/{name}/migration.sql");
    let text = folder.read(&file);
    folder.write(&file, &format!("{text}-- a word\n"));
    dev(&folder, &[])
        .check(130, &[&format!("{name} was changed after it was applied"), "nicol migrate reset"]);
    folder.write(&file, &text);
    dev(&folder, &[]).check(0, &["nothing to do"]);

    let client = database.connect().await;
    client.batch_execute("update _prisma_migrations set finished_at = null").await.unwrap();
    dev(&folder, &[]).check(130, &[&format!("{name} failed")]);
    client.batch_execute("update _prisma_migrations set finished_at = now()").await.unwrap();
    fs::remove_dir_all(folder.path().join(format!("prisma/migrations/{name}"))).unwrap();
    dev(&folder, &[]).check(130, &[&format!("{name} was applied but is not in this folder")]);
}

#[tokio::test]
async fn a_pending_migration_that_does_not_work_changes_nothing() {
    let database = TestDatabase::create().await;
    let (client, user, url) = as_user(&database, "createdb").await;
    let folder = project(&database).with_env("DIRECT_URL", &url);
    let script = "create table a ();\ncreate table b (id no_type);";
    folder.write("prisma/migrations/20250101000000_bad/migration.sql", script);
    let run = dev(&folder, &[]);
    let left = shadows(&client, &user).await;
    let is_there = client.batch_execute("select from a").await.is_ok();
    forget_user(&client, &user).await;
    run.check(1, &["error[P3006]: migration `20250101000000_bad` fails on a new database (line 2", "42704"]);
    assert_eq!((left, is_there), (0, false));
}

#[tokio::test]
async fn a_migration_before_the_applied_ones_is_seen_in_its_place() {
    let database = TestDatabase::create().await;
    let folder = project(&database);
    dev(&folder, &["--name", "init"]).check(0, &[]);
    folder.write(
        "prisma/migrations/20250101000000_before/migration.sql",
        "create table \"Before\" (id int primary key);",
    );
    folder.write("prisma/schema.prisma", &format!("{SCHEMA}\nmodel Before {{\n  id Int @id\n}}\n"));
    dev(&folder, &[]).check(0, &["[1/1] 20250101000000_before", "the database matches the schema file"]);
    assert_eq!(migrations(&folder).len(), 2);
}

#[tokio::test]
async fn a_failed_migration_names_what_depends_on_it() {
    let database = TestDatabase::create().await;
    let folder = project(&database);
    dev(&folder, &["--name", "init"]).check(0, &[]);
    let client = database.connect().await;
    client.batch_execute("create view uv as select text from \"Note\"").await.unwrap();
    // Detected before the migration is written, if the schema file changes.
    change(&folder, "  text String\n", "");
    let said = "column `Note.text` cannot be dropped while other objects depend on it: view uv";
    dev(&folder, &["--name", "drop"]).check(1, &["do not allow this change", said, "--create-only"]);
    assert_eq!(migrations(&folder), ["init"]);
    // Reported afterwards, if the migration was written by hand.
    let script = "alter table \"Note\" drop column text";
    folder.write("prisma/migrations/20990101000000_by_hand/migration.sql", script);
    folder.run(&["migrate", "deploy"]).check(
        1,
        &[
            "error[P3018]",
            "2BP01) (line 1 of its script)\ndetail: view uv depends on column text of table \"Note\"\nhint: ",
        ],
    );
}

/// Returns a connection as a separate user, who has no other shadow databases.
async fn as_user(database: &TestDatabase, may: &str) -> (Client, String, String) {
    let client = database.connect().await;
    let user = format!("dev_{}", database.url().database());
    let sql = format!("create role {user} login password 'p' {may}; grant all on schema public to {user}");
    client.batch_execute(&sql).await.expect("a user can be made");
    let url = database.url().with_user(&user, Some("p")).to_url_with_password();
    (client, user, url)
}

async fn forget_user(client: &Client, user: &str) {
    let sql = format!("drop owned by {user} cascade; drop role {user}");
    client.batch_execute(&sql).await.expect("a user can go");
}

#[tokio::test]
async fn who_may_not_create_databases_is_told_what_helps() {
    let database = TestDatabase::create().await;
    let (client, user, url) = as_user(&database, "").await;
    let other = TestDatabase::create().await;
    let folder = project(&database).with_env("DIRECT_URL", &url);
    let refused = dev(&folder, &["--name", "init"]);
    let shadow_url = other.url_text();
    let setting = "  shadowDatabaseUrl = env(\"SHADOW_URL\")\n}";
    folder.write("prisma/schema.prisma", &SCHEMA.replacen('}', setting, 1));
    other.connect().await.batch_execute("create table left_over (id int)").await.unwrap();
    let folder = folder.with_env("SHADOW_URL", &shadow_url);
    let given = dev(&folder, &["--name", "init"]);
    let again = dev(&folder, &[]);
    let folder = folder.with_env("SHADOW_URL", &database.url_text());
    let same = dev(&folder, &[]);
    forget_user(&client, &user).await;
    refused.check(1, &["error[P3014]", "42501", "createdb", "`shadowDatabaseUrl`"]);
    given.check(0, &["[1/1]"]);
    again.check(0, &["nothing to do"]);
    same.check(1, &["the main database, and would be emptied"]);
}

#[tokio::test]
async fn ctrl_c_drops_the_shadow_database() {
    let database = TestDatabase::create().await;
    let (client, user, url) = as_user(&database, "createdb").await;
    let folder = project(&database).with_env("DIRECT_URL", &url);
    folder.write("prisma/migrations/20250101000000_slow/migration.sql", "select pg_sleep(61);");
    let is_running = async {
        let sql = "select from pg_stat_activity where usename = $1 and query like '%sleep(61)%' and state = 'active'";
        while client.query(sql, &[&user]).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let output = folder.signal(&DEV, "-INT", Box::pin(is_running)).await;
    let left = shadows(&client, &user).await;
    forget_user(&client, &user).await;
    folder.outcome(output).check(130, &["interrupted"]);
    assert_eq!(left, 0);
}

#[tokio::test]
async fn shadow_databases_of_killed_runs_are_named() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    let name = format!("prisma_migrate_shadow_db_{}", database.url().database());
    client.batch_execute(&format!("create database {name}")).await.unwrap();
    let run = dev(&project(&database), &["--name", "init"]);
    client.batch_execute(&format!("drop database {name}")).await.unwrap();
    run.check(0, &["shadow databases of killed runs", &name]);
}

#[tokio::test]
async fn a_shadow_database_begins_with_what_the_settings_say() {
    let database = TestDatabase::create().await;
    let folder = project(&database);
    database
        .connect()
        .await
        .batch_execute("create schema outside; create type outside.t as enum ('a')")
        .await
        .unwrap();
    folder.write(
        "prisma/migrations/20250101000000_needs_it/migration.sql",
        "create table needs (t outside.t); drop table needs;",
    );
    dev(&folder, &["--name", "init"]).check(1, &["error[P3006]", "20250101000000_needs_it"]);
    let script = "create schema outside; create type outside.t as enum ('a');";
    folder.write("nicol.toml", &format!("[migrations]\ninit_shadow_db = \"{script}\""));
    dev(&folder, &["--name", "init"]).check(0, &["20250101000000_needs_it", "_init"]);
    folder.write("nicol.toml", "[migrations]\ninit_shadow_db = \"create no thing\"");
    dev(&folder, &[]).check(1, &["prepares the shadow database failed in line 1", "`init_shadow_db`"]);
}
