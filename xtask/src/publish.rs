//! The crates that are published: whether cargo can package them, and what each of them offers.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::run::{cargo, run, run_quietly};
use crate::workspace::Workspace;

/// Set for the rustdoc that [`check_api`] runs, which is this program.
const RUSTDOC: &str = "NICOL_XTASK_RUSTDOC";

struct Published {
    name: String,
    folder: PathBuf,
    is_library: bool,
}

fn published(workspace: &Workspace) -> Result<Vec<Published>> {
    let mut found = Vec::new();
    for folder in workspace.crates()? {
        let path = folder.join("Cargo.toml");
        let manifest =
            fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
        if !manifest.lines().any(|line| line == "publish = false") {
            let name = manifest.lines().find_map(|line| line.strip_prefix("name = "));
            let name = name.unwrap_or_default().trim_matches('"').to_owned();
            let is_library = folder.join("src/lib.rs").is_file();
            found.push(Published { name, folder, is_library });
        }
    }
    Ok(found)
}

/// Packages what would be uploaded. Compiles the packages only if `compile` is set, which takes minutes.
pub(crate) fn check_packages(workspace: &Workspace, compile: bool) -> Result<()> {
    let published = published(workspace)?;
    for Published { name, folder, .. } in &published {
        for file in ["README.md", "LICENSE-MIT", "LICENSE-APACHE"] {
            if !folder.join(file).is_file() {
                bail!("`{name}` has no {file}\nhelp: copy it from a neighbour, so that the package has it");
            }
        }
    }
    let mut command = cargo(workspace, "package --allow-dirty --quiet");
    if !compile {
        command.arg("--no-verify");
    }
    for Published { name, .. } in &published {
        command.args(["--package", name]);
    }
    run_quietly(&mut command)
}

/// Compares the public items of each library with its `public-api.txt`, or rewrites that with `UPDATE_EXPECT`.
pub(crate) fn check_api(workspace: &Workspace) -> Result<()> {
    let libraries: Vec<Published> =
        published(workspace)?.into_iter().filter(|published| published.is_library).collect();
    let mut doc = cargo(workspace, "doc --no-deps --lib --all-features --quiet");
    for Published { name, .. } in &libraries {
        doc.args(["--package", name]);
    }
    // Only rustdoc may know that unstable flags are accepted: build scripts look at the variable, and would run again.
    doc.env("RUSTDOC", env::current_exe().context("cannot tell where this program lies")?);
    doc.env(RUSTDOC, "1").env("RUSTDOCFLAGS", "-Z unstable-options --output-format json");
    run(&mut doc)?;
    let mut list = cargo(workspace, "run --quiet --package testkit --all-features --example public_api --");
    for Published { name, folder, .. } in &libraries {
        let json = Path::new("target/doc").join(name.replace('-', "_")).with_extension("json");
        list.arg(json).arg(folder.join("public-api.txt"));
    }
    if run(&mut list).is_err() {
        bail!(
            "the public API has changed\n\
             help: run `UPDATE_EXPECT=1 cargo xtask test api`, and look at what the change breaks for users"
        );
    }
    Ok(())
}

/// Runs rustdoc with unstable flags if this program was started in its place.
pub(crate) fn rustdoc() -> Option<Result<()>> {
    env::var_os(RUSTDOC)?;
    let mut command = Command::new("rustdoc");
    command.args(env::args_os().skip(1)).env("RUSTC_BOOTSTRAP", "1").env_remove(RUSTDOC);
    let status = command.status().context("cannot run rustdoc");
    Some(status.and_then(|status| if status.success() { Ok(()) } else { bail!("rustdoc failed") }))
}
