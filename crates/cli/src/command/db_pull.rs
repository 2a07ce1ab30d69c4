use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use nicol_migrate::Error;
use nicol_migrate::pull::{self, Counts, Pulled, Remark, SchemaFile};
use nicol_schema::ast::Item;
use nicol_schema::{DatasourceUrl, Schema, Sources};

use crate::args::{Pull, PullFormat};
use crate::context::Context;
use crate::database::{Database, datasource_of};
use crate::exit::Exit;
use crate::files::read_text;
use crate::project::{Project, load_schema};
use crate::report::{RefusedSchema, counted};

pub(super) async fn run(ctx: &mut Context, project: &Project, args: &Pull) -> anyhow::Result<Exit> {
    let path = project.schema()?;
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new("")) };
    let files = files(path, folder)?;
    let (files, schema) = match settings(&files).filter(|_| args.force) {
        // With --force, errors in models do not matter: the models are discarded.
        Some((settings, schema)) => (settings, schema),
        None => (files, load_schema(ctx, path)?),
    };
    let datasource = datasource_of(project, schema.clone(), path)?;
    let asked = pull::Pull { is_forced: args.force, schemas: args.schemas.clone() };
    let schemas = asked.schemas.as_ref().unwrap_or(&datasource.schemas);
    let database = Database::of(ctx, project, &datasource).await?;
    let read = async { Ok(nicol_migrate::introspect(&database.url, schemas).await?) };
    let catalog = ctx.signals.guard(read).await;
    let url = database.url.clone();
    database.close().await?;
    let pulled = pull::pull(&catalog?, &files, &schema, &asked);
    if pulled.counts.is_empty() {
        return Err(Error::NothingToPull { url: url.to_string() }.into());
    }
    check(&pulled)?;
    let mut written = Vec::new();
    if args.print {
        if args.format == PullFormat::Text {
            print(ctx, &pulled);
        }
    } else {
        for file in &pulled.files {
            let target = folder.join(&file.name);
            if fs::read_to_string(&target).is_ok_and(|text| text == file.text) {
                continue;
            }
            replace(&target, &file.text)?;
            written.push(target.display().to_string());
        }
    }
    if args.format == PullFormat::Json {
        ctx.report.output(&json(&pulled, &written, args.print));
        return Ok(Exit::Success);
    }
    remark(ctx, &pulled.remarks, args.verbose);
    if args.print {
        return Ok(Exit::Success);
    }
    let found = found(pulled.counts);
    let success = if written.is_empty() {
        format!("nothing to do: the schema file matches the database ({found})")
    } else {
        let written: Vec<_> = written.iter().map(|path| format!("`{path}`")).collect();
        format!("wrote {found} to {}", written.join(", "))
    };
    ctx.report.success(&success);
    Ok(Exit::Success)
}

/// Checks that the new files are valid, before they replace the old ones.
pub(super) fn check(pulled: &Pulled) -> anyhow::Result<()> {
    let sources = Sources::new(pulled.files.iter().map(|file| (file.name.as_str(), file.text.as_str())));
    let validated = nicol_schema::validate_files(&sources);
    if validated.schema.is_some() {
        return Ok(());
    }
    Err(anyhow::Error::new(RefusedSchema::new(sources, validated)))
}

/// Reads the schema file, or all files of a folder, named relative to it.
fn files(path: &Path, folder: &Path) -> anyhow::Result<Vec<SchemaFile>> {
    let mut paths = Vec::new();
    if path.is_dir() {
        collect(path, &mut paths)?;
        paths.sort();
    } else {
        paths.push(path.to_owned());
    }
    let read = |path: PathBuf| {
        let text =
            read_text(&path).with_context(|| format!("cannot read the schema file `{}`", path.display()))?;
        let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
        Ok(SchemaFile { name, text })
    };
    paths.into_iter().map(read).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let doing = || format!("cannot list the schema files in `{}`", folder.display());
    for entry in fs::read_dir(folder).with_context(doing)? {
        let path = entry.with_context(doing)?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|it| it == "prisma") {
            paths.push(path);
        }
    }
    Ok(())
}

