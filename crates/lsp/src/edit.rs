//! Edits of one or more files.

use std::collections::{BTreeMap, HashMap};

use gen_lsp_types::{
    DocumentChange, OptionalVersionedTextDocumentIdentifier, Range, TextDocumentEdit, TextDocumentIdentifier,
    TextEdit, WorkspaceEdit,
};
use nicol_schema::{Sources, Span};
use url::Url;

use crate::analysis::Analysis;
use crate::text::{Encoding, Text};

/// Changes to the files of a schema, given by spans of the concatenated text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Edits(Vec<(Span, String)>);

impl Edits {
    pub(crate) fn replace(&mut self, span: Span, text: impl Into<String>) {
        self.0.push((span, text.into()));
    }

    pub(crate) fn insert(&mut self, offset: u32, text: impl Into<String>) {
        self.replace(Span::new(offset, offset), text);
    }

    /// Returns the files after the changes.
    pub(crate) fn apply(&self, schema: &Analysis) -> Sources {
        let mut edits: Vec<&(Span, String)> = self.0.iter().collect();
        edits.sort_by_key(|(span, _)| *span);
        let mut texts: Vec<String> = schema.sources.files().map(|file| file.text.to_owned()).collect();
        for (span, new) in edits.into_iter().rev() {
            let Some((file, local)) = schema.locate(*span) else { continue };
            let text = schema.index_of(&file.path).and_then(|index| texts.get_mut(index));
            if let Some(text) = text {
                text.replace_range(local.range(), new);
            }
        }
        Sources::new(schema.sources.files().map(|file| file.name).zip(texts))
    }

    /// Returns the edit in the editor's terms. With `versioned`, it names the versions of the documents, so that the
    /// editor refuses it if they have changed since.
    pub(crate) fn finish(mut self, schema: &Analysis, versioned: bool) -> WorkspaceEdit {
        self.0.sort_by_key(|(span, _)| *span);
        let mut files: BTreeMap<usize, Vec<TextEdit>> = BTreeMap::new();
        for (span, text) in self.0 {
            let Some((file, range)) = schema.range(span) else { continue };
            let Some(index) = schema.index_of(&file.path) else { continue };
            let new_text = if file.text.line_break() == "\n" {
                text
            } else {
                text.replace('\n', file.text.line_break())
            };
            files.entry(index).or_default().push(TextEdit { range, new_text });
        }
        let files = files.into_iter().map(|(index, edits)| (&schema.files[index], edits));
        let mut edit = WorkspaceEdit::default();
        if versioned {
            let changes = files.map(|(file, edits)| {
                DocumentChange::TextDocumentEdit(TextDocumentEdit {
                    text_document: OptionalVersionedTextDocumentIdentifier {
                        version: file.version,
                        text_document_identifier: TextDocumentIdentifier { uri: file.uri.clone() },
                    },
                    edits: edits.into_iter().map(Into::into).collect(),
                })
            });
            edit.document_changes = Some(changes.collect());
        } else {
            let changes: HashMap<Url, Vec<TextEdit>> =
                files.map(|(file, edits)| (file.uri.clone(), edits)).collect();
            edit.changes = Some(changes);
        }
        edit
    }
}

/// Returns the edit that makes `new` of a text, without the lines that are equal at the beginning and the end; `None` if
/// nothing changes.
pub(crate) fn difference(old: &Text, new: &str, encoding: Encoding) -> Option<TextEdit> {
    let before = old.content();
    if before == new {
        return None;
    }
    let line_len = |(a, b): (&str, &str)| (a == b).then_some(a.len());
    let start: usize = before.split_inclusive('\n').zip(new.split_inclusive('\n')).map_while(line_len).sum();
    let (old_rest, new_rest) = (&before[start..], &new[start..]);
    let ends = old_rest.split_inclusive('\n').rev().zip(new_rest.split_inclusive('\n').rev());
    let end: usize = ends.map_while(line_len).sum();
    let range: Range = old.range(start..before.len() - end, encoding);
    Some(TextEdit { range, new_text: new_rest[..new_rest.len() - end].to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_lines_are_left_out() {
        for (old, new) in [
            ("a\nb\nc\n", "a\nB\nc\n"),
            ("a\n", "a\na\n"),
            ("a\na\n", "a\n"),
            ("", "a"),
            ("a", ""),
            ("a\r\nb\r\n", "a\nb\n"),
            ("a\nb", "a\nb\n"),
        ] {
            let mut text = Text::new(old.to_owned());
            let edit = difference(&text, new, Encoding::Utf16).expect("they differ");
            let change = gen_lsp_types::TextDocumentContentChangePartial {
                range: edit.range,
                text: edit.new_text,
                ..Default::default()
            };
            text.apply(vec![change.into()], Encoding::Utf16);
            assert_eq!(text.content(), new);
        }
        assert_eq!(difference(&Text::new("a".to_owned()), "a", Encoding::Utf16), None);
    }
}
