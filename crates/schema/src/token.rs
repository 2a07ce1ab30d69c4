//! The kinds of tokens.

use crate::span::Span;

macro_rules! tokens {
    ($($(#[$doc:meta])* $name:ident => $shown:literal,)*) => {
        /// What a token is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum TokenKind {
            $($(#[$doc])* $name,)*
        }

        impl TokenKind {
            /// The name that people are shown.
            pub fn name(self) -> &'static str {
                match self {
                    $(TokenKind::$name => $shown,)*
                }
            }
        }
    };
}

tokens! {
    /// Spaces (any that Unicode calls a space separator) and tabs.
    Whitespace => "blank",
    /// `\n`, `\r\n` or a lone `\r`.
    Newline => "end of line",
    /// `// …`
    LineComment => "comment",
    /// `/// …`
    DocComment => "documentation comment",
    /// `/* … */`
    BlockComment => "comment",
    /// A letter or digit, then letters, digits, `_` and `-`.
    Word => "name",
    /// Digits, with an optional sign and fraction.
    Number => "number",
    /// `"…"`, on one line.
    String => "string",
    /// `@@`
    AtAt => "`@@`",
    /// `@`
    At => "`@`",
    /// `(`
    LeftParen => "`(`",
    /// `)`
    RightParen => "`)`",
    /// `[`
    LeftBracket => "`[`",
    /// `]`
    RightBracket => "`]`",
    /// `{`
    LeftBrace => "`{`",
    /// `}`
    RightBrace => "`}`",
    /// `,`
    Comma => "`,`",
    /// `:`
    Colon => "`:`",
    /// `.`
    Dot => "`.`",
    /// `=`
    Equals => "`=`",
    /// `?`
    Question => "`?`",
    /// `!`
    Bang => "`!`",
    /// What begins no token: a stray character, or a string without its closing quote.
    Error => "unexpected character",
    /// The end of the text.
    Eof => "end of file",
}

impl TokenKind {
    /// Is it one of the three kinds of comments.
    pub fn is_comment(self) -> bool {
        matches!(self, TokenKind::LineComment | TokenKind::DocComment | TokenKind::BlockComment)
    }
}

/// A token and where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it lies.
    pub span: Span,
}
