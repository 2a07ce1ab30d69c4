//! `nicol init`: what it leaves in which folder. `cargo xtask test first-hour` compiles and runs what it creates.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use testkit::{TestDatabase, check_file, reference_command};

use crate::support::Folder;

/// The files of a new project.
const NEW: [&str; 6] =
    [".gitignore", "Cargo.toml", "build.rs", "nicol.toml", "prisma/schema.prisma", "src/main.rs"];

/// A URL with a password that must not be seen.
const URL: &str = "postgresql://ann:hush@localhost/app";

#[test]
fn an_empty_folder_becomes_a_project_with_a_server_of_its_own() {
    let folder = Folder::new(&[]);
    let run = folder.run(&["init", "hello"]).check(
        0,
        &[
            "created prisma/schema.prisma\ncreated build.rs\ncreated src/main.rs\ncreated nicol.toml\n\
             created .gitignore\ncreated Cargo.toml\n",
            "PostgreSQL is ready",
            "added `DATABASE_URL` to .env\n",
            "hello is ready\nnext:\n  cd hello\n  nicol migrate dev --name init  # create the tables\n  \
             cargo run                      # write rows and read them\n",
        ],
    );
    let files = folder.files();
    let env = &files["hello/.env"];
    let password = env.split_once("postgres:").unwrap().1.split('@').next().unwrap();
    assert!(env.starts_with("DATABASE_URL=\"postgresql://postgres:") && password.len() > 20, "{env}");
    assert!(!run.err.contains(password) && run.out.is_empty(), "{run:?}");
    let mode = fs::metadata(folder.path().join("hello/.env")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let expected: Vec<String> =
        std::iter::once(".env").chain(NEW).map(|name| format!("hello/{name}")).collect();
    assert_eq!(files.keys().cloned().collect::<Vec<_>>(), expected);

    let again = folder.run(&["init", "hello"]).check(0, &[]);
    assert_eq!(again.err, "nothing to do: this project uses nicol\n");
    assert_eq!(folder.files(), files);

    let run = folder.run_in("hello", &["migrate", "dev", "--name", "init"]);
    run.check(0, &["create table User", "the database matches the schema file"]);
    // The nearest nicol.toml makes a folder below a part of the project.
    folder.run_in("hello/src", &["migrate", "status"]).check(0, &[]);
    folder.run_in("hello", &["local", "stop"]).check(0, &["stopped"]);
}

#[test]
fn a_database_that_is_set_is_used() {
    let folder = Folder::new(&[]).with_env("DATABASE_URL", URL);
    let run = folder.run(&["init", "--name", "hello"]);
    run.check(0, &["note: using the database in `DATABASE_URL`, which is set in the environment\n"]);
    assert_eq!(folder.files().into_keys().collect::<Vec<_>>(), NEW);
    let manifest = folder.read("Cargo.toml");
    assert!(manifest.starts_with("[package]\nname = \"hello\"\n"), "{manifest}");

    let folder = Folder::new(&[(".env", &format!("# mine\nDATABASE_URL={URL}\nOTHER=1"))]);
    let before = folder.read(".env");
    let run = folder.run(&["init"]).check(0, &[" is ready\n"]);
    assert!(!run.err.contains("hush") && !run.err.contains("PostgreSQL"), "{run:?}");
    assert_eq!(folder.read(".env"), before);
}

/// Each run is a run that was interrupted before the next file.
#[test]
fn an_interrupted_run_is_finished_by_the_next() {
    for arguments in [&["init"][..], &["init", "--with", "auth"]] {
        let whole = Folder::new(&[]).with_env("DATABASE_URL", URL);
        whole.run(&[arguments, &["--name", "app"]].concat()).check(0, &[]);
        let files = whole.files();
        let order =
            ["prisma/schema.prisma", "build.rs", "src/main.rs", "nicol.toml", ".gitignore", "Cargo.toml"];
        for count in 1..order.len() {
            let given: Vec<_> = order[..count].iter().map(|name| (*name, files[*name].as_str())).collect();
            let folder = Folder::new(&given).with_env("DATABASE_URL", URL);
            folder.run(&[arguments, &["--name", "app"]].concat()).check(0, &["app is ready"]);
            let mut finished = folder.files();
            // The secret is random.
            if let Some(env) = files.get(".env") {
                finished.insert(".env".to_owned(), env.clone());
            }
            assert_eq!(finished, files, "after {count}");
        }
    }
}

#[test]
fn a_given_url_is_written_to_env() {
    let folder = Folder::new(&[(".env", "OTHER='1'")]);
    let run = folder.run(&["init", "--url", URL]).check(0, &["added `DATABASE_URL` to .env"]);
    assert!(!run.err.contains("hush"), "{run:?}");
    assert_eq!(folder.read(".env"), format!("OTHER='1'\nDATABASE_URL=\"{URL}\""));
    folder.run(&["init", "--url", URL]).check(0, &["nothing to do"]);

    let run = folder.run(&["init", "--url", "postgresql://bob:quiet@elsewhere/app"]);
    let run = run.check(1, &["`DATABASE_URL` has a different value in .env", "help: "]);
    assert!(!run.err.contains("hush") && !run.err.contains("quiet"), "{run:?}");

    let folder = Folder::new(&[]);
    folder.run(&["init", "--url", "mysql://ann:hush@localhost/app"]).check(1, &["cannot be used"]);
    assert!(folder.files().is_empty());
}

#[test]
fn files_that_exist_stay() {
    let folder = Folder::new(&[("src/main.rs", "fn main() {}\n"), (".gitignore", "target/\n*.log")]);
    let folder = folder.with_env("DATABASE_URL", URL);
    folder.run(&["init"]).check(0, &["added to .gitignore: /.nicol, .env"]);
    assert_eq!(folder.read("src/main.rs"), "fn main() {}\n");
    assert_eq!(folder.read(".gitignore"), "target/\n*.log\n/.nicol\n.env\n");
}

#[test]
fn a_tracked_env_is_warned_of() {
    let folder = Folder::new(&[(".env", "A=1\n")]);
    for arguments in [&["init", "--quiet"][..], &["add", ".env"]] {
        let git = std::process::Command::new("git").args(arguments).current_dir(folder.path()).status();
        assert!(git.unwrap().success());
    }
    let run = folder.run(&["init", "--url", URL]);
    run.check(0, &["warning: Git tracks .env", "help: run `git rm --cached .env`\n"]);
}

#[test]
fn nicol_toml_says_where_the_new_schema_is() {
    let settings = "schema = \"db/app.prisma\"\n";
    let folder = Folder::new(&[("nicol.toml", settings)]).with_env("DATABASE_URL", URL);
    folder.run(&["init"]).check(0, &["created db/app.prisma\n"]);
    assert!(folder.read("build.rs").contains("nicol_codegen::build(\"db/app.prisma\")"));
    assert_eq!(folder.read("nicol.toml"), settings);
    folder.run(&["validate"]).check(0, &["db/app.prisma is valid"]);
}

#[tokio::test]
async fn an_interrupted_start_of_the_server_can_be_repeated() {
    let folder = Folder::new(&[]);
    let ready = async {
        while !folder.path().join("Cargo.toml").exists() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    let output = folder.signal(&["init", "--name", "app"], "-INT", ready).await;
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert!(!folder.path().join(".env").exists());
    folder.run(&["init", "--name", "app"]).check(0, &["added `DATABASE_URL` to .env", "app is ready"]);
    folder.run(&["local", "stop"]).check(0, &["stopped"]);
}

#[test]
fn the_folder_above_may_ignore_already() {
    let folder = Folder::new(&[(".gitignore", "target\n.nicol\n.env*\n")]).with_env("DATABASE_URL", URL);
    let git = std::process::Command::new("git").args(["init", "--quiet"]).current_dir(folder.path()).status();
    assert!(git.unwrap().success());
    folder.run(&["init", "app"]).check(0, &["app is ready"]);
    assert!(!folder.path().join("app/.gitignore").exists());
}

#[test]
fn folders_that_cannot_be_used_are_named() {
    let folder = Folder::new(&[("file", "")]).with_env("DATABASE_URL", URL);
    folder.run(&["init", "file"]).check(1, &["`file` is a file", "help: "]);
    folder.run(&["init", "file/below"]).check(1, &["cannot create the folder `<folder>/file/below`"]);
    // Nobody can write there, not even root.
    folder
        .run(&["init", "/proc/self"])
        .check(1, &["cannot create the folder `/proc/", "help: pass a folder"]);
    folder.run(&["init", "--name", "my app"]).check(1, &["`my app`", "help: use `--name my-app`"]);
    assert_eq!(folder.files().len(), 1);
}

#[test]
fn options_of_prisma_init_are_accepted_or_explained() {
    let folder = Folder::new(&[]).with_env("DATABASE_URL", URL);
    for (arguments, part) in [
        (["--datasource-provider", "mysql"], "`mysql` is not supported: nicol is for PostgreSQL"),
        (
            ["--generator-provider", "prisma-client-js"],
            "add a block for `prisma-client-js` to the schema file",
        ),
        (["--output", "../client"], "add output = \"../client\" to the generator"),
        (["--preview-feature", "typedSql"], "add previewFeatures = [\"typedSql\"] to the generator"),
        (["--with-model", "--db"], "pass --url"),
    ] {
        folder.run(&[&["init"], &arguments[..]].concat()).check(1, &[part, "help: "]);
    }
    assert!(folder.files().is_empty());
    let same = ["--datasource-provider", "postgresql", "--generator-provider", "nicol", "--with-model"];
    folder.run(&[&["init"], &same[..]].concat()).check(0, &[" is ready\n"]);
}

/// The examples are what new projects contain, so that they are compiled and run with the other tests.
#[test]
fn the_examples_are_what_new_projects_contain() {
    for (example, arguments) in [("quickstart", &["init"][..]), ("axum", &["init", "--with", "auth"])] {
        let folder = Folder::new(&[]).with_env("DATABASE_URL", URL);
        folder.run(arguments).check(0, &[]);
        let allowed = "\n#![allow(clippy::print_stdout, reason = \"an example shows what it does\")]\n";
        let main = folder.read("src/main.rs");
        let (doc, program) = main.split_once('\n').unwrap();
        check_file(format!("../../examples/{example}/src/main.rs"), &format!("{doc}\n{allowed}{program}"));
        for name in ["build.rs", "prisma/schema.prisma"] {
            check_file(format!("../../examples/{example}/{name}"), &folder.read(name));
        }
        // All that the example depends on.
        let manifest = fs::read_to_string(format!("../../examples/{example}/Cargo.toml")).unwrap();
        let names = |text: &str, section: &str| -> Vec<String> {
            let (_, section) = text.split_once(&format!("\n[{section}]\n")).unwrap();
            let lines = section.lines().take_while(|line| !line.is_empty());
            lines.map(|line| line.split(['.', ' ']).next().unwrap().to_owned()).collect()
        };
        for section in ["dependencies", "build-dependencies"] {
            assert_eq!(names(&folder.read("Cargo.toml"), section), names(&manifest, section));
        }
    }
}

#[test]
fn sign_in_gets_a_secret_of_its_own() {
    let secret = || {
        let folder = Folder::new(&[]).with_env("DATABASE_URL", URL);
        let run = folder.run(&["init", "--with", "auth"]).check(
            0,
            &["added `AUTH_SECRET` to .env\n", "# sign in at http://localhost:3000/api/auth/signin\n"],
        );
        let secret = folder.read(".env").trim().to_owned();
        assert!(
            secret.len() == "AUTH_SECRET=\"\"".len() + 44 && !run.err.contains(&secret[13..50]),
            "{run:?}"
        );
        folder.run(&["init", "--with", "auth"]).check(0, &["nothing to do"]);
        folder.run(&["init"]).check(0, &["nothing to do"]);
        folder.run(&["init", "--with", "people"]).check(1, &["`prisma/schema.prisma` exists", "help: "]);
        assert_eq!(folder.read(".env").trim(), secret);
        secret
    };
    assert_ne!(secret(), secret());
}

#[test]
fn people_start_with_a_table_of_people() {
    let folder = Folder::new(&[]).with_env("DATABASE_URL", URL);
    folder.run(&["init", "--with", "people"]).check(0, &["# list the people\n"]);
    folder.run(&["validate"]).check(0, &["1 model, 0 enums"]);
    folder.run(&["format", "--check"]).check(0, &[]);
}

/// A schema of Prisma's, with a generator of its own.
const PRISMA: &str = r#"generator client {
  provider = "prisma-client-js"
}

datasource db {
  provider = "postgresql"
  url      = env("POSTGRES_URL")
}

model Author {
  id    Int    @id @default(autoincrement())
  name  String
  books Book[]
}

model Book {
  id       Int    @id @default(autoincrement())
  title    String
  author   Author @relation(fields: [authorId], references: [id])
  authorId Int
}
"#;

#[test]
fn a_cargo_package_gets_dependencies_and_an_example() {
    let manifest = "[package]\nname = \"shop\" # mine\nversion = \"1.0.0\"\nedition = \"2021\"\n\n[dependencies]\ntokio = \"1\"\n";
    let main = "fn main() {\n    println!(\"Hello, world!\");\n}\n";
    let folder = Folder::new(&[("Cargo.toml", manifest), ("src/main.rs", main), (".gitignore", "/target\n")]);
    let folder = folder.with_env("DATABASE_URL", URL);
    let run = folder.run(&["init"]).check(
        0,
        &[
            "added to .gitignore: /.nicol, .env\n",
            "added to Cargo.toml: nicol, dotenvy, tokio, nicol-codegen\n",
            "nicol has been added\nnext:\n  nicol migrate dev --name init   # create the tables\n  \
             cargo run --example first_rows  # write rows and read them\n",
        ],
    );
    assert!(!run.err.contains("hush"), "{run:?}");
    let files = folder.files();
    let expected = [
        ".gitignore",
        "Cargo.toml",
        "build.rs",
        "examples/first_rows.rs",
        "nicol.toml",
        "prisma/schema.prisma",
        "src/main.rs",
    ];
    assert_eq!(files.keys().collect::<Vec<_>>(), expected);
    assert_eq!(files["src/main.rs"], main);
    assert!(files["Cargo.toml"].starts_with(manifest), "{}", files["Cargo.toml"]);
    folder.run(&["init"]).check(0, &["nothing to do: this project uses nicol\n"]);
    assert_eq!(folder.files(), files);
}

#[test]
fn a_build_script_that_exists_is_not_changed() {
    let folder =
        Folder::new(&[("Cargo.toml", "[package]\nname = \"shop\"\n"), ("build.rs", "fn main() {}\n")]);
    let folder = folder.with_env("DATABASE_URL", URL);
    folder
        .run(&["init"])
        .check(0, &["help: call `nicol_codegen::build(\"prisma/schema.prisma\")` in build.rs\n"]);
    assert_eq!(folder.read("build.rs"), "fn main() {}\n");
}

#[test]
fn a_workspace_gets_a_member() {
    let folder =
        Folder::new(&[("Cargo.toml", "[workspace]\nmembers = [\"a\"]\n")]).with_env("DATABASE_URL", URL);
    folder.run(&["init"]).check(1, &["that of a workspace", "help: "]);
    assert_eq!(folder.files().len(), 1);
    folder.run(&["init", "crates/app"]).check(0, &["added to the members", "crates/app", "app is ready"]);
    assert_eq!(folder.read("Cargo.toml"), "[workspace]\nmembers = [\"a\", \"crates/app\"]\n");
    folder.run(&["init", "crates/app"]).check(0, &["nothing to do"]);
}

#[test]
fn a_prisma_project_keeps_its_files() {
    let env = format!("POSTGRES_URL='{URL}'\n");
    let config = "export default { schema: path.join('db', 'schema'), migrations: { path: 'db/history', seed: seed() },\n}";
    let given = [
        ("package.json", "{}"),
        ("prisma.config.ts", config),
        ("db/schema/main.prisma", PRISMA),
        ("db/history/20260101000000_init/migration.sql", "select 1;"),
        (".env", &env),
        (".gitignore", "node_modules\n.env*\n"),
    ];
    let folder = Folder::new(&given);
    let run = folder.run(&["init", "--name", "books"]).check(
        0,
        &[
            "created build.rs\ncreated src/main.rs\ncreated nicol.toml\nadded to .gitignore: /target, /.nicol, .env\n\
             created Cargo.toml\n",
            "warning: `migrations.seed` in prisma.config.ts is an expression",
            "nicol has been added\nnext:\n  cargo run  # read the first rows\n",
        ],
    );
    assert!(!run.err.contains("hush"), "{run:?}");
    for (name, text) in given.iter().filter(|(name, _)| *name != ".gitignore") {
        assert_eq!(folder.read(name), *text, "{name}");
    }
    assert_eq!(
        folder.read("nicol.toml"),
        "# The settings of prisma.config.ts, for the commands of nicol.\nschema = \"db/schema\"\n\n\
         [migrations]\npath = \"db/history\"\n"
    );
    assert!(folder.read("build.rs").contains("nicol_codegen::build(\"db/schema\")"));
    let main = folder.read("src/main.rs");
    for part in ["`POSTGRES_URL`", "db.author().find_many().take(3)", "db.book().count()"] {
        assert!(main.contains(part), "{main}");
    }
    folder.run(&["validate"]).check(0, &["db/schema is valid: 2 models"]);
    folder.run(&["init"]).check(0, &["nothing to do"]);
}

#[test]
fn a_schema_that_cannot_be_used_is_refused_first() {
    for (schema, part) in [
        (PRISMA.replace("postgresql", "mysql"), "mysql"),
        (PRISMA.replace("Int    @id", "Number @id"), "Number"),
    ] {
        let folder = Folder::new(&[("prisma/schema.prisma", &schema)]);
        folder.run(&["init"]).check(1, &[part]);
        assert_eq!(folder.files().len(), 1);
    }
    let folder = Folder::new(&[("package.json", r#"{ "prisma": { "schema": "gone.prisma" } }"#)]);
    folder.run(&["init"]).check(1, &["the schema `gone.prisma` does not exist"]);
    assert_eq!(folder.files().len(), 1);
}

#[tokio::test]
async fn a_database_becomes_a_schema_and_a_first_migration() {
    let database = TestDatabase::create().await;
    let url = &database.url_text();
    let folder = Folder::new(&[]);
    let run = folder.run(&["init", "app", "--from", url]);
    run.check(1, &["has no tables", "help: for a new schema in this database, use `--url`"]);
    assert!(folder.files().is_empty());

    let client = database.connect().await;
    client
        .batch_execute(
            "create type color as enum ('red', 'green');
             create table authors (id serial primary key, name text not null, tint color not null default 'red');
             create table books (id serial primary key, title varchar(80) not null, price numeric(8, 2),
               author_id int not null references authors on delete cascade);
             create index on books (author_id);
             insert into authors (name) values ('Ann')",
        )
        .await
        .unwrap();
    let run = folder.run(&["init", "app", "--from", url]).check(
        0,
        &[
            "found 2 models, 1 enum in postgresql://",
            "created prisma/schema.prisma\ncreated build.rs\ncreated src/main.rs\n",
            "added `DATABASE_URL` to .env\ncreated prisma/migrations/0_init/migration.sql\n\
             created prisma/migrations/migration_lock.toml\nmarked migration 0_init as applied\n",
            "app is ready\nnext:\n  cd app\n  cargo run  # read the first rows\n",
        ],
    );
    assert!(!run.err.contains("idle"), "{run:?}");
    assert!(folder.read("app/src/main.rs").contains("db.authors().count()"));
    folder.run_in("app", &["migrate", "status"]).check(0, &[]);
    folder
        .run_in("app", &["migrate", "dev"])
        .check(0, &["nothing to do: the database and its migrations match"]);

    let prisma = |arguments: &[&str]| {
        let mut command = reference_command(Some(database.url()));
        command
            .args(arguments)
            .current_dir(folder.path().join("app"))
            .env("CI", "1")
            .stdin(std::process::Stdio::null());
        folder.outcome(command.output().unwrap()).check(0, &[]).out
    };
    let schema = "prisma/schema.prisma";
    let status = prisma(&["migrate", "status", "--schema", schema]);
    assert!(status.contains("Database schema is up to date!"), "{status}");
    let script = prisma(&["migrate", "diff", "--from-empty", "--to-schema-datamodel", schema, "--script"]);
    assert_eq!(folder.read("app/prisma/migrations/0_init/migration.sql").trim(), script.trim());

    // The database has a history now, which belongs to a project.
    let run = folder.run(&["init", "other", "--from", url]);
    run.check(0, &["note: the database has 1 applied migration: copy the migrations folder"]);
    assert!(!folder.path().join("other/prisma/migrations").exists());
    folder
        .run(&["init", "other", "--from", url])
        .check(1, &["`prisma/schema.prisma` exists", "nicol db pull"]);
}
