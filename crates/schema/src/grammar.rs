//! The grammar: one function for each production of GRAMMAR.md.
//!
//! A function that returns `bool` either consumes its production or leaves the cursor somewhere within it; the caller
//! then rolls back to its mark. Recovery is line by line: a line that does not match becomes a
//! [`NodeKind::ErrorLine`], and parsing continues with the next line.

use crate::diagnostic::Diagnostic;
use crate::parser::{Expectation, Mark, Parser};
use crate::rule::{self, Rule};
use crate::span::Span;
use crate::string::{BadEscape, bad_escapes};
use crate::token::TokenKind;
use crate::tree::NodeKind;

/// The keywords that start a block.
pub(crate) const KEYWORDS: [&str; 6] = ["model", "type", "view", "enum", "datasource", "generator"];

/// `schema = (block | type_alias | comments | NEWLINE | error_line)*`
pub(crate) fn schema(p: &mut Parser<'_>) {
    let mark = p.mark();
    loop {
        match p.peek().kind {
            TokenKind::Eof => break,
            TokenKind::Newline => p.bump(),
            kind if kind.is_comment() => comment_block(p),
            _ => {
                p.take_expectation();
                if !(keyword_block(p) || type_alias(p) || unknown_block(p)) {
                    top_level_error(p);
                }
            }
        }
    }
    p.skip_blanks();
    p.finish(mark, NodeKind::Schema);
}

/// `block = keyword name block_open line* "}"`
fn keyword_block(p: &mut Parser<'_>) -> bool {
    let token = p.peek();
    let word = token.span.of(p.text);
    let Some(keyword) = KEYWORDS.iter().find(|keyword| {
        let rest = word.strip_prefix(**keyword);
        // The space after the keyword is optional.
        rest.is_some_and(|rest| {
            rest.is_empty() || rest.starts_with(|c: char| c.is_alphabetic() || c.is_ascii_digit())
        })
    }) else {
        return p.missed("a block: `model`, `enum`, `datasource` or `generator`");
    };
    let is_split = keyword.len() < word.len();
    if is_split {
        if token.kind != TokenKind::Word || p.peek_second().kind != TokenKind::LeftBrace {
            return false;
        }
        p.split_word(crate::span::to_u32(keyword.len()));
    }
    let kind = match *keyword {
        "enum" => NodeKind::Enum,
        "datasource" | "generator" => NodeKind::Config,
        _ => NodeKind::Model,
    };
    let mark = p.start();
    p.bump();
    let header = p.peek().span;
    let read = name(p) && block_open(p) && lines(p, kind, header) && p.expect(TokenKind::RightBrace);
    end(p, read, mark, kind);
    if is_split && !read {
        p.join_words();
    }
    read
}

/// Parses the lines of the block `name` up to its closing brace.
fn lines(p: &mut Parser<'_>, block: NodeKind, name: Span) -> bool {
    if !p.closing_brace_ahead() {
        return p.missed("`}`");
    }
    loop {
        match p.peek().kind {
            TokenKind::RightBrace => return true,
            TokenKind::Eof => return p.missed("`}`"),
            TokenKind::Newline => p.bump(),
            kind if kind.is_comment() => comment_block(p),
            _ => {
                let mark = p.start();
                p.take_expectation();
                let (read, kind) = match block {
                    NodeKind::Config => (property(p), NodeKind::Property),
                    _ if p.at(TokenKind::AtAt) => (block_attribute(p), NodeKind::BlockAttribute),
                    NodeKind::Enum => (enum_value(p), NodeKind::EnumValue),
                    _ => (field(p), NodeKind::Field),
                };
                if !end(p, read, mark, kind) {
                    error_line(p, block, name);
                } else if matches!(kind, NodeKind::BlockAttribute | NodeKind::Property) {
                    // The brace ends the line but is not part of it; the rule has checked for it.
                    p.eat(TokenKind::Newline);
                }
            }
        }
    }
}

/// `block_open = "{" (any other than NEWLINE)* NEWLINE`
fn block_open(p: &mut Parser<'_>) -> bool {
    if !p.at(TokenKind::LeftBrace) {
        return p.missed(TokenKind::LeftBrace.name());
    }
    let mark = p.start();
    let found = rest_of_line(p);
    p.finish(mark, NodeKind::BlockOpen);
    found || p.missed(TokenKind::Newline.name())
}

