//! What the tests need on the machine, installed where it is missing.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::run::{cargo, program, run, say, succeeds};
use crate::workspace::Workspace;

/// PostgreSQL, a browser, the reference and the test runner.
pub(crate) fn everything(workspace: &Workspace) -> Result<()> {
    system_packages()?;
    nextest(workspace)?;
    reference(workspace)
}

/// Nothing but the toolchain.
pub(crate) fn toolchain(workspace: &Workspace) -> Result<()> {
    for (command, component) in [("fmt --version", "rustfmt"), ("clippy --version", "clippy")] {
        if !succeeds(&mut cargo(workspace, command)) {
            bail!("the toolchain has no {component}\nhelp: run `rustup component add {component}`");
        }
    }
    Ok(())
}

/// Installs Prisma and Auth.js, as `reference/package-lock.json` pins them, into `.reference`.
pub(crate) fn reference(workspace: &Workspace) -> Result<()> {
    let (source, target) = (workspace.root.join("reference"), &workspace.reference);
    let wanted = read(&source.join("package-lock.json"))?;
    // Written last, so that an interrupted installation is not taken for a complete one.
    let stamp = target.join("installed-lock.json");
    let installed = fs::read(&stamp).is_ok_and(|found| found == wanted);
    copy_folder(&source, target, &mut Vec::new())?;
    if installed {
        return Ok(());
    }
    say("installing the reference: Prisma 6.19.0 and Auth.js, from npm into .reference/");
    run(Command::new("npm").arg("ci").current_dir(target))
        .context("the reference cannot be installed; the tests compare nicol with it")?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write `{}`", stamp.display()))
}

/// Installs and builds the Next.js application that People is run beside, in `.reference`, and gives its folder.
pub(crate) fn nextjs(workspace: &Workspace) -> Result<PathBuf> {
    let (source, target) = (workspace.root.join("people/tests/nextjs"), workspace.reference.join("nextjs"));
    let schema = workspace.root.join("people/prisma/schema.prisma");
    let mut sources = read(&schema)?;
    copy_folder(&source, &target, &mut sources)?;
    let lock = read(&source.join("package-lock.json"))?;
    // Written last, so that what was interrupted is not taken for complete.
    let (installed, built) = (target.join("installed-lock.json"), target.join("built-from"));
    if !fs::read(&installed).is_ok_and(|found| found == lock) {
        say("installing Next.js, Auth.js and Prisma from npm into .reference/nextjs/");
        run(Command::new("npm").arg("ci").current_dir(&target))
            .context("the Next.js application cannot be installed; People is run beside it")?;
        fs::write(&installed, lock).with_context(|| format!("cannot write `{}`", installed.display()))?;
    }
    if !fs::read(&built).is_ok_and(|found| found == sources) {
        say("building the Next.js application");
        run(Command::new("node").arg("build.mjs").arg(&schema).current_dir(&target))?;
        fs::write(&built, sources).with_context(|| format!("cannot write `{}`", built.display()))?;
    }
    Ok(target)
}

/// Copies files and folders in order, and adds their texts to what was read.
fn copy_folder(source: &Path, target: &Path, read_so_far: &mut Vec<u8>) -> Result<()> {
    fs::create_dir_all(target).with_context(|| format!("cannot create `{}`", target.display()))?;
    let entries = fs::read_dir(source).with_context(|| format!("cannot list `{}`", source.display()))?;
    let paths: std::io::Result<Vec<_>> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.with_context(|| format!("cannot list `{}`", source.display()))?;
    paths.sort();
    for path in paths {
        let copy = target.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy_folder(&path, &copy, read_so_far)?;
        } else {
            let text = read(&path)?;
            // A copy in place would pull a script away from under a test that runs it.
            if fs::read(&copy).ok().as_ref() != Some(&text) {
                fs::copy(&path, &copy).with_context(|| format!("cannot write `{}`", copy.display()))?;
            }
            read_so_far.extend(text);
        }
    }
    Ok(())
}

