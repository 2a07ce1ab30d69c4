//! Compares this crate with Prisma 6.19.0 over a folder of schemas.
//!
//! ```text
//! cargo run -p nicol-schema --example conformance -- FOLDER
//! ```
//!
//! The folder holds `schemas/` and `invalid/` with, for each `NAME.prisma`, what Prisma finds (`NAME.valid.json`), how it
//! formats it (`NAME.fmt.prisma`) and, where it accepts it, its DMMF (`NAME.dmmf.json.gz`, read through `gzip`). For each
//! comparison there is a line of five columns with tabs between them: category, check, name, outcome, detail.
//! `cargo xtask conformance` counts them.
//!
//! Formatting twice is formatting once, save where Prisma's is not: its second answer is asked for then, so the reference
//! has to be installed (`NICOL_REFERENCE_DIR`).
#![allow(clippy::print_stdout, reason = "an example that reports on the terminal")]

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, io};

use nicol_schema::{Diagnostic, Severity, format, validate};
use serde_json::Value;

type Spans = BTreeSet<(usize, usize)>;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args_os().nth(1).map(PathBuf::from).ok_or("the folder of cases has to be given")?;
    let mut unstable = Vec::new();
    for category in ["schemas", "invalid"] {
        for path in cases(&folder.join(category))? {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let mut case = Case { category, name, unstable: &mut unstable };
            case.compare(&path)?;
        }
    }
    like_the_reference(&unstable);
    Ok(())
}

/// Returns the schemas of a folder, in order; none if the folder does not exist.
fn cases(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".prisma") && !name.ends_with(".fmt.prisma")
    });
    paths.sort();
    Ok(paths)
}

/// A text that formatting changes a second time.
struct Unstable {
    category: &'static str,
    name: String,
    once: String,
    twice: String,
}

struct Case<'a> {
    category: &'static str,
    name: String,
    unstable: &'a mut Vec<Unstable>,
}

fn report(category: &str, check: &str, name: &str, outcome: &str, detail: &str) {
    let detail = detail.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t");
    println!("{category}\t{check}\t{name}\t{outcome}\t{detail}");
}

impl Case<'_> {
    fn check(&self, what: &str, passed: bool, detail: impl FnOnce() -> String) {
        if passed {
            report(self.category, what, &self.name, "equal", "");
        } else {
            report(self.category, what, &self.name, "different", &detail());
        }
    }

    fn compare(&mut self, path: &Path) -> Result<(), Box<dyn Error>> {
        let text = fs::read_to_string(path)?;
        let Ok(validated) = catch_unwind(|| validate(&text)) else {
            self.check("valid", false, || "it panicked".to_owned());
            return Ok(());
        };
        if let Some(golden) = read_if_there(&path.with_extension("valid.json"))? {
            let golden: Value = serde_json::from_slice(&golden)?;
            let is_valid = golden["valid"] == Value::Bool(true);
            self.check("valid", validated.schema.is_some() == is_valid, || {
                std::format!("expected {is_valid}")
            });
            for (what, severity) in [("errors", Severity::Error), ("warnings", Severity::Warning)] {
                self.spans(what, severity, &validated.diagnostics, &golden, &text);
            }
        }
        if let Some(golden) = read_if_there(&path.with_extension("fmt.prisma"))? {
            let expected = String::from_utf8(golden)?;
            let Ok(once) = catch_unwind(|| format(&text)) else {
                self.check("format", false, || "it panicked".to_owned());
                return Ok(());
            };
            self.check("format", once == expected, || first_difference(&once, &expected));
            let twice = format(&once);
            if twice == once {
                self.check("format twice", true, String::new);
            } else {
                let (category, name) = (self.category, self.name.clone());
                self.unstable.push(Unstable { category, name, once, twice });
            }
        }
        if let Some(golden) = read_if_there(&path.with_extension("dmmf.json.gz"))? {
            let expected: Value = serde_json::from_slice(&unzipped(&golden)?)?;
            let own = validated.schema.map(|schema| schema.to_dmmf()).unwrap_or_default();
            let own: Value = serde_json::from_str(&own).unwrap_or_default();
            let difference = first_unequal("", &own, &expected);
            self.check("dmmf", difference.is_none(), || difference.clone().unwrap_or_default());
        }
        Ok(())
    }

    fn spans(&self, what: &str, severity: Severity, found: &[Diagnostic], golden: &Value, text: &str) {
        let offsets = byte_offsets(text);
        let expected = golden_spans(&golden[what], &offsets);
        let span_of =
            |diagnostic: &Diagnostic| (diagnostic.span.start as usize, diagnostic.span.end as usize);
        let found = || found.iter().filter(|diagnostic| diagnostic.severity == severity);
        let own: Spans = found().map(span_of).collect();
        self.check(what, own == expected, || {
            let mut detail = String::new();
            for span in expected.difference(&own) {
                let _ = writeln!(detail, "missing {span:?} {:?}", text.get(span.0..span.1));
                for finding in golden[what].as_array().into_iter().flatten() {
                    if golden_span(finding, &offsets) == Some(*span) {
                        let _ = writeln!(detail, "    {}", finding["message"]);
                    }
                }
            }
            for diagnostic in found().filter(|diagnostic| !expected.contains(&span_of(diagnostic))) {
                let span = span_of(diagnostic);
                let place = text.get(span.0..span.1);
                let _ = writeln!(detail, "surplus {span:?} {place:?}\n    {}", diagnostic.message);
            }
            detail
        });
    }
}

