//! The table of rules: the examples violate what they should, also according to Prisma, and the docs page is up to
//! date.
//!
//! Prisma's answers are in `tests/data/rules.json`, written by `reference/rules.mjs`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use expect_test::expect_file;
use nicol_schema::rule::{Rule, SUBJECTS};
use nicol_schema::{Diagnostic, Severity, Span, validate};
use serde_json::Value;

fn rules() -> impl Iterator<Item = &'static Rule> {
    SUBJECTS.iter().flat_map(|subject| subject.rules).copied()
}

/// Checks every rule and reports all failures together.
fn check_each(check: impl Fn(&'static Rule) -> Result<(), String>) {
    let failed: Vec<String> = rules()
        .filter_map(|rule| check(rule).err().map(|problem| format!("{}: {problem}", rule.as_str())))
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn has_example(rule: &Rule) -> bool {
    // An example of 4 GiB is too large, and Prisma 6 has no `url` elsewhere.
    !["schema-too-large", "url-elsewhere"].contains(&rule.as_str())
}

#[test]
fn codes_are_unique_and_can_be_searched_for() {
    let codes: BTreeSet<&str> = rules().map(Rule::as_str).collect();
    assert_eq!(codes.len(), rules().count());
    for code in codes {
        let is_kebab_case = code.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        });
        assert!(is_kebab_case, "{code}");
    }
}

#[test]
fn the_wrong_example_breaks_its_rule_and_no_other() {
    check_each(|rule| {
        if !has_example(rule) {
            return Ok(());
        }
        let (text, marked) = rule.wrong();
        let validated = validate(&text);
        let found = || validated.diagnostics.iter().filter(|found| found.severity >= rule.severity());
        let said: BTreeSet<&str> = found().map(Diagnostic::code).collect();
        if said != BTreeSet::from([rule.as_str()]) {
            return Err(format!("found {said:?}"));
        }
        // A `type` is one error, and its contents are others.
        let further: Vec<&str> = validated.further.iter().map(Diagnostic::code).collect();
        if !further.iter().all(|code| *code == "composite-type") {
            return Err(format!("found further {further:?}"));
        }
        let spans: Vec<Span> = found().map(|diagnostic| diagnostic.span).collect();
        if without_blanks(&text, &spans) != without_blanks(&text, &marked) {
            return Err(format!("marked {marked:?}, found {spans:?}"));
        }
        Ok(())
    });
}

/// Trims spans, because Prisma's extend to the next line, which would be hard to read in the table.
fn without_blanks(text: &str, spans: &[Span]) -> BTreeSet<(usize, usize)> {
    spans
        .iter()
        .map(|span| {
            let start = span.start as usize;
            (start, start + text[span.range()].trim_end().len())
        })
        .collect()
}

#[test]
fn messages_have_one_form() {
    check_each(|rule| {
        for diagnostic in validate(&rule.wrong().0).diagnostics {
            let help = diagnostic.help.ok_or("there is no help")?;
            let labels = diagnostic.labels.into_iter().map(|label| label.text);
            for text in labels.chain([diagnostic.message, help]) {
                let is_plain = !text.ends_with('.')
                    && !text.contains('\n')
                    && text.starts_with(|c: char| c.is_lowercase() || c == '`')
                    || text.starts_with("PostgreSQL");
                if !is_plain || text.matches('`').count() % 2 != 0 {
                    return Err(text);
                }
            }
        }
        let title = rule.title();
        let is_sentence = title.starts_with(|c: char| c.is_uppercase() || c == '`') && !title.ends_with('.');
        if !is_sentence || !rule.reason().ends_with('.') {
            return Err(title.to_owned());
        }
        Ok(())
    });
}

