use crate::context::Context;
use crate::exit::Exit;
use crate::project::{Project, load_schema};
use crate::report::counted;

pub(super) fn run(ctx: &mut Context, project: &Project) -> anyhow::Result<Exit> {
    let path = project.schema()?;
    let schema = load_schema(ctx, path)?;
    let (models, enums) = (counted(schema.models.len(), "model"), counted(schema.enums.len(), "enum"));
    ctx.report.success(&format!("{} is valid: {models}, {enums}", path.display()));
    Ok(Exit::Success)
}
