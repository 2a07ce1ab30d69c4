//! An example for each command, at the end of its help. A test parses them all.

use clap::Command;

/// The commands by their names without `nicol`, and their examples.
const EXAMPLES: &[(&str, &[&str])] = &[
    (
        "init",
        &[
            "nicol init hello",
            "nicol init hello --with auth",
            "nicol init hello --from postgresql://localhost:5432/mydb",
            "nicol init --url postgresql://localhost:5432/mydb",
        ],
    ),
    ("validate", &["nicol validate", "nicol validate --schema prisma/schema.prisma --format json"]),
    ("format", &["nicol format", "nicol format --check"]),
    ("dmmf", &["nicol dmmf", "nicol dmmf --full"]),
    ("diagram", &["nicol diagram --output schema.svg", "nicol diagram --models Post --format mermaid"]),
    ("generate", &["nicol generate", "nicol generate --generator client --generator docs"]),
    (
        "migrate diff",
        &[
            "nicol migrate diff --from-config-datasource --to-schema prisma/schema.prisma",
            "nicol migrate diff --from-migrations prisma/migrations --to-schema prisma/schema.prisma --script",
        ],
    ),
    ("mcp", &["nicol mcp", "nicol mcp --schema prisma/schema.prisma", "nicol mcp --allow-remote"]),
    ("migrate dev", &["nicol migrate dev --name add-posts", "nicol migrate dev --rename User.name=fullName"]),
    ("migrate deploy", &["nicol migrate deploy", "nicol migrate deploy --dry-run"]),
    ("migrate status", &["nicol migrate status", "nicol migrate status --format json"]),
    ("migrate reset", &["nicol migrate reset", "nicol migrate reset --force --skip-seed"]),
    (
        "migrate resolve",
        &[
            "nicol migrate resolve --applied 20260101120000_init",
            "nicol migrate resolve --rolled-back 20260102120000_add_posts",
        ],
    ),
    ("db push", &["nicol db push", "nicol db push --accept-data-loss"]),
    ("db pull", &["nicol db pull", "nicol db pull --print --schemas public,auth"]),
    ("db execute", &["nicol db execute --file script.sql"]),
    ("db seed", &["nicol db seed", "nicol db seed -- --environment test"]),
    ("query", &["nicol query", "nicol query --url postgresql://localhost:5432/mydb"]),
    ("query-engine", &["nicol query-engine --port 4466 --datamodel-path prisma/schema.prisma"]),
    ("doctor", &["nicol doctor", "nicol doctor --strict --format json"]),
    ("local start", &["nicol local start", "nicol local start --idle-timeout 5min"]),
    ("local stop", &["nicol local stop"]),
    ("local status", &["nicol local status"]),
    ("local url", &["nicol local url"]),
    ("local backup", &["nicol local backup", "nicol local backup --to /backups/hello --keep 7"]),
    ("local backup list", &["nicol local backup list"]),
    ("local backup check", &["nicol local backup check"]),
    ("local backup stop", &["nicol local backup stop"]),
    (
        "local restore",
        &["nicol local restore --to-time 2026-11-28T18:30:00Z", "nicol local restore --as-branch yesterday"],
    ),
    ("local clean", &["nicol local clean", "nicol local clean --force"]),
    ("local psql", &["nicol local psql", "nicol local psql -- --csv --command 'SELECT 1'"]),
    ("branch create", &["nicol branch create feature --switch", "nicol branch create test --expires-in 7d"]),
    ("branch list", &["nicol branch list", "nicol branch list --format json"]),
    ("branch switch", &["nicol branch switch feature"]),
    ("branch rename", &["nicol branch rename feature search"]),
    ("branch delete", &["nicol branch delete feature"]),
    ("branch reset", &["nicol branch reset feature --parent"]),
    (
        "branch restore",
        &["nicol branch restore main ^self@2026-11-28T18:30:00Z --preserve-under-name before"],
    ),
    ("branch diff", &["nicol branch diff", "nicol branch diff main feature"]),
    ("branch expire", &["nicol branch expire feature --in 7d", "nicol branch expire feature --never"]),
    ("branch url", &["nicol branch url feature"]),
    ("branch hook install", &["nicol branch hook install"]),
    ("branch hook uninstall", &["nicol branch hook uninstall"]),
    ("lsp", &["nicol lsp", "nicol lsp --schema prisma/schema.prisma"]),
    ("studio", &["nicol studio"]),
    ("version", &["nicol version", "nicol version --format json"]),
    ("debug", &["nicol debug", "nicol debug --format json"]),
    ("completions", &["nicol completions bash", "nicol completions zsh"]),
    ("man", &["nicol man target/man"]),
];

/// Adds the examples to the help of each command.
pub(super) fn add(command: Command) -> Command {
    EXAMPLES.iter().fold(command, |command, (path, examples)| {
        let lines = examples.join("\n  $ ");
        let names: Vec<&str> = path.split(' ').collect();
        add_to(command, &names, &format!("Examples:\n  $ {lines}"))
    })
}

fn add_to(command: Command, names: &[&str], text: &str) -> Command {
    match names {
        [] => command.after_help(text.to_owned()),
        // A command that this version does not have is reported by the test.
        [name, ..] if command.find_subcommand(name).is_none() => command,
        [name, rest @ ..] => command.mut_subcommand(name, |inner| add_to(inner, rest, text)),
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::{Command, EXAMPLES};
    use crate::args::Args;

    /// Calls `visit` for each command that does something by itself, with its name.
    fn visit(command: &Command, path: &str, found: &mut Vec<String>) {
        for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
            let path = format!("{path} {}", inner.get_name()).trim().to_owned();
            if !inner.is_subcommand_required_set() {
                found.push(path.clone());
            }
            visit(inner, &path, found);
        }
    }

    /// Splits a line as a shell does, as far as examples need it.
    fn words(line: &str) -> Vec<String> {
        let parts = line.split('\'').enumerate();
        parts
            .flat_map(
                |(index, part)| {
                    if index % 2 == 1 { vec![part] } else { part.split_whitespace().collect() }
                },
            )
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn every_command_has_examples_that_can_be_typed() {
        let mut commands = Vec::new();
        visit(&Args::command(), "", &mut commands);
        let missing: Vec<&String> =
            commands.iter().filter(|path| EXAMPLES.iter().all(|(known, _)| known != *path)).collect();
        assert!(missing.is_empty(), "no examples for {missing:?}: add them to `EXAMPLES`");
        for (path, examples) in EXAMPLES {
            assert!(commands.iter().any(|known| known == path), "there is no command `{path}`");
            for example in *examples {
                assert!(example.starts_with(&format!("nicol {path}")), "{example}");
                if let Err(error) = Args::try_parse_from(words(example)) {
                    panic!("{example}: {error}");
                }
            }
        }
    }

    #[test]
    fn help_ends_with_the_examples() {
        let mut command = super::add(Args::command());
        let dev = command.find_subcommand_mut("migrate").and_then(|it| it.find_subcommand_mut("dev"));
        let help = dev.expect("it is there").render_long_help().to_string();
        assert!(help.trim_end().contains("Examples:\n  $ nicol migrate dev --name add-posts"), "{help}");
    }
}
