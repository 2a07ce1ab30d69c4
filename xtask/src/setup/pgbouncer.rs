//! A PgBouncer that keeps prepared statements, which Debian 12 does not have.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::apt;
use crate::run::{program, run, run_quietly, say};
use crate::workspace::Workspace;

/// The first version that keeps prepared statements.
const FIRST: (u32, u32) = (1, 21);
/// A release of Debian that has one.
const RELEASE: &str = "trixie";
/// The program, and its libraries that are newer than those of Debian 12.
const PACKAGES: [&str; 5] = ["pgbouncer", "libc6", "libcares2", "libevent-2.1-7t64", "libssl3t64"];

/// Installs it into `.reference/pgbouncer` unless the system's is recent enough.
pub(super) fn recent(workspace: &Workspace) -> Result<()> {
    let folder = workspace.reference.join("pgbouncer");
    // Written last, so that an interrupted installation counts as missing.
    let script = folder.join("pgbouncer");
    let system = ["/usr/sbin/pgbouncer", "pgbouncer"].map(PathBuf::from);
    if system.iter().chain([&script]).any(|path| version(path).is_some_and(|version| version >= FIRST)) {
        return Ok(());
    }
    let advice = "help: install PgBouncer 1.21 or later, so that it is in the search path";
    if program("apt-get").is_none() {
        bail!("a recent PgBouncer is missing\n{advice}");
    }
    say(&format!("installing PgBouncer of Debian {RELEASE} into .reference/pgbouncer/"));
    unpack(&folder).with_context(|| format!("cannot install a recent PgBouncer\n{advice}"))?;
    let loader = loader(&folder.join("packages/usr/lib")).context("the packages have no dynamic linker")?;
    let loader = loader.strip_prefix(&folder)?;
    // Relative to the script, so that the folder can be copied and moved.
    let text = format!(
        "#!/bin/sh\nhere=$(dirname \"$(readlink -f \"$0\")\")\n\
         exec \"$here/{}\" --library-path \"$here/{}\" \"$here/packages/usr/sbin/pgbouncer\" \"$@\"\n",
        loader.display(),
        loader.parent().unwrap_or(Path::new("")).display(),
    );
    fs::write(&script, text).with_context(|| format!("cannot write `{}`", script.display()))?;
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
    match version(&script) {
        Some(version) if version >= FIRST => Ok(()),
        found => bail!("the installed PgBouncer has an unexpected version: {found:?}\n{advice}"),
    }
}

/// Downloads and unpacks the packages, from the mirror that this machine uses, without changing its package sources.
fn unpack(folder: &Path) -> Result<()> {
    let scratch = folder.join("download");
    for path in ["lists/partial", "cache/archives/partial", "packages"] {
        fs::create_dir_all(scratch.join(path)).context("cannot create a folder")?;
    }
    let option = |name: &str, value: &str| format!("--option={name}={value}");
    let place = |name: &str, path: &str| option(name, &scratch.join(path).display().to_string());
    let apt = || {
        let mut command = apt();
        command.current_dir(scratch.join("packages")).args([
            place("Dir::Etc::SourceList", "sources.list"),
            option("Dir::Etc::SourceParts", "-"),
            place("Dir::State::Lists", "lists"),
            place("Dir::Cache", "cache"),
            // Another user could not write there.
            option("APT::Sandbox::User", &user()),
        ]);
        command
    };
    let mut outcome = Err(anyhow::anyhow!("apt-get knows no package source"));
    for mirror in mirrors()? {
        let source = format!("deb {mirror} {RELEASE} main\n");
        fs::write(scratch.join("sources.list"), source).context("cannot write a list of sources")?;
        // A mirror of something else than Debian, such as its security updates, does not have the release.
        outcome = run_quietly(apt().args(["update", "--error-on=any"]))
            .and_then(|()| run_quietly(apt().arg("download").args(PACKAGES)));
        if outcome.is_ok() {
            break;
        }
    }
    outcome?;
    for entry in fs::read_dir(scratch.join("packages")).context("cannot list the packages")? {
        run(Command::new("dpkg").arg("-x").arg(entry?.path()).arg(folder.join("packages")))?;
    }
    fs::remove_dir_all(&scratch).context("cannot remove the downloads")
}

/// Returns the addresses of this machine's package sources; Debian's is usually the one with the shortest path.
fn mirrors() -> Result<Vec<String>> {
    let output = Command::new("apt-get").args(["indextargets", "--format", "$(REPO_URI)"]).output();
    let text = String::from_utf8(output.context("cannot run apt-get")?.stdout)?;
    let mut mirrors: Vec<String> = text.lines().map(str::to_owned).collect();
    mirrors.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    mirrors.dedup();
    Ok(mirrors)
}

/// Finds the dynamic linker in the folder of the architecture.
fn loader(libraries: &Path) -> Option<PathBuf> {
    let folders = fs::read_dir(libraries).ok()?.flatten().map(|entry| entry.path());
    let files = folders.filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
    files
        .map(|entry| entry.path())
        .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ld-linux")))
}

/// As `(1, 24)`.
fn version(program: &Path) -> Option<(u32, u32)> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut numbers = text.strip_prefix("PgBouncer ")?.split(['.', '\n']);
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn user() -> String {
    let output = Command::new("id").arg("-un").output();
    output.map_or_else(|_| String::new(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
