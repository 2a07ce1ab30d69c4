//! Small schemas, one for each difference found by comparison, with Prisma 6.19.0's answers.
//!
//! `reference/schema-answers.mjs` writes the `NAME.json` beside each `NAME.prisma` in `tests/data/reference`.

use std::fs;
use std::path::Path;

use nicol_schema::{Severity, format, validate};
use serde_json::{Value, json};

#[test]
fn prisma_answers_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/reference");
    let mut cases: Vec<_> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("its entries can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "prisma"))
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    let differing: Vec<String> = cases.iter().flat_map(|case| differences(case)).collect();
    assert!(differing.is_empty(), "these differ:\n{}", differing.join("\n"));
}

fn differences(case: &Path) -> Vec<String> {
    let text = fs::read_to_string(case).expect("the case can be read");
    let answer = fs::read(case.with_extension("json")).expect("Prisma's answer lies beside the case");
    let expected: Value = serde_json::from_slice(&answer).expect("it is JSON");
    let validated = validate(&text);
    let places = |severity: Severity| -> Value {
        let of_severity = validated.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity);
        let mut places: Vec<(usize, usize)> = of_severity
            .map(|diagnostic| {
                (units(&text, diagnostic.span.start as usize), units(&text, diagnostic.span.end as usize))
            })
            .collect();
        places.sort_unstable();
        places.dedup();
        json!(places)
    };
    let dmmf = validated.schema.as_ref().map(|schema| {
        serde_json::from_str::<Value>(&schema.to_dmmf()).expect("the data model is written as JSON")
    });
    let own = [
        ("errors", places(Severity::Error)),
        ("warnings", places(Severity::Warning)),
        ("format", json!(format(&text))),
        ("dmmf", json!(dmmf)),
    ];
    own.into_iter()
        .filter(|(what, own)| !is_equal(own, &expected[*what]))
        .map(|(what, own)| {
            std::format!("{}: {what}\n  own    {own}\n  Prisma {}", case.display(), expected[what])
        })
        .collect()
}

/// Compares JSON values, numbers by value.
fn is_equal(own: &Value, expected: &Value) -> bool {
    match (own, expected) {
        (Value::Number(own), Value::Number(expected)) => own.as_f64() == expected.as_f64(),
        (Value::Array(own), Value::Array(expected)) => {
            own.len() == expected.len()
                && own.iter().zip(expected).all(|(own, expected)| is_equal(own, expected))
        }
        (Value::Object(own), Value::Object(expected)) => {
            own.len() == expected.len()
                && own
                    .iter()
                    .all(|(name, own)| expected.get(name).is_some_and(|expected| is_equal(own, expected)))
        }
        _ => own == expected,
    }
}

/// Converts a byte offset to UTF-16 code units.
fn units(text: &str, bytes: usize) -> usize {
    text[..bytes].encode_utf16().count()
}
