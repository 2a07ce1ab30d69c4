//! Colors, quiet, JSON, versions, completions, manual pages.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;
use testkit::TestDatabase;

use crate::support::{Folder, Run, SCHEMA};

const COLOR: char = '\u{1b}';

fn invalid() -> Folder {
    Folder::new(&[("schema.prisma", &SCHEMA.replace("Int ", "Imt "))])
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

#[test]
fn colors_are_asked_for_and_refused() {
    let is_colored = |folder: Folder, arguments: &[&str]| folder.run(arguments).err.contains(COLOR);
    let forced = || invalid().with_env("CLICOLOR_FORCE", "1");
    assert!(!is_colored(invalid(), &["validate"]));
    assert!(is_colored(invalid(), &["validate", "--color", "always"]));
    assert!(is_colored(invalid(), &["--color=always", "validate"]));
    assert!(is_colored(forced(), &["validate"]));
    assert!(!is_colored(forced(), &["validate", "--color", "never"]));
    assert!(!is_colored(forced().with_env("NO_COLOR", "1"), &["validate"]));
    assert!(is_colored(forced().with_env("NO_COLOR", "1"), &["validate", "--color", "always"]));
    assert!(!is_colored(invalid().with_env("CLICOLOR_FORCE", "0"), &["validate"]));
}

#[test]
fn quiet_leaves_out_all_but_results_and_errors() {
    let folder = Folder::new(&[("schema.prisma", SCHEMA)]);
    let run = folder.run(&["validate", "--quiet"]).check(0, &[]);
    assert_eq!((run.out, run.err), (String::new(), String::new()));
    let run = folder.run(&["dmmf", "-q"]).check(0, &[]);
    assert!(run.out.starts_with('{') && run.err.is_empty());
    folder.run(&["generate", "--quiet"]).check(1, &["error: ", "help: "]);
    invalid().run(&["validate", "--quiet"]).check(1, &["Imt", "1 error"]);
}

#[test]
fn errors_are_json_where_results_are() {
    for arguments in [
        &["validate", "--format", "json"][..],
        &["migrate", "status", "--format", "json"],
        &["migrate", "diff", "--from-empty", "--to-schema", "none.prisma", "--format", "json"],
        &["doctor", "--config", "none.toml", "--format", "json"],
    ] {
        let run = Folder::new(&[]).run(arguments).check(1, &[]);
        let error = &json(&run)["error"];
        assert!(error["message"].is_string() && error["help"].is_array(), "{run:?}");
        assert!(run.err.is_empty(), "{run:?}");
    }
    let unreachable = Folder::new(&[("schema.prisma", SCHEMA)])
        .with_env("DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/db")
        .with_env("DIRECT_URL", "postgresql://me:secret@127.0.0.1:1/db");
    let run = unreachable.run(&["migrate", "status", "--format", "json"]).check(1, &[]);
    assert_eq!(json(&run)["error"]["code"], "P1001");
    assert!(!run.out.contains("secret"));
    let run = invalid().run(&["migrate", "status", "--format", "json"]).check(1, &[]);
    assert_eq!(json(&run)["error"]["code"], "P1012");
}

#[tokio::test]
async fn the_status_and_differences_are_json() {
    let database = TestDatabase::create().await;
    let url = database.url_text();
    let folder = Folder::new(&[
        ("prisma/schema.prisma", SCHEMA),
        ("prisma/migrations/1_init/migration.sql", "CREATE TABLE \"Note\" (\"id\" INTEGER NOT NULL);"),
        ("prisma/migrations/migration_lock.toml", "provider = \"postgresql\"\n"),
    ]);
    let folder = folder.with_env("DATABASE_URL", &url).with_env("DIRECT_URL", &url);
    let status = || folder.run(&["migrate", "status", "--format", "json"]);
    let pending = json(&status().check(1, &[]));
    assert_eq!(pending["migrations"][0]["name"], "1_init");
    assert_eq!(pending["migrations"][0]["state"], "pending");
    assert_eq!(pending["upToDate"], false);
    assert!(pending["advice"].as_str().is_some_and(|advice| advice.contains("nicol migrate deploy")));
    folder.run(&["migrate", "deploy"]).check(0, &[]);
    let applied = json(&status().check(0, &[]));
    assert_eq!(applied["migrations"][0]["state"], "applied");
    assert_eq!((&applied["upToDate"], &applied["advice"]), (&Value::Bool(true), &Value::Null));

    let diff = |to: &[&str]| {
        let from = ["migrate", "diff", "--format", "json", "--from-schema", "prisma/schema.prisma"];
        json(&folder.run(&[&from, to].concat()).check(0, &[]))
    };
    let same = diff(&["--to-schema", "prisma/schema.prisma"]);
    assert_eq!(same["empty"], true);
    let dropped = diff(&["--to-empty"]);
    assert_eq!(dropped["empty"], false);
    assert!(dropped["script"].as_str().is_some_and(|script| script.contains("DROP TABLE \"Note\"")));
    assert!(dropped["summary"].as_str().is_some_and(|summary| summary.contains("Note")));
}

#[test]
fn versions_are_shown() {
    let folder = Folder::new(&[]);
    let run = folder.run(&["version"]).check(0, &[]);
    for part in ["nicol ", "Prisma 6.19.0", "PostgreSQL server", "Rust", env!("CARGO_PKG_VERSION")] {
        assert!(run.out.contains(part), "{part}: {}", run.out);
    }
    for arguments in [&["version", "--json"], &["version", "--format=json"]] {
        let all = json(&folder.run(arguments).check(0, &[]));
        assert_eq!(all["prisma"], "6.19.0");
        assert!(all["postgresql"].as_array().is_some_and(|servers| !servers.is_empty()), "{all}");
    }
}

#[test]
fn settings_are_shown_without_secrets() {
    let folder = Folder::new(&[
        ("prisma/schema.prisma", SCHEMA),
        (".env", "DIRECT_URL=postgresql://me:hunter2@localhost:5432/app\nNEON_API_KEY=napi_hunter2\n"),
    ]);
    let folder = folder
        .with_env("DATABASE_URL", "postgresql://me:hunter2@pooler:6432/app?pgbouncer=true")
        .with_env("DATABASE_REPLICA_URL", "not a url: hunter2");
    let run = folder.run(&["debug"]).check(0, &[]);
    for part in [
        " nicol.toml (not there)",
        "prisma/schema.prisma\n",
        "prisma/migrations (not there)",
        "@pooler:6432/app",
        "NEON_API_KEY: set, not shown (.env)",
        "DATABASE_REPLICA_URL: set, not shown (environment)",
        "NICOL_POSTGRES_BIN: not set",
    ] {
        assert!(run.out.contains(part), "{part}: {}", run.out);
    }
    let as_json = folder.run(&["debug", "--format", "json"]).check(0, &[]);
    let all = json(&as_json);
    let direct = all["variables"].as_array().and_then(|all| all.iter().find(|it| it["name"] == "DIRECT_URL"));
    assert_eq!(direct.map(|it| &it["origin"]), Some(&Value::String(".env".to_owned())));
    for text in [run.out, run.err, as_json.out, as_json.err] {
        assert!(!text.contains("hunter2"), "{text}");
    }
    Folder::new(&[]).run(&["debug"]).check(0, &["note: no schema file found"]);
}

#[test]
fn shells_accept_the_completions() {
    let folder = Folder::new(&[]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = folder.run(&["completions", shell]).check(0, &[]);
        assert!(run.out.contains("migrate") && run.out.contains("color"), "{shell}");
    }
    let script = folder.run(&["completions", "bash"]).out;
    folder.write("nicol.bash", &script);
    let line = "source nicol.bash; COMP_WORDS=(nicol migrate de); COMP_CWORD=2; _nicol nicol de migrate; echo \"${COMPREPLY[@]}\"";
    let output =
        Command::new("bash").args(["-c", line]).current_dir(folder.path()).output().expect("bash runs");
    let offered = String::from_utf8_lossy(&output.stdout);
    let mut offered: Vec<&str> = offered.split_whitespace().collect();
    offered.sort_unstable();
    assert_eq!(offered, ["deploy", "dev"], "{output:?}");
}

#[test]
fn each_command_has_a_manual_page() {
    let folder = Folder::new(&[]);
    folder.run(&["man", "out/man"]).check(0, &["manual pages in out/man"]);
    let page = folder.read("out/man/nicol-migrate-dev.1");
    assert!(page.starts_with(".ie") && page.contains(".TH nicol-migrate-dev"), "{page}");
    assert!(page.contains("Examples:"), "{page}");
    for page in fs::read_dir(folder.path().join("out/man")).expect("it is there").flatten() {
        let text = fs::read_to_string(page.path()).expect("it is text");
        assert!(text.contains(".SH NAME") && text.contains(".SH SYNOPSIS"), "{:?}", page.path());
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    let folder = Folder::new(&[]);
    let mut child =
        folder.command(&["completions", "bash"]).stdout(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    assert!(child.wait().expect("it ends").success());
}
