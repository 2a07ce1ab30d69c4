//! Typed views over the lossless tree. Views are cheap to copy. Parts that may be missing from broken text are
//! `Option`s.

use crate::span::Span;
use crate::string::unescape;
use crate::token::{Token, TokenKind};
use crate::tree::{Element, Node, NodeKind, Tree};

/// An occurrence of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name<'a> {
    /// The name.
    pub text: &'a str,
    /// The span of the name.
    pub span: Span,
}

/// A file, or all files of a schema.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    roots: &'a [Node],
    text: &'a str,
}

/// A top-level block.
#[derive(Debug, Clone, Copy)]
pub enum Item<'a> {
    /// `model`, `view` or `type`.
    Model(Model<'a>),
    /// `enum`
    Enum(Enum<'a>),
    /// `datasource` or `generator`.
    Config(Config<'a>),
}

impl Item<'_> {
    /// Returns the span of the whole block.
    pub fn span(self) -> Span {
        match self {
            Item::Model(block) => block.span(),
            Item::Enum(block) => block.span(),
            Item::Config(block) => block.span(),
        }
    }
}

impl Tree {
    /// Returns the typed view of the tree.
    pub fn file(&self) -> File<'_> {
        File { roots: self.roots(), text: self.text() }
    }
}

impl<'a> File<'a> {
    /// Returns each file separately.
    pub fn each(self) -> impl Iterator<Item = File<'a>> {
        self.roots.iter().map(move |root| File { roots: std::slice::from_ref(root), text: self.text })
    }

    /// Returns the blocks that could be parsed, in source order.
    pub fn items(self) -> impl Iterator<Item = Item<'a>> {
        self.roots.iter().flat_map(move |root| items(root, self.text))
    }
}

fn items<'a>(root: &'a Node, text: &'a str) -> impl Iterator<Item = Item<'a>> {
    let is_blank =
        |child: &&Element| matches!(child, Element::Token(token) if token.kind == TokenKind::Whitespace);
    let mut nodes = root.children.iter().filter(move |child| !is_blank(child)).peekable();
    let mut pending = None;
    std::iter::from_fn(move || {
        loop {
            let Element::Node(node) = nodes.next()? else { continue };
            match node.kind {
                NodeKind::CommentBlock => {
                    let is_before_block = matches!(
                        nodes.peek(),
                        Some(Element::Node(next))
                            if matches!(next.kind, NodeKind::Model | NodeKind::Enum | NodeKind::Config)
                    );
                    if is_before_block {
                        pending = Some(node);
                    }
                }
                // As in Prisma, a comment before a `datasource` or `generator` documents the next model or enum.
                NodeKind::Config => return Some((node, None)),
                NodeKind::Model | NodeKind::Enum => return Some((node, pending.take())),
                _ => {}
            }
        }
    })
    .filter_map(move |(node, comment)| match node.kind {
        NodeKind::Model => Some(Item::Model(Model { node, text, comment })),
        NodeKind::Enum => Some(Item::Enum(Enum { node, text, comment })),
        NodeKind::Config => Some(Item::Config(Config { node, text })),
        _ => None,
    })
}

/// Returns the child nodes of a block, each with the comments before it, even across empty lines.
fn with_comments(parent: &Node) -> impl Iterator<Item = (&Node, Option<&Node>)> {
    let mut pending = None;
    parent.nodes().filter_map(move |node| match node.kind {
        NodeKind::CommentBlock => {
            pending = Some(node);
            None
        }
        NodeKind::BlockAttribute => Some((node, None)),
        _ => Some((node, pending.take())),
    })
}

/// Returns the documentation in the comments before a node and at the end of its line.
fn documentation(text: &str, before: Option<&Node>, of: &Node) -> Option<String> {
    let lines: Vec<&str> = before
        .into_iter()
        .chain([of])
        .flat_map(|node| comments(node, text))
        .filter_map(|(token, content)| match token.kind {
            TokenKind::DocComment => Some(content.trim_start()),
            TokenKind::BlockComment => Some(content.trim()),
            _ => None,
        })
        .collect();
    if lines.is_empty() { None } else { Some(lines.join("\n")) }
}

