use crate::context::Context;
use crate::exit::Exit;
use crate::project::{Project, load_schema};

pub(super) fn run(ctx: &mut Context, project: &Project, full: bool) -> anyhow::Result<Exit> {
    let schema = load_schema(ctx, project.schema()?)?;
    let dmmf = if full { nicol_engine::dmmf(&schema) } else { schema.to_dmmf() };
    ctx.report.output(&format!("{dmmf}\n"));
    Ok(Exit::Success)
}
