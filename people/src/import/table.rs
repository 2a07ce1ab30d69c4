//! The lines of a CSV file.
//!
//! A record is read into a buffer that does not grow, so that a file takes no more memory than its own size, whatever it
//! holds: `csv` itself makes room for as many cells as there are.

use csv::StringRecord;
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::Refused;

/// The separator of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`, where the comma is the decimal point.
    Semicolon,
    /// A tab, which is what copying out of a spreadsheet gives.
    Tab,
    /// `|`
    Pipe,
}

impl Delimiter {
    /// All variants.
    pub const ALL: [Self; 4] = [Self::Comma, Self::Semicolon, Self::Tab, Self::Pipe];

    /// Returns the key in URLs and forms.
    pub fn key(self) -> &'static str {
        match self {
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
            Self::Pipe => "pipe",
        }
    }

    /// Returns the label on the page.
    pub fn label(self) -> &'static str {
        match self {
            Self::Comma => "Comma",
            Self::Semicolon => "Semicolon",
            Self::Tab => "Tab",
            Self::Pipe => "Vertical bar",
        }
    }

    fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
        }
    }

    /// The one that a first line like `sep=;` names, which Excel writes and reads, and how many bytes that line has.
    pub(super) fn of_first_line(text: &str) -> Option<(Self, usize)> {
        let line = text.split(['\r', '\n']).next().unwrap_or_default();
        let bare = line.trim_end_matches([',', ';']).trim_matches('"');
        let mark = |line: &str| {
            line.get(..4)?.eq_ignore_ascii_case("sep=").then(|| line.as_bytes().get(4).copied())?
        };
        // `sep=,` loses its comma above, and needs it.
        let byte = mark(bare).or_else(|| mark(line))?;
        let found = Self::ALL.into_iter().find(|delimiter| delimiter.byte() == byte)?;
        (line.len() <= 10).then_some((found, line.len()))
    }

    /// The one that the first lines have most of, outside of quotes.
    pub fn sniff(text: &str) -> Self {
        let mut counts = [0_u32; Self::ALL.len()];
        let (mut quoted, mut lines) = (false, 0);
        for byte in text.bytes().take(64 * 1024) {
            match byte {
                b'"' => quoted = !quoted,
                b'\n' | b'\r' if !quoted => lines += 1,
                byte if !quoted => {
                    if let Some(index) = Self::ALL.iter().position(|delimiter| delimiter.byte() == byte) {
                        counts[index] += 1;
                    }
                }
                _ => {}
            }
            if lines == 20 {
                break;
            }
        }
        // Among equals the first: `max_by_key` takes the last.
        Self::ALL
            .into_iter()
            .zip(counts)
            .rev()
            .max_by_key(|(_, count)| *count)
            .map_or(Self::Comma, |(found, _)| found)
    }
}

/// The content type of a CSV file.
///
/// Source: RFC 7111, 5.1, and RFC 4180, 3.
pub const CSV_TYPE: &str = "text/csv; charset=utf-8; header=present";

/// The most columns that a file may have. Google's exports have some sixty.
pub(super) const COLUMNS_MAX: usize = 150;

/// The longest cell, in bytes: notes may be long, and a quote that is never closed is longer.
pub(super) const CELL_MAX: usize = 100_000;

/// The longest record, in bytes.
const RECORD_MAX: usize = 1024 * 1024;

/// The records of a text.
pub(super) struct Records<'a> {
    text: &'a [u8],
    reader: Reader,
    /// How much of the text is read.
    read: usize,
    cells: Vec<u8>,
    ends: [usize; COLUMNS_MAX + 1],
    byte: usize,
    line: u64,
}

impl<'a> Records<'a> {
    /// Reads a text with this delimiter from this byte on.
    pub(super) fn of(text: &'a str, from: usize, delimiter: Delimiter) -> Self {
        let reader = ReaderBuilder::new().delimiter(delimiter.byte()).build();
        let (cells, ends) = (vec![0; RECORD_MAX], [0; COLUMNS_MAX + 1]);
        Self { text: text.as_bytes(), reader, read: from, cells, ends, byte: 0, line: 1 }
    }

