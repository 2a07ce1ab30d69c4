//! Starts a project, or adds nicol to one.
//!
//! ```text
//! look at the folder ─► read the database (--from) ─► write files ─► start the local server ─► say what comes next
//! ```
//!
//! What can be wrong is found out before the first file is written. Each step leaves alone what exists, so a command that was
//! interrupted can be run again.

mod database;
mod files;
mod found;
mod from;
mod manifest;
mod package_name;
mod prisma_config;
mod prisma_options;
mod rows;
mod secret;
mod template;
mod workspace;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use nicol_pg::ConnectionUrl;

use crate::args::{Init, Place, shell_word};
use crate::context::Context;
use crate::exit::Exit;
use crate::files::read_text;
use crate::report::Report;
use crate::settings;
use files::Files;
use found::Found;
use manifest::{Dependencies, Origin};
use template::Template;

/// The path of a new schema file.
const SCHEMA_FILE: &str = "prisma/schema.prisma";
/// The example in a package that exists.
const EXAMPLE: &str = "first_rows";

pub(super) async fn run(ctx: &mut Context, place: &Place, args: &Init) -> anyhow::Result<Exit> {
    prisma_options::check(args)?;
    if place.schema.is_some() || place.config.is_some() {
        bail!(
            "`nicol init` finds the schema, or creates it in {SCHEMA_FILE}\n\
             help: leave out --schema and --config; name another place in {}: schema = \"…\"",
            settings::FILE
        );
    }
    if let Some(url) = args.url.as_ref().or(args.from.as_ref()) {
        ConnectionUrl::parse(url).context("the URL of the database cannot be used")?;
    }
    let start = ctx.cwd.clone();
    let origin = Origin::find(args.nicol_path.as_deref().map(|path| start.join(path)).as_deref())?;
    let root = folder(ctx, args)?;
    let name = package_name(&root, args)?;
    let mut found = Found::look(ctx, &root)?;
    let template = Template::named(args.with);
    let pulled = match &args.from {
        None => None,
        Some(_) if found.schema.is_some() => bail!(
            "`{}` exists\nhelp: leave out --from, and run `nicol db pull` to bring the schema up to date",
            found.schema_path
        ),
        Some(url) => Some(from::Origin::read(ctx, url, &start_of(template.schema)).await?),
    };
    // A run that was interrupted has written it.
    found.forget_schema_if(&root, template.schema)?;
    if let (Some(_), true) = (args.with, found.schema.is_some()) {
        bail!(
            "`{}` exists, and --with is for a new schema\n\
             help: leave out --with, or pass a new folder: nicol init DIR",
            found.schema_path
        );
    }
    if let Some(pulled) = &pulled {
        found.take_schema(&pulled.schema)?;
    }
    database::check(ctx, &found, args.url.as_deref().or(args.from.as_deref()))?;

    files::create_folder(&root)?;
    ctx.enter(root.clone())?;
    let mut files = Files::new(&root);
    let dependencies = template.dependencies(&origin);
    let report = &mut ctx.report;
    let schema = pulled.as_ref().map_or(template.schema, |pulled| &pulled.schema);
    files.create(report, &found.schema_path, schema)?;
    let main = found.program(template.main)?;
    let build_script = template.build_script(&found.schema_path);
    let has_nicol = found.has_nicol();
    let is_package = found.manifest.is_some() && !has_nicol;
    let mut steps = Vec::new();
    if !has_nicol {
        if !files.create(report, "build.rs", &build_script)?
            && !read_text(&root.join("build.rs"))?.contains("nicol_codegen")
        {
            steps.push(format!("call `nicol_codegen::build({:?})` in build.rs", found.schema_path));
        }
        let program = if is_package { format!("examples/{EXAMPLE}.rs") } else { "src/main.rs".to_owned() };
        files.create(report, &program, &main)?;
    }
    let url = args.url.as_deref().or(args.from.as_deref());
    if let Some(settings) = found.settings(url.is_none()) {
        files.create(&mut ctx.report, settings::FILE, &settings)?;
    }
    files.ignore(&mut ctx.report, &["/target", "/.nicol", ".env"])?;
    // Last, so that a package with nicol has all of it.
    package(&mut ctx.report, &mut files, &mut found, &name, &dependencies)?;

    let is_database_new = database::prepare(ctx, place, &found, url).await?;
    if template.has_auth {
        secret::prepare(ctx)?;
    }
    if let Some(pulled) = &pulled {
        pulled.record(ctx, &mut files).await?;
    }
    found.report_unread(&mut ctx.report);
    if !files.is_changed && !is_database_new {
        ctx.report.success("nothing to do: this project uses nicol");
        return Ok(Exit::Success);
    }
    if let Origin::Checkout(checkout) = &origin {
        ctx.report.note(&format!("Cargo.toml uses the crates of nicol in `{}`", checkout.display()));
    }
    let what = if is_package || found.is_prisma {
        "nicol has been added".to_owned()
    } else {
        format!("{name} is ready")
    };
    ctx.report.success(&what);
    // A package that was added to in an earlier run has the example.
    let run = if root.join(format!("examples/{EXAMPLE}.rs")).exists() {
        format!("cargo run --example {EXAMPLE}")
    } else {
        "cargo run".to_owned()
    };
    next(ctx, &start, &found, &steps, (&run, template.purpose));
    Ok(Exit::Success)
}

