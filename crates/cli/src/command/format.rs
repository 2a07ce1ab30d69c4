use std::fs;

use anyhow::Context as _;
use nicol_schema::Sources;

use crate::context::Context;
use crate::exit::Exit;
use crate::project::Project;
use crate::report::{RefusedSchema, counted};

pub(super) fn run(ctx: &mut Context, project: &Project, check: bool) -> anyhow::Result<Exit> {
    let path = project.schema()?;
    let sources = nicol_codegen::read_schema(path)?;
    let names = || sources.files().map(|file| file.name.to_owned());
    let formatted: Vec<(String, String)> = names().zip(nicol_schema::format_files(&sources)).collect();
    let differs: Vec<&(String, String)> = formatted
        .iter()
        .zip(sources.files())
        .filter(|((_, formatted), file)| formatted != file.text)
        .map(|(formatted, _)| formatted)
        .collect();
    if !check {
        for (name, text) in &differs {
            fs::write(name, text).with_context(|| format!("cannot write `{name}`"))?;
        }
    }
    let after = Sources::new(formatted.iter().map(|(name, text)| (name, text)));
    let diagnostics = nicol_schema::parse_files(&after).errors;
    if !diagnostics.is_empty() {
        // What cannot be read stays as it is, and is no canonical form.
        return Err(RefusedSchema { sources: after, diagnostics, further: Vec::new() }.into());
    }
    let shown = path.display();
    if differs.is_empty() {
        ctx.report.success(&format!("{shown} is in its canonical form"));
        return Ok(Exit::Success);
    }
    if check {
        for (name, _) in &differs {
            ctx.report
                .warning(&format!("{name} is not in its canonical form; `nicol format` brings it there"));
        }
        return Ok(Exit::Failure);
    }
    let files = if path.is_dir() { format!(": {}", counted(differs.len(), "file")) } else { String::new() };
    ctx.report.success(&format!("{shown} is formatted{files}"));
    Ok(Exit::Success)
}
