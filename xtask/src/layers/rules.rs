//! Reads `xtask/layers.txt`, which says which crate may use which, and the floors of the modules in each crate.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

#[derive(Debug, Default)]
pub(super) struct Rules {
    /// The crates of the workspace that each may use.
    pub(super) crates: BTreeMap<String, Entry>,
    /// By crate (`nicol-pg`) or, for the modules inside a module, by its path (`nicol-migrate::plan`).
    pub(super) floors: BTreeMap<String, Floors>,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) uses: Vec<String>,
    pub(super) line: usize,
}

#[derive(Debug, Default)]
pub(super) struct Floors {
    /// Each module's floor, counted from the top, and the line that names it.
    pub(super) modules: BTreeMap<String, Place>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) floor: usize,
    pub(super) line: usize,
}

impl Rules {
    pub(super) fn parse(text: &str) -> Result<Self> {
        let mut rules = Self::default();
        let mut section: Option<String> = None;
        for (index, line) in text.lines().enumerate() {
            let number = index + 1;
            let content = line.split('#').next().unwrap_or_default().trim();
            if content.is_empty() {
                continue;
            }
            if let Some(name) = content.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                if name != "crates" && rules.floors.insert(name.to_owned(), Floors::default()).is_some() {
                    bail!("line {number}: section `{name}` appears twice");
                }
                section = Some(name.to_owned());
                continue;
            }
            match section.as_deref() {
                None => bail!("line {number}: expected a section such as `[crates]` first"),
                Some("crates") => {
                    let Some((name, uses)) = content.split_once(':') else {
                        bail!("line {number}: expected `crate: crates that it may use`");
                    };
                    let uses = uses.split_whitespace().map(str::to_owned).collect();
                    rules.crates.insert(name.trim().to_owned(), Entry { uses, line: number });
                }
                Some(name) => {
                    let floors = rules.floors.entry(name.to_owned()).or_default();
                    floors.add(content, number)?;
                }
            }
        }
        Ok(rules)
    }
}

impl Floors {
    fn add(&mut self, content: &str, line: usize) -> Result<()> {
        let floor = self.modules.values().map(|place| place.floor + 1).max().unwrap_or_default();
        for module in content.split_whitespace() {
            if self.modules.insert(module.to_owned(), Place { floor, line }).is_some() {
                bail!("line {line}: module `{module}` appears twice");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floors_are_counted_from_the_top() {
        let rules = Rules::parse(
            "# words\n[crates]\na: b c\nb:\n\n[a]\ntop   # the face\nleft right\n\n[a::left]\nx\n",
        )
        .expect("valid rules");
        assert_eq!(rules.crates["a"].uses, ["b", "c"]);
        assert!(rules.crates["b"].uses.is_empty());
        let floors: Vec<_> = rules.floors["a"]
            .modules
            .iter()
            .map(|(name, place)| (&**name, place.floor, place.line))
            .collect();
        assert_eq!(floors, [("left", 1, 8), ("right", 1, 8), ("top", 0, 7)]);
        assert_eq!(rules.floors["a::left"].modules.len(), 1);
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        for (text, message) in [
            ("a\n", "line 1: expected a section such as `[crates]` first"),
            ("[crates]\na b\n", "line 2: expected `crate: crates that it may use`"),
            ("[a]\nx y\nx\n", "line 3: module `x` appears twice"),
            ("[a]\n[a]\n", "line 2: section `a` appears twice"),
        ] {
            assert_eq!(Rules::parse(text).expect_err(text).to_string(), message);
        }
    }
}
