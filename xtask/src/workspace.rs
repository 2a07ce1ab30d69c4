//! Where the project lies.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// Where the sources are.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// The installed reference, in a folder that git ignores.
    pub(crate) reference: PathBuf,
}

impl Workspace {
    pub(crate) fn find() -> Result<Self> {
        // The folder at run time: a checkout may have moved since this was compiled.
        let folder = env::var_os("CARGO_MANIFEST_DIR").context("start this as `cargo xtask`")?;
        let root = Path::new(&folder).parent().context("xtask lies in the workspace's folder")?.to_owned();
        let reference = root.join(".reference");
        Ok(Self { root, reference })
    }

    /// The folders of all crates.
    pub(crate) fn crates(&self) -> Result<Vec<PathBuf>> {
        let mut folders = vec![self.root.join("people"), self.root.join("xtask")];
        for group in ["crates", "examples"] {
            let Ok(entries) = fs::read_dir(self.root.join(group)) else { continue };
            for entry in entries {
                folders.push(entry.with_context(|| format!("cannot list `{group}`"))?.path());
            }
        }
        folders.retain(|folder| folder.join("Cargo.toml").is_file());
        folders.sort();
        Ok(folders)
    }
}
