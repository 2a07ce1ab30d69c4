//! The tools `schema`, `validate` and `format`.

use std::fmt::Write as _;

use anyhow::bail;
use nicol_schema::Sources;
use nicol_schema::ast::Item;
use serde::Deserialize;

use crate::args::FindingsFormat;
use crate::command::{format, validate};
use crate::context::Context;
use crate::project::Project;
use crate::report::RefusedSchema;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Show {
    model: Option<String>,
}

/// The text of a schema; if it is missing, the project's is meant.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Given {
    pub(super) text: Option<String>,
}

/// Returns the schema files, or one block of them.
pub(super) fn show(project: &Project, Show { model }: &Show) -> anyhow::Result<String> {
    let sources = nicol_codegen::read_schema(project.schema()?)?;
    let Some(model) = model else {
        let mut text = String::new();
        for file in sources.files() {
            write!(text, "// {}\n\n{}\n", file.name, file.text.trim_end())?;
        }
        return Ok(text);
    };
    let parse = nicol_schema::parse_files(&sources);
    let mut names = Vec::new();
    for item in parse.tree.file().items() {
        let name = match item {
            Item::Model(block) => block.name(),
            Item::Enum(block) => block.name(),
            Item::Config(_) => None,
        };
        let Some(name) = name else { continue };
        if name.text == model {
            let span = item.span();
            return Ok(span.of(sources.text()).to_owned());
        }
        names.push(format!("`{}`", name.text));
    }
    bail!("the schema has no model or enum `{model}`\nhelp: it has {}", names.join(", "))
}

/// Reports the diagnostics as `nicol validate --format json` does.
pub(super) fn check(ctx: &mut Context, project: Option<&Project>, given: &Given) -> anyhow::Result<()> {
    match (&given.text, project) {
        (None, Some(project)) => validate::run(ctx, project, FindingsFormat::Json).map(drop),
        (text, _) => {
            let text = text.as_deref().unwrap_or_default();
            validate::print_json(ctx, &Sources::new([("schema.prisma", text)]));
            Ok(())
        }
    }
}

/// Formats a text, which is returned. Of the project, only says which files are not formatted.
pub(super) fn tidy(ctx: &mut Context, project: Option<&Project>, given: &Given) -> anyhow::Result<()> {
    if let (None, Some(project)) = (&given.text, project) {
        return format::run(ctx, project, true).map(drop);
    }
    let sources = Sources::new([("schema.prisma", given.text.as_deref().unwrap_or_default())]);
    let diagnostics = nicol_schema::parse_files(&sources).errors;
    if !diagnostics.is_empty() {
        return Err(RefusedSchema { sources, diagnostics, further: Vec::new() }.into());
    }
    ctx.report.output(&nicol_schema::format_files(&sources).concat());
    Ok(())
}

/// Hides the passwords of URLs in a text, also in comments and in URLs that are not valid.
pub(super) fn without_passwords(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + "://".len());
        shown.push_str(before);
        let is_end = |it: char| it.is_whitespace() || matches!(it, '"' | '\'' | '`' | '\\' | '<' | '>');
        let (url, behind) = after.split_at(after.find(is_end).unwrap_or(after.len()));
        // An unescaped `@` may be part of the password.
        let (user, place) = url.rsplit_once('@').map_or((None, url), |(user, place)| (Some(user), place));
        if let Some(user) = user {
            match user.split_once(':') {
                Some((name, _)) => write!(shown, "{name}:***@").unwrap_or_default(),
                None => write!(shown, "{user}@").unwrap_or_default(),
            }
        }
        shown.push_str(&without_parameters(place));
        rest = behind;
    }
    shown.push_str(rest);
    shown
}

/// Hides `password=…` and `sslpassword=…`.
fn without_parameters(place: &str) -> String {
    let hide = |part: &str| match part.split_once('=') {
        Some((name, _)) if name.to_ascii_lowercase().contains("password") => format!("{name}=***"),
        _ => part.to_owned(),
    };
    match place.split_once('?') {
        Some((before, parameters)) => {
            let parameters: Vec<String> = parameters.split('&').map(hide).collect();
            format!("{before}?{}", parameters.join("&"))
        }
        None => place.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::without_passwords;

    #[test]
    fn passwords_of_urls_are_hidden() {
        for (text, expected) in [
            (
                r#"url = "postgresql://me:s3@cr:et@db/x?a=b" // y"#,
                r#"url = "postgresql://me:***@db/x?a=b" // y"#,
            ),
            ("postgres://me@db/x https://a.b/c", "postgres://me@db/x https://a.b/c"),
            ("x://db/x?sslpassword=s&password=t&u=v", "x://db/x?sslpassword=***&password=***&u=v"),
            ("no URL: @me : // x", "no URL: @me : // x"),
            ("://", "://"),
        ] {
            assert_eq!(without_passwords(text), expected);
        }
    }
}
