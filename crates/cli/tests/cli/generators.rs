//! Generators of others, beside Prisma.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{Folder, SCHEMA};

fn source(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/generators").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read `{}`: {error}", path.display()))
}

/// Returns a folder with a schema of three files, and the packages of the reference.
fn project() -> Folder {
    let mut files: Vec<(String, String)> =
        ["a.prisma", "b.prisma", "c.prisma"].map(|name| (format!("schema/{name}"), source(name))).into();
    files.push(("recorder.mjs".to_owned(), source("recorder.mjs")));
    files.push(("package.json".to_owned(), "{}".to_owned()));
    files.push((".env".to_owned(), "ZOD_OUTPUT=../zod\nZETA=z\n".to_owned()));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
    let folder = Folder::new(&files).with_env("ZOD_PROVIDER", "zod-prisma-types");
    let reference = testkit::reference();
    let modules = reference.parent().expect("a folder").join("node_modules");
    std::os::unix::fs::symlink(&modules, folder.path().join("node_modules")).expect("a link");
    folder
}

/// Returns the files below a folder; its path is replaced in them.
fn files(root: &Path, folder: &Path, found: &mut BTreeMap<String, String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(root, &path, found);
        } else {
            let name = path.strip_prefix(root).expect("it is below").display().to_string();
            let text = fs::read_to_string(&path).expect("it is text");
            let real = root.canonicalize().expect("it is there");
            found.insert(name, text.replace(&*real.to_string_lossy(), "<folder>"));
        }
    }
}

fn generated(folder: &Folder) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for name in ["docs", "zod", "schema/recorded", "recorded"] {
        files(folder.path(), &folder.path().join(name), &mut found);
    }
    found
}

#[test]
fn generators_get_and_write_what_they_do_with_prisma() {
    let (prisma, nicol) = (project(), project());
    let modules = prisma.path().join("node_modules");
    let path = std::env::var("PATH").expect("there is a search path");
    let run = Command::new("node")
        .args(["node_modules/prisma/build/index.js", "generate", "--schema", "schema"])
        .current_dir(prisma.path())
        .env("PATH", format!("{}:{path}", modules.join(".bin").display()))
        .env("ZOD_PROVIDER", "zod-prisma-types")
        // No telemetry and no advertisements. Prisma looks for engines even if it uses none; any file will do.
        .env("CHECKPOINT_DISABLE", "1")
        .env("PRISMA_HIDE_UPDATE_MESSAGE", "1")
        .env("PRISMA_SCHEMA_ENGINE_BINARY", "/bin/true")
        .env("PRISMA_QUERY_ENGINE_LIBRARY", "/bin/true")
        .output()
        .expect("there is Node");
    assert!(run.status.success(), "{run:?}");
    let run = nicol.run(&["generate", "--schema", "schema"]);
    let run = run.check(
        0,
        &[
            "generator client: `prisma-client` is left to `prisma generate`",
            "generator markdown: prisma-markdown 3.0.1 generated docs/ERD.md in ",
            "generator zod: Zod Prisma Types generated zod in ",
            "generator recorder: Recorder 1.0 generated schema/recorded in ",
        ],
    );
    assert!(!run.err.contains("not an answer"), "{run:?}");

    let (theirs, ours) = (generated(&prisma), generated(&nicol));
    assert_eq!(theirs.keys().collect::<Vec<_>>(), ours.keys().collect::<Vec<_>>());
    for expected in ["docs/ERD.md", "zod/index.ts", "schema/recorded/recorder.json", "recorded/second.json"] {
        assert!(theirs.contains_key(expected), "{expected} is not among {:?}", theirs.keys());
    }
    for (name, theirs) in &theirs {
        if Path::new(name).extension().is_some_and(|extension| extension == "json") {
            let parse = |text: &str| serde_json::from_str::<Value>(text).expect("it is JSON");
            compare(name, &parse(theirs), &parse(&ours[name]));
        } else {
            assert_eq!(*theirs, ours[name], "{name}");
        }
    }
    // `client` is Prisma's alone.
    assert!(prisma.path().join("schema/client").exists() && !nicol.path().join("schema/client").exists());
}

/// Compares values, and shows the smallest part that differs.
fn compare(place: &str, theirs: &Value, ours: &Value) {
    match (theirs, ours) {
        (Value::Object(left), Value::Object(right)) => {
            assert_eq!(left.keys().collect::<Vec<_>>(), right.keys().collect::<Vec<_>>(), "{place}");
            left.iter().for_each(|(name, value)| compare(&format!("{place}.{name}"), value, &right[name]));
        }
        (Value::Array(left), Value::Array(right)) => {
            assert_eq!(left.len(), right.len(), "{place}");
            let pairs = left.iter().zip(right).enumerate();
            pairs.for_each(|(index, (left, right))| compare(&format!("{place}[{index}]"), left, right));
        }
        _ => assert_eq!(theirs, ours, "{place}"),
    }
}

