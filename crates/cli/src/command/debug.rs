//! `nicol debug`: which files and variables count. Secrets are never shown.

use std::fmt::Write as _;
use std::path::Path;

use nicol_pg::ConnectionUrl;
use nicol_schema::model::{Datasource, StringOrEnv};
use serde_json::{Value, json};

use crate::args::OutputFormat;
use crate::context::Context;
use crate::exit::Exit;
use crate::project::{Project, from_cwd, validate};
use crate::report::Style;
use crate::settings;

/// How a variable is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Value,
    /// A connection URL, without its secrets.
    Url,
    Hidden,
}

/// The variables that commands read, besides those that the schema names.
const VARIABLES: &[(&str, Shown)] = &[
    ("DATABASE_URL", Shown::Url),
    ("DATABASE_URL_UNPOOLED", Shown::Url),
    ("DATABASE_REPLICA_URL", Shown::Hidden),
    ("NEON_API_HOST", Shown::Value),
    ("NEON_API_KEY", Shown::Hidden),
    ("NEON_PROJECT_ID", Shown::Value),
    ("NICOL_LOCK_TIMEOUT", Shown::Value),
    ("NICOL_POSTGRES_BIN", Shown::Value),
    ("PRISMA_MIGRATE_SKIP_GENERATE", Shown::Value),
    ("PRISMA_MIGRATE_SKIP_SEED", Shown::Value),
    ("PRISMA_SCHEMA_DISABLE_ADVISORY_LOCK", Shown::Value),
    ("CI", Shown::Value),
    ("CLICOLOR_FORCE", Shown::Value),
    ("NO_COLOR", Shown::Value),
    ("TERM", Shown::Value),
];

struct File {
    what: &'static str,
    path: String,
    exists: bool,
}

struct Variable {
    name: String,
    /// Where it is set.
    origin: Option<&'static str>,
    /// Its value, if it can be shown.
    value: Option<String>,
}

pub(super) fn run(ctx: &mut Context, project: &Project, format: OutputFormat) -> Exit {
    let (files, note) = files(ctx, project);
    let variables = variables(ctx, project);
    if format == OutputFormat::Json {
        let files: Vec<Value> = files
            .iter()
            .map(|file| json!({ "what": file.what, "path": file.path, "exists": file.exists }))
            .collect();
        let variables: Vec<Value> = variables
            .iter()
            .map(|it| json!({ "name": it.name, "origin": it.origin, "value": it.value }))
            .collect();
        let all = json!({
            "folder": ctx.cwd.display().to_string(),
            "project": project.root.display().to_string(),
            "files": files,
            "variables": variables,
        });
        ctx.report.output(&format!("{all}\n"));
        return Exit::Success;
    }
    let paint = ctx.report.paint();
    let mut text = paint.paint(Style::Bold, "Files") + "\n";
    for File { what, path, exists } in &files {
        let state = if *exists { "" } else { " (not there)" };
        let _ = writeln!(text, "  {what:12} {path}{state}");
    }
    let _ = writeln!(text, "\n{}", paint.paint(Style::Bold, "Variables"));
    for Variable { name, origin, value } in &variables {
        let state = match (origin, value) {
            (None, _) => "not set".to_owned(),
            (Some(origin), Some(value)) => format!("`{value}` ({origin})"),
            (Some(origin), None) => format!("set, not shown ({origin})"),
        };
        let _ = writeln!(text, "  {name}: {state}");
    }
    ctx.report.output(&text);
    if let Some(note) = note {
        ctx.report.note(&note);
    }
    Exit::Success
}

/// Returns the files of the project, and why there is no schema.
fn files(ctx: &Context, project: &Project) -> (Vec<File>, Option<String>) {
    let mut files = Vec::new();
    let mut add = |what, path: &Path| {
        let exists = ctx.cwd.join(path).exists();
        files.push(File { what, path: from_cwd(ctx, path).display().to_string(), exists });
    };
    add("settings", &project.place.config.clone().unwrap_or_else(|| project.root.join(settings::FILE)));
    let note = match project.schema() {
        Ok(schema) => {
            add("schema", schema);
            if let Ok(migrations) = project.migrations() {
                add("migrations", &migrations);
            }
            if let Ok(statements) = project.typed_sql() {
                add("typed SQL", &statements);
            }
            None
        }
        Err(error) => error.to_string().lines().next().map(str::to_owned),
    };
    for path in project.env_files() {
        add("variables", path);
    }
    (files, note)
}

fn variables(ctx: &Context, project: &Project) -> Vec<Variable> {
    let mut names: Vec<(String, Shown)> =
        VARIABLES.iter().map(|(name, shown)| ((*name).to_owned(), *shown)).collect();
    for name in named(ctx, project) {
        if names.iter().all(|(known, _)| *known != name) {
            names.insert(0, (name, Shown::Url));
        }
    }
    let variable = |(name, shown): (String, Shown)| {
        let text = ctx.variable(&name);
        let origin = if ctx.is_given(&name) { "environment" } else { ".env" };
        let value = text.and_then(|text| match shown {
            Shown::Value => Some(text.to_owned()),
            Shown::Url => ConnectionUrl::parse(text).ok().map(|url| url.to_string()),
            Shown::Hidden => None,
        });
        Variable { origin: text.map(|_| origin), value, name }
    };
    names.into_iter().map(variable).collect()
}

/// Returns the variables that the settings and the datasource name for connection URLs.
fn named(ctx: &Context, project: &Project) -> Vec<String> {
    let datasource = project.schema().ok().and_then(|path| {
        let sources = nicol_codegen::read_schema(path).ok()?;
        validate(ctx, &sources).schema?.datasource
    });
    let of_schema =
        datasource.iter().flat_map(|Datasource { url, direct_url, shadow_database_url, .. }| {
            [url.as_ref(), direct_url.as_ref(), shadow_database_url.as_ref()]
        });
    let of_settings = [project.url.as_ref(), project.shadow_database_url.as_ref()];
    let names = of_schema.chain(of_settings).flatten().filter_map(|value| match value {
        StringOrEnv::Env(name) => Some(name.clone()),
        StringOrEnv::Literal(_) => None,
    });
    names.collect()
}
