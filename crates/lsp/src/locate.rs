//! Finds the schema that a file belongs to.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The files that mark the root of a project: the search for related schema files ends there.
const PROJECT_FILES: [&str; 5] = ["nicol.toml", "package.json", "Cargo.toml", "prisma.config.ts", ".git"];

/// Where the files of a schema are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Root {
    /// One file.
    File(PathBuf),
    /// A folder that the settings name: all files below belong to the schema.
    Named(PathBuf),
    /// A folder that was found by the files in it. They may still be independent schemas.
    Found(PathBuf),
}

/// Returns the schema that contains a file: the given one, the one that the settings in a folder above name, or the
/// related files beside it.
///
/// As in Prisma's language server, files are related if they are in one folder or below, and the search continues upwards
/// while there are schema files. Unlike there, it ends at the folder with a datasource, or at the root of a project, and
/// without a datasource only the folder of the file counts: a forgotten schema file in `/tmp` has nothing to say.
pub(crate) fn root_of(path: &Path, given: Option<&Path>) -> Root {
    if !path.is_absolute() {
        // The editor has not saved it yet.
        return Root::File(path.to_owned());
    }
    let Some(parent) = path.parent() else { return Root::File(path.to_owned()) };
    let named = given.map(Path::to_owned).into_iter().chain(parent.ancestors().flat_map(named_in));
    for schema in named {
        if schema == path {
            return Root::File(schema);
        }
        if path.starts_with(&schema) {
            return Root::Named(schema);
        }
    }
    if is_project(parent) {
        return Root::File(path.to_owned());
    }
    let is_related = |folder: &Path| folder == parent || !is_project(folder) && has_files(folder);
    let mut folders = parent.ancestors().take_while(|folder| is_related(folder));
    let root = folders.find(|folder| has_datasource(folder)).unwrap_or(parent);
    Root::Found(root.to_owned())
}

/// Returns the schema files and folders that the settings in a folder name.
fn named_in(folder: &Path) -> Vec<PathBuf> {
    let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
    let toml = || Some(read("nicol.toml")?.parse::<toml::Table>().ok()?.get("schema")?.as_str()?.to_owned());
    let package = || {
        let json: serde_json::Value = serde_json::from_str(&read("package.json")?).ok()?;
        Some(json.get("prisma")?.get("schema")?.as_str()?.to_owned())
    };
    let config = || in_config(&read("prisma.config.ts")?);
    let named = [toml(), package(), config()].into_iter().flatten();
    named.map(|path| clean(&folder.join(path))).collect()
}

/// Returns the value of `schema` in a `prisma.config.ts`, if it is a literal or `path.join` of literals. Other programs
/// would have to be run to know the value.
fn in_config(text: &str) -> Option<String> {
    let at = text.match_indices("schema").find(|(at, name)| {
        let after = text[at + name.len()..].trim_start_matches(['"', '\'']).trim_start();
        after.starts_with(':') && !text[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
    });
    let (at, name) = at?;
    let value = text[at + name.len()..].split_once(':')?.1.trim_start();
    let value = match value.strip_prefix("path.join(").or_else(|| value.strip_prefix("join(")) {
        Some(parts) => parts.split_once(')')?.0,
        None => &value[..value.find([',', '\n', '}'])?],
    };
    let parts = value.split(',').map(str::trim).filter(|part| !part.is_empty());
    let parts: Option<Vec<&str>> = parts
        .map(|part| {
            let quote = part.chars().next().filter(|c| "\"'`".contains(*c))?;
            part.strip_prefix(quote)?.strip_suffix(quote)
        })
        .collect();
    parts.filter(|parts| !parts.is_empty()).map(|parts| parts.join("/"))
}

/// Removes `.` and resolves `..` by name, so that paths can be compared.
fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                cleaned.pop();
            }
            part => cleaned.push(part),
        }
    }
    cleaned
}

fn is_project(folder: &Path) -> bool {
    PROJECT_FILES.iter().any(|name| folder.join(name).exists())
}

fn has_files(folder: &Path) -> bool {
    schema_files(folder).next().is_some()
}

/// Whether a file in the folder, but not below, has a datasource.
fn has_datasource(folder: &Path) -> bool {
    schema_files(folder).any(|path| {
        let text = fs::read_to_string(path).unwrap_or_default();
        text.lines().any(|line| line.starts_with("datasource "))
    })
}

/// Returns the schema files in a folder.
fn schema_files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| is_schema(path))
}

/// Whether a path is that of a schema file.
pub(crate) fn is_schema(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "prisma")
}

