//! Starts a project.

mod database;
mod files;
mod manifest;
mod package_name;
mod prisma_options;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use nicol_pg::ConnectionUrl;

use crate::args::{Init, Place, shell_word};
use crate::context::Context;
use crate::exit::Exit;
use crate::files::read_text;
use crate::settings;
use files::Files;
use manifest::{Dependencies, Origin};

/// The files of the program in `examples/quickstart`; a test compares them.
const SCHEMA: &str = include_str!("init/templates/quickstart/schema.prisma");
const BUILD_SCRIPT: &str = include_str!("init/templates/quickstart/build.rs");
const MAIN: &str = include_str!("init/templates/quickstart/main.rs");

pub(super) async fn run(ctx: &mut Context, place: &Place, args: &Init) -> anyhow::Result<Exit> {
    prisma_options::check(args)?;
    if place.schema.is_some() || place.config.is_some() {
        bail!(
            "`nicol init` creates {} and the schema where they are found without an option\nhelp: leave out --schema and --config",
            settings::FILE
        );
    }
    let start = ctx.cwd.clone();
    let root = open_folder(ctx, args)?;
    ctx.enter(root.clone())?;
    let name = package_name(&root, args)?;
    let origin = Origin::find(args.nicol_path.as_deref().map(|path| start.join(path)).as_deref())?;

    if let Some(url) = &args.url {
        ConnectionUrl::parse(url).context("the URL of the database cannot be used")?;
    }
    refuse_others(&root)?;

    let mut files = Files::new(&root);
    let report = &mut ctx.report;
    let dependencies = Dependencies::of_client(&origin);
    files.create(report, "Cargo.toml", &manifest::new(&name, &dependencies))?;
    files.create(report, "build.rs", BUILD_SCRIPT)?;
    files.create(report, "prisma/schema.prisma", SCHEMA)?;
    files.create(report, "src/main.rs", MAIN)?;
    files.create(report, settings::FILE, SETTINGS)?;
    files.ignore(report, &["/target", "/.nicol", ".env"])?;

    let is_database_new = database::prepare(ctx, place, args.url.as_deref()).await?;
    if !files.is_changed && !is_database_new {
        ctx.report.success("nothing to do: this project uses nicol");
        return Ok(Exit::Success);
    }
    if let Origin::Checkout(checkout) = &origin {
        ctx.report.note(&format!("Cargo.toml uses the crates of nicol in `{}`", checkout.display()));
    }
    ctx.report.success(&format!("{name} is ready"));
    next(ctx, &start);
    Ok(Exit::Success)
}

const SETTINGS: &str = "\
# Where commands in this folder and below find the project, and its local server.
schema = \"prisma/schema.prisma\"

[local]
idle_timeout = \"5min\"   # the server sleeps when it is not used
";

/// Refuses a folder with a project that does not use nicol.
fn refuse_others(root: &Path) -> anyhow::Result<()> {
    let is_ours = read_text(&root.join("Cargo.toml")).is_ok_and(|text| text.contains("nicol"));
    let others = ["Cargo.toml", "package.json", "schema.prisma", "prisma/schema.prisma"];
    match others.iter().find(|name| root.join(name).exists()) {
        Some(name) if !is_ours => bail!(
            "`{}` contains another project: `{name}` exists\nhelp: pass a new folder: nicol init DIR",
            root.display()
        ),
        _ => Ok(()),
    }
}

/// Creates the folder of the project, and returns its full path.
fn open_folder(ctx: &Context, args: &Init) -> anyhow::Result<PathBuf> {
    let Some(folder) = &args.folder else { return Ok(ctx.cwd.clone()) };
    let root = ctx.cwd.join(folder);
    if root.exists() && !root.is_dir() {
        bail!("`{}` is a file\nhelp: pass the folder for the project", folder.display());
    }
    let doing = || format!("cannot create the folder `{}`", folder.display());
    fs::create_dir_all(&root).with_context(doing)?;
    // A name like `..` is not the name of a folder.
    fs::canonicalize(&root).with_context(doing)
}

fn package_name(root: &Path, args: &Init) -> anyhow::Result<String> {
    if let Some(name) = &args.name {
        package_name::check(name)?;
        return Ok(name.clone());
    }
    let folder = root.file_name().unwrap_or_default().to_string_lossy();
    Ok(package_name::from_folder(&folder))
}

/// Prints the commands that come next.
fn next(ctx: &mut Context, start: &Path) {
    let mut commands = Vec::new();
    if *start != ctx.cwd {
        let folder = ctx.cwd.strip_prefix(start).unwrap_or(&ctx.cwd);
        commands.push((format!("cd {}", shell_word(folder)), ""));
    }
    commands.push(("nicol migrate dev --name init".to_owned(), "create the tables"));
    commands.push(("cargo run".to_owned(), "write rows and read them"));
    let width = commands.iter().map(|(command, _)| command.len()).max().unwrap_or_default();
    ctx.report.line("next:");
    for (command, purpose) in commands {
        let line = if purpose.is_empty() { command } else { format!("{command:width$}  # {purpose}") };
        ctx.report.line(&format!("  {line}"));
    }
}
