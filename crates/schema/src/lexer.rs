//! Splits text into tokens. Comments and spaces are tokens, too, so the tokens concatenated are the text.

use crate::span::{Span, to_u32};
use crate::token::{Token, TokenKind};

/// Splits `text` into tokens, in order and without gaps. There is no end-of-file token.
///
/// Never fails: text that starts no token becomes a [`TokenKind::Error`].
pub fn tokenize(text: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.len() / 4);
    let mut start = 0;
    while start < text.len() {
        let (kind, len) = next_token(&text[start..]);
        tokens.push(Token { kind, span: Span::new(to_u32(start), to_u32(start + len)) });
        start += len;
    }
    tokens
}

/// Returns the kind and length of the first token of `rest`, which must not be empty.
fn next_token(rest: &str) -> (TokenKind, usize) {
    use TokenKind::{
        At, AtAt, Bang, BlockComment, Colon, Comma, DocComment, Dot, Equals, Error, LeftBrace, LeftBracket,
        LeftParen, LineComment, Newline, Number, Question, RightBrace, RightBracket, RightParen, Whitespace,
        Word,
    };
    let first = rest.chars().next().unwrap_or_default();
    match first {
        '\n' => (Newline, 1),
        '\r' => (Newline, if rest.starts_with("\r\n") { 2 } else { 1 }),
        _ if is_blank(first) => (Whitespace, len_while(rest, is_blank)),
        '/' if rest.starts_with("///") => (DocComment, len_while(rest, is_not_newline)),
        '/' if rest.starts_with("//") => (LineComment, len_while(rest, is_not_newline)),
        '/' if rest.starts_with("/*") => match rest[2..].find("*/") {
            Some(end) => (BlockComment, end + 4),
            None => (Error, 1),
        },
        '"' => string(rest),
        '-' | '0'..='9' => number(rest).map_or_else(
            || match first {
                '-' => (Error, 1),
                _ => (Word, len_while(rest, is_word)),
            },
            |len| (Number, len),
        ),
        _ if first.is_alphabetic() => (Word, len_while(rest, is_word)),
        '@' if rest.starts_with("@@") => (AtAt, 2),
        '@' => (At, 1),
        '(' => (LeftParen, 1),
        ')' => (RightParen, 1),
        '[' => (LeftBracket, 1),
        ']' => (RightBracket, 1),
        '{' => (LeftBrace, 1),
        '}' => (RightBrace, 1),
        ',' => (Comma, 1),
        ':' => (Colon, 1),
        '.' => (Dot, 1),
        '=' => (Equals, 1),
        '?' => (Question, 1),
        '!' => (Bang, 1),
        _ => (Error, first.len_utf8()),
    }
}

/// Lexes a string up to its closing quote; an error token if the string is not closed on its line.
fn string(rest: &str) -> (TokenKind, usize) {
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (TokenKind::String, at + 1),
            // Any character may follow a backslash here; escapes are checked later.
            '\\' => {
                chars.next();
            }
            '\0'..='\x1f' => return (TokenKind::Error, at),
            _ => {}
        }
    }
    (TokenKind::Error, rest.len())
}

/// Returns the length of the number at the start; `None` for a word that starts with a digit.
fn number(rest: &str) -> Option<usize> {
    let is_digit = |c: char| c.is_ascii_digit();
    let sign = usize::from(rest.starts_with('-'));
    let whole = len_while(&rest[sign..], is_digit);
    if whole == 0 {
        return None;
    }
    let mut len = sign + whole;
    let fraction = rest[len..].strip_prefix('.').map_or(0, |fraction| len_while(fraction, is_digit));
    if fraction > 0 {
        len += 1 + fraction;
    } else if sign == 0 && rest[len..].starts_with(is_word) {
        return None;
    }
    Some(len)
}

fn len_while(text: &str, accept: impl Fn(char) -> bool) -> usize {
    text.find(|c| !accept(c)).unwrap_or(text.len())
}

/// Returns the length of the name at the start; 0 if there is none.
pub(crate) fn word_len(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_alphabetic() || c.is_ascii_digit()) {
        len_while(text, is_word)
    } else {
        0
    }
}

/// Returns the length of the dotted names at the start; 0 if there are none.
pub(crate) fn path_len(text: &str) -> usize {
    let mut len = word_len(text);
    while len > 0 && text[len..].starts_with('.') {
        len += 1;
        len += word_len(&text[len..]);
    }
    len
}

fn is_word(c: char) -> bool {
    c.is_alphabetic() || c.is_ascii_digit() || c == '_' || c == '-'
}

fn is_not_newline(c: char) -> bool {
    c != '\n' && c != '\r'
}

/// Source: Unicode general category Zs, and the tab.
pub(crate) fn is_blank(c: char) -> bool {
    matches!(
        c,
        ' ' | '\t' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(TokenKind, &str)]) {
        let tokens: Vec<_> = tokenize(text)
            .into_iter()
            .filter(|token| token.kind != TokenKind::Whitespace)
            .map(|token| (token.kind, token.span.of(text)))
            .collect();
        assert_eq!(tokens, expected);
    }

    #[test]
    fn words_may_begin_with_a_digit() {
        use TokenKind::{Number, Word};
        check(
            "2fa 42 -1.5 10-x a-b_c",
            &[(Word, "2fa"), (Number, "42"), (Number, "-1.5"), (Word, "10-x"), (Word, "a-b_c")],
        );
    }

    #[test]
    fn string_ends_at_a_control_character() {
        use TokenKind::{Error, Newline, String, Word};
        check(
            "\"a\\\"b\" \"open\nx",
            &[(String, "\"a\\\"b\""), (Error, "\"open"), (Newline, "\n"), (Word, "x")],
        );
    }

    #[test]
    fn comments_are_tokens() {
        use TokenKind::{BlockComment, DocComment, LineComment, Newline};
        check(
            "// a\n/// b\r\n/* c\n */",
            &[
                (LineComment, "// a"),
                (Newline, "\n"),
                (DocComment, "/// b"),
                (Newline, "\r\n"),
                (BlockComment, "/* c\n */"),
            ],
        );
    }
}
