//! Diagnostics as text for a terminal, drawn as rustc draws its own.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Severity};
use crate::span::{Span, to_u32};

/// The findings, one after the other, each with the lines of `text` it is about; ends with a line break unless empty.
///
/// `file_name` is only shown. With `color` the text holds ANSI escapes.
pub fn render(diagnostics: &[Diagnostic], text: &str, file_name: &str, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for diagnostic in diagnostics {
        let report = [group(diagnostic, text, file_name)];
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&renderer.render(&report));
        out.push('\n');
    }
    out
}

fn group<'a>(diagnostic: &'a Diagnostic, text: &'a str, file_name: &'a str) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code());
    let mut snippet = Snippet::source(text)
        .path(file_name)
        .line_start(1)
        .annotation(AnnotationKind::Primary.span(shown(diagnostic.span, text).range()));
    for label in &diagnostic.labels {
        let span = shown(label.span, text).range();
        snippet = snippet.annotation(AnnotationKind::Context.span(span).label(label.text.as_str()));
    }
    let group = title.element(snippet);
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(help.as_str())),
        None => group,
    }
}

/// Prisma's places run over whole blocks and up to the next line; what is drawn is the first line of that.
fn shown(span: Span, text: &str) -> Span {
    let covered = text.get(span.range()).unwrap_or_default();
    let line = covered.split(['\n', '\r']).next().unwrap_or_default();
    let len = to_u32(line.trim_end().len());
    Span::new(span.start, span.start + len)
}
