//! Compares this crate with Prisma 6.19.0 over a corpus of schemas, and reports passes by category and origin.
//!
//! The corpus is not part of the project: `NICOL_CONFORMANCE` names its folder, which holds `schemas/` and `invalid/`
//! with, for each `NAME.prisma`, what Prisma finds (`NAME.valid.json`), how it formats it (`NAME.fmt.prisma`) and, where
//! it accepts it, its DMMF (`NAME.dmmf.json.gz`, read through `gzip`).
//!
//! ```text
//! NICOL_CONFORMANCE=… cargo run -p nicol-schema --example conformance [-- PART_OF_A_CHECK_OR_NAME]
//! ```
//!
//! With an argument, the failures whose check or name contains it are shown in detail.
#![allow(clippy::print_stdout, reason = "an example that reports on the terminal")]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use nicol_schema::{Severity, format, validate};
use serde_json::Value;

type Spans = BTreeSet<(usize, usize)>;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let Some(corpus) = std::env::var_os("NICOL_CONFORMANCE") else {
        println!("NICOL_CONFORMANCE is not set: nothing was compared, so this is no conformance result");
        return Ok(ExitCode::from(2));
    };
    let shown = std::env::args().nth(1);
    let mut report = Report::default();
    for category in ["schemas", "invalid"] {
        let folder = Path::new(&corpus).join(category);
        let mut names = BTreeSet::new();
        for entry in fs::read_dir(&folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if let Some(name) = name.strip_suffix(".valid.json") {
                names.insert(name.to_owned());
            }
        }
        for name in names {
            compare(&folder, category, &name, &mut report)?;
        }
    }
    report.print(shown.as_deref());
    Ok(if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn compare(
    folder: &Path,
    category: &'static str,
    name: &str,
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(folder.join(format!("{name}.prisma")))?;
    let golden: Value = serde_json::from_slice(&fs::read(folder.join(format!("{name}.valid.json")))?)?;
    let validated = validate(&text);
    let spans = |severity| -> Spans {
        validated
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == severity)
            .map(|diagnostic| (diagnostic.span.start as usize, diagnostic.span.end as usize))
            .collect()
    };
    let offsets = byte_offsets(&text);
    let mut check = |what: &'static str, passed: bool, detail: &dyn Fn() -> String| {
        report.count(category, what, name, passed, detail);
    };
    let is_valid = golden["valid"] == Value::Bool(true);
    check("valid", validated.schema.is_some() == is_valid, &|| format!("expected {is_valid}"));
    for (what, severity) in [("errors", Severity::Error), ("warnings", Severity::Warning)] {
        let expected = golden_spans(&golden[what], &offsets);
        let own = spans(severity);
        check(what, own == expected, &|| {
            let mut detail = String::new();
            for span in expected.difference(&own) {
                let _ = writeln!(detail, "  missing {span:?} {:?}", text.get(span.0..span.1));
                for finding in golden[what].as_array().into_iter().flatten() {
                    if golden_span(finding, &offsets) == Some(*span) {
                        let _ = writeln!(detail, "      {}", finding["message"]);
                    }
                }
            }
            for diagnostic in &validated.diagnostics {
                let span = (diagnostic.span.start as usize, diagnostic.span.end as usize);
                if diagnostic.severity == severity && !expected.contains(&span) {
                    let _ = writeln!(
                        detail,
                        "  surplus {span:?} {:?}\n      {}",
                        text.get(span.0..span.1),
                        diagnostic.message
                    );
                }
            }
            detail
        });
    }
    let formatted = format(&text);
    let expected = fs::read_to_string(folder.join(format!("{name}.fmt.prisma")))?;
    check("format", formatted == expected, &|| first_difference(&formatted, &expected));
    let again = format(&formatted);
    check("format is stable", again == formatted, &|| first_difference(&again, &formatted));
    let dmmf = folder.join(format!("{name}.dmmf.json.gz"));
    if dmmf.exists() {
        let unzipped = Command::new("gzip").arg("-dc").arg(dmmf).output()?;
        let expected: Value = serde_json::from_slice(&unzipped.stdout)?;
        let own = validated.schema.map(|schema| schema.to_dmmf()).unwrap_or_default();
        let own: Value = serde_json::from_str(&own).unwrap_or_default();
        let difference = first_unequal("", &own, &expected);
        check("dmmf", difference.is_none(), &|| difference.clone().unwrap_or_default());
    }
    Ok(())
}

