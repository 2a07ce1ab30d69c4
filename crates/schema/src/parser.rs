//! The token cursor and tree builder; independent of the grammar.
//!
//! Spaces are skipped automatically. The end of a line is a token, because the language is line-based. A rule that
//! does not match rolls back to its [`Mark`] as if it had not been tried; the expectation at the farthest token
//! reached is kept for the error message.

use crate::diagnostic::Diagnostic;
use crate::lexer::{is_blank, path_len, tokenize, word_len};
use crate::span::{Span, to_u32};
use crate::token::{Token, TokenKind};
use crate::tree::{Element, Node, NodeKind};

/// A position to roll back to, or where a node starts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    position: usize,
    built: usize,
    errors: usize,
}

/// What was expected at the farthest token reached.
#[derive(Debug, Clone, Default)]
pub(crate) struct Expectation {
    position: usize,
    /// What would have been accepted.
    pub(crate) wanted: Vec<&'static str>,
    /// What was found instead.
    pub(crate) found: Span,
}

pub(crate) struct Parser<'a> {
    pub(crate) text: &'a str,
    tokens: Vec<Token>,
    position: usize,
    built: Vec<Element>,
    pub(crate) errors: Vec<Diagnostic>,
    expectation: Expectation,
    last_closing_brace: Option<u32>,
    last_brace_sign: Option<u32>,
    depth: u32,
}

/// The maximum nesting of values; real schemas need three. Protects the stack.
const MAX_DEPTH: u32 = 64;

