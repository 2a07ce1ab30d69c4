//! Installs what the tests need on the machine.

mod pgbouncer;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::run::{cargo, program, run, say, succeeds};
use crate::workspace::Workspace;

/// Installs PostgreSQL, poolers, a browser, the reference and the test runner.
pub(crate) fn everything(workspace: &Workspace) -> Result<()> {
    system_packages()?;
    nextest(workspace)?;
    reference(workspace)?;
    pgbouncer::recent(workspace)
}

/// Checks that the toolchain has rustfmt and clippy.
pub(crate) fn toolchain(workspace: &Workspace) -> Result<()> {
    for (command, component) in [("fmt --version", "rustfmt"), ("clippy --version", "clippy")] {
        if !succeeds(&mut cargo(workspace, command)) {
            bail!("the toolchain has no {component}\nhelp: run `rustup component add {component}`");
        }
    }
    Ok(())
}

/// Installs Prisma, Auth.js and Neon's command line, as `reference/package-lock.json` pins them, into `.reference`.
pub(crate) fn reference(workspace: &Workspace) -> Result<()> {
    let (source, target) = (workspace.root.join("reference"), &workspace.reference);
    let wanted = read(&source.join("package-lock.json"))?;
    // Written last, so that an interrupted installation counts as missing.
    let stamp = target.join("installed-lock.json");
    let installed = fs::read(&stamp).is_ok_and(|found| found == wanted);
    copy_folder(&source, target, &mut Vec::new())?;
    if installed {
        return Ok(());
    }
    say(
        "installing the reference: Prisma 6.19.0, Auth.js and Neon's command line, from npm into .reference/",
    );
    run(Command::new("npm").arg("ci").current_dir(target))
        .context("cannot install the reference, which the tests compare nicol with")?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write `{}`", stamp.display()))
}

/// Installs and builds the Next.js application that People is compared with, and returns its folder in `.reference`.
pub(crate) fn nextjs(workspace: &Workspace) -> Result<PathBuf> {
    let (source, target) = (workspace.root.join("people/tests/nextjs"), workspace.reference.join("nextjs"));
    let schema = workspace.root.join("people/prisma/schema.prisma");
    let mut sources = read(&schema)?;
    copy_folder(&source, &target, &mut sources)?;
    let lock = read(&source.join("package-lock.json"))?;
    // Written last, so that an interrupted installation or build counts as missing.
    let (installed, built) = (target.join("installed-lock.json"), target.join("built-from"));
    if !fs::read(&installed).is_ok_and(|found| found == lock) {
        say("installing Next.js, Auth.js and Prisma from npm into .reference/nextjs/");
        run(Command::new("npm").arg("ci").current_dir(&target))
            .context("cannot install the Next.js application, which People is compared with")?;
        fs::write(&installed, lock).with_context(|| format!("cannot write `{}`", installed.display()))?;
    }
    if !fs::read(&built).is_ok_and(|found| found == sources) {
        say("building the Next.js application");
        run(Command::new("node").arg("build.mjs").arg(&schema).current_dir(&target))?;
        fs::write(&built, sources).with_context(|| format!("cannot write `{}`", built.display()))?;
    }
    Ok(target)
}

/// Copies a folder in alphabetical order, and appends the contents of its files to `read_so_far`.
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
            // Overwriting an unchanged script could disturb a test that runs it.
            if fs::read(&copy).ok().as_ref() != Some(&text) {
                fs::copy(&path, &copy).with_context(|| format!("cannot write `{}`", copy.display()))?;
            }
            read_so_far.extend(text);
        }
    }
    Ok(())
}

/// Installs schemathesis, which tests an API against its document, and returns the path of its program.
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

/// Installs a cargo subcommand from the registry if it is missing.
pub(crate) fn cargo_tool(workspace: &Workspace, name: &str) -> Result<()> {
    if succeeds(&mut cargo(workspace, &format!("{name} --version"))) {
        return Ok(());
    }
    say(&format!("installing cargo-{name}; this takes some minutes, once"));
    run(&mut cargo(workspace, &format!("install --locked cargo-{name}")))
}

pub(crate) fn mdbook(workspace: &Workspace) -> Result<()> {
    if program("mdbook").is_some() {
        return Ok(());
    }
    say("installing mdbook; this takes a minute, once");
    run(&mut cargo(workspace, "install --locked --no-default-features mdbook"))
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
    if program("git").is_none() {
        packages.push("git");
    }
    // Compiles the fuzzer's library.
    if program("c++").is_none() {
        packages.push("g++");
    }
    if program("openssl").is_none() {
        packages.push("openssl");
    }
    // Talks to the language server in a test.
    if program("nvim").is_none() {
        packages.push("neovim");
    }
    // Debian installs it outside of the search path of most users.
    if program("pgbouncer").is_none() && !Path::new("/usr/sbin/pgbouncer").is_file() {
        packages.push("pgbouncer");
    }
    install(&packages)
}

/// Installs Patroni and etcd, for a cluster that replaces its primary by itself.
pub(crate) fn patroni() -> Result<()> {
    let programs = [("patroni", "patroni"), ("etcd", "etcd-server"), ("setpriv", "util-linux")];
    let missing = programs.iter().filter(|(name, _)| program(name).is_none()).map(|(_, package)| *package);
    let mut packages: Vec<_> = missing.collect();
    if packages.contains(&"patroni") {
        // How Patroni speaks to etcd, which Debian only suggests.
        packages.push("python3-etcd");
    }
    install(&packages)
}

/// Installs the programs that create file systems whose files can share blocks.
pub(crate) fn file_systems() -> Result<()> {
    if !is_root() {
        bail!("only root can mount file systems\nhelp: run this check as root");
    }
    let programs = [("mkfs.xfs", "xfsprogs"), ("mkfs.btrfs", "btrfs-progs"), ("mount", "mount")];
    let missing = programs.iter().filter(|(name, _)| program(name).is_none()).map(|(_, package)| *package);
    install(&missing.collect::<Vec<_>>())
}

fn install(packages: &[&str]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let list = packages.join(" ");
    if program("apt-get").is_none() {
        bail!(
            "programs are missing; Debian's packages for them are `{list}`\n\
             help: install them with the package manager of your system, so that they are in the search path \
             (for PostgreSQL you can set NICOL_POSTGRES_BIN instead), then run `cargo xtask test` again"
        );
    }
    if !is_root() {
        bail!(
            "the packages `{list}` are missing, and only root can install them\n\
             help: run `sudo apt-get update && sudo apt-get install --no-install-recommends {list}`, \
             then `cargo xtask test` again"
        );
    }
    say(&format!("installing from the system's packages: {list}"));
    run(apt().arg("update")).context("cannot update the package lists; check the network")?;
    let install = ["install", "--yes", "--no-install-recommends"];
    run(apt().args(install).args(packages)).context("cannot install the packages")
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    // Never ask questions, and retry when a mirror fails.
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command.args(["--quiet=2", "--option=Acquire::Retries=3", "--option=Dpkg::Use-Pty=0"]);
    command
}

/// Whether nicol will find a program of PostgreSQL: in Debian's usual folders, or in the search path.
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