/// Where two JSON documents differ first; numbers are compared by value, members in any order.
fn first_unequal(path: &str, own: &Value, expected: &Value) -> Option<String> {
    match (own, expected) {
        (Value::Object(left), Value::Object(right)) if left.len() == right.len() => left
            .iter()
            .find_map(|(name, value)| first_unequal(&std::format!("{path}.{name}"), value, &right[name])),
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => (0..)
            .zip(left.iter().zip(right))
            .find_map(|(at, (own, expected))| first_unequal(&std::format!("{path}[{at}]"), own, expected)),
        (Value::Number(left), Value::Number(right)) if left.as_f64() == right.as_f64() => None,
        _ if own == expected => None,
        _ => Some(std::format!("  {path}\n    own      {own}\n    expected {expected}")),
    }
}

/// The byte offset of each UTF-16 code unit, and of the end.
fn byte_offsets(text: &str) -> Vec<usize> {
    let mut offsets = Vec::with_capacity(text.len() + 1);
    for (at, c) in text.char_indices() {
        offsets.extend(std::iter::repeat_n(at, c.len_utf16()));
    }
    offsets.push(text.len());
    offsets
}

fn golden_spans(findings: &Value, offsets: &[usize]) -> Spans {
    findings.as_array().into_iter().flatten().filter_map(|finding| golden_span(finding, offsets)).collect()
}

fn golden_span(finding: &Value, offsets: &[usize]) -> Option<(usize, usize)> {
    let place = |index| {
        let unit = usize::try_from(finding["span"][index].as_u64()?).ok()?;
        offsets.get(unit).copied()
    };
    Some((place(0)?, place(1)?))
}

fn first_difference(own: &str, expected: &str) -> String {
    let line = own.lines().zip(expected.lines()).take_while(|(own, expected)| own == expected).count();
    std::format!(
        "  line {}\n    own      {:?}\n    expected {:?}",
        line + 1,
        own.lines().nth(line),
        expected.lines().nth(line)
    )
}

#[derive(Default)]
struct Report {
    /// Passed and all, by category, check and origin.
    counts: BTreeMap<(&'static str, &'static str, String), (u32, u32)>,
    failures: Vec<(String, String)>,
}

impl Report {
    fn count(
        &mut self,
        category: &'static str,
        what: &'static str,
        name: &str,
        passed: bool,
        detail: &dyn Fn() -> String,
    ) {
        let prefix = name.split("__").next().unwrap_or_default();
        let origin = match prefix {
            "prisma" | "psltest" | "migtest" | "probe" | "mut" => prefix,
            _ => "projects",
        };
        for origin in [origin, "~all"] {
            let count = self.counts.entry((category, what, origin.to_owned())).or_default();
            count.0 += u32::from(passed);
            count.1 += 1;
        }
        if !passed {
            self.failures.push((std::format!("{category} / {what} / {name}"), detail()));
        }
    }

    fn print(&self, shown: Option<&str>) {
        for ((category, what, origin), (passed, all)) in &self.counts {
            println!("{category:8} {what:17} {:9} {passed:4} of {all:4}", origin.trim_start_matches('~'));
        }
        let Some(shown) = shown else { return };
        for (name, detail) in &self.failures {
            if name.contains(shown) {
                println!("\n{name}\n{}", detail.trim_end());
            }
        }
    }
}
