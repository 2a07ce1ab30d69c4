//! The kinds of tokens.

use crate::span::Span;

macro_rules! tokens {
    ($($(#[$doc:meta])* $name:ident => $shown:literal,)*) => {
        /// The kind of a token.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum TokenKind {
            $($(#[$doc])* $name,)*
        }

        impl TokenKind {
            /// Returns the name shown in messages.
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
    /// Text that starts no token: an unexpected character, or a string without a closing quote.
    Error => "unexpected character",
    /// The end of the text.
    Eof => "end of file",
}

impl TokenKind {
    /// Whether it is one of the three kinds of comments.
    pub fn is_comment(self) -> bool {
        matches!(self, TokenKind::LineComment | TokenKind::DocComment | TokenKind::BlockComment)
    }
}

/// A token and its span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// The kind.
    pub kind: TokenKind,
    /// The span.
    pub span: Span,
}
