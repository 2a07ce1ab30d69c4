//! What Auth.js answered once, kept in files and compared by tests that need no Node.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::run::{run, say};
use crate::setup;
use crate::workspace::Workspace;

const FOLDER: &str = "crates/auth/tests/reference";

/// Writes the recordings anew.
pub(crate) fn rewrite(workspace: &Workspace) -> Result<()> {
    setup::reference(workspace)?;
    say("recording what Auth.js answers");
    record(workspace, &workspace.root.join(FOLDER))
}

/// Records once more, elsewhere, and compares.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let kept = workspace.root.join(FOLDER);
    let fresh = workspace.reference.join("recordings");
    if fresh.exists() {
        fs::remove_dir_all(&fresh).with_context(|| format!("cannot remove `{}`", fresh.display()))?;
    }
    fs::create_dir_all(&fresh).with_context(|| format!("cannot create `{}`", fresh.display()))?;
    fs::copy(kept.join("record.mjs"), fresh.join("record.mjs")).context("cannot copy `record.mjs`")?;
    record(workspace, &fresh)?;
    // Beside the recordings lie the scripts of the tests.
    if run(Command::new("diff").args(["--recursive", "--exclude=*.mjs"]).args([&kept, &fresh])).is_err() {
        bail!(
            "the recordings are not what Auth.js answers\nhelp: run `cargo xtask record` and look at the changes"
        );
    }
    Ok(())
}

/// The script writes beside itself, and finds Auth.js from the folder where it is started.
fn record(workspace: &Workspace, folder: &Path) -> Result<()> {
    run(Command::new("node").arg(folder.join("record.mjs")).current_dir(&workspace.reference))
}
