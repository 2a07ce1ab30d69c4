use std::fs;
use std::path::Path;

use anyhow::Context as _;
use nicol_migrate::catalog::Catalog;

use crate::args::Diff;
use crate::context::Context;
use crate::exit::Exit;
use crate::project::{from_cwd, load_schema};
use crate::summary::summary;

pub(super) fn run(ctx: &mut Context, args: &Diff) -> anyhow::Result<Exit> {
    let previous = catalog(ctx, args.from_schema_datamodel.as_deref())?;
    let next = catalog(ctx, args.to_schema_datamodel.as_deref())?;
    let plan = nicol_migrate::plan(&previous, &next);
    let text = if args.script { plan.script() } else { summary(&plan) };
    match &args.output {
        Some(path) => {
            let path = from_cwd(ctx, path);
            fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        None => ctx.report.output(&text),
    }
    Ok(if args.exit_code && !plan.is_empty() { Exit::Differences } else { Exit::Success })
}

fn catalog(ctx: &mut Context, path: Option<&Path>) -> anyhow::Result<Catalog> {
    let Some(path) = path else { return Ok(Catalog::default()) };
    let path = from_cwd(ctx, path);
    Ok(nicol_migrate::from_model(&load_schema(ctx, &path)?))
}
