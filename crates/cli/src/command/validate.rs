use crate::context::Context;
use crate::exit::Exit;
use crate::project::{Project, load_schema};

pub(super) fn run(ctx: &mut Context, project: &Project) -> anyhow::Result<Exit> {
    let path = project.schema()?;
    let schema = load_schema(ctx, path)?;
    let (models, enums) = (schema.models.len(), schema.enums.len());
    ctx.report.success(&format!("{} is valid: {models} models, {enums} enums", path.display()));
    Ok(Exit::Success)
}
