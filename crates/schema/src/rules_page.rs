//! Renders the table of rules as a Markdown page, `docs/schema-errors.md`.

use std::fmt::Write as _;

use crate::render::render;
use crate::rule::{Rule, SUBJECTS, Severity};

const BEGINNING: &str = "# Schema errors

Every finding of `nicol validate`, and of any other command that reads the schema, has a code in brackets: \
`error[relation-missing-opposite]`. This page explains the rule behind each code and shows how to fix the schema. The \
codes are stable across versions.

Which schemas are valid, and where an error is reported, is the same as in Prisma 6.19. Prisma first checks each \
line, name, type and attribute on its own. Only if there are no errors does it check what involves several of them: \
keys, indexes, native types and relations. nicol also reports errors of the second kind that are certain in spite of \
other errors, after the rest. A schema with errors cannot be used; a schema with only warnings can.

This page is generated from `crates/schema/src/rule`. To update it, run \
`UPDATE_EXPECT=1 cargo test -p nicol-schema --test rules`.
";

/// Returns the Markdown page about all rules.
pub fn rules_page() -> String {
    let mut page = BEGINNING.to_owned();
    for subject in &SUBJECTS {
        let _ = write!(page, "\n**{}**\n\n", subject.title);
        for rule in subject.rules {
            let _ = writeln!(page, "- [`{0}`](#{0}): {1}", rule.code, lower_first(rule.title));
        }
    }
    for subject in &SUBJECTS {
        let _ = write!(page, "\n## {}\n", subject.title);
        for rule in subject.rules {
            write_rule(&mut page, rule);
        }
    }
    page
}

fn write_rule(page: &mut String, rule: &Rule) {
    let severity = match rule.severity {
        Severity::Error => "",
        Severity::Warning => " (a warning)",
    };
    let _ = write!(page, "\n### {}\n\n**{}.**{severity} {}\n", rule.code, rule.title, rule.reason);
    if rule.wrong.is_empty() {
        return;
    }
    let (text, _) = rule.wrong();
    let mut found = crate::validate(&text).diagnostics;
    found.retain(|diagnostic| diagnostic.rule == rule);
    let drawn = render(&found, &text, "schema.prisma", false);
    let right = rule.right.trim_start_matches('\n');
    let _ = write!(page, "\n```text\n{drawn}```\n\nInstead:\n\n```prisma\n{right}```\n");
}

fn lower_first(title: &str) -> String {
    let mut chars = title.chars();
    let second_is_small = title.chars().nth(1).is_some_and(|c| c.is_lowercase() || c == ' ');
    match chars.next() {
        Some(first) if second_is_small && !title.starts_with("PostgreSQL") => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => title.to_owned(),
    }
}
