//! Where the statements are not Prisma's on purpose: the rules of `DEVIATIONS.md`, as far as one script shows them.
//!
//! A rule rewrites Prisma's statements into what is meant by them. What differs after that is no deviation.

use crate::statement::statements;

struct Rule {
    /// As in `DEVIATIONS.md`, with the reason.
    reason: &'static str,
    mend: fn(Vec<String>) -> Vec<String>,
}

const RULES: &[Rule] = &[
    Rule { reason: "a sequence without a name cannot be dropped", mend: nameless_sequence },
    Rule { reason: "a default is not set and dropped in one statement", mend: set_and_dropped },
    Rule { reason: "a constraint that was dropped cannot be renamed", mend: dropped_and_renamed },
    Rule { reason: "RENAME CONSTRAINT goes together with nothing else", mend: rename_apart },
    Rule { reason: "BIGSERIAL and its like are no types to change to", mend: serial_type },
    Rule { reason: "the name of a sequence is quoted", mend: sequence_name },
    Rule { reason: "a quote within quotes is doubled", mend: doubled_quotes },
];

/// The rules after which the statements are equal; none if they still differ.
pub(crate) fn between(expected: &str, own: &str) -> Option<Vec<&'static str>> {
    let mut expected = statements(expected);
    let mut own = statements(own);
    let mut used = Vec::new();
    for rule in RULES {
        let mended = ((rule.mend)(expected.clone()), (rule.mend)(own.clone()));
        if mended != (expected.clone(), own.clone()) {
            used.push(rule.reason);
            (expected, own) = mended;
            if expected == own {
                return Some(used);
            }
        }
    }
    None
}

fn nameless_sequence(statements: Vec<String>) -> Vec<String> {
    statements.into_iter().filter(|statement| statement != "DROP SEQUENCE \"\";").collect()
}

/// The actions of an `ALTER TABLE`, the first of them with the table before it.
fn each_actions(statements: Vec<String>, change: fn(Vec<String>) -> Vec<Vec<String>>) -> Vec<String> {
    let mut all = Vec::new();
    for statement in statements {
        let Some((table, actions)) = statement
            .strip_suffix(';')
            .and_then(|it| it.strip_prefix("ALTER TABLE "))
            .and_then(|it| it.split_once(' '))
        else {
            all.push(statement);
            continue;
        };
        let actions = actions.split(",\n").map(str::to_owned).collect();
        for actions in change(actions) {
            all.push(format!("ALTER TABLE {table} {};", actions.join(",\n")));
        }
    }
    all
}

fn set_and_dropped(statements: Vec<String>) -> Vec<String> {
    each_actions(statements, |mut actions| {
        let set: Vec<String> = actions
            .iter()
            .filter_map(|action| action.split_once(" SET DEFAULT "))
            .map(|(column, _)| format!("{column} DROP DEFAULT"))
            .collect();
        actions.retain(|action| !set.contains(action));
        vec![actions]
    })
}

fn dropped_and_renamed(statements: Vec<String>) -> Vec<String> {
    each_actions(statements, |mut actions| {
        let dropped: Vec<String> = actions
            .iter()
            .filter_map(|action| action.strip_prefix("DROP CONSTRAINT "))
            .map(|name| format!("RENAME CONSTRAINT {name} TO "))
            .collect();
        actions.retain(|action| !dropped.iter().any(|rename| action.starts_with(rename)));
        vec![actions]
    })
}

fn rename_apart(statements: Vec<String>) -> Vec<String> {
    each_actions(statements, |actions| {
        let (renames, others): (Vec<_>, Vec<_>) =
            actions.into_iter().partition(|action| action.starts_with("RENAME CONSTRAINT "));
        let mut parts: Vec<Vec<String>> = renames.into_iter().map(|rename| vec![rename]).collect();
        if !others.is_empty() {
            parts.push(others);
        }
        parts
    })
}

fn each(statements: Vec<String>, change: impl Fn(String) -> String) -> Vec<String> {
    statements.into_iter().map(change).collect()
}

fn serial_type(statements: Vec<String>) -> Vec<String> {
    each(statements, |statement| {
        statement
            .replace("SET DATA TYPE BIGSERIAL", "SET DATA TYPE BIGINT")
            .replace("SET DATA TYPE SMALLSERIAL", "SET DATA TYPE SMALLINT")
            .replace("SET DATA TYPE SERIAL", "SET DATA TYPE INTEGER")
    })
}

fn sequence_name(statements: Vec<String>) -> Vec<String> {
    each(statements, |statement| {
        if statement.contains(" SEQUENCE ") || statement.contains("nextval(") {
            statement.replace('"', "")
        } else {
            statement
        }
    })
}

fn doubled_quotes(statements: Vec<String>) -> Vec<String> {
    each(statements, |statement| statement.replace("\"\"", "\"").replace("''", "'"))
}
