//! From bytes to text: what a file is written in is not said anywhere, so it is found out.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::Refused;

/// A text and what it was written in.
#[derive(Debug, PartialEq, Eq)]
pub struct Text {
    /// The text, without a byte order mark.
    pub text: String,
    /// What it was written in, as people call it.
    pub encoding: &'static str,
}

/// Decodes a file.
///
/// A byte order mark decides. Without one it is UTF-8 if it can be, UTF-16 if every other byte is zero, and otherwise
/// Windows-1252, in which Excel writes CSV in the western half of the world.
///
/// # Errors
/// The file is empty, a workbook, or no text.
pub fn decode(data: Vec<u8>) -> Result<Text, Refused> {
    if data.iter().all(u8::is_ascii_whitespace) {
        return Err(Refused::Empty);
    }
    if data.starts_with(b"PK\x03\x04") || data.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(Refused::Workbook);
    }
    let (encoding, mark) = match Encoding::for_bom(&data) {
        Some(found) => found,
        None => (guess(&data).ok_or(Refused::NotText)?, 0),
    };
    let name = match encoding.name() {
        "UTF-16LE" | "UTF-16BE" => "UTF-16",
        "windows-1252" => "Windows-1252",
        _ => "UTF-8",
    };
    if encoding == UTF_8 && mark == 0 {
        let text = String::from_utf8(data).map_err(|_| Refused::NotText)?;
        return Ok(Text { text, encoding: name });
    }
    let (text, has_errors) = encoding.decode_without_bom_handling(&data[mark..]);
    if has_errors {
        return Err(Refused::Damaged(name));
    }
    Ok(Text { text: text.into_owned(), encoding: name })
}

fn guess(data: &[u8]) -> Option<&'static Encoding> {
    let start = &data[..data.len().min(4096)];
    let zeros = |from: usize| start.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, most) = (zeros(0), zeros(1), start.len() / 2 * 3 / 4);
    if odd > most && even == 0 {
        Some(UTF_16LE)
    } else if even > most && odd == 0 {
        Some(UTF_16BE)
    } else if std::str::from_utf8(data).is_ok() {
        Some(UTF_8)
    } else if data.contains(&0) {
        None
    } else {
        Some(WINDOWS_1252)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn the_usual_encodings_are_told_apart() {
        let text = "name;e-mail\r\nJ\u{f6}rg \u{20ac};j@example.com\r\n";
        let mark = format!("\u{feff}{text}");
        let windows = WINDOWS_1252.encode(text).0.into_owned();
        for (data, encoding) in [
            (text.as_bytes().to_vec(), "UTF-8"),
            (mark.as_bytes().to_vec(), "UTF-8"),
            (utf16(&mark, u16::to_le_bytes), "UTF-16"),
            (utf16(&mark, u16::to_be_bytes), "UTF-16"),
            (utf16(text, u16::to_le_bytes), "UTF-16"),
            (utf16(text, u16::to_be_bytes), "UTF-16"),
            (windows, "Windows-1252"),
        ] {
            assert_eq!(decode(data), Ok(Text { text: text.into(), encoding }));
        }
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for (data, why) in [
            (&b""[..], Refused::Empty),
            (b" \r\n\t", Refused::Empty),
            (b"PK\x03\x04rest of a workbook", Refused::Workbook),
            (b"\x89PNG\r\n\x1a\n\x00\x00\x00\xff\xfe\x00", Refused::NotText),
            (b"\xff\xfea\x00b\x00\x00\xd8", Refused::Damaged("UTF-16")),
            (b"\xef\xbb\xbfname\xff", Refused::Damaged("UTF-8")),
        ] {
            assert_eq!(decode(data.to_vec()).err(), Some(why));
        }
    }
}
