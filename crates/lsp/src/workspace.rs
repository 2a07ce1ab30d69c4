//! The open documents, and the schemas that they belong to.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::SystemTime;

use gen_lsp_types::TextDocumentContentChangeEvent;
use nicol_schema::ast::Item;
use url::Url;

use crate::analysis::{Analysis, File};
use crate::locate::{self, Root};
use crate::text::{Encoding, Text};

/// A document that is open in the editor; its text takes precedence over the file on disk.
#[derive(Debug)]
struct Document {
    /// The address as the editor writes it.
    uri: Url,
    version: i32,
    text: Rc<Text>,
}

/// A file as it was when it was read last.
#[derive(Debug)]
struct Read {
    stamp: Stamp,
    text: Rc<Text>,
}

/// What tells that a file has changed on disk.
type Stamp = (Option<SystemTime>, u64);

/// The open documents, the files beside them, and what is known about their schemas.
///
/// Every question looks at the disk again, so that answers are right even if the editor does not watch files. Only what
/// has changed is read and parsed.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    /// The schema that the user has given.
    given: Option<PathBuf>,
    encoding: Encoding,
    open: BTreeMap<PathBuf, Document>,
    disk: BTreeMap<PathBuf, Read>,
    schemas: BTreeMap<Root, Rc<Analysis>>,
}

impl Workspace {
    pub(crate) fn new(given: Option<PathBuf>, encoding: Encoding) -> Workspace {
        Workspace { given, encoding, ..Workspace::default() }
    }

    pub(crate) fn open(&mut self, uri: Url, version: i32, text: String) {
        let text = Rc::new(Text::new(text));
        self.open.insert(path_of(&uri), Document { uri, version, text });
    }

    /// Changes of documents that are not open are ignored: their text is unknown.
    pub(crate) fn change(&mut self, uri: &Url, version: i32, changes: Vec<TextDocumentContentChangeEvent>) {
        let Some(document) = self.open.get_mut(&path_of(uri)) else { return };
        let mut text = Text::clone(&document.text);
        text.apply(changes, self.encoding);
        document.text = Rc::new(text);
        document.version = version;
    }

    pub(crate) fn close(&mut self, uri: &Url) {
        self.open.remove(&path_of(uri));
        // What no open document needs is forgotten.
        let roots: Vec<Root> = self.open.keys().map(|path| self.root_of(path)).collect();
        self.schemas.retain(|root, _| {
            roots.contains(root) || matches!(root, Root::File(path) if self.open.contains_key(path))
        });
        let Self { schemas, disk, .. } = self;
        disk.retain(|path, _| {
            schemas.values().any(|schema| schema.files.iter().any(|file| file.path == *path))
        });
    }

    /// Returns the paths of the open documents.
    pub(crate) fn documents(&self) -> Vec<PathBuf> {
        self.open.keys().cloned().collect()
    }

    /// Returns the schema that a document belongs to; `None` if it is not open, so that its text is unknown.
    pub(crate) fn schema_of(&mut self, path: &Path) -> Option<Rc<Analysis>> {
        if !self.open.contains_key(path) {
            return None;
        }
        let root = self.root_of(path);
        let schema = self.analyze(&root);
        let is_one_schema = !matches!(root, Root::Found(_)) || datasources(&schema) < 2;
        if is_one_schema && schema.files.iter().any(|file| file.path == path) {
            return Some(schema);
        }
        // The files beside it are schemas of their own.
        Some(self.analyze(&Root::File(path.to_owned())))
    }

    fn root_of(&self, path: &Path) -> Root {
        locate::root_of(path, self.given.as_deref())
    }

    fn analyze(&mut self, root: &Root) -> Rc<Analysis> {
        let files = self.files_of(root);
        if let Some(known) = self.schemas.get(root).filter(|known| known.files == files) {
            return Rc::clone(known);
        }
        let schema = Rc::new(Analysis::new(files, self.encoding));
        self.schemas.insert(root.clone(), Rc::clone(&schema));
        schema
    }

    /// Returns the current files of a schema, in the order in which all commands read them.
    fn files_of(&mut self, root: &Root) -> Vec<File> {
        let paths = match root {
            Root::File(path) => [path.clone()].into(),
            Root::Named(folder) | Root::Found(folder) => {
                let mut paths = locate::files_below(folder);
                let unsaved =
                    self.open.keys().filter(|path| path.starts_with(folder) && locate::is_schema(path));
                paths.extend(unsaved.cloned());
                paths
            }
        };
        paths.into_iter().filter_map(|path| self.file(path)).collect()
    }

    /// Returns a file as it is in the editor or on disk. One that cannot be read does not belong to the schema.
    fn file(&mut self, path: PathBuf) -> Option<File> {
        if let Some(document) = self.open.get(&path) {
            let (uri, version) = (document.uri.clone(), Some(document.version));
            return Some(File { path, uri, version, text: Rc::clone(&document.text) });
        }
        let uri = Url::from_file_path(&path).ok()?;
        let metadata = fs::metadata(&path).ok()?;
        let stamp = (metadata.modified().ok(), metadata.len());
        let known = self.disk.get(&path).filter(|known| known.stamp == stamp);
        let text = match known {
            Some(known) => Rc::clone(&known.text),
            None => {
                let bytes = fs::read(&path).ok()?;
                let content = String::from_utf8_lossy(&bytes);
                let text =
                    Rc::new(Text::new(content.strip_prefix('\u{feff}').unwrap_or(&content).to_owned()));
                self.disk.insert(path.clone(), Read { stamp, text: Rc::clone(&text) });
                text
            }
        };
        Some(File { path, uri, version: None, text })
    }
}

fn datasources(schema: &Analysis) -> usize {
    let items = schema.parse.tree.file().items();
    items.filter(|item| matches!(item, Item::Config(block) if block.is_datasource())).count()
}

/// Returns the path of a document. One that is not a file has a relative path, which no file has.
pub(crate) fn path_of(uri: &Url) -> PathBuf {
    uri.to_file_path().unwrap_or_else(|()| PathBuf::from(uri.as_str()))
}