fn with_generators(generators: &str) -> Folder {
    let schema = format!("{generators}\n{SCHEMA}");
    Folder::new(&[
        ("schema.prisma", &schema),
        ("faulty.mjs", &source("faulty.mjs")),
        ("recorder.mjs", &source("recorder.mjs")),
    ])
}

fn faulty(fault: &str) -> Folder {
    let faulty = format!("generator faulty {{\n  provider = \"node faulty.mjs {fault}\"\n}}\n");
    let other = "generator other {\n  provider = \"node recorder.mjs other\"\n}\n";
    with_generators(&format!("{faulty}{other}"))
}

#[test]
fn a_generator_that_fails_is_named_and_the_others_run() {
    let folder = faulty("fails");
    let run = folder.run(&["generate"]);
    run.check(1, &["error: generator `faulty` failed: it went wrong", "generator other: Recorder"]);
    assert!(folder.path().join("recorded/other.json").exists());
}

#[test]
fn a_generator_that_does_not_answer_is_named() {
    for (fault, parts) in [
        ("dies", &["generator `faulty` ended with exit code 3", "it has no memory", "help: "][..]),
        ("rubbish", &["generator `faulty` ended with exit code 0", "without answering `getManifest`"]),
        ("nowhere", &["generator `faulty` has no `output`", "help: add one"]),
        ("needs", &["requires a generator with provider `prisma-client-js`", "help: add it"]),
    ] {
        let folder = faulty(fault);
        folder.run(&["generate"]).check(1, parts);
        assert!(!folder.path().join("recorded").exists(), "{fault}: nothing is generated");
    }
}

#[test]
fn a_program_that_is_not_installed_is_named() {
    let folder = with_generators("generator x {\n  provider = \"not-installed\"\n  output = \"x\"\n}\n");
    folder.run(&["generate"]).check(
        1,
        &[
            "the program of generator `x` was not found: `not-installed`",
            "npm install --save-dev not-installed",
        ],
    );
    let folder = with_generators("generator x {\n  provider = env(\"NOT_SET\")\n}\n");
    folder.run(&["generate"]).check(1, &["`NOT_SET`, which is not set"]);
}

#[test]
fn generators_are_chosen_by_name() {
    let block = |name: &str| {
        format!("generator {name} {{\n  provider = \"node recorder.mjs {name}\"\n  output = \"{name}\"\n}}\n")
    };
    let folder = with_generators(&format!("{}{}{}", block("one"), block("two"), block("three")));
    let run = folder.run(&["generate", "--generator", "one", "--generator", "three"]);
    run.check(0, &["generator one", "generator three"]);
    assert!(folder.path().join("one").exists() && folder.path().join("three").exists());
    assert!(!folder.path().join("two").exists());
    let run = folder.run(&["generate", "--generator", "four"]);
    run.check(1, &["the schema has no generator `four`", "`one`, `two`, `three`"]);
}

#[test]
fn a_schema_of_prisma_client_alone_has_nothing_to_generate() {
    let folder = with_generators("generator client {\n  provider = \"prisma-client-js\"\n}\n");
    folder.run(&["generate"]).check(1, &["no generator for Rust"]);
    let both = "generator js {\n  provider = \"prisma-client-js\"\n}\ngenerator rust {\n  provider = \"nicol\"\n  output = \"db\"\n}\n";
    let folder = with_generators(both);
    let run = folder.run(&["generate"]);
    run.check(0, &["note: generator js: `prisma-client-js` is left to `prisma generate`", "was written"]);
    let run = folder.run(&["generate", "--no-hints"]).check(0, &["is up to date"]);
    assert!(!run.err.contains("note"), "{run:?}");
}

#[test]
fn models_can_be_required() {
    let empty = "datasource db {\n  provider = \"postgresql\"\n  url = env(\"X\")\n}\n\ngenerator other {\n  provider = \"node recorder.mjs other\"\n}\n";
    let folder = Folder::new(&[("schema.prisma", empty), ("recorder.mjs", &source("recorder.mjs"))]);
    folder.run(&["generate"]).check(0, &["generator other"]);
    folder.run(&["generate", "--require-models"]).check(1, &["has no models"]);
}

/// Ctrl-C also ends what the shell has started.
#[tokio::test]
async fn a_signal_ends_a_generator_that_hangs() {
    let folder =
        with_generators("generator x {\n  provider = \"echo $$ > id; node faulty.mjs hangs; true\"\n}\n");
    let id = folder.path().join("id");
    let ready = async {
        while fs::read_to_string(&id).map_or(0, |text| text.trim().len()) == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let output = folder.signal(&["generate"], "-INT", ready).await;
    let run = folder.outcome(output);
    assert_eq!(run.code, 130, "{run:?}");
    let group = format!("-{}", folder.read("id").trim());
    for _ in 0..200 {
        let is_there = Command::new("kill").args(["-0", "--", &group]).output().expect("there is `kill`");
        if !is_there.status.success() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the processes of the generator are still there");
}
