//! The page of the guide: the table of rules, written out for people.

use std::fmt::Write as _;

use super::{Rule, SUBJECTS, Severity};

const BEGINNING: &str = "# What can be wrong with a schema

Each finding of `nicol validate`, and of every command that reads the schema, has a code in brackets: \
`error[relation-missing-opposite]`. This page says what the codes mean, why the rule exists, and what to write \
instead. The codes keep their meaning from version to version.

Which schemas are valid, and at which place a mistake is reported, is as in Prisma 6.19. Prisma \
first looks at each line, name, type and attribute by itself, and only once all of these are in order at what needs \
several of them: keys, indexes, native types, relations. What can be said of those with certainty in spite of other \
mistakes, nicol says too, after the rest. With a warning the schema can be used, with an error it cannot.

This page is generated: the rules, with their examples, are in `crates/schema/src/rule.rs`, and a test compares. To \
write it anew: `UPDATE_EXPECT=1 cargo test -p nicol-schema --test rules`.
";

/// The page of the guide about all rules, in Markdown.
pub fn page() -> String {
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
    let drawn = crate::render(&found, &text, "schema.prisma", false);
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
