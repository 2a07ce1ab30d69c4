//! The lines of a CSV file.
//!
//! What a line holds is given on without being kept, so that a file takes no more memory than its own size.

use csv::{ReaderBuilder, StringRecord, StringRecordsIntoIter};

use super::Refused;

/// What stands between two cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`, where the comma is the decimal point.
    Semicolon,
    /// A tab, which is what copying out of a spreadsheet gives.
    Tab,
}

impl Delimiter {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Comma, Self::Semicolon, Self::Tab];

    /// For addresses and forms.
    pub fn key(self) -> &'static str {
        match self {
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
        }
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Comma => "Comma",
            Self::Semicolon => "Semicolon",
            Self::Tab => "Tab",
        }
    }

    fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }

    /// The one that the first lines have most of, outside of quotes.
    pub fn sniff(text: &str) -> Self {
        let mut counts = [0_u32; 3];
        let (mut quoted, mut lines) = (false, 0);
        for byte in text.bytes().take(64 * 1024) {
            match byte {
                b'"' => quoted = !quoted,
                b'\n' if !quoted => lines += 1,
                byte if !quoted => {
                    if let Some(index) = Self::ALL.iter().position(|delimiter| delimiter.byte() == byte) {
                        counts[index] += 1;
                    }
                }
                _ => {}
            }
            if lines == 10 {
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

/// The records of a text.
pub(super) struct Records<'a> {
    text: &'a [u8],
    rows: StringRecordsIntoIter<&'a [u8]>,
    byte: usize,
    line: u64,
}

impl<'a> Records<'a> {
    /// Reads a text with this delimiter.
    pub(super) fn of(text: &'a str, delimiter: Delimiter) -> Self {
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter.byte())
            .from_reader(text.as_bytes());
        Self { text: text.as_bytes(), rows: reader.into_records(), byte: 0, line: 1 }
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
        // The text is in memory and Unicode, so reading it cannot fail.
        let record = self.rows.next()?.ok()?;
        let found = record.position().map_or(0, csv::Position::byte);
        let line = self.line_at(usize::try_from(found).unwrap_or_default());
        Some(if record.len() > COLUMNS_MAX {
            Err(Refused::TooManyColumns { line, columns: record.len() })
        } else if record.iter().any(|cell| cell.len() > CELL_MAX) {
            Err(Refused::LongCell { line })
        } else {
            Ok((line, record))
        })
    }
}

/// What a spreadsheet takes for the beginning of a formula.
///
/// Source: OWASP, CSV Injection.
fn begins_formula(c: char) -> bool {
    matches!(
        c,
        '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}'
    )
}

/// Whether a spreadsheet would take a cell for a formula, if it has as many apostrophes in front as it has.
fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(begins_formula)
}

/// A cell that no spreadsheet takes for a formula: an apostrophe in front makes it text. [`unguarded`] takes exactly
/// that away again.
pub fn guarded(cell: &str) -> String {
    if is_formula(cell) { format!("'{cell}") } else { cell.to_owned() }
}

/// A cell without the apostrophe that [`guarded`] put there.
pub fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(cell)
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
        let read: Vec<_> = Records::of(text, Delimiter::Comma).map(Result::unwrap).collect();
        let cells: Vec<(u64, Vec<&str>)> =
            read.iter().map(|(line, record)| (*line, record.iter().collect())).collect();
        assert_eq!(cells, [(1, vec!["a", "b"]), (3, vec!["x\ny", "with \"quotes\""]), (5, vec!["last"])]);
    }

    #[test]
    fn lines_that_nobody_can_mean_are_refused() {
        let wide = ",".repeat(1_000_000);
        let found = Records::of(&wide, Delimiter::Comma).next().unwrap().err();
        assert_eq!(found, Some(Refused::TooManyColumns { line: 1, columns: 1_000_001 }));
        let open = format!("a,b\nc,\"{}", "d,e\n".repeat(CELL_MAX));
        let found = Records::of(&open, Delimiter::Comma).nth(1).unwrap().err();
        assert_eq!(found, Some(Refused::LongCell { line: 2 }));
    }

    #[test]
    fn a_guarded_cell_is_no_formula_and_comes_back() {
        for (cell, guard) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("'=1", "''=1"),
            ("-x@example.com", "'-x@example.com"),
            ("'t Hooft", "'t Hooft"),
            ("Ann", "Ann"),
            ("", ""),
            ("''", "''"),
        ] {
            assert_eq!(guarded(cell), guard);
            assert_eq!(unguarded(&guarded(cell)), cell);
        }
        assert_eq!(unguarded("'+61 2 5550 1234"), "+61 2 5550 1234");
    }
}
