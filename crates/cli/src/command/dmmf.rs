use crate::context::Context;
use crate::exit::Exit;
use crate::project::{Project, load_schema};

pub(super) fn run(ctx: &mut Context, project: &Project) -> anyhow::Result<Exit> {
    let schema = load_schema(ctx, project.schema()?)?;
    ctx.report.output(&format!("{}\n", schema.to_dmmf()));
    Ok(Exit::Success)
}
