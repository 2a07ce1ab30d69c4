//! The imports between the modules directly inside a crate, or directly inside one of its modules.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::modules::{Import, Modules};

/// What stands for the module around them: the root file of a crate, or `plan.rs` for the folder `plan/`.
pub(super) const ROOT: &str = "(root)";

/// For each module, those that it imports from, each with the first import.
#[derive(Debug)]
pub(super) struct Graph<'a> {
    pub(super) imports: BTreeMap<&'a str, BTreeMap<&'a str, &'a Import>>,
}

impl<'a> Graph<'a> {
    /// The modules directly inside `scope`; for the empty path, those of the whole crate.
    pub(super) fn new(modules: &'a Modules, scope: &[String]) -> Self {
        let name = |path: &'a [String]| -> Option<&'a str> {
            let inner = path.strip_prefix(scope)?;
            Some(inner.first().map_or(ROOT, String::as_str))
        };
        let mut imports: BTreeMap<_, BTreeMap<_, _>> =
            modules.paths.iter().filter_map(|path| Some((name(path)?, BTreeMap::new()))).collect();
        for import in &modules.imports {
            if let (Some(from), Some(to)) = (name(&import.from), name(&import.to))
                && from != to
            {
                imports.entry(from).or_default().entry(to).or_insert(import);
            }
        }
        Self { imports }
    }

    /// The groups of modules that all reach one another, in alphabetical order.
    pub(super) fn groups(&self) -> Vec<Vec<&'a str>> {
        let mut groups: Vec<Vec<&str>> = Vec::new();
        for &start in self.imports.keys() {
            let is_circular = |module: &str| self.reaches(start, module) && self.reaches(module, start);
            if !groups.iter().any(|group| group.contains(&start)) && is_circular(start) {
                groups.push(self.imports.keys().copied().filter(|module| is_circular(module)).collect());
            }
        }
        groups
    }

    /// The shortest circle through one module of each group.
    pub(super) fn circles(&self) -> Vec<Vec<&'a str>> {
        let shortest = |group: Vec<&'a str>| {
            let circles = group.into_iter().filter_map(|module| self.path(module, module));
            circles.min_by_key(Vec::len)
        };
        self.groups().into_iter().filter_map(shortest).collect()
    }

    /// The floors that the imports amount to, from the top; each module stands as low as it can. `None` if there is a
    /// circle.
    pub(super) fn floors(&self) -> Option<Vec<Vec<&'a str>>> {
        let mut floors = Vec::new();
        let mut below: BTreeSet<&str> = BTreeSet::new();
        while below.len() < self.imports.len() {
            let is_next = |(name, imports): &(&&'a str, &BTreeMap<&'a str, &Import>)| {
                !below.contains(**name) && imports.keys().all(|import| below.contains(import))
            };
            let floor: Vec<&str> = self.imports.iter().filter(is_next).map(|(name, _)| *name).collect();
            if floor.is_empty() {
                return None;
            }
            below.extend(&floor);
            floors.push(floor);
        }
        floors.reverse();
        Some(floors)
    }

    fn reaches(&self, from: &str, to: &str) -> bool {
        self.path(from, to).is_some()
    }

    /// The shortest way along imports, at least one, without its end.
    fn path(&self, from: &str, to: &str) -> Option<Vec<&'a str>> {
        let (&from, _) = self.imports.get_key_value(from)?;
        let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
        let mut queue = VecDeque::from([from]);
        while let Some(module) = queue.pop_front() {
            for &next in self.imports.get(module)?.keys() {
                if next == to {
                    let mut path = vec![module];
                    while let Some(previous) =
                        path.last().filter(|last| **last != from).and_then(|last| came_from.get(last))
                    {
                        path.push(previous);
                    }
                    path.reverse();
                    return Some(path);
                }
                if next != from && !came_from.contains_key(next) {
                    came_from.insert(next, module);
                    queue.push_back(next);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn modules(files: &[(&str, &str)]) -> Modules {
        Modules::read(Path::new("lib.rs"), &|path| {
            let found = files.iter().find(|(name, _)| Path::new(name) == path);
            found.map(|(_, text)| (*text).to_owned())
        })
    }

    #[test]
    fn a_circle_is_found_and_its_shortest_form_shown() {
        let modules = modules(&[
            ("lib.rs", "mod a; mod b; mod c; mod d;"),
            ("a.rs", "use crate::b::X; use crate::c::Y;"),
            ("b.rs", "fn f() { crate::c::g() }"),
            ("c.rs", "use super::a::Z; use crate::d::W;"),
            ("d.rs", ""),
        ]);
        let graph = Graph::new(&modules, &[]);
        assert_eq!(graph.groups(), [["a", "b", "c"]]);
        assert_eq!(graph.circles(), [["a", "c"]]);
        assert_eq!(graph.floors(), None);
    }

    #[test]
    fn floors_follow_from_the_imports() {
        let modules = modules(&[
            ("lib.rs", "mod a; mod b; mod c; pub use a::X;"),
            ("a.rs", "use crate::b::X; mod x; mod y; use x::X;"),
            ("a/x.rs", "use super::y::Y;"),
            ("a/y.rs", "use crate::c::Z;"),
            ("b.rs", ""),
            ("c.rs", ""),
        ]);
        let graph = Graph::new(&modules, &[]);
        assert!(graph.circles().is_empty());
        assert_eq!(graph.floors(), Some(vec![vec![ROOT], vec!["a"], vec!["b", "c"]]));
        let inside = Graph::new(&modules, &["a".to_owned()]);
        assert_eq!(inside.floors(), Some(vec![vec![ROOT], vec!["x"], vec!["y"]]));
    }
}
