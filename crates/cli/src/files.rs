//! Reading files.

use std::path::Path;
use std::{fs, io};

/// Reads a text file, without the byte order mark that some Windows editors add.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    let mut text = fs::read_to_string(path)?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}
