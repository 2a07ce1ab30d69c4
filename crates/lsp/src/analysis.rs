//! What is known about the files of a schema at one moment.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use gen_lsp_types::{Location, Position, Range};
use nicol_schema::symbols::{Occurrence, Symbol, occurrences};
use nicol_schema::{DatasourceUrl, Parse, Schema, Sources, Span, Validated};
use url::Url;

use crate::text::{Encoding, Text};

/// A file of a schema.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) path: PathBuf,
    pub(crate) uri: Url,
    /// The version of the open document; `None` for a file on disk.
    pub(crate) version: Option<i32>,
    pub(crate) text: Rc<Text>,
}

impl PartialEq for File {
    fn eq(&self, other: &File) -> bool {
        let is_same_text = Rc::ptr_eq(&self.text, &other.text) || self.text == other.text;
        self.path == other.path && self.version == other.version && is_same_text
    }
}

/// The files of a schema, parsed. They are validated when it is first needed.
#[derive(Debug)]
pub(crate) struct Analysis {
    /// In the same order as the files of `sources`.
    pub(crate) files: Vec<File>,
    pub(crate) sources: Sources,
    pub(crate) parse: Parse,
    pub(crate) encoding: Encoding,
    validated: OnceCell<Validated>,
}

impl Analysis {
    pub(crate) fn new(files: Vec<File>, encoding: Encoding) -> Analysis {
        let sources =
            Sources::new(files.iter().map(|file| (file.path.display().to_string(), file.text.content())));
        let parse = nicol_schema::parse_files(&sources);
        Analysis { files, sources, parse, encoding, validated: OnceCell::new() }
    }

    pub(crate) fn validated(&self) -> &Validated {
        self.validated
            .get_or_init(|| nicol_schema::validate_files_with(&self.sources, DatasourceUrl::Optional))
    }

    /// Returns the model, if the schema has no errors.
    pub(crate) fn schema(&self) -> Option<&Schema> {
        self.validated().schema.as_ref()
    }

    /// Returns the index of a file.
    pub(crate) fn index_of(&self, path: &Path) -> Option<usize> {
        self.files.iter().position(|file| file.path == path)
    }

    /// Returns the byte of the concatenated text at a position of a file.
    pub(crate) fn offset(&self, path: &Path, position: Position) -> Option<u32> {
        let index = self.index_of(path)?;
        let within = self.files[index].text.offset(position, self.encoding);
        let start = self.sources.files().nth(index)?.span.start;
        Some(start + u32::try_from(within).ok()?)
    }

    /// Returns the file that contains a span, and the span in it.
    pub(crate) fn locate(&self, span: Span) -> Option<(&File, Span)> {
        let files = self.sources.files().zip(&self.files);
        let (source, file) = files.take_while(|(source, _)| source.span.start <= span.start).last()?;
        Some((file, source.local(span)))
    }

    /// Returns the file and the range that a span covers.
    pub(crate) fn range(&self, span: Span) -> Option<(&File, Range)> {
        let (file, span) = self.locate(span)?;
        Some((file, file.text.range(span.range(), self.encoding)))
    }

    pub(crate) fn location(&self, span: Span) -> Option<Location> {
        let (file, range) = self.range(span)?;
        Some(Location { uri: file.uri.clone(), range })
    }

    /// Returns the name at a byte, or just before it.
    pub(crate) fn occurrence_at(&self, offset: u32) -> Option<Occurrence<'_>> {
        let touches = |it: &Occurrence<'_>| it.name.span.start <= offset && offset <= it.name.span.end;
        let found = occurrences(self.parse.tree.file()).into_iter().filter(touches);
        // Between two names, the one that begins here.
        found.max_by_key(|it| it.name.span.start)
    }

    /// Returns all occurrences of a name.
    pub(crate) fn occurrences_of(&self, symbol: Symbol<'_>) -> Vec<Occurrence<'_>> {
        occurrences(self.parse.tree.file()).into_iter().filter(|it| it.symbol == symbol).collect()
    }
}
