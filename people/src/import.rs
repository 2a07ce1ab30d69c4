//! Importing people from CSV (as spreadsheets and address books write it), vCard or JSON files.
//!
//! ```text
//! upload ─► imports (table) ─► text ─┬► table, columns ─┬► contact ─► check ─► preview
//!                                    ├► vcard ──────────┤               └────► commit: one transaction
//!                                    └► json ───────────┘                         └─► rest: who was left out
//! ```
//!
//! `sheet` runs the steps from the text to the checked people.
//!
//! A file is read one bounded record at a time, so that reading takes little more memory than the file and its people.
//!
//! An upload is stored in the database for an hour, so that every instance can show the preview and the file is sent
//! once. The import reads the same bytes with the same [`Options`] as the preview.

use std::fmt;

mod check;
mod columns;
mod commit;
mod json;
mod mapping;
mod options;
mod rest;
mod sheet;
mod spreadsheet;
mod store;
mod table;
mod text;

pub use check::{Change, Checked, Fate, RowError, Sample, Wrong};
pub use commit::{Done, ImportError, Preview, commit, preview};
pub use mapping::Target;
pub use options::{Existing, Options};
pub use rest::rest_file;
pub use sheet::{Sheet, read};
pub use spreadsheet::{guarded, unguarded};
pub use store::{KEPT_FOR, find, store, sweep};
pub use table::{CSV_TYPE, Delimiter};
pub use text::{ENCODINGS, Known, encoding_label, probe};

/// The largest file, in bytes.
pub const FILE_MAX: usize = 32 * 1024 * 1024;

/// The maximum number of people in a file.
pub const ROWS_MAX: usize = 200_000;

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is empty.
    Empty,
    /// It is larger than [`FILE_MAX`].
    TooLarge,
    /// It is a workbook of Excel or another office program.
    Workbook,
    /// It is not text.
    NotText,
    /// It is not valid in the chosen encoding.
    Damaged(&'static str),
    /// It starts like JSON but is invalid.
    Json {
        /// The line.
        line: u64,
    },
    /// It holds more than [`ROWS_MAX`] people.
    TooManyRows,
    /// A line has too many columns.
    TooManyColumns {
        /// The line.
        line: u64,
    },
    /// A cell is too long; a quotation mark is probably unmatched.
    LongCell {
        /// The line on which its record begins.
        line: u64,
    },
    /// It has only headings, or only cards of groups.
    Nobody,
}

/// The message for the user.
impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str(
                "There is nothing to import. Choose a file that is not empty, or paste lines below.",
            ),
            Self::TooLarge => f.write_str("The file is larger than 32 MB. Split it and import the parts."),
            Self::Workbook => {
                f.write_str("This is a workbook. Save it as CSV (“CSV UTF-8” in Excel) and choose that file.")
            }
            Self::NotText => f.write_str("This is not a text file. Choose a CSV, vCard (.vcf) or JSON file."),
            Self::Damaged(encoding) => {
                write!(
                    f,
                    "Parts of the file are not valid {encoding}. Choose another encoding below, or save the file as CSV (UTF-8)."
                )
            }
            Self::Json { line } => {
                write!(
                    f,
                    "The file looks like JSON, but line {line} is not valid: a list of objects is expected."
                )
            }
            Self::TooManyRows => {
                f.write_str("The file has more than 200,000 people. Split it and import the parts.")
            }
            Self::TooManyColumns { line } => {
                write!(f, "Line {line} has more than 150 columns. Choose another separator below.")
            }
            Self::LongCell { line } => write!(
                f,
                "A cell of the record on line {line} does not end. Look for an unmatched quotation mark (\")."
            ),
            Self::Nobody => f.write_str("There are no people in this file."),
        }
    }
}
