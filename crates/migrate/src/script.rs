//! Splits SQL scripts into statements, and statements into transactions that PostgreSQL accepts.
//!
//! ```text
//! text ─ split ─► statements ─ pieces ─► transactions, and statements that cannot run in one
//! ```

mod kind;
mod lexer;
mod lock;
mod pieces;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;

pub(crate) use kind::{Index, Kind, NotSql, Outside};
use kind::{classify, has_text};
use lexer::{Lexer, TokenKind};
pub use lock::TableLock;
pub(crate) use pieces::{Lesson, Manner, Piece, Script};

/// One statement of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The bytes before it that belong to no statement: whitespace, comments, extra semicolons.
    pub before: Range<usize>,
    /// Its bytes, from its first word to its semicolon.
    pub range: Range<usize>,
    /// The line of its first word, from 1.
    pub line: usize,
    /// The value of `standard_conforming_strings` for its string literals.
    standard_strings: bool,
}

/// A script split into statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statements {
    /// In order and without gaps: each [`Statement::before`] starts at the end of the previous statement.
    pub statements: Vec<Statement>,
    /// The bytes after the last statement: whitespace, comments, extra semicolons.
    pub after: Range<usize>,
}

/// The first byte of a script that is not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotText {
    /// The invalid byte.
    pub byte: u8,
    /// Its offset in bytes.
    pub offset: usize,
    /// Its line, from 1.
    pub line: usize,
}

impl fmt::Display for NotText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte 0x{:02X} at offset {} (line {}) is not UTF-8", self.byte, self.offset, self.line)
    }
}

/// Returns the text of a script without a byte order mark, which some editors write.
///
/// # Errors
///
/// [`NotText`] if the bytes are not UTF-8.
pub fn text(bytes: &[u8]) -> Result<&str, NotText> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        let line = bytes[..offset].split(|byte| *byte == b'\n').count();
        NotText { byte: bytes.get(offset).copied().unwrap_or_default(), offset, line }
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Splits a script as the server would.
///
/// It knows string literals, quoted names, `$tag$`, nested comments, parentheses, and bodies between `BEGIN ATOMIC` and `END`.
/// It accepts any text: unclosed parts extend to the end, and the server will report the error.
///
/// `standard_strings` is the value of `standard_conforming_strings` at the beginning of the script.
///
/// ```
/// let script = "create table a (x text default ';');\ninsert into a values ($$;$$)";
/// let found = nicol_migrate::script::split(script, true).statements;
/// assert_eq!(found.len(), 2);
/// assert_eq!((&script[found[1].range.clone()], found[1].line), ("insert into a values ($$;$$)", 2));
/// ```
///
/// Source: PostgreSQL 17 manual, 4.1 "Lexical Structure" and `CREATE FUNCTION`.
pub fn split(script: &str, standard_strings: bool) -> Statements {
    let mut lexer = Lexer::new(script, standard_strings);
    let mut statements = Vec::new();
    let mut cursor = Cursor::default();
    let (mut previous_end, mut start) = (0, None);
    let mut lines = Lines { text: script, position: 0, line: 1 };
    // The end of the last token that is not whitespace, for a last statement without a semicolon.
    let mut end = 0;
    loop {
        let token = lexer.next();
        let is_end = match &token {
            None => true,
            Some(token) => token.kind == TokenKind::Semicolon && cursor.is_top_level(),
        };
        if let Some(token) = &token {
            if token.kind != TokenKind::Blank {
                end = token.range.end;
                if !is_end {
                    start.get_or_insert(token.range.start);
                }
            }
            cursor.pass(token.kind, &script[token.range.clone()]);
        }
        if is_end {
            if let Some(start) = start.take() {
                let statement = Statement {
                    before: previous_end..start,
                    range: start..end,
                    line: lines.at(start),
                    standard_strings: lexer.standard_strings,
                };
                if let Some(setting) = kind::standard_strings_after(&statement, script) {
                    lexer.standard_strings = setting;
                }
                previous_end = end;
                statements.push(statement);
            }
            cursor = Cursor::default();
        }
        if token.is_none() {
            return Statements { statements, after: previous_end..script.len() };
        }
    }
}

/// Counts lines while moving forward.
struct Lines<'a> {
    text: &'a str,
    position: usize,
    line: usize,
}

impl Lines<'_> {
    fn at(&mut self, position: usize) -> usize {
        self.line += self.text[self.position..position].matches('\n').count();
        self.position = position;
        self.line
    }
}

/// The position within a statement: a semicolon within parentheses or a body does not end it.
#[derive(Default)]
struct Cursor {
    parentheses: usize,
    body: usize,
    previous: Previous,
}

/// The previous token, as far as it matters.
#[derive(Default, PartialEq, Eq)]
enum Previous {
    #[default]
    Other,
    Begin,
    /// After these, a keyword is a name.
    AsOrDot,
}

impl Cursor {
    fn is_top_level(&self) -> bool {
        self.parentheses == 0 && self.body == 0
    }

    fn pass(&mut self, kind: TokenKind, text: &str) {
        match kind {
            TokenKind::Blank => return,
            TokenKind::Open => self.parentheses += 1,
            TokenKind::Close => self.parentheses = self.parentheses.saturating_sub(1),
            TokenKind::Word if self.previous != Previous::AsOrDot => {
                let is = |word: &str| text.eq_ignore_ascii_case(word);
                if self.body == 0 {
                    if is("atomic") && self.previous == Previous::Begin {
                        self.body = 1;
                    }
                } else if is("case") {
                    self.body += 1;
                } else if is("end") {
                    self.body -= 1;
                }
            }
            _ => {}
        }
        self.previous = match kind {
            TokenKind::Dot => Previous::AsOrDot,
            TokenKind::Word if text.eq_ignore_ascii_case("as") => Previous::AsOrDot,
            TokenKind::Word if text.eq_ignore_ascii_case("begin") => Previous::Begin,
            _ => Previous::Other,
        };
    }
}
