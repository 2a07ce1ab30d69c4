//! Names of packages.

use anyhow::bail;

/// Names that no package can have: keywords, and crates that every program has. Source: the Rust reference, "Keywords".
const RESERVED: &[&str] = &[
    "Self",
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc_macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

/// Names of folders in `target`, which a program cannot have.
const FOLDERS: &[&str] = &["build", "deps", "examples", "incremental"];

/// Dependencies of the templates: no package can depend on one of its own name.
const DEPENDENCIES: &[&str] = &["axum", "dotenvy", "nicol", "nicol-auth", "nicol-codegen", "serde", "tokio"];

/// Turns the name of a folder into one that a package can have.
pub(super) fn from_folder(folder: &str) -> String {
    let is_valid = |it: char| it.is_ascii_alphanumeric() || it == '_';
    let words: Vec<&str> = folder.split(|it| !is_valid(it)).filter(|word| !word.is_empty()).collect();
    let name = words.join("-");
    if name.is_empty() {
        return "app".to_owned();
    }
    if name.starts_with(|it: char| it.is_ascii_digit() || it == '_') {
        return format!("app-{}", name.trim_start_matches('_')).trim_end_matches('-').to_owned();
    }
    if is_reserved(&name) { format!("{name}-app") } else { name }
}

/// Checks a name that the user has given.
pub(super) fn check(name: &str) -> anyhow::Result<()> {
    let suggestion = from_folder(name);
    let reason = if is_reserved(name) {
        "it is reserved"
    } else if suggestion != name {
        "a name has letters, digits, `-` and `_`, and starts with a letter"
    } else {
        return Ok(());
    };
    bail!("`{name}` cannot be the name of a package: {reason}\nhelp: use `--name {suggestion}`")
}

fn is_reserved(name: &str) -> bool {
    let as_crate = name.replace('-', "_");
    RESERVED.contains(&as_crate.as_str()) || FOLDERS.contains(&name) || DEPENDENCIES.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_become_names() {
        for (folder, name) in [
            ("hello", "hello"),
            ("My_App2", "My_App2"),
            ("my app", "my-app"),
            ("--weird..name--", "weird-name"),
            ("123", "app-123"),
            ("_", "app"),
            ("__x", "app-x"),
            ("café", "caf"),
            ("名前", "app"),
            ("", "app"),
            ("test", "test-app"),
            ("match", "match-app"),
            ("proc-macro", "proc-macro-app"),
            ("deps", "deps-app"),
            ("nicol", "nicol-app"),
        ] {
            assert_eq!(from_folder(folder), name, "{folder}");
            check(name).unwrap();
        }
    }

    #[test]
    fn given_names_are_checked() {
        for (name, parts) in [
            ("my app", ["`my app`", "--name my-app"]),
            ("test", ["reserved", "--name test-app"]),
            ("1st", ["starts with a letter", "--name app-1st"]),
            ("", ["``", "--name app"]),
        ] {
            let error = check(name).unwrap_err().to_string();
            assert!(parts.iter().all(|part| error.contains(part)), "{error}");
        }
    }
}
