//! `nicol branch`: on the local server, in Neon, and with Git.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use serde_json::{Value, json};
use testkit::{NeonApi, TestDatabase};

use crate::support::{Folder, Run, SCHEMA};

/// A project in a folder of a repository. Its local server is stopped at the end.
struct Project(Folder, &'static str);

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        Self::in_folder("", files)
    }

    fn in_folder(folder: &'static str, files: &[(&str, &str)]) -> Self {
        Self(Folder::new(files), folder)
    }

    fn run(&self, arguments: &[&str]) -> Run {
        self.0.run_in(self.1, arguments)
    }

    fn sql(&self, sql: &str) -> String {
        let env = self.0.path().join(self.1).join(".env");
        let env = fs::read_to_string(env).unwrap_or_default();
        let value = |line: &str| Some(line.strip_prefix("DATABASE_URL=\"")?.split_once('"')?.0.to_owned());
        let url = env.lines().rev().find_map(value);
        let url = url.unwrap_or_else(|| self.run(&["local", "url"]).out.trim().to_owned());
        query(&url, sql)
    }

    fn git(&self, arguments: &[&str]) -> String {
        git(&self.0, arguments)
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        self.run(&["local", "stop"]);
    }
}

/// Runs a statement and returns the first value.
fn query(url: &str, sql: &str) -> String {
    let url = nicol_pg::ConnectionUrl::parse(url).expect("it is a URL");
    let sql = sql.to_owned();
    let task = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime can be made").block_on(async {
            let (client, connection) = nicol_pg::connect(&url).await.expect("the server accepts connections");
            tokio::spawn(connection);
            let rows = client.simple_query(&sql).await.expect("the statement is valid");
            let value = rows.iter().find_map(|row| match row {
                nicol_pg::tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                _ => None,
            });
            value.unwrap_or_default()
        })
    });
    task.join().expect("it does not panic")
}

/// Runs Git with `nicol` in the search path, for hooks. Returns all output.
fn git(folder: &Folder, arguments: &[&str]) -> String {
    git_in(folder, "", arguments)
}

fn git_in(folder: &Folder, place: &str, arguments: &[&str]) -> String {
    let nicol = std::path::Path::new(env!("CARGO_BIN_EXE_nicol"));
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", nicol.parent().expect("it is in a folder").display());
    let output = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(folder.path().join(place))
        .env_clear()
        .env("PATH", path)
        .output()
        .expect("Git is installed");
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "git {arguments:?}: {text}");
    text
}

const LOCAL_SCHEMA: &str = "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\n\nmodel Note {\n  id Int @id\n}\n";

