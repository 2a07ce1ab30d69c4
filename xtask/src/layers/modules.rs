//! Finds the modules of a crate and what each imports from the others.
//!
//! Both `use` declarations and paths in the code count. Left out are items under `#[cfg(test)]`, and the bodies of
//! macros except for `$crate::…` paths: whatever `quote!` or `macro_rules!` contains belongs to another place.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::tokens::{Token, tokenize};

/// A module's names from the crate's root, which itself is the empty path.
pub(super) type ModulePath = Vec<String>;

/// One module names something of another one of the same crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Import {
    pub(super) from: ModulePath,
    pub(super) to: ModulePath,
    /// Relative to the crate's source folder.
    pub(super) file: PathBuf,
    pub(super) line: usize,
}

/// All modules of a crate, with their imports in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Modules {
    pub(super) paths: BTreeSet<ModulePath>,
    pub(super) imports: Vec<Import>,
}

impl Modules {
    /// Reads a crate from its root file, `lib.rs` or `main.rs`. `read` gets paths relative to the source folder, and
    /// returns `None` for files that do not exist.
    pub(super) fn read(root: &Path, read: &dyn Fn(&Path) -> Option<String>) -> Self {
        let mut scan = Scan { read, modules: BTreeMap::new(), macros: BTreeMap::new() };
        scan.file(root, &Vec::new());
        scan.resolve()
    }
}

/// A path as it is written, of a `use` or in the code.
struct Mention {
    segments: Vec<String>,
    /// The name that a `use` gives it.
    name: Option<String>,
    file: PathBuf,
    line: usize,
}

struct Scan<'a> {
    read: &'a dyn Fn(&Path) -> Option<String>,
    modules: BTreeMap<ModulePath, Vec<Mention>>,
    /// Where each macro is defined: `#[macro_export]` puts it into the root.
    macros: BTreeMap<String, ModulePath>,
}

impl Scan<'_> {
    fn file(&mut self, file: &Path, module: &ModulePath) {
        let text = (self.read)(file).unwrap_or_default();
        let tokens = tokenize(&text);
        let mut cursor = Cursor { scan: self, tokens: &tokens, at: 0, file };
        cursor.items(module, true);
    }

    /// `foo.rs` or `foo/mod.rs`.
    fn module_file(&mut self, module: &ModulePath) {
        let folder: PathBuf = module.iter().collect();
        let candidates = [folder.with_extension("rs"), folder.join("mod.rs")];
        if let Some(file) = candidates.into_iter().find(|file| (self.read)(file).is_some()) {
            self.file(&file, module);
        }
    }

    fn resolve(&self) -> Modules {
        let mut imports = Vec::new();
        for (from, mentions) in &self.modules {
            for mention in mentions {
                let Some(to) = self.target(from, &mention.segments, 0) else { continue };
                if to != *from {
                    let (file, line) = (mention.file.clone(), mention.line);
                    imports.push(Import { from: from.clone(), to, file, line });
                }
            }
        }
        Modules { paths: self.modules.keys().cloned().collect(), imports }
    }

    /// The module that a path leads to, or `None` if it leads out of the crate.
    fn target(&self, from: &[String], segments: &[String], depth: usize) -> Option<ModulePath> {
        let (mut module, mut rest) = match segments.first()?.as_str() {
            "crate" => (Vec::new(), &segments[1..]),
            "self" | "super" => (from.to_vec(), segments),
            name if self.modules.contains_key(&child(from, name)) => (from.to_vec(), segments),
            _ => return None,
        };
        while let [first, others @ ..] = rest {
            match first.as_str() {
                "self" => {}
                "super" => drop(module.pop()),
                name if self.modules.contains_key(&child(&module, name)) => module.push(name.to_owned()),
                name => return Some(self.item(from, module, name, depth)),
            }
            rest = others;
        }
        Some(module)
    }

    /// The module of an item that `module` defines or imports. What a module gets from its parents is followed to where
    /// it is defined: `crate::Error` is `crate::error::Error`, and the root only shows it.
    fn item(&self, from: &[String], module: ModulePath, name: &str, depth: usize) -> ModulePath {
        const LONGEST_CHAIN: usize = 8;
        if !from.starts_with(&module) || from == module || depth > LONGEST_CHAIN {
            return module;
        }
        let mentions = self.modules.get(&module).map(Vec::as_slice).unwrap_or_default();
        if let Some(mention) = mentions.iter().find(|mention| mention.name.as_deref() == Some(name)) {
            return match self.target(&module, &mention.segments, depth + 1) {
                // The chain may go on where it is still a parent that shows the item.
                Some(next) if next != module && from.starts_with(&next) => {
                    let last = mention.segments.last().map_or(name, String::as_str).to_owned();
                    self.item(from, next, &last, depth + 1)
                }
                Some(next) => next,
                // From another crate: no import from this one.
                None => from.to_vec(),
            };
        }
        match self.macros.get(name) {
            Some(defined) if module.is_empty() => defined.clone(),
            _ => module,
        }
    }
}

