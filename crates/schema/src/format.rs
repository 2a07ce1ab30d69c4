//! Writes the tree as canonical text: comments kept, columns aligned, attributes in order.
//!
//! Source: Prisma 6.19, `prisma format` with an indent of two.

mod missing_relations;

use crate::ast::comments;
use crate::parse::{self, Parse};
use crate::span::Span;
use crate::token::{Token, TokenKind};
use crate::tree::{Element, Node, NodeKind};

const INDENT: &str = "  ";

/// The order of attributes; others come last, unchanged.
const ATTRIBUTE_ORDER: [&str; 9] =
    ["id", "unique", "default", "updatedAt", "index", "fulltext", "map", "relation", "ignore"];

pub(crate) fn missing_relation_parts(parse: &Parse) -> Vec<(u32, String)> {
    let insertions = missing_relations::insertions(&parse.tree, &parse.errors);
    insertions.into_iter().map(|insertion| (insertion.at, insertion.text)).collect()
}

/// Returns the formatted text of each file.
pub(crate) fn format(parse: &Parse) -> Vec<String> {
    let text = parse.tree.text();
    let insertions = missing_relations::insertions(&parse.tree, &parse.errors);
    let one = |root: &Node| {
        let mut own = insertions
            .iter()
            .filter(|insertion| root.span.start <= insertion.at && insertion.at <= root.span.end)
            .peekable();
        if own.peek().is_none() {
            return layout(text, root);
        }
        let completed = missing_relations::insert(text, root.span, own);
        parse::parse(&completed).tree.roots().iter().map(|root| layout(&completed, root)).collect()
    };
    parse.tree.roots().iter().map(one).collect()
}

fn layout(text: &str, root: &Node) -> String {
    let len = root.span.range().len();
    let mut formatter = Formatter { text, out: String::with_capacity(len + len / 8) };
    formatter.file(root);
    if !formatter.out.ends_with('\n') {
        formatter.out.push('\n');
    }
    formatter.out
}

struct Formatter<'a> {
    text: &'a str,
    out: String,
}

/// A part of a block or file; whitespace has been dropped.
enum Part<'a> {
    Node(&'a Node),
    /// One or more empty lines, or the rest of a line.
    EmptyLines,
}

fn parts(node: &Node) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    // Some nodes do not include the end of their line.
    let mut within_line = false;
    for child in &node.children {
        match child {
            Element::Node(node) => {
                parts.push(Part::Node(node));
                within_line = matches!(node.kind, NodeKind::Property | NodeKind::BlockAttribute);
            }
            Element::Token(token) if token.kind == TokenKind::Newline => {
                if std::mem::take(&mut within_line) {
                    continue;
                }
                if !matches!(parts.last(), Some(Part::EmptyLines)) {
                    parts.push(Part::EmptyLines);
                }
            }
            Element::Token(_) => {}
        }
    }
    parts
}

impl<'a> Formatter<'a> {
    fn file(&mut self, root: &'a Node) {
        let parts = parts(root);
        let mut rest = parts.as_slice();
        if let [Part::EmptyLines, after @ ..] = rest {
            rest = after;
        }
        for (at, part) in rest.iter().enumerate() {
            match part {
                Part::EmptyLines if at + 1 == rest.len() => {}
                Part::EmptyLines => self.out.push('\n'),
                Part::Node(node) => match node.kind {
                    NodeKind::Model | NodeKind::Enum | NodeKind::Config => self.block(node),
                    NodeKind::CommentBlock => {
                        let mut table = Table::default();
                        self.comments(node, &mut table);
                        table.render("", &mut self.out);
                    }
                    // Lines that cannot be parsed are kept.
                    _ => self.out.push_str(node.span.of(self.text)),
                },
            }
        }
    }

