//! The Prisma schema language of Prisma 6.19, for PostgreSQL: text, tree, validated model, diagnostics, formatter.
//!
//! ```text
//! text ──lexer──► tokens ──grammar──► lossless tree ──resolve──► draft ──validate──► Schema
//!                                          │                       │          │
//!                                          └──format──► text       └──────────┴──► Vec<Diagnostic> ──render──► text
//! ```
//!
//! ```
//! let schema = nicol_schema::validate(
//!     r#"
//! datasource db {
//!   provider = "postgresql"
//!   url      = env("DATABASE_URL")
//! }
//!
//! model User {
//!   id    String @id @default(cuid())
//!   email String @unique
//! }
//! "#,
//! )
//! .into_result()?;
//! assert_eq!(schema.models[0].fields[1].name, "email");
//! # Ok::<(), Vec<nicol_schema::Diagnostic>>(())
//! ```
//!
//! It reads no files and no environment variables, and it knows no database: what a schema means in SQL is the
//! business of `nicol-migrate`, what it means in Rust that of `nicol-codegen`. A schema in several files is a [`Sources`].
//!
//! Messages are this project's own; which schemas are accepted, and where a mistake is reported, follows Prisma 6.19.

pub mod ast;
pub mod completion;
mod config;
pub mod constraint;
mod diagnostic;
mod dmmf;
mod draft;
mod format;
mod grammar;
mod inflect;
pub mod lexer;
mod lower;
pub mod model;
mod native_type;
mod operator_class;
mod parser;
mod render;
mod resolve;
pub mod rule;
mod sources;
mod span;
mod string;
pub mod suggest;
pub mod symbols;
mod token;
pub mod tree;
mod validate;

pub use config::DatasourceUrl;
pub use diagnostic::{Diagnostic, Label};
pub use model::Schema;
pub use native_type::parts as native_type_parts;
pub use operator_class::{has_default as has_default_operator_class, names as operator_class_names};
pub use render::{render, render_files};
pub use rule::Severity;
pub use sources::{SourceFile, Sources};
pub use span::{LineColumn, LineIndex, Span};
pub use token::{Token, TokenKind};
pub use tree::{Element, Node, NodeKind, Tree};
pub use validate::Validated;

/// A text, or those of several files, read as far as possible.
#[derive(Debug, Clone)]
pub struct Parse {
    /// The lossless tree; what could not be read lies in it as error lines.
    pub tree: Tree,
    /// What could not be read.
    pub errors: Vec<Diagnostic>,
}

/// Reads a schema file. This cannot fail: mistakes become errors beside the tree.
pub fn parse(text: &str) -> Parse {
    if u32::try_from(text.len()).is_err() {
        return too_large();
    }
    let (root, errors) = parse_root(text);
    Parse { tree: Tree::new(text, vec![root]), errors }
}

/// Reads the files of a schema. Places are places in [`Sources::text`].
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
    let mut parser = parser::Parser::new(text, lexer::tokenize(text));
    grammar::schema(&mut parser);
    parser.finish_tree()
}

/// Places are 32 bits wide.
fn too_large() -> Parse {
    let error = rule::syntax::SCHEMA_TOO_LARGE
        .at(Span::default(), "the schema is larger than four gigabytes")
        .help("split it");
    Parse { errors: vec![error], ..parse("") }
}

/// Is this a name that no model and no enum can have.
pub fn is_reserved(name: &str) -> bool {
    resolve::is_reserved(name)
}

/// Reads a schema file, checks it, and builds its model.
pub fn validate(text: &str) -> Validated {
    validate::validate(parse(text), DatasourceUrl::Required)
}

/// Reads the files of a schema, checks them together, and builds their model. Places are places in [`Sources::text`];
/// [`Sources::locate`] tells the file.
pub fn validate_files(sources: &Sources) -> Validated {
    validate_files_with(sources, DatasourceUrl::Required)
}

/// As [`validate_files`], with a `datasource` that may leave its `url` out.
pub fn validate_files_with(sources: &Sources, url: DatasourceUrl) -> Validated {
    validate::validate(parse_files(sources), url)
}

/// The text in canonical form, as `prisma format` has it: columns aligned, attributes in order, comments kept; and what
/// a relation lacks, its other end or its `fields` and `references`, written out.
///
/// Text that cannot be read stays as it is.
pub fn format(text: &str) -> String {
    let parse = parse(text);
    if parse.tree.text().len() < text.len() {
        // It was refused as a whole.
        return text.to_owned();
    }
    format::format(&parse).pop().unwrap_or_default()
}

/// The text of each file in canonical form, in their order. What a relation lacks goes to the file of its model.
pub fn format_files(sources: &Sources) -> Vec<String> {
    let parse = parse_files(sources);
    if parse.tree.roots().len() < sources.files().len() {
        return sources.files().map(|file| file.text.to_owned()).collect();
    }
    format::format(&parse)
}
