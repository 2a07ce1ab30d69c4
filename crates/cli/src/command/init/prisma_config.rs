//! `prisma.config.ts`: what can be read from it without running it.

use std::path::Path;

use anyhow::Context as _;

use crate::files::read_text;

/// The names of the file, in Prisma's order. Source: Prisma 6.19, `loadConfigFromFile`.
const EXTENSIONS: [&str; 6] = ["js", "ts", "mjs", "cjs", "mts", "cts"];

/// The settings that nicol.toml has, too.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct PrismaConfig {
    /// The name of the file.
    pub(super) file: String,
    pub(super) schema: Option<String>,
    pub(super) migrations: Option<String>,
    pub(super) seed: Option<String>,
    /// The variable with the URL of the database.
    pub(super) variable: Option<String>,
    /// Settings whose values are not texts, so that they can only be read by running the file.
    pub(super) unread: Vec<&'static str>,
}

impl PrismaConfig {
    /// Reads the file in this folder, if there is one.
    pub(super) fn find(root: &Path) -> anyhow::Result<Option<Self>> {
        let names = EXTENSIONS.iter().map(|extension| format!("prisma.config.{extension}"));
        let hidden = EXTENSIONS.iter().map(|extension| format!(".config/prisma.{extension}"));
        let Some(file) = names.chain(hidden).find(|name| root.join(name).is_file()) else { return Ok(None) };
        let text = read_text(&root.join(&file)).with_context(|| format!("cannot read `{file}`"))?;
        Ok(Some(Self { file, ..Self::parse(&text) }))
    }

    fn parse(text: &str) -> Self {
        let tokens = tokens(text);
        let mut config = Self::default();
        // The keys of the objects around the current token.
        let mut around: Vec<&str> = Vec::new();
        let mut key = "";
        for (index, token) in tokens.iter().enumerate() {
            match token {
                Token::Other('{') => around.push(std::mem::take(&mut key)),
                Token::Other('}') => drop(around.pop()),
                Token::Word(word) | Token::Text(word)
                    if tokens.get(index + 1) == Some(&Token::Other(':')) =>
                {
                    key = word;
                    config.take(around.last().copied().unwrap_or_default(), key, &tokens[index + 2..]);
                }
                _ => {}
            }
        }
        config
    }

    fn take(&mut self, object: &str, key: &str, value: &[Token<'_>]) {
        let (setting, name) = match (object, key) {
            ("", "schema") => (&mut self.schema, "schema"),
            ("migrations", "path") => (&mut self.migrations, "migrations.path"),
            ("migrations", "seed") => (&mut self.seed, "migrations.seed"),
            ("datasource", "url") => {
                self.variable = variable(value);
                return;
            }
            _ => return,
        };
        *setting = text(value);
        if setting.is_none() {
            self.unread.push(name);
        }
    }
}

/// Returns the text that an expression begins with: `"…"`, or `path.join("…", "…")`.
fn text(value: &[Token<'_>]) -> Option<String> {
    let Some(Token::Word(_)) = value.first() else {
        let (Token::Text(text), rest) = value.split_first()? else { return None };
        return matches!(rest.first(), Some(Token::Other(',' | '}')) | None).then(|| (*text).to_owned());
    };
    let open = value.iter().position(|token| *token == Token::Other('('))?;
    let close = value.iter().position(|token| *token == Token::Other(')'))?;
    let function: Vec<&Token<'_>> = value.get(..open)?.iter().collect();
    if !matches!(function.last(), Some(Token::Word("join"))) || open > 3 {
        return None;
    }
    let mut parts = Vec::new();
    for token in value.get(open + 1..close)? {
        match token {
            Token::Text(part) => parts.push(*part),
            Token::Other(',') => {}
            _ => return None,
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// Returns the variable in `env("…")` or `process.env.…`.
fn variable(value: &[Token<'_>]) -> Option<String> {
    match value {
        [Token::Word("env"), Token::Other('('), Token::Text(name), ..]
        | [
            Token::Word("process"),
            Token::Other('.'),
            Token::Word("env"),
            Token::Other('.'),
            Token::Word(name),
            ..,
        ] => Some((*name).to_owned()),
        _ => None,
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    /// A string without what surrounds it.
    Text(&'a str),
    Other(char),
}

/// Splits TypeScript into tokens, without comments.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_word = |it: char| it.is_alphanumeric() || it == '_' || it == '$';
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if ['"', '\'', '`'].contains(&first) {
            let inner = &rest[1..];
            let end = inner.find(first).unwrap_or(inner.len());
            tokens.push(Token::Text(&inner[..end]));
            (end + 2).min(rest.len())
        } else if is_word(first) {
            let end = rest.find(|it| !is_word(it)).unwrap_or(rest.len());
            tokens.push(Token::Word(&rest[..end]));
            end
        } else {
            if !first.is_whitespace() {
                tokens.push(Token::Other(first));
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_prisma_init_writes_is_read() {
        let config = PrismaConfig::parse(
            r#"
            // This file was generated by Prisma: schema: "no"
            import "dotenv/config";
            import { defineConfig, env } from "prisma/config";

            export default defineConfig({
              schema: "prisma/schema.prisma", /* url: env("NO") */
              migrations: {
                path: "prisma/migrations",
                seed: 'tsx prisma/seed.ts',
              },
              engine: "classic",
              datasource: { url: env("POSTGRES_URL") },
            });
            "#,
        );
        let expected = PrismaConfig {
            schema: Some("prisma/schema.prisma".to_owned()),
            migrations: Some("prisma/migrations".to_owned()),
            seed: Some("tsx prisma/seed.ts".to_owned()),
            variable: Some("POSTGRES_URL".to_owned()),
            ..PrismaConfig::default()
        };
        assert_eq!(config, expected);
    }

    #[test]
    fn expressions_are_read_or_named() {
        let config = PrismaConfig::parse(
            r#"export default {
              schema: path.join('db', "schema"),
              migrations: { path: folder + "/migrations", seed: `node seed.js` },
              datasource: { url: process.env.DB_URL! },
            } satisfies PrismaConfig"#,
        );
        assert_eq!(config.schema.as_deref(), Some("db/schema"));
        assert_eq!(config.seed.as_deref(), Some("node seed.js"));
        assert_eq!(config.variable.as_deref(), Some("DB_URL"));
        assert_eq!((config.migrations, config.unread), (None, vec!["migrations.path"]));
        for (value, expected) in [
            ("path.join(__dirname, 'db')", None),
            ("'a' + b", None),
            ("join('a')", Some("a")),
            ("f('a')", None),
            ("join(", None),
            ("", None),
            ("'open", Some("open")),
        ] {
            let config = PrismaConfig::parse(&format!("{{ schema: {value}"));
            assert_eq!(config.schema.as_deref(), expected, "{value}");
        }
    }
}
