use std::fs;

use anyhow::Context as _;

use crate::context::Context;
use crate::exit::Exit;
use crate::project::Project;
use crate::report::{RefusedSchema, counted};

pub(super) fn run(ctx: &mut Context, project: &Project, check: bool) -> anyhow::Result<Exit> {
    let path = project.schema()?;
    let sources = nicol_codegen::read_schema(path)?;
    let diagnostics = nicol_schema::parse_files(&sources).errors;
    if !diagnostics.is_empty() {
        // All files or none, because one file may need an addition for another.
        return Err(RefusedSchema { sources, diagnostics, further: Vec::new() }.into());
    }
    let formatted = nicol_schema::format_files(&sources);
    let differs: Vec<(&str, String)> = sources
        .files()
        .zip(formatted)
        .filter(|(file, formatted)| formatted != file.text)
        .map(|(file, formatted)| (file.name, formatted))
        .collect();
    if !check {
        for (name, text) in &differs {
            fs::write(name, text).with_context(|| format!("cannot write `{name}`"))?;
        }
    }
    let shown = path.display();
    if differs.is_empty() {
        ctx.report.success(&format!("{shown} is formatted"));
        return Ok(Exit::Success);
    }
    if check {
        for (name, _) in &differs {
            ctx.report.warning(&format!("{name} is not formatted; run `nicol format`"));
        }
        return Ok(Exit::Failure);
    }
    let files = if path.is_dir() { format!(": {}", counted(differs.len(), "file")) } else { String::new() };
    ctx.report.success(&format!("{shown} is formatted{files}"));
    Ok(Exit::Success)
}
