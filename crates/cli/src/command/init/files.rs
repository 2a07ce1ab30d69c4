//! The files of a project: new ones are created, existing ones stay as they are.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use anyhow::Context as _;

use crate::files::read_text;
use crate::git::Git;
use crate::report::Report;

const HELP: &str = "help: pass a folder that you can write to: nicol init DIR";

/// Creates a folder and those above it.
pub(super) fn create_folder(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot create the folder `{}`\n{HELP}", folder.display()))
}

/// The folder of a project, and what has been done to it.
pub(super) struct Files<'a> {
    pub(super) root: &'a Path,
    /// Whether anything has been written.
    pub(super) is_changed: bool,
}

impl<'a> Files<'a> {
    pub(super) fn new(root: &'a Path) -> Self {
        Self { root, is_changed: false }
    }

    /// Creates a file, unless it exists. Returns whether it was created.
    pub(super) fn create(&mut self, report: &mut Report, name: &str, text: &str) -> anyhow::Result<bool> {
        let path = self.root.join(name);
        let doing = || format!("cannot write `{}`\n{HELP}", path.display());
        if let Some(folder) = path.parent() {
            create_folder(folder)?;
        }
        let mut file = match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(false),
            Err(error) => return Err(error).with_context(doing),
        };
        if let Err(error) = file.write_all(text.as_bytes()) {
            // The next run would take a part of the file for the whole.
            let _ = fs::remove_file(&path);
            return Err(error).with_context(doing);
        }
        self.is_changed = true;
        report.line(&format!("created {name}"));
        Ok(true)
    }

    /// Adds lines to .gitignore for what Git does not ignore yet.
    pub(super) fn ignore(&mut self, report: &mut Report, patterns: &[&str]) -> anyhow::Result<()> {
        let name = ".gitignore";
        let path = self.root.join(name);
        let text = match read_text(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", path.display())),
        };
        let bare = |line: &str| line.trim().trim_matches('/').to_owned();
        let present: Vec<String> = text.iter().flat_map(|text| text.lines()).map(bare).collect();
        let git = Git(self.root);
        let missing = patterns
            .iter()
            .filter(|pattern| !present.contains(&bare(pattern)))
            .filter(|pattern| !git.ignores(pattern.trim_start_matches('/')));
        let mut added: String = missing.flat_map(|pattern| [pattern, "\n"]).collect();
        let Some(text) = text else {
            if !added.is_empty() {
                self.create(report, name, &added)?;
            }
            return Ok(());
        };
        if added.is_empty() {
            return Ok(());
        }
        if !text.is_empty() && !text.ends_with('\n') {
            added.insert(0, '\n');
        }
        let append = || OpenOptions::new().append(true).open(&path)?.write_all(added.as_bytes());
        append().with_context(|| format!("cannot write `{}`", path.display()))?;
        self.is_changed = true;
        report.line(&format!("added to {name}: {}", added.trim().replace('\n', ", ")));
        Ok(())
    }
}
