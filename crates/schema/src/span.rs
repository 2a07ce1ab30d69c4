//! Places in a schema file.

use std::ops::Range;

/// A range of bytes in the text, start included and end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// The range from `start` up to `end`.
    pub fn new(start: u32, end: u32) -> Span {
        Span { start, end }
    }

    /// The smallest range that holds both.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Moves it towards the end.
    pub(crate) fn shift(&mut self, by: u32) {
        self.start += by;
        self.end += by;
    }

    /// Does it hold no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The same range, to index a `str` with.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The part of `text` that it covers.
    pub fn of(self, text: &str) -> &str {
        &text[self.range()]
    }
}

/// A place as people count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// The line, from 1.
    pub line: u32,
    /// The character within the line, from 1.
    pub column: u32,
}

/// From byte offsets to lines and columns; made only where something is shown.
#[derive(Debug, Clone)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// The lines of `text`. A line ends with `\n`, `\r\n` or a lone `\r`.
    pub fn new(text: &str) -> LineIndex {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (at, byte) in (0u32..).zip(bytes) {
            let ends_line = match byte {
                b'\n' => true,
                b'\r' => bytes.get(at as usize + 1) != Some(&b'\n'),
                _ => false,
            };
            if ends_line {
                starts.push(at + 1);
            }
        }
        LineIndex { starts }
    }

    /// The place of a byte of `text`, which has to be the text of [`LineIndex::new`].
    pub fn line_column(&self, text: &str, offset: u32) -> LineColumn {
        let line = self.starts.partition_point(|start| *start <= offset) - 1;
        let before = text.get(self.starts[line] as usize..offset as usize).unwrap_or_default();
        LineColumn { line: to_u32(line) + 1, column: to_u32(before.chars().count()) + 1 }
    }
}

/// Offsets are 32 bits wide: [`parse`](crate::parse()) refuses longer texts.
pub(crate) fn to_u32(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
