//! The functions in `guide/examples.rs` are the examples of docs/client.md, those in `guide/reads.rs` are in `guide/reads.md`.
//! `UPDATE_EXPECT=1` writes them.

#[path = "guide/extract.rs"]
mod extract;

use std::fmt::Write as _;

use extract::examples;

#[test]
fn examples_are_those_of_the_guide() {
    let guide = include_str!("../../../docs/client.md");
    testkit::check_file(
        "tests/guide/examples.rs",
        &module("docs/client.md", guide).expect("a String takes all"),
    );
    let reads = include_str!("guide/reads.md");
    testkit::check_file(
        "tests/guide/reads.rs",
        &module("guide/reads.md", reads).expect("a String takes all"),
    );
}

/// Returns a module with a function for each example.
fn module(name: &str, guide: &str) -> Result<String, std::fmt::Error> {
    let examples = examples(guide);
    let mut text = format!(
        "// The examples of {name}. `UPDATE_EXPECT=1 cargo nextest run -p nicol --test guide_text` writes this file.\n\n\
         use super::prelude::*;\n\n\
         pub(crate) async fn run(example: usize, db: &Client) -> Result<Answers, Error> {{\n    match example {{\n",
    );
    for (index, example) in examples.iter().enumerate().filter(|(_, example)| !example.is_only_compiled) {
        writeln!(text, "        {index} => Box::pin({}(db)).await,", example.name)?;
    }
    text.push_str("        _ => Ok(Answers::new()),\n    }\n}\n");
    for example in &examples {
        let values: Vec<_> = example.values().into_iter().map(|(name, _)| name).collect();
        writeln!(text, "\nasync fn {}(db: &Client) -> Result<Answers, Error> {{", example.name)?;
        for line in example.rust.lines() {
            writeln!(text, "{}{line}", if line.is_empty() { "" } else { "    " })?;
        }
        writeln!(text, "    Ok(answers![{}])\n}}", values.join(", "))?;
    }
    Ok(text)
}

#[test]
fn links_of_the_guide_lead_to_headings_and_files() {
    let guide = include_str!("../../../docs/client.md");
    let mut anchors: Vec<String> = Vec::new();
    for heading in guide.lines().filter(|line| line.starts_with('#')) {
        let anchor = anchor(heading.trim_start_matches('#').trim());
        let same = anchors.iter().filter(|other| **other == anchor).count();
        // As GitHub does it for headings with the same text.
        anchors.push(anchor);
        if same > 0 {
            let last = anchors.len() - 1;
            anchors[last] = format!("{}-{same}", anchors[last]);
        }
    }
    let links = guide.split("](#").skip(1).filter_map(|rest| rest.split(')').next());
    let broken: Vec<&str> = links.filter(|link| !anchors.iter().any(|anchor| anchor == link)).collect();
    assert!(broken.is_empty(), "no heading for {broken:?} in {anchors:?}");
    let docs = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs"));
    let links = guide.split("](../").skip(1).filter_map(|rest| rest.split(')').next());
    let missing: Vec<&str> = links.filter(|link| !docs.join("..").join(link).is_file()).collect();
    assert!(missing.is_empty(), "no file {missing:?}");
}

fn anchor(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|character| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase)
        .map(|character| if character == ' ' { '-' } else { character })
        .collect()
}
