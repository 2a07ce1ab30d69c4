//! Follows pages of the guide to the letter. `cargo xtask test first-hour` runs it, because it compiles what a newcomer compiles.
//!
//! | block | meaning |
//! |---|---|
//! | ` ```console ` | commands behind `$ `, each followed by its output, where `…` stands for any text; a line with only `…` for any lines |
//! | ` ```rust src/main.rs ` | the contents of a file |
//! | others | not followed |

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::Folder;

#[test]
fn the_start() {
    follow("start.md");
}

#[test]
fn from_prisma() {
    follow("from-prisma.md");
}

#[test]
fn people() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let folder = Folder::new(&[]);
    let people = folder.path().join("people");
    run(root, folder.path(), "nicol init people --with people");
    run(root, &people, "nicol migrate dev --name init");
    let ann = "Ann      ann@example.com      +61 2 5550 1234\n";
    let bob = "Bob      bob@example.com      +61 2 5550 5678\n";
    let cleo = "Cleo     cleo@example.com     +61 2 5550 9012\n";
    assert_eq!(run(root, &people, "cargo run"), format!("{ann}{bob}{cleo}"));
    assert_eq!(run(root, &people, "cargo run -- ANN"), ann);
    assert_eq!(run(root, &people, "cargo run -- Dora dora@example.com"), "added Dora\n");
    assert_eq!(run(root, &people, "cargo run -- dora"), "Dora     dora@example.com     no number\n");
    assert_eq!(run(root, &people, "nicol local stop"), "stopped\n");
}

#[test]
fn sign_in() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let folder = Folder::new(&[]);
    run(root, folder.path(), "nicol init --name guarded --with auth --url postgresql://localhost:1/none");
    assert_eq!(run(root, folder.path(), "cargo build"), "");
    assert!(run(root, folder.path(), "cargo run").contains("P1001"));
}

#[test]
fn a_cargo_package() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let folder = Folder::new(&[]);
    let package = folder.path().join("packed");
    run(root, folder.path(), "cargo new packed --vcs none");
    run(root, &package, "nicol init");
    run(root, &package, "nicol migrate dev --name init");
    assert_eq!(run(root, &package, "cargo run"), "Hello, world!\n");
    let rows = "Hello by ann@example.com: 1 views\n1 posts\n";
    assert_eq!(run(root, &package, "cargo run --example first_rows"), rows);
    assert_eq!(run(root, &package, "nicol local stop"), "stopped\n");
}

/// Follows a page in an empty folder.
fn follow(page: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let text = fs::read_to_string(root.join("docs/guide").join(page)).unwrap();
    let folder = Folder::new(&[]);
    let mut cwd = folder.path().to_owned();
    let mut lines = text.lines();
    let mut failures = Vec::new();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```").filter(|info| !info.is_empty()) else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match info.split_once(' ') {
            Some((_, path)) => {
                fs::create_dir_all(cwd.join(path).parent().unwrap()).unwrap();
                fs::write(cwd.join(path), block.join("\n") + "\n").unwrap();
            }
            None if info == "console" => {
                for command in block.join("\n").split("$ ").skip(1) {
                    let (command, expected) = command.split_once('\n').unwrap_or((command, ""));
                    if let Some(folder) = command.strip_prefix("cd ") {
                        cwd.push(folder);
                        continue;
                    }
                    let output = run(root, &cwd, command);
                    let expected: Vec<&str> = expected.trim_end().lines().collect();
                    let actual: Vec<&str> = output.trim_end().lines().collect();
                    if !is_expected(&expected, &actual) {
                        failures.push(format!("$ {command}\n{output}"));
                    }
                }
            }
            None => {}
        }
    }
    let stopped = run(root, &cwd, "nicol local stop");
    assert!(failures.is_empty(), "{page} says otherwise:\n\n{}\n{stopped}", failures.join("\n"));
}

/// Runs a command and returns both of its outputs, without the progress of Cargo.
fn run(root: &Path, cwd: &Path, command: &str) -> String {
    if cwd.join("Cargo.toml").exists() {
        // The versions that the other tests use, which are there without a network.
        fs::copy(root.join("Cargo.lock"), cwd.join("Cargo.lock")).unwrap();
    }
    let program = PathBuf::from(env!("CARGO_BIN_EXE_nicol"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let output = Command::new("sh")
        .args(["-c", &format!("{command} 2>&1")])
        .current_dir(cwd)
        .env("PATH", path)
        .env("CARGO_TARGET_DIR", root.join("target/first-hour"))
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_TERM_COLOR", "never")
        .env_remove("DATABASE_URL")
        .env("PAGER", "")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    // As root, this depends on what other projects have left.
    let is_of_others = |line: &str| line.starts_with("data of project folders that are gone");
    let is_progress = |line: &&str| {
        let word = line.trim_start().split(' ').next().unwrap_or_default();
        command.starts_with("cargo ")
            && ["Adding", "Blocking", "Compiling", "Finished", "Locking", "Running", "Updating"]
                .contains(&word)
    };
    let lines = text.lines().filter(|line| !is_progress(line) && !is_of_others(line));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Whether an output is as the page says.
fn is_expected(expected: &[&str], actual: &[&str]) -> bool {
    match expected.split_first() {
        None => actual.is_empty(),
        Some((&"…", rest)) => (0..=actual.len()).any(|start| is_expected(rest, &actual[start..])),
        Some((line, rest)) => match actual.split_first() {
            Some((first, others)) => matches(line, first) && is_expected(rest, others),
            None => false,
        },
    }
}

/// Whether a line is as the page says: between its `…`, the texts follow each other.
fn matches(expected: &str, actual: &str) -> bool {
    match expected.split_once('…') {
        None => expected.trim_end() == actual.trim_end(),
        Some((before, after)) => actual.strip_prefix(before).is_some_and(|rest| {
            let mut starts = rest.char_indices().map(|(start, _)| start).chain([rest.len()]);
            starts.any(|start| matches(after, &rest[start..]))
        }),
    }
}
