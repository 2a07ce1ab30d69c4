//! What runs after a database change: generators and the seed command.

use super::{db_seed, generate};
use crate::context::Context;
use crate::exit::Exit;
use crate::project::Project;

/// Prisma's variable that disables generators.
const WITHOUT_GENERATE: &str = "PRISMA_MIGRATE_SKIP_GENERATE";
/// Prisma's variable that disables the seed command.
const WITHOUT_SEED: &str = "PRISMA_MIGRATE_SKIP_SEED";

/// Runs the schema's generators. A generator that fails is reported, and does not change how the command ends.
pub(super) async fn generate(ctx: &mut Context, project: &Project, skip: bool) -> anyhow::Result<()> {
    if skip || ctx.variable(WITHOUT_GENERATE).is_some() {
        return Ok(());
    }
    generate::run_if_any(ctx, project).await.map(drop)
}

/// Runs the seed command, if there is one.
pub(super) async fn seed(ctx: &mut Context, project: &Project, skip: bool) -> anyhow::Result<Exit> {
    if skip || ctx.variable(WITHOUT_SEED).is_some() || project.seed().is_err() {
        return Ok(Exit::Success);
    }
    match db_seed::run(ctx, project, &[]).await? {
        Exit::Success => {
            ctx.report.success("the database has been seeded");
            Ok(Exit::Success)
        }
        _ if ctx.signals.received().is_some() => Ok(Exit::Interrupted),
        _ => {
            ctx.report.warning("the seed command failed");
            Ok(Exit::Failure)
        }
    }
}
