//! Importing people from a file: CSV, as spreadsheets and address books write it, or vCard.
//!
//! ```text
//! upload ─► imports (table) ─► text ─► table + mapping, or vcard ─► check ─► preview
//!                                                                     └────► commit: one transaction, all or nothing
//! ```
//!
//! An upload is kept in the database for an hour, so that every instance can show the preview and the file is sent
//! once. What is imported is what the preview showed, read again from the same bytes with the same [`Options`].

use std::fmt;

mod check;
mod commit;
mod mapping;
mod options;
mod store;
mod table;
mod text;

pub use check::{Checked, Fate, Problem, Sample, Sheet, read};
pub use commit::{Done, ImportError, Preview, commit, preview};
pub use mapping::Target;
pub use options::{Existing, Options};
pub use store::{KEPT_FOR, find, store, sweep};
pub use table::{CSV_TYPE, Delimiter, guarded, unguarded};
pub use text::{Text, decode};

/// The largest file, in bytes.
pub const FILE_MAX: usize = 32 * 1024 * 1024;

/// The most people that a file may hold.
pub const ROWS_MAX: usize = 200_000;

/// Why a file cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is nothing in it.
    Empty,
    /// It is larger than [`FILE_MAX`].
    TooLarge,
    /// It is a workbook of Excel or another office program.
    Workbook,
    /// It is no text.
    NotText,
    /// It says that it is written in this encoding, and is not.
    Damaged(&'static str),
    /// It holds more than [`ROWS_MAX`] people.
    TooManyRows,
    /// A line has more columns than anybody means.
    TooManyColumns {
        /// The line.
        line: u64,
        /// How many it has.
        columns: usize,
    },
    /// A cell is so long that a quote must have been left open.
    LongCell {
        /// The line on which its record begins.
        line: u64,
    },
    /// It has headings and nothing else, or cards of groups alone.
    Nobody,
}

/// For people.
impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("The file is empty. Choose another one, or paste its lines below."),
            Self::TooLarge => f.write_str("The file is larger than 32 MB. Split it and import the parts."),
            Self::Workbook => f.write_str(
                "This is a workbook. Open it in its program, save it as CSV (“CSV UTF-8” in Excel), and choose that file.",
            ),
            Self::NotText => f.write_str("This is not a text file. Choose a CSV file or a vCard file (.vcf)."),
            Self::Damaged(encoding) => {
                write!(f, "The file says that it is {encoding}, but parts of it are not. Save it anew as CSV (UTF-8).")
            }
            Self::TooManyRows => {
                f.write_str("The file has more than 200,000 people. Split it and import the parts.")
            }
            Self::TooManyColumns { line, columns } => write!(
                f,
                "Line {line} has {columns} columns; 150 can be read at most. Is another separator meant?"
            ),
            Self::LongCell { line } => write!(
                f,
                "The record on line {line} has a cell that does not seem to end. Look for a quotation mark (\") without its partner."
            ),
            Self::Nobody => f.write_str("There is nobody in this file."),
        }
    }
}