#[test]
fn a_session_on_the_local_server() {
    let project = Project::new(&[("schema.prisma", LOCAL_SCHEMA)]);
    project
        .run(&["branch", "list"])
        .check(1, &["there is no local server yet", "help: create one with `nicol local start`"]);
    project.run(&["local", "start"]).check(0, &[]);
    project.run(&["db", "push"]).check(0, &[]);
    project.0.write(".env", "# settings\nPORT=3000   # of the application\n");

    project.run(&["branch", "create", "feature/login", "--switch"]).check(
        0,
        &[
            "created branch `feature/login` from `main` in ",
            "on branch `feature/login`: changed `DATABASE_URL` in .env",
        ],
    );
    let env = project.0.read(".env");
    assert!(
        env.starts_with("# settings\nPORT=3000   # of the application\nDATABASE_URL=\"postgresql://"),
        "{env}"
    );
    project.sql("alter table \"Note\" add text text; create index note_text on \"Note\" (text); insert into \"Note\" values (1)");
    let list = project.run(&["branch", "list"]).check(0, &[]).out;
    let lines: Vec<&str> = list.lines().collect();
    assert!(lines[0].starts_with("NAME") && lines[1].starts_with("[default] main "), "{list}");
    assert!(
        lines[2].starts_with("[current] feature/login  main  ") && lines[2].ends_with("  never"),
        "{list}"
    );

    // A command that needs the database starts the server of the branch, and leaves it as it was.
    project.run(&["local", "stop"]).check(0, &["stopped the server of branch `feature/login`"]);
    let run = project.run(&["db", "pull", "--print"]).check(0, &[]);
    assert!(run.out.contains("String?"), "{run:?}");
    project.run(&["branch", "switch", "feature/login"]).check(0, &[".env is unchanged"]);
    project.run(&["local", "start"]).check(0, &[]);

    // What the branch adds to its parent, as SQL.
    let run = project.run(&["branch", "diff"]).check(0, &[]);
    let sql = "-- AlterTable\nALTER TABLE \"Note\" ADD COLUMN     \"text\" TEXT;\n\n-- CreateIndex\n\
               CREATE INDEX \"note_text\" ON \"Note\"(\"text\");\n";
    assert_eq!(run.out, sql);
    let run = project.run(&["branch", "diff", "main", "--exit-code"]).check(2, &[]);
    assert!(run.out.contains("DROP COLUMN \"text\""), "from the current branch to main: {}", run.out);
    let run = project.run(&["branch", "diff", "main", "feature/login"]).check(0, &[]);
    assert_eq!(run.out, sql);
    project.run(&["branch", "diff", "main", "main"]).check(1, &["cannot be compared with itself"]);

    refusals(&project);
    project.run(&["branch", "switch", "main"]).check(0, &["on branch `main`"]);
    assert_eq!(project.0.read(".env"), "# settings\nPORT=3000   # of the application\n");
    assert_eq!(
        project.sql("select count(*) from \"Note\""),
        "0",
        "nothing of the branch shows on its parent"
    );
    let elsewhere = "DATABASE_URL='postgresql://a:hush@127.0.0.1:1/b' # of another server\n";
    project.0.write(".env", elsewhere);
    let run = project.run(&["branch", "switch", "main"]);
    let run = run.check(1, &["`DATABASE_URL` leads to a server that is not the local one"]);
    assert!(!run.err.contains("hush"), "{}", run.err);
    assert_eq!(project.0.read(".env"), elsewhere);
    project.run(&["branch", "switch", "feature/login"]).check(0, &[]);
    assert!(project.0.read(".env").ends_with("' # of another server\n"), "the comment stays");
    project.run(&["branch", "switch", "main"]).check(0, &[]);
    assert_eq!(project.0.read(".env"), elsewhere, "it is put back");
    every_line_comes_back(&project);
    project
        .run(&["branch", "rename", "feature/login", "login"])
        .check(0, &["renamed branch `feature/login` to `login`"]);
    project
        .run(&["branch", "reset", "login", "--parent", "--force"])
        .check(0, &["restored branch `login` to the current state of `main`"]);
    project
        .run(&["branch", "diff", "login", "main"])
        .check(0, &["the schemas of `login` and `main` are equal"]);
    project
        .run(&["branch", "expire", "login", "--at", "2099-01-01T00:00:00Z"])
        .check(0, &["branch `login` expires at 2099-01-01T00:00:00Z"]);
    let list: Value =
        serde_json::from_str(&project.run(&["branch", "list", "--format", "json"]).out).expect("it is JSON");
    assert_eq!(
        (&list[1]["name"], &list[1]["expires_at"], &list[1]["current"]),
        (&json!("login"), &json!("2099-01-01T00:00:00Z"), &json!(false))
    );
    let run = project.0.run_on_terminal(&["branch", "delete", "login"], "y\n");
    assert!(run.code == 0 && run.err.contains("deleted branch `login`"), "{run:?}");
    assert_eq!(project.run(&["branch", "list"]).out.lines().count(), 2);
}

