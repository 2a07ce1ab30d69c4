//! Positions in a schema file.

use std::ops::Range;

/// A half-open range of bytes in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// Returns the range from `start` up to `end`.
    pub fn new(start: u32, end: u32) -> Span {
        Span { start, end }
    }

    /// Returns the smallest range that contains both.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Moves the range by this many bytes.
    pub(crate) fn shift(&mut self, by: u32) {
        self.start += by;
        self.end += by;
    }

    /// Whether the range is empty.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Returns the range for indexing a `str`.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Returns the part of `text` that the range covers.
    pub fn of(self, text: &str) -> &str {
        &text[self.range()]
    }
}

/// A human-readable position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// The line, starting at 1.
    pub line: u32,
    /// The character in the line, starting at 1.
    pub column: u32,
}

/// Maps byte offsets to lines and columns. Built only when something is shown.
#[derive(Debug, Clone)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Indexes the lines of `text`. A line ends with `\n`, `\r\n` or a lone `\r`.
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

    /// Returns the position of a byte of `text`, which must be the text passed to [`LineIndex::new`].
    pub fn line_column(&self, text: &str, offset: u32) -> LineColumn {
        let line = self.starts.partition_point(|start| *start <= offset) - 1;
        let before = text.get(self.starts[line] as usize..offset as usize).unwrap_or_default();
        LineColumn { line: to_u32(line) + 1, column: to_u32(before.chars().count()) + 1 }
    }
}

/// Converts an offset to 32 bits: [`parse`](crate::parse()) rejects longer texts.
pub(crate) fn to_u32(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
