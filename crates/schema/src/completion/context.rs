//! The syntactic context of a position: which block it is in, and which part of a line.

use crate::parse::Parse;
use crate::span::Span;
use crate::token::{Token, TokenKind};

pub(super) struct Context<'a> {
    /// The prefix that is already written.
    pub(super) replaces: Span,
    /// The enclosing block.
    pub(super) block: Option<Block<'a>>,
    pub(super) part: Part<'a>,
}

/// A block, by what it can contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Block<'a> {
    /// A model, view or composite type, by name.
    Model(&'a str),
    Enum,
    Datasource,
    Generator,
    Unknown,
}

/// A part of a line.
pub(super) enum Part<'a> {
    LineStart,
    BlockAttribute,
    Type,
    FieldAttribute {
        ty: &'a str,
    },
    NativeType {
        ty: &'a str,
    },
    /// Inside the parentheses of an attribute; its name includes the `@`.
    Argument {
        attribute: String,
        ty: &'a str,
        within: Within<'a>,
        name: Option<&'a str>,
    },
    /// The value of a setting.
    Setting {
        name: &'a str,
    },
    /// The name of a variable, within `env(…)`.
    Variable,
    /// Nothing to offer: a new name, a string or a comment.
    Open,
}

/// The calls and lists open inside the parentheses of an attribute.
#[derive(Default)]
pub(super) struct Within<'a> {
    /// The function whose parentheses are open.
    pub(super) call: Option<&'a str>,
    /// Whether brackets are open.
    pub(super) list: bool,
    /// Whether the type of the field is a list.
    pub(super) is_list_type: bool,
    /// The names of the arguments before the position.
    pub(super) given: Vec<&'a str>,
}

impl<'a> Context<'a> {
    pub(super) fn find(parse: &'a Parse, offset: u32) -> Context<'a> {
        let text = parse.tree.text();
        let root = parse.tree.roots().iter().rev().find(|root| root.span.start <= offset);
        let mut tokens = root.map(crate::tree::Node::all_tokens).unwrap_or_default();
        tokens.retain(|token| token.span.start < offset);
        let open = |replaces| Context { replaces, block: None, part: Part::Open };
        let here = Span::new(offset, offset);
        let ends_here = tokens.last().copied().filter(|last| last.span.end >= offset);
        let is_in_string = ends_here.is_some_and(|last| {
            let string = last.span.of(text).strip_prefix('"');
            string.is_some_and(|rest| last.span.end > offset || !rest.ends_with('"'))
        });
        // A word that ends at the cursor is the prefix; the tokens before it decide the context.
        let replaces = match ends_here {
            Some(last) if last.kind.is_comment() => return open(here),
            // Within quotes: the whole string is replaced.
            Some(last) if is_in_string => {
                tokens.pop();
                last.span
            }
            Some(last) if matches!(last.kind, TokenKind::Word | TokenKind::Number) => {
                tokens.pop();
                Span::new(last.span.start, offset)
            }
            _ => here,
        };
        let block = enclosing(&tokens, text);
        let lines = tokens.rsplit(|token| token.kind == TokenKind::Newline);
        let line: Vec<Token> =
            lines.take(1).flatten().filter(|token| token.kind != TokenKind::Whitespace).copied().collect();
        // Drop the block's header if the block is written on one line.
        let line = match line.iter().rposition(|token| token.kind == TokenKind::LeftBrace) {
            Some(brace) => &line[brace + 1..],
            None => &line[..],
        };
        let (part, signs) = match block {
            Some(Block::Datasource | Block::Generator) => (setting(line, text), 0),
            Some(Block::Model(_)) => field(line, text, false),
            Some(Block::Enum) => field(line, text, true),
            None if line.is_empty() => (Part::LineStart, 0),
            Some(Block::Unknown) | None => (Part::Open, 0),
        };
        let part = match part {
            Part::Setting { .. } | Part::Variable => part,
            _ if is_in_string => return open(here),
            _ => part,
        };
        Context { replaces: Span::new(replaces.start - signs, replaces.end), block, part }
    }
}

/// Returns the block whose brace is still open after the tokens.
fn enclosing<'a>(tokens: &[Token], text: &'a str) -> Option<Block<'a>> {
    let brace = tokens.iter().rposition(|token| token.kind == TokenKind::LeftBrace)?;
    if tokens[brace..].iter().any(|token| token.kind == TokenKind::RightBrace) {
        return None;
    }
    let mut words = tokens[..brace]
        .iter()
        .rev()
        .take_while(|token| token.kind != TokenKind::Newline)
        .filter(|token| token.kind == TokenKind::Word)
        .map(|token| token.span.of(text));
    let name = words.next().unwrap_or_default();
    Some(match words.next() {
        Some("model" | "view" | "type") => Block::Model(name),
        Some("enum") => Block::Enum,
        Some("datasource") => Block::Datasource,
        Some("generator") => Block::Generator,
        _ => Block::Unknown,
    })
}