/// Switches to branch `feature/login`, which has a row, and back, with several contents of `.env`.
fn every_line_comes_back(project: &Project) {
    let interpolated =
        "PORT=5432\nDATABASE_URL=1\nDATABASE_URL=\"postgresql://a:hush@127.0.0.1:${PORT}/b\" # ${PORT}";
    project.0.write(".env", interpolated);
    project.run(&["branch", "switch", "feature/login"]).check(0, &["changed `DATABASE_URL` in .env"]);
    let lines = project.0.read(".env");
    assert!(lines.starts_with("PORT=5432\nDATABASE_URL=1\nDATABASE_URL=\"postgresql://postgres"), "{lines}");
    assert_eq!(project.sql("select count(*) from \"Note\""), "1", "the last line counts");
    project.run(&["branch", "switch", "main"]).check(0, &[]);
    assert_eq!(project.0.read(".env"), interpolated);
    let env = project.0.path().join(".env");
    fs::remove_file(&env).expect("it is there");
    project.run(&["branch", "switch", "feature/login"]).check(0, &["in .env"]);
    project.run(&["branch", "switch", "main"]).check(0, &["in .env"]);
    assert!(!env.exists(), "there was no file");
    std::os::unix::fs::symlink("nowhere", &env).expect("a link can be made");
    project
        .run(&["branch", "switch", "feature/login"])
        .check(1, &["is a symbolic link to a file that does not exist", "help: create that file"]);
    fs::remove_file(&env).expect("it is there");
    assert!(Command::new("mkfifo").arg(&env).status().expect("there is a `mkfifo`").success());
    project.run(&["branch", "switch", "feature/login"]).check(1, &["it is not a regular file"]);
    fs::remove_file(&env).expect("it is there");
}

/// What is refused on branch `feature/login`.
fn refusals(project: &Project) {
    project
        .run(&["branch", "delete", "feature/login", "--force"])
        .check(1, &["is the current one", "nicol branch switch main"]);
    project
        .run(&["branch", "delete", "main", "--force"])
        .check(1, &["cannot be deleted: it is the default branch"]);
    project.run(&["branch", "create", "main"]).check(1, &["there already is a branch `main`"]);
    project.run(&["branch", "create", "a@b"]).check(1, &["it contains `@`"]);
    project
        .run(&["branch", "reset", "main", "--parent", "--force"])
        .check(1, &["branch `main` has no parent"]);
    project
        .run(&["branch", "expire", "main", "--in", "7d"])
        .check(1, &["cannot expire: it is the default branch"]);
    project
        .run(&["branch", "create", "old", "--parent", "2024-01-01T00:00:00Z"])
        .check(1, &["has no backups", "nicol local backup"]);
    project
        .run(&["branch", "switch", "nothing"])
        .check(1, &["there is no branch `nothing`", "`main`, `feature/login`"]);
    project
        .run(&["branch", "reset", "feature/login", "--parent"])
        .check(1, &["needs an interactive terminal"]);
    project.run(&["branch", "--neon", "list"]).check(1, &["no Neon project is configured", "neon_project"]);
    let run = project.0.run_on_terminal(&["branch", "reset", "feature/login", "--parent"], "n\n");
    assert_eq!(run.code, 130, "{run:?}");
}

#[test]
fn arguments_are_checked_before_anything_is_started() {
    let folder = Folder::new(&[("schema.prisma", LOCAL_SCHEMA)]);
    for duration in ["-1h", "0m", "1s", "", "1.5d"] {
        let units = ["`m` (minutes), `h` (hours), `d` (days) or `w` (weeks)"];
        folder.run(&["branch", "expire", "dev", "--in", duration]).check(1, &units);
        folder.run(&["branch", "create", "dev", "--expires-in", duration]).check(1, &units);
    }
    folder.run(&["branch", "expire", "dev", "--at", "tomorrow"]).check(1, &["it is not a time"]);
    folder.run(&["branch", "--database", "", "list"]).check(1, &["a value is required"]);
    for count in ["0", "1000000000000"] {
        folder.run(&["doctor", "--processes", count]).check(1, &["is not in 1..=100000"]);
    }
}