/// `type_alias = "type" name "=" base_type field_attribute*`
fn type_alias(p: &mut Parser<'_>) -> bool {
    if p.peek().span.of(p.text) != "type" {
        return false;
    }
    let mark = p.start();
    p.bump();
    let read = name(p) && p.expect(TokenKind::Equals) && base_type(p) && field_attributes(p);
    if read {
        let span = p.span_from(mark);
        p.errors.push(
            rule::syntax::TYPE_ALIAS
                .at(span, "types cannot have aliases")
                .help("use the type itself in the fields"),
        );
    }
    end(p, read, mark, NodeKind::TypeAlias)
}

/// `unknown_block = name block_open (any other than "}")* "}"`
fn unknown_block(p: &mut Parser<'_>) -> bool {
    let mark = p.start();
    let word = p.peek().span.of(p.text);
    let is_keyword = KEYWORDS.contains(&word);
    let mut read = p.brace_sign_ahead() && name(p) && block_open(p);
    if read {
        // Any closing brace counts, even in a comment or a string.
        while !p.at(TokenKind::RightBrace) && !p.at(TokenKind::Eof) {
            if !p.split_before(&['}']) {
                p.bump();
            }
        }
        read = p.eat(TokenKind::RightBrace);
    }
    if read {
        let span = p.span_from(mark);
        let error = if is_keyword {
            rule::syntax::BLOCK_WITHOUT_NAME
                .at(span, format!("this `{word}` has no name"))
                .help(format!("add a name after the keyword: `{word} Name {{`"))
        } else {
            let error = rule::syntax::BLOCK_UNKNOWN.at(span, format!("`{word}` is not a block keyword"));
            match crate::suggest::closest(word, KEYWORDS) {
                Some(keyword) => error.help(format!("did you mean `{keyword}`?")),
                None => error.help(
                    "a block starts with `model`, `view`, `enum`, `datasource` or `generator`, and a name",
                ),
            }
        };
        p.errors.push(error);
    }
    end(p, read, mark, NodeKind::UnknownBlock)
}

/// `comments = (comment NEWLINE?)+`, on lines that follow each other
fn comment_block(p: &mut Parser<'_>) {
    let mark = p.start();
    while p.peek().kind.is_comment() {
        p.bump();
        if p.at_adjacent(TokenKind::Newline) {
            p.bump();
        }
    }
    p.finish(mark, NodeKind::CommentBlock);
}

/// `field = name ":"? field_type? field_attribute* comment? NEWLINE`
fn field(p: &mut Parser<'_>) -> bool {
    let mark = p.mark();
    let model_error = p.errors.len();
    if !name(p) {
        return false;
    }
    let colon = p.peek();
    let has_colon = p.eat(TokenKind::Colon);
    let mut legacy = None;
    let has_type = matches!(p.peek().kind, TokenKind::Word | TokenKind::Number | TokenKind::LeftBracket);
    if has_type && !field_type(p, &mut legacy) {
        return false;
    }
    if !(field_attributes(p) && end_of_line(p)) {
        return false;
    }
    let span = p.span_from(mark);
    let error = if has_colon {
        rule::syntax::FIELD_COLON
            .at(colon.span, "there is no `:` between a field and its type")
            .help("remove the `:`")
    } else if let Some(error) = legacy {
        error
    } else if !has_type {
        rule::syntax::FIELD_WITHOUT_TYPE
            .at(span, "this field has no type")
            .help("add the type after the name: `name String`")
    } else {
        return true;
    };
    // One finding for such a line is enough.
    p.errors.truncate(model_error);
    p.errors.push(error);
    true
}

