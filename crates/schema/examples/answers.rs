//! Prints this crate's findings for `reference/search.mjs`, which compares them with Prisma's.
//!
//! Each line of standard input is a schema as a JSON string; each line of standard output is the answer. Positions
//! are UTF-16 code units, as in Prisma.
#![allow(clippy::print_stdout, reason = "an example that answers on standard output")]

use std::error::Error;
use std::io::{BufRead as _, Write as _};
use std::panic::catch_unwind;

use nicol_schema::{Severity, format, validate};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let text: String = serde_json::from_str(&line?)?;
        let answer = catch_unwind(|| answer(&text)).unwrap_or_else(|_| json!({ "panic": true }));
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

fn answer(text: &str) -> Value {
    let validated = validate(text);
    let units = utf16_offsets(text);
    let findings = |severity| -> Vec<Value> {
        let of_severity = validated.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity);
        of_severity
            .map(|diagnostic| {
                json!({
                    "start": units[diagnostic.span.start as usize],
                    "end": units[diagnostic.span.end as usize],
                    "text": diagnostic.message,
                })
            })
            .collect()
    };
    let (errors, warnings) = (findings(Severity::Error), findings(Severity::Warning));
    let formatted = format(text);
    json!({
        "errors": errors,
        "warnings": warnings,
        "again": format(&formatted),
        "format": formatted,
        "dmmf": validated.schema.map(|schema| schema.to_dmmf()),
    })
}

/// Returns the offset in UTF-16 code units for each character boundary.
fn utf16_offsets(text: &str) -> Vec<usize> {
    let mut offsets = vec![0; text.len() + 1];
    let mut units = 0;
    for (at, c) in text.char_indices() {
        offsets[at] = units;
        units += c.len_utf16();
    }
    offsets[text.len()] = units;
    offsets
}
