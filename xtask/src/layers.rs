//! Keeps the layers: which crate uses which, and which module imports from which, is said in `xtask/layers.txt`.
//!
//! `cargo xtask test layers` compares the sources with it; `cargo xtask layers` lists what there is. Rust allows circles
//! between modules, so without this nobody notices them.

mod graph;
mod modules;
mod rules;
mod tokens;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use self::graph::{Graph, ROOT};
use self::modules::{Import, Modules};
use self::rules::Rules;
use crate::workspace::Workspace;

const RULES: &str = "xtask/layers.txt";

/// A crate of the workspace.
struct Crate {
    name: String,
    /// Relative to the workspace.
    folder: PathBuf,
    /// The crates of the workspace in `[dependencies]` and `[build-dependencies]`, each with its line. Tests may use
    /// any crate.
    uses: Vec<(String, usize)>,
    modules: Modules,
}

/// Compares every crate with the rules.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let text =
        fs::read_to_string(workspace.root.join(RULES)).with_context(|| format!("cannot read `{RULES}`"))?;
    let rules = Rules::parse(&text).with_context(|| format!("`{RULES}` is not valid"))?;
    let crates = read_crates(workspace)?;
    let mut findings = Vec::new();
    for member in &crates {
        check_uses(member, &rules, &mut findings);
        check_modules(member, &rules, workspace, &mut findings);
    }
    for name in rules.floors.keys() {
        let (member, scope) = split_scope(name);
        let found = crates.iter().find(|known| known.name == member);
        if !found.is_some_and(|found| found.modules.paths.contains(&scope)) {
            findings.push(format!("{RULES}: section `[{name}]` names no crate or module of the workspace"));
        }
    }
    if findings.is_empty() {
        return Ok(());
    }
    bail!(
        "{} {} the layers\n{}\n\
         help: `{RULES}` says what may import what; `cargo xtask layers CRATE` lists what does, and the circles",
        findings.len(),
        if findings.len() == 1 { "import breaks" } else { "findings break" },
        findings.join("\n")
    );
}

/// Prints what each crate or the named one imports, its circles, and the floors that follow.
pub(crate) fn list(workspace: &Workspace, only: Option<&str>) -> Result<String> {
    let crates = read_crates(workspace)?;
    if let Some(only) = only
        && !crates.iter().any(|member| member.name == only)
    {
        let known: Vec<&str> = crates.iter().map(|member| member.name.as_str()).collect();
        bail!("unknown crate `{only}`\nhelp: there are {}", known.join(", "));
    }
    let chosen = crates.iter().filter(|member| only.is_none_or(|only| member.name == only));
    Ok(chosen.map(listing).collect::<Vec<_>>().join("\n"))
}

fn listing(member: &Crate) -> String {
    let graph = Graph::new(&member.modules, &[]);
    let width = graph.imports.keys().map(|name| name.len()).max().unwrap_or_default();
    let imports = graph.imports.iter().filter(|(name, _)| **name != ROOT).map(|(name, imports)| {
        let imports: Vec<&str> = imports.keys().copied().collect();
        format!("{name:width$}  {}", imports.join(" "))
    });
    let circles = member.modules.paths.iter().flat_map(|scope| circles(member, scope));
    let floors = match graph.floors() {
        Some(floors) => {
            floors.into_iter().filter(|floor| *floor != [ROOT]).map(|floor| floor.join(" ")).collect()
        }
        None => vec!["none, because of the circles".to_owned()],
    };
    let uses: Vec<&str> = member.uses.iter().map(|(name, _)| name.as_str()).collect();
    let mut out = format!("[{}] in {}\n", member.name, member.folder.display());
    for (title, lines) in [
        ("crates used", vec![uses.join(" ")]),
        ("module imports", imports.collect()),
        ("circles", circles.collect()),
        ("floors that the imports allow, from top to bottom", floors),
    ] {
        out.extend(["\n  ", title, ":\n"]);
        let is_empty = lines.iter().all(String::is_empty);
        let lines = if is_empty { vec!["none".to_owned()] } else { lines };
        out.extend(lines.iter().map(|line| format!("    {}\n", line.trim_end())));
    }
    out
}