fn setting<'a>(line: &[Token], text: &'a str) -> Part<'a> {
    match line {
        [] => Part::LineStart,
        [_, equals, .., paren] if equals.span.of(text) == "=" && paren.kind == TokenKind::LeftParen => {
            Part::Variable
        }
        [name, equals, ..] if equals.span.of(text) == "=" => Part::Setting { name: name.span.of(text) },
        _ => Part::Open,
    }
}

/// Returns the part of a line of a model or enum, and how many bytes before the prefix (`@` or `@@`) to replace, too.
fn field<'a>(line: &[Token], text: &'a str, is_enum: bool) -> (Part<'a>, u32) {
    let words: Vec<&'a str> = line
        .iter()
        .take_while(|token| matches!(token.kind, TokenKind::Word | TokenKind::Number))
        .map(|token| token.span.of(text))
        .collect();
    let ty = if is_enum { "" } else { words.get(1).copied().unwrap_or_default() };
    if let Some(argument) = argument(line, text, ty) {
        return (argument, 0);
    }
    let is_named = words.len() > usize::from(!is_enum);
    match line {
        [] => (Part::LineStart, 0),
        [.., last] if last.kind == TokenKind::AtAt && words.is_empty() => (Part::BlockAttribute, 2),
        [.., at, name, dot]
            if at.kind == TokenKind::At && name.kind == TokenKind::Word && dot.span.of(text) == "." =>
        {
            (Part::NativeType { ty }, 0)
        }
        [.., last] if last.kind == TokenKind::At && is_named => (Part::FieldAttribute { ty }, 1),
        [_] if words.len() == 1 && !is_enum => (Part::Type, 0),
        _ if is_named => (Part::FieldAttribute { ty }, 0),
        _ => (Part::Open, 0),
    }
}

/// Returns the argument at the end of the line, if the parentheses of an attribute are open there.
fn argument<'a>(line: &[Token], text: &'a str, ty: &'a str) -> Option<Part<'a>> {
    let mut opened: Vec<usize> = Vec::new();
    for (at, token) in line.iter().enumerate() {
        match token.kind {
            TokenKind::LeftParen | TokenKind::LeftBracket => opened.push(at),
            TokenKind::RightParen | TokenKind::RightBracket => {
                opened.pop();
            }
            _ => {}
        }
    }
    // The brackets of a list type are closed, so the first open one belongs to an attribute.
    let first = *opened.first()?;
    let sign =
        line[..first].iter().rposition(|token| matches!(token.kind, TokenKind::At | TokenKind::AtAt))?;
    let attribute: String = line[sign..first].iter().map(|token| token.span.of(text)).collect();
    let is_word = |at: usize| line[at].kind == TokenKind::Word;
    let is_call =
        |at: usize| at > first && line[at].kind == TokenKind::LeftParen && at > 0 && is_word(at - 1);
    let named = |at: &usize| is_word(*at) && line.get(at + 1).is_some_and(|it| it.kind == TokenKind::Colon);
    let call = opened.iter().copied().rfind(|at| is_call(*at));
    // The argument belongs to the innermost call, or else to the attribute.
    let scope = call.unwrap_or(first);
    let mut depth = 0_i32;
    let mut argument = None;
    let mut given = Vec::new();
    for (at, token) in line.iter().enumerate().skip(scope + 1) {
        match token.kind {
            TokenKind::LeftParen | TokenKind::LeftBracket => depth += 1,
            TokenKind::RightParen | TokenKind::RightBracket => depth -= 1,
            TokenKind::Comma if depth == 0 => argument = None,
            _ if depth == 0 && named(&at) => {
                let name = token.span.of(text);
                argument = Some(name);
                given.push(name);
            }
            _ => {}
        }
    }
    let within = Within {
        call: call.map(|at| line[at - 1].span.of(text)),
        list: opened.iter().any(|at| *at > scope && line[*at].kind == TokenKind::LeftBracket),
        is_list_type: line[..sign].iter().any(|token| token.kind == TokenKind::LeftBracket),
        given,
    };
    Some(Part::Argument { attribute, ty, within, name: argument })
}
