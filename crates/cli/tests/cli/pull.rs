use testkit::TestDatabase;

use crate::support::{Folder, SCHEMA};

async fn database(script: &str) -> TestDatabase {
    let database = TestDatabase::create().await;
    database.connect().await.batch_execute(script).await.expect("the script is right");
    database
}

const DATASOURCE: &str = "datasource db {\n  provider  = \"postgresql\"\n  url       = env(\"DATABASE_URL\")\n  \
                          directUrl = env(\"DIRECT_URL\")\n}\n";

#[tokio::test]
async fn the_schema_file_is_written_after_the_database() {
    let database = database(
        "create table \"Note\" (id int primary key, text text not null, at timestamptz(3) default now());
        create table logs (line text check (line <> ''))",
    )
    .await;
    let folder = Folder::new(&[("schema.prisma", SCHEMA)]).with_env("DIRECT_URL", &database.url_text());
    let printed =
        folder.run(&["db", "pull", "--print"]).check(0, &["check constraints", "`logs: logs_line_check`"]);
    assert_eq!(folder.read("schema.prisma"), SCHEMA);
    let run = folder
        .run(&["db", "pull"])
        .check(0, &["wrote 2 models to `schema.prisma`", "without a unique, required key"]);
    assert_eq!(run.out, "");
    let text = folder.read("schema.prisma");
    assert_eq!(printed.out, text);
    assert!(text.contains("  at   DateTime? @default(now()) @db.Timestamptz(3)\n"), "{text}");
    assert!(!folder.path().join("schema.prisma.new").exists());
    folder.run(&["db", "pull"]).check(0, &["nothing to do"]);
    folder.run(&["validate"]).check(0, &[]);
}

#[tokio::test]
async fn hand_made_names_stay_unless_forced() {
    let database = database("create table notes (id int primary key, body text)").await;
    let own = "\n/// what is to be kept in mind\nmodel Note {\n  id   Int     @id\n  text String? @map(\"body\")\n\n  @@map(\"notes\")\n}\n";
    let schema = format!("{DATASOURCE}{own}");
    let folder = Folder::new(&[("schema.prisma", &schema)]).with_env("DIRECT_URL", &database.url_text());
    folder.run(&["db", "pull"]).check(0, &["nothing to do", "1 model"]);
    assert_eq!(folder.read("schema.prisma"), schema);
    // Discarded models may have errors.
    folder.write("schema.prisma", &schema.replace("Int  ", "Nothing"));
    folder.run(&["db", "pull"]).check(1, &["1 error"]);
    folder.run(&["db", "pull", "--force"]).check(0, &["wrote 1 model"]);
    let expected = format!("{DATASOURCE}\nmodel notes {{\n  id   Int     @id\n  body String?\n}}\n");
    assert_eq!(folder.read("schema.prisma"), expected);
}

#[tokio::test]
async fn other_schemas_can_be_named() {
    let database = database("create schema other; create table other.t (id int primary key)").await;
    let folder = Folder::new(&[("schema.prisma", DATASOURCE)]).with_env("DIRECT_URL", &database.url_text());
    let run = folder.run(&["db", "pull"]).check(1, &["error[P4001]", "help:", "--schemas"]);
    assert!(!run.err.contains("nicol:"), "{}", run.err);
    assert_eq!(folder.read("schema.prisma"), DATASOURCE);
    folder.run(&["db", "pull", "--schemas", "public,other"]).check(0, &["wrote 1 model"]);
    let text = folder.read("schema.prisma");
    assert!(
        text.contains("schemas   = [\"public\", \"other\"]") && text.contains("@@schema(\"other\")"),
        "{text}"
    );
}

#[tokio::test]
async fn a_foreign_key_out_of_the_schemas_is_refused() {
    let script = "create schema other; create table other.t (id int primary key);
        create table u (id int primary key references other.t)";
    let database = database(script).await;
    let folder = Folder::new(&[("schema.prisma", DATASOURCE)]).with_env("DIRECT_URL", &database.url_text());
    folder.run(&["db", "pull"]).check(1, &["error[P4002]", "`other.t`", "help:"]);
}

