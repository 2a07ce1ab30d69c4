//! String literals, which follow JSON.
//!
//! Source: RFC 8259, section 7.

use crate::span::{Span, to_u32};

/// Decodes a string literal, quotes included.
pub(crate) fn unescape(literal: &str) -> String {
    unescape_with(literal, |_, _| {})
}

/// Returns the invalid escapes of a string literal, as byte ranges within it.
pub(crate) fn bad_escapes(literal: &str) -> Vec<(Span, BadEscape)> {
    let mut bad = Vec::new();
    unescape_with(literal, |span, what| bad.push((span, what)));
    bad
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadEscape {
    Unknown,
    Unicode,
}

fn unescape_with(literal: &str, mut report: impl FnMut(Span, BadEscape)) -> String {
    let content = literal.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default();
    let mut out = String::with_capacity(content.len());
    let mut at = 0;
    while let Some(c) = content[at..].chars().next() {
        if c != '\\' {
            out.push(c);
            at += c.len_utf8();
            continue;
        }
        let Some(escaped) = content[at + 1..].chars().next() else {
            break;
        };
        let mut len = 1 + escaped.len_utf8();
        match escaped {
            '"' | '\\' | '/' => out.push(escaped),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'u' => match code_point(&content[at..]) {
                Ok((c, consumed)) => {
                    out.push(c);
                    len = consumed;
                }
                Err(consumed) => {
                    len = consumed;
                    report(within(at, len), BadEscape::Unicode);
                }
            },
            _ => report(within(at, len), BadEscape::Unknown),
        }
        at += len;
    }
    out
}

/// Turns a range of the contents into a range of the literal, which starts with a quote.
fn within(at: usize, len: usize) -> Span {
    Span::new(to_u32(at + 1), to_u32(at + 1 + len))
}

/// Decodes `\uXXXX` or a surrogate pair: the character and its length in bytes, or the length of the invalid part.
fn code_point(text: &str) -> Result<(char, usize), usize> {
    let first = hex4(text)?;
    if let Some(c) = char::from_u32(u32::from(first)) {
        return Ok((c, 6));
    }
    let second = hex4(&text[6..]).map_err(|_| 6usize)?;
    match char::decode_utf16([first, second]).next() {
        Some(Ok(c)) => Ok((c, 12)),
        _ => Err(12),
    }
}

/// Returns the value of the four digits after `\u`, or the length of what looks like an escape.
fn hex4(text: &str) -> Result<u16, usize> {
    let Some(digits) = text.strip_prefix("\\u") else {
        return Err(0);
    };
    let mut value = 0;
    for read in 0..4 {
        let digit = digits[read..].chars().next().and_then(|c| c.to_digit(16));
        match digit.and_then(|digit| u16::try_from(digit).ok()) {
            Some(digit) => value = value << 4 | digit,
            None => return Err(2 + read),
        }
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_of_json() {
        assert_eq!(unescape(r#""a\"\\\/\n\t\u0041\ud83d\ude00""#), "a\"\\/\n\tA\u{1f600}");
    }

    #[test]
    fn bad_escapes_are_found_where_they_are() {
        assert_eq!(
            bad_escapes(r#""\q \u12 \ud83d""#),
            [
                (Span::new(1, 3), BadEscape::Unknown),
                (Span::new(4, 8), BadEscape::Unicode),
                (Span::new(9, 15), BadEscape::Unicode),
            ]
        );
    }
}
