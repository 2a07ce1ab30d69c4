//! Intended differences from Prisma: the rules of `DEVIATIONS.md`, as far as one script shows them.
//!
//! A rule rewrites the statements of Prisma into correct ones. Any other difference is an error.

use crate::statement::statements;

struct Rule {
    /// The reason, as in `DEVIATIONS.md`.
    reason: &'static str,
    mend: fn(Vec<String>) -> Vec<String>,
}

const RULES: &[Rule] = &[
    Rule { reason: "a sequence without a name cannot be dropped", mend: nameless_sequence },
    Rule { reason: "a constraint that was dropped cannot be renamed", mend: dropped_and_renamed },
    Rule { reason: "RENAME CONSTRAINT goes together with nothing else", mend: rename_apart },
    Rule { reason: "BIGSERIAL and its like are no types to change to", mend: serial_type },
    Rule { reason: "the name of a sequence is quoted", mend: sequence_name },
    Rule { reason: "a quote within quotes is doubled", mend: doubled_quotes },
    Rule { reason: "a column that is not there yet has no type to change", mend: moved_before_made },
    Rule { reason: "an index that went with its column cannot be renamed", mend: created_and_renamed },
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
            statement.replace('"', "").to_lowercase()
        } else {
            statement
        }
    })
}

fn doubled_quotes(statements: Vec<String>) -> Vec<String> {
    each(statements, |statement| statement.replace("\"\"", "\"").replace("''", "'"))
}

/// An enum is made anew before tables are changed.
fn moved_before_made(mut statements: Vec<String>) -> Vec<String> {
    let is_made = |table: &str, column: &str| {
        statements.iter().any(|it| {
            let adds = format!("ADD COLUMN     {column} ");
            let drops = format!("DROP COLUMN {column}");
            it.starts_with(&format!("CREATE TABLE {table} ("))
                || it.starts_with(&format!("ALTER TABLE {table} "))
                    && it.contains(&adds)
                    && !it.contains(&drops)
        })
    };
    let is_early = |statement: &String| {
        let rest = statement.strip_prefix("ALTER TABLE ").filter(|it| it.contains(" USING ("));
        let names = rest.and_then(|it| it.split_once(" ALTER COLUMN "));
        let names = names.and_then(|(table, it)| Some((table, it.split_once(" TYPE ")?.0)));
        names.is_some_and(|(table, column)| is_made(table, column))
    };
    let gone: Vec<_> = statements.iter().filter(|it| is_early(it)).cloned().collect();
    statements.retain(|it| !gone.contains(it));
    statements
}

fn created_and_renamed(mut statements: Vec<String>) -> Vec<String> {
    let is_created = |name: &str| {
        statements.iter().any(|it| {
            [format!("CREATE INDEX {name} ON "), format!("CREATE UNIQUE INDEX {name} ON ")]
                .iter()
                .any(|start| it.starts_with(start))
        })
    };
    let is_renamed = |statement: &String| {
        let names = statement.strip_prefix("ALTER INDEX ").and_then(|it| it.split_once(" RENAME TO "));
        names.is_some_and(|(_, name)| is_created(name.trim_end_matches(';')))
    };
    let gone: Vec<_> = statements.iter().filter(|it| is_renamed(it)).cloned().collect();
    statements.retain(|it| !gone.contains(it));
    statements
}
