//! Decodes text. Single bytes in UTF-8 that are not UTF-8 are read as Windows-1252.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// Bytes of a file in UTF-8 that are not UTF-8, and were read as Windows-1252.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Strays {
    /// The number of bytes.
    pub(crate) count: usize,
    /// The line of the first.
    pub(crate) line: u64,
}

/// Decodes a part of a file in the encoding of the file.
pub(crate) fn decode_part<'a>(bytes: &'a [u8], encoding: &'static Encoding) -> Cow<'a, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) if encoding == UTF_8 => Cow::Borrowed(text),
        Err(_) if encoding == UTF_8 => Cow::Owned(with_strays(bytes).0),
        _ => encoding.decode_without_bom_handling(bytes).0,
    }
}

/// Decodes UTF-8 with stray bytes.
pub(crate) fn with_strays(bytes: &[u8]) -> (String, Option<Strays>) {
    let mut text = String::with_capacity(bytes.len() + 16);
    let (mut count, mut line) = (0, 1);
    let mut first = None;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if first.is_none() {
            line += chunk.valid().bytes().filter(|byte| *byte == b'\n').count() as u64;
        }
        if !chunk.invalid().is_empty() {
            count += chunk.invalid().len();
            first.get_or_insert(line);
            text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
        }
    }
    (text, first.map(|line| Strays { count, line }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stray_byte_in_a_part_is_read_as_windows_1252() {
        assert_eq!(decode_part(b"Zo\xeb", UTF_8), "Zo\u{eb}");
        assert_eq!(decode_part(b"Zo\xeb", WINDOWS_1252), "Zo\u{eb}");
    }
}
