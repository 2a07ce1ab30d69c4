//! `nicol init`: what it leaves in which folder. `cargo xtask test first-hour` compiles and runs what it creates.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use testkit::check_file;

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
            "created Cargo.toml\ncreated build.rs\ncreated prisma/schema.prisma\ncreated src/main.rs\n\
             created nicol.toml\ncreated .gitignore\n",
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

#[test]
fn a_given_url_is_written_to_env() {
    let folder = Folder::new(&[(".env", "OTHER='1'")]);
    let run = folder.run(&["init", "--url", URL]).check(0, &["added `DATABASE_URL` to .env"]);
    assert!(!run.err.contains("hush"), "{run:?}");
    assert_eq!(folder.read(".env"), format!("OTHER='1'\nDATABASE_URL=\"{URL}\"\n"));
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
fn the_folder_above_may_ignore_already() {
    let folder = Folder::new(&[(".gitignore", "target\n.nicol\n.env*\n")]).with_env("DATABASE_URL", URL);
    let git = std::process::Command::new("git").args(["init", "--quiet"]).current_dir(folder.path()).status();
    assert!(git.unwrap().success());
    folder.run(&["init", "app"]).check(0, &["app is ready"]);
    assert!(!folder.path().join("app/.gitignore").exists());
}

#[test]
fn other_projects_are_left_alone() {
    for name in ["Cargo.toml", "package.json", "prisma/schema.prisma"] {
        let folder = Folder::new(&[(name, "{}")]);
        folder.run(&["init"]).check(1, &[&format!("contains another project: `{name}` exists"), "help: "]);
        assert_eq!(folder.files().len(), 1);
    }
}

#[test]
fn folders_that_cannot_be_used_are_named() {
    let folder = Folder::new(&[("file", "")]).with_env("DATABASE_URL", URL);
    folder.run(&["init", "file"]).check(1, &["`file` is a file", "help: "]);
    folder.run(&["init", "file/below"]).check(1, &["cannot create the folder `file/below`"]);
    // Nobody can write there, not even root.
    folder.run(&["init", "/proc/self"]).check(1, &["cannot write `/proc/", "Cargo.toml`"]);
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

/// `examples/quickstart` is what a new project contains, so that it is compiled and run with the other tests.
#[test]
fn the_quickstart_is_what_a_new_project_contains() {
    let folder = Folder::new(&[]).with_env("DATABASE_URL", URL);
    folder.run(&["init"]).check(0, &[]);
    let allowed = "\n#![allow(clippy::print_stdout, reason = \"an example shows what it does\")]\n";
    let main = folder.read("src/main.rs");
    let (doc, program) = main.split_once('\n').unwrap();
    check_file("../../examples/quickstart/src/main.rs", &format!("{doc}\n{allowed}{program}"));
    for name in ["build.rs", "prisma/schema.prisma"] {
        check_file(format!("../../examples/quickstart/{name}"), &folder.read(name));
    }
}
