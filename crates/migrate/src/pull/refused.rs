//! What a database has and the language refuses: a relation between columns of different types, for one.
//!
//! The files are validated as they would be written. What a mistake lies in is commented out, the least that can be:
//! an attribute of a column, else its line, else the block.

use nicol_schema::ast::{Attribute, Item};
use nicol_schema::{Diagnostic, Sources, Span};

use super::SchemaFile;
use super::remark::{RemarkKind, Remarks};

/// The maximum number of rounds. Commenting out one relation may cause another one to be refused.
const ROUNDS: usize = 1000;

/// Comments out refused items until the schema is valid.
pub(super) fn comment_out(files: &mut [SchemaFile], remarks: &mut Remarks) {
    for _ in 0..ROUNDS {
        let sources = Sources::new(files.iter().map(|file| (file.name.as_str(), file.text.as_str())));
        let validated = nicol_schema::validate_files(&sources);
        if validated.schema.is_some() {
            return;
        }
        // One at a time: later errors may be consequences of the first.
        let mut refused = validated.diagnostics.iter().filter(|it| it.is_error());
        let Some((place, item, message)) = refused.find_map(|it| found(&sources, it)) else {
            return;
        };
        let file = &mut files[place];
        // Do not format again: the formatter would complete the other side of a relation.
        file.text = item.taken_out_of(&file.text, &message);
        remarks.add(RemarkKind::Refused, format!("{}: {message}", item.name));
    }
}

/// An item to comment out.
struct Refused {
    /// `Model.field`
    name: String,
    span: Span,
    /// Whether it is an attribute, so that the rest of its line is kept.
    is_attribute: bool,
}

fn found(sources: &Sources, diagnostic: &Diagnostic) -> Option<(usize, Refused, String)> {
    let (file, span) = sources.locate(diagnostic.span)?;
    let place = sources.files().position(|it| it == file)?;
    let message = diagnostic.message.lines().next().unwrap_or_default().to_owned();
    Some((place, item(file.text, span)?, message))
}

/// Returns the smallest item at this position that can be left out.
fn item(text: &str, at: Span) -> Option<Refused> {
    let parse = nicol_schema::parse(text);
    let holds = |span: Span| span.start <= at.start && at.start < span.end.max(span.start + 1);
    let refused = |name: String, span: Span, is_attribute| Some(Refused { name, span, is_attribute });
    for block in parse.tree.file().items() {
        match block {
            Item::Model(model) if holds(model.span()) => {
                let own = model.name()?.text;
                if let Some(field) = model.fields().find(|it| holds(it.span())) {
                    let name = format!("{own}.{}", field.name()?.text);
                    let is_dispensable = |it: &Attribute<'_>| {
                        holds(it.span()) && it.name().is_some_and(|it| it.text != "relation")
                    };
                    return match field.attributes().find(is_dispensable) {
                        Some(attribute) => refused(name, attribute.span(), true),
                        None => refused(name, field.span(), false),
                    };
                }
                if let Some(attribute) = model.attributes().find(|it| holds(it.span())) {
                    return refused(format!("{own}: @@{}", attribute.name()?.text), attribute.span(), false);
                }
                return refused(own.to_owned(), model.span(), false);
            }
            Item::Enum(it) if holds(it.span()) => {
                let own = it.name()?.text;
                return match it.values().find(|value| holds(value.span())) {
                    Some(value) => refused(format!("{own}.{}", value.name()?.text), value.span(), false),
                    None => refused(own.to_owned(), it.span(), false),
                };
            }
            _ => {}
        }
    }
    None
}

impl Refused {
    /// Returns the text with the item commented out, and the reason above it.
    fn taken_out_of(&self, text: &str, message: &str) -> String {
        // The span may include the line ending.
        let own = text[self.span.range()].trim();
        let start = self.span.range().start + text[self.span.range()].find(own).unwrap_or_default();
        let end = start + own.len();
        let after = &text[end..];
        let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let blank = text[line..].len() - text[line..].trim_start_matches(' ').len();
        let indent = &text[line..line + blank];
        let why = format!("{}{indent}// Left out: {message}\n", &text[..line]);
        if self.is_attribute {
            return format!("{why}{indent}// {own}\n{}{}", text[line..start].trim_end(), after);
        }
        // Whole lines, which include its attributes.
        let end = after.find('\n').map_or(text.len(), |at| end + at);
        let lines = text[line..end].trim().lines().map(|line| format!("{indent}// {}\n", line.trim_end()));
        let lines: String = lines.collect();
        format!("{why}{lines}{}", text[end..].strip_prefix('\n').unwrap_or(&text[end..]))
    }
}
