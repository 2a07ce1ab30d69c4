//! Renders diagnostics for a terminal, in the style of rustc.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use crate::diagnostic::Diagnostic;
use crate::rule::Severity;
use crate::sources::{SourceFile, Sources};
use crate::span::{Span, to_u32};

/// Renders diagnostics with the lines of `text` that they refer to. Ends with a line break unless empty.
///
/// `file_name` is only displayed. With `color`, the output contains ANSI escapes.
pub fn render(diagnostics: &[Diagnostic], text: &str, file_name: &str, color: bool) -> String {
    render_files(diagnostics, &Sources::new([(file_name, text)]), color)
}

/// Renders the diagnostics of a schema in several files. Spans are relative to [`Sources::text`].
pub fn render_files(diagnostics: &[Diagnostic], sources: &Sources, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for diagnostic in diagnostics {
        let report = [group(diagnostic, sources)];
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&renderer.render(&report));
        out.push('\n');
    }
    out
}

fn group<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code());
    // One part for each file: that of the finding first, then those of its labels.
    let primary = (diagnostic.span, AnnotationKind::Primary, None);
    let labels = diagnostic.labels.iter();
    let places = std::iter::once(primary)
        .chain(labels.map(|label| (label.span, AnnotationKind::Context, Some(label.text.as_str()))));
    let mut parts: Vec<(SourceFile<'_>, Vec<Annotation<'_>>)> = Vec::new();
    for (span, kind, text) in places {
        let Some((file, span)) = sources.locate(span) else { continue };
        let annotation = kind.span(shown(span, file.text).range()).label(text);
        match parts.iter_mut().find(|(other, _)| other.span == file.span) {
            Some((_, annotations)) => annotations.push(annotation),
            None => parts.push((file, vec![annotation])),
        }
    }
    let snippets = parts.into_iter().map(|(file, annotations)| {
        Snippet::source(file.text).path(file.name).line_start(1).annotations(annotations)
    });
    let group = Group::with_title(title).elements(snippets);
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(help.as_str())),
        None => group,
    }
}

/// Prisma's spans cover whole blocks and extend to the next line; only the first line is shown.
fn shown(span: Span, text: &str) -> Span {
    let covered = text.get(span.range()).unwrap_or_default();
    let line = covered.split(['\n', '\r']).next().unwrap_or_default();
    let len = to_u32(line.trim_end().len());
    Span::new(span.start, span.start + len)
}