/// Returns the comments in a node, each with its contents.
///
/// As in Prisma, the spaces before a `/*` that continues a comment block count as part of the delimiter: with two of
/// them, the delimiter itself becomes part of the contents.
pub(crate) fn comments<'a>(node: &'a Node, text: &'a str) -> impl Iterator<Item = (Token, &'a str)> {
    let mut blank = None;
    node.tokens().filter_map(move |token| {
        let blank = blank
            .replace(token)
            .filter(|before| node.kind == NodeKind::CommentBlock && before.kind == TokenKind::Whitespace);
        let comment = token.span.of(text);
        let content = match token.kind {
            TokenKind::DocComment => comment.strip_prefix("///")?,
            TokenKind::LineComment => comment.strip_prefix("//")?,
            TokenKind::BlockComment => {
                let start = blank.map_or(token.span.start, |blank| blank.span.start);
                let whole = Span::new(start, token.span.end).of(text).strip_suffix("*/")?;
                &whole[whole.floor_char_boundary("/*".len())..]
            }
            _ => return None,
        };
        Some((token, content))
    })
}

fn nth_name<'a>(node: &Node, text: &'a str, n: usize) -> Option<Name<'a>> {
    node.tokens()
        .filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::Number))
        .nth(n)
        .map(|token| Name { text: token.span.of(text), span: token.span })
}

/// A `model`, `view` or `type` block.
#[derive(Debug, Clone, Copy)]
pub struct Model<'a> {
    node: &'a Node,
    text: &'a str,
    comment: Option<&'a Node>,
}

impl<'a> Model<'a> {
    /// `model`, `view` or `type`.
    pub fn keyword(self) -> Option<Name<'a>> {
        nth_name(self.node, self.text, 0)
    }

    /// Returns the name after the keyword.
    pub fn name(self) -> Option<Name<'a>> {
        nth_name(self.node, self.text, 1)
    }

    /// Returns the fields, in order.
    pub fn fields(self) -> impl Iterator<Item = Field<'a>> {
        let text = self.text;
        with_comments(self.node).filter_map(move |(node, comment)| {
            (node.kind == NodeKind::Field).then_some(Field { node, text, comment })
        })
    }

    /// Returns the attributes of the block, in order.
    pub fn attributes(self) -> impl Iterator<Item = Attribute<'a>> {
        attributes(self.node, self.text, NodeKind::BlockAttribute)
    }

    /// Returns the `///` comment before it.
    pub fn documentation(self) -> Option<String> {
        self.comment.and_then(|comment| documentation(self.text, None, comment))
    }

    /// Returns the span of the block.
    pub fn span(self) -> Span {
        self.node.span
    }
}

/// A field.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    node: &'a Node,
    text: &'a str,
    comment: Option<&'a Node>,
}

impl<'a> Field<'a> {
    /// Returns the name.
    pub fn name(self) -> Option<Name<'a>> {
        nth_name(self.node, self.text, 0)
    }

    /// Returns the type.
    pub fn ty(self) -> Option<FieldType<'a>> {
        self.node.nodes_of(NodeKind::FieldType).next().map(|node| FieldType { node, text: self.text })
    }

    /// Whether it is written without obsolete syntax, so that it counts as a field.
    pub fn is_well_formed(self) -> bool {
        self.node.token(TokenKind::Colon).is_none() && self.ty().is_some_and(FieldType::is_well_formed)
    }

    /// Returns the attributes, in order.
    pub fn attributes(self) -> impl Iterator<Item = Attribute<'a>> {
        attributes(self.node, self.text, NodeKind::FieldAttribute)
    }

    /// Returns the `///` comments before it and at the end of its line.
    pub fn documentation(self) -> Option<String> {
        documentation(self.text, self.comment, self.node)
    }

    /// Returns the span from its name to the end of its line.
    pub fn span(self) -> Span {
        self.node.span
    }
}