/// A violated rule is reported despite unrelated errors in the file, without false consequences.
#[test]
fn what_is_certain_is_said_in_spite_of_other_mistakes() {
    let examples: Vec<(&str, String)> = rules()
        .filter(|rule| rule.severity() == Severity::Error)
        .filter_map(|rule| Some((rule.as_str(), rule.wrong().0.strip_suffix(DATASOURCE)?.to_owned())))
        .collect();
    assert!(examples.len() > 100, "most examples have no `datasource` of their own");
    let mut failed = Vec::new();
    for (index, (one, first)) in examples.iter().enumerate() {
        for (other, second) in &examples[index..] {
            // A generator that enables the feature does so for all views.
            if [one, other].contains(&&"views-preview") && format!("{first}{second}").contains("generator") {
                continue;
            }
            let text = format!("{first}\n{}{DATASOURCE}", renamed(second, first));
            let validated = validate(&text);
            let said: BTreeSet<&str> =
                validated.diagnostics.iter().chain(&validated.further).map(Diagnostic::code).collect();
            let wanted = BTreeSet::from([*one, *other]);
            let surplus: Vec<_> =
                said.difference(&wanted).filter(|code| **code != "composite-type").collect();
            if !surplus.is_empty() || !said.is_superset(&wanted) {
                failed.push(format!("{one} and {other}: {said:?}"));
            }
        }
    }
    assert!(failed.is_empty(), "{} fail:\n{}", failed.len(), failed.join("\n"));
}

const DATASOURCE: &str =
    "\ndatasource db {\n  provider = \"postgresql\"\n  url      = env(\"DATABASE_URL\")\n}\n";

/// Renames the blocks that both texts define, and their names in the database.
fn renamed(text: &str, beside: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let blocks: BTreeSet<&str> = text
        .lines()
        .filter(|line| beside.contains(*line) && line.ends_with('{'))
        .filter_map(|line| line.split(' ').nth(1))
        .collect();
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_word) {
        let end = rest[start..].find(|c| !is_word(c)).map_or(rest.len(), |len| start + len);
        let word = &rest[start..end];
        out.push_str(&rest[..end]);
        let before = &out[..out.len() - word.len()];
        let is_map = before.ends_with("map: \"") || before.ends_with("@@map(\"");
        if blocks.contains(word) || is_map && beside.contains(&format!("\"{word}\"")) {
            out.push('2');
        }
        rest = &rest[end..];
    }
    out + rest
}

#[test]
fn the_right_example_is_right() {
    check_each(|rule| {
        let validated = validate(&rule.right());
        if validated.diagnostics.is_empty() && validated.further.is_empty() {
            return Ok(());
        }
        let said = |list: &[Diagnostic]| list.iter().map(|d| d.message.clone()).collect::<Vec<_>>();
        Err(format!("{:?} {:?}", said(&validated.diagnostics), said(&validated.further)))
    });
}

#[test]
fn prisma_says_the_same_of_the_examples() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/rules.json");
    let golden: Value = serde_json::from_slice(&fs::read(golden).expect("the golden file is there"))
        .expect("the golden file is JSON");
    assert_eq!(
        golden.as_object().map(serde_json::Map::len),
        Some(rules().filter(|r| has_example(r)).count())
    );
    check_each(|rule| {
        if !has_example(rule) {
            return Ok(());
        }
        for (which, text) in [("wrong", rule.wrong().0), ("right", rule.right())] {
            assert!(text.is_ascii(), "else bytes and UTF-16 code units differ");
            let validated = validate(&text);
            for (list, severity) in [("errors", Severity::Error), ("warnings", Severity::Warning)] {
                let own: BTreeSet<(u64, u64)> = validated
                    .diagnostics
                    .iter()
                    .filter(|diagnostic| diagnostic.severity == severity)
                    .map(|diagnostic| (diagnostic.span.start.into(), diagnostic.span.end.into()))
                    .collect();
                let prisma: BTreeSet<(u64, u64)> = golden[rule.as_str()][which][list]
                    .as_array()
                    .ok_or("is not in the golden file")?
                    .iter()
                    .filter_map(|span| Some((span[0].as_u64()?, span[1].as_u64()?)))
                    .collect();
                if own != prisma {
                    return Err(format!("{which} {list}: own {own:?}, Prisma's {prisma:?}"));
                }
            }
        }
        Ok(())
    });
}

#[test]
fn the_docs_page_is_up_to_date() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema-errors.md");
    expect_file![page].assert_eq(&nicol_schema::rules_page());
}