/// Returns the files reduced to their `datasource` and `generator` blocks, if those are valid.
fn settings(files: &[SchemaFile]) -> Option<(Vec<SchemaFile>, Schema)> {
    let of_file = |file: &SchemaFile| {
        let parse = nicol_schema::parse(&file.text);
        let blocks = parse.tree.file().items().filter_map(|item| match item {
            Item::Config(block) => Some(&parse.tree.text()[block.span().range()]),
            _ => None,
        });
        SchemaFile { name: file.name.clone(), text: blocks.collect::<Vec<_>>().join("\n") }
    };
    let files: Vec<_> = files.iter().map(of_file).collect();
    let sources = Sources::new(files.iter().map(|file| (&file.name, &file.text)));
    let schema = nicol_schema::validate_files_with(&sources, DatasourceUrl::Optional).schema?;
    Some((files, schema))
}

fn print(ctx: &mut Context, pulled: &Pulled) {
    if let [file] = pulled.files.as_slice() {
        ctx.report.output(&file.text);
        return;
    }
    for file in &pulled.files {
        ctx.report.output(&format!("// {}\n{}\n", file.name, file.text));
    }
}

/// Up to this many objects of a kind are named without `--verbose`.
const FEW: usize = 3;

/// Prints the remarks: a line for each kind, with the names below it.
pub(super) fn remark(ctx: &mut Context, remarks: &[Remark], is_verbose: bool) {
    for remark in remarks {
        let (kind, count) = (remark.kind, remark.of.len());
        ctx.report.warning(&format!("{} ({count}): {}", kind.noun(), kind.consequence()));
        if is_verbose || count <= FEW {
            for name in &remark.of {
                ctx.report.line(&format!("  `{name}`"));
            }
        }
    }
    if !is_verbose && remarks.iter().any(|remark| remark.of.len() > FEW) {
        ctx.report.help("run `nicol db pull --print --verbose` to list all of them");
    }
}

/// Formats the result as [`PullFormat::Json`] describes.
fn json(pulled: &Pulled, written: &[String], has_files: bool) -> String {
    let warning = |remark: &Remark| {
        serde_json::json!({
            "kind": remark.kind.key(),
            "message": format!("{}: {}", remark.kind.noun(), remark.kind.consequence()),
            "count": remark.of.len(),
            "names": remark.of,
        })
    };
    let Counts { models, views, enums } = pulled.counts;
    let mut json = serde_json::json!({
        "written": written,
        "models": models,
        "views": views,
        "enums": enums,
        "warnings": pulled.remarks.iter().map(warning).collect::<Vec<_>>(),
    });
    if has_files {
        let file = |file: &SchemaFile| serde_json::json!({ "name": file.name, "text": file.text });
        json["files"] = pulled.files.iter().map(file).collect();
    }
    format!("{json:#}\n")
}

pub(super) fn found(counts: Counts) -> String {
    let kinds = [(counts.models, "model"), (counts.views, "view"), (counts.enums, "enum")];
    let kinds = kinds.into_iter().filter(|(count, _)| *count > 0);
    kinds.map(|(count, noun)| counted(count, noun)).collect::<Vec<_>>().join(", ")
}

/// Replaces a file atomically: readers see either the old or the new contents.
fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    // Write through a symbolic link instead of replacing it.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let doing = || format!("cannot write `{}`", path.display());
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let fresh = path.with_file_name(name);
    fs::write(&fresh, text).with_context(doing)?;
    if let Ok(metadata) = fs::metadata(&path) {
        fs::set_permissions(&fresh, metadata.permissions()).with_context(doing)?;
    }
    fs::rename(&fresh, &path).with_context(doing)
}