impl<'a> Parser<'a> {
    pub(crate) fn new(text: &'a str, tokens: Vec<Token>) -> Parser<'a> {
        Parser {
            text,
            last_closing_brace: last_closing_brace(&tokens),
            tokens,
            last_brace_sign: text.rfind('}').map(to_u32),
            depth: 0,
            position: 0,
            built: Vec::new(),
            errors: Vec::new(),
            expectation: Expectation::default(),
        }
    }

    /// Returns the next token that is not a space.
    pub(crate) fn peek(&self) -> Token {
        self.token_at(self.position + self.blanks())
    }

    /// Returns the token after [`Parser::peek`] that is not a space.
    pub(crate) fn peek_second(&self) -> Token {
        let mut position = self.position + self.blanks() + 1;
        while self.token_at(position).kind == TokenKind::Whitespace {
            position += 1;
        }
        self.token_at(position)
    }

    /// Whether the next token is of this kind.
    pub(crate) fn at(&self, kind: TokenKind) -> bool {
        self.peek().kind == kind
    }

    /// Whether the next token is of this kind and directly adjacent.
    pub(crate) fn at_adjacent(&self, kind: TokenKind) -> bool {
        self.token_at(self.position).kind == kind
    }

    /// Consumes the next token and the spaces before it.
    pub(crate) fn bump(&mut self) {
        self.skip_blanks();
        self.take();
    }

    /// Consumes the next token if it is of this kind.
    pub(crate) fn eat(&mut self, kind: TokenKind) -> bool {
        let is_there = self.at(kind);
        if is_there {
            self.bump();
        }
        is_there
    }

    /// Consumes the next token if it is of this kind; otherwise notes that it was expected.
    pub(crate) fn expect(&mut self, kind: TokenKind) -> bool {
        self.eat(kind) || self.missed(kind.name())
    }

    /// Notes that `wanted` is missing. Always returns false, so that a rule can end with it.
    pub(crate) fn missed(&mut self, wanted: &'static str) -> bool {
        let position = self.position + self.blanks();
        if position > self.expectation.position || self.expectation.wanted.is_empty() {
            self.expectation =
                Expectation { position, wanted: vec![wanted], found: self.token_at(position).span };
        } else if position == self.expectation.position && !self.expectation.wanted.contains(&wanted) {
            self.expectation.wanted.push(wanted);
        }
        false
    }

    /// Returns and clears the noted expectation.
    pub(crate) fn take_expectation(&mut self) -> Expectation {
        std::mem::take(&mut self.expectation)
    }

    /// Consumes spaces, so that they belong to the current node.
    pub(crate) fn skip_blanks(&mut self) {
        for _ in 0..self.blanks() {
            self.take();
        }
    }

    /// Marks the next token that is not a space as the start of a node.
    pub(crate) fn start(&mut self) -> Mark {
        self.skip_blanks();
        self.mark()
    }

    /// Marks the current position.
    pub(crate) fn mark(&self) -> Mark {
        Mark { position: self.position, built: self.built.len(), errors: self.errors.len() }
    }

    /// Makes a node of everything consumed since the mark.
    pub(crate) fn finish(&mut self, mark: Mark, kind: NodeKind) -> Span {
        let span = self.span_from(mark);
        let children = self.built.split_off(mark.built);
        self.built.push(Element::Node(Node { kind, span, children }));
        span
    }

    /// Returns the span of everything consumed since the mark.
    pub(crate) fn span_from(&self, mark: Mark) -> Span {
        Span::new(self.offset(mark.position), self.offset(self.position))
    }

    /// Undoes everything since the mark.
    pub(crate) fn rollback(&mut self, mark: Mark) {
        self.position = mark.position;
        self.built.truncate(mark.built);
        self.errors.truncate(mark.errors);
    }

    /// Whether a closing brace at the start of a line follows. Without this check, a file of unclosed blocks would be
    /// scanned to its end once for each of them.
    pub(crate) fn closing_brace_ahead(&self) -> bool {
        self.last_closing_brace.is_some_and(|brace| brace >= self.offset(self.position))
    }

    /// Same as [`Parser::closing_brace_ahead`], for any closing brace, even in a comment or a string.
    pub(crate) fn brace_sign_ahead(&self) -> bool {
        self.last_brace_sign.is_some_and(|brace| brace >= self.offset(self.position))
    }

    /// Runs a recursive rule, unless the nesting is too deep.
    pub(crate) fn nested(&mut self, rule: impl FnOnce(&mut Parser<'a>) -> bool) -> bool {
        if self.depth == MAX_DEPTH {
            return self.missed("less nesting");
        }
        self.depth += 1;
        let read = rule(self);
        self.depth -= 1;
        read
    }

    /// Splits the next token before the first of these characters in it, if there is one: the part before it becomes
    /// an error token, and the rest is tokenized again.
    pub(crate) fn split_before(&mut self, chars: &[char]) -> bool {
        let at = self.position + self.blanks();
        let Token { span, .. } = self.token_at(at);
        let Some(len) = span.of(self.text).find(chars).filter(|len| *len > 0) else {
            return false;
        };
        let middle = span.start + to_u32(len);
        let rest = Span::new(middle, span.end).of(self.text);
        let mut parts = vec![Token { kind: TokenKind::Error, span: Span::new(span.start, middle) }];
        parts.extend(tokenize(rest).into_iter().map(|token| Token {
            kind: token.kind,
            span: Span::new(middle + token.span.start, middle + token.span.end),
        }));
        self.tokens.splice(at..=at, parts);
        true
    }

    /// Whether dotted names without spaces follow, and then this character.
    pub(crate) fn path_ends_before(&self, sign: char) -> bool {
        let Token { kind, span } = self.peek();
        let rest = &self.text[span.start as usize..];
        let len = path_len(rest);
        kind != TokenKind::Eof && len > 0 && rest[len..].trim_start_matches(is_blank).starts_with(sign)
    }

    /// Tokenizes a number with a fraction again, as a word, a dot and the rest.
    pub(crate) fn split_fraction(&mut self) {
        let at = self.position + self.blanks();
        let Token { kind, span } = self.token_at(at);
        let text = span.of(self.text);
        if kind != TokenKind::Number || text.starts_with('-') {
            return;
        }
        let Some(dot) = text.find('.') else { return };
        let dot = span.start + to_u32(dot);
        let after = dot + 1;
        let mut parts = vec![
            Token { kind: TokenKind::Word, span: Span::new(span.start, dot) },
            Token { kind: TokenKind::Dot, span: Span::new(dot, after) },
        ];
        // The word after the dot may absorb the following token.
        let end = after + to_u32(word_len(&self.text[after as usize..]));
        parts.push(Token { kind: TokenKind::Word, span: Span::new(after, end) });
        let mut next = at + 1;
        while let Some(token) = self.tokens.get(next).filter(|token| token.span.start < end) {
            next += 1;
            if token.span.end > end {
                let rest = Span::new(end, token.span.end).of(self.text);
                parts.extend(tokenize(rest).into_iter().map(|token| Token {
                    kind: token.kind,
                    span: Span::new(end + token.span.start, end + token.span.end),
                }));
            }
        }
        self.tokens.splice(at..next, parts);
    }

    /// Undoes [`Parser::split_word`].
    pub(crate) fn join_words(&mut self) {
        let at = self.position + self.blanks();
        if let [
            Token { kind: TokenKind::Word, span: first },
            Token { kind: TokenKind::Word, span: second },
            ..,
        ] = self.tokens[at..]
        {
            self.tokens.splice(
                at..at + 2,
                [Token { kind: TokenKind::Word, span: Span::new(first.start, second.end) }],
            );
        }
    }

    /// Splits the next token, a word, into two after `len` bytes.
    pub(crate) fn split_word(&mut self, len: u32) {
        let at = self.position + self.blanks();
        let Token { kind, span } = self.token_at(at);
        debug_assert!(kind == TokenKind::Word && span.start + len < span.end);
        let middle = span.start + len;
        self.tokens[at].span.end = middle;
        self.tokens.insert(at + 1, Token { kind, span: Span::new(middle, span.end) });
    }

    /// Returns the root, once everything has been consumed into one node.
    pub(crate) fn finish_tree(mut self) -> (Node, Vec<Diagnostic>) {
        let root = match self.built.pop() {
            Some(Element::Node(node)) if self.built.is_empty() => node,
            _ => unreachable!("the last production makes one node of everything"),
        };
        (root, self.errors)
    }

    fn take(&mut self) {
        if let Some(token) = self.tokens.get(self.position) {
            self.built.push(Element::Token(*token));
            self.position += 1;
        }
    }

    fn blanks(&self) -> usize {
        self.tokens[self.position.min(self.tokens.len())..]
            .iter()
            .take_while(|token| token.kind == TokenKind::Whitespace)
            .count()
    }

    fn token_at(&self, position: usize) -> Token {
        self.tokens.get(position).copied().unwrap_or_else(|| {
            let end = to_u32(self.text.len());
            Token { kind: TokenKind::Eof, span: Span::new(end, end) }
        })
    }

    fn offset(&self, position: usize) -> u32 {
        self.token_at(position).span.start
    }
}

/// Returns the last closing brace with only comments before it on its line.
fn last_closing_brace(tokens: &[Token]) -> Option<u32> {
    let mut begins_line = true;
    let mut last = None;
    for token in tokens {
        match token.kind {
            TokenKind::Newline => begins_line = true,
            TokenKind::RightBrace if begins_line => last = Some(token.span.start),
            kind if kind == TokenKind::Whitespace || kind.is_comment() => {}
            _ => begins_line = false,
        }
    }
    last
}
