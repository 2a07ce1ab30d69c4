//! Generates the clients of all schema files in a folder, parses them as Rust, and compiles the largest.
//!
//! The schema files are not part of this project; `cargo xtask test clients` names their folder.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command that reports on the terminal")]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs, io};

use nicol_codegen::{Layout, Options, generate};

/// How many of the largest clients are compiled.
const COMPILED: usize = 20;

fn main() -> ExitCode {
    let Some(corpus) = env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: conformance FOLDER");
        return ExitCode::from(2);
    };
    match run(&corpus) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {}: {error}", corpus.display());
            ExitCode::FAILURE
        }
    }
}

/// The client of one schema.
struct Client {
    name: String,
    source: String,
    models: usize,
}

fn run(corpus: &Path) -> io::Result<bool> {
    let mut clients = Vec::new();
    let mut failures = 0;
    let mut invalid = 0;
    for path in schemas(corpus)? {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let Some(schema) = nicol_schema::validate(&fs::read_to_string(&path)?).schema else {
            // Other tests say which schemas are valid.
            invalid += 1;
            continue;
        };
        let options = Options { layout: Layout::SingleFile, ..Options::default() };
        let generated = generate(&schema, &options).map_err(|error| error.to_string());
        let source = generated.map(|files| files.into_iter().map(|file| file.contents).collect::<String>());
        match source.and_then(|source| syn::parse_file(&source).map(|_| source).map_err(|e| e.to_string())) {
            Ok(source) => clients.push(Client { name, source, models: schema.models.len() }),
            Err(error) => {
                failures += 1;
                println!("{name}: {error}");
            }
        }
    }
    let bytes: usize = clients.iter().map(|client| client.source.len()).sum();
    let models: usize = clients.iter().map(|client| client.models).sum();
    println!(
        "{} clients with {models} models, {} bytes a model; {failures} failed, {invalid} schemas not valid",
        clients.len(),
        bytes / models.max(1)
    );
    if clients.is_empty() {
        return Err(io::Error::other("no valid schema file in `schemas/`"));
    }
    let compiles = compile(clients)?;
    Ok(failures == 0 && compiles)
}

fn schemas(corpus: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(corpus.join("schemas"))?.map(|entry| entry.map(|entry| entry.path()));
    let is_schema = |path: &PathBuf| {
        let name = path.to_string_lossy();
        name.ends_with(".prisma") && !name.ends_with(".fmt.prisma")
    };
    let mut paths: Vec<_> =
        entries.filter(|path| path.as_ref().map_or(true, is_schema)).collect::<Result<_, _>>()?;
    paths.sort();
    Ok(paths)
}

/// Checks the largest clients, each as a crate that depends on the runtime alone, without a warning.
fn compile(mut clients: Vec<Client>) -> io::Result<bool> {
    clients.sort_by(|a, b| b.source.len().cmp(&a.source.len()).then_with(|| a.name.cmp(&b.name)));
    clients.truncate(COMPILED);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let folder = root.join("target/conformance");
    let runtime = root.join("crates/nicol");
    for (index, client) in clients.iter().enumerate() {
        println!("compiling {}: {} models, {} bytes", client.name, client.models, client.source.len());
        let package = folder.join(format!("client{index}"));
        fs::create_dir_all(package.join("src"))?;
        let manifest = format!(
            "[package]\nname = \"client{index}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\nnicol = {{ path = \"{}\" }}\n",
            runtime.display()
        );
        fs::write(package.join("Cargo.toml"), manifest)?;
        fs::write(package.join("src/client.rs"), &client.source)?;
        fs::write(
            package.join("src/lib.rs"),
            "#![deny(warnings)]\n\npub mod db {\n    include!(\"client.rs\");\n}\n",
        )?;
    }
    fs::write(folder.join("Cargo.toml"), "[workspace]\nresolver = \"3\"\nmembers = [\"client*\"]\n")?;
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["check", "--quiet", "--offline", "--workspace", "--target-dir"])
        .arg(folder.join("target"))
        .current_dir(&folder)
        .status()?;
    Ok(status.success())
}