/// `field_type = base_type ("[]" | "?" | "!" | "[]" "?")? | "[" base_type "]"`
fn field_type(p: &mut Parser<'_>, legacy: &mut Option<Diagnostic>) -> bool {
    let mark = p.start();
    let mut problem: Option<(&'static Rule, &str, String)> = None;
    if p.eat(TokenKind::LeftBracket) {
        let inner = p.peek().span.of(p.text);
        if !(base_type(p) && p.expect(TokenKind::RightBracket)) {
            return false;
        }
        problem = Some((
            &rule::syntax::FIELD_LIST_BRACKETS,
            "the brackets of a list follow the type",
            format!("write `{inner}[]`"),
        ));
    } else {
        let base = p.peek().span.of(p.text);
        if !base_type(p) {
            return false;
        }
        if p.at(TokenKind::LeftBracket) {
            p.bump();
            // The two brackets are one token here.
            if !p.at_adjacent(TokenKind::RightBracket) {
                return p.missed(TokenKind::RightBracket.name());
            }
            p.bump();
            if p.eat(TokenKind::Question) {
                problem = Some((
                    &rule::syntax::FIELD_OPTIONAL_LIST,
                    "a list cannot be optional",
                    format!("write `{base}[]`, which can be empty, or `{base}?` for a single value"),
                ));
            }
        } else if p.eat(TokenKind::Bang) {
            problem = Some((
                &rule::syntax::FIELD_BANG,
                "a required field has no `!`: fields are required unless marked with `?`",
                format!("write `{base}`"),
            ));
        } else {
            p.eat(TokenKind::Question);
        }
    }
    let span = p.finish(mark, NodeKind::FieldType);
    if let Some((rule, message, help)) = problem {
        *legacy = Some(rule.at(span, message).help(help));
    }
    true
}

/// `base_type = "Unsupported(" STRING ")" | name`
fn base_type(p: &mut Parser<'_>) -> bool {
    let is_unsupported = p.peek().span.of(p.text) == "Unsupported";
    if !name(p) {
        return false;
    }
    if is_unsupported && p.at_adjacent(TokenKind::LeftParen) {
        p.bump();
        return string(p) && p.expect(TokenKind::RightParen);
    }
    true
}

/// `enum_value = name field_attribute* comment? NEWLINE`
fn enum_value(p: &mut Parser<'_>) -> bool {
    name(p) && field_attributes(p) && end_of_line(p)
}

/// `property = name "=" expression? comment?`, at the end of its line
fn property(p: &mut Parser<'_>) -> bool {
    if !(name(p) && p.expect(TokenKind::Equals)) {
        return false;
    }
    let is_empty = p.at(TokenKind::Newline) || p.peek().kind.is_comment();
    (is_empty || expression(p)) && at_end_of_line(p)
}

/// `block_attribute = "@@" path arguments? comment?`, at the end of its line
fn block_attribute(p: &mut Parser<'_>) -> bool {
    p.bump();
    if !(path(p) && optional_arguments(p)) {
        return false;
    }
    at_end_of_line(p)
}

/// `field_attribute = "@" path arguments?`
fn field_attributes(p: &mut Parser<'_>) -> bool {
    while p.at(TokenKind::At) {
        let mark = p.start();
        p.bump();
        if !(path(p) && optional_arguments(p)) {
            return false;
        }
        p.finish(mark, NodeKind::FieldAttribute);
    }
    true
}

fn optional_arguments(p: &mut Parser<'_>) -> bool {
    if p.at(TokenKind::LeftParen) {
        return arguments(p);
    }
    // As in Prisma, an attribute without arguments extends to the next token.
    p.skip_blanks();
    true
}

/// `arguments = "(" (argument ("," argument)*)? ","? ")"`
fn arguments(p: &mut Parser<'_>) -> bool {
    let mark = p.start();
    p.bump();
    if !p.at(TokenKind::RightParen) && !p.at(TokenKind::Comma) {
        loop {
            let mark = p.start();
            if !argument(p) {
                if p.span_from(mark).is_empty() {
                    p.missed(TokenKind::RightParen.name());
                }
                return false;
            }
            if !(p.at(TokenKind::Comma) && p.peek_second().kind != TokenKind::RightParen) {
                break;
            }
            p.bump();
        }
    }
    p.eat(TokenKind::Comma);
    if !p.eat(TokenKind::RightParen) {
        p.missed(TokenKind::Comma.name());
        return p.missed(TokenKind::RightParen.name());
    }
    p.finish(mark, NodeKind::ArgumentList);
    true
}

/// `argument = name ":" expression? | expression`
fn argument(p: &mut Parser<'_>) -> bool {
    let mark = p.start();
    if is_name(p) && p.peek_second().kind == TokenKind::Colon {
        p.bump();
        p.bump();
        if !matches!(p.peek().kind, TokenKind::Comma | TokenKind::RightParen) && !expression(p) {
            return false;
        }
    } else if !expression(p) {
        return false;
    }
    p.finish(mark, NodeKind::Argument);
    true
}

/// `expression = path arguments | "[" (expression ("," expression)*)? "]" | NUMBER | STRING | path`
fn expression(p: &mut Parser<'_>) -> bool {
    p.nested(|p| {
        let mark = p.start();
        expression_at(p, mark)
    })
}

fn expression_at(p: &mut Parser<'_>, mark: Mark) -> bool {
    match p.peek().kind {
        TokenKind::String => return string(p),
        TokenKind::LeftBracket => {
            p.bump();
            if !p.eat(TokenKind::RightBracket) {
                loop {
                    if !expression(p) {
                        return false;
                    }
                    if !p.eat(TokenKind::Comma) {
                        break;
                    }
                }
                if !p.eat(TokenKind::RightBracket) {
                    p.missed(TokenKind::Comma.name());
                    return p.missed(TokenKind::RightBracket.name());
                }
            }
            p.finish(mark, NodeKind::Array);
        }
        TokenKind::Number if !p.path_ends_before('(') => {
            p.bump();
            p.finish(mark, NodeKind::Number);
        }
        TokenKind::Word | TokenKind::Number => {
            let word = p.peek().span.of(p.text);
            if !path(p) {
                return false;
            }
            if p.at(TokenKind::LeftParen) {
                if !arguments(p) {
                    return false;
                }
                p.finish(mark, NodeKind::Call);
            } else if word.starts_with(|c: char| c.is_ascii_digit()) {
                // A number followed by letters.
                return false;
            }
        }
        _ => return p.missed("a value"),
    }
    true
}

/// `path = name ("." name?)*`, without blanks
fn path(p: &mut Parser<'_>) -> bool {
    let mark = p.start();
    // What looks like a decimal fraction is two names here.
    p.split_fraction();
    if !name(p) {
        return false;
    }
    while p.at_adjacent(TokenKind::Dot) {
        p.bump();
        p.split_fraction();
        if (p.at_adjacent(TokenKind::Word) || p.at_adjacent(TokenKind::Number)) && is_name(p) {
            p.bump();
        }
    }
    p.finish(mark, NodeKind::Path);
    true
}

fn string(p: &mut Parser<'_>) -> bool {
    let token = p.peek();
    let mark = p.start();
    if !p.expect(TokenKind::String) {
        return false;
    }
    p.finish(mark, NodeKind::String);
    for (within, what) in bad_escapes(token.span.of(p.text)) {
        let span = Span::new(token.span.start + within.start, token.span.start + within.end);
        let error = match what {
            BadEscape::Unknown => rule::syntax::STRING_ESCAPE
                .at(span, format!("`{}` is not a valid escape", span.of(p.text)))
                .help("write `\\\\` for a backslash"),
            BadEscape::Unicode => rule::syntax::STRING_UNICODE_ESCAPE
                .at(span, format!("`{}` is not a valid Unicode escape", span.of(p.text)))
                .help("write `\\u` and the character's four hexadecimal digits"),
        };
        p.errors.push(error);
    }
    true
}

/// A name is a word or a number without sign and fraction.
fn is_name(p: &Parser<'_>) -> bool {
    let token = p.peek();
    match token.kind {
        TokenKind::Word => true,
        TokenKind::Number => token.span.of(p.text).bytes().all(|b| b.is_ascii_digit()),
        _ => false,
    }
}

fn name(p: &mut Parser<'_>) -> bool {
    let is_there = is_name(p);
    if is_there {
        p.bump();
        return true;
    }
    p.missed("a name")
}

/// `comment?`, followed by the end of the line
fn at_end_of_line(p: &mut Parser<'_>) -> bool {
    p.skip_blanks();
    if p.peek().kind.is_comment() {
        p.bump();
    }
    p.at(TokenKind::Newline) || p.missed(TokenKind::Newline.name())
}

/// `comment? NEWLINE`
fn end_of_line(p: &mut Parser<'_>) -> bool {
    if p.peek().kind.is_comment() {
        p.bump();
    }
    p.expect(TokenKind::Newline)
}

/// Consumes the rest of the line and its end. Returns false at the end of the text.
fn rest_of_line(p: &mut Parser<'_>) -> bool {
    loop {
        match p.peek().kind {
            TokenKind::Newline => {
                p.bump();
                return true;
            }
            TokenKind::Eof => {
                p.skip_blanks();
                return false;
            }
            // A block comment may contain the end of the line.
            _ if p.split_before(&['\n', '\r']) => {}
            _ => p.bump(),
        }
    }
}

fn end(p: &mut Parser<'_>, read: bool, mark: Mark, kind: NodeKind) -> bool {
    if read {
        p.finish(mark, kind);
    } else {
        p.rollback(mark);
    }
    read
}

/// Parses a line in a block that matches nothing.
fn error_line(p: &mut Parser<'_>, block: NodeKind, name: Span) {
    let expectation = p.take_expectation();
    let mark = p.start();
    rest_of_line(p);
    let span = p.finish(mark, NodeKind::ErrorLine);
    let line = span.of(p.text).trim_end();
    let word = line.split(' ').next().unwrap_or_default();
    if KEYWORDS.contains(&word) && line.ends_with('{') {
        let error =
            rule::syntax::BLOCK_WITHIN_BLOCK.at(span, format!("`{line}` starts inside another block"));
        let header = p.text[name.start as usize..].lines().next().unwrap_or_default();
        p.errors.push(if is_on_one_line(header) {
            error
                .label(name, "the `}` of this block is on its first line, where it does not close the block")
                .help("move the contents of the preceding block and its `}` to separate lines")
        } else {
            error
                .label(name, "this block is not closed")
                .help("close the preceding block with a `}` on its own line")
        });
        return;
    }
    let (rule, what, form) = match block {
        NodeKind::Config => (
            &rule::syntax::SETTING_UNREADABLE,
            "this line is not a setting",
            "write a setting as `name = value`, on one line",
        ),
        NodeKind::Enum => (
            &rule::syntax::ENUM_VALUE_UNREADABLE,
            "this line is not an enum value",
            "write one name per line, and attributes of the enum as `@@name(…)`",
        ),
        _ => (
            &rule::syntax::FIELD_UNREADABLE,
            "this line is neither a field nor an attribute",
            "write a field as `name Type @attribute`, on one line, and an attribute of the block as `@@name(…)`",
        ),
    };
    let error = rule.at(span, what).help(form);
    let error = with_expectation(p.text, error, &expectation);
    p.errors.push(error);
}

/// Parses a line outside of all blocks that matches nothing.
fn top_level_error(p: &mut Parser<'_>) {
    let expectation = p.take_expectation();
    let mark = p.start();
    rest_of_line(p);
    let span = p.finish(mark, NodeKind::ErrorLine);
    let line = span.of(p.text).trim_end();
    let word = line.split(' ').next().unwrap_or_default();
    let error = if line == "}" {
        rule::syntax::BRACE_WITHOUT_BLOCK
            .at(span, "this `}` does not close a block")
            .help("remove it, or look above for a block that is closed too early or cannot be parsed")
    } else if !KEYWORDS.contains(&word) {
        let error = if line.ends_with('{') {
            rule::syntax::BLOCK_UNKNOWN.at(span, format!("`{word}` is not a block keyword"))
        } else {
            rule::syntax::LINE_OUTSIDE_BLOCK
                .at(span, "this line is outside of any block and does not start one")
        };
        match crate::suggest::closest(word, KEYWORDS) {
            Some(keyword) => error.help(format!("did you mean `{keyword}`?")),
            None => error.help(
                "a block starts with `model`, `view`, `enum`, `datasource` or `generator`, a name and `{`",
            ),
        }
    } else if expectation.found.start >= span.end && is_on_one_line(line) {
        let part = match word {
            "enum" => "value",
            "datasource" | "generator" => "setting",
            _ => "field",
        };
        rule::syntax::BLOCK_ON_ONE_LINE
            .at(span, format!("this `{word}` is on one line"))
            .help(format!("write each {part} and the closing `}}` on separate lines"))
    } else if expectation.found.start >= span.end {
        rule::syntax::BLOCK_NOT_CLOSED
            .at(span, format!("the block `{line}` is not closed"))
            .help("close it with a `}` on its own line")
    } else {
        let error = rule::syntax::BLOCK_HEADER
            .at(span, format!("the first line of this `{word}` cannot be parsed"))
            .help(format!("a block starts with the keyword, a name and `{{`: `{word} Name {{`"));
        with_expectation(p.text, error, &expectation)
    };
    p.errors.push(error);
}

/// Whether the first line of a block contains its closing brace. A comment may follow.
fn is_on_one_line(line: &str) -> bool {
    let ends = |line: &str| line.trim_end().ends_with('}');
    line.contains('{') && (ends(line) || line.match_indices("//").any(|(at, _)| ends(&line[..at])))
}

fn with_expectation(text: &str, error: Diagnostic, expectation: &Expectation) -> Diagnostic {
    let Expectation { wanted, found, .. } = expectation;
    let Some((last, others)) = wanted.split_last() else {
        return error;
    };
    let wanted =
        if others.is_empty() { (*last).to_owned() } else { format!("{} or {last}", others.join(", ")) };
    let is_break = found.of(text).starts_with(['\n', '\r']);
    let what = if is_break || found.is_empty() {
        format!("expected {wanted} before the end of the line")
    } else {
        format!("expected {wanted} here")
    };
    error.label(*found, what)
}