#[test]
fn branches_follow_git() {
    let project = Project::in_folder(
        "shop",
        &[("shop/app/schema.prisma", LOCAL_SCHEMA), ("shop/nicol.toml", "schema = \"app/schema.prisma\"\n")],
    );
    project.run(&["branch", "hook", "install"]).check(1, &["is not in a Git repository"]);
    project.git(&["init"]);
    project.0.write(".gitignore", ".env\n.nicol\n");
    project.git(&["add", "."]);
    project.git(&["commit", "-m", "first"]);
    project.run(&["local", "start"]).check(0, &[]);
    project.run(&["db", "push"]).check(0, &[]);

    // An existing hook keeps its lines and runs.
    let hook = ".git/hooks/post-checkout";
    project.0.write(hook, "#!/usr/bin/env python3\nprint()\n");
    project.run(&["branch", "hook", "install"]).check(1, &["is not a shell script", "nicol branch hook run"]);
    let own = "#!/bin/sh -e\necho \"own hook $3\"\nexit 0\n";
    project.0.write(hook, own);
    fs::set_permissions(project.0.path().join(hook), PermissionsExt::from_mode(0o755)).expect("it is ours");
    for _ in 0..2 {
        project
            .run(&["branch", "hook", "install"])
            .check(0, &["installed the hook in ", "/.git/hooks/post-checkout"]);
    }
    assert_eq!(project.0.read(hook).matches("hook run").count(), 1, "installed once");

    let output = project.git(&["switch", "-c", "feature/login"]);
    assert!(
        output.contains("created branch `feature/login` from `main`") && output.contains("own hook 1"),
        "{output}"
    );
    project.sql("insert into \"Note\" values (1)");
    // A new Git branch begins with the data of the former one.
    let output = project.git(&["switch", "-c", "bump@2"]);
    assert!(
        output.contains("created branch `bump-2-") && output.contains("from `feature/login`"),
        "{output}"
    );
    assert_eq!(project.sql("select count(*) from \"Note\""), "1");
    let env = project.0.read("shop/.env");
    // Neither a file nor a commit is a branch.
    let output = project.git(&["checkout", "HEAD", "--", "shop/nicol.toml"]);
    assert!(output.contains("own hook 0") && !output.contains("branch `"), "{output}");
    project.git(&["checkout", "--detach"]);
    assert_eq!(project.0.read("shop/.env"), env);
    let output = project.git(&["switch", "main"]);
    assert!(output.contains("on branch `main`"), "{output}");
    assert!(!project.0.path().join("shop/.env").exists());
    assert_eq!(project.sql("select count(*) from \"Note\""), "0");

    // A new working tree has no server yet, and perhaps not even the folder.
    let output = project.git(&["worktree", "add", "tree", "-b", "of-tree"]);
    assert!(!output.contains("nicol") && !output.contains("database"), "{output}");
    fs::remove_dir_all(project.0.path().join("tree/shop")).expect("it is there");
    let output = git_in(&project.0, "tree", &["switch", "-c", "other"]);
    assert!(!output.contains("cd") && !output.contains("database"), "{output}");

    // A failure is told in a line, and does not fail the checkout.
    project.0.write("shop/.env", "NEON_PROJECT_ID=shiny-wind-028834\n");
    let output = project.git(&["switch", "feature/login"]);
    assert!(
        output.contains("note: the branch of the database is unchanged: `NEON_API_KEY` is not set"),
        "{output}"
    );
    project.0.write("shop/.env", "");
    // A URL that cannot be used is replaced.
    project.0.write("shop/.env", "DATABASE_URL=\"nonsense\"\n");
    project.run(&["branch", "switch", "feature/login"]).check(0, &["on branch `feature/login`"]);
    assert_eq!(project.sql("select count(*) from \"Note\""), "1");
    project.0.write("shop/.env", "");
    project.run(&["branch", "hook", "uninstall"]).check(0, &["removed the hook"]);
    assert_eq!(project.0.read(hook), own);
    project.0.write(hook, "");
    fs::remove_file(project.0.path().join(hook)).expect("it can be removed");
    project.run(&["branch", "hook", "install"]).check(0, &[]);
    project.run(&["branch", "hook", "uninstall"]).check(0, &[]);
    assert!(!project.0.path().join(hook).exists(), "a hook of our own is removed");
    project.run(&["branch", "hook", "uninstall"]).check(0, &["is not installed"]);
    project.git(&["config", "core.hooksPath", "shared"]);
    project.run(&["branch", "hook", "install"]).check(1, &["`core.hooksPath`", "nicol branch hook run"]);
    // A tracked .env is pointed out.
    project.git(&["add", "-f", "shop/.env"]);
    project
        .run(&["branch", "switch", "feature/login"])
        .check(0, &["warning: .env is tracked by Git", "git rm --cached .env"]);
}

/// A folder that uses the stand-in for Neon.
pub(crate) fn in_neon(api: &NeonApi, schema: &str) -> Folder {
    Folder::new(&[
        ("schema.prisma", schema),
        ("nicol.toml", "[branch]\nneon_project = \"shiny-wind-028834\"\n"),
    ])
    .with_env("NEON_API_KEY", NeonApi::KEY)
    .with_env("NEON_API_HOST", api.url())
}

