//! The report: text for people, JSON for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::check::Checked;
use super::facts::{Facts, Role};
use super::rule::Severity;
use crate::report::{Paint, Style, counted};

/// The version of the JSON. A new field does not change it.
const VERSION: u32 = 1;
/// The columns for the severity and the name of a check.
const WIDTH: (usize, usize) = (8, 12);

/// How many findings there are of each severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Summary {
    pub(super) errors: usize,
    pub(super) warnings: usize,
    pub(super) notes: usize,
}

impl Summary {
    pub(super) fn of(checks: &[Vec<Checked>]) -> Self {
        let mut summary = Self::default();
        for finding in checks.iter().flatten().flat_map(|check| &check.findings) {
            *match finding.severity {
                Severity::Error => &mut summary.errors,
                Severity::Warning => &mut summary.warnings,
                Severity::Note => &mut summary.notes,
            } += 1;
        }
        summary
    }
}

/// Formats the report for people.
pub(super) fn text(all: &[Facts], checks: &[Vec<Checked>], paint: Paint) -> String {
    let mut text = String::new();
    for (facts, checks) in all.iter().zip(checks) {
        let url = facts.url.as_ref().map(|url| format!(": {url}")).unwrap_or_default();
        write(&mut text, format_args!("{}\n", paint.paint(Style::Bold, &format!("{}{url}", facts.origin))));
        for check in checks {
            let worst = check.findings.iter().map(|it| it.severity).max();
            let state = state(worst);
            let padding = " ".repeat(WIDTH.0.saturating_sub(state.len()));
            let (state, name) = (painted(worst, paint), check.name);
            let width = WIDTH.1;
            write(&mut text, format_args!("  {state}{padding} {name:width$} {}\n", check.text));
            for it in &check.findings {
                let indent = " ".repeat(WIDTH.0 + 3);
                let word = painted(Some(it.severity), paint);
                write(&mut text, format_args!("{indent}{word}[{}]: {}\n", it.id, it.what));
                write(&mut text, format_args!("{indent}  {}\n", it.why));
                write(
                    &mut text,
                    format_args!("{indent}  {}: {}\n", paint.paint(Style::Cyan, "help"), it.advice),
                );
            }
        }
        text.push('\n');
    }
    let summary = Summary::of(checks);
    let counts = [(summary.errors, "error"), (summary.warnings, "warning"), (summary.notes, "note")];
    let counts: Vec<_> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, noun)| counted(*count, noun)).collect();
    let sum =
        if counts.is_empty() { paint.paint(Style::Green, "everything is fine") } else { counts.join(", ") };
    write(&mut text, format_args!("{sum}\n"));
    text
}

/// Formats the report for programs.
pub(super) fn json(all: &[Facts], checks: &[Vec<Checked>]) -> String {
    let databases: Vec<Value> = all
        .iter()
        .zip(checks)
        .map(|(facts, checks)| {
            json!({
                "origin": facts.origin,
                "use": role(facts.role),
                "url": facts.url.as_ref().ok().map(ToString::to_string),
                "checks": checks.iter().map(checked).collect::<Vec<_>>(),
            })
        })
        .collect();
    let Summary { errors, warnings, notes } = Summary::of(checks);
    let report = json!({
        "version": VERSION,
        "databases": databases,
        "summary": { "errors": errors, "warnings": warnings, "notes": notes },
    });
    format!("{report:#}\n")
}

fn checked(check: &Checked) -> Value {
    let findings: Vec<_> = check
        .findings
        .iter()
        .map(|it| {
            json!({
                "id": it.id,
                "severity": it.severity.name(),
                "what": it.what,
                "why": it.why,
                "advice": it.advice,
            })
        })
        .collect();
    let worst = check.findings.iter().map(|it| it.severity).max();
    json!({ "check": check.name, "state": state(worst), "text": check.text, "findings": findings })
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Queries => "queries",
        Role::Direct => "direct",
        Role::Replica => "replica",
        Role::Shadow => "shadow",
    }
}

fn state(worst: Option<Severity>) -> &'static str {
    worst.map_or("ok", Severity::name)
}

fn painted(severity: Option<Severity>, paint: Paint) -> String {
    let word = state(severity);
    match severity {
        None => paint.paint(Style::Green, word),
        Some(Severity::Note) => paint.paint(Style::Cyan, word),
        Some(Severity::Warning) => paint.paint(Style::Yellow, word),
        Some(Severity::Error) => paint.paint(Style::Red, word),
    }
}

fn write(text: &mut String, line: std::fmt::Arguments<'_>) {
    text.write_fmt(line).expect("writing into a String cannot fail");
}