/// The type of a field.
#[derive(Debug, Clone, Copy)]
pub struct FieldType<'a> {
    node: &'a Node,
    text: &'a str,
}

impl<'a> FieldType<'a> {
    /// Returns the name of the type, without `?` and `[]`.
    pub fn name(self) -> Option<Name<'a>> {
        nth_name(self.node, self.text, 0)
    }

    /// Returns the contents of `Unsupported("…")`.
    pub fn unsupported(self) -> Option<StringLiteral<'a>> {
        self.node
            .nodes_of(NodeKind::String)
            .next()
            .map(|node| StringLiteral { span: node.span, raw: node.span.of(self.text) })
    }

    /// Returns the span, including `?` or `[]`.
    pub fn span(self) -> Span {
        self.node.span
    }

    /// Whether the type is `Type[]`.
    pub fn is_list(self) -> bool {
        self.node.token(TokenKind::LeftBracket).is_some()
    }

    /// Whether the type is `Type?`.
    pub fn is_optional(self) -> bool {
        self.node.token(TokenKind::Question).is_some()
    }

    fn is_well_formed(self) -> bool {
        let starts_with_bracket =
            self.node.tokens().next().is_some_and(|token| token.kind == TokenKind::LeftBracket);
        self.node.token(TokenKind::Bang).is_none()
            && !starts_with_bracket
            && !(self.is_list() && self.is_optional())
    }
}

/// An `enum` block.
#[derive(Debug, Clone, Copy)]
pub struct Enum<'a> {
    node: &'a Node,
    text: &'a str,
    comment: Option<&'a Node>,
}

impl<'a> Enum<'a> {
    /// Returns the name after the keyword.
    pub fn name(self) -> Option<Name<'a>> {
        nth_name(self.node, self.text, 1)
    }

    /// Returns the values, in order.
    pub fn values(self) -> impl Iterator<Item = EnumValue<'a>> {
        let text = self.text;
        with_comments(self.node).filter_map(move |(node, comment)| {
            (node.kind == NodeKind::EnumValue).then_some(EnumValue { node, text, comment })
        })
    }

    /// Returns the attributes of the block, in order.
    pub fn attributes(self) -> impl Iterator<Item = Attribute<'a>> {
        attributes(self.node, self.text, NodeKind::BlockAttribute)
    }

    /// Returns the `///` comment before it.
    pub fn documentation(self) -> Option<String> {
        self.comment.and_then(|comment| documentation(self.text, None, comment))
    }

    /// Returns the span of the block.
    pub fn span(self) -> Span {
        self.node.span
    }
}

/// A value of an enum.
#[derive(Debug, Clone, Copy)]
pub struct EnumValue<'a> {
    node: &'a Node,
    text: &'a str,
    comment: Option<&'a Node>,
}

impl<'a> EnumValue<'a> {
    /// Returns the name.
    pub fn name(self) -> Option<Name<'a>> {
        nth_name(self.node, self.text, 0)
    }

    /// Returns the attributes, in order.
    pub fn attributes(self) -> impl Iterator<Item = Attribute<'a>> {
        attributes(self.node, self.text, NodeKind::FieldAttribute)
    }

    /// Returns the `///` comments before it and at the end of its line.
    pub fn documentation(self) -> Option<String> {
        documentation(self.text, self.comment, self.node)
    }

    /// Returns the span from its name to the end of its line.
    pub fn span(self) -> Span {
        self.node.span
    }
}

/// A `datasource` or `generator` block.
#[derive(Debug, Clone, Copy)]
pub struct Config<'a> {
    node: &'a Node,
    text: &'a str,
}

