//! The schema language of Prisma 6.19 for PostgreSQL: parser, validated model, diagnostics, formatter.
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
//! The crate does no I/O and knows nothing about databases: `nicol-migrate` turns a schema into SQL, `nicol-codegen` into
//! Rust. A schema in several files is a [`Sources`].
//!
//! Which schemas are valid, and where errors are reported, follows Prisma 6.19. The messages are this project's own.

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
mod parse;
mod parser;
mod render;
mod resolve;
pub mod rule;
mod rules_page;
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
pub use parse::{Parse, parse, parse_files};
pub use render::{render, render_files};
pub use rule::Severity;
pub use rules_page::rules_page;
pub use sources::{SourceFile, Sources};
pub use span::{LineColumn, LineIndex, Span};
pub use token::{Token, TokenKind};
pub use tree::{Element, Node, NodeKind, Tree};
pub use validate::Validated;

/// Whether no model or enum can have this name.
pub fn is_reserved(name: &str) -> bool {
    resolve::is_reserved(name)
}

/// Parses and validates a schema file.
pub fn validate(text: &str) -> Validated {
    validate::validate(parse(text), DatasourceUrl::Required)
}

/// Parses the files of a schema and validates them together. Spans are relative to [`Sources::text`];
/// [`Sources::locate`] finds the file.
pub fn validate_files(sources: &Sources) -> Validated {
    validate_files_with(sources, DatasourceUrl::Required)
}

/// Same as [`validate_files`]; `url` decides whether a `datasource` may omit its `url`.
pub fn validate_files_with(sources: &Sources, url: DatasourceUrl) -> Validated {
    validate::validate(parse_files(sources), url)
}

/// Formats a schema like `prisma format`: columns aligned, attributes in order, comments kept. Missing parts of
/// relations (the opposite field, or `fields` and `references`) are added.
///
/// Lines that cannot be parsed are kept.
pub fn format(text: &str) -> String {
    let parse = parse(text);
    if parse.tree.text().len() < text.len() {
        // The file was rejected as too large.
        return text.to_owned();
    }
    format::format(&parse).pop().unwrap_or_default()
}

/// Returns the missing parts of relations that [`format`](crate::format()) adds: each text with the offset where it is
/// inserted, in source order. A whole field ends with a line break, and is inserted before the closing brace of its block.
///
/// Nothing is returned for a schema with syntax errors or unknown names.
pub fn missing_relation_parts(parse: &Parse) -> Vec<(u32, String)> {
    format::missing_relation_parts(parse)
}

/// Formats each file of a schema. Missing relation fields are added to the file of their model.
pub fn format_files(sources: &Sources) -> Vec<String> {
    let parse = parse_files(sources);
    if parse.tree.roots().len() < sources.files().len() {
        return sources.files().map(|file| file.text.to_owned()).collect();
    }
    format::format(&parse)
}