#[tokio::test]
async fn a_session_in_neon() {
    let mut api = NeonApi::start();
    let (main, dev) = (TestDatabase::create().await, TestDatabase::create().await);
    dev.connect().await.batch_execute("create table note (id int primary key)").await.expect("it is empty");
    api.set_operations(100, "finished");
    let folder = in_neon(&api, SCHEMA);
    let run = folder.run(&["branch", "list"]).check(0, &[]);
    assert!(run.out.lines().nth(1).expect("there is a branch").starts_with("[default] main"), "{}", run.out);
    folder
        .run(&["branch", "create", "dev", "--expires-in", "7d", "--suspend-timeout", "-1", "--switch"])
        .check(
            0,
            &[
                "created branch `dev` from `main`",
                "it expires at 2",
                "changed `DATABASE_URL` and `DIRECT_URL` in .env",
            ],
        );
    let env = folder.read(".env");
    assert!(env.contains("-pooler.eu-central-1.aws.neon.example"), "{env}");
    let direct = env.lines().find(|line| line.starts_with("DIRECT_URL=")).expect("it is set");
    assert!(direct.contains("npg_hush_") && !direct.contains("-pooler"), "{direct}");
    let list = folder.run(&["branch", "list"]).out;
    assert!(list.contains("[current] dev"), "{list}");
    let run = folder.run(&["branch", "url", "--direct"]).check(0, &[]);
    assert!(direct.contains(run.out.trim()), "{}", run.out);

    // No other output has a password or the key.
    for arguments in [
        ["branch", "list", "--format", "json"].as_slice(),
        &["branch", "switch", "main"],
        &["branch", "switch", "dev"],
        &["branch", "create", "dev"],
        &["branch", "--database", "other", "switch", "dev"],
        &["branch", "expire", "dev", "--never"],
        &["branch", "restore", "dev", "^self"],
        &["branch", "restore", "dev", "^self@2024-01-01T00:00:00Z", "--preserve-under-name", "dev before"],
        &["branch", "rename", "dev", "main"],
        &["branch", "delete", "dev", "--force"],
    ] {
        let run = folder.run(arguments);
        assert!(!run.out.contains("hush") && !run.err.contains("hush"), "{arguments:?}: {run:?}");
    }
    folder.run(&["branch", "restore", "dev", "^self"]).check(1, &["cannot be restored to its current state"]);
    folder
        .run(&["branch", "restore", "dev", "^self@0/1"])
        .check(1, &["without preserving it", "--preserve-under-name"]);

    // The difference is that of the databases.
    api.set_databases(
        &json!({ "main": main.url_text(), "dev": dev.url_text(), "dev before": main.url_text() }),
    );
    let run = folder.run(&["branch", "diff", "dev", "^parent"]).check(0, &[]);
    assert!(run.out.contains("CREATE TABLE \"note\""), "{run:?}");
    let run = folder.run(&["branch", "schema-diff", "dev", "main", "--exit-code"]).check(2, &[]);
    assert!(run.out.contains("DROP TABLE \"note\""), "{run:?}");

    api.protect("dev before");
    folder
        .run(&["branch", "delete", "dev before", "--force"])
        .check(1, &["cannot be deleted: it is protected"]);
    folder.run(&["branch", "--local", "list"]).check(1, &["there is no local server yet"]);
    let wrong =
        Folder::new(&[]).with_env("NEON_API_KEY", "napi_hush_other").with_env("NEON_API_HOST", api.url());
    let run = wrong.run(&["branch", "--project-id", "shiny-wind-028834", "list"]);
    let run = run.check(1, &["Neon does not accept the API key", "help: create a key"]);
    assert!(!run.err.contains("hush"), "{}", run.err);
    wrong.run(&["branch", "--project-id", "../x", "list"]).check(1, &["is not the id of a Neon project"]);
    let http =
        Folder::new(&[]).with_env("NEON_API_KEY", "k").with_env("NEON_API_HOST", "http://neon.example");
    http.run(&["branch", "--project-id", "a", "list"]).check(1, &["must start with https://"]);
    api.requests();
}