impl<'a> Config<'a> {
    /// Whether it is a `datasource`; otherwise it is a `generator`.
    pub fn is_datasource(self) -> bool {
        nth_name(self.node, self.text, 0).is_some_and(|name| name.text == "datasource")
    }

    /// Returns the name after the keyword.
    pub fn name(self) -> Option<Name<'a>> {
        nth_name(self.node, self.text, 1)
    }

    /// Returns the settings, in order.
    pub fn properties(self) -> impl Iterator<Item = Property<'a>> {
        let text = self.text;
        self.node.nodes_of(NodeKind::Property).map(move |node| Property { node, text })
    }

    /// Returns the last `///` comment in the block.
    pub fn documentation(self) -> Option<String> {
        self.node
            .nodes_of(NodeKind::CommentBlock)
            .last()
            .and_then(|comment| documentation(self.text, None, comment))
    }

    /// Returns the span of the block.
    pub fn span(self) -> Span {
        self.node.span
    }
}

/// A setting.
#[derive(Debug, Clone, Copy)]
pub struct Property<'a> {
    node: &'a Node,
    text: &'a str,
}

impl<'a> Property<'a> {
    /// Returns the name.
    pub fn name(self) -> Option<Name<'a>> {
        nth_name(self.node, self.text, 0)
    }

    /// Returns the value.
    pub fn value(self) -> Option<Expression<'a>> {
        expressions(self.node, self.text).next()
    }

    /// Returns the span from its name up to the end of its line.
    pub fn span(self) -> Span {
        self.node.span
    }
}

fn attributes<'a>(parent: &'a Node, text: &'a str, kind: NodeKind) -> impl Iterator<Item = Attribute<'a>> {
    parent.nodes_of(kind).map(move |node| Attribute { node, text })
}

/// `@name(…)` or `@@name(…)`
#[derive(Debug, Clone, Copy)]
pub struct Attribute<'a> {
    node: &'a Node,
    text: &'a str,
}

impl<'a> Attribute<'a> {
    /// Returns the name after the `@`, including dots.
    pub fn name(self) -> Option<Name<'a>> {
        self.node
            .nodes_of(NodeKind::Path)
            .next()
            .map(|node| Name { text: node.span.of(self.text), span: node.span })
    }

    /// Whether it is a block attribute (`@@`).
    pub fn is_of_block(self) -> bool {
        self.node.kind == NodeKind::BlockAttribute
    }

    /// Returns the arguments; no parentheses count as empty parentheses.
    pub fn arguments(self) -> Arguments<'a> {
        arguments(self.node, self.text)
    }

    /// Returns the span. Without arguments, it extends to the next token; for a block attribute, it includes the
    /// comment.
    pub fn span(self) -> Span {
        self.node.span
    }
}

fn arguments<'a>(parent: &'a Node, text: &'a str) -> Arguments<'a> {
    Arguments { node: parent.nodes_of(NodeKind::ArgumentList).next(), text }
}

/// `(…)`, or nothing.
#[derive(Debug, Clone, Copy)]
pub struct Arguments<'a> {
    node: Option<&'a Node>,
    text: &'a str,
}

impl<'a> Arguments<'a> {
    /// Returns the arguments in order, including those without a value.
    pub fn iter(self) -> impl Iterator<Item = Argument<'a>> {
        let text = self.text;
        self.node
            .into_iter()
            .flat_map(|node| node.nodes_of(NodeKind::Argument))
            .map(move |node| Argument { node, text })
    }

    /// Returns the comma after the last argument.
    pub fn trailing_comma(self) -> Option<Span> {
        let mut last = None;
        for child in &self.node?.children {
            match child {
                Element::Node(_) => last = None,
                Element::Token(token) if token.kind == TokenKind::Comma => last = Some(token.span),
                Element::Token(_) => {}
            }
        }
        last
    }
}

