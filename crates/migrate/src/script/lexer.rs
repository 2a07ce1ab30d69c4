//! Splits SQL into tokens, as far as the ends of statements depend on them.
//!
//! Source: PostgreSQL 17 manual, 4.1 "Lexical Structure".

use std::ops::Range;

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// Whitespace and comments.
    Blank,
    /// A keyword or unquoted name.
    Word,
    /// A quoted name.
    QuotedName,
    /// A string literal in single quotes, with its prefix.
    Text,
    /// A string literal between two `$tag$`.
    DollarText,
    /// Anything else: a number, an operator, a parameter.
    Other,
    Open,
    Close,
    Comma,
    Dot,
    Semicolon,
    /// A backslash, where psql would read a command.
    Backslash,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    /// In bytes.
    pub(crate) range: Range<usize>,
}

/// Splits a text into tokens without gaps. Accepts any text: unclosed tokens extend to the end.
pub(crate) struct Lexer<'a> {
    text: &'a str,
    position: usize,
    /// `standard_conforming_strings`: whether backslashes are literal in plain strings. A script can change it.
    pub(crate) standard_strings: bool,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str, standard_strings: bool) -> Self {
        Self { text, position: 0, standard_strings }
    }

    fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.position..]
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.rest().get(ahead).copied()
    }

    fn skip_while(&mut self, is_wanted: impl Fn(u8) -> bool) {
        while self.peek(0).is_some_and(&is_wanted) {
            self.position += 1;
        }
    }

    fn skip_line(&mut self) {
        self.skip_while(|byte| byte != b'\n' && byte != b'\r');
    }

    /// Returns the kind of the token that starts here, and its end.
    fn scan(&mut self, first: u8) -> TokenKind {
        match first {
            byte if is_space(byte) => {
                self.skip_while(is_space);
                TokenKind::Blank
            }
            b'-' if self.peek(1) == Some(b'-') => {
                self.skip_line();
                TokenKind::Blank
            }
            b'/' if self.peek(1) == Some(b'*') => {
                self.skip_block_comment();
                TokenKind::Blank
            }
            b'\'' => {
                self.skip_text(!self.standard_strings);
                TokenKind::Text
            }
            b'"' => {
                self.skip_quoted(b'"', false);
                TokenKind::QuotedName
            }
            b'e' | b'E' if self.peek(1) == Some(b'\'') => {
                self.position += 1;
                self.skip_text(true);
                TokenKind::Text
            }
            b'b' | b'B' | b'x' | b'X' if self.peek(1) == Some(b'\'') => {
                self.position += 1;
                self.skip_text(false);
                TokenKind::Text
            }
            b'n' | b'N' if self.peek(1) == Some(b'\'') => {
                self.position += 1;
                self.skip_text(!self.standard_strings);
                TokenKind::Text
            }
            b'u' | b'U' if self.peek(1) == Some(b'&') && matches!(self.peek(2), Some(b'\'' | b'"')) => {
                self.position += 2;
                if self.peek(0) == Some(b'"') {
                    self.skip_quoted(b'"', false);
                    return TokenKind::QuotedName;
                }
                self.skip_text(false);
                TokenKind::Text
            }
            byte if starts_word(byte) => {
                self.skip_while(continues_word);
                TokenKind::Word
            }
            byte if byte.is_ascii_digit() => {
                self.skip_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                TokenKind::Other
            }
            b'$' => self.scan_dollar(),
            punctuation => {
                self.position += 1;
                match punctuation {
                    b'(' => TokenKind::Open,
                    b')' => TokenKind::Close,
                    b',' => TokenKind::Comma,
                    b'.' => TokenKind::Dot,
                    b';' => TokenKind::Semicolon,
                    b'\\' => TokenKind::Backslash,
                    _ => TokenKind::Other,
                }
            }
        }
    }

    /// Skips a comment. Comments nest: each start needs its own end.
    fn skip_block_comment(&mut self) {
        let mut depth = 0_usize;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(b'/'), Some(b'*')) => {
                    depth += 1;
                    self.position += 2;
                }
                (Some(b'*'), Some(b'/')) => {
                    depth -= 1;
                    self.position += 2;
                    if depth == 0 {
                        return;
                    }
                }
                (Some(_), _) => self.position += 1,
                (None, _) => return,
            }
        }
    }

    /// Skips a string literal with its continuations, which follow a line break and have the rules of the first part.
    fn skip_text(&mut self, has_escapes: bool) {
        loop {
            self.skip_quoted(b'\'', has_escapes);
            let end = self.position;
            let mut is_on_next_line = false;
            loop {
                match self.peek(0) {
                    Some(byte) if is_space(byte) => {
                        is_on_next_line |= matches!(byte, b'\n' | b'\r');
                        self.position += 1;
                    }
                    Some(b'-') if self.peek(1) == Some(b'-') => self.skip_line(),
                    _ => break,
                }
            }
            if !is_on_next_line || self.peek(0) != Some(b'\'') {
                self.position = end;
                return;
            }
        }
    }

    /// Skips to the closing quote. A doubled quote counts as an end and a new start.
    fn skip_quoted(&mut self, quote: u8, has_escapes: bool) {
        self.position += 1;
        while let Some(byte) = self.peek(0) {
            self.position += 1;
            if byte == b'\\' && has_escapes && self.peek(0).is_some() {
                self.position += 1;
            } else if byte == quote {
                if self.peek(0) != Some(quote) {
                    return;
                }
                self.position += 1;
            }
        }
    }

    fn scan_dollar(&mut self) -> TokenKind {
        let tag = self.rest()[1..].iter().take_while(|byte| continues_word(**byte) && **byte != b'$').count();
        let is_tag = self.peek(1 + tag) == Some(b'$') && (tag == 0 || self.peek(1).is_some_and(starts_word));
        if !is_tag {
            self.position += 1;
            return TokenKind::Other;
        }
        let delimiter = &self.text[self.position..self.position + tag + 2];
        let body = self.position + delimiter.len();
        self.position = match self.text[body..].find(delimiter) {
            Some(length) => body + length + delimiter.len(),
            None => self.text.len(),
        };
        TokenKind::DollarText
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let start = self.position;
        let kind = self.scan(self.peek(0)?);
        // The escaped character may have several bytes.
        while !self.text.is_char_boundary(self.position) {
            self.position += 1;
        }
        Some(Token { kind, range: start..self.position })
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn starts_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn continues_word(byte: u8) -> bool {
    starts_word(byte) || byte.is_ascii_digit() || byte == b'$'
}