/// Creates Cargo.toml, or adds what is missing there.
fn package(
    report: &mut Report,
    files: &mut Files<'_>,
    found: &mut Found,
    name: &str,
    dependencies: &Dependencies,
) -> anyhow::Result<()> {
    let Some(manifest) = &mut found.manifest else {
        workspace::join(report, files.root)?;
        return files.create(report, "Cargo.toml", &manifest::new(name, dependencies)).map(drop);
    };
    if manifest.has_nicol() {
        return Ok(());
    }
    let added = manifest.add(dependencies)?;
    let path = files.root.join("Cargo.toml");
    fs::write(&path, manifest.text()).with_context(|| format!("cannot write `{}`", path.display()))?;
    files.is_changed = true;
    report.line(&format!("added to Cargo.toml: {}", added.join(", ")));
    Ok(())
}

/// Returns the blocks of a schema file before its first model.
fn start_of(schema: &str) -> String {
    schema.split_once("model ").map_or(schema, |(start, _)| start).to_owned()
}

/// Returns the full path of the project's folder, which need not exist.
fn folder(ctx: &Context, args: &Init) -> anyhow::Result<PathBuf> {
    let Some(folder) = &args.folder else { return Ok(ctx.cwd.clone()) };
    let root = ctx.cwd.join(folder);
    if root.exists() && !root.is_dir() {
        bail!("`{}` is a file\nhelp: pass the folder for the project", folder.display());
    }
    // A name like `..` is not the name of a folder.
    Ok(fs::canonicalize(&root).unwrap_or(root))
}

fn package_name(root: &Path, args: &Init) -> anyhow::Result<String> {
    if let Some(name) = &args.name {
        package_name::check(name)?;
        return Ok(name.clone());
    }
    let folder = root.file_name().unwrap_or_default().to_string_lossy();
    Ok(package_name::from_folder(&folder))
}

/// Prints what comes next: what has to be edited, and the commands.
fn next(ctx: &mut Context, start: &Path, found: &Found, steps: &[String], run: (&str, &str)) {
    for step in steps {
        ctx.report.help(step);
    }
    let mut commands = Vec::new();
    if *start != ctx.cwd {
        let folder = ctx.cwd.strip_prefix(start).unwrap_or(&ctx.cwd);
        commands.push((format!("cd {}", shell_word(folder)), ""));
    }
    match found.state() {
        found::State::New => commands.push(("nicol migrate dev --name init".to_owned(), "create the tables")),
        found::State::Migrated => commands.push(("nicol migrate deploy".to_owned(), "apply the migrations")),
        found::State::Pushed => commands.push(("nicol db push".to_owned(), "create the tables")),
        found::State::InUse => {}
    }
    let purpose = if found.schema.is_some() { "read the first rows" } else { run.1 };
    commands.push((run.0.to_owned(), purpose));
    let width = commands.iter().map(|(command, _)| command.len()).max().unwrap_or_default();
    ctx.report.line("next:");
    for (command, purpose) in commands {
        let line = if purpose.is_empty() { command } else { format!("{command:width$}  # {purpose}") };
        ctx.report.line(&format!("  {line}"));
    }
}