fn child(module: &[String], name: &str) -> ModulePath {
    [module, &[name.to_owned()]].concat()
}

struct Cursor<'s, 'a, 't> {
    scan: &'s mut Scan<'a>,
    tokens: &'t [Token<'t>],
    at: usize,
    file: &'s Path,
}

impl Cursor<'_, '_, '_> {
    fn text(&self, ahead: usize) -> &str {
        self.tokens.get(self.at + ahead).map_or("", |token| token.text)
    }

    fn line(&self) -> usize {
        self.tokens.get(self.at).map_or(0, |token| token.line)
    }

    fn starts_with(&self, texts: &[&str]) -> bool {
        texts.iter().enumerate().all(|(ahead, text)| self.text(ahead) == *text)
    }

    fn add(&mut self, module: &[String], mention: Mention) {
        self.scan.modules.entry(module.to_vec()).or_default().push(mention);
    }

    /// Reads to the end of the file, or of the block that the cursor stands in.
    fn items(&mut self, module: &ModulePath, is_file: bool) {
        self.scan.modules.entry(module.clone()).or_default();
        let mut depth = 0_usize;
        while self.at < self.tokens.len() {
            if self.starts_with(&["#", "!", "["]) && self.is_test_only(2) {
                // The whole file is for tests: nothing of it counts.
                self.at = self.tokens.len();
                break;
            }
            if self.starts_with(&["#", "["]) {
                let is_test_only = self.is_test_only(1);
                self.at += 1;
                if is_test_only {
                    self.skip_group();
                    self.skip_item();
                }
                continue;
            }
            match self.text(0) {
                "{" => depth += 1,
                "}" if depth == 0 && !is_file => return,
                "}" => depth = depth.saturating_sub(1),
                "mod" if self.text(2) == ";" => {
                    let inner = child(module, self.text(1));
                    self.scan.module_file(&inner);
                }
                "mod" if self.text(2) == "{" => {
                    let inner = child(module, self.text(1));
                    self.at += 3;
                    self.items(&inner, false);
                }
                // `impl Trait + use<'a>` is no declaration.
                "use" if self.text(1) != "<" => {
                    self.at += 1;
                    self.use_tree(module, &mut Vec::new());
                    continue;
                }
                // `pub(in crate::a)` imports nothing.
                "pub" if self.text(1) == "(" => {
                    self.at += 1;
                    self.skip_group();
                    continue;
                }
                "macro_rules" if self.text(1) == "!" => {
                    let name = self.text(2).to_owned();
                    self.scan.macros.insert(name, module.clone());
                    self.at += 3;
                    self.macro_body(module);
                    continue;
                }
                "quote" | "quote_spanned" | "parse_quote" | "format_ident" if self.text(1) == "!" => {
                    self.at += 2;
                    self.skip_group();
                    continue;
                }
                _ if self.is_path_start() => {
                    self.path(module);
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Whether the attribute whose bracket is `ahead` is `#[cfg(test)]` or `#[cfg(all(test, …))]`.
    fn is_test_only(&self, ahead: usize) -> bool {
        let is = |texts: &[&str]| {
            texts.iter().enumerate().all(|(index, text)| self.text(ahead + 1 + index) == *text)
        };
        is(&["cfg", "(", "test", ")"]) || is(&["cfg", "(", "all", "(", "test"])
    }

    /// Moves behind the bracket that belongs to the one at the cursor.
    fn skip_group(&mut self) {
        let mut depth = 0_usize;
        while self.at < self.tokens.len() {
            match self.text(0) {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    /// Moves behind the item, statement, field or arm at the cursor.
    fn skip_item(&mut self) {
        while self.starts_with(&["#", "["]) {
            self.at += 1;
            self.skip_group();
        }
        let mut is_item = false;
        let mut ends_with_block = true;
        loop {
            match self.text(0) {
                "" | ")" | "]" | "}" => return,
                "," if !is_item => break,
                ";" => break,
                "{" => {
                    self.skip_group();
                    if ends_with_block {
                        return;
                    }
                    continue;
                }
                "(" | "[" => {
                    self.skip_group();
                    continue;
                }
                "use" | "static" | "let" | "type" => (is_item, ends_with_block) = (true, false),
                "const" if self.text(1) != "fn" => (is_item, ends_with_block) = (true, false),
                "fn" | "impl" | "mod" | "struct" | "enum" | "trait" | "macro_rules" => is_item = true,
                _ => {}
            }
            self.at += 1;
        }
        self.at += 1;
    }

    /// Reads a `use` up to its semicolon: a path, or a group of them behind a common beginning.
    fn use_tree(&mut self, module: &[String], prefix: &mut Vec<String>) {
        let start = prefix.len();
        let line = self.line();
        // `use ::name` leads out of the crate.
        let is_external = start == 0 && self.text(0) == "::";
        loop {
            match self.text(0) {
                "{" => {
                    self.at += 1;
                    while !matches!(self.text(0), "}" | ";" | "") {
                        self.use_tree(module, prefix);
                        if self.text(0) == "," {
                            self.at += 1;
                        }
                    }
                    if self.text(0) == "}" {
                        self.at += 1;
                    }
                    break;
                }
                "::" => self.at += 1,
                "," | "}" | ";" | "" | "as" => {
                    // In a group, `self` is what stands before it.
                    if prefix.len() > 1 && prefix.last().is_some_and(|last| last == "self") {
                        prefix.pop();
                    }
                    let mut name = prefix.last().cloned();
                    if self.text(0) == "as" {
                        name = Some(self.text(1).to_owned());
                        self.at += 2;
                    }
                    if !is_external {
                        let file = self.file.to_owned();
                        self.add(module, Mention { segments: prefix.clone(), name, file, line });
                    }
                    break;
                }
                // A glob is an import of the module before it.
                "*" => {
                    let file = self.file.to_owned();
                    self.add(module, Mention { segments: prefix.clone(), name: None, file, line });
                    self.at += 1;
                    break;
                }
                segment => {
                    let segment = segment.to_owned();
                    prefix.push(segment);
                    self.at += 1;
                }
            }
        }
        prefix.truncate(start);
    }

    fn is_path_start(&self) -> bool {
        let is_word = self.text(0).starts_with(|c: char| c == '_' || c.is_alphabetic());
        let is_continued = self.at > 0 && self.tokens[self.at - 1].text == "::";
        is_word && self.text(1) == "::" && !is_continued
    }

    fn path(&mut self, module: &[String]) {
        let line = self.line();
        let mut segments = vec![self.text(0).to_owned()];
        self.at += 1;
        while self.text(0) == "::" && self.text(1).starts_with(|c: char| c == '_' || c.is_alphabetic()) {
            segments.push(self.text(1).to_owned());
            self.at += 2;
        }
        let file = self.file.to_owned();
        self.add(module, Mention { segments, name: None, file, line });
    }

    /// What a macro names by `$crate` is named by its module; the rest belongs to whoever calls it.
    fn macro_body(&mut self, module: &[String]) {
        let start = self.at;
        self.skip_group();
        let end = std::mem::replace(&mut self.at, start);
        while self.at < end {
            if self.starts_with(&["$", "crate", "::"]) {
                self.at += 1;
                self.path(module);
            } else {
                self.at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each import as `from -> to @ line`.
    fn imports(files: &[(&str, &str)]) -> Vec<String> {
        let read = |path: &Path| {
            let found = files.iter().find(|(name, _)| Path::new(name) == path);
            found.map(|(_, text)| (*text).to_owned())
        };
        let modules = Modules::read(Path::new("lib.rs"), &read);
        let written = |path: &ModulePath| path.join("::");
        let lines = modules.imports.iter();
        lines
            .filter(|import| !import.from.is_empty())
            .map(|import| format!("{} -> {} @ {}", written(&import.from), written(&import.to), import.line))
            .collect()
    }

    #[test]
    fn uses_are_followed_through_groups_renames_and_globs() {
        let a = "use crate::{\n b::{self, deep::Thing},\n c::Other as Alias,\n};\npub use crate::d::*;\nuse ::b::X;";
        let found = imports(&[
            ("lib.rs", "mod a; mod b; mod c; pub mod d;"),
            ("a.rs", a),
            ("b.rs", "pub mod deep;"),
            ("b/deep.rs", ""),
            ("c.rs", ""),
            ("d.rs", ""),
        ]);
        assert_eq!(found, ["a -> b @ 2", "a -> b::deep @ 2", "a -> c @ 3", "a -> d @ 5"]);
    }

    #[test]
    fn paths_in_the_code_are_imports() {
        let a = "fn f(x: crate::b::T) -> Vec<super::c::U> {\n    crate::b::make::<u8>(x)\n}";
        let found = imports(&[("lib.rs", "mod a; mod b; mod c;"), ("a.rs", a), ("b.rs", ""), ("c.rs", "")]);
        assert_eq!(found, ["a -> b @ 1", "a -> c @ 1", "a -> b @ 2"]);
    }

    #[test]
    fn a_folder_belongs_to_its_module() {
        let found = imports(&[
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "mod part; use self::part::X; use part::Y;"),
            ("a/part.rs", "use super::Z; use super::super::b::W;"),
            ("b.rs", ""),
        ]);
        assert_eq!(found, ["a -> a::part @ 1", "a -> a::part @ 1", "a::part -> a @ 1", "a::part -> b @ 1"]);
    }

    #[test]
    fn what_the_root_shows_is_followed_to_its_module() {
        let root = "mod a; mod b; mod error; pub use error::Error; use std::fmt; struct Own;\n\
                    macro_rules! say { () => {} }";
        let a = "use crate::Error; use crate::Own; use crate::fmt; fn f() { crate::shout!() }";
        let found = imports(&[
            ("lib.rs", root),
            ("a.rs", a),
            ("b.rs", "#[macro_export] macro_rules! shout { () => { $crate::a::f(); super::error::g() } }"),
            ("error.rs", ""),
        ]);
        assert_eq!(found, ["a -> error @ 1", "a ->  @ 1", "a -> b @ 1", "b -> a @ 1"]);
    }

    #[test]
    fn tests_macros_strings_and_comments_are_left_out() {
        let a = r#"
            #[cfg(test)]
            use crate::b::X;
            #[cfg(test)]
            #[allow(unused, reason = "tests")]
            mod tests { use crate::b::Y; fn f() { crate::b::g() } }
            #[cfg(all(test, unix))]
            fn only() -> Option<(u8, u8)> { crate::b::g() }
            struct S { #[cfg(test)] x: crate::b::T, y: u8 }
            /// See [`crate::b::Doc`].
            pub(in crate::b) const TEXT: &str = "crate::b::text";
            fn captured<'a>() -> impl Iterator + use<'a> { 0 }
            fn tokens() { quote! { crate::b::quoted } }
            #[cfg(any(test, feature = "x"))]
            fn both() { crate::b::last() }
        "#;
        let found = imports(&[
            ("lib.rs", "mod a; mod b; #[cfg(test)] mod t;"),
            ("a.rs", a),
            ("b.rs", ""),
            ("t.rs", "use crate::a::X;"),
        ]);
        assert_eq!(found, ["a -> b @ 15"]);
    }

    #[test]
    fn inline_modules_are_modules() {
        let root =
            "mod a; pub mod face { pub use crate::a::X; mod inner { use super::super::b::Y; } } mod b;";
        let found = imports(&[("lib.rs", root), ("a.rs", ""), ("b.rs", "use crate::face::X;")]);
        assert_eq!(found, ["b -> face @ 1", "face -> a @ 1", "face::inner -> b @ 1"]);
    }
}