/// An argument.
#[derive(Debug, Clone, Copy)]
pub struct Argument<'a> {
    node: &'a Node,
    text: &'a str,
}

impl<'a> Argument<'a> {
    /// Returns the name before the colon.
    pub fn name(self) -> Option<Name<'a>> {
        nth_name(self.node, self.text, 0)
    }

    /// Returns the value.
    pub fn value(self) -> Option<Expression<'a>> {
        expressions(self.node, self.text).next()
    }

    /// Returns the span.
    pub fn span(self) -> Span {
        self.node.span
    }
}

fn expressions<'a>(parent: &'a Node, text: &'a str) -> impl Iterator<Item = Expression<'a>> {
    parent.nodes().filter_map(move |node| {
        let name = Name { text: node.span.of(text), span: node.span };
        match node.kind {
            NodeKind::Number => Some(Expression::Number(name)),
            NodeKind::Path => Some(Expression::Constant(name)),
            NodeKind::String => Some(Expression::String(StringLiteral { raw: name.text, span: node.span })),
            NodeKind::Call => Some(Expression::Call(Call { node, text })),
            NodeKind::Array => Some(Expression::Array(Array { node, text })),
            _ => None,
        }
    })
}

/// A value.
#[derive(Debug, Clone, Copy)]
pub enum Expression<'a> {
    /// A number, as written.
    Number(Name<'a>),
    /// A string.
    String(StringLiteral<'a>),
    /// A bare word: `true`, a field, an enum value.
    Constant(Name<'a>),
    /// `name(…)`
    Call(Call<'a>),
    /// `[…]`
    Array(Array<'a>),
}

impl<'a> Expression<'a> {
    /// Returns the span.
    pub fn span(self) -> Span {
        match self {
            Expression::Number(name) | Expression::Constant(name) => name.span,
            Expression::String(string) => string.span,
            Expression::Call(call) => call.node.span,
            Expression::Array(array) => array.node.span,
        }
    }

    /// Returns the source text.
    pub fn source(self) -> &'a str {
        match self {
            Expression::Number(name) | Expression::Constant(name) => name.text,
            Expression::String(string) => string.raw,
            Expression::Call(call) => call.node.span.of(call.text),
            Expression::Array(array) => array.node.span.of(array.text),
        }
    }

    /// Returns the kind of value, for messages.
    pub fn kind_name(self) -> &'static str {
        match self {
            Expression::Number(_) => "a number",
            Expression::String(_) => "a string",
            Expression::Constant(_) => "a bare word",
            Expression::Call(_) => "a function call",
            Expression::Array(_) => "a list",
        }
    }
}

/// A string.
#[derive(Debug, Clone, Copy)]
pub struct StringLiteral<'a> {
    raw: &'a str,
    /// The span, including the quotes.
    pub span: Span,
}

impl StringLiteral<'_> {
    /// Returns the unescaped contents.
    pub fn value(self) -> String {
        unescape(self.raw)
    }
}

/// `name(…)`
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    node: &'a Node,
    text: &'a str,
}

impl<'a> Call<'a> {
    /// Returns the name before the parentheses.
    pub fn name(self) -> Name<'a> {
        let span = self.node.nodes_of(NodeKind::Path).next().map_or(self.node.span, |path| path.span);
        Name { text: span.of(self.text), span }
    }

    /// Returns the arguments.
    pub fn arguments(self) -> Arguments<'a> {
        arguments(self.node, self.text)
    }

    /// Returns the span.
    pub fn span(self) -> Span {
        self.node.span
    }
}

/// `[…]`
#[derive(Debug, Clone, Copy)]
pub struct Array<'a> {
    node: &'a Node,
    text: &'a str,
}

impl<'a> Array<'a> {
    /// Returns the elements, in order.
    pub fn iter(self) -> impl Iterator<Item = Expression<'a>> {
        expressions(self.node, self.text)
    }
}