/// A text for each circle among the modules directly inside `scope`.
fn circles(member: &Crate, scope: &[String]) -> Vec<String> {
    let graph = Graph::new(&member.modules, scope);
    // A module and its own parts may know each other; the root of a crate and its modules may not.
    let counts = |circle: &Vec<&str>| scope.is_empty() || !circle.contains(&ROOT);
    let prefix = scope.iter().fold(String::new(), |prefix, name| prefix + name + "::");
    let text = |circle: Vec<&str>| {
        let group = graph.groups().into_iter().find(|group| group.contains(&circle[0])).unwrap_or_default();
        let mut lines = vec![format!("{} modules: {}", group.len(), group.join(" "))];
        for (from, to) in circle.iter().zip(circle.iter().cycle().skip(1)) {
            let place = place(member, graph.imports[from][to]);
            lines.push(format!("  {prefix}{from} imports {prefix}{to} at {place}"));
        }
        lines.join("\n    ")
    };
    graph.circles().into_iter().filter(counts).map(text).collect()
}

fn check_uses(member: &Crate, rules: &Rules, findings: &mut Vec<String>) {
    let manifest = member.folder.join("Cargo.toml");
    let Some(entry) = rules.crates.get(&member.name) else {
        findings.push(format!(
            "{}: crate `{}` is missing under `[crates]` in {RULES}",
            manifest.display(),
            member.name
        ));
        return;
    };
    for (used, line) in &member.uses {
        if !entry.uses.contains(used) {
            findings.push(format!("{}:{line}: `{}` may not use `{used}`", manifest.display(), member.name));
        }
    }
    for allowed in &entry.uses {
        if !member.uses.iter().any(|(used, _)| used == allowed) {
            findings.push(format!("{RULES}:{}: `{}` does not use `{allowed}`", entry.line, member.name));
        }
    }
}

fn check_modules(member: &Crate, rules: &Rules, workspace: &Workspace, findings: &mut Vec<String>) {
    let sections = rules.floors.iter().filter(|(name, _)| split_scope(name).0 == member.name);
    let mut is_listed = false;
    for (name, floors) in sections {
        let (_, scope) = split_scope(name);
        is_listed |= scope.is_empty();
        let graph = Graph::new(&member.modules, &scope);
        for module in graph.imports.keys().filter(|module| **module != ROOT) {
            if !floors.modules.contains_key(*module) {
                findings.push(format!("{RULES}: section `[{name}]` has no floor for module `{module}`"));
            }
        }
        for (module, place) in &floors.modules {
            if !graph.imports.contains_key(module.as_str()) {
                findings.push(format!("{RULES}:{}: `{name}` has no module `{module}`", place.line));
            }
        }
        for (from, imports) in &graph.imports {
            for (to, import) in imports {
                // The root stands above all floors.
                let Some(upper) = floors.modules.get(*from) else { continue };
                let wrong = if *to == ROOT {
                    format!(
                        "`{from}` imports from the file that declares it: move the item to a module of its own"
                    )
                } else {
                    match floors.modules.get(*to) {
                        Some(lower) if lower.floor == upper.floor => {
                            format!("`{from}` imports from `{to}`, which is on the same floor")
                        }
                        Some(lower) if lower.floor < upper.floor => {
                            format!("`{from}` imports from `{to}`, which is on a floor above")
                        }
                        _ => continue,
                    }
                };
                findings.push(format!(
                    "{}: {wrong}\n    {}",
                    place(member, import),
                    source_line(workspace, member, import)
                ));
            }
        }
    }
    if !is_listed {
        for circle in circles(member, &[]) {
            findings
                .push(format!("{}: modules import from one another in a circle\n    {circle}", member.name));
        }
    }
}

fn place(member: &Crate, import: &Import) -> String {
    format!("{}:{}", member.folder.join("src").join(&import.file).display(), import.line)
}

fn source_line(workspace: &Workspace, member: &Crate, import: &Import) -> String {
    let text = fs::read_to_string(workspace.root.join(&member.folder).join("src").join(&import.file));
    let text = text.unwrap_or_default();
    text.lines().nth(import.line.saturating_sub(1)).unwrap_or_default().trim().to_owned()
}

/// `nicol-migrate::plan` is the module `plan` of the crate `nicol-migrate`.
fn split_scope(section: &str) -> (&str, Vec<String>) {
    let mut parts = section.split("::");
    (parts.next().unwrap_or_default(), parts.map(str::to_owned).collect())
}