#[tokio::test]
async fn in_a_folder_each_model_stays_in_its_file() {
    let script = "create table notes (id int primary key); create table tags (id int primary key)";
    let database = database(script).await;
    let note = "model Note {\n  id Int @id\n\n  @@map(\"notes\")\n}\n";
    let files = [("schema/main.prisma", DATASOURCE), ("schema/deep/note.prisma", note)];
    let folder = Folder::new(&files).with_env("DIRECT_URL", &database.url_text());
    let pull = ["db", "pull", "--schema", "schema"];
    folder.run(&pull).check(0, &["wrote 2 models to `schema/introspected.prisma`"]);
    assert_eq!(folder.read("schema/introspected.prisma"), "model tags {\n  id Int @id\n}\n");
    assert_eq!(folder.read("schema/main.prisma"), DATASOURCE);
    assert_eq!(folder.read("schema/deep/note.prisma"), note);
    folder.run(&pull).check(0, &["nothing to do"]);
    let printed = folder.run(&["db", "pull", "--schema", "schema", "--print"]).check(0, &[]);
    assert!(printed.out.contains("// deep/note.prisma\nmodel Note {"), "{}", printed.out);
}

#[tokio::test]
async fn what_the_language_refuses_is_commented_out_and_told() {
    let script = "create table users (id bigint primary key);
        create table posts (id int primary key, user_id int not null references users, next int references posts)";
    let database = database(script).await;
    let folder = Folder::new(&[("schema.prisma", DATASOURCE)]).with_env("DIRECT_URL", &database.url_text());
    folder.run(&["db", "pull"]).check(0, &["wrote 2 models", "items that the schema language refuses"]);
    let text = folder.read("schema.prisma");
    assert!(text.contains("  // users "), "{text}");
    assert!(text.contains("other_posts posts[] @relation(\"postsToposts\")"), "{text}");
    folder.run(&["validate"]).check(0, &[]);
    folder.run(&["db", "pull"]).check(0, &["nothing to do", "items that the schema language refuses"]);
}

#[tokio::test]
async fn what_is_lost_is_counted_and_named_on_request() {
    let script =
        "create table t (id int primary key, a int check (a > 0), b int check (b > 0), c int check (c > 0),
        d int check (d > 0), len numeric generated always as (1 + 1) stored)";
    let database = database(script).await;
    let folder = Folder::new(&[("schema.prisma", DATASOURCE)]).with_env("DIRECT_URL", &database.url_text());
    let run = folder.run(&["db", "pull", "--print"]);
    let run = run.check(
        0,
        &["warning: check constraints (4): ", "warning: generated columns (1): ", "  `t.len`\n", "--verbose"],
    );
    assert!(!run.err.contains("t_a_check"), "{}", run.err);
    let run = folder.run(&["db", "pull", "--print", "--verbose"]);
    let run = run.check(0, &["  `t: t_a_check`\n", "  `t: t_d_check`\n"]);
    assert!(!run.err.contains("help:"), "{}", run.err);
    let run = folder.run(&["db", "pull", "--print", "--format", "json"]).check(0, &[]);
    assert_eq!(run.err, "");
    let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(json["written"], serde_json::json!([]));
    let checks = ["t: t_a_check", "t: t_b_check", "t: t_c_check", "t: t_d_check"];
    let warnings = json["warnings"].as_array().unwrap();
    let check = warnings.iter().find(|it| it["kind"] == "check_constraint").unwrap();
    assert_eq!(check["names"], serde_json::json!(checks));
    let text = json["files"][0]["text"].as_str().unwrap().to_owned();
    let run = folder.run(&["db", "pull", "--format", "json"]).check(0, &[]);
    let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(
        (&json["written"], &json["models"]),
        (&serde_json::json!(["schema.prisma"]), &serde_json::json!(1))
    );
    assert_eq!(folder.read("schema.prisma"), text);
}
