//! Parses schema files into a tree.

use crate::diagnostic::Diagnostic;
use crate::grammar;
use crate::lexer;
use crate::parser::Parser;
use crate::rule;
use crate::sources::Sources;
use crate::span::Span;
use crate::tree::{Node, Tree};

/// The result of parsing a schema.
#[derive(Debug, Clone)]
pub struct Parse {
    /// The lossless tree; unparsable lines are error lines.
    pub tree: Tree,
    /// The syntax errors.
    pub errors: Vec<Diagnostic>,
}

/// Parses a schema file. Never fails: errors are returned beside the tree.
pub fn parse(text: &str) -> Parse {
    if u32::try_from(text.len()).is_err() {
        return too_large();
    }
    let (root, errors) = parse_root(text);
    Parse { tree: Tree::new(text, vec![root]), errors }
}

/// Parses the files of a schema. Spans are relative to [`Sources::text`].
pub fn parse_files(sources: &Sources) -> Parse {
    if u32::try_from(sources.text().len()).is_err() {
        return too_large();
    }
    let mut roots = Vec::new();
    let mut errors = Vec::new();
    for file in sources.files() {
        let (mut root, mut own) = parse_root(file.text);
        root.shift(file.span.start);
        for error in &mut own {
            error.shift(file.span.start);
        }
        roots.push(root);
        errors.append(&mut own);
    }
    Parse { tree: Tree::new(sources.text(), roots), errors }
}

fn parse_root(text: &str) -> (Node, Vec<Diagnostic>) {
    let mut parser = Parser::new(text, lexer::tokenize(text));
    grammar::schema(&mut parser);
    parser.finish_tree()
}

/// Spans have 32 bits.
fn too_large() -> Parse {
    let error = rule::syntax::SCHEMA_TOO_LARGE
        .at(Span::default(), "the schema is larger than four gigabytes")
        .help("split it");
    Parse { errors: vec![error], ..parse("") }
}