    fn block(&mut self, block: &'a Node) {
        let words: Vec<&str> = block
            .tokens()
            .filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::Number))
            .map(|token| token.span.of(self.text))
            .collect();
        self.out.push_str(&words.join(" "));
        self.out.push_str(" {\n");
        self.contents(&contents_of(block));
        self.out.push_str("}\n");
    }

    /// Formats the lines of a block: tables separated by empty lines, then block attributes.
    fn contents(&mut self, parts: &[Part<'a>]) {
        let mut table = Table::default();
        let mut attributes: Vec<(Option<&Node>, &Node)> = Vec::new();
        let mut comment_of_attribute = None;
        let mut after_empty_line = false;
        for (at, part) in parts.iter().enumerate() {
            let next = match parts.get(at + 1) {
                Some(Part::Node(node)) => Some(node.kind),
                _ => None,
            };
            let node = match part {
                Part::EmptyLines => {
                    // The empty line before attributes and comments is rewritten; there is none at the end.
                    if at > 0
                        && !matches!(next, None | Some(NodeKind::BlockAttribute | NodeKind::CommentBlock))
                    {
                        self.part(&mut table);
                    }
                    after_empty_line = at > 0;
                    continue;
                }
                Part::Node(node) => node,
            };
            match node.kind {
                NodeKind::CommentBlock if next == Some(NodeKind::BlockAttribute) => {
                    comment_of_attribute = Some(*node);
                }
                NodeKind::CommentBlock => {
                    if after_empty_line {
                        self.part(&mut table);
                    }
                    self.comments(node, &mut table);
                }
                NodeKind::BlockAttribute => attributes.push((comment_of_attribute.take(), node)),
                NodeKind::Field => self.field(node, &mut table),
                NodeKind::EnumValue => self.enum_value(node, &mut table),
                NodeKind::Property => self.property(node, &mut table),
                _ => table.raw(node.span.of(self.text).trim_end_matches('\n')),
            }
            after_empty_line = false;
        }
        table.render(INDENT, &mut self.out);
        if !attributes.is_empty() {
            table.row();
        }
        attributes.sort_by_key(|(_, attribute)| self.order(attribute));
        for (comment, attribute) in attributes {
            if let Some(comment) = comment {
                self.comments(comment, &mut table);
            }
            table.row();
            let text = format!("@@{}", self.call(attribute));
            table.column(0, &text);
            self.trailing_comment(attribute, &mut table);
        }
        table.render(INDENT, &mut self.out);
    }

    /// Ends a table with an empty line.
    fn part(&mut self, table: &mut Table) {
        table.render(INDENT, &mut self.out);
        table.row();
    }

    fn field(&self, field: &Node, table: &mut Table) {
        table.row();
        table.column(0, self.first_word(field));
        if let Some(ty) = field.nodes_of(NodeKind::FieldType).next() {
            table.column(1, &self.field_type(ty));
        }
        let mut attributes: Vec<&Node> = field.nodes_of(NodeKind::FieldAttribute).collect();
        attributes.sort_by_key(|attribute| self.order(attribute));
        let attributes: Vec<String> =
            attributes.into_iter().map(|attribute| format!("@{}", self.call(attribute))).collect();
        table.column(2, &attributes.join(" "));
        self.trailing_comment(field, table);
    }

    fn field_type(&self, ty: &Node) -> String {
        let has = |kind| ty.token(kind).is_some();
        let name = |token: &Token| matches!(token.kind, TokenKind::Word | TokenKind::Number);
        let start = ty.tokens().find(name).map_or(ty.span.start, |token| token.span.start);
        // Whitespace in `Unsupported("…")` is kept.
        let end = ty.token(TokenKind::RightParen).or_else(|| ty.tokens().find(name));
        let base = Span::new(start, end.map_or(ty.span.end, |token| token.span.end));
        let mut text = base.of(self.text).to_owned();
        if has(TokenKind::LeftBracket) {
            text.push_str("[]");
        }
        if has(TokenKind::Question) {
            text.push('?');
        }
        text
    }

    fn enum_value(&self, value: &Node, table: &mut Table) {
        table.row();
        table.column(0, self.first_word(value));
        let attributes: Vec<String> = value
            .nodes_of(NodeKind::FieldAttribute)
            .map(|attribute| format!("@{}", self.call(attribute)))
            .collect();
        if !attributes.is_empty() {
            table.column(1, &attributes.concat());
        }
        self.trailing_comment(value, table);
    }

    fn property(&self, property: &Node, table: &mut Table) {
        table.row();
        table.column(0, self.first_word(property));
        if let Some(value) = property.nodes().next() {
            table.column(1, &format!("= {}", self.expression(value)));
        }
        self.trailing_comment(property, table);
    }

    fn first_word(&self, node: &Node) -> &'a str {
        node.tokens()
            .find(|token| matches!(token.kind, TokenKind::Word | TokenKind::Number))
            .map_or("", |token| token.span.of(self.text))
    }

    fn trailing_comment(&self, node: &Node, table: &mut Table) {
        if let Some(comment) = node.tokens().find(|token| token.kind.is_comment()) {
            table.suffix(comment.span.of(self.text));
        }
    }

    /// Formats a name with its arguments.
    fn call(&self, node: &Node) -> String {
        node.nodes()
            .map(|child| match child.kind {
                NodeKind::ArgumentList => {
                    let arguments: Vec<String> =
                        child.nodes().map(|argument| self.argument(argument)).collect();
                    format!("({})", arguments.join(", "))
                }
                _ => child.span.of(self.text).to_owned(),
            })
            .collect()
    }

    fn argument(&self, argument: &Node) -> String {
        let value = argument.nodes().next().map(|value| self.expression(value)).unwrap_or_default();
        match argument.tokens().find(|token| token.kind == TokenKind::Colon) {
            Some(_) => format!("{}: {value}", self.first_word(argument)),
            None => value,
        }
    }

    fn expression(&self, value: &Node) -> String {
        match value.kind {
            NodeKind::Call => self.call(value),
            NodeKind::Array => {
                let values: Vec<String> = value.nodes().map(|value| self.expression(value)).collect();
                format!("[{}]", values.join(", "))
            }
            _ => value.span.of(self.text).to_owned(),
        }
    }

    fn order(&self, attribute: &Node) -> usize {
        let name = attribute.nodes_of(NodeKind::Path).next().map_or("", |path| path.span.of(self.text));
        ATTRIBUTE_ORDER.iter().position(|ordered| *ordered == name).unwrap_or(ATTRIBUTE_ORDER.len())
    }

    fn comments(&self, block: &Node, table: &mut Table) {
        for (token, content) in comments(block, self.text) {
            table.row();
            if token.kind != TokenKind::BlockComment {
                table.suffix(token.span.of(self.text));
                continue;
            }
            table.suffix("/**");
            for line in content.lines() {
                let line = line.trim();
                let line = line.strip_prefix('*').map_or(line, str::trim_start);
                if !line.is_empty() {
                    table.row();
                    table.suffix(&format!(" * {line}"));
                }
            }
            table.row();
            table.suffix(" */");
        }
    }
}

