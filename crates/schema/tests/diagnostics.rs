//! Diagnostics: each file in `tests/data/diagnostics` is a schema with its findings as comments.
//!
//! A comment below the line marks the span with carets: `//    ^^^^ code: message`. Spans that start before the third
//! column, such as whole blocks, are written `//< code: message`. Help follows as `//  = help: …`, labels as
//! `//    ---- …`. Findings that Prisma does not report are prefixed with `further`. `UPDATE_EXPECT=1` updates the files.

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use expect_test::expect_file;
use nicol_schema::{Diagnostic, LineIndex, Severity, Span, Validated, validate};

#[test]
fn mistakes_are_reported_at_their_place() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/diagnostics");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("its entries can be read").path())
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let failed: Vec<_> = files.into_iter().filter(|file| catch_unwind(|| check(file)).is_err()).collect();
    assert!(failed.is_empty(), "these differ: {failed:#?}");
}

fn check(file: &Path) {
    let marked = fs::read_to_string(file).expect("the case can be read");
    let text: String = marked.split_inclusive('\n').filter(|line| !is_mark(line)).collect();
    let validated = validate(&text);
    assert_eq!(
        validated.schema.is_some(),
        !validated.diagnostics.iter().any(Diagnostic::is_error),
        "there is a schema when there are no errors"
    );
    expect_file![file].assert_eq(&mark(&text, &validated));
}

fn is_mark(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("//") else {
        return false;
    };
    rest.starts_with('<') || rest.trim_start().starts_with(['^', '-', '='])
}

fn mark(text: &str, validated: &Validated) -> String {
    let index = LineIndex::new(text);
    let mut marks: Vec<(u32, String)> = Vec::new();
    let found = validated.diagnostics.iter().map(|diagnostic| (diagnostic, ""));
    let further = validated.further.iter().map(|diagnostic| (diagnostic, "further "));
    for (diagnostic, list) in found.chain(further) {
        let severity = match diagnostic.severity {
            Severity::Error => list.to_owned(),
            Severity::Warning => format!("{list}warning "),
        };
        let message = format!("{severity}{}: {}", diagnostic.code(), diagnostic.message);
        marks.push(line_under(text, &index, diagnostic.span, '^', &message));
        let line = index.line_column(text, diagnostic.span.start).line;
        for label in &diagnostic.labels {
            let (at, mark) = line_under(text, &index, label.span, '-', &label.text);
            let where_else = if at == line { String::new() } else { format!(" (line {at})") };
            marks.push((line, mark + &where_else));
        }
        if let Some(help) = &diagnostic.help {
            marks.push((line, format!("//  = help: {help}")));
        }
    }
    let mut out = String::new();
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        out.push_str(line);
        for (_, mark) in marks.iter().filter(|(at, _)| *at == number) {
            out.push_str(mark);
            out.push('\n');
        }
    }
    out
}

/// Returns the mark under the first line of a span.
fn line_under(text: &str, index: &LineIndex, span: Span, sign: char, message: &str) -> (u32, String) {
    let place = index.line_column(text, span.start);
    let column = place.column as usize - 1;
    if column < 2 {
        return (place.line, format!("//< {message}"));
    }
    let first_line = text[span.range()].lines().next().unwrap_or_default();
    let width = first_line.trim_end().chars().count().max(1);
    let carets = sign.to_string().repeat(width);
    let indent = " ".repeat(column - 2);
    (place.line, format!("//{indent}{carets} {message}"))
}
