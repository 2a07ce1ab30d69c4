//! The Cargo workspace around a new package.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context as _;
use toml_edit::{Array, DocumentMut, Item, Table, value};

use crate::files::read_text;
use crate::report::Report;

/// Adds a new package to the nearest workspace above it, unless its patterns contain it already, as `cargo new` does.
pub(super) fn join(report: &mut Report, root: &Path) -> anyhow::Result<()> {
    for folder in root.ancestors().skip(1) {
        let path = folder.join("Cargo.toml");
        let text = match read_text(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", path.display())),
        };
        let mut manifest: DocumentMut =
            text.parse().with_context(|| format!("cannot parse `{}`", path.display()))?;
        let Some(workspace) = manifest.get_mut("workspace").and_then(Item::as_table_mut) else { continue };
        let member = root.strip_prefix(folder).unwrap_or(root).to_string_lossy().into_owned();
        if add(workspace, &member) {
            fs::write(&path, manifest.to_string())
                .with_context(|| format!("cannot write `{}`", path.display()))?;
            report.line(&format!("added to the members of the workspace in {}: {member}", folder.display()));
        }
        return Ok(());
    }
    Ok(())
}

fn add(workspace: &mut Table, member: &str) -> bool {
    let has = |list: Option<&Item>, is_meant: &dyn Fn(&str) -> bool| {
        let items = list.and_then(Item::as_array).into_iter().flatten();
        items.filter_map(|item| item.as_str()).any(is_meant)
    };
    let is_excluded = |folder: &str| Path::new(member).starts_with(folder);
    if has(workspace.get("exclude"), &is_excluded) || has(workspace.get("members"), &|it| matches(it, member))
    {
        return false;
    }
    let members = workspace.entry("members").or_insert(value(Array::new()));
    let Some(members) = members.as_array_mut() else { return false };
    // A list with a member on each line goes on like that.
    let lines = members.iter().last().and_then(|last| last.decor().prefix()?.as_str());
    // The prefix may begin with the comment behind the member before it.
    let prefix = lines.and_then(|prefix| prefix.rfind('\n').map(|start| prefix[start..].to_owned()));
    members.push(member);
    if let (Some(prefix), Some(last)) = (prefix, members.iter_mut().last()) {
        last.decor_mut().set_prefix(prefix);
    }
    true
}

/// Whether a pattern of members matches a path: `*` stands for any text within a folder's name.
fn matches(pattern: &str, path: &str) -> bool {
    let pattern: Vec<&str> = pattern.trim_start_matches("./").trim_end_matches('/').split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    pattern.len() == path.len() && pattern.iter().zip(path).all(|(pattern, name)| matches_name(pattern, name))
}

fn matches_name(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
            (0..=rest.len()).filter_map(|start| rest.get(start..)).any(|rest| matches_name(after, rest))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_folders() {
        for (pattern, path) in [
            ("app", "app"),
            ("./app/", "app"),
            ("crates/*", "crates/app"),
            ("*/*-app", "x/my-app"),
            ("a*b*", "axbx"),
        ] {
            assert!(matches(pattern, path), "{pattern}");
        }
        for (pattern, path) in [("app", "apps"), ("*", "crates/app"), ("crates/*", "crates"), ("a*b", "axc")]
        {
            assert!(!matches(pattern, path), "{pattern}");
        }
    }

    #[track_caller]
    fn check(manifest: &str, expected: &str) {
        let mut document: DocumentMut = manifest.parse().unwrap();
        let workspace = document["workspace"].as_table_mut().unwrap();
        assert_eq!(add(workspace, "tools/app"), expected != manifest);
        assert_eq!(document.to_string(), expected);
    }

    #[test]
    fn a_member_is_added_where_it_is_missing() {
        check("[workspace]\nmembers = [\"tools/*\"] # all\n", "[workspace]\nmembers = [\"tools/*\"] # all\n");
        check("[workspace]\nexclude = [\"tools\"]\n", "[workspace]\nexclude = [\"tools\"]\n");
        check("[workspace]\nmembers = [\"a\"] # x\n", "[workspace]\nmembers = [\"a\", \"tools/app\"] # x\n");
        check("[workspace]\n", "[workspace]\nmembers = [\"tools/app\"]\n");
        check(
            "[workspace]\nmembers = [\n    \"a\", # a\n    \"b\",\n]\n",
            "[workspace]\nmembers = [\n    \"a\", # a\n    \"b\",\n    \"tools/app\",\n]\n",
        );
    }
}