/// Returns what is between the braces.
fn contents_of(block: &Node) -> Vec<Part<'_>> {
    let mut parts = parts(block);
    parts.retain(|part| !matches!(part, Part::Node(node) if node.kind == NodeKind::BlockOpen));
    if matches!(parts.first(), Some(Part::EmptyLines)) {
        parts.remove(0);
    }
    parts
}

/// Lines with aligned columns.
#[derive(Default)]
struct Table {
    rows: Vec<Row>,
}

enum Row {
    /// Columns, and what follows them without affecting their width.
    Aligned(Vec<String>, String),
    Raw(String),
}

impl Table {
    fn row(&mut self) {
        self.rows.push(Row::Aligned(Vec::new(), String::new()));
    }

    fn raw(&mut self, line: &str) {
        self.rows.push(Row::Raw(line.to_owned()));
    }

    fn column(&mut self, index: usize, text: &str) {
        if let Some(Row::Aligned(columns, _)) = self.rows.last_mut() {
            columns.resize(index, String::new());
            columns.push(text.to_owned());
        }
    }

    fn suffix(&mut self, text: &str) {
        if let Some(Row::Aligned(_, suffix)) = self.rows.last_mut() {
            suffix.push_str(text);
        }
    }

    /// Writes the lines and empties the table.
    fn render(&mut self, indent: &str, out: &mut String) {
        let mut rows = std::mem::take(&mut self.rows);
        let mut widths: Vec<usize> = Vec::new();
        for row in &mut rows {
            let Row::Aligned(columns, _) = row else { continue };
            while columns.last().is_some_and(String::is_empty) {
                columns.pop();
            }
            widths.resize(widths.len().max(columns.len()), 0);
            for (width, column) in widths.iter_mut().zip(columns) {
                *width = (*width).max(column.len());
            }
        }
        for row in rows {
            let mut line = String::new();
            match row {
                Row::Aligned(columns, suffix) => {
                    let last = columns.len().saturating_sub(1);
                    for (at, column) in columns.iter().enumerate() {
                        line.push_str(column);
                        if at < last {
                            // Widths are in bytes, as in Prisma.
                            line.extend(std::iter::repeat_n(' ', widths[at] - column.len() + 1));
                        }
                    }
                    if !suffix.is_empty() {
                        if !columns.is_empty() {
                            line.push(' ');
                        }
                        line.push_str(&suffix);
                    }
                }
                Row::Raw(text) => line = text,
            }
            if !line.is_empty() {
                out.push_str(indent);
                out.push_str(&line);
            }
            out.push('\n');
        }
    }
}