/// The number of files and folders to look at for each answer; no schema has as many.
const MAX_ENTRIES: usize = 5000;

/// Returns the schema files in a folder and below, in the order of their names, folder by folder, as all commands read
/// them. In a folder with too many files, some are missing.
pub(crate) fn files_below(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    collect(folder, &mut Vec::new(), &mut 0, &mut found);
    found
}

/// `within` are the folders above, to stop at cycles of symbolic links.
fn collect(folder: &Path, within: &mut Vec<PathBuf>, seen: &mut usize, found: &mut BTreeSet<PathBuf>) {
    let Ok(real) = folder.canonicalize() else { return };
    let Ok(entries) = fs::read_dir(folder) else { return };
    if within.contains(&real) {
        return;
    }
    within.push(real);
    for entry in entries.flatten() {
        *seen += 1;
        if *seen > MAX_ENTRIES {
            break;
        }
        let path = entry.path();
        let is_folder =
            entry.file_type().is_ok_and(|kind| kind.is_dir() || kind.is_symlink() && path.is_dir());
        if !is_folder {
            found.extend(Some(path).filter(|path| is_schema(path)));
        } else if entry.file_name() != "node_modules" {
            collect(&path, within, seen, found);
        }
    }
    within.pop();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes a folder with these files.
    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder can be made");
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
            fs::write(path, text).expect("a file can be written");
        }
        folder
    }

    #[test]
    fn settings_name_the_schema() {
        for (name, text) in [
            ("nicol.toml", "schema = \"./db/schema\"\n"),
            ("package.json", r#"{"prisma": {"schema": "db/schema"}}"#),
            ("prisma.config.ts", "export default defineConfig({ schema: path.join('db', \"schema\") })"),
            ("prisma.config.ts", "export default {\n  schema: \"db/schema\",\n}"),
        ] {
            let folder = folder(&[(name, text), ("db/schema/a/b.prisma", ""), ("db/other.prisma", "")]);
            let at = |path: &str| folder.path().join(path);
            assert_eq!(root_of(&at("db/schema/a/b.prisma"), None), Root::Named(at("db/schema")), "{text}");
            assert_eq!(root_of(&at("db/other.prisma"), None), Root::Found(at("db")), "{text}");
            let given = root_of(&at("db/other.prisma"), Some(&at("db")));
            assert_eq!(given, Root::Named(at("db")), "the given schema comes first");
        }
    }

    #[test]
    fn broken_settings_name_nothing() {
        for text in [
            "schema:",
            "schema: process.env.A,",
            "schema: path.join(a, 'b')",
            "{ schema: '",
            "my_schema: 'a',",
        ] {
            assert_eq!(in_config(text), None, "{text}");
        }
        let folder = folder(&[("nicol.toml", "schema = 1"), ("package.json", "{"), ("schema.prisma", "")]);
        let file = folder.path().join("schema.prisma");
        assert_eq!(root_of(&file, None), Root::File(file));
    }

    #[test]
    fn files_beside_and_below_are_related() {
        let folder = folder(&[
            ("Cargo.toml", ""),
            ("q/a.prisma", ""),
            ("q/models/b.prisma", ""),
            ("p/a.prisma", "datasource db {\n}\n"),
            ("p/models/b.prisma", ""),
            ("x.prisma", ""),
        ]);
        let at = |path: &str| folder.path().join(path);
        assert_eq!(root_of(&at("p/models/b.prisma"), None), Root::Found(at("p")));
        assert_eq!(root_of(&at("p/a.prisma"), None), Root::Found(at("p")));
        assert_eq!(root_of(&at("q/models/b.prisma"), None), Root::Found(at("q/models")), "no datasource");
        assert_eq!(
            root_of(&at("x.prisma"), None),
            Root::File(at("x.prisma")),
            "a project is no schema folder"
        );
        assert_eq!(root_of(Path::new("Untitled-1"), None), Root::File("Untitled-1".into()));
    }

    #[test]
    fn folders_are_read_in_the_order_of_names() {
        let folder = folder(&[
            ("b.prisma", ""),
            ("a/z.prisma", ""),
            ("c/deep/a.prisma", ""),
            ("notes.md", ""),
            ("node_modules/x/schema.prisma", ""),
        ]);
        std::os::unix::fs::symlink(folder.path(), folder.path().join("c/again")).expect("a link");
        let files = files_below(folder.path());
        let names: Vec<_> = files
            .iter()
            .map(|path| path.strip_prefix(folder.path()).expect("it is below").display().to_string())
            .collect();
        assert_eq!(names, ["a/z.prisma", "b.prisma", "c/deep/a.prisma"]);
    }
}