/// Checks that unstable texts are also unstable in the reference, with the same second result.
fn like_the_reference(unstable: &[Unstable]) {
    if unstable.is_empty() {
        return;
    }
    let texts: Vec<&str> = unstable.iter().map(|case| case.once.as_str()).collect();
    let answers = reference_formats(&texts);
    for (at, case) in unstable.iter().enumerate() {
        let (outcome, detail) = match &answers {
            Ok(answers) if answers.get(at) == Some(&case.twice) => {
                ("deviates: formatting twice changes twice in Prisma, too, and alike", String::new())
            }
            Ok(_) => ("different", first_difference(&case.twice, &case.once)),
            Err(error) => ("different", std::format!("the reference cannot be asked: {error}")),
        };
        report(case.category, "format twice", &case.name, outcome, &detail);
    }
}

/// Formats the texts with Prisma.
fn reference_formats(texts: &[&str]) -> Result<Vec<String>, Box<dyn Error>> {
    const SCRIPT: &str = "
        const { format } = require('@prisma/prisma-schema-wasm')
        const options = JSON.stringify({
            textDocument: { uri: 'file:///schema.prisma' },
            options: { tabSize: 2, insertSpaces: true },
        })
        const one = (text) => JSON.parse(format(JSON.stringify([['schema.prisma', text]]), options))[0][1]
        console.log(JSON.stringify(JSON.parse(require('fs').readFileSync(0)).map(one)))
    ";
    let folder = env::var_os("NICOL_REFERENCE_DIR").ok_or("NICOL_REFERENCE_DIR is not set")?;
    let mut node = Command::new("node")
        .args(["-e", SCRIPT])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    node.stdin.take().ok_or("no standard input")?.write_all(serde_json::to_string(texts)?.as_bytes())?;
    let output = node.wait_with_output()?;
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn read_if_there(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some),
    }
}

fn unzipped(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut gzip = Command::new("gzip").arg("-dc").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut input = gzip.stdin.take();
    let bytes = bytes.to_owned();
    // Written while reading, because neither side buffers more than a pipe.
    let writer = std::thread::spawn(move || input.take().map(|mut input| input.write_all(&bytes)));
    let output = gzip.wait_with_output()?;
    writer.join().ok().flatten().transpose()?;
    Ok(output.stdout)
}

/// Returns the first difference between two JSON documents; numbers are compared by value, members in any order.
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

/// Returns the byte offset of each UTF-16 code unit, and of the end.
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
