//! The guide as a book, and the links of the guide.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::run::run_quietly;
use crate::workspace::Workspace;

/// Builds the book into `target/book` and follows each link between its pages, and from a page to a file of the repository.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let (source, book) = (workspace.root.join("docs"), workspace.root.join("target/book"));
    run_quietly(Command::new("mdbook").arg("build").arg(&source))?;
    let mut sources = BTreeSet::new();
    files(&source, "md", &mut sources)?;
    let mut pages = BTreeMap::new();
    for file in &sources {
        let name = file.strip_prefix(&source)?.with_extension("html");
        if let Ok(text) = fs::read_to_string(book.join(&name)) {
            pages.insert(name, text);
        } else if !file.ends_with("SUMMARY.md") {
            bail!("`{}` is not in docs/SUMMARY.md", file.display());
        }
    }
    let mut broken = Vec::new();
    for (page, text) in &pages {
        for link in attributes(text, "href") {
            if let Err(why) = follow(workspace, &pages, page, link) {
                broken.push(format!("docs/{}: `{link}`: {why}", page.with_extension("md").display()));
            }
        }
    }
    if broken.is_empty() { Ok(()) } else { bail!("links lead nowhere\n{}", broken.join("\n")) }
}

fn follow(
    workspace: &Workspace,
    pages: &BTreeMap<PathBuf, String>,
    page: &Path,
    link: &str,
) -> Result<(), &'static str> {
    if link.contains("://") || link.starts_with("mailto:") {
        return Ok(());
    }
    let (path, place) = link.split_once('#').unwrap_or((link, ""));
    let target = if path.is_empty() { page.to_owned() } else { resolved(&page.with_file_name(path)) };
    let Some(text) = pages.get(&target) else {
        // Assets and the book's own start page, or a file of the repository, whose pages keep their suffix.
        let is_there =
            [workspace.root.join("target/book").join(&target), workspace.root.join("docs").join(&target)]
                .iter()
                .any(|file| file.exists() || file.with_extension("md").exists());
        return if is_there { Ok(()) } else { Err("no such file") };
    };
    let has_place = place.is_empty() || attributes(text, "id").any(|id| id == place);
    if has_place { Ok(()) } else { Err("no such heading") }
}

/// The path without `.` and with as few `..` as possible.
fn resolved(path: &Path) -> PathBuf {
    let mut all = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if all.file_name().is_some() => {
                all.pop();
            }
            part => all.push(part),
        }
    }
    all
}

fn attributes<'a>(html: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let start = format!(" {name}=\"");
    let mut rest = html;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(start.as_str())?;
        let (value, after) = after.split_once('"')?;
        rest = after;
        Some(value)
    })
}

fn files(folder: &Path, extension: &str, found: &mut BTreeSet<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot list `{}`", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            files(&path, extension, found)?;
        } else if path.extension().is_some_and(|it| it == extension) {
            found.insert(path);
        }
    }
    Ok(())
}
