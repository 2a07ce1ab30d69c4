use std::fs;

use anyhow::Context as _;

use crate::context::Context;
use crate::exit::Exit;
use crate::project::{Project, read_schema};
use crate::report::RefusedSchema;

pub(super) fn run(ctx: &mut Context, project: &Project, check: bool) -> anyhow::Result<Exit> {
    let path = project.schema()?;
    let text = read_schema(path)?;
    let formatted = nicol_schema::format(&text);
    let shown = path.display();
    let errors = nicol_schema::parse(&formatted).errors;
    if !errors.is_empty() {
        // What cannot be read stays as it is, and is no canonical form.
        if !check && formatted != text {
            fs::write(path, &formatted).with_context(|| format!("cannot write `{shown}`"))?;
        }
        return Err(RefusedSchema { path: path.to_owned(), text: formatted, diagnostics: errors }.into());
    }
    if formatted == text {
        ctx.report.success(&format!("{shown} is in its canonical form"));
        return Ok(Exit::Success);
    }
    if check {
        ctx.report.warning(&format!("{shown} is not in its canonical form; `nicol format` brings it there"));
        return Ok(Exit::Failure);
    }
    fs::write(path, formatted).with_context(|| format!("cannot write `{shown}`"))?;
    ctx.report.success(&format!("{shown} is formatted"));
    Ok(Exit::Success)
}