fn read_crates(workspace: &Workspace) -> Result<Vec<Crate>> {
    let mut manifests = Vec::new();
    for folder in workspace.crates()? {
        let manifest = folder.join("Cargo.toml");
        let text =
            fs::read_to_string(&manifest).with_context(|| format!("cannot read `{}`", manifest.display()))?;
        manifests.push((folder, text));
    }
    let names: BTreeSet<String> = manifests.iter().map(|(_, text)| package_name(text)).collect();
    let read = |(folder, text): (PathBuf, String)| {
        let source = folder.join("src");
        let root = if source.join("lib.rs").is_file() { "lib.rs" } else { "main.rs" };
        let modules = Modules::read(Path::new(root), &|path| fs::read_to_string(source.join(path)).ok());
        let name = package_name(&text);
        let uses = dependencies(&text).filter(|(used, _)| names.contains(used) && *used != name).collect();
        let folder = folder.strip_prefix(&workspace.root).unwrap_or(&folder).to_owned();
        Crate { name, folder, uses, modules }
    };
    Ok(manifests.into_iter().map(read).collect())
}

fn package_name(manifest: &str) -> String {
    let line = manifest.lines().find_map(|line| line.strip_prefix("name = \""));
    line.and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}

/// The names under `[dependencies]` and `[build-dependencies]`, also of a target, with their lines.
fn dependencies(manifest: &str) -> impl Iterator<Item = (String, usize)> {
    let mut counts = false;
    manifest.lines().enumerate().filter_map(move |(index, line)| {
        if line.starts_with('[') {
            counts = line.ends_with("dependencies]") && !line.contains("dev-dependencies");
            return None;
        }
        let name = line.split(['.', '=', ' ']).next().filter(|name| counts && !name.is_empty())?;
        Some((name.to_owned(), index + 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(files: &[(&str, &str)]) -> Crate {
        let modules = Modules::read(Path::new("lib.rs"), &|path| {
            let found = files.iter().find(|(name, _)| Path::new(name) == path);
            found.map(|(_, text)| (*text).to_owned())
        });
        let uses = vec![("lower".to_owned(), 7)];
        Crate { name: "upper".to_owned(), folder: "crates/upper".into(), uses, modules }
    }

    fn findings(member: &Crate, rules: &str) -> Vec<String> {
        let rules = Rules::parse(rules).expect("valid rules");
        let workspace = Workspace { root: "/nowhere".into(), reference: PathBuf::new() };
        let mut findings = Vec::new();
        check_uses(member, &rules, &mut findings);
        check_modules(member, &rules, &workspace, &mut findings);
        let first_lines =
            findings.iter().map(|finding| finding.lines().next().unwrap_or_default().to_owned());
        first_lines.collect()
    }

    #[test]
    fn an_import_that_looks_up_or_aside_is_found() {
        let member = member(&[
            ("lib.rs", "mod a; mod b; mod c; struct Root;"),
            ("a.rs", "use crate::{c::X, b::Y};"),
            ("b.rs", "fn f() { crate::a::g() }\nuse super::c::Z;"),
            ("c.rs", "use crate::Root;"),
        ]);
        assert_eq!(
            findings(&member, "[crates]\nupper: lower\n[upper]\na\nb c\n"),
            [
                "crates/upper/src/b.rs:1: `b` imports from `a`, which is on a floor above",
                "crates/upper/src/b.rs:2: `b` imports from `c`, which is on the same floor",
                "crates/upper/src/c.rs:1: `c` imports from the file that declares it: move the item to a module of its own",
            ]
        );
    }

    #[test]
    fn without_floors_a_circle_is_found() {
        let member = member(&[
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "use crate::b::Y;"),
            ("b.rs", "fn f() { crate::a::g() }"),
        ]);
        assert_eq!(
            findings(&member, "[crates]\nupper: lower\n"),
            ["upper: modules import from one another in a circle"]
        );
    }

    #[test]
    fn crates_and_modules_have_to_be_named_as_they_are() {
        let member = member(&[("lib.rs", "mod a; mod b;"), ("a.rs", ""), ("b.rs", "")]);
        assert_eq!(
            findings(&member, "[crates]\nupper: other\n[upper]\na\nc\n"),
            [
                "crates/upper/Cargo.toml:7: `upper` may not use `lower`",
                "xtask/layers.txt:2: `upper` does not use `other`",
                "xtask/layers.txt: section `[upper]` has no floor for module `b`",
                "xtask/layers.txt:5: `upper` has no module `c`",
            ]
        );
    }

    #[test]
    fn dependencies_of_tests_do_not_count() {
        let manifest = "[package]\nname = \"x\"\n[dependencies]\na.workspace = true\nb = { path = \"b\" }\n\
                        [dev-dependencies]\nc.workspace = true\n[target.'cfg(unix)'.dependencies]\nd = \"1\"\n";
        let names: Vec<_> = dependencies(manifest).collect();
        assert_eq!(names, [("a".to_owned(), 4), ("b".to_owned(), 5), ("d".to_owned(), 9)]);
        assert_eq!(package_name(manifest), "x");
    }
}
