//! How long an application with a generated client compiles: `cargo bench -p nicol-codegen --profile dev`. The README in this folder
//! explains the figures.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a command that reports on the terminal; it fails by panicking"
)]

mod application;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use nicol_codegen::{Layout, Options, generate};

/// Each figure is the least of this many runs.
const RUNS: usize = 3;

fn main() {
    let sizes: Vec<usize> = env::args().filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![5, 51, 150] } else { sizes };
    println!("| models | client in | KB | bytes/model | check | check, changed | build | build, changed |");
    println!("|---|---|---|---|---|---|---|---|");
    for models in sizes {
        for crates in [1, 2] {
            measure(models, crates);
        }
    }
}

/// Measures an application whose client is a module (one crate) or a crate of its own.
fn measure(models: usize, crates: usize) {
    let client = client(models);
    let folder = write(models, crates, &client);
    let cargo = |command: &str| {
        cpu(Command::new(env!("CARGO")).args([command, "--quiet", "--offline"]).current_dir(&folder))
    };
    // The dependencies are compiled here; they do not count.
    let runs = ["check", "build"].map(|command| {
        cargo(command);
        let cold = (0..RUNS).map(|_| {
            cpu(Command::new(env!("CARGO"))
                .args(["clean", "--quiet", "--offline", "-p", "app", "-p", "db"])
                .current_dir(&folder));
            cargo(command)
        });
        let cold = cold.fold(f64::INFINITY, f64::min);
        let changed = (1..=RUNS).map(|run| {
            let path = folder.join("app/src/main.rs");
            let text = program(models, crates).replace("changed 0", &format!("changed {command} {run}"));
            fs::write(path, text).unwrap();
            cargo(command)
        });
        (cold, changed.fold(f64::INFINITY, f64::min))
    });
    let [(check, check_changed), (build, build_changed)] = runs;
    println!(
        "| {models} | {} | {} | {} | {check:.1} s | {check_changed:.1} s | {build:.1} s | {build_changed:.1} s |",
        if crates == 1 { "a module" } else { "a crate" },
        client.len() / 1000,
        client.len() / models,
    );
}

/// The source of the client.
fn client(models: usize) -> String {
    let schema = nicol_schema::validate(&application::schema(models)).into_result().unwrap();
    let options = Options { layout: Layout::SingleFile, ..Options::default() };
    generate(&schema, &options).unwrap().into_iter().map(|file| file.contents).collect()
}

/// The source of the application.
fn program(models: usize, crates: usize) -> String {
    if crates == 1 {
        application::program(models, "crate::db") + "\nmod db {\n    include!(\"../../client.rs\");\n}\n"
    } else {
        application::program(models, "db")
    }
}

/// Writes the application to a folder outside of this workspace, whose profiles would apply otherwise.
fn write(models: usize, crates: usize, client: &str) -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = env::temp_dir().join("nicol-compile");
    for part in ["app/src", "db/src"] {
        fs::create_dir_all(folder.join(part)).unwrap();
    }
    let put = |path: &str, text: &str| fs::write(folder.join(path), text).unwrap();
    put(
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"app\", \"db\"]\ndefault-members = [\"app\"]\n",
    );
    fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let nicol = format!(
        "nicol = {{ path = \"{}\" }}\n",
        workspace.join("crates/nicol").canonicalize().unwrap().display()
    );
    let manifest = |name: &str, rest: &str| {
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{nicol}{rest}"
        )
    };
    put(
        "app/Cargo.toml",
        &manifest(
            "app",
            "db = { path = \"../db\" }\nserde_json = \"1\"\ntokio = { version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }\n",
        ),
    );
    put("db/Cargo.toml", &manifest("db", ""));
    put("client.rs", client);
    put("db/src/lib.rs", if crates == 1 { "" } else { "include!(\"../../client.rs\");\n" });
    put("app/src/main.rs", &program(models, crates));
    folder
}

/// Runs a command and returns the seconds of processor time that it and its children took. Unlike the elapsed time, it depends little on
/// what else the machine does.
fn cpu(command: &mut Command) -> f64 {
    let before = children();
    assert!(command.status().unwrap().success(), "{command:?}");
    children() - before
}

/// The seconds of user time of all children that ended.
fn children() -> f64 {
    /// The unit of the file; Linux reports it as 100 on all platforms.
    const TICKS: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    // `cutime` is the 16th field. The second one may contain spaces, but ends with `)`.
    let (_, fields) = stat.rsplit_once(')').unwrap();
    fields.split_whitespace().nth(13).unwrap().parse::<f64>().unwrap() / TICKS
}