    /// Reads a record, and says how many cells it has.
    fn read(&mut self) -> Result<Option<usize>, Unread> {
        let (mut used, mut ended) = (0, 0);
        loop {
            let (rest, cells, ends) =
                (&self.text[self.read..], &mut self.cells[used..], &mut self.ends[ended..]);
            let (result, read, written, cell_ends) = self.reader.read_record(rest, cells, ends);
            self.read += read;
            used += written;
            ended += cell_ends;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => return Err(Unread::TooLong),
                ReadRecordResult::OutputEndsFull => return Err(Unread::TooWide),
                ReadRecordResult::Record if ended > COLUMNS_MAX => return Err(Unread::TooWide),
                ReadRecordResult::Record => return Ok(Some(ended)),
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    /// The line of the record that was found at a byte: the reader's own count leaves out what it skips before it.
    fn line_at(&mut self, found: usize) -> u64 {
        let is_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let blank = self.text[found..].iter().take_while(|byte| is_break(byte)).count();
        let between = &self.text[self.byte..found + blank];
        let before = self.byte.checked_sub(1).map_or(0, |byte| self.text[byte]);
        let breaks = between.iter().scan(before, |before, byte| {
            let is_new = *byte == b'\r' || (*byte == b'\n' && *before != b'\r');
            *before = *byte;
            Some(u64::from(is_new))
        });
        self.line += breaks.sum::<u64>();
        self.byte = found + blank;
        self.line
    }
}

impl Iterator for Records<'_> {
    /// The line on which it begins, and its cells.
    type Item = Result<(u64, StringRecord), Refused>;

    fn next(&mut self) -> Option<Self::Item> {
        let line = self.line_at(self.read);
        let columns = match self.read() {
            Ok(None) => return None,
            Ok(Some(columns)) => columns,
            Err(Unread::TooWide) => return Some(Err(Refused::TooManyColumns { line })),
            Err(Unread::TooLong) => return Some(Err(Refused::LongCell { line })),
        };
        let mut record = StringRecord::with_capacity(self.ends[columns.saturating_sub(1)], columns);
        let mut start = 0;
        for end in &self.ends[..columns] {
            if end - start > CELL_MAX {
                return Some(Err(Refused::LongCell { line }));
            }
            // The text is Unicode and is cut at ASCII alone, so nothing is replaced.
            record.push_field(&String::from_utf8_lossy(&self.cells[start..*end]));
            start = *end;
        }
        Some(Ok((line, record)))
    }
}

/// Why a record was not read to its end.
enum Unread {
    /// It has too many cells.
    TooWide,
    /// It is too long.
    TooLong,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_found_outside_of_quotes() {
        for (text, delimiter) in [
            ("name,email\nAnn,a@example.com", Delimiter::Comma),
            ("name;email\n\"Lee, Ann, Dr., Jr.\";a@example.com", Delimiter::Semicolon),
            ("name\temail\nLee, Ann\ta@example.com\nB\tb@example.com", Delimiter::Tab),
            ("name", Delimiter::Comma),
            ("", Delimiter::Comma),
        ] {
            assert_eq!(Delimiter::sniff(text), delimiter, "{text}");
        }
    }

    #[test]
    fn records_know_their_line() {
        let text = "a,b\r\n\r\n\"x\ny\",\"with \"\"quotes\"\"\"\r\nlast";
        let read: Vec<_> = Records::of(text, 0, Delimiter::Comma).map(Result::unwrap).collect();
        let cells: Vec<(u64, Vec<&str>)> =
            read.iter().map(|(line, record)| (*line, record.iter().collect())).collect();
        assert_eq!(cells, [(1, vec!["a", "b"]), (3, vec!["x\ny", "with \"quotes\""]), (5, vec!["last"])]);
    }

    #[test]
    fn every_kind_of_line_break_is_one() {
        for text in ["a,b\rc,d\r", "a,b\nc,d", "a,b\r\nc,d\r\n", "a,b\r\rc,d"] {
            let lines: Vec<u64> =
                Records::of(text, 0, Delimiter::Comma).map(|record| record.unwrap().0).collect();
            assert_eq!(lines.len(), 2, "{text:?}");
        }
    }

    #[test]
    fn a_first_line_names_the_delimiter() {
        for (text, expected) in [
            ("sep=;\r\nname;email", Some((Delimiter::Semicolon, 5))),
            ("SEP=,\nname", Some((Delimiter::Comma, 5))),
            ("\"sep=;\"\nname", Some((Delimiter::Semicolon, 7))),
            ("sep=\t\nname", Some((Delimiter::Tab, 5))),
            ("sep=|", Some((Delimiter::Pipe, 5))),
            ("sep=;;;;\rname", Some((Delimiter::Semicolon, 8))),
            ("sep=x\nname", None),
            ("sep=", None),
            ("sep", None),
            ("", None),
            ("\u{e9}\u{e9}=", None),
        ] {
            assert_eq!(Delimiter::of_first_line(text), expected, "{text:?}");
        }
        let rest: Vec<_> = Records::of("sep=;\r\na;b", 5, Delimiter::Semicolon).map(Result::unwrap).collect();
        assert_eq!((rest.len(), rest[0].0, &rest[0].1[1]), (1, 2, "b"));
    }

    #[test]
    fn lines_that_nobody_can_mean_are_refused() {
        let wide = ",".repeat(1_000_000);
        let found = Records::of(&wide, 0, Delimiter::Comma).next().unwrap().err();
        assert_eq!(found, Some(Refused::TooManyColumns { line: 1 }));
        let open = format!("a,b\nc,\"{}", "d,e\n".repeat(CELL_MAX));
        let found = Records::of(&open, 0, Delimiter::Comma).nth(1).unwrap().err();
        assert_eq!(found, Some(Refused::LongCell { line: 2 }));
    }
}