/// Installs schemathesis, which asks an API what its document says, and gives its program.
pub(crate) fn schemathesis(workspace: &Workspace) -> Result<PathBuf> {
    const VERSION: &str = "4.32.5";
    let folder = workspace.reference.join("schemathesis").join(VERSION);
    let program = folder.join("bin/schemathesis");
    let done = folder.join("installed");
    if done.is_file() {
        return Ok(program);
    }
    say(&format!("installing schemathesis {VERSION} from PyPI into .reference/"));
    let advice = "schemathesis needs Python 3.10 or newer with venv\n\
                  help: on Debian, install the packages `python3` and `python3-venv`";
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder)).context(advice)?;
    let package = format!("schemathesis=={VERSION}");
    run(Command::new(folder.join("bin/pip")).args([
        "install",
        "--quiet",
        "--disable-pip-version-check",
        &package,
    ]))?;
    fs::write(&done, "").with_context(|| format!("cannot write `{}`", done.display()))?;
    Ok(program)
}

/// Installs a program from crates.io unless cargo knows it.
pub(crate) fn cargo_tool(workspace: &Workspace, name: &str) -> Result<()> {
    if succeeds(&mut cargo(workspace, &format!("{name} --version"))) {
        return Ok(());
    }
    say(&format!("installing cargo-{name}; this takes some minutes, once"));
    run(&mut cargo(workspace, &format!("install --locked cargo-{name}")))
}

fn nextest(workspace: &Workspace) -> Result<()> {
    cargo_tool(workspace, "nextest")
}

fn system_packages() -> Result<()> {
    let mut packages = Vec::new();
    if !has_postgres("postgres") {
        packages.push("postgresql");
    }
    if !has_postgres("pg_dump") {
        packages.push("postgresql-client");
    }
    if !["chromium", "chromium-browser", "google-chrome"].iter().any(|name| program(name).is_some()) {
        packages.push("chromium");
    }
    if program("chromedriver").is_none() {
        packages.push("chromium-driver");
    }
    if program("node").is_none() {
        packages.push("nodejs");
    }
    if program("npm").is_none() {
        packages.push("npm");
    }
    // What the fuzzer's own library is compiled with.
    if program("c++").is_none() {
        packages.push("g++");
    }
    // Debian has it where the search path of most users does not lead.
    if program("pgbouncer").is_none() && !Path::new("/usr/sbin/pgbouncer").is_file() {
        packages.push("pgbouncer");
    }
    if packages.is_empty() {
        return Ok(());
    }
    let list = packages.join(" ");
    if program("apt-get").is_none() {
        bail!(
            "the tests need what Debian calls `{list}`\n\
             help: install it with this system's package manager so that it is in the search path \
             (PostgreSQL's programs may be elsewhere: name their folder in NICOL_POSTGRES_BIN), \
             then run `cargo xtask test` again"
        );
    }
    if !is_root() {
        bail!(
            "the tests need the packages `{list}`, and installing them takes root\n\
             help: run `sudo apt-get update && sudo apt-get install --no-install-recommends {list}`, \
             then `cargo xtask test` again"
        );
    }
    say(&format!("installing from the system's packages: {list}"));
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        // Nobody is there to answer questions, and a mirror may stumble once.
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
            .args(["--quiet=2", "--option=Acquire::Retries=3", "--option=Dpkg::Use-Pty=0"])
            .args(arguments);
        run(&mut command)
    };
    apt(&["update"]).context("the package lists cannot be read; is there a network?")?;
    let install = ["install", "--yes", "--no-install-recommends"];
    apt(&[&install[..], &packages].concat()).context("the tests need these packages")
}

/// Whether a program of PostgreSQL is where nicol will find it: the usual folders of Debian, or the search path.
fn has_postgres(name: &str) -> bool {
    let given = env::var_os("NICOL_POSTGRES_BIN").map(PathBuf::from);
    let usual = (14..=18).map(|version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin")));
    given.into_iter().chain(usual).any(|folder| folder.join(name).is_file()) || program(name).is_some()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))
}
