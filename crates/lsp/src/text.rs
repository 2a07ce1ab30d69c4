//! Texts with positions as editors count them.

use gen_lsp_types::{Position, PositionEncodingKind, Range, TextDocumentContentChangeEvent};

/// The unit of `character` in a [`Position`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Encoding {
    Utf8,
    /// The protocol's default.
    #[default]
    Utf16,
}

impl Encoding {
    /// Chooses UTF-8 if the client offers it.
    pub(crate) fn choose(offered: &[PositionEncodingKind]) -> Encoding {
        if offered.contains(&PositionEncodingKind::UTF8) { Encoding::Utf8 } else { Encoding::Utf16 }
    }

    pub(crate) fn kind(self) -> PositionEncodingKind {
        match self {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
        }
    }

    fn len(self, c: char) -> usize {
        match self {
            Encoding::Utf8 => c.len_utf8(),
            Encoding::Utf16 => c.len_utf16(),
        }
    }
}

/// A text with an index of its lines. A line ends with `\n`, `\r\n` or a lone `\r`.
///
/// Source: Language Server Protocol 3.17, "Text Documents".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    content: String,
    /// The first byte of each line.
    starts: Vec<usize>,
}

impl Text {
    pub(crate) fn new(content: String) -> Text {
        let bytes = content.as_bytes();
        let mut starts = vec![0];
        starts.extend((0..bytes.len()).filter_map(|at| match bytes[at] {
            b'\n' => Some(at + 1),
            b'\r' if bytes.get(at + 1) != Some(&b'\n') => Some(at + 1),
            _ => None,
        }));
        Text { content, starts }
    }

    pub(crate) fn content(&self) -> &str {
        &self.content
    }

    /// The line break of the first line; `\n` if there is none.
    pub(crate) fn line_break(&self) -> &'static str {
        let first = self.starts.get(1).map_or("", |start| &self.content[..*start]);
        if first.ends_with("\r\n") { "\r\n" } else { "\n" }
    }

    /// Returns the byte at a position. A position beyond the end of its line, or inside of a character, is moved to the
    /// nearest one before it, as the protocol demands.
    pub(crate) fn offset(&self, position: Position, encoding: Encoding) -> usize {
        let line = position.line as usize;
        let Some(start) = self.starts.get(line).copied() else { return self.content.len() };
        let end = self.starts.get(line + 1).copied().unwrap_or(self.content.len());
        let line = self.content[start..end].trim_end_matches(['\r', '\n']);
        let mut left = position.character as usize;
        for (at, c) in line.char_indices() {
            let len = encoding.len(c);
            if left < len {
                return start + at;
            }
            left -= len;
        }
        start + line.len()
    }

    /// Returns the position of a byte, or of the character that contains it.
    pub(crate) fn position(&self, offset: usize, encoding: Encoding) -> Position {
        let offset = self.content.floor_char_boundary(offset.min(self.content.len()));
        let line = self.starts.partition_point(|start| *start <= offset) - 1;
        let before = &self.content[self.starts[line]..offset];
        let character: usize = before.chars().map(|c| encoding.len(c)).sum();
        Position { line: to_u32(line), character: to_u32(character) }
    }

    pub(crate) fn range(&self, bytes: std::ops::Range<usize>, encoding: Encoding) -> Range {
        Range { start: self.position(bytes.start, encoding), end: self.position(bytes.end, encoding) }
    }

    /// Applies the changes of an edit, each to the result of the one before.
    pub(crate) fn apply(&mut self, changes: Vec<TextDocumentContentChangeEvent>, encoding: Encoding) {
        for change in changes {
            let content = match change {
                TextDocumentContentChangeEvent::TextDocumentContentChangePartial(part) => {
                    let start = self.offset(part.range.start, encoding);
                    let end = self.offset(part.range.end, encoding).max(start);
                    let mut content = std::mem::take(&mut self.content);
                    content.replace_range(start..end, &part.text);
                    content
                }
                TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(whole) => whole.text,
            };
            *self = Text::new(content);
        }
    }
}

/// Lines and columns beyond four billion do not exist: `nicol-schema` rejects such texts.
fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    #[test]
    fn characters_are_counted_in_the_agreed_unit() {
        let text = Text::new("aé😀z\r\nb\rc\n".to_owned());
        let end = text.content.find('z').expect("it is there");
        assert_eq!(text.position(end, Encoding::Utf16), at(0, 4));
        assert_eq!(text.position(end, Encoding::Utf8), at(0, 7));
        for encoding in [Encoding::Utf8, Encoding::Utf16] {
            for (offset, _) in text.content.char_indices().filter(|(_, c)| !"\r\n".contains(*c)) {
                assert_eq!(text.offset(text.position(offset, encoding), encoding), offset);
            }
        }
        assert_eq!(text.position(text.content.len(), Encoding::Utf16), at(3, 0));
        assert_eq!(text.line_break(), "\r\n");
    }

    #[test]
    fn positions_that_do_not_exist_are_moved_back() {
        let text = Text::new("a😀\r\nb".to_owned());
        assert_eq!(text.offset(at(0, 2), Encoding::Utf16), 1, "inside of a surrogate pair");
        assert_eq!(text.offset(at(0, 99), Encoding::Utf16), 5, "before the line break");
        assert_eq!(text.offset(at(7, 0), Encoding::Utf16), text.content.len());
        assert_eq!(text.position(3, Encoding::Utf16), at(0, 1), "inside of a character");
    }

    #[test]
    fn changes_apply_one_after_the_other() {
        let mut text = Text::new("one\ntwo\n".to_owned());
        let part = |start, end, text: &str| {
            TextDocumentContentChangeEvent::TextDocumentContentChangePartial(
                gen_lsp_types::TextDocumentContentChangePartial {
                    range: Range { start, end },
                    text: text.to_owned(),
                    ..Default::default()
                },
            )
        };
        let changes = vec![
            part(at(0, 0), at(1, 0), ""),
            part(at(0, 3), at(0, 3), "!\nthree"),
            part(at(9, 9), at(1, 1), "\n"),
        ];
        text.apply(changes, Encoding::Utf16);
        assert_eq!(text.content(), "two!\nthree\n\n");
        text.apply(vec![], Encoding::Utf16);
        assert_eq!(text, Text::new("two!\nthree\n\n".to_owned()));
    }
}
