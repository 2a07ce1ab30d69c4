//! The lossless tree: every byte of the text is in exactly one token.

use crate::span::Span;
use crate::token::{Token, TokenKind};

/// A text with its tree, one for each file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    text: String,
    roots: Vec<Node>,
}

impl Tree {
    pub(crate) fn new(text: &str, roots: Vec<Node>) -> Tree {
        Tree { text: text.to_owned(), roots }
    }

    /// Returns the source text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the root nodes, one for each file.
    pub fn roots(&self) -> &[Node] {
        &self.roots
    }
}

/// The kind of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NodeKind {
    /// The whole text.
    Schema,
    /// A `model`, `view` or `type` block.
    Model,
    /// An `enum` block.
    Enum,
    /// A `datasource` or `generator` block.
    Config,
    /// `type Name = …`, which is no longer part of the language.
    TypeAlias,
    /// A block with an unknown keyword, or none.
    UnknownBlock,
    /// A line that could not be parsed.
    ErrorLine,
    /// Comments on consecutive lines.
    CommentBlock,
    /// The opening brace of a block and the rest of its line.
    BlockOpen,
    /// A field of a model.
    Field,
    /// A value of an enum.
    EnumValue,
    /// A setting in a `datasource` or `generator` block.
    Property,
    /// `@@name(…)`
    BlockAttribute,
    /// `@name(…)`
    FieldAttribute,
    /// The type of a field, including `?` or `[]`.
    FieldType,
    /// `(…)`
    ArgumentList,
    /// One argument, with or without a name.
    Argument,
    /// `name(…)`
    Call,
    /// `[…]`
    Array,
    /// A number.
    Number,
    /// A string.
    String,
    /// Names joined by dots.
    Path,
}

/// A node of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The kind.
    pub kind: NodeKind,
    /// The span.
    pub span: Span,
    /// The children, in order and without gaps.
    pub children: Vec<Element>,
}

/// A child of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Element {
    /// A node.
    Node(Node),
    /// A token.
    Token(Token),
}

impl Node {
    /// Returns the child nodes.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.children.iter().filter_map(|child| match child {
            Element::Node(node) => Some(node),
            Element::Token(_) => None,
        })
    }

    /// Returns the child nodes of this kind.
    pub fn nodes_of(&self, kind: NodeKind) -> impl Iterator<Item = &Node> {
        self.nodes().filter(move |node| node.kind == kind)
    }

    /// Returns the child tokens.
    pub fn tokens(&self) -> impl Iterator<Item = Token> {
        self.children.iter().filter_map(|child| match child {
            Element::Token(token) => Some(*token),
            Element::Node(_) => None,
        })
    }

    /// Returns the first child token of this kind.
    pub fn token(&self, kind: TokenKind) -> Option<Token> {
        self.tokens().find(|token| token.kind == kind)
    }

    /// Returns the tokens of this node and all its descendants, in order.
    pub fn all_tokens(&self) -> Vec<Token> {
        let mut all = Vec::new();
        self.collect_tokens(&mut all);
        all
    }

    /// Moves the node by this many bytes. Recursion is bounded by the grammar.
    pub(crate) fn shift(&mut self, by: u32) {
        self.span.shift(by);
        for child in &mut self.children {
            match child {
                Element::Node(node) => node.shift(by),
                Element::Token(token) => token.span.shift(by),
            }
        }
    }

    fn collect_tokens(&self, all: &mut Vec<Token>) {
        for child in &self.children {
            match child {
                Element::Node(node) => node.collect_tokens(all),
                Element::Token(token) => all.push(*token),
            }
        }
    }
}
