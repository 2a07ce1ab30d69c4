//! Prints the examples of all rules as JSON for `reference/rules.mjs`, which asks Prisma about them.
#![allow(clippy::print_stdout, reason = "an example that reports on the terminal")]

use nicol_schema::rule::SUBJECTS;
use serde_json::{Map, json};

fn main() {
    let rules = SUBJECTS.iter().flat_map(|subject| subject.rules);
    let examples: Map<_, _> = rules
        .filter(|rule| !rule.right().is_empty())
        .map(|rule| (rule.as_str().to_owned(), json!({ "wrong": rule.wrong().0, "right": rule.right() })))
        .collect();
    println!("{}", json!(examples));
}
